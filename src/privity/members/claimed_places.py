# SPDX-License-Identifier: Apache-2.0
"""Claimed jurisdictions by entry: until a claim has entered, all of them add up (specs/claims.md part 2).

Before it entered, a claim displaces nothing, nor does another claim displace it; and it makes no place known of a
member of whom none was. Of a tie every value counts ([TIM-37]), so the facts that say this are ties: at each
instant at which something changes, all that counts from then on.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace

from privity.canonical.instants import Instant
from privity.members.facts import Fact

Entered = tuple[Fact, Instant]
"""A claimed jurisdiction, and the time of its entry."""


def places_by_entry(held: Sequence[Fact], claims: Sequence[Entered]) -> list[Fact]:
    """Give the jurisdictions that a member's timeline holds ([CLM-13]).

    Args:
        held: The member's jurisdictions that are believed by their own times.
        claims: Those that are claimed.
    """
    if not claims:
        return list(held)
    # A claim counts as settled from its entry on: then it displaces by its claimed time.
    settled = [(fact, fact.at) for fact in held]
    settled += [(fact, max(fact.at, entered)) for fact, entered in claims]
    first = min(since for _, since in settled)
    edges = {since for _, since in settled} | {max(fact.at, first) for fact, _ in claims}
    found = []
    for evidence in sorted({fact.evidence for fact, _ in settled}):
        mine = [one for one in settled if one[0].evidence == evidence]
        seen = [fact for fact in held if fact.evidence == evidence]
        if len(mine) == len(seen):
            found += seen
            continue
        before: dict[str, Fact] = {}
        for edge in sorted(edges):
            now = _standing(mine, seen, edge)
            if now.keys() != before.keys():
                known = min(fact.recorded_at for fact in now.values())
                found += [replace(fact, at=edge, recorded_at=known) for fact in now.values()]
                before = now
    return found


def _standing(
    settled: Iterable[Entered], seen: Sequence[Fact], edge: Instant
) -> dict[str, Fact]:
    """Give what counts of one kind of evidence: the latest that is settled, and all that waits.

    What waits for its entry is displaced by what was seen later, and by nothing that is claimed.
    """
    there = [fact for fact, since in settled if since <= edge]
    latest = max((fact.order for fact in there), default=None)
    seen_last = max((fact.order for fact in seen if fact.at <= edge), default=None)
    waiting = [
        fact
        for fact, since in settled
        if fact.at <= edge < since and (seen_last is None or fact.order >= seen_last)
    ]
    return {
        fact.value: fact for fact in (*waiting, *(one for one in there if one.order == latest))
    }
