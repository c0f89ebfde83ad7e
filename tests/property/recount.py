# SPDX-License-Identifier: Apache-2.0
"""Count who refused, one record and one party at a time."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

from tests.property.comparison import versions

from privity.decide.case import make_case, parties
from privity.decide.many import SLOTS
from privity.decide.one import party_reasons, record_reasons
from privity.decide.request import Record, Request, World, world
from privity.decide.states import NO_MEMBER_NAMED, NOBODY_NAMED, SEVERAL, UNPLACED
from privity.members.facts import MemberId
from privity.members.timeline import Timeline
from privity.testing.worlds import facts_of

Pair = tuple[str, str, str]
"""Reason, category and jurisdiction of the party that gave it."""


def place_of(member: MemberId, lines: World, request: Request, known: set[MemberId]) -> str:
    """Say where a party is, as the summary does."""
    if member not in known:
        return NO_MEMBER_NAMED
    codes = lines.members.get(member, Timeline()).at(request.at).codes
    if len(codes) > 1:
        return SEVERAL
    return next(iter(codes), UNPLACED)


def recount(
    policies: Sequence[Mapping[str, Any]],
    facts: Sequence[Mapping[str, Any]],
    records: Sequence[Record],
    request: Request,
) -> Counter[Pair]:
    """Count each record once for each distinct pair of reason and place, one by one."""
    lines = world(versions(policies), facts_of(facts), request.known)
    known = {row["member"] for row in facts}
    counts: Counter[Pair] = Counter()
    for record in records:
        case = make_case(record, request, lines)
        pairs = {(reason, NOBODY_NAMED) for reason in record_reasons(case)}
        for party in parties(case):
            place = place_of(party, lines, request, known)
            timeline = lines.members.get(party, Timeline())
            pairs |= {(reason, place) for reason in party_reasons(case, timeline)}
        counts.update((reason, category_of(record), place) for reason, place in pairs)
    return counts


def category_of(record: Record) -> str:
    """Name a record's category as the summary does."""
    return str(record.category) if record.category in SLOTS else "(unknown category)"
