# SPDX-License-Identifier: Apache-2.0
"""Which records of a release are no longer permitted: they are *due* (specs/release.md, part 6).

A release keeps the decision columns of its records in the vault, one file beside each file of its table, row by row.
Of these alone the records of some members are decided again, or all where a rule changed; whatever quotes a record
that is due is due as well, to any depth. Nothing here opens a table or knows a log.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Final, TypeVar

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from privity.decide.bits import BIT, REASON_MASK
from privity.decide.many import PARTY_COLUMNS
from privity.errors import VerificationError, Where
from privity.members.facts import MemberId, as_number
from privity.release.decided import COLUMNS, put_together, whole

Ints = npt.NDArray[np.int64]
Words = npt.NDArray[np.uint64]
Flags = npt.NDArray[np.bool_]
Decide = Callable[[pa.Table], Words]
"""Gives the own words of records, by all that is known now."""

Found = TypeVar("Found")

_REASONS: Final = np.uint64(REASON_MASK)
_QUOTED: Final = "quotes.list."
_PARTIES: Final = ("author", "recipients")


@dataclass(frozen=True, kw_only=True, slots=True)
class DueFile:
    """The records of one file that are due.

    Attributes:
        name: The file's name, in the table as in the vault.
        rows: Shape (records): their rows in the file, ascending.
        words: Shape (records): why, with the reasons of what they quote.
        table: Their decision columns, in the same order.
    """

    name: str
    rows: Ints
    words: Words
    table: pa.Table

    @property
    def ids(self) -> pa.Array:
        """The ids of the records, in the order of the rows."""
        return whole(self.table.column("record_id"))


@dataclass(frozen=True, slots=True)
class _Group:
    """A row group of a file of decision columns: the least that is read at once."""

    path: Path
    file: int
    number: int
    first: int
    rows: int
    quotes: bool

    def read(self, columns: Sequence[str]) -> pa.Table:
        with pq.ParquetFile(self.path) as file:
            return file.read_row_group(self.number, columns=list(columns), use_threads=False)


def due_files(
    folder: Path,
    live: Mapping[str, int],
    decide: Decide,
    *,
    members: Collection[MemberId] | None = None,
    among: Collection[str] | None = None,
    threads: int = 2,
) -> tuple[DueFile, ...]:
    """Find the records of a release that are refused now ([REL-100], [REL-101]).

    Args:
        folder: Where the decision columns of its files lie.
        live: The files that are live, in order, with how many records each has.
        decide: Decides records; called from several threads where all are decided.
        members: Whose records are decided again; None is everybody's.
        among: The files that have records of these members, or more; None is not known.
        threads: How many row groups are read at once.

    Returns:
        The files with records that are due, in order.

    Raises:
        VerificationError: A file has other than its table's number of records (`workspace/release`).
        OSError: A file cannot be read.
    """
    names = tuple(live)
    groups = tuple(_groups(folder, live))
    release = _Release(groups, threads)
    if members is None:
        found = release.decided(decide)
    else:
        looked = [one for one in groups if among is None or names[one.file] in among]
        found = release.decided_of(looked, members, decide)
    rows, words = release.with_quoters(*found, everything=members is None)
    return tuple(release.files(names, rows, words))


class _Release:
    """The decision columns of a release; rows are numbered through its files.

    Args:
        groups: Its row groups, in order.
        threads: How many are read at once.
    """

    def __init__(self, groups: Sequence[_Group], threads: int) -> None:
        self._groups = groups
        self._threads = threads

    def decided(self, decide: Decide) -> tuple[Ints, Words]:
        """Give the rows that are refused by their own words, and these words."""

        def one(group: _Group) -> tuple[Ints, Words]:
            words = decide(group.read(PARTY_COLUMNS)) & _REASONS
            refused = np.flatnonzero(words)
            return refused + group.first, words[refused]

        return _joined(self._each(one, self._groups))

    def decided_of(
        self, groups: Sequence[_Group], members: Collection[MemberId], decide: Decide
    ) -> tuple[Ints, Words]:
        """Give the rows of members that are refused by their own words, and these words."""

        def one(group: _Group) -> tuple[Ints, pa.Table | None]:
            rows = np.flatnonzero(_of_members(group.read(_PARTIES), members))
            if not len(rows):
                return rows, None
            return rows + group.first, group.read(PARTY_COLUMNS).take(pa.array(rows))

        found = [(rows, table) for rows, table in self._each(one, groups) if table is not None]
        if not found:
            return np.empty(0, np.int64), np.empty(0, np.uint64)
        # All at once: whoever decides looks up what is known of all their parties.
        words = decide(put_together([table for _, table in found])) & _REASONS
        rows = np.concatenate([some for some, _ in found])
        refused = np.flatnonzero(words)
        return rows[refused], words[refused]

    def with_quoters(self, rows: Ints, words: Words, *, everything: bool) -> tuple[Ints, Words]:
        """Add what quotes them, with their reasons, to any depth; rows ascend.

        Where everything is decided, also what quotes a record that is not in the release.
        """
        if not (len(rows) or everything):
            return rows, words
        quoting = self._quoting()
        if everything:
            lost = self._lost(quoting)
            bits = np.full(len(lost), BIT["unknown-quote"], np.uint64)
            rows, words = _merged(rows, words, lost, bits)
        fresh, bits = rows, words
        while len(fresh) and quoting.num_rows:
            place = pc.index_in(quoting.column("quoted"), value_set=self._ids(fresh))
            hit = place.is_valid().to_numpy(zero_copy_only=False)
            quoters = quoting.column("row").to_numpy()[hit]
            joined = bits[pc.drop_null(place).to_numpy(zero_copy_only=False)]
            before = _words_at(rows, words, quoters)
            new = joined & ~before != 0
            rows, words = _merged(rows, words, quoters[new], joined[new])
            fresh = np.unique(quoters[new])
            bits = _words_at(rows, words, fresh)
        return rows, words

    def files(self, names: Sequence[str], rows: Ints, words: Words) -> Iterator[DueFile]:
        """Put rows together by their files, with their decision columns."""
        first = 0
        for number, name in enumerate(names):
            groups = [one for one in self._groups if one.file == number]
            end = first + sum(one.rows for one in groups)
            low, high = np.searchsorted(rows, (first, end))
            if low < high:
                mine = rows[low:high]
                yield DueFile(
                    name=name, rows=mine - first, words=words[low:high], table=self._table(mine)
                )
            first = end

    def _quoting(self) -> pa.Table:
        """Give who quotes what: the row, and the id that it quotes; null is one that is lost."""

        def one(group: _Group) -> pa.Table:
            quotes = whole(group.read(["quotes"]).column("quotes"))
            lengths = pc.fill_null(pc.list_value_length(quotes), 0).to_numpy(
                zero_copy_only=False
            )
            rows = np.repeat(np.arange(group.first, group.first + len(quotes)), lengths)
            return pa.table({"row": rows, "quoted": pc.list_flatten(quotes)})

        some = list(self._each(one, [group for group in self._groups if group.quotes]))
        if not some:
            return pa.table({"row": np.empty(0, np.int64), "quoted": pa.nulls(0)})
        return pa.concat_tables(some).combine_chunks()

    def _lost(self, quoting: pa.Table) -> Ints:
        """Give the rows that quote what is not in the release."""
        if not quoting.num_rows:
            return np.empty(0, np.int64)
        wanted = whole(pc.drop_null(quoting.column("quoted"))).unique()

        def one(group: _Group) -> pa.Array:
            ids = whole(group.read(["record_id"]).column("record_id"))
            return ids.filter(pc.is_in(ids, value_set=wanted))

        there = pa.concat_arrays([*self._each(one, self._groups)])
        quoted = quoting.column("quoted")
        known = pc.and_(pc.is_valid(quoted), pc.is_in(quoted, value_set=there))
        lost = quoting.column("row").to_numpy()[~np.asarray(known, np.bool_)]
        rows: Ints = np.unique(lost)
        return rows

    def _ids(self, rows: Ints) -> pa.Array:
        return whole(self._table(rows, ("record_id",)).column("record_id"))

    def _table(self, rows: Ints, columns: Sequence[str] = COLUMNS) -> pa.Table:
        """Give columns of rows, which ascend."""

        def one(group: _Group) -> pa.Table:
            low, high = np.searchsorted(rows, (group.first, group.first + group.rows))
            return group.read(columns).take(pa.array(rows[low:high] - group.first))

        ends = np.array([one.first + one.rows for one in self._groups], np.int64)
        which = np.unique(np.searchsorted(ends, rows, side="right")).tolist()
        return put_together([*self._each(one, [self._groups[place] for place in which])])

    def _each(
        self, one: Callable[[_Group], Found], groups: Sequence[_Group]
    ) -> Iterator[Found]:
        with ThreadPoolExecutor(self._threads) as pool:
            yield from pool.map(one, groups)


def _groups(folder: Path, live: Mapping[str, int]) -> Iterator[_Group]:
    first = 0
    for place, (name, records) in enumerate(live.items()):
        path = folder / name
        described = pq.read_metadata(path)
        if described.num_rows != records:
            # INVARIANT: a row here is the row of the table: of others nothing is found, and others would be taken out.
            raise VerificationError(
                f"it has {described.num_rows:,} records, expected {records:,}, as the table’s file has",
                code="workspace/release",
                hint="put the vault back from a backup",
                where=Where(file=str(path)),
            )
        for number in range(described.num_row_groups):
            group = described.row_group(number)
            if group.num_rows:
                yield _Group(path, place, number, first, group.num_rows, _may_quote(group))
            first += group.num_rows


def _may_quote(group: pq.RowGroupMetaData) -> bool:
    """Tell whether any record of a row group may quote: its statistics say where none does."""
    for number in range(group.num_columns):
        column = group.column(number)
        if column.path_in_schema.startswith(_QUOTED):
            said = column.statistics
            return said is None or not said.has_null_count or said.num_values > 0
    return True


def _of_members(table: pa.Table, members: Collection[MemberId]) -> Flags:
    """Tell which records have one of these members for a party."""
    author, lists = (whole(table.column(name)) for name in _PARTIES)
    mine = np.asarray(pc.is_in(author, value_set=_named(members, author.type)), np.bool_)
    flat = pc.list_flatten(lists)
    hit = np.asarray(pc.is_in(flat, value_set=_named(members, flat.type)), np.bool_)
    parents = pc.list_parent_indices(lists).to_numpy(zero_copy_only=False)
    flags = mine.copy()
    flags[parents[hit]] = True
    return flags


def _named(members: Collection[MemberId], kind: pa.DataType) -> pa.Array:
    """Give members as a column of this type has them."""
    if pa.types.is_integer(kind):
        numbers = [number for one in members if (number := as_number(one)) is not None]
        return pa.array(numbers, pa.int64()).cast(kind)
    return pa.array([str(one) for one in members], kind)


def _joined(parts: Iterator[tuple[Ints, Words]]) -> tuple[Ints, Words]:
    some = [part for part in parts if len(part[0])]
    if not some:
        return np.empty(0, np.int64), np.empty(0, np.uint64)
    return np.concatenate([rows for rows, _ in some]), np.concatenate(
        [words for _, words in some]
    )


def _merged(rows: Ints, words: Words, more: Ints, bits: Words) -> tuple[Ints, Words]:
    """Add words to rows, some of which are there already; rows ascend afterwards, each once."""
    found, place = np.unique(np.concatenate((rows, more)), return_inverse=True)
    joined = np.zeros(len(found), np.uint64)
    np.bitwise_or.at(joined, place, np.concatenate((words, bits)))
    return found, joined


def _words_at(rows: Ints, words: Words, wanted: Ints) -> Words:
    """Give the words of rows; zero where one is not there."""
    if not len(rows):
        return np.zeros(len(wanted), np.uint64)
    place = np.minimum(np.searchsorted(rows, wanted), len(rows) - 1)
    return np.where(rows[place] == wanted, words[place], np.uint64(0))
