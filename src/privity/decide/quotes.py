# SPDX-License-Identifier: Apache-2.0
"""Quotes and duplicates over all records of a run: what one record's word adds to another's.

Records come in pieces, once; what is kept of each is a 64-bit key. A key only finds candidates: integers
are their own keys, and strings are compared as such before anything is concluded. The reasons and
obligations of a quoted record join its quoter's, to any depth and in rings (specs/decision.md part 6).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Final, Protocol

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from privity.decide.bits import BIT
from privity.decide.kernel.rows import join_quotes
from privity.decide.lookup import Keys, find_keys, key_table, record_keys

Ints = npt.NDArray[np.int64]
Words = npt.NDArray[np.uint64]

_BLOCK: Final = 1 << 20
_SORTED: Final = 1 << 22
"""Keys are sorted about so many at a time."""
_GOLDEN: Final = np.uint64(0x9E3779B97F4A7C15)


@dataclass(frozen=True, slots=True)
class Quotes:
    """The quotes of some records.

    Attributes:
        rows: Shape (quotes): the row that quotes.
        ids: Shape (quotes): the id that it quotes; null is one that is lost.
        keys: Shape (quotes): the ids' keys.
    """

    rows: Ints
    ids: pa.Array
    keys: Keys


@dataclass(frozen=True, slots=True)
class Joined:
    """What quotes and duplicates make of the words of some records.

    Attributes:
        rows: Shape (records): their rows, ascending.
        before: Shape (records): their own words.
        words: Shape (records): their words with all that joins them.
        duplicates: How many rows share their id with another.
    """

    rows: Ints
    before: Words
    words: Words
    duplicates: int


class Keyed(Protocol):
    """Where the keys of all rows are kept.

    Attributes:
        rows: How many rows.
    """

    rows: int

    def write(self, first: int, keys: Keys) -> None:
        """Keep the keys of the rows from `first` on."""
        ...

    def read(self, first: int, count: int) -> Keys:
        """Give the keys of some rows."""
        ...


class KeyStore:
    """Keys in memory; `release.spool` keeps them on disk.

    Args:
        rows: How many rows there will be.
    """

    def __init__(self, rows: int) -> None:
        self.rows = rows
        self.keys: Keys = np.empty(rows, np.uint64)

    def write(self, first: int, keys: Keys) -> None:
        """Keep the keys of the rows from `first` on."""
        self.keys[first : first + len(keys)] = keys

    def read(self, first: int, count: int) -> Keys:
        """Give the keys of some rows."""
        return self.keys[first : first + count]


def quotes_of(first: int, quotes: pa.Array, seed: int) -> Quotes:
    """Gather the quotes of the rows from `first` on; a null list quotes nothing."""
    lengths = pc.fill_null(pc.list_value_length(quotes), 0).to_numpy(zero_copy_only=False)
    ids = pc.list_flatten(quotes)
    filled = pc.fill_null(ids, "" if pa.types.is_string(ids.type) else 0)
    return Quotes(
        rows=np.repeat(np.arange(first, first + len(quotes)), lengths),
        ids=ids,
        keys=record_keys(filled, seed),
    )


def join(
    store: Keyed,
    quotes: list[Quotes],
    words_of: Callable[[Ints], Words],
    ids_of: Callable[[Ints], pa.Array],
) -> Joined:
    """Find duplicates and quoted records, and join the words.

    Args:
        store: The keys of all rows.
        quotes: All quotes, by rows of the store.
        words_of: Gives the own words of rows, which ascend.
        ids_of: Gives the ids of rows, which ascend.
    """
    wanted = np.unique(
        np.concatenate([_repeated(store), *(one.keys for one in quotes)])
        if quotes
        else _repeated(store)
    )
    found = _rows_with(store, wanted)
    quoting = _concatenated([one.rows for one in quotes])
    rows = np.union1d(found, quoting)
    if not len(rows):
        none = np.empty(0, np.uint64)
        return Joined(rows=rows, before=none, words=none, duplicates=0)
    code, quoted = _number(ids_of(found), [one.ids for one in quotes])
    before = words_of(rows)
    words = before.copy()
    place = np.searchsorted(rows, found)
    shared = np.bincount(code, minlength=1)[code] > 1 if len(code) else np.empty(0, np.bool_)
    words[place[shared]] |= np.uint64(BIT["duplicate-record"])
    quoter = np.searchsorted(rows, quoting)
    words[quoter[quoted < 0]] |= np.uint64(BIT["unknown-quote"])
    known = quoted >= 0
    # An id stands between the rows that have it and those that quote it.
    ids = len(rows) + np.arange(int(code.max(initial=-1)) + 1)
    nodes = np.concatenate((words, np.zeros(len(ids), np.uint64)))
    join_quotes(
        np.concatenate((ids[code], quoter[known])),
        np.concatenate((place, ids[quoted[known]])),
        nodes,
    )
    return Joined(
        rows=rows, before=before, words=nodes[: len(rows)], duplicates=int(shared.sum())
    )


def _blocks(store: Keyed) -> Iterator[tuple[int, Keys]]:
    for first in range(0, store.rows, _BLOCK):
        yield first, store.read(first, min(_BLOCK, store.rows - first))


def _repeated(store: Keyed) -> Keys:
    """Give the keys that stand more than once, a share of all keys at a time."""
    shares = 1 << max(0, (store.rows // _SORTED).bit_length())
    shift = np.uint64(64 - (shares.bit_length() - 1))
    found = []
    for share in range(shares):
        parts = [
            keys if shares == 1 else keys[(keys * _GOLDEN) >> shift == np.uint64(share)]
            for _, keys in _blocks(store)
        ]
        keys = np.sort(np.concatenate(parts)) if parts else np.empty(0, np.uint64)
        found.append(np.unique(keys[1:][keys[1:] == keys[:-1]]))
    return np.concatenate(found)


def _rows_with(store: Keyed, wanted: Keys) -> Ints:
    """Give the rows whose key is wanted, ascending."""
    if not len(wanted):
        return np.empty(0, np.int64)
    table = key_table(wanted)
    return _concatenated(
        [np.flatnonzero(find_keys(keys, table) >= 0) + first for first, keys in _blocks(store)]
    )


def _number(ids: pa.Array, quoted: list[pa.Array]) -> tuple[Ints, Ints]:
    """Number the ids of rows; give the number of each, and of each quoted id, or -1.

    A quoted id that no row has is -1, like one that is lost.
    """
    encoded = ids.dictionary_encode()
    numbers = encoded.indices.to_numpy(zero_copy_only=False).astype(np.int64)
    if not quoted:
        return numbers, np.empty(0, np.int64)
    found = [
        pc.fill_null(
            pc.if_else(one.is_null(), None, pc.index_in(one, encoded.dictionary)), -1
        ).to_numpy(zero_copy_only=False)
        for one in [pa.concat_arrays(quoted)]
    ]
    return numbers, found[0].astype(np.int64)


def _concatenated(parts: list[Ints]) -> Ints:
    return np.concatenate(parts) if parts else np.empty(0, np.int64)
