# SPDX-License-Identifier: Apache-2.0
"""Claimed facts by entry: they refuse by their claimed times, and permit from their entries on.

A claimed fact became known by an entry later than its `at`, and nobody but who attests it saw it happen. Here
it is put into a timeline of plain facts in which it permits nothing before that entry (specs/claims.md part 2). Whether
that is asked for is not known here.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import Final

from privity.canonical.instants import Instant
from privity.members.claimed_places import Entered, places_by_entry
from privity.members.facts import Fact, MemberId
from privity.members.state import is_no
from privity.members.timeline import sort_key

RESTRICTING: Final = frozenset(
    {
        "closed",
        "merged",
        "deceased",
        "objection",
        "agreement",
        "minor-suspected",
        "order",
        "recipient-ended",
        "seat-instruction-withdrawn",
    }
)
"""The kinds of facts that only ever refuse; a setting's no is one too ([DEC-6])."""


def restricts(fact: Fact) -> bool:
    """Tell whether a fact can only refuse: by its claimed time it may count at once ([CLM-12])."""
    return fact.fact in RESTRICTING or (fact.fact == "setting" and is_no(fact))


def facts_by_entry(facts: Iterable[Fact], claims: Iterable[Entered]) -> tuple[Fact, ...]:
    """Let claims refuse by their claimed times, and permit from their entries on.

    The same facts in any order give the same, but for the order.

    Args:
        facts: What is believed by its own times.
        claims: What is not, each with the time of its entry.
    """
    held: dict[MemberId | None, list[Fact]] = defaultdict(list)
    claimed: dict[MemberId | None, list[Entered]] = defaultdict(list)
    for fact in facts:
        held[fact.member].append(fact)
    for claim in claims:
        claimed[claim[0].member].append(claim)
    return tuple(
        fact
        for member in {**held, **claimed}
        for fact in (
            _member_by_entry(held[member], claimed[member]) if claimed[member] else held[member]
        )
    )


def _member_by_entry(held: Sequence[Fact], claims: Sequence[Entered]) -> list[Fact]:
    """Read one member's claims, or the platform's, by entry."""
    others = [one for one in claims if one[0].fact != "jurisdiction"]
    found = places_by_entry(
        [fact for fact in held if fact.fact == "jurisdiction"],
        [one for one in claims if one[0].fact == "jurisdiction"],
    )
    found += [fact for fact in held if fact.fact != "jurisdiction"]
    for fact, entered in others:
        if fact.at >= entered or restricts(fact) or is_passed_over(fact):
            found.append(fact)
        elif not _is_superseded(fact, entered, held, others):
            # Among what one entry brings, what was true first still comes first.
            found.append(replace(fact, at=entered, recorded_at=fact.at))
    return found


def is_passed_over(fact: Fact) -> bool:
    """Tell whether a fact is a yes or an unset that was not said explicitly: no choice ([TIM-32])."""
    return fact.fact == "setting" and fact.detail.get("method", "explicit") != "explicit"


def question(fact: Fact) -> tuple[str, str] | None:
    """Name the question to which only the latest answer counts, if it is to such a one."""
    match fact.fact:
        case "setting":
            return (
                None
                if not is_no(fact) and is_passed_over(fact)
                else ("setting", fact.setting or "")
            )
        case "closed" | "merged" | "reopened":
            return ("account", "")
        case "notice":
            return ("notice", fact.value)
        case "recipient" | "recipient-ended":
            return ("recipient", fact.value)
        case "seat-instruction" | "seat-instruction-withdrawn":
            return ("seat", fact.value)
        case _:
            return None


def _is_superseded(
    fact: Fact, entered: Instant, held: Iterable[Fact], claims: Iterable[Entered]
) -> bool:
    """Tell whether something else was the answer already when a claim entered ([CLM-14])."""
    asked = question(fact)
    if asked is None:
        return False
    later = _at if asked[0] == "recipient" else _order if asked[0] == "seat" else sort_key
    others = [*held, *(one for one, since in claims if since <= entered)]
    return any(
        question(one) == asked and one.at <= entered and later(one) > later(fact)
        for one in others
    )


def _at(fact: Fact) -> tuple[Instant, ...]:
    """Order recipients by `at` alone: two roles of one instant conflict ([DEC-13])."""
    return (fact.at,)


def _order(fact: Fact) -> tuple[Instant, ...]:
    """Order instructions without breaking ties: of a tie all count ([DEC-26])."""
    return fact.order
