# SPDX-License-Identifier: Apache-2.0
"""Fold the components of all members: jurisdictions, agreements, age, choices.

Each component's events are grouped by shape, its rule is folded once for each shape over a member that has
it, and the members' own dates are laid under the result.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Final

import numpy as np
import numpy.typing as npt

from privity.canonical.instants import EARLIEST
from privity.decide.choices import (
    Cover,
    Standing,
    fold_noes,
    fold_now,
    grants_of,
    landmarks,
    noes_mask,
    token_of,
)
from privity.decide.components import (
    AgeState,
    Interned,
    age_now,
    age_then,
    agreements_under,
    jurisdictions_now,
    jurisdictions_then,
    tabulate,
)
from privity.decide.events import (
    Births,
    View,
    birthdays,
    example_rows,
    facts_at,
    instant_ends,
    merge_noes,
    merged,
)
from privity.decide.plan import Plan
from privity.decide.shapes import Events, Steps, find_shapes, lay_out
from privity.members.facts import Fact
from privity.members.state import State
from privity.members.timeline import sort_key

Ints = npt.NDArray[np.int64]
Words = npt.NDArray[np.uint64]

TOGETHER: Final = 16
"""Columns whose covers are laid out together."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Component:
    """A component of all members: its steps, and its tables by state."""

    steps: Steps
    now: Words
    then: Words


@dataclass(frozen=True, kw_only=True, slots=True)
class Choices:
    """What members chose, as three things.

    Attributes:
        noes: The noes of then.
        noes_then: Their tables.
        older: What lies before the covers, with its tables, for some columns at a time.
        standing: Shape (members): what choices come to at `at`, an index into `table`.
        table: The standings.
        covers: Shape (members, columns): the covers.
    """

    noes: Steps
    noes_then: Words
    older: list[tuple[Steps, Words]]
    standing: Ints
    table: tuple[Standing, ...]
    covers: Ints


def jurisdiction_steps(
    view: View, places: dict[str, str]
) -> tuple[Steps, list[frozenset[str]]]:
    """Lay out where members were, and name the sets of jurisdictions.

    Args:
        view: The facts that count.
        places: What to call each jurisdiction.
    """
    tokens: Interned[tuple[str, str]] = Interned()
    token = [
        tokens.number((fact.evidence, places[fact.value]))
        if fact.fact == "jurisdiction"
        else -1
        for fact in view.facts.kinds
    ]
    events = view.events(token)
    shapes = find_shapes(events, view.members)
    values = [
        Fact(
            member=None,
            fact="jurisdiction",
            value=value,
            at=0,
            recorded_at=0,
            detail={"evidence": evidence},
        )
        for evidence, value in tokens.values
    ]
    states: Interned[frozenset[str]] = Interned()
    states.number(frozenset())
    folded = []
    for shape in range(len(shapes.example)):
        facts = facts_at(events, example_rows(shapes, shape), values)
        folded.append(
            [
                (end, states.number(State(facts[: end + 1], None).codes))
                for end in instant_ends(facts)
            ]
        )
    nowhere = np.zeros(view.members, np.int64)
    return lay_out(shapes, events, folded, nowhere), states.values


def fold_jurisdictions(
    view: View, places: dict[str, str]
) -> tuple[Component, list[frozenset[str]]]:
    """Fold where members were; give the component, and the sets of jurisdictions by state."""
    plan = view.plan
    steps, codes = jurisdiction_steps(view, places)
    component = Component(
        steps=steps,
        now=tabulate(
            plan,
            len(codes),
            lambda j, one, _: jurisdictions_now(plan, codes[j], one),
            then=False,
        ),
        then=tabulate(
            plan,
            len(codes),
            lambda j, one, epoch: jurisdictions_then(plan, codes[j], one, epoch),
            then=True,
        ),
    )
    return component, codes


def fold_agreements(view: View) -> Component:
    """Fold which agreements members held."""
    plan = view.plan
    tokens: Interned[tuple[str, str]] = Interned()
    token = [
        tokens.number((fact.fact, fact.value)) if fact.fact.startswith("agreement") else -1
        for fact in view.facts.kinds
    ]
    events = view.events(token)
    shapes = find_shapes(events, view.members)
    states: Interned[frozenset[str]] = Interned()
    states.number(frozenset())
    folded = []
    for shape in range(len(shapes.example)):
        held: set[str] = set()
        steps = []
        rows = example_rows(shapes, shape)
        for place, row in enumerate(rows):
            kind, name = tokens.values[int(events.token[row])]
            held = held | {name} if kind == "agreement" else held - {name}
            if row + 1 == rows.stop or events.at[row + 1] > events.at[row]:
                steps.append((place, states.number(frozenset(held))))
        folded.append(steps)
    names = states.values
    return Component(
        steps=lay_out(shapes, events, folded, np.zeros(view.members, np.int64)),
        now=tabulate(
            plan,
            len(names),
            lambda a, one, _: agreements_under([plan.version], names[a], one),
            then=False,
        ),
        then=tabulate(
            plan,
            len(names),
            lambda a, one, e: agreements_under(plan.texts_of_then(e), names[a], one),
            then=True,
        ),
    )


def fold_ages(view: View, births: Births) -> Component:
    """Fold how old members were, and whether they were suspected to be under age."""
    plan = view.plan
    cleared, suspected = 0, 1
    token = [
        {"minor-cleared": cleared, "minor-suspected": suspected}.get(fact.fact, -1)
        for fact in view.facts.kinds
    ]
    events = merged(view.events(token), birthdays(plan, births, plan.ages, 2))
    given = (births.of_member >= 0).astype(np.int64) + births.proved
    shapes = find_shapes(events, view.members, given)
    states: Interned[AgeState] = Interned()
    starts = [
        AgeState(reached=reached, proved=proved, suspected=False)
        for reached, proved in ((None, False), (0, False), (0, True))
    ]
    start = np.array([states.number(one) for one in starts], np.int64)[given]
    folded = []
    for shape in range(len(shapes.example)):
        state = starts[int(given[shapes.example[shape]])]
        steps = []
        rows = example_rows(shapes, shape)
        for place, row in enumerate(rows):
            one = int(events.token[row])
            if one in (suspected, cleared):
                state = replace(state, suspected=one == suspected)
            else:
                state = replace(state, reached=(state.reached or 0) + 1)
            if row + 1 == rows.stop or events.at[row + 1] > events.at[row]:
                steps.append((place, states.number(state)))
        folded.append(steps)
    ages = states.values
    # At a full tie a suspicion comes after its end, by its token, and stands.
    return Component(
        steps=lay_out(shapes, events, folded, start),
        now=tabulate(
            plan, len(ages), lambda m, one, _: age_now(plan, ages[m], one), then=False
        ),
        then=tabulate(
            plan, len(ages), lambda m, one, e: age_then(plan, ages[m], one, e), then=True
        ),
    )


def fold_choices(
    view: View, births: Births, present: Ints, codes: list[frozenset[str]]
) -> Choices:
    """Fold what members chose.

    Args:
        view: The facts that count.
        births: The birth dates: a yes said under age informs nobody.
        present: Shape (members): each member's present jurisdictions, an index into `codes`.
        codes: The sets of jurisdictions.
    """
    plan = view.plan
    grants = [grants_of(plan, one) for one in codes]
    marks = [landmarks(pairs) for pairs in grants]
    events, values = _choice_events(view, births)
    distinct = sorted(set(marks))
    rank = {one: place for place, one in enumerate(distinct)}
    mark_of = np.array([rank[one] for one in marks], np.int64)[present]
    words = _with_landmarks(events, mark_of, distinct)
    # A birth date that is known and not yet reached is no event, and yet not the same as none.
    shapes = find_shapes(words, view.members, present * 2 + (births.of_member >= 0))
    standings: Interned[Standing] = Interned()
    noes: Interned[int] = Interned()
    noes.number(0)
    folded, final, covers = [], [], []
    for shape in range(len(shapes.example)):
        member = int(shapes.example[shape])
        facts = facts_at(events, example_rows(shapes, shape), values)
        born = int(births.of_member[member])
        state = State(facts, births.dates[born] if born >= 0 else None)
        here = int(present[member])
        now, hung = fold_now(plan, state, codes[here], grants[here])
        final.append(standings.number(now))
        covers.append(hung)
        folded.append([(place, noes.number(word)) for place, word in fold_noes(plan, state)])
    standing = np.array(final, np.int64)[shapes.of_member]
    laid = _lay_covers(shapes.of_member, shapes.starts, events, covers, len(plan.columns))
    masks = [noes_mask(plan, one) for one in plan.classes]
    table = np.array([[word & mask for mask in masks] for word in noes.values], np.uint64)
    return Choices(
        noes=lay_out(shapes, words, folded, np.zeros(view.members, np.int64)),
        noes_then=np.repeat(
            table.reshape(len(noes.values), 1, len(masks)), len(plan.epochs) + 1, axis=1
        ),
        older=_before_covers(plan, laid, standing, standings.values),
        standing=standing,
        table=tuple(standings.values),
        covers=laid,
    )


def _before_covers(
    plan: Plan, covers: Ints, standing: Ints, standings: list[Standing]
) -> list[tuple[Steps, Words]]:
    """Make steps of covers: before each, its column has a reason; from it on, none.

    Columns are taken some at a time, so that which of them are passed fits a number.
    """
    return [
        _before_some(plan, columns, covers[:, columns], standing, standings)
        for first in range(0, max(1, covers.shape[1]), TOGETHER)
        for columns in [list(range(first, min(first + TOGETHER, covers.shape[1])))]
    ]


def _before_some(
    plan: Plan, columns: list[int], covers: Ints, standing: Ints, standings: list[Standing]
) -> tuple[Steps, Words]:
    members, count = covers.shape
    tuples: Interned[tuple[int, ...]] = Interned()
    number = np.array(
        [tuples.number(tuple(one.older[column] for column in columns)) for one in standings],
        np.int64,
    )[standing]
    order = np.argsort(covers, axis=1, kind="stable")
    instants = np.take_along_axis(covers, order, axis=1)
    passed = np.bitwise_or.accumulate(np.int64(1) << order, axis=1)
    # A cover after `at` is never passed: no record is that young.
    member, place = np.nonzero((instants > EARLIEST) & (instants <= plan.request.at))
    start = number << count
    codes = start[member] | passed[member, place]
    distinct, state = np.unique(np.concatenate((start, codes)), return_inverse=True)
    table = np.zeros((len(distinct), 1, len(plan.classes)), np.uint64)
    for row, code in enumerate(distinct.tolist()):
        reasons = dict(zip(columns, tuples.values[code >> count], strict=True))
        left = {column for nth, column in enumerate(columns) if not code >> nth & 1}
        for nth, one in enumerate(plan.classes):
            for column in left.intersection(one.columns):
                table[row, 0, nth] |= np.uint64(reasons[column])
    steps = Steps(
        member=member,
        at=instants[member, place],
        state=state[members:].astype(np.int64),
        start=state[:members].astype(np.int64),
        final=state[:members].astype(np.int64),
    )
    return steps, np.repeat(table, len(plan.epochs) + 1, axis=1)


def _choice_events(view: View, births: Births) -> tuple[Events, list[Fact]]:
    """Gather choices, with the noes that merges pass on and the birthdays that yeses wait for."""
    plan = view.plan
    reduce = token_of(plan)
    values: Interned[str] = Interned()
    facts: list[Fact] = []

    def number(fact: Fact | None) -> int:
        if fact is None:
            return -1
        place = values.number(str((fact.fact, fact.value, sorted(fact.detail.items()))))
        if place == len(facts):
            facts.append(replace(fact, member=None, at=0, recorded_at=0))
        return place

    events = view.events([number(reduce(fact)) for fact in view.facts.kinds])
    passed = view.events_of(merge_noes(view), lambda fact: number(reduce(fact)))
    ages = sorted(
        {one.setting.minimum_age for one in plan.columns if one.setting.minimum_age is not None}
    )
    turned = birthdays(plan, births, ages, len(facts))
    facts += [
        Fact(member=None, fact="of-age", value=str(age), at=0, recorded_at=0) for age in ages
    ]
    order = sorted(range(len(facts)), key=lambda place: sort_key(facts[place]))
    rank = np.empty(len(facts), np.int64)
    rank[order] = np.arange(len(facts))
    return merged(merged(events, passed, rank), turned, rank), facts


def _with_landmarks(events: Events, mark_of: Ints, distinct: list[tuple[int, ...]]) -> Events:
    """Put into each token where its instant lies among the landmarks of its member's grants."""
    most = max((len(one) for one in distinct), default=0) + 1
    place = np.zeros(len(events.at), np.int64)
    mine = mark_of[events.member]
    for number, instants in enumerate(distinct):
        rows = np.flatnonzero(mine == number)
        place[rows] = np.searchsorted(
            np.array(instants, np.int64), events.at[rows], side="right"
        )
    return replace(events, token=events.token * most + place)


def _lay_covers(
    of_member: Ints, starts: Ints, events: Events, covers: list[tuple[Cover, ...]], columns: int
) -> Ints:
    """Give each member's covers, shape (members, columns); what covers nothing is `EARLIEST`."""
    laid = np.full((len(of_member), columns), EARLIEST, np.int64)
    for column in range(columns):
        position = np.array(
            [-1 if one[column].position is None else one[column].position for one in covers],
            np.int64,
        )[of_member]
        add = np.array([one[column].add for one in covers], np.int64)[of_member]
        floor = np.array([one[column].floor for one in covers], np.int64)[of_member]
        hung = np.flatnonzero(position >= 0)
        at = events.at[starts[hung] + position[hung]]
        laid[hung, column] = np.maximum(floor[hung], at + add[hung])
    return laid
