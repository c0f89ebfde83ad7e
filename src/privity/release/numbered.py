# SPDX-License-Identifier: Apache-2.0
"""Members by number, in the order in which they are first seen; ids are compared whole (specs/release.md, part 2)."""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from typing import Final

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from privity.decide.kernel.grouping import hash_texts, number_texts, slot_numbers
from privity.decide.lookup import string_buffers
from privity.members.facts import MemberId

Numbers = npt.NDArray[np.int32]
Bytes = npt.NDArray[np.uint8]

_FIRST_SLOTS: Final = 1 << 12
_WORD: Final = 8


class Numbered:
    """Distinct ids, all text or all integers, each with a number from 0 on; about 50 bytes each and the id's own."""

    def __init__(self) -> None:
        self.count = 0
        self._integers = False
        self._seed = np.uint64(secrets.randbits(64))
        self._slots = np.full(_FIRST_SLOTS, -1, np.int32)
        self._hashes = np.zeros(1, np.uint64)
        self._offsets = np.zeros(1, np.int64)
        self._data: Bytes = np.zeros(1, np.uint8)
        self._order: pa.Array | None = None

    def number(self, ids: pa.Array) -> Numbers:
        """Give the number of each id, which is text or an integer of 64 bits, and there."""
        if pa.types.is_dictionary(ids.type):
            ids = ids.cast(ids.type.value_type)
        if pa.types.is_large_string(ids.type):
            ids = ids.cast(pa.string())
        self._integers = pa.types.is_integer(ids.type)
        out = np.empty(len(ids), np.int32)
        if not len(ids):
            return out
        offsets, data = self._bytes(ids)
        self._make_room(len(ids), int(offsets[-1] - offsets[0]))
        hashes = np.empty(len(ids), np.uint64)
        hash_texts(offsets, data, self._seed, hashes)
        self.count = number_texts(
            offsets, data, hashes, self._slots,
            self._hashes, self._offsets, self._data, self.count, out,
        )  # fmt: skip
        return out

    def _bytes(self, ids: pa.Array) -> tuple[npt.NDArray[np.int64], Bytes]:
        if not self._integers:
            return string_buffers(ids)
        numbers = ids.cast(pa.int64()).to_numpy(zero_copy_only=False)
        offsets = np.arange(len(numbers) + 1, dtype=np.int64) * _WORD
        return offsets, np.ascontiguousarray(numbers).view(np.uint8)

    def in_order(self, at_once: int) -> Iterator[tuple[Numbers, list[MemberId]]]:
        """Give all numbers and ids in the order of the ids' texts, some at a time."""
        ids = self._all()
        if self._order is None or len(self._order) != self.count:
            self._order = pc.array_sort_indices(ids.cast(pa.string()))
        order = self._order
        for first in range(0, self.count, at_once):
            some = order.slice(first, at_once)
            yield some.to_numpy().astype(np.int32), ids.take(some).to_pylist()

    def _all(self) -> pa.Array:
        offsets = self._offsets[: self.count + 1]
        data = self._data[: int(offsets[-1])]
        if self._integers:
            return pa.array(data.view(np.int64))
        buffers = [None, pa.py_buffer(offsets), pa.py_buffer(data)]
        return pa.Array.from_buffers(pa.large_string(), self.count, buffers)

    def _make_room(self, more: int, size: int) -> None:
        """Make room for as many more, in case that all of them are new."""
        wanted = self.count + more
        if len(self._offsets) <= wanted:
            more = wanted + 1 - len(self._offsets) + wanted // 2
            self._offsets = np.append(self._offsets, np.zeros(more, np.int64))
            self._hashes = np.append(self._hashes, np.zeros(more, np.uint64))
        room = int(self._offsets[self.count]) + size
        if len(self._data) < room:
            self._data = np.append(
                self._data, np.zeros(room - len(self._data) + room // 2, np.uint8)
            )
        if len(self._slots) <= 2 * wanted:
            self._slots = np.full(1 << (2 * wanted).bit_length(), -1, np.int32)
            slot_numbers(self._hashes, self.count, self._slots)
