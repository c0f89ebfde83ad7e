# SPDX-License-Identifier: Apache-2.0
"""Counting what is of a class: records, members and people, each once however often they are met (specs/audit.md, part 2)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from privity.audit.asked import SIDES
from privity.audit.columns import Distinct, Flags, Ints, each_once, ids_of, joined
from privity.audit.holders import Holders
from privity.audit.members_of_class import Concerned, instant_shown, people
from privity.canonical.instants import Instant

Merges = Sequence[tuple[str | int, str]]

MOST_ITEMS: Final = 100_000
"""The records of which a report lists the evidence, unless it is asked for more or fewer."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Rows:
    """Rows that were asked, whoever has them.

    Attributes:
        ids: Shape (rows): the records.
        created_at: Shape (rows): when they were made; `EARLIEST` where nobody knows.
        places: Who of the class stands, or may stand, where.
    """

    ids: pa.Array
    created_at: Ints
    places: Concerned

    def numbers(self, places: Concerned) -> Ints:
        """Give the rows of some places, ascending, each once."""
        there = np.zeros(len(self.ids), np.bool_)
        there[places.rows] = True
        return np.flatnonzero(there)


@dataclass(frozen=True, kw_only=True, slots=True)
class Counts:
    """How many records and members.

    Attributes:
        records: How many records are of the class.
        members: Of how many members of it.
        perhaps: How many more records may be.
    """

    records: int = 0
    members: int = 0
    perhaps: int = 0


class Members:
    """Which members were met, on which side; each counts once.

    Args:
        holders: Who held the agreement; None where none is asked for.
        merges: Which account was merged into which.
    """

    def __init__(self, holders: Holders | None, merges: Merges) -> None:
        self._holders = holders
        self._merges = merges
        count = 0 if holders is None else len(holders.members)
        self._met = np.zeros((len(SIDES), count), np.bool_)
        self._ids = [Distinct() for _ in SIDES]

    def add(self, places: Concerned) -> None:
        """Note who stands at places."""
        for side in range(len(SIDES)):
            mine = places.side == side
            if self._holders is not None and places.changes is not None:
                self._met[side, self._holders.owner[places.changes[mine]]] = True
            else:
                self._ids[side].add(places.members.filter(pa.array(mine)))

    def on(self, side: int) -> int:
        """Count those of one side."""
        return int(self._met[side].sum()) + len(self._ids[side])

    def ids(self) -> pa.Array:
        """Give all of them, each once."""
        if self._holders is None:
            return pc.unique(joined([one.ids() for one in self._ids]))
        return self._holders.members.ids.filter(pa.array(self._met.any(axis=0)))

    def people(self) -> int:
        """Count the people behind them."""
        return people(self.ids(), self._merges)


@dataclass(kw_only=True)
class Tally:
    """What was counted so far.

    Attributes:
        holders: Who held the agreement when; None where none is asked for.
        merges: Which account was merged into which.
        most: How many records' evidence is listed.
        items: The evidence.
        left_out: How many records' evidence is not listed.
        first: When the first record of the class was made.
        last: When the last was.
    """

    holders: Holders | None
    merges: Merges = ()
    most: int = MOST_ITEMS
    items: list[Mapping[str, Any]] = field(default_factory=list)
    left_out: int = 0
    first: Instant | None = None
    last: Instant | None = None
    _records: Distinct = field(default_factory=Distinct)
    _perhaps: Distinct = field(default_factory=Distinct)

    def __post_init__(self) -> None:
        self.members = Members(self.holders, self.merges)

    def add(self, rows: Rows, sure: Flags, shown: Sequence[Mapping[str, Any]]) -> None:
        """Count rows, each once.

        Args:
            rows: The rows.
            sure: Shape (rows): whether what was done with a row is certainly asked about.
            shown: What the evidence of a row begins with; of each of the first that there is room for, in order of rows.
        """
        places = rows.places
        certain = places.sure & sure[places.rows]
        mine = places.where(certain)
        numbers = rows.numbers(mine)
        self.members.add(mine)
        self._records.add(rows.ids.take(pa.array(numbers)))
        if len(mine) < len(places):
            others = rows.numbers(places.where(~certain))
            self._perhaps.add(rows.ids.take(pa.array(others)))
        made = rows.created_at[numbers]
        if len(made):
            first, last = int(made.min()), int(made.max())
            self.first = first if self.first is None else min(self.first, first)
            self.last = last if self.last is None else max(self.last, last)
        self.left_out += len(numbers) - len(shown)
        self.items += self._items(rows, mine, numbers[: len(shown)], shown)

    def room(self) -> int:
        """Say of how many records more evidence can be listed."""
        return max(0, self.most - len(self.items))

    def records(self) -> int:
        """Count the records of the class."""
        return len(self._records)

    def perhaps(self) -> int:
        """Count the records that may be of it and are not counted."""
        held, others = self._records.ids(), self._perhaps.ids()
        if not len(held) or not len(others):
            return len(others)
        if held.type != others.type:
            held, others = held.cast(pa.string()), others.cast(pa.string())
        return len(others) - int(pc.sum(pc.is_in(others, value_set=held)).as_py())

    def _items(
        self,
        rows: Rows,
        mine: Concerned,
        numbers: Ints,
        shown: Sequence[Mapping[str, Any]],
    ) -> Iterable[Mapping[str, Any]]:
        """Give the evidence of rows: where it is, when it was made, and whose it is."""
        if not len(numbers):
            return
        order = np.lexsort((mine.side, mine.rows))
        places = mine.take(order[np.isin(mine.rows[order], numbers)])
        ends = np.searchsorted(places.rows, numbers, side="right").tolist()
        members = places.members.to_pylist()
        ids = rows.ids.take(pa.array(numbers)).to_pylist()
        start = 0
        for place, (number, end) in enumerate(zip(numbers.tolist(), ends, strict=True)):
            parties = [self._party(places, one, members[one]) for one in range(start, end)]
            yield {
                "record": ids[place],
                "created_at": instant_shown(int(rows.created_at[number])),
                "parties": parties,
                **shown[place],
            }
            start = end

    def _party(self, places: Concerned, place: int, member: str | int) -> dict[str, Any]:
        found: dict[str, Any] = {"member": member, "side": SIDES[int(places.side[place])]}
        if self.holders is not None and places.changes is not None:
            found["agreement"] = dict(self.holders.shown(int(places.changes[place])))
        return found


def counted(rows: Rows, within: Flags, holders: Holders | None, *, sure: bool) -> Counts:
    """Count some rows by themselves.

    Args:
        rows: The rows.
        within: Shape (rows): which of them.
        holders: Who held the agreement when; None where none is asked for.
        sure: Whether what was done with them is certainly asked about.
    """
    places = rows.places.where(within[rows.places.rows])
    mine = places.where(places.sure & sure)
    records = _distinct(rows, mine)
    every = records if len(mine) == len(places) else _distinct(rows, places)
    if holders is not None and mine.changes is not None:
        members = len(each_once(holders.owner[mine.changes]))
    else:
        members = int(pc.count_distinct(mine.members).as_py())
    return Counts(records=records, members=members, perhaps=every - records)


def of_records(table: pa.Table, created_at: Ints, places: Concerned) -> Rows:
    """Put rows together that were chosen."""
    return Rows(ids=ids_of(table.column("record_id")), created_at=created_at, places=places)


def _distinct(rows: Rows, places: Concerned) -> int:
    ids = rows.ids.take(pa.array(rows.numbers(places)))
    return int(pc.count_distinct(ids).as_py())
