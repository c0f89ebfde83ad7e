# SPDX-License-Identifier: Apache-2.0
"""Compile members' facts into look-up tables for one request (ADR 0004).

For each member: its row at `at`, its row from its last step on and when that was, and its earlier steps, of
which joining is the first; so that what was made lately is found without a search. For each row: the reasons
now, and then, by class and epoch. A cover is a cut too: what is older than it has the reason for that in its row.
Rows hold no date, so that even a billion members have few of them.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from privity.canonical.instants import LATEST, Instant
from privity.decide.events import View, find_births
from privity.decide.fold import (
    TOGETHER,
    Choices,
    Component,
    fold_ages,
    fold_agreements,
    fold_choices,
    fold_jurisdictions,
    jurisdiction_steps,
)
from privity.decide.plan import Plan
from privity.decide.shapes import Steps
from privity.members.columns import FactColumns

Ints = npt.NDArray[np.int64]
Words = npt.NDArray[np.uint64]

LAST: Final = 0
EARLIER: Final = 1
ROWS: Final = 2
LABEL: Final = 3
NOBODY_NAMED: Final = "(record)"
NO_MEMBER_NAMED: Final = "(unknown member)"
UNPLACED: Final = "(nowhere known)"
SEVERAL: Final = "(several)"
_FIRST_PLACES: Final = (NOBODY_NAMED, NO_MEMBER_NAMED)
_NARROW_INSTANTS: Final = int(np.iinfo(np.uint32).max) - 2
_NARROW_ROWS: Final = int(np.iinfo(np.uint16).max)
_FIRST: Final = {np.uint32: 1 << 31, np.int64: 1 << 62}


@dataclass(frozen=True, kw_only=True, slots=True)
class States:
    """The look-up tables of one request.

    Attributes:
        base: What the instants in `members` and `cuts` count from.
        shift: In `ROWS`: where the row from the last step on lies above the row at `at`.
        first: Added to the row of a member's first step among the cuts.
        members: Shape (members + 1, 4), uint32; int64 where instants span over 136 years or rows are more
            than 65,535: `LAST` (its last step: the last cut, or its joining), `EARLIER` (the place among
            the cuts of the step before; 0 if there is none), `ROWS`, and `LABEL` (where it is at `at`, an
            index into `places`). The last line is nobody's.
        cuts: Shape (cuts + 1, 2): an instant, and the row from then on; each member's steps in order, from
            its joining to the one before its last. The first line is nobody's and lies after everything.
        now: Shape (now rows, classes): reasons.
        keep: Shape (now rows, classes): mask over what of then is asked.
        then: Shape (rows, epochs, classes): reasons; those that may be taken back, in the high half.
        epochs: First instants of the epochs after the first.
        group: Shape (epochs): whether the audience of a group message is asked.
        places: Each set of present jurisdictions, as text; the first two are nobody and no member.
    """

    base: Instant
    shift: int
    first: int
    members: npt.NDArray[np.generic]
    cuts: npt.NDArray[np.generic]
    now: Words
    keep: Words
    then: Words
    epochs: Ints
    group: npt.NDArray[np.bool_]
    places: tuple[str, ...]

    @property
    def bytes_a_member(self) -> int:
        """Bytes of `members` for each member, its first row included."""
        return int(self.members.itemsize * self.members.shape[1])

    @property
    def bytes_a_cut(self) -> int:
        """Bytes of `cuts` for each cut."""
        return int(self.cuts.itemsize * self.cuts.shape[1])


@dataclass(frozen=True, kw_only=True, slots=True)
class Laid:
    """What all members' facts come to for a request, before it is packed.

    Attributes:
        joined: Shape (members): when each joined; `LATEST` if it never did.
        now_row: Shape (members): its row at `at`.
        first_row: Shape (members): its row from joining on.
        cuts: Later cuts, as member, instant and row from then on; in order.
        now: Shape (now rows, classes): reasons.
        keep: Shape (now rows, classes): mask over what of then is asked.
        then: Shape (rows, epochs, classes): reasons.
        epochs: First instants of the epochs after the first.
        group: Shape (epochs): whether the audience of a group message is asked.
        label: Shape (members): where each is at `at`, an index into `places`.
        places: Each set of present jurisdictions, as text; the first two are nobody and no member.
    """

    joined: Ints
    now_row: Ints
    first_row: Ints
    cuts: tuple[Ints, Ints, Ints]
    now: Words
    keep: Words
    then: Words
    epochs: Ints
    group: npt.NDArray[np.bool_]
    label: Ints
    places: tuple[str, ...]


def lay_states(plan: Plan, facts: FactColumns) -> Laid:
    """Say what all members' facts come to for a request."""
    at, known = plan.request.at, plan.request.known
    believed = facts.recorded_at <= known
    view = View(plan, facts, np.flatnonzero(believed & (facts.at <= at)))
    births = find_births(facts, believed, at)
    places = plan.place_of(fact.value for fact in facts.kinds if fact.fact == "jurisdiction")
    where, codes = fold_jurisdictions(view, places)
    held = fold_agreements(view)
    aged = fold_ages(view, births)
    chosen = fold_choices(view, births, where.steps.final, codes)
    joined = view.first_at("joined")
    now_row, now, keep = _now_rows(plan, (where, held, aged), chosen)
    first_row, cuts, then = then_rows(
        joined,
        [where.steps, held.steps, aged.steps, chosen.noes, *(one for one, _ in chosen.older)],
        [where.then, held.then, aged.then, chosen.noes_then, *(one for _, one in chosen.older)],
    )
    kept, then = merge_epochs(then, np.array(plan.group_epochs()))
    label, names = _labels(view)
    return Laid(
        joined=joined,
        now_row=now_row,
        first_row=first_row,
        cuts=cuts,
        now=now,
        keep=keep,
        then=then,
        epochs=np.array(plan.epochs, np.int64)[kept[1:] - 1],
        group=np.array(plan.group_epochs())[kept],
        label=label,
        places=names,
    )


def _labels(view: View) -> tuple[Ints, tuple[str, ...]]:
    """Name where each member is at `at`, for the tally of who refused."""
    codes = {fact.value for fact in view.facts.kinds if fact.fact == "jurisdiction"}
    final, sets = jurisdiction_steps(view, {code: code for code in codes})
    names = [next(iter(one)) if len(one) == 1 else SEVERAL if one else UNPLACED for one in sets]
    places = sorted(set(names))
    label = np.array([places.index(one) + len(_FIRST_PLACES) for one in names], np.int64)
    return label[final.final], (*_FIRST_PLACES, *places)


def _now_rows(
    plan: Plan, components: tuple[Component, ...], chosen: Choices
) -> tuple[Ints, Words, Words]:
    """Number the distinct combinations of states at `at`, and tabulate them."""
    waits = [np.zeros(len(chosen.standing), np.int64) for _ in plan.columns[::TOGETHER]]
    for column in range(len(plan.columns)):
        ahead = (chosen.covers[:, column] > plan.request.at).astype(np.int64)
        waits[column // TOGETHER] |= ahead << column % TOGETHER
    parts = [*(component.steps.final for component in components), chosen.standing, *waits]
    row, combined = combine(parts)
    standing = combined[len(components)]
    table = [chosen.table[place] for place in standing.tolist()]
    classes = len(plan.classes)
    now = np.array([one.now for one in table], np.uint64).reshape(len(table), classes)
    keep = np.array([one.keep for one in table], np.uint64).reshape(len(table), classes)
    for component, states in zip(components, combined, strict=False):
        now |= component.now[states]
    for place, one in enumerate(plan.classes):
        for column in one.columns:
            group = combined[len(components) + 1 + column // TOGETHER]
            waiting = (group >> column % TOGETHER & 1).astype(np.uint64)
            now[:, place] |= waiting * np.array([row.waits[column] for row in table], np.uint64)
    return row, now, keep


def combine(parts: list[Ints]) -> tuple[Ints, list[Ints]]:
    """Number the distinct combinations of several numbers.

    Returns:
        For each place the number of its combination, and for each combination its parts.
    """
    code = np.zeros(len(parts[0]), np.int64)
    for part in parts:
        # Renumbered at each step, so that the product never outgrows 64 bits.
        _, code = np.unique(code, return_inverse=True)
        code = code * (int(part.max(initial=0)) + 1) + part
    _, example, number = np.unique(code, return_index=True, return_inverse=True)
    return number.astype(np.int64), [part[example] for part in parts]


def then_rows(
    joined: Ints, steps: list[Steps], tables: list[Words]
) -> tuple[Ints, tuple[Ints, Ints, Ints], Words]:
    """Lay components' steps over each other, from each member's joining on.

    Args:
        joined: Shape (members): when each joined.
        steps: The steps of each component.
        tables: The reasons then of each component's states, shape (states, epochs, classes).

    Returns:
        Each member's first row; the cuts as member, instant and row; the table of the rows.
    """
    members = len(joined)
    everyone = np.arange(members)
    # Joining is a step that changes no component: it makes the row that is current then a cut.
    member = np.concatenate([everyone, *(one.member for one in steps)])
    at = np.concatenate([joined, *(one.at for one in steps)])
    source = np.repeat(np.arange(len(steps) + 1), [members, *(len(one.at) for one in steps)])
    state = np.concatenate([np.zeros(members, np.int64), *(one.state for one in steps)])
    order = np.lexsort((at, member))
    member, at, source, state = member[order], at[order], source[order], state[order]
    start = np.searchsorted(member, everyone)
    parts = []
    for number, one in enumerate(steps, start=1):
        place = np.where(source == number, np.arange(len(member)), -1)
        place = np.maximum.accumulate(place)
        parts.append(np.where(place >= start[member], state[place], one.start[member]))
    last = np.ones(len(member), np.bool_)
    last[:-1] = (member[1:] != member[:-1]) | (at[1:] != at[:-1])
    chosen_rows = np.flatnonzero(last & (at >= joined[member]) & (joined[member] < LATEST))
    row, combined = combine([part[chosen_rows] for part in parts])
    then = np.zeros((len(combined[0]), *tables[0].shape[1:]), np.uint64)
    for table, states in zip(tables, combined, strict=True):
        then |= table[states]
    row, then = _unify(row, then)
    return _cut(members, member[chosen_rows], at[chosen_rows], row, then)


def _unify(row: Ints, then: Words) -> tuple[Ints, Words]:
    """Make one of rows that no epoch and no class tells apart."""
    if not len(then):
        return row, np.zeros((1, *then.shape[1:]), np.uint64)
    flat = np.ascontiguousarray(then.reshape(len(then), -1))
    _, example, same = np.unique(
        flat.view(f"V{flat.shape[1] * 8}").ravel(), return_index=True, return_inverse=True
    )
    return same[row].astype(np.int64), then[example]


def _cut(
    members: int, member: Ints, at: Ints, row: Ints, then: Words
) -> tuple[Ints, tuple[Ints, Ints, Ints], Words]:
    """Split off each member's first row, and drop the cuts at which nothing changes."""
    first = np.ones(len(member), np.bool_)
    first[1:] = member[1:] != member[:-1]
    changed = np.ones(len(member), np.bool_)
    changed[1:] = row[1:] != row[:-1]
    first_row = np.zeros(members, np.int64)
    first_row[member[first]] = row[first]
    kept = changed & ~first
    return first_row, (member[kept], at[kept], row[kept]), then


def merge_epochs(then: Words, group: npt.NDArray[np.bool_]) -> tuple[Ints, Words]:
    """Drop the epochs that neither a row nor whom a group asks tells apart from the one before."""
    changed = np.ones(then.shape[1], np.bool_)
    changed[1:] = (then[:, 1:] != then[:, :-1]).any(axis=(0, 2))
    changed[1:] |= group[1:] != group[:-1]
    return np.flatnonzero(changed), np.ascontiguousarray(then[:, changed])


def pack(at: Instant, laid: Laid) -> States:
    """Count instants from just before the first joining, in 32 bits if they fit."""
    base = int(laid.joined.min(initial=at)) - 1
    rows = (laid.now_row, laid.first_row, laid.cuts[2])
    narrow = (
        at + 1 - base <= _NARROW_INSTANTS
        and max(int(one.max(initial=0)) for one in rows) <= _NARROW_ROWS
    )
    dtype, shift = (np.uint32, 16) if narrow else (np.int64, 32)
    # What lies after `at` is not told apart: no record is younger.
    limit = at + 1
    joined = np.minimum(laid.joined, limit) - base
    member, cut_at, cut_row = laid.cuts
    begins = np.ones(len(member), np.bool_)
    begins[1:] = member[1:] != member[:-1]
    # Each step but a member's last moves down by one place, where the step before it was.
    steps = np.empty((len(member) + 1, 2), np.int64)
    steps[0] = limit - base, _FIRST[dtype]
    steps[2:, 0], steps[2:, 1] = cut_at[:-1] - base, cut_row[:-1]
    first = np.flatnonzero(begins) + 1
    steps[first, 0] = joined[member[begins]]
    steps[first, 1] = laid.first_row[member[begins]] | _FIRST[dtype]
    ends = np.append(begins[1:], True) if len(member) else begins
    last, earlier, row = joined, np.zeros(len(joined), np.int64), laid.first_row.copy()
    last[member[ends]] = cut_at[ends] - base
    row[member[ends]] = cut_row[ends]
    earlier[member[ends]] = np.flatnonzero(ends) + 1
    table = np.zeros((len(last) + 1, 4), dtype)
    table[:-1] = np.column_stack((last, earlier, laid.now_row | row << shift, laid.label))
    return States(
        base=base,
        shift=shift,
        first=_FIRST[dtype],
        members=table,
        cuts=steps.astype(dtype),
        now=laid.now,
        keep=laid.keep,
        then=laid.then,
        epochs=laid.epochs,
        group=laid.group,
        places=laid.places,
    )
