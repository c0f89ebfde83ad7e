# SPDX-License-Identifier: Apache-2.0
"""Which numbers of a table are not shown, so that nobody counts a few people by them ([REL-41], [REL-42]).

A number from 1 to 4 is hidden. So is whatever would give it away: with a total beside a line, what is hidden in the line
is a subtraction. Hidden is enough when a reader who adds, subtracts and compares all that is shown cannot even tell that
a hidden number is under 5. For the table of reasons that is a question of flows, answered exactly: can the other
hidden numbers make up for one that is 5?
"""

from __future__ import annotations

from collections import deque
from collections.abc import Hashable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Final, TypeVar

LEAST: Final = 5
"""The least number of records that is shown, but for none at all."""

Key = TypeVar("Key", bound=Hashable)

_Cell = tuple[str, str]
_World = Mapping[_Cell, int]
_Path = list[tuple[_Cell, int]]


def is_few(count: int) -> bool:
    """Tell whether a number is hidden for what it is; none is no number of anybody."""
    return 0 < count < LEAST


def hide_line(counts: Mapping[Key, int]) -> frozenset[Key] | None:
    """Give what to hide of numbers whose sum is known; None is all, and that some are none.

    Args:
        counts: Each number of the line.
    """
    hidden = {key for key, count in counts.items() if is_few(count)}
    if not hidden:
        return frozenset()
    rest = sorted(
        (key for key, count in counts.items() if count >= LEAST),
        key=lambda key: (counts[key], str(key)),
    )
    while True:
        # Each of the hidden is one at the least: what one of them can be is what the others leave.
        most = sum(counts[key] for key in hidden) - (len(hidden) - 1)
        if len(hidden) > 1 and most >= LEAST:
            return frozenset(hidden)
        if not rest:
            return None
        hidden.add(rest.pop(0))


@dataclass(frozen=True, kw_only=True, slots=True)
class Cut:
    """What is hidden of a table.

    Attributes:
        cells: Its cells, each a row and a column.
        totals: Rows whose total is.
    """

    cells: frozenset[tuple[str, str]]
    totals: frozenset[str]


@dataclass(kw_only=True, slots=True)
class CrossTable:
    """Records with a reason, by reason and category: each has one category and one reason or more.

    A reader knows how many records each column has. A row's numbers add up to its total; a column's come to at
    least its records, since each has a reason, and none of them is more than these.

    Attributes:
        counts: For each row, each column's number.
        records: How many records each column has, each at least `LEAST`.
        pooled: Columns of which no number is shown, and that may hold none.
    """

    counts: Mapping[str, Mapping[str, int]]
    records: Mapping[str, int]
    pooled: frozenset[str] = frozenset()
    _hidden: set[tuple[str, str]] = field(default_factory=set)
    _free: set[str] = field(default_factory=set)

    def cut(self) -> Cut:
        """Hide what must be."""
        self._free = {row for row in self.counts if is_few(self._total(row))}
        self._hidden = {
            (row, column)
            for row in self.counts
            for column in self.records
            if column in self.pooled or is_few(self._count(row, column))
        }
        for row, column in sorted(self._hidden):
            if is_few(self._count(row, column)):
                self._cover(row, column)
        return Cut(cells=frozenset(self._hidden), totals=frozenset(self._free))

    def _cover(self, row: str, column: str) -> None:
        """Hide more of a row until one of its hidden numbers could be `LEAST`."""
        if self._can_be(row, column, LEAST):
            return
        rest = sorted(
            (count, other)
            for other, count in self.counts[row].items()
            if count >= LEAST and (row, other) not in self._hidden
        )
        for _, other in rest:
            self._hidden.add((row, other))
            if self._can_be(row, column, LEAST):
                return
            self._hidden.discard((row, other))
        # No single number covers it: without the row's total there is nothing to subtract from.
        self._free.add(row)

    def _can_be(self, row: str, column: str, most: int) -> bool:
        """Tell whether a hidden number could be `most`, for all that is shown."""
        world = {
            (one, other): self._count(one, other)
            for one in self.counts
            for other in self.records
        }
        while world[row, column] < most:
            path = self._path(world, row, column)
            if path is None:
                return False
            for step, by in path:
                world[step] += by
        return True

    def _path(self, world: _World, row: str, column: str) -> _Path | None:
        """Give how a number becomes one more and all that is shown stays: the changes, or None.

        A row that gains one must lose one elsewhere, unless its total is hidden; a column that loses one must gain
        one in another row, unless its records have reasons to spare.
        """
        waiting: deque[tuple[str, _Path]] = deque([(row, [((row, column), 1)])])
        rows, columns = {row}, set[str]()
        while waiting:
            gained, path = waiting.popleft()
            if gained in self._free:
                return path
            for lost in self._can_lose(world, gained, (row, column)):
                if lost in columns:
                    continue
                columns.add(lost)
                went = [*path, ((gained, lost), -1)]
                if lost == column or self._to_spare(world, lost):
                    return went
                for other in self.counts:
                    cell = (other, lost)
                    if (
                        other not in rows
                        and cell in self._hidden
                        and world[cell] < self.records[lost]
                    ):
                        rows.add(other)
                        waiting.append((other, [*went, (cell, 1)]))
        return None

    def _can_lose(self, world: _World, row: str, but: _Cell) -> Iterator[str]:
        """Give the columns in which a row can lose one: hidden ones, of which something stays if it must."""
        for column in self.records:
            cell = (row, column)
            stays = 0 if column in self.pooled else 1
            if cell != but and cell in self._hidden and world[cell] > stays:
                yield column

    def _to_spare(self, world: _World, column: str) -> bool:
        return sum(world[row, column] for row in self.counts) > self.records[column]

    def _count(self, row: str, column: str) -> int:
        return self.counts[row].get(column, 0)

    def _total(self, row: str) -> int:
        return sum(self.counts[row].values())
