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
    deal_texts,
    order_ties,
    pack_texts,
    text_words,
)
from privity.decide.lookup import string_buffers

Ints = npt.NDArray[np.int64]
Places = npt.NDArray[np.uint32]

SHARE: Final = 1 << 18
"""Records of a share, about: each takes some 100 bytes while it is put in order."""
_MOST: Final = 256
_BUFFER: Final = 1 << 17
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
        self._members = members
        self._number = max(1, min(-(-pairs // SHARE), _MOST, members))
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

    def add(self, ranks: Ints, rows: Ints, ids: pa.Array, first: int) -> None:
        """Add the records of some rows.

        Args:
            ranks: Shape (pairs): whose; 0 to the number of members.
            rows: Shape (pairs): which row, ascending.
            ids: Shape (rows): the records' ids, as text.
            first: The place of the first row.
        """
        offsets, data = string_buffers(ids)
        shares = ranks * self._number // self._members
        heads = np.empty((len(ranks), 3), np.uint32)
        lengths = np.diff(offsets)[rows]
        heads_at = _starts(np.bincount(shares, minlength=self._number))
        sizes = np.bincount(shares, weights=lengths, minlength=self._number)
        texts_at = _starts(sizes.astype(np.int64))
        texts = np.empty(int(texts_at[-1]), np.uint8)
        deal_texts(
            shares, ranks, rows, first, offsets, data, heads, texts,
            heads_at[:-1].copy(), texts_at[:-1].copy(),
        )  # fmt: skip
        for share in range(self._number):
            low, high = heads_at[share], heads_at[share + 1]
            if low < high:
                self._heads[share].write(heads[low:high].data)
                self._texts[share].write(texts[texts_at[share] : texts_at[share + 1]].data)

    def groups(self) -> Iterator[Group]:
        """Give all members' records in order, share by share; each share's files are removed then."""
        self._files.close()
        for share in range(self._number):
            paths = [self._path(share, kind) for kind in ("heads", "texts")]
            heads = np.fromfile(paths[0], np.uint32).reshape(-1, 3)
            texts = np.fromfile(paths[1], np.uint8)
            for path in paths:
                path.unlink()
            edges = [-(-one * self._members // self._number) for one in (share, share + 1)]
            yield _grouped(heads, texts, edges[0], edges[1] - edges[0])

    def _path(self, share: int, kind: str) -> Path:
        return self._folder / f"share-{share:03}.{kind}"


def _grouped(heads: Places, texts: npt.NDArray[np.uint8], first: int, members: int) -> Group:
    whose = (heads[:, 0] - np.uint32(first)).astype(np.uint64)
    # Member and place in one number: sorted, they are in order, and what is said twice is side by side.
    both = np.sort(whose << _HALF | heads[:, 1])
    both = both[np.concatenate((both[:1] == both[:1], both[1:] != both[:-1]))]
    place_ends = np.searchsorted(both, np.arange(1, members + 1, dtype=np.uint64) << _HALF)
    starts, words = np.empty(len(heads), np.int64), np.empty(len(heads), np.uint64)
    shared = text_words(heads, texts, starts, words)
    # Likewise member and the first bits of the text that find room, by which nearly all texts are in order.
    bits = max(1, members.bit_length())
    keys = whose << np.uint64(64 - bits) | words >> np.uint64(bits)
    order = np.argsort(keys)
    order_ties(heads, texts, starts, keys, order, shared + (64 - bits) // 8)
    counts, packed_ends = np.zeros(members, np.int64), np.zeros(members, np.int64)
    packed = np.empty(len(texts) + _LENGTH * len(heads), np.uint8)
    pack_texts(heads, texts, starts, order, first, counts, packed, packed_ends)
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
