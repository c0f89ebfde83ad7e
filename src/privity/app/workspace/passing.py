# SPDX-License-Identifier: Apache-2.0
"""Instants at which rules change by themselves, though nobody records anything (specs/decision.md).

A version begins, a setting goes live and governs from then on, a notice takes effect, a state enters or leaves a group
of countries, something that was recorded of the platform becomes true. What else passes only permits more: a window
ends, a member comes of age.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from privity.canonical.instants import Instant
from privity.members.facts import Fact
from privity.policy.versions import History
from privity.vocabulary.places import members


def rules_pass(
    policies: Iterable[History], platform: Iterable[Fact], since: Instant, until: Instant
) -> bool:
    """Tell whether a rule changes after an instant, and up to another.

    Args:
        policies: The versions, by every reading.
        platform: What is known of the platform.
        since: The instant up to which everything is decided.
        until: The last instant that counts.
    """
    instants = (
        *(one for policy in policies for one in _of_policy(policy)),
        *(fact.at for fact in platform),
        *_of_groups(),
    )
    return any(since < one <= until for one in instants)


def _of_policy(policy: History) -> Iterator[Instant]:
    for version in policy.versions:
        yield version.start
        yield from (one.live_from for one in version.settings.values())
        yield from (one.effective_at for one in version.notices.values())


def _of_groups() -> Iterator[Instant]:
    for group in members().values():
        for span in group.values():
            yield span.start
            yield span.end
