# SPDX-License-Identifier: Apache-2.0
"""Instants at which rules change by themselves, though nobody records anything (specs/decision.md).

A version begins, a setting goes live and governs from then on, a notice takes effect, a state enters or leaves a group
of countries, something that was recorded of the platform becomes true. What else passes only permits more: a window
ends, a member comes of age.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from privity.app.workspace.gathered import Known
from privity.canonical.instants import LATEST, Instant
from privity.entries.recipient import FACTS
from privity.members.columns import FactColumns
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
    return any(since < one <= until for one in _instants(policies, platform))


def changes_between(known: Known, recipient: str, since: Instant, until: Instant) -> bool:
    """Tell whether a rule that matters to a recipient changes after an instant, and up to another."""
    return any(since < one <= until for one in _of_known(known, recipient))


def scheduled_after(known: Known, recipient: str, since: Instant) -> tuple[Instant, ...]:
    """Give when rules that matter to a recipient change after an instant, each instant once and in order."""
    return tuple(sorted({one for one in _of_known(known, recipient) if since < one < LATEST}))


def facts_of(known: Known) -> tuple[FactColumns, ...]:
    """Give the facts of every reading."""
    return (known.facts, *(() if known.by_entry is None else (known.by_entry[1],)))


def _of_known(known: Known, recipient: str) -> Iterator[Instant]:
    """Give when rules change, by every reading; the register's entries of other recipients aside."""
    policies = (known.policy, *(() if known.by_entry is None else (known.by_entry[0],)))
    platform = (
        fact
        for facts in facts_of(known)
        for fact in facts.platform
        if fact.fact not in FACTS.values() or fact.value == recipient
    )
    return _instants(policies, platform)


def _instants(policies: Iterable[History], platform: Iterable[Fact]) -> Iterator[Instant]:
    for policy in policies:
        yield from _of_policy(policy)
    for fact in platform:
        yield fact.at
    yield from _of_groups()


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
