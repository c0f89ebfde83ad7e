# SPDX-License-Identifier: Apache-2.0
"""A part of what is found, as a page shows it, without counting how much there is: that would read all of it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Final, Generic, Protocol, TypeVar

Row_co = TypeVar("Row_co", covariant=True)

PAGE: Final = 20
"""How many a page has."""
_LONGEST: Final = 6


class Sliced(Protocol[Row_co]):
    """Rows in an order, of which a few can be asked for: a list, or what a query finds."""

    def __getitem__(self, part: slice, /) -> Iterable[Row_co]:
        """Give some of them."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Part(Generic[Row_co]):
    """A part.

    Attributes:
        rows: What is in it, in the order that was asked for.
        number: Which it is; the first is 1.
        has_next: Whether more follows.
    """

    rows: tuple[Row_co, ...]
    number: int
    has_next: bool

    def __iter__(self) -> Iterator[Row_co]:
        """Give what is in it."""
        return iter(self.rows)

    def __len__(self) -> int:
        """Give how many are in it."""
        return len(self.rows)

    @property
    def next_page_number(self) -> int:
        """Which follows."""
        return self.number + 1

    @property
    def backwards(self) -> tuple[Row_co, ...]:
        """What is in it, the last first: of what is asked for newest first, in the order of time."""
        return self.rows[::-1]


def part_of(found: Sliced[Row_co], wanted: str | None, *, size: int = PAGE) -> Part[Row_co]:
    """Give the part that somebody asks for; the first, where there is none of that name.

    Args:
        found: All of it, in an order.
        wanted: Its number, as it came.
        size: How many it has at most.
    """
    number = _number(wanted)
    begin = (number - 1) * size
    rows = tuple(found[begin : begin + size + 1])
    if not rows and number > 1:
        return part_of(found, None, size=size)
    return Part(rows=rows[:size], number=number, has_next=len(rows) > size)


def _number(wanted: str | None) -> int:
    said = wanted or ""
    known = said.isascii() and said.isdigit() and len(said) <= _LONGEST
    return max(1, int(said)) if known else 1
