# SPDX-License-Identifier: Apache-2.0
"""Look ids up in bulk: a member's index, and 64-bit keys of record ids.

A dense table where integers lie close together. Else ids of two words at most lie in the order of a hash, each
beside what is looked up of its member, so that both are one line of memory; longer strings have an
open-addressing table. Ids are compared whole, so that two members are never taken for one.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from privity.decide.kernel.ids import (
    MOST_PACKED,
    fill_strings,
    find_dense,
    find_numbers,
    find_packed,
    find_strings,
    hash_strings,
    mix_numbers,
    mix_packed,
    pack_strings,
)
from privity.decide.kernel.rows import EMPTY_PLACE, UNKNOWN_MEMBER
from privity.members.facts import as_number

Codes = npt.NDArray[np.int32]
Keys = npt.NDArray[np.uint64]
Bytes = npt.NDArray[np.uint8]

Lines = npt.NDArray[np.generic]

_DENSE: Final = 4
"""A dense table may have this many places for each member."""

_BUCKET: Final = 2
"""Members that share their hash's highest bits, on average."""


@dataclass(frozen=True, kw_only=True, slots=True)
class MemberIndex:
    """Every member's index by its id.

    Attributes:
        ids: The ids.
        dense: For integers close together: the index at `id - lowest`.
        lowest: The lowest id.
        numbers: For integers far apart: the ids, then a spare one.
        packed: For strings that are all short: shape (members + 1, 2), each as two words.
        starts: For both: where the ids begin that share their hash's highest bits.
        shift: Where these bits are.
        slots: For other strings: an open-addressing table of indexes, its size a power of two.
        offsets: Where each of them begins in `data`.
        data: Their bytes.
    """

    ids: pa.Array
    dense: Codes
    lowest: int
    numbers: npt.NDArray[np.int64]
    packed: Keys
    starts: Codes
    shift: int
    slots: Codes
    offsets: npt.NDArray[np.int64]
    data: Bytes

    @property
    def is_string(self) -> bool:
        """Whether ids are strings."""
        return bool(pa.types.is_string(self.ids.type))

    def find(self, values: pa.Array) -> Codes:
        """Give each value's index, `UNKNOWN_MEMBER`, or `EMPTY_PLACE` for null and empty."""
        if pa.types.is_null(values.type):
            return np.full(len(values), EMPTY_PLACE, np.int32)
        if bool(pa.types.is_string(values.type)) != self.is_string:
            return self._find_written(values)
        out = np.empty(len(values), np.int32)
        if self.is_string:
            self._find_texts(*string_buffers(values), out)
        else:
            plain = pc.fill_null(values, 0) if values.null_count else values
            numbers = plain.to_numpy(zero_copy_only=False)
            if len(self.dense):
                find_dense(numbers, self.lowest, self.dense, out)
            else:
                find_numbers(numbers, self.numbers, self.starts, self.shift, out)
        if values.null_count:
            out[values.is_null().to_numpy(zero_copy_only=False)] = EMPTY_PLACE
        return out

    def _find_texts(self, offsets: npt.NDArray[np.int64], data: Bytes, out: Codes) -> None:
        if len(self.packed):
            find_packed(offsets, data, self.packed, self.starts, self.shift, out)
        else:
            find_strings(offsets, data, self.offsets, self.data, self.slots, out)

    def find_few(self, values: Sequence[str | int]) -> Codes:
        """Give the index of each of a few ids, or `UNKNOWN_MEMBER`; without Arrow in between."""
        out = np.empty(len(values), np.int32)
        if self.is_string:
            texts = [str(value).encode() for value in values]
            offsets = np.zeros(len(texts) + 1, np.int64)
            np.cumsum([len(text) for text in texts], out=offsets[1:])
            data = np.frombuffer(b"".join(texts) + b"\0", np.uint8)  # never empty
            self._find_texts(offsets, data, out)
            return out
        read = [as_number(value) for value in values]
        numbers = np.array([one or 0 for one in read], np.int64)
        known = np.array([one is not None for one in read], np.bool_)
        if len(self.dense):
            find_dense(numbers, self.lowest, self.dense, out)
        else:
            find_numbers(numbers, self.numbers, self.starts, self.shift, out)
        out[~known] = UNKNOWN_MEMBER
        return out

    def _find_written(self, values: pa.Array) -> Codes:
        """Look up integers among texts, or texts among integers, as they are written."""
        encoded = values.dictionary_encode()
        distinct = encoded.dictionary.to_pylist()
        found = np.append(self.find_few(distinct), np.int32(EMPTY_PLACE))
        found[:-1][[one == "" for one in distinct]] = EMPTY_PLACE
        codes = pc.fill_null(encoded.indices, len(distinct)).to_numpy(zero_copy_only=False)
        out: Codes = found[codes].astype(np.int32)
        return out


def member_index(ids: pa.Array, lines: Lines) -> tuple[MemberIndex, Lines]:
    """Make the index of members' ids, each of which stands once.

    Args:
        ids: The ids.
        lines: Shape (members + 1, 4): what is looked up of each; the last is nobody's.

    Returns:
        The index, and the lines by its indexes.
    """
    made = MemberIndex(
        ids=ids,
        dense=np.empty(0, np.int32),
        lowest=0,
        numbers=np.empty(0, np.int64),
        packed=np.empty((0, 2), np.uint64),
        starts=np.empty(0, np.int32),
        shift=0,
        slots=np.empty(0, np.int32),
        offsets=np.zeros(1, np.int64),
        data=np.empty(0, np.uint8),
    )
    if not pa.types.is_string(ids.type):
        return _number_index(made, lines)
    offsets, data = string_buffers(ids)
    if len(ids) and int(np.diff(offsets).max()) <= MOST_PACKED:
        return _packed_index(made, lines, offsets, data)
    slots = _table(len(ids))
    fill_strings(offsets, data, slots)
    return replace(made, slots=slots, offsets=offsets, data=data), lines


def _packed_index(
    made: MemberIndex, lines: Lines, offsets: npt.NDArray[np.int64], data: Bytes
) -> tuple[MemberIndex, Lines]:
    packed = np.empty((len(made.ids), 2), np.uint64)
    pack_strings(offsets, data, packed)
    hashes = np.empty(len(packed), np.uint64)
    mix_packed(packed, hashes)
    order, starts, shift = _buckets(hashes)
    keys, lines = _beside(packed, lines, order)
    ids = made.ids.take(pa.array(order))
    return replace(made, ids=ids, packed=keys, starts=starts, shift=shift), lines


def _number_index(made: MemberIndex, lines: Lines) -> tuple[MemberIndex, Lines]:
    numbers = made.ids.to_numpy(zero_copy_only=False)
    lowest, highest = int(numbers.min(initial=0)), int(numbers.max(initial=0))
    if len(numbers) and highest - lowest < _DENSE * len(numbers) + 1024:
        dense = np.full(highest - lowest + 1, UNKNOWN_MEMBER, np.int32)
        dense[numbers - lowest] = np.arange(len(numbers), dtype=np.int32)
        return replace(made, dense=dense, lowest=lowest), lines
    hashes = np.empty(len(numbers), np.uint64)
    mix_numbers(numbers, hashes)
    order, starts, shift = _buckets(hashes)
    keys, lines = _beside(numbers.view(np.uint64)[:, None], lines, order)
    ids = made.ids.take(pa.array(order))
    numbers = keys[:, 0].view(np.int64)
    return replace(made, ids=ids, numbers=numbers, starts=starts, shift=shift), lines


def _buckets(hashes: Keys) -> tuple[npt.NDArray[np.int64], Codes, int]:
    """Order members by the highest bits of their hashes.

    Returns:
        The order; where each value of these bits begins in it, and where the last ends; where the bits are.
    """
    bits = max(1, (len(hashes) // _BUCKET).bit_length())
    shift = 64 - bits
    bucket = (hashes >> np.uint64(shift)).astype(np.int64)
    starts = np.zeros((1 << bits) + 1, np.int32)
    np.cumsum(np.bincount(bucket, minlength=1 << bits), out=starts[1:])
    return np.argsort(bucket, kind="stable"), starts, shift


def _beside(keys: Keys, lines: Lines, order: npt.NDArray[np.int64]) -> tuple[Keys, Lines]:
    """Lay each member's key and line side by side, in an order, and give both as they lie there."""
    width = keys.shape[1] * 8 // lines.itemsize
    both = np.empty(
        (len(lines), width + lines.shape[1]), lines.dtype
    )  # in huge pages, unlike zeros
    both[:-1, :width] = keys[order].view(lines.dtype)
    both[:-1, width:] = lines[order]
    both[-1] = 0
    laid: Keys = both.view(np.uint64)[:, : keys.shape[1]]
    return laid, both[:, width:]


def string_buffers(values: pa.Array) -> tuple[npt.NDArray[np.int64], Bytes]:
    """Give the offsets, shape (values + 1), and the bytes of an array of strings."""
    buffers = values.buffers()
    if len(values) == 0 or buffers[1] is None:
        return np.zeros(len(values) + 1, np.int64), np.empty(0, np.uint8)
    offsets = np.frombuffer(buffers[1], np.int32)[
        values.offset : values.offset + len(values) + 1
    ]
    data = (
        np.frombuffer(buffers[2], np.uint8) if buffers[2] is not None else np.empty(0, np.uint8)
    )
    return offsets.astype(np.int64), data


def record_keys(values: pa.Array, seed: int) -> Keys:
    """Give a 64-bit key for each record id: the id itself if an integer, else a seeded hash."""
    if not pa.types.is_string(values.type):
        numbers: Keys = values.to_numpy(zero_copy_only=False).view(np.uint64)
        return numbers
    offsets, data = string_buffers(values)
    out = np.empty(len(values), np.uint64)
    hash_strings(offsets, data, np.uint64(seed), out)
    return out


def key_table(keys: Keys) -> tuple[npt.NDArray[np.int64], Codes, int]:
    """Make a table of distinct keys, as `kernel.ids.find_numbers` takes it."""
    hashes = np.empty(len(keys), np.uint64)
    mix_numbers(keys.view(np.int64), hashes)
    order, starts, shift = _buckets(hashes)
    return np.append(keys[order].view(np.int64), 0), starts, shift


def _table(entries: int) -> Codes:
    return np.full(1 << max(4, (2 * entries - 1).bit_length()), UNKNOWN_MEMBER, np.int32)
