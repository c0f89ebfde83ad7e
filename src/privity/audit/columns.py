# SPDX-License-Identifier: Apache-2.0
"""Facts and ids in columns, where there are too many for a value each (specs/audit.md, part 2).

What is asked of ten million members is asked of arrays. Ids are whole numbers or texts, as the rows have them.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from itertools import islice
from typing import Any, Final, Protocol, TypeVar, runtime_checkable

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from privity.audit.evidence import UNREADABLE, Evidence, Told

_Whole = TypeVar("_Whole", bound=np.signedinteger[Any])

Flags = npt.NDArray[np.bool_]
Ints = npt.NDArray[np.int64]

FACTS: Final = ("member", "fact", "value", "at", "recorded_at", "entry", "by")
"""The columns of facts: instants and entries are whole numbers, `by` is null where the log saw it happen."""

UNREAD: Final = "unread"
"""What stands as the fact of an entry that nobody can read and whose member is known."""

_BATCH: Final = 1 << 16
_SPARSE: Final = 32
"""Numbers are looked up by themselves where they lie among at most so many times as many, and a bit."""
_WIDEST: Final = 1 << 27
"""Of a table of places at most: half a gibibyte."""


@runtime_checkable
class InColumns(Protocol):
    """Evidence that gives facts in columns too."""

    def told_in_columns(self, kinds: Collection[str], size: int) -> Iterator[pa.Table]:
        """Give what `told(None, size)` gives of some kinds of facts, as tables with `FACTS`, in any order.

        Of a claim `recorded_at` is what is claimed, and no later than its entry. What stands for an entry that cannot be read
        is of the kind `UNREAD`, and is given too.
        """


def facts_in_columns(
    evidence: Evidence, kinds: Collection[str], size: int
) -> Iterator[pa.Table]:
    """Give facts of some kinds of all members, in columns."""
    if isinstance(evidence, InColumns):
        yield from evidence.told_in_columns(kinds, size)
        return
    yield from tables_of(evidence.told(None, size), kinds)


def tables_of(told: Iterable[Told], kinds: Collection[str]) -> Iterator[pa.Table]:
    """Put facts of some kinds into columns, and what stands for entries that cannot be read."""
    some = (one for one in told if one.fact.fact in kinds or is_unread(one))
    while batch := list(islice(some, _BATCH)):
        yield _table(batch)


def is_unread(told: Told) -> bool:
    """Tell whether a fact stands for an entry that cannot be read."""
    return told.fact.fact == "setting" and told.fact.setting == UNREADABLE


def _table(told: Collection[Told]) -> pa.Table:
    members = [one.fact.member for one in told]
    if not all(isinstance(one, int) for one in members):
        members = [str(one) for one in members]
    return pa.table(
        {
            "member": pa.array(members),
            "fact": pa.array(
                [UNREAD if is_unread(one) else one.fact.fact for one in told], pa.string()
            ),
            "value": pa.array([one.fact.value for one in told], pa.string()),
            "at": pa.array([one.fact.at for one in told], pa.int64()),
            "recorded_at": pa.array(
                [min(one.fact.recorded_at, one.entered) for one in told], pa.int64()
            ),
            "entry": pa.array([one.entry for one in told], pa.int64()),
            "by": pa.array([one.by for one in told], pa.string()),
        }
    )


def ids_of(column: pa.Array | pa.ChunkedArray) -> pa.Array:
    """Give ids as one array of `int64` or of `string`."""
    found = column.combine_chunks() if isinstance(column, pa.ChunkedArray) else column
    if pa.types.is_dictionary(found.type):
        found = found.dictionary_decode()
    kind = pa.int64() if pa.types.is_integer(found.type) else pa.string()
    return found if found.type == kind else found.cast(kind)


def joined(arrays: Iterable[pa.Array]) -> pa.Array:
    """Put ids of several places together; where some are texts, all are."""
    found = [one for one in arrays if len(one)] or [pa.array([], pa.int64())]
    if len({one.type for one in found}) > 1:
        found = [one.cast(pa.string()) for one in found]
    return pa.concat_arrays(found)


def whole(column: pa.Array | pa.ChunkedArray) -> Ints:
    """Give a column of whole numbers without nulls."""
    found = column.combine_chunks() if isinstance(column, pa.ChunkedArray) else column
    numbers: Ints = found.to_numpy(zero_copy_only=False)
    return numbers.astype(np.int64, copy=False)


def each_once(numbers: npt.NDArray[_Whole]) -> npt.NDArray[_Whole]:
    """Give whole numbers ascending, each once."""
    # Sorting is several times as fast as what numpy does by itself, which hashes.
    found = np.sort(numbers)
    return found[np.append(True, found[1:] != found[:-1])] if len(found) else found


class Places:
    """Where each of some ids stands among them.

    Args:
        ids: Each once; numbers ascending.
    """

    def __init__(self, ids: pa.Array) -> None:
        self.ids = ids
        self._numbers: Ints | None = None
        self._places: npt.NDArray[np.int32] | None = None
        self._lowest = 0
        if pa.types.is_integer(ids.type):
            self._numbers = numbers = whole(ids)
            span = int(numbers[-1]) - int(numbers[0]) + 1 if len(numbers) else 0
            if 0 < span <= min(_WIDEST, _SPARSE * len(numbers) + _BATCH):
                self._lowest = int(numbers[0])
                self._places = np.full(span, -1, np.int32)
                self._places[numbers - self._lowest] = np.arange(len(numbers), dtype=np.int32)

    @classmethod
    def of(cls, ids: pa.Array) -> Places:
        """Make it of ids in any order, of which some may stand twice."""
        if pa.types.is_integer(ids.type):
            return cls(pa.array(each_once(whole(ids))))
        return cls(pc.unique(ids))

    def __len__(self) -> int:
        """Count the ids."""
        return len(self.ids)

    def find(self, ids: pa.Array) -> Ints:
        """Give where ids stand, and -1 for each that does not."""
        if self._numbers is None or not pa.types.is_integer(ids.type):
            texts = ids if pa.types.is_string(ids.type) else ids.cast(pa.string())
            mine = self.ids if pa.types.is_string(self.ids.type) else self.ids.cast(pa.string())
            found: Ints = whole(pc.fill_null(pc.index_in(texts, value_set=mine), -1))
            return found
        wanted = whole(ids)
        if self._places is not None:
            wanted = wanted - self._lowest
            inside = (wanted >= 0) & (wanted < len(self._places))
            if inside.all():
                return self._places[wanted].astype(np.int64)
            places = np.full(len(wanted), -1, np.int64)
            places[inside] = self._places[wanted[inside]]
            return places
        if not len(self._numbers):
            return np.full(len(wanted), -1, np.int64)
        at = np.minimum(np.searchsorted(self._numbers, wanted), len(self._numbers) - 1)
        return np.where(self._numbers[at] == wanted, at, -1)


class Distinct:
    """How many different ids came by, in memory that grows with them alone."""

    def __init__(self) -> None:
        self._held: pa.Array = pa.array([], pa.int64())
        self._waiting: list[pa.Array] = []
        self._rows = 0

    def add(self, ids: pa.Array) -> None:
        """Note some ids."""
        if not len(ids):
            return
        self._waiting.append(ids)
        self._rows += len(ids)
        if self._rows > max(_BATCH << 4, len(self._held)):
            self._settle()

    def ids(self) -> pa.Array:
        """Give them, each once."""
        self._settle()
        return self._held

    def _settle(self) -> None:
        if self._waiting:
            found = joined([self._held, *self._waiting])
            self._waiting, self._rows = [], 0
            if pa.types.is_integer(found.type):
                self._held = pa.array(each_once(whole(found)))
            else:
                self._held = pc.unique(found)

    def __len__(self) -> int:
        """Count them."""
        return len(self.ids())
