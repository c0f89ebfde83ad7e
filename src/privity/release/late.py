# SPDX-License-Identifier: Apache-2.0
"""Facts that come while a set is made: which of its records they refuse (docs/clearing.md, "On a ledger").

Making a set takes minutes, and a member may say no meanwhile. Whoever says so has few records in it: they are
found by an index of the parties of what was permitted, decided again with all facts, and taken out, with
whatever quotes them. What was refused stays refused.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from privity.decide.bits import REASON_MASK
from privity.decide.lookup import Keys, record_keys
from privity.decide.quotes import quotes_of
from privity.members.facts import MemberId, as_number
from privity.release.decided import COPY, Chunk, Decided, put_together, whole

Ints = npt.NDArray[np.int64]
Words = npt.NDArray[np.uint64]
Decide = Callable[[pa.Table], Words]
"""Gives the own words of records, by all facts."""

_REASONS: Final = np.uint64(REASON_MASK)


@dataclass(frozen=True, slots=True)
class _Index:
    """Rows by key; rows of other keys may be among what is found, where keys are hashes."""

    keys: Keys
    rows: Ints

    @classmethod
    def of(cls, keys: list[Keys], rows: list[Ints]) -> _Index:
        both = np.concatenate(keys) if keys else np.empty(0, np.uint64)
        order = np.argsort(both)
        return cls(
            both[order], (np.concatenate(rows) if rows else np.empty(0, np.int64))[order]
        )

    def find(self, keys: Keys) -> Ints:
        """Give the rows of some keys, ascending, each once."""
        found: Ints = np.unique(self.pairs(keys)[1])
        return found

    def pairs(self, keys: Keys) -> tuple[Ints, Ints]:
        """Give which of some keys is found in which row: places among the keys, and rows."""
        first = np.searchsorted(self.keys, keys, side="left")
        counts = np.searchsorted(self.keys, keys, side="right") - first
        which = np.repeat(np.arange(len(keys)), counts)
        within = np.arange(len(which)) - np.repeat(np.cumsum(counts) - counts, counts)
        return which, self.rows[np.repeat(first, counts) + within]


class Late:
    """The records of a set that are taken out again.

    Args:
        decided: The run that permitted them; it has to stay open.
        seed: For the keys of string ids: unpredictable.
    """

    def __init__(self, decided: Decided, seed: int) -> None:
        self._decided = decided
        self._seed = seed
        self._kept: dict[int, Ints] = {}
        self._firsts = np.array([chunk.first for chunk in decided.chunks], np.int64)
        permitted: list[Ints] = []
        parties: tuple[list[Keys], list[Ints]] = ([], [])
        quotes: tuple[list[Keys], list[Ints]] = ([], [])
        for chunk in decided.chunks:
            rows, table = self._permitted(chunk)
            permitted.append(rows)
            for keys, at in _parties(table, rows, seed):
                parties[0].append(keys)
                parties[1].append(at)
            quoted = quotes_of(0, whole(table.column("quotes")), seed)
            quotes[0].append(quoted.keys)
            quotes[1].append(rows[quoted.rows])
        self._all = np.concatenate(permitted) if permitted else np.empty(0, np.int64)
        self._words = np.zeros(len(self._all), np.uint64)
        self._own = np.zeros(len(self._all), np.bool_)
        self._copied = np.zeros(len(self._all), np.bool_)
        self._named: list[tuple[Ints, pa.Array]] = []
        self._by_party = _Index.of(*parties)
        self._by_quoted = _Index.of(*quotes)

    def reconsider(self, members: Iterable[MemberId], decide: Decide) -> int:
        """Decide the records of members again, and take out what is refused now.

        Args:
            members: Of whom something new is known.
            decide: Decides by everything that is known.

        Returns:
            How many records were decided again.
        """
        if not len(self._all):
            return 0
        rows = self._staying(self._by_party.find(self._member_keys(members)))
        if not len(rows):
            return 0
        table = self.table_of(rows)
        words = decide(table) & _REASONS
        refused = np.flatnonzero(words)
        self._own[np.searchsorted(self._all, rows[refused])] = True
        self._refuse(rows[refused], words[refused])
        self._refuse_copies()
        return len(rows)

    def table_of(self, rows: Ints) -> pa.Table:
        """Give the columns but the payload of permitted rows, which ascend."""
        chunk_of = np.searchsorted(self._firsts, rows, side="right") - 1
        tables = []
        for number in np.unique(chunk_of).tolist():
            chunk = self._decided.chunks[number]
            kept = self._kept_rows(chunk)
            places = np.searchsorted(kept, rows[chunk_of == number])
            tables.append(self._decided.kept.read(chunk.first).take(pa.array(places)))
        return put_together(tables)

    @property
    def count(self) -> int:
        """How many records are taken out."""
        return int(np.count_nonzero(self._words))

    def places(self) -> Ints:
        """Give where those that are taken out stand among all that were permitted at first."""
        return np.flatnonzero(self._words)

    def rows(self) -> Ints:
        """Give the rows that are taken out, ascending."""
        found: Ints = self._all[self.places()]
        return found

    def words(self) -> Words:
        """Give what refuses each of them; those that quote another have its reasons, too."""
        return self._words[self.places()]

    def own(self) -> npt.NDArray[np.bool_]:
        """Tell of each of them whether its own parties refuse it, and not only what it quotes."""
        return self._own[self.places()]

    def copied(self) -> npt.NDArray[np.bool_]:
        """Tell of each of them whether it was taken out as a copy, before anything else refused it."""
        return self._copied[self.places()]

    def reported(self) -> int:
        """Count the records that stay, and are reported as copies of what is refused now."""
        copies = self._decided.copies
        if copies is None:
            return 0
        private = copies.found.private
        at_first = private[self._decided.words.at(private) & _REASONS != 0]
        refused = np.union1d(at_first, np.intersect1d(private, self.rows()))
        return len(self._permitted_of(copies.found.copies(refused, refusing=False)))

    def ids(self) -> pa.Array:
        """Give the ids of the records that are taken out, in the order of their rows."""
        if not self._named:
            return pa.array([], pa.string())
        # They were read when the rows were taken out: a row whose reasons became more has several.
        rows, first = np.unique(
            np.concatenate([one for one, _ in self._named]), return_index=True
        )
        assert len(rows) == self.count  # noqa: S101 - each row that is taken out was named
        return pa.concat_arrays([ids for _, ids in self._named]).take(pa.array(first))

    def with_quoters(self, rows: Ints) -> Ints:
        """Add the permitted rows that quote some or are refused as copies of some, to any depth."""
        found = fresh = np.unique(rows)
        while len(fresh):
            _, quoting = self._by_quoted.pairs(self._ids_of(fresh))
            fresh = np.setdiff1d(np.union1d(quoting, self._copies_of(fresh)), found)
            found = np.union1d(found, fresh)
        return found

    def _refuse(self, rows: Ints, words: Words) -> None:
        """Take rows out, and then what quotes them, to any depth."""
        while len(rows):
            self._words[np.searchsorted(self._all, rows)] |= words
            ids = whole(self.table_of(rows).column("record_id"))
            self._named.append((rows, ids))
            which, quoting = self._by_quoted.pairs(record_keys(ids, self._seed))
            joined = np.zeros(len(self._all), np.uint64) if len(quoting) else self._words[:0]
            np.bitwise_or.at(joined, np.searchsorted(self._all, quoting), words[which])
            places = np.flatnonzero(joined & ~self._words) if len(quoting) else which
            rows, words = self._all[places], joined[places]

    def _refuse_copies(self) -> None:
        """Take out what has the text of a private record in it that is out, until nothing more is."""
        while len(rows := self._copies_of(self.rows())):
            self._copied[np.searchsorted(self._all, rows)] = True
            self._refuse(rows, np.full(len(rows), COPY, np.uint64))

    def _copies_of(self, rows: Ints) -> Ints:
        """Give the rows that stay and have the text of one of these in them."""
        copies = self._decided.copies
        if copies is None:
            return rows[:0]
        return self._permitted_of(copies.found.copies(rows, refusing=True))

    def _permitted_of(self, rows: Ints) -> Ints:
        """Give those of some rows that were permitted at first, and stay."""
        return self._staying(np.intersect1d(rows, self._all, assume_unique=True))

    def _staying(self, rows: Ints) -> Ints:
        staying: Ints = rows[self._words[np.searchsorted(self._all, rows)] == 0]
        return staying

    def _ids_of(self, rows: Ints) -> Keys:
        return record_keys(whole(self.table_of(rows).column("record_id")), self._seed)

    def _permitted(self, chunk: Chunk) -> tuple[Ints, pa.Table]:
        """Give the rows of a chunk that are permitted, and their columns."""
        kept = self._kept_rows(chunk)
        table = self._decided.kept.read(chunk.first)
        permitted = np.isin(kept - chunk.first, np.flatnonzero(self._decided.permitted(chunk)))
        return kept[permitted], table.filter(pa.array(permitted))

    def _kept_rows(self, chunk: Chunk) -> Ints:
        """Give the rows of a chunk that were kept: their own words permit them."""
        if chunk.first not in self._kept:
            end = chunk.first + chunk.rows
            rows = np.flatnonzero(self._decided.permitted(chunk)) + chunk.first
            refused = self._decided.joined.refused_between(chunk.first, end)
            self._kept[chunk.first] = np.sort(np.concatenate((rows, refused)))
        return self._kept[chunk.first]

    def _member_keys(self, members: Iterable[MemberId]) -> Keys:
        kind = self._decided.chunks[0].file.schema.field("author").type
        if pa.types.is_string(kind):
            return record_keys(pa.array(map(str, members), kind), self._seed)
        numbers = [number for one in members if (number := as_number(one)) is not None]
        return record_keys(pa.array(numbers, kind), self._seed)


def permitted_tables(decided: Decided) -> Iterator[tuple[Ints, pa.Table]]:
    """Give the rows that are permitted, and their columns but the payload, chunk by chunk."""
    for chunk in decided.chunks:
        table = decided.kept.read(chunk.first)
        end = chunk.first + chunk.rows
        rows = np.flatnonzero(decided.permitted(chunk)) + chunk.first
        refused = decided.joined.refused_between(chunk.first, end)
        kept = np.sort(np.concatenate((rows, refused)))
        yield rows, table.filter(pa.array(np.isin(kept, rows)))


def _parties(table: pa.Table, rows: Ints, seed: int) -> list[tuple[Keys, Ints]]:
    """Give the keys of authors and of addressees, with the row of each."""
    author = whole(table.column("author"))
    known = author.is_valid().to_numpy(zero_copy_only=False)
    named = quotes_of(0, whole(table.column("recipients")), seed)
    return [
        (record_keys(author.filter(pa.array(known)), seed), rows[known]),
        (named.keys, rows[named.rows]),
    ]
