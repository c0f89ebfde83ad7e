# SPDX-License-Identifier: Apache-2.0
"""Which rows are of a class, and whose they are, many at a time (specs/audit.md, part 2).

First category and instant are asked, which most rows fail; then who wrote and got what is left, and what they held when it
was made. Nothing here knows what was done with the rows.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from privity.audit.asked import SIDES, Period, Side
from privity.audit.columns import Flags, Ints, ids_of, joined, whole
from privity.audit.holders import Holders
from privity.audit.question import ClassQuestion
from privity.canonical.instants import EARLIEST, format_instant
from privity.vocabulary.terms import CATEGORIES

FIRST_ASKED: Final = ("category", "created_at")
"""The columns that every row is asked for."""
THEN_ASKED: Final = ("record_id", "author", "recipients")
"""Those that what is left is asked for."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Wanted:
    """Which records a question is about.

    Attributes:
        categories: The terms that are certainly meant.
        others: The terms that certainly are not; of any other it is not clear.
        made: When they were made.
    """

    categories: tuple[str, ...]
    others: tuple[str, ...]
    made: Period

    @classmethod
    def of(cls, question: ClassQuestion) -> Wanted:
        """Make it of a question."""
        asked = question.categories
        return cls(
            categories=tuple(
                one
                for one in CATEGORIES
                if any(CATEGORIES.contains(term, one) for term in asked)
            ),
            others=tuple(one for one in CATEGORIES if not CATEGORIES.any_overlaps(asked, one)),
            made=question.made,
        )


@dataclass(frozen=True, kw_only=True, slots=True)
class Chosen:
    """The rows of a table that may be of the class.

    Attributes:
        mask: Shape (rows): which.
        clear: Shape (those): whether category and instant certainly are.
        addressed: Shape (those): whether it is something that is sent to somebody.
        created_at: Shape (those): when they were made; `EARLIEST` where nobody knows.
    """

    mask: Flags
    clear: Flags
    addressed: Flags
    created_at: Ints

    def __len__(self) -> int:
        """Count them."""
        return len(self.clear)


def choose(table: pa.Table, wanted: Wanted) -> Chosen:
    """Choose rows by category and instant ([AUD-32])."""
    mine, perhaps, addressed, places = _by_category(table.column("category"), wanted)
    fitting = (mine | perhaps)[places]
    instants = table.column("created_at").combine_chunks()
    missing = _flags(pc.is_null(instants)) if instants.null_count else None
    made = whole(instants if missing is None else pc.fill_null(instants, 0))
    for beyond in _outside(made, wanted.made):
        fitting &= ~beyond if missing is None else ~beyond | missing
    places, made = places[fitting], made[fitting]
    known = np.ones(len(made), np.bool_) if missing is None else ~missing[fitting]
    return Chosen(
        mask=fitting,
        clear=mine[places] & known,
        addressed=addressed[places],
        created_at=np.where(known, made, EARLIEST),
    )


def _outside(made: Ints, period: Period) -> Iterator[Flags]:
    if period.start is not None:
        yield made < period.start
    if period.end is not None:
        yield made >= period.end


def _by_category(
    column: pa.ChunkedArray, wanted: Wanted
) -> tuple[Flags, Flags, Flags, npt.NDArray[Any]]:
    """Tell of each category whether it is meant, whether it may be, and whether it is sent; and which each row has."""
    found = column.combine_chunks()
    if not pa.types.is_dictionary(found.type):
        found = found.dictionary_encode()
    # What has no category may be of any.
    words = [*found.dictionary.to_pylist(), None]
    mine = np.array([one in wanted.categories for one in words])
    others = np.array([one in wanted.others for one in words])
    sent = [one not in CATEGORIES or CATEGORIES.overlaps("message", one) for one in words]
    places = found.indices
    if places.null_count:
        places = pc.fill_null(places.cast(pa.int32()), len(words) - 1)
    return mine, ~(mine | others), np.array(sent), places.to_numpy(zero_copy_only=False)


def _flags(found: pa.Array) -> Flags:
    flags: Flags = found.to_numpy(zero_copy_only=False)
    return flags.astype(np.bool_, copy=False)


@dataclass(frozen=True, kw_only=True, slots=True)
class Concerned:
    """Who of the class stands, or may stand, on which side of which row; one place for each.

    Attributes:
        rows: Shape (places): the row.
        side: Shape (places): the place of the side among `SIDES`.
        members: Shape (places): the member.
        changes: Shape (places): by which change the member held the agreement, -1 where that is not told; None where none is
            asked.
        sure: Shape (places): whether the row is of the class and the member too.
    """

    rows: Ints
    side: Ints
    members: pa.Array
    changes: Ints | None
    sure: Flags

    def __len__(self) -> int:
        """Count the places."""
        return len(self.rows)

    def where(self, mask: Flags) -> Concerned:
        """Give some of the places."""
        if mask.all():
            return self
        return Concerned(
            rows=self.rows[mask],
            side=self.side[mask],
            members=self.members.filter(pa.array(mask)),
            changes=None if self.changes is None else self.changes[mask],
            sure=self.sure[mask],
        )

    def take(self, order: Ints) -> Concerned:
        """Give some of the places in an order."""
        return Concerned(
            rows=self.rows[order],
            side=self.side[order],
            members=self.members.take(pa.array(order, pa.int64())),
            changes=None if self.changes is None else self.changes[order],
            sure=self.sure[order],
        )


def concerned(
    rows: pa.Table, chosen: Chosen, sides: Sequence[Side], holders: Holders | None
) -> Concerned:
    """Say who of the class stands, or may stand, on a side of which rows ([AUD-33]).

    Args:
        rows: The rows that were chosen, with `author` and `recipients`.
        chosen: What is known of them.
        sides: The sides that count.
        holders: Who held the agreement when; None asks for none.
    """
    found = [_on(rows, side) for side in sides]
    numbers = np.concatenate([one for one, _, _ in found])
    places = Concerned(
        rows=numbers,
        side=np.concatenate([side for _, side, _ in found]),
        members=joined([ids for _, _, ids in found]),
        changes=None,
        sure=chosen.clear[numbers],
    )
    received = places.side == SIDES.index("receiver")
    if (received & ~chosen.addressed[numbers]).any():
        # Readers of what is published are no party of it.
        places = places.where(~received | chosen.addressed[numbers])
    if holders is None:
        return places
    made = chosen.created_at[places.rows]
    changes = holders.held(places.members, made)
    nobody_knows = made == EARLIEST
    if nobody_knows.any():
        # It may have been made at any time at which the agreement was held.
        changes[nobody_knows] = holders.ever(places.members.filter(pa.array(nobody_knows)))
    held = changes >= 0
    mine = replace(places, changes=changes, sure=places.sure & held)
    return mine.where(held | holders.may_have_held(places.members))


def _on(rows: pa.Table, side: Side) -> tuple[Ints, Ints, pa.Array]:
    """Give the rows that have somebody on a side, the side's place, and who that is."""
    if side == "sender":
        numbers = np.arange(rows.num_rows)
        members = ids_of(rows.column("author"))
    else:
        lists = rows.column("recipients").combine_chunks()
        numbers = whole(pc.list_parent_indices(lists))
        members = ids_of(pc.list_flatten(lists))
    there = pc.is_valid(members)
    if pa.types.is_string(members.type):
        there = pc.and_(there, pc.not_equal(pc.fill_null(members, ""), ""))
    if not pc.all(there).as_py():
        numbers, members = numbers[_flags(there)], members.filter(there)
    return numbers, np.full(len(numbers), SIDES.index(side), np.int64), members


def people(accounts: pa.Array, merges: Sequence[tuple[str | int, str]]) -> int:
    """Count the people behind accounts: those that were merged into one another are one person ([AUD-34]).

    Args:
        accounts: Each once.
        merges: Which account was merged into which.
    """
    into = {str(source): target for source, target in merges}
    texts = accounts.cast(pa.string())
    moved = pc.is_in(texts, value_set=pa.array(list(into), pa.string()))
    stayed = texts.filter(pc.invert(moved))
    ends = pa.array(
        sorted({_end(one, into) for one in texts.filter(moved).to_pylist()}), pa.string()
    )
    others = pc.sum(pc.invert(pc.is_in(ends, value_set=stayed))).as_py() or 0
    return len(stayed) + int(others)


def _end(account: str, into: dict[str, str]) -> str:
    """Give where an account went in the end; of a ring, its least name."""
    seen = [account]
    while (following := into.get(seen[-1])) is not None:
        if following in seen:
            return min(seen[seen.index(following) :])
        seen.append(following)
    return seen[-1]


def instant_shown(instant: int) -> str | None:
    """Write an instant; None where nobody knows it."""
    return None if instant == EARLIEST else format_instant(instant)
