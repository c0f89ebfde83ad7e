# SPDX-License-Identifier: Apache-2.0
"""The first reading of a clearing: decide every record, then join quotes and duplicates.

Of each chunk only ids, quotes and what parties and rules need is read; payload is not. What stays is one
word a record (on disk), one byte for its category, and the tally of who refused.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from privity.decide.bits import BIT
from privity.decide.lookup import record_keys
from privity.decide.many import PARTY_COLUMNS, Compiled, Tally
from privity.decide.quotes import Joined, Quotes, join, quotes_of
from privity.release.found import Copies, Flags, Found
from privity.release.kept import KeptFile, Mask
from privity.release.reading import RecordFile
from privity.release.spool import WordFile, Words, key_store

Ints = npt.NDArray[np.int64]
Progress = Callable[[str, int], None]
"""Told of each stage and how many more of its records are done."""

COLUMNS: Final = ("record_id", *PARTY_COLUMNS, "quotes")
_REPEATING: Final = ("category", "capacity")
REASONS_ONLY: Final = np.uint64(0xFFFFFFFF)
COPY: Final = BIT["copy-of-refused"]


@dataclass(frozen=True, slots=True)
class Chunk:
    """A chunk of a run.

    Attributes:
        file: Where it lies.
        number: Which chunk of the file.
        first: The run's row at which it begins.
        rows: How many rows it has.
    """

    file: RecordFile
    number: int
    first: int
    rows: int


@dataclass(frozen=True, kw_only=True, slots=True)
class Decided:
    """A run, decided.

    Attributes:
        chunks: Its chunks, in order.
        rows: How many records.
        words: Each record's final word.
        kept: The columns but the payload, of the records that their own words permit.
        slots: Shape (rows): each record's category slot.
        tally: Who refused, of the records' own parties.
        joined: What quotes, duplicates and copies added.
        copies: The copies of refused private texts, where they were looked for; else None.
    """

    chunks: tuple[Chunk, ...]
    rows: int
    words: WordFile
    kept: KeptFile
    slots: npt.NDArray[np.uint8]
    tally: Tally
    joined: Joined
    copies: Copies | None = None

    def words_of(self, chunk: Chunk) -> npt.NDArray[np.uint64]:
        """Give the final words of a chunk."""
        return self.words.read(chunk.first, chunk.rows)

    def permitted(self, chunk: Chunk) -> Mask:
        """Tell which records of a chunk are permitted, shape (rows)."""
        permitted: Mask = (self.words_of(chunk) & REASONS_ONLY) == 0
        return permitted

    def rows_of(self, chunk: Chunk, permitted: Mask) -> pa.Table:
        """Give the permitted rows of a chunk, in the schema of its source."""
        kept = self.kept.read(chunk.first)
        refused = self.joined.refused_between(chunk.first, chunk.first + chunk.rows)
        if len(refused):
            mine = permitted.copy()
            mine[refused - chunk.first] = True
            kept = kept.filter(pa.array(permitted[mine]))
        schema = chunk.file.schema
        payload = [name for name in schema.names if name not in COLUMNS]
        rest = None
        if payload:
            rest = chunk.file.read(chunk.number, payload).filter(pa.array(permitted))
        return pa.table(
            [
                rest.column(name)
                if rest is not None and name in payload
                else kept.column(name).cast(kind)
                for name, kind in zip(schema.names, schema.types, strict=True)
            ],
            schema=schema,
        )


def chunks_of(files: Sequence[RecordFile]) -> tuple[Chunk, ...]:
    """Give all chunks of a run, in order."""
    found = []
    first = 0
    for file in files:
        for number in range(file.chunks):
            rows = file.rows_of(number)
            if rows:
                found.append(Chunk(file, number, first, rows))
            first += rows
    return tuple(found)


Compare = Callable[[Decided], Found]
"""Finds the texts of a run's private records in those that are permitted."""


@contextmanager
def decide_run(  # noqa: PLR0917 - what a run is, then how
    compiled: Compiled,
    files: Sequence[RecordFile],
    folder: Path,
    seed: int,
    threads: int,
    progress: Progress,
    beside: Callable[[], AbstractContextManager[None]] = nullcontext,
    compare: Compare | None = None,
) -> Iterator[Decided]:
    """Decide all records of a run.

    Args:
        compiled: The request.
        files: The run's sources.
        folder: A working folder of the caller's.
        seed: For the keys of string ids; unpredictable, so that nobody can make ids collide.
        threads: How many chunks are decided at once.
        progress: Told of the stage `decide`.
        beside: Begins what else may be done while one thread joins quotes and duplicates.
        compare: How copies of private texts are found; None looks for none.
    """
    chunks = chunks_of(files)
    rows = sum(chunk.rows for chunk in chunks)
    slots = np.empty(rows, np.uint8)
    with (
        WordFile(folder / "words", rows) as words,
        KeptFile(folder / "kept") as kept,
        key_store(folder, rows) as keys,
    ):

        def one(chunk: Chunk) -> tuple[Quotes | None, Tally]:
            table = chunk.file.read_encoded(chunk.number, COLUMNS, _REPEATING)
            tally = compiled.empty_tally()
            numbers = compiled.numbers(table)
            mine = compiled.decide_numbers(numbers, tally)
            words.write(chunk.first, mine)
            kept.write(chunk.first, table.filter(pa.array((mine & REASONS_ONLY) == 0)))
            slots[chunk.first : chunk.first + chunk.rows] = numbers.slot
            ids = whole(table.column("record_id"))
            keys.write(chunk.first, record_keys(ids, seed))
            quotes = quotes_of(chunk.first, whole(table.column("quotes")), seed)
            progress("decide", chunk.rows)
            return (quotes if len(quotes.rows) else None), tally

        quotes: list[Quotes] = []
        tally = compiled.empty_tally()
        with ThreadPoolExecutor(threads) as pool:
            for found, counts in pool.map(one, chunks):
                tally += counts
                if found is not None:
                    quotes.append(found)
        integers = bool(files) and not pa.types.is_string(
            files[0].schema.field("record_id").type
        )

        def joining(words_of: Callable[[Ints], Words], marked: Ints) -> Joined:
            return join(
                keys,
                quotes,
                words_of,
                None if integers else lambda wanted: _ids(chunks, wanted, threads),
                threads,
                marks=(marked, COPY),
            )

        with beside():
            joined = joining(words.at, np.empty(0, np.int64))
        words.put(joined.rows, joined.words)
        decided = Decided(
            chunks=chunks,
            rows=rows,
            words=words,
            kept=kept,
            slots=slots,
            tally=tally,
            joined=joined,
        )
        yield decided if compare is None else _without_copies(decided, compare, joining)


def _without_copies(
    decided: Decided,
    compare: Compare,
    joining: Callable[[Callable[[Ints], Words], Ints], Joined],
) -> Decided:
    """Refuse what has a refused private text in it, and what quotes that; until nothing more is refused."""
    found = compare(decided)
    words, first = decided.words, decided.joined

    def own(rows: Ints) -> Words:
        mine = words.at(rows) & ~np.uint64(COPY)
        changed = np.isin(rows, first.rows)
        mine[changed] = first.before[np.searchsorted(first.rows, rows[changed])]
        return mine

    def refused(rows: Ints) -> Flags:
        is_refused: Flags = words.at(rows) & REASONS_ONLY != 0
        return is_refused

    private = found.private
    marked = np.empty(0, np.int64)
    while True:
        copies = found.copies(private[refused(private)], refusing=True)
        more = copies[~refused(copies)]
        if not len(more):
            break
        marked = np.union1d(marked, more)
        joined = joining(own, marked)
        words.put(joined.rows, joined.words)
        decided = replace(decided, joined=joined)
    copies = found.copies(private[refused(private)], refusing=False)
    return replace(
        decided,
        copies=Copies(found=found, refused=marked, reported=copies[~refused(copies)]),
    )


def _ids(chunks: tuple[Chunk, ...], rows: Ints, threads: int) -> pa.Array:
    """Read the ids of rows, which ascend."""

    def one(chunk: Chunk) -> pa.Array | None:
        low, high = np.searchsorted(rows, (chunk.first, chunk.first + chunk.rows))
        if low == high:
            return None
        column = chunk.file.read(chunk.number, ["record_id"]).column("record_id")
        return whole(column.take(pa.array(rows[low:high] - chunk.first)))

    with ThreadPoolExecutor(threads) as pool:
        parts = [part for part in pool.map(one, chunks) if part is not None]
    return pa.concat_arrays(parts) if parts else pa.array([], pa.string())


def put_together(tables: Sequence[pa.Table]) -> pa.Table:
    """Give the rows of tables, one after the other.

    Platforms write words as text in one file and by a dictionary in another: what is not alike in all is text.
    """
    if any(table.schema != tables[0].schema for table in tables):
        tables = [_decoded(table) for table in tables]
    return pa.concat_tables(tables, promote_options="permissive").unify_dictionaries()


def _decoded(table: pa.Table) -> pa.Table:
    fields = [
        one.with_type(one.type.value_type) if pa.types.is_dictionary(one.type) else one
        for one in table.schema
    ]
    return table.cast(pa.schema(fields))


def whole(column: pa.ChunkedArray) -> pa.Array:
    """Give a column as one array."""
    if column.num_chunks == 1:
        return column.chunk(0)
    return pa.concat_arrays(column.chunks) if column.num_chunks else pa.array([], column.type)
