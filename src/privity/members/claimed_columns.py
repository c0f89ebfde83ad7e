# SPDX-License-Identifier: Apache-2.0
"""Claimed facts by entry, of millions of members at once: what `privity.members.claims` says of each ([CLM-11]).

Nearly all members' claims entered together, with a baseline, and what is not claimed came after it. Theirs are put
into timelines as columns. Who has anything else is read one by one, by the plain functions.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Final

import numpy as np
import numpy.typing as npt

from privity.members.claims import facts_by_entry, is_passed_over, question, restricts
from privity.members.columns import Coded, FactColumns, in_order, ranks
from privity.members.facts import Fact

Codes = npt.NDArray[np.int32]
Flags = npt.NDArray[np.bool_]
Ints = npt.NDArray[np.int64]

HELD: Final = -(1 << 62)
"""In place of the time of an entry: the fact is not claimed."""

_JURISDICTION: Final = "jurisdiction"


@dataclass(frozen=True, kw_only=True, slots=True)
class _Kinds:
    """What is asked of each kind of fact.

    Attributes:
        as_claimed: Shape (kinds): whether it counts by its claimed time.
        place: Shape (kinds): whether it is a jurisdiction.
        asked: Shape (kinds): a number for the question, or the evidence, of which only the latest counts; -1
            where each counts.
        rank: Shape (kinds): its place among those of one instant.
    """

    as_claimed: Flags
    place: Flags
    asked: Ints
    rank: Codes


def columns_by_entry(facts: Coded, entered: Ints) -> FactColumns:
    """Let claims refuse by their claimed times, and permit from their entries on.

    Args:
        facts: Facts of members; those of the platform are passed on as they are.
        entered: Shape (facts): for a claim the time of its entry, for others `HELD`.
    """
    kinds = _kinds(facts.kinds)
    claim = entered != HELD
    since, apart = _entries(facts, entered, claim, kinds)
    plain = apart[facts.index]
    mine = ~plain & (since[facts.index] != HELD)
    later = claim & mine & ~kinds.as_claimed[facts.kind] & (facts.at < entered)
    place = claim & mine & kinds.place[facts.kind]
    # Of a question, only the answer that stood when they entered permits from then on.
    answers = mine & (kinds.asked[facts.kind] >= 0) & (facts.at <= since[facts.index])
    past = answers & ~_latest(facts, kinds, np.flatnonzero(answers))
    kept = ~plain & ~((later | place) & past)
    at, recorded_at = facts.at.copy(), facts.recorded_at.copy()
    at[place] = entered[place]
    at[later] = entered[later]
    recorded_at[later] = facts.at[later]
    told = _one_by_one(facts, entered, plain)
    return in_order(
        replace(
            facts,
            index=np.concatenate((facts.index[kept], told.index)),
            at=np.concatenate((at[kept], told.at)),
            recorded_at=np.concatenate((recorded_at[kept], told.recorded_at)),
            kind=np.concatenate((facts.kind[kept], told.kind)),
            batch=np.concatenate((facts.batch[kept], told.batch)),
        )
    )


def _kinds(kinds: tuple[Fact, ...]) -> _Kinds:
    numbers: dict[tuple[str, str], int] = {}

    def asked(one: Fact) -> int:
        what = (_JURISDICTION, one.evidence) if one.fact == _JURISDICTION else question(one)
        return -1 if what is None else numbers.setdefault(what, len(numbers))

    def flags(holds: Callable[[Fact], bool]) -> Flags:
        return np.array([holds(one) for one in kinds], np.bool_)

    return _Kinds(
        as_claimed=flags(
            lambda one: restricts(one) or is_passed_over(one) or one.fact == _JURISDICTION
        ),
        place=flags(lambda one: one.fact == _JURISDICTION),
        asked=np.array([asked(one) for one in kinds], np.int64),
        rank=ranks(kinds),
    )


def _entries(facts: Coded, entered: Ints, claim: Flags, kinds: _Kinds) -> tuple[Ints, Flags]:
    """Give when each member's claims entered, and whether it has to be read apart.

    It has, where they entered at several times, or where jurisdictions that are claimed and others meet.
    """
    members = len(facts.ids)
    last = np.full(members, HELD, np.int64)
    np.maximum.at(last, facts.index[claim], entered[claim])
    first = last.copy()
    np.minimum.at(first, facts.index[claim], entered[claim])
    apart = first != last
    place = kinds.place[facts.kind]
    since = last[facts.index]
    claims_place = np.zeros(members, np.bool_)
    claims_place[facts.index[claim & place]] = True
    meets = place & np.where(claim, facts.at > since, facts.at <= since)
    apart[facts.index[meets & claims_place[facts.index]]] = True
    return last, apart


def _latest(facts: Coded, kinds: _Kinds, rows: Ints) -> Flags:
    """Tell of each of some rows whether no other of its member answers the same question later."""
    stands = np.zeros(len(facts.at), np.bool_)
    if not len(rows):
        return stands
    kind = facts.kind[rows]
    place = kinds.place[kind]
    keys = (
        # Jurisdictions of one instant add up: there are no ties to break.
        np.where(place, 0, kinds.rank[kind]),
        facts.recorded_at[rows],
        facts.at[rows],
    )
    group = (
        facts.index[rows].astype(np.int64) * (int(kinds.asked.max()) + 1) + kinds.asked[kind]
    )
    order = np.lexsort((*keys, group))
    ends = np.append(group[order][1:] != group[order][:-1], np.True_)
    # For each row the last one of its group.
    final = order[np.flatnonzero(ends)[np.cumsum(ends) - ends]]
    same = np.ones(len(rows), np.bool_)
    for key in keys:
        same &= key[order] == key[final]
    stands[rows[order]] = same
    return stands


def _one_by_one(facts: Coded, entered: Ints, plain: Flags) -> Coded:
    """Read members apart from the others; gives their facts."""
    rows = np.flatnonzero(plain)
    held: list[Fact] = []
    claims: list[tuple[Fact, int]] = []
    for row, since in zip(rows.tolist(), entered[rows].tolist(), strict=True):
        fact = replace(
            facts.kinds[facts.kind[row]],
            member=int(facts.index[row]),
            at=int(facts.at[row]),
            recorded_at=int(facts.recorded_at[row]),
        )
        if since == HELD:
            held.append(fact)
        else:
            claims.append((fact, since))
    told = facts_by_entry(held, claims)
    # What a fact says is passed on as it is: by it, the kind is known again.
    numbers = {id(kind.detail): number for number, kind in enumerate(facts.kinds)}
    return replace(
        facts,
        index=np.array([one.member for one in told], np.int32),
        at=np.array([one.at for one in told], np.int64),
        recorded_at=np.array([one.recorded_at for one in told], np.int64),
        kind=np.array([numbers[id(one.detail)] for one in told], np.int32),
        batch=np.zeros(len(told), np.int32),
    )
