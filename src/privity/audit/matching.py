# SPDX-License-Identifier: Apache-2.0
"""Which of the platform's records are in a file that came to light (specs/audit.md, part 2; `dumps.py` has the values).

The dump is read first, then the records beside it; again each only where texts are still to be compared. Of a text that was
compared there stays a digest.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from privity.audit.columns import Ints, Places, ids_of, joined
from privity.audit.dumps import ANOTHER_TEXT, HOW, MATCHED, SEVERAL
from privity.audit.evidence import COLUMNS
from privity.audit.texts import LEAST, Needles, digest_of, fold, looked_for, share_a_part

Tables = Callable[[], Iterator[pa.Table]]
"""Gives the tables of a source, from the first one on, each time that it is called."""
Step = Callable[[str, int], None]

READ: Final = "read"
_SEARCHED: Final = 1 << 20
"""Letters that are searched together."""
_ORDER: Final = {how: place for place, how in enumerate(HOW)}


@dataclass(frozen=True, kw_only=True, slots=True)
class Source:
    """A source of rows, and what its columns are called.

    Attributes:
        tables: Its tables.
        id: The column of ids, or None.
        text: The column of text, or None.
    """

    tables: Tables
    id: str | None
    text: str | None


@dataclass(frozen=True, kw_only=True, slots=True)
class Matches:
    """The records that are in a dump.

    Attributes:
        rows: How many rows it has.
        how: How many of them are records, by how they were matched.
        unmatched: How many are none.
        records: Shape (records): `MATCHED`, in the order of the records.
    """

    rows: int
    how: Mapping[str, int]
    unmatched: int
    records: pa.Table


def match(dump: Source, records: Source, *, told: Step | None = None) -> Matches:
    """Say which records are in a dump ([AUD-40] to [AUD-43]).

    Args:
        dump: The rows that came to light.
        records: The platform's own records: the columns of `COLUMNS` with `created_at` in whole seconds, and the text.
        told: Is told of the stage `read`, for the rows of each table that is read.
    """
    step = told or (lambda _stage, _rows: None)
    compared = dump.text is not None and records.text is not None
    rows = _read_dump(dump, step, compared=compared)
    kept = _read_records(records, rows, step, compared=compared)
    found = _Found(rows=rows, kept=kept)
    found.by_id()
    if found.to_compare:
        found.compare(_texts(dump, found.to_compare, step))
    found.by_text()
    if compared and (left := found.left()):
        _search(dump, records, found, left, step)
    return found.matches()


# What is read


@dataclass(kw_only=True, slots=True)
class _Dump:
    """The rows of a dump: the place of each one's id among the ids, and the digest of its text."""

    ids: Places
    codes: Ints
    digests: list[bytes | None] = field(default_factory=list)
    long: list[bool] = field(default_factory=list)


@dataclass(kw_only=True, slots=True)
class _Records:
    """The records that have an id or a text of the dump."""

    tables: list[pa.Table] = field(default_factory=list)
    codes: list[int] = field(default_factory=list)
    digests: list[bytes | None] = field(default_factory=list)
    texts: dict[int, str] = field(default_factory=dict)
    numbers: list[int] = field(default_factory=list)


def _read_dump(dump: Source, step: Step, *, compared: bool) -> _Dump:
    ids: list[pa.Array] = []
    digests: list[bytes | None] = []
    long: list[bool] = []
    rows = 0
    for table in dump.tables():
        rows += table.num_rows
        if dump.id is not None:
            ids.append(ids_of(table.column(dump.id)))
        if compared:
            for text in _folded(table.column(str(dump.text))):
                digests.append(digest_of(text) if text else None)
                long.append(len(text) >= LEAST)
        step(READ, table.num_rows)
    if not compared:
        digests, long = [None] * rows, [False] * rows
    every = joined(ids)
    places = Places.of(pc.drop_null(every))
    codes = np.full(rows, -1, np.int64)
    if len(every):
        there = np.flatnonzero(pc.is_valid(every).to_numpy(zero_copy_only=False))
        codes[there] = places.find(pc.drop_null(every))
    return _Dump(ids=places, codes=codes, digests=digests, long=long)


def _read_records(records: Source, rows: _Dump, step: Step, *, compared: bool) -> _Records:
    """Keep the records that have an id or a text of the dump."""
    kept = _Records()
    sought = {
        digest
        for digest, long in zip(rows.digests, rows.long, strict=True)
        if digest is not None and long
    }
    # Of most ids there is one row: its text's digest, or that there are several.
    alone: list[bytes | None] = [None] * len(rows.ids)
    several: set[int] = set()
    seen: set[int] = set()
    for code, digest in zip(rows.codes.tolist(), rows.digests, strict=True):
        if code in seen and alone[code] != digest:
            several.add(code)
        elif code >= 0:
            seen.add(code)
            alone[code] = digest
    before = 0
    for table in records.tables():
        codes = rows.ids.find(ids_of(table.column("record_id"))).tolist()
        texts: Sequence[str] = [""] * len(codes)
        if compared:
            texts = list(_folded(table.column(str(records.text))))
        mine = []
        for place, (code, text) in enumerate(zip(codes, texts, strict=True)):
            digest = digest_of(text) if text else None
            if code < 0 and (digest is None or digest not in sought):
                continue
            if code >= 0 and text and (code in several or alone[code] != digest):
                kept.texts[len(kept.codes)] = text
            mine.append(place)
            kept.codes.append(code)
            kept.digests.append(digest)
            kept.numbers.append(before + place)
        if mine:
            kept.tables.append(table.select(list(COLUMNS)).take(pa.array(mine, pa.int64())))
        before += table.num_rows
        step(READ, table.num_rows)
    return kept


def _folded(column: pa.ChunkedArray) -> Iterator[str]:
    for text in column.to_pylist():
        yield fold(text) if isinstance(text, str) else ""


def _texts(source: Source, wanted: Collection[int], step: Step) -> Iterator[tuple[int, str]]:
    """Read the texts of some rows again."""
    before = 0
    for table in source.tables():
        column = table.column(str(source.text))
        mine = [row for row in range(before, before + table.num_rows) if row in wanted]
        for row in mine:
            text = column[row - before].as_py()
            yield row, fold(text) if isinstance(text, str) else ""
        before += table.num_rows
        step(READ, table.num_rows)


# What is found


class _Found:
    """Which row is which record, surest first.

    Args:
        rows: The dump.
        kept: The records that have an id or a text of it.
    """

    def __init__(self, *, rows: _Dump, kept: _Records) -> None:
        self._rows, self._kept = rows, kept
        self._how: dict[int, str] = {}
        self._records: dict[int, tuple[str, int]] = {}
        self._of_code: dict[int, list[int]] = defaultdict(list)
        for record, code in enumerate(kept.codes):
            if code >= 0:
                self._of_code[code].append(record)
        self.to_compare: set[int] = set()

    def by_id(self) -> None:
        """Match rows that have the id of a record: with the same text, or with none to compare."""
        for row, (code, digest) in enumerate(
            zip(self._rows.codes.tolist(), self._rows.digests, strict=True)
        ):
            mine = self._of_code.get(code, ())
            same = [
                one for one in mine if digest is not None and self._kept.digests[one] == digest
            ]
            if same:
                self._take(row, same, "id-and-text")
                continue
            silent = [one for one in mine if digest is None or self._kept.digests[one] is None]
            if silent:
                self._take(row, silent, "id")
            elif mine:
                self.to_compare.add(row)

    def compare(self, texts: Iterator[tuple[int, str]]) -> None:
        """Match rows that have the id of a record and part of its text."""
        for row, text in texts:
            mine = self._of_code[int(self._rows.codes[row])]
            alike = [one for one in mine if share_a_part(self._kept.texts.get(one, ""), text)]
            if alike:
                self._take(row, alike, "id-and-part")

    def by_text(self) -> None:
        """Match rows that have the text of a record: of several, where there are as many such rows."""
        rows: dict[bytes, list[int]] = defaultdict(list)
        for row, digest in enumerate(self._rows.digests):
            if digest is not None and self._rows.long[row] and row not in self._how:
                rows[digest].append(row)
        records: dict[bytes, list[int]] = defaultdict(list)
        for record, digest in enumerate(self._kept.digests):
            if digest in rows and record not in self._records:
                records[digest].append(record)
        for digest, mine in rows.items():
            some = records.get(digest, [])
            if not some:
                continue
            if len(some) > len(mine):
                self._how.update(dict.fromkeys(mine, SEVERAL))
                continue
            for place, row in enumerate(mine):
                self._take(row, some[place : place + 1] or some[-1:], "text")

    def left(self) -> set[int]:
        """Give the rows that are no record so far, and are long enough to have one's text in them."""
        return {
            row for row, long in enumerate(self._rows.long) if long and row not in self._how
        }

    def missing(self, numbers: Collection[int]) -> set[int]:
        """Give the records that were not kept, by their numbers."""
        return set(numbers) - set(self._kept.numbers)

    def keep(self, number: int, row: pa.Table) -> None:
        """Keep a record that has neither an id nor a text of the dump."""
        self._kept.tables.append(row)
        self._kept.codes.append(-1)
        self._kept.digests.append(None)
        self._kept.numbers.append(number)

    def copies(self, hits: Mapping[int, Collection[int]]) -> None:
        """Match rows that have the text of records in theirs."""
        places = {number: place for place, number in enumerate(self._kept.numbers)}
        for row, numbers in hits.items():
            self._take(row, [places[one] for one in sorted(numbers)], "copy")

    def several(self, row: int) -> None:
        """Note that a row has a text in it that several records have."""
        self._how.setdefault(row, SEVERAL)

    def matches(self) -> Matches:
        """Give what was found."""
        for row in self.to_compare:
            self._how.setdefault(row, ANOTHER_TEXT)
        how = Counter(self._how.values())
        order = sorted(self._records, key=lambda one: self._kept.numbers[one])
        table = _together(self._kept.tables).take(pa.array(order, pa.int64()))
        kinds = [self._records[one][0] for one in order]
        rows = [self._records[one][1] for one in order]
        table = table.append_column("how", pa.array(kinds, pa.string()))
        table = table.append_column("row", pa.array(rows, pa.int64()))
        return Matches(
            rows=len(self._rows.digests),
            how={one: how[one] for one in (*HOW, ANOTHER_TEXT, SEVERAL) if how[one]},
            unmatched=len(self._rows.digests) - len(self._how),
            records=table.select(list(MATCHED)),
        )

    def _take(self, row: int, records: Sequence[int], how: str) -> None:
        self._how[row] = how
        for one in records:
            held = self._records.get(one)
            if held is None or _ORDER[how] < _ORDER[held[0]]:
                self._records[one] = (how, row)


def _search(dump: Source, records: Source, found: _Found, left: set[int], step: Step) -> None:
    """Look for the texts of all records in the rows that are none of them ([AUD-43])."""
    needles = Needles()
    number = 0
    for table in records.tables():
        for text in table.column(str(records.text)).to_pylist():
            for needle in looked_for(text) if isinstance(text, str) else ():
                needles.add(needle, number)
            number += 1
        step(READ, table.num_rows)
    needles.close()
    hits: dict[int, set[int]] = defaultdict(set)
    for texts in _batches(_texts(dump, left, step)):
        for row, owners in needles.find(texts):
            if len(owners) == 1:
                hits[row].update(owners)
            else:
                found.several(row)
    missing = found.missing({one for owners in hits.values() for one in owners})
    before = 0
    for table in records.tables() if missing else ():
        for place in range(table.num_rows):
            if before + place in missing:
                found.keep(before + place, table.select(list(COLUMNS)).slice(place, 1))
        before += table.num_rows
    found.copies(hits)


def _batches(texts: Iterator[tuple[int, str]]) -> Iterator[dict[int, str]]:
    batch: dict[int, str] = {}
    letters = 0
    for row, text in texts:
        batch[row] = text
        letters += len(text)
        if letters >= _SEARCHED:
            yield batch
            batch, letters = {}, 0
    yield batch


def _together(tables: Sequence[pa.Table]) -> pa.Table:
    if tables:
        return pa.concat_tables(tables, promote_options="permissive")
    kind = pa.int64()
    lists = pa.list_(kind)
    kinds = (kind, pa.string(), kind, kind, lists, pa.string(), lists)
    return pa.table({name: pa.array([], one) for name, one in zip(COLUMNS, kinds, strict=True)})
