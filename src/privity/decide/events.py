# SPDX-License-Identifier: Apache-2.0
"""The facts that count for a request, as events of one component at a time.

Believed, not after `at`, reduced to tokens; birthdays and the noes that merges pass on become events too.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from privity.canonical.instants import LATEST, Instant
from privity.decide.components import instants_of_age
from privity.decide.plan import Plan
from privity.decide.shapes import Events, Shapes
from privity.members.columns import FactColumns
from privity.members.facts import Fact, as_number
from privity.members.timeline import passed_noes

Ints = npt.NDArray[np.int64]

_PASSING = ("setting", "objection", "objection-withdrawn", "merged")


class View:
    """The facts that count for a request: believed, and not after `at`."""

    def __init__(self, plan: Plan, facts: FactColumns, rows: Ints) -> None:
        self.plan = plan
        self.facts = facts
        self.members = facts.members
        self.rows = rows
        self.member = facts.member_of()[rows].astype(np.int64)
        self.kind = facts.kind[rows]

    def events(self, tokens: Sequence[int]) -> Events:
        """Give the events whose kind has a token (none: -1), in timeline order."""
        token = (
            np.array(tokens, np.int64)[self.kind] if len(tokens) else self.kind.astype(np.int64)
        )
        chosen = np.flatnonzero(token >= 0)
        rows = self.rows[chosen]
        return Events(
            member=self.member[chosen],
            at=self.facts.at[rows],
            recorded_at=self.facts.recorded_at[rows],
            token=token[chosen],
        )

    def first_at(self, kind: str) -> Ints:
        """Give when each member's first fact of a kind was true, shape (members), or `LATEST`."""
        events = self.events([0 if fact.fact == kind else -1 for fact in self.facts.kinds])
        first = np.full(self.members, LATEST, np.int64)
        np.minimum.at(first, events.member, events.at)
        return first

    def events_of(self, facts: Sequence[Fact], token: Callable[[Fact], int]) -> Events:
        """Give facts of known members as events, in no order."""
        ids = pa.array([fact.member for fact in facts], self.facts.ids.type)
        found = [(fact, token(fact)) for fact in facts]
        index = pc.index_in(ids, self.facts.ids).to_numpy(zero_copy_only=False).astype(np.int64)
        columns = [
            np.array([fact.at for fact, _ in found], np.int64),
            np.array([fact.recorded_at for fact, _ in found], np.int64),
            np.array([number for _, number in found], np.int64),
        ]
        chosen = np.flatnonzero(columns[2] >= 0)
        return Events(
            member=index[chosen],
            at=columns[0][chosen],
            recorded_at=columns[1][chosen],
            token=columns[2][chosen],
        )


@dataclass(frozen=True, kw_only=True, slots=True)
class Births:
    """The members' birth dates.

    Attributes:
        dates: The dates.
        of_member: Shape (members): which, an index into `dates`; -1 where none is known.
        proved: Shape (members): whether any was given at or before `at`.
    """

    dates: list[str]
    of_member: Ints
    proved: npt.NDArray[np.bool_]


def find_births(facts: FactColumns, believed: npt.NDArray[np.bool_], at: Instant) -> Births:
    """Find each member's birth date, which holds at all times; of several the youngest."""
    dates = sorted({fact.value for fact in facts.kinds if fact.fact == "birth_date"})
    number = {date: place for place, date in enumerate(dates)}
    of_kind = np.array(
        [number[fact.value] if fact.fact == "birth_date" else -1 for fact in facts.kinds],
        np.int64,
    )
    of_member = np.full(facts.members, -1, np.int64)
    proved = np.zeros(facts.members, np.bool_)
    if dates:
        date = of_kind[facts.kind]
        rows = np.flatnonzero(believed & (date >= 0))
        member = facts.member_of()[rows]
        np.maximum.at(of_member, member, date[rows])
        proved[member[facts.at[rows] <= at]] = True
    return Births(dates=dates, of_member=of_member, proved=proved)


def birthdays(plan: Plan, births: Births, ages: Sequence[int], first: int) -> Events:
    """Give reaching each age as an event, with the tokens `first`, `first` + 1, …."""
    known = np.flatnonzero(births.of_member >= 0)
    parts = []
    instants = np.array(instants_of_age(plan, births.dates), np.int64).reshape(
        len(plan.ages), len(births.dates)
    )
    for place, age in enumerate(ages):
        at = instants[plan.ages.index(age)][births.of_member[known]]
        reached = at <= plan.request.at
        parts.append((known[reached], at[reached], np.full(int(reached.sum()), first + place)))
    member, at, token = (
        np.concatenate([part[column] for part in parts]) if parts else np.empty(0, np.int64)
        for column in range(3)
    )
    return Events(member=member, at=at, recorded_at=at, token=token)


def merged(one: Events, other: Events, rank: Ints | None = None) -> Events:
    """Put two rows of events into one, in timeline order; at a tie by rank of the token."""
    if not len(other.at):
        return one
    columns = [
        np.concatenate((getattr(one, name), getattr(other, name)))
        for name in ("member", "at", "recorded_at", "token")
    ]
    ranks = columns[3] if rank is None else rank[columns[3]]
    order = np.lexsort((ranks, columns[2], columns[1], columns[0]))
    return Events(
        member=columns[0][order],
        at=columns[1][order],
        recorded_at=columns[2][order],
        token=columns[3][order],
    )


def example_rows(shapes: Shapes, shape: int) -> range:
    """Give the rows of the events of a member that has the shape."""
    member = int(shapes.example[shape])
    return range(int(shapes.starts[member]), int(shapes.starts[member + 1]))


def facts_at(events: Events, rows: range, values: Sequence[Fact]) -> tuple[Fact, ...]:
    """Turn events back into facts, with their own instants."""
    return tuple(
        replace(
            values[int(events.token[row])],
            at=int(events.at[row]),
            recorded_at=int(events.recorded_at[row]),
        )
        for row in rows
    )


def instant_ends(facts: tuple[Fact, ...]) -> list[int]:
    """Give the positions of the last facts of each instant."""
    return [
        place
        for place, fact in enumerate(facts)
        if place + 1 == len(facts) or facts[place + 1].at > fact.at
    ]


def merge_noes(view: View) -> list[Fact]:
    """Give the noes that merges pass on, as facts of the accounts that were merged into."""
    facts = view.facts
    merging = [place for place, fact in enumerate(facts.kinds) if fact.fact == "merged"]
    if not merging:
        return []
    sources = np.unique(view.member[np.isin(view.kind, merging)])
    targets = pa.array([facts.kinds[place].value for place in merging], pa.string())
    if not pa.types.is_string(facts.ids.type):
        targets = _as_numbers(targets)
    found = pc.index_in(targets, facts.ids).drop_null().to_numpy(zero_copy_only=False)
    involved = np.union1d(sources, found.astype(np.int64))
    passing = [place for place, fact in enumerate(facts.kinds) if fact.fact in _PASSING]
    rows = np.flatnonzero(np.isin(view.kind, passing) & np.isin(view.member, involved))
    grouped: dict[str | int | None, list[Fact]] = {
        facts.ids[int(index)].as_py(): [] for index in involved
    }
    for row in rows:
        member = facts.ids[int(view.member[row])].as_py()
        source = int(view.rows[row])
        grouped[member].append(
            replace(
                facts.kinds[int(view.kind[row])],
                member=member,
                at=int(facts.at[source]),
                recorded_at=int(facts.recorded_at[source]),
            )
        )
    return [
        fact
        for fact in passed_noes(grouped, view.plan.known_settings())
        if fact.member in grouped
    ]


def _as_numbers(texts: pa.Array) -> pa.Array:
    """Read the ids that are numbers; what is none names no member."""
    return pa.array([as_number(text) for text in texts.to_pylist()], pa.int64())
