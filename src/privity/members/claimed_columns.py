# SPDX-License-Identifier: Apache-2.0
"""Claimed facts by entry, of millions of members at once: what `privity.members.claims` says of each ([CLM-11]).

Facts are put into timelines as columns, jurisdictions as far as each was settled when the next became true, or all
entered together. Whose jurisdictions are in any other case is read by itself, by the plain functions.
"""

from __future__ import annotations

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

_LAST: Final = 1 << 62
_JURISDICTION: Final = "jurisdiction"


@dataclass(frozen=True, kw_only=True, slots=True)
class _Kinds:
    """What is asked of each kind of fact.

    Attributes:
        as_claimed: Shape (kinds): whether it counts by its claimed time.
        place: Shape (kinds): whether it is a jurisdiction.
        asked: Shape (kinds): a number for the question of which only the latest answer counts, or for the
            evidence of a jurisdiction; -1 where each counts.
        rank: Shape (kinds): its place among those of one instant.
        questions: How many numbers there are.
    """

    as_claimed: Flags
    place: Flags
    asked: Ints
    rank: Codes
    questions: int


@dataclass(frozen=True, kw_only=True, slots=True)
class _Rows:
    """Facts as numbers: those of `Coded` that change by being read, with their members and kinds."""

    index: Codes
    at: Ints
    recorded_at: Ints
    kind: Codes


def columns_by_entry(facts: Coded, entered: Ints) -> FactColumns:
    """Let claims refuse by their claimed times, and permit from their entries on.

    Args:
        facts: Facts of members; those of the platform are passed on as they are.
        entered: Shape (facts): for a claim the time of its entry, for others `HELD`.
    """
    kinds = _kinds(facts.kinds)
    # A claim of its own entry's instant, or of a later one, is as good as seen ([CLM-2]).
    claim = entered > facts.at
    place = kinds.place[facts.kind]
    waits = np.zeros(len(facts.ids), np.bool_)
    waits[facts.index[claim & place]] = True
    moving = place & waits[facts.index]
    places, apart = _places(facts, kinds, np.where(claim, entered, facts.at), moving)
    later = claim & ~kinds.as_claimed[facts.kind] & ~place
    past = _superseded(facts, kinds, entered, later)
    alone = apart[facts.index]
    kept = ~moving & ~past & ~alone
    at = np.where(later, entered, facts.at)
    recorded_at = np.where(later, facts.at, facts.recorded_at)
    parts = [
        _Rows(
            index=facts.index[kept],
            at=at[kept],
            recorded_at=recorded_at[kept],
            kind=facts.kind[kept],
        ),
        *places,
        _one_by_one(facts, entered, np.flatnonzero(alone)),
    ]
    index, at, recorded_at, kind = (
        np.concatenate([getattr(part, name) for part in parts])
        for name in ("index", "at", "recorded_at", "kind")
    )
    return in_order(
        replace(
            facts,
            index=index,
            at=at,
            recorded_at=recorded_at,
            kind=kind,
        )
    )


def _kinds(kinds: tuple[Fact, ...]) -> _Kinds:
    numbers: dict[tuple[str, str], int] = {}

    def asked(one: Fact) -> int:
        what = (_JURISDICTION, one.evidence) if one.fact == _JURISDICTION else question(one)
        return -1 if what is None else numbers.setdefault(what, len(numbers))

    return _Kinds(
        asked=np.array([asked(one) for one in kinds], np.int64),
        as_claimed=np.array([restricts(one) or is_passed_over(one) for one in kinds], np.bool_),
        place=np.array([one.fact == _JURISDICTION for one in kinds], np.bool_),
        rank=ranks(kinds),
        questions=max(1, len(numbers)),
    )


def _groups(facts: Coded, kinds: _Kinds) -> Ints:
    """Number each fact's member and question together."""
    groups: Ints = facts.index.astype(np.int64) * kinds.questions + kinds.asked[facts.kind]
    return groups


def _superseded(facts: Coded, kinds: _Kinds, entered: Ints, later: Flags) -> Flags:
    """Tell of claims that permit from their entries on whether another answer was known by then ([CLM-14]).

    In the order of answers, one that comes after it has to be true and entered by then: the earliest one decides.
    """
    past = np.zeros(len(facts.at), np.bool_)
    group = _groups(facts, kinds)
    answers = (kinds.asked[facts.kind] >= 0) & ~kinds.place[facts.kind]
    rows = np.flatnonzero(answers & np.isin(group, np.unique(group[later & answers])))
    if not len(rows):
        return past
    keys = (kinds.rank[facts.kind[rows]], facts.recorded_at[rows], facts.at[rows], group[rows])
    order = np.lexsort(keys)
    rows, ordered = rows[order], [key[order] for key in keys]
    differs = np.any([key[1:] != key[:-1] for key in ordered], axis=0)
    ends = np.append(differs, np.True_)
    # The first answer after all that are the same as this one.
    following = (np.flatnonzero(ends) + 1)[np.cumsum(ends) - ends]
    number = np.cumsum(np.append(0, ordered[3][1:] != ordered[3][:-1]))
    instants, settled = np.unique(np.maximum(facts.at, entered)[rows], return_inverse=True)
    # Groups come with rising numbers: from the end on, the least of all is the least of the group.
    least = number * len(instants) + settled
    least = np.minimum.accumulate(least[::-1])[::-1]
    inside = np.flatnonzero(following < len(rows))
    inside = inside[number[following[inside]] == number[inside]]
    after = following[inside]
    since = instants[least[after] - number[after] * len(instants)]
    past[rows[inside]] = since <= entered[rows[inside]]
    return past & later


def _places(
    facts: Coded, kinds: _Kinds, since: Ints, moving: Flags
) -> tuple[list[_Rows], Flags]:
    """Give the jurisdictions of members of whom one is claimed ([CLM-13]), and who has to be read by itself.

    Args:
        facts: All facts.
        kinds: What their kinds are.
        since: Shape (facts): from when on each displaces and is displaced.
        moving: Shape (facts): the jurisdictions of these members.
    """
    members = len(facts.ids)
    apart = np.zeros(members, np.bool_)
    rows = np.flatnonzero(moving)
    first = np.full(members, _LAST, np.int64)
    np.minimum.at(first, facts.index[rows], since[rows])
    group = _groups(facts, kinds)
    order = np.lexsort((facts.recorded_at[rows], facts.at[rows], group[rows]))
    rows = rows[order]
    # Of those that were settled first, the latest alone is left by then; of a tie all are.
    early = since[rows] == first[facts.index[rows]]
    gone = np.zeros(len(rows), np.bool_)
    gone[:-1] = early[:-1] & early[1:] & (group[rows][1:] == group[rows][:-1])
    places = np.flatnonzero(gone)
    tied = (facts.at[rows][places] == facts.at[rows][places + 1]) & (
        facts.recorded_at[rows][places] == facts.recorded_at[rows][places + 1]
    )
    apart[facts.index[rows[places[tied]]]] = True
    rows = rows[~gone]
    index, at = facts.index[rows], facts.at[rows]
    begins = np.ones(len(rows), np.bool_)
    begins[1:] = group[rows][1:] != group[rows][:-1]
    after = np.flatnonzero(~begins)
    settled = (since[rows][after - 1] <= at[after]) & (at[after - 1] < at[after])
    apart[index[after[~settled]]] = True
    mine = ~apart[index]
    one = np.flatnonzero(begins & mine)
    other = np.flatnonzero(~begins & mine)
    waiting = other[since[rows][other] > at[other]]
    known = np.minimum(facts.recorded_at[rows[waiting - 1]], facts.recorded_at[rows[waiting]])
    return [
        _taken(facts, rows[one], np.maximum(at[one], first[index[one]])),
        _taken(facts, rows[other], since[rows][other]),
        # Until it is settled, a claim counts beside the one before it.
        _taken(facts, rows[waiting - 1], at[waiting], known),
        _taken(facts, rows[waiting], at[waiting], known),
    ], apart


def _taken(facts: Coded, rows: Ints, at: Ints, recorded_at: Ints | None = None) -> _Rows:
    return _Rows(
        index=facts.index[rows],
        at=at,
        recorded_at=facts.recorded_at[rows] if recorded_at is None else recorded_at,
        kind=facts.kind[rows],
    )


def _one_by_one(facts: Coded, entered: Ints, rows: Ints) -> _Rows:
    """Read members by themselves; gives their facts."""
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
    return _Rows(
        index=np.array([one.member for one in told], np.int32),
        at=np.array([one.at for one in told], np.int64),
        recorded_at=np.array([one.recorded_at for one in told], np.int64),
        kind=np.array([numbers[id(one.detail)] for one in told], np.int32),
    )
