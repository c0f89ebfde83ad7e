# SPDX-License-Identifier: Apache-2.0
"""Quotes and duplicates over all records of a run: what one record's word adds to another's.

Records come in pieces, once; what is kept of each is a 64-bit key. A key only finds candidates: integers
are their own keys, and strings are compared as such before anything is concluded. The reasons and
obligations of a quoted record join its quoter's, to any depth and in rings (specs/decision.md part 1).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Final, Protocol, TypeVar

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from privity.decide.bits import BIT, REASON_MASK
from privity.decide.kernel.ids import find_numbers, find_wanted, gather_repeated
from privity.decide.kernel.rows import join_quotes
from privity.decide.lookup import Keys, key_table, record_keys

Ints = npt.NDArray[np.int64]
Words = npt.NDArray[np.uint64]
Number = TypeVar("Number", np.int64, np.uint64)

_BLOCK: Final = 1 << 20
_REASONS: Final = np.uint64(REASON_MASK)


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
        marked: Shape (records): those, with what they are themselves: duplicates, quoters of what is lost.
        words: Shape (records): their words with all that joins them.
        duplicates: How many rows share their id with another.
    """

    rows: Ints
    before: Words
    marked: Words
    words: Words
    duplicates: int

    def refused_between(self, first: int, end: int) -> Ints:
        """Give the rows from `first` and before `end` that only quotes or duplicates refuse."""
        low, high = np.searchsorted(self.rows, (first, end))
        only = (self.before[low:high] & _REASONS == 0) & (self.words[low:high] & _REASONS != 0)
        found: Ints = self.rows[low:high][only]
        return found


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
    ids_of: Callable[[Ints], pa.Array] | None,
    threads: int = 1,
    *,
    marks: tuple[Ints, int] | None = None,
) -> Joined:
    """Find duplicates and quoted records, and join the words.

    Args:
        store: The keys of all rows.
        quotes: All quotes, by rows of the store.
        words_of: Gives the own words of rows, which ascend.
        ids_of: Gives the ids of rows, which ascend; None where ids are integers, their own keys.
        threads: How many threads may look.
        marks: Rows, ascending, and what they have besides that is not in their own words; or None.
    """
    marked, besides = (np.empty(0, np.int64), 0) if marks is None else marks
    asked = np.concatenate([one.keys for one in quotes]) if quotes else np.empty(0, np.uint64)
    asked_at, there, found, place_of = _candidates(store, asked, threads)
    quoting = _concatenated([one.rows for one in quotes])
    rows = _distinct(np.concatenate((found, quoting, marked)))
    if not len(rows):
        none = np.empty(0, np.uint64)
        return Joined(rows=rows, before=none, marked=none, words=none, duplicates=0)
    if ids_of is None:
        lost = np.concatenate(
            [np.empty(0, np.bool_)]
            + [one.ids.is_null().to_numpy(zero_copy_only=False) for one in quotes]
        )
        # Integers are their own keys, and the places of these are numbers as good as any.
        code, quoted = place_of, np.where(there[asked_at] & ~lost, asked_at, -1)
    else:
        code, quoted = _number(ids_of(found), [one.ids for one in quotes])
    before = words_of(rows)
    words = before.copy()
    words[np.searchsorted(rows, marked)] |= np.uint64(besides)
    place = np.searchsorted(rows, found)
    shared = np.bincount(code, minlength=1)[code] > 1 if len(code) else np.empty(0, np.bool_)
    words[place[shared]] |= np.uint64(BIT["duplicate-record"])
    quoter = np.searchsorted(rows, quoting)
    words[quoter[quoted < 0]] |= np.uint64(BIT["unknown-quote"])
    known = quoted >= 0
    # An id stands between the rows that have it and those that quote it.
    between = len(rows) + np.arange(int(code.max(initial=-1)) + 1)
    nodes = np.concatenate((words, np.zeros(len(between), np.uint64)))
    join_quotes(
        np.concatenate((between[code], quoter[known])),
        np.concatenate((place, between[quoted[known]])),
        nodes,
    )
    return Joined(
        rows=rows,
        before=before,
        marked=words,
        words=nodes[: len(rows)],
        duplicates=int(shared.sum()),
    )


def _blocks(store: Keyed) -> Iterator[tuple[int, Keys]]:
    for first in range(0, store.rows, _BLOCK):
        yield first, store.read(first, min(_BLOCK, store.rows - first))


def _candidates(
    store: Keyed, asked: Keys, threads: int
) -> tuple[Ints, npt.NDArray[np.bool_], Ints, Ints]:
    """Find the rows whose key is quoted or stands more than once.

    Returns:
        The place of each key asked for, among those looked for; whether each of these is some row's; the rows
        found, ascending; the place of each one's key.
    """
    wanted = _distinct(np.concatenate((asked, _repeated(store))))
    if not len(wanted):
        none = np.empty(0, np.int64)
        return none, np.empty(0, np.bool_), none, none
    table, marks = key_table(wanted), _marks(len(wanted))
    gather_repeated(wanted, marks, np.empty(len(wanted), np.uint64))
    asked_at = np.empty(len(asked), np.int64)
    find_numbers(asked.view(np.int64), *table, asked_at)
    quoted = np.zeros(len(wanted), np.bool_)
    quoted[asked_at] = True

    def look(block: tuple[int, Keys]) -> tuple[Ints, Ints]:
        first, keys = block
        rows, places = np.empty(len(keys), np.int64), np.empty(len(keys), np.int64)
        count = find_wanted(keys, *table, marks, rows, places)
        return rows[:count] + first, places[:count]

    with ThreadPoolExecutor(threads) as pool:
        parts = list(pool.map(look, _blocks(store)))
    rows, places = (_concatenated([part[column] for part in parts]) for column in range(2))
    times = np.bincount(places, minlength=len(wanted))
    kept = quoted[places] | (times[places] > 1)
    return asked_at, times > 0, rows[kept], places[kept]


def _repeated(store: Keyed) -> Keys:
    """Give every key that stands more than once, and a few that do not."""
    marks = _marks(store.rows)
    found = np.empty(min(_BLOCK, store.rows), np.uint64)
    parts = [found[: gather_repeated(keys, marks, found)].copy() for _, keys in _blocks(store)]
    return np.concatenate(parts) if parts else np.empty(0, np.uint64)


def _marks(keys: int) -> Words:
    """Give an empty table of bits, about 16 for each key, at most 128 MiB."""
    words = 1 << min(24, max(4, (keys // 4).bit_length()))
    return np.zeros(words, np.uint64)


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


def _distinct(values: npt.NDArray[Number]) -> npt.NDArray[Number]:
    """Give the distinct values, ascending; sorting beats the hashing of `numpy.unique` here."""
    ordered = np.sort(values)
    first = np.ones(len(ordered), np.bool_)
    first[1:] = ordered[1:] != ordered[:-1]
    return ordered[first]


def _concatenated(parts: list[Ints]) -> Ints:
    return np.concatenate(parts) if parts else np.empty(0, np.int64)
