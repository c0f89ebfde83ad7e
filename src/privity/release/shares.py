# SPDX-License-Identifier: Apache-2.0
"""Records dealt into shares by whose they are, so that one share at a time is put in order in memory.

A share is a stretch of members in the order of their tags. Its records wait in two files of a working folder: number,
place and length of each id, and the ids' bytes.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from types import TracebackType
from typing import BinaryIO, Final, Self

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from privity.decide.kernel.grouping import (
    count_shares,
    deal_texts,
    order_ties,
    pack_texts,
    text_keys,
)
from privity.decide.lookup import string_buffers

Ints = npt.NDArray[np.int64]
Places = npt.NDArray[np.uint32]
Bytes = npt.NDArray[np.uint8]

SHARE: Final = 1 << 17
"""Records of a share, about: each takes some 100 bytes while it is put in order."""
_MOST: Final = 256
_BUFFER: Final = 1 << 16
_LENGTH: Final = 4
_HALF: Final = np.uint64(32)
_LOW: Final = np.uint64(0xFFFFFFFF)


@dataclass(frozen=True, kw_only=True, slots=True)
class Group:
    """The records of a stretch of members.

    Attributes:
        first: The first of the members.
        counts: Shape (members): how many different records each has.
        places: Each one's places, ascending, one after the other.
        place_ends: Shape (members): where they end.
        lists: What is hashed of each member's records (`tags.packed`).
    """

    first: int
    counts: Ints
    places: Places
    place_ends: Ints
    lists: list[memoryview]


class Shares:
    """The shares of a run.

    Args:
        folder: The working folder.
        members: How many members there are.
        pairs: How many records there will be, counted for each of whose they are.
    """

    def __init__(self, folder: Path, members: int, pairs: int) -> None:
        self._folder = folder
        self._members = members = max(1, members)
        wanted = max(1, min(-(-pairs // SHARE), _MOST))
        # So many last bits of a member's number are left out of a share's: then none has to be divided.
        self._shift = ((members - 1) // wanted).bit_length()
        self._number = ((members - 1) >> self._shift) + 1
        self._room_for_heads: Places = np.empty((0, 3), np.uint32)
        self._room_for_texts: Bytes = np.empty(0, np.uint8)
        self._files = ExitStack()
        self._heads: list[BinaryIO] = []
        self._texts: list[BinaryIO] = []

    def __enter__(self) -> Self:
        """Open the files."""
        with ExitStack() as opened:
            for share in range(self._number):
                self._heads.append(
                    opened.enter_context(self._path(share, "heads").open("wb", _BUFFER))
                )
                self._texts.append(
                    opened.enter_context(self._path(share, "texts").open("wb", _BUFFER))
                )
            self._files = opened.pop_all()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Close the files."""
        self._files.close()

    def add(self, numbers: Places, ends: Ints, ids: pa.Array, first: int) -> None:
        """Add the records of some rows.

        Args:
            numbers: Shape (pairs): whose; 0 to the number of members.
            ends: Shape (rows + 1), the first 0: where the numbers of each row end.
            ids: Shape (rows): the records' ids, as text.
            first: The place of the first row.
        """
        offsets, data = string_buffers(ids)
        pairs, sizes = np.zeros((2, self._number), np.int64)
        count_shares(numbers, ends, offsets, self._shift, pairs, sizes)
        heads_at, texts_at = _starts(pairs), _starts(sizes)
        heads, texts = self._room(int(heads_at[-1]), int(texts_at[-1]))
        deal_texts(
            numbers, ends, first, offsets, data, self._shift, heads, texts,
            heads_at[:-1].copy(), texts_at[:-1].copy(),
        )  # fmt: skip
        for share in np.flatnonzero(pairs).tolist():
            self._heads[share].write(heads[heads_at[share] : heads_at[share + 1]].data)
            self._texts[share].write(texts[texts_at[share] : texts_at[share + 1]].data)

    def _room(self, pairs: int, size: int) -> tuple[Places, Bytes]:
        """Give room that is used again and again: it is written to the files before it is wanted the next time."""
        if len(self._room_for_heads) < pairs:
            self._room_for_heads = np.empty((pairs, 3), np.uint32)
        if len(self._room_for_texts) < size:
            self._room_for_texts = np.empty(size, np.uint8)
        return self._room_for_heads, self._room_for_texts

    def groups(self) -> Iterator[Group]:
        """Give all members' records in order, share by share; each share's files are removed then."""
        self._files.close()
        for share in range(self._number):
            paths = [self._path(share, kind) for kind in ("heads", "texts")]
            heads = np.fromfile(paths[0], np.uint32).reshape(-1, 3)
            texts = np.fromfile(paths[1], np.uint8)
            for path in paths:
                path.unlink()
            lowest = share << self._shift
            members = min(self._members - lowest, 1 << self._shift)
            yield _grouped(heads, texts, lowest, members)

    def _path(self, share: int, kind: str) -> Path:
        return self._folder / f"share-{share:03}.{kind}"


def _grouped(heads: Places, texts: Bytes, first: int, members: int) -> Group:
    whose = (heads[:, 0] - np.uint32(first)).astype(np.uint64)
    # Member and place in one number: sorted, they are in order, and what is said twice is side by side.
    both = np.sort(whose << _HALF | heads[:, 1])
    both = both[np.concatenate((both[:1] == both[:1], both[1:] != both[:-1]))]
    place_ends = np.searchsorted(both, np.arange(1, members + 1, dtype=np.uint64) << _HALF)
    # Likewise member and the first bits of the text that find room, by which nearly all texts are in order.
    bits = max(1, (members - 1).bit_length())
    starts, keys = np.empty(len(heads) + 1, np.int64), np.empty(len(heads), np.uint64)
    shared, last = text_keys(heads, texts, first, bits, starts, keys)
    keys.sort()
    order = np.empty(len(heads), np.int64)
    order_ties(heads, texts, starts, keys, shared, last, order)
    counts, packed_ends = np.zeros(members, np.int64), np.zeros(members, np.int64)
    packed = np.empty(len(texts) + _LENGTH * len(heads), np.uint8)
    pack_texts(texts, starts, keys, order, bits, counts, packed, packed_ends)
    view, edges = packed.data, [0, *np.maximum.accumulate(packed_ends).tolist()]
    return Group(
        first=first,
        counts=counts,
        places=(both & _LOW).astype(np.uint32),
        place_ends=place_ends,
        lists=[view[low:high] for low, high in pairwise(edges)],
    )


def _starts(sizes: Ints) -> Ints:
    starts = np.zeros(len(sizes) + 1, np.int64)
    np.cumsum(sizes, out=starts[1:])
    return starts
