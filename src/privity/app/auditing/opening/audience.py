# SPDX-License-Identifier: Apache-2.0
"""When the addressees of a group message were asked, by the policies that a release was decided by ([REL-29])."""

from __future__ import annotations

import numpy as np

from privity.audit.evidence import AuditedLog
from privity.audit.known import given_after
from privity.audit.rows_held import (
    Audience,
    Flags,
    Ints,
)
from privity.audit.rules import Rules
from privity.canonical.instants import EARLIEST, Instant
from privity.entries.claims import readings
from privity.entries.clearing import CommittedClearing
from privity.entries.release import CreatedRelease, RevisedRelease
from privity.policy.versions import History


def audience_of(log: AuditedLog, rules: Rules, release: str) -> Audience:
    """Give when the addressees of a group message were asked, as the release was made ([REL-29])."""
    at, size = _made_at(log, release)
    policies = [
        one.policy for one in readings(given_after(rules, size, members=(), platform=()), at)
    ]
    edges = sorted(
        {
            instant
            for policy in policies
            for instant in (
                EARLIEST,
                *(one.start for one in policy.versions),
                *(edge for one in policy.texts for edge in (one.since, one.until)),
            )
        }
    )
    asked = np.array(
        [any(_asks(one, at, edge) for one in policies) for edge in edges], np.bool_
    )

    def audience(made: Ints) -> Flags:
        places = np.searchsorted(np.array(edges, np.int64), made, side="right") - 1
        found: Flags = asked[np.maximum(places, 0)]
        return found

    return audience


def _asks(policy: History, at: Instant, then: Instant) -> bool:
    texts = (policy.in_force(at), policy.of_then(then), *policy.claimed_of_then(then))
    return any(one.group_audience for one in texts if one is not None)


def _made_at(log: AuditedLog, release: str) -> tuple[Instant, int]:
    """Give for which instant a release was decided, and how many entries were heeded."""
    made = next(
        one
        for one in log.public
        if isinstance(one.says, CreatedRelease | RevisedRelease) and one.says.release == release
    )
    for one in log.public[: log.public.index(made)]:
        match one.says, made.says:
            case CommittedClearing(clearing=name) as says, CreatedRelease(clearing=wanted):
                if name == wanted:
                    return says.at, says.ledger_size
            case _:
                pass
    return made.time, made.entry
