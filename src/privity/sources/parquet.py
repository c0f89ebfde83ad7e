# SPDX-License-Identifier: Apache-2.0
"""Parquet files read as records, chunk by chunk, from any thread.

A chunk is a row group, or a part of one that is too large to be held whole. Only the columns asked for
are decoded. A file that changes while it is read is a conflict: what was decided would not be what is
copied.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import pyarrow as pa
import pyarrow.parquet as pq

from privity.canonical.encode import digest_file
from privity.errors import ConflictError, InputError, Where
from privity.sources.columns import IdChoice, Ids, MisfitError
from privity.sources.reshape import Reshape

LARGE: Final = 256 << 20
"""Row groups of more bytes than this, uncompressed, are read in parts."""

_PART: Final = 64 << 20
_READ_AHEAD: Final = 1 << 20
_MOST_KEPT: Final = 4


@dataclass(frozen=True, slots=True)
class Stamp:
    """What tells a file from a later one of the same name."""

    size: int
    changed: int
    number: int

    @classmethod
    def of(cls, path: Path) -> Stamp:
        """Take the stamp of a file."""
        found = path.stat()
        return cls(found.st_size, found.st_mtime_ns, found.st_ino)


@dataclass(frozen=True, kw_only=True, slots=True)
class Chunk:
    """A piece of a file that is read at once.

    Attributes:
        part: The file's number, where the records lie in several.
        group: The row group.
        place: Which piece of the row group it is.
        most: Rows of each piece of the row group but the last, or None for one that is read whole.
        rows: How many rows it has.
        before: How many rows of the source lie before it.
    """

    part: int
    group: int
    place: int
    most: int | None
    rows: int
    before: int


@dataclass(frozen=True, slots=True)
class Part:
    """One Parquet file with what its footer says, read once."""

    path: Path
    metadata: pq.FileMetaData
    schema: pa.Schema

    def open(self, *, buffer: int = 0, encoded: Sequence[str] = ()) -> pq.ParquetFile:
        """Open the file; its footer is not read again.

        Args:
            buffer: How many bytes of a column to hold at a time; 0 is the whole row group's.
            encoded: Columns of text to give as dictionaries.
        """
        return pq.ParquetFile(
            self.path,
            metadata=self.metadata,
            buffer_size=buffer,
            pre_buffer=False,
            page_checksum_verification=True,
            read_dictionary=list(encoded),
        )


class ParquetRecords:
    """The records of one source: a RecordFile of `privity.release.reading`.

    Attributes:
        name: The source as the user gave it.
        path: Where it lies.
        schema: The record's columns, then payload.
        rows: How many records there are.
        chunks: How many chunks they are read in.
        record_ids: Which kinds of id its records may have.
        member_ids: The same for members.
        binding: The SHA-256 of the binding that says what its columns mean, or None.
    """

    def __init__(
        self,
        *,
        name: str,
        path: Path,
        stamp: Stamp,
        parts: Sequence[Part],
        reshape: Reshape,
        record_ids: IdChoice | None = None,
        member_ids: IdChoice | None = None,
        sha256: str | None = None,
        binding: str | None = None,
    ) -> None:
        self.name = name
        self.path = path
        self.binding = binding
        self.record_ids = record_ids or IdChoice(reshape.record_kinds)
        self.member_ids = member_ids or IdChoice(reshape.member_kinds)
        self._stamp = stamp
        self._sha256 = sha256
        self._parts = tuple(parts)
        self._reshape = reshape
        self._chunks = tuple(_chunks(parts))
        self.chunks = len(self._chunks)
        self.rows = sum(chunk.rows for chunk in self._chunks)
        self._walks: dict[tuple[int, int, tuple[str, ...]], _Walk] = {}
        self._lock = threading.Lock()
        self.set_ids(Ids(record=self.record_ids.settled, member=self.member_ids.settled))

    def set_ids(self, ids: Ids) -> None:
        """Settle which kinds of id the records have, so that they fit those of other sources."""
        self._ids = ids
        self.schema = self._reshape.schema(ids)

    def rows_of(self, chunk: int) -> int:
        """Give how many rows a chunk has."""
        return self._chunks[chunk].rows

    def read(self, chunk: int, columns: Sequence[str] | None = None) -> pa.Table:
        """Read a chunk; safe from any thread.

        Args:
            chunk: Its number, from 0.
            columns: Names of `schema`, in the order wanted; None is all.

        Raises:
            InputError: Bytes are damaged, or a value does not fit.
            ConflictError: The file changed since it was opened.
        """
        self._check_unchanged()
        one = self._chunks[chunk]
        part = self._parts[one.part]
        wanted = self._reshape.sources_of(self.schema.names if columns is None else columns)
        present = tuple(name for name in wanted if name in part.schema.names)
        try:
            raw = self._raw(one, part, present)
        except (OSError, pa.ArrowException) as error:
            raise self._damaged(one, error) from error
        try:
            return self._reshape.table(self._widened(raw, wanted), self._ids, columns)
        except MisfitError as error:
            row = None if error.row is None else one.before + error.row
            raise InputError(
                error.message,
                code=error.code,
                hint=error.hint,
                where=Where(file=self.name, row=row),
            ) from error

    def read_encoded(
        self, chunk: int, columns: Sequence[str], encoded: Sequence[str]
    ) -> pa.Table:
        """Read a chunk like `read`, some columns of text as dictionaries where that saves work.

        Args:
            chunk: Its number, from 0.
            columns: Names of `schema`, in the order wanted.
            encoded: Which of them may be dictionaries.
        """
        one = self._chunks[chunk]
        part = self._parts[one.part]
        straight = {
            name: source
            for name in encoded
            if (source := self._reshape.straight(name)) in part.schema.names
            and source is not None
        }
        if one.most is not None or not straight:
            return self.read(chunk, columns)
        self._check_unchanged()
        rest = self.read(chunk, [name for name in columns if name not in straight])
        try:
            with part.open(encoded=tuple(straight.values())) as file:
                raw = file.read_row_group(
                    one.group, columns=list(straight.values()), use_threads=False
                )
        except (OSError, pa.ArrowException) as error:
            raise self._damaged(one, error) from error
        return pa.table(
            [
                raw.column(straight[name]) if name in straight else rest.column(name)
                for name in columns
            ],
            names=list(columns),
        )

    def digest(self) -> str:
        """Give the SHA-256 of the source's own bytes, or what it is known by in their place.

        Raises:
            ConflictError: The file changed since it was opened.
        """
        self._check_unchanged()
        found = self._sha256 or digest_file(self.path)
        self._check_unchanged()
        return found

    def _check_unchanged(self) -> None:
        try:
            same = Stamp.of(self.path) == self._stamp
        except FileNotFoundError:
            same = False
        if not same:
            raise ConflictError(
                "the file changed while it was read, expected it to stay as it is",
                code="records/changed",
                where=Where(file=self.name),
            )

    def _damaged(self, chunk: Chunk, error: BaseException) -> InputError:
        self._check_unchanged()
        return InputError(
            f"row group {chunk.group} is damaged ({_one_line(error)}), expected whole Parquet",
            code="records/damaged",
            where=Where(file=self.name),
        )

    def _raw(self, chunk: Chunk, part: Part, columns: tuple[str, ...]) -> pa.Table:
        if not columns:
            # Nothing of the file is asked for but how many rows there are.
            return pa.table([pa.nulls(chunk.rows)], [""]).select([])
        if chunk.most is None:
            with part.open() as file:
                return file.read_row_group(
                    chunk.group, columns=list(columns), use_threads=False
                )
        key = (chunk.part, chunk.group, columns)
        with self._lock:
            walk = self._walks.setdefault(key, _Walk(part, chunk.group, columns, chunk.most))
        table, ended = walk.take(chunk.place)
        if ended:
            with self._lock:
                self._walks.pop(key, None)
        return table

    def _widened(self, raw: pa.Table, wanted: Sequence[str]) -> pa.Table:
        """Give the columns the types that all parts share; what a part lacks is empty."""
        arrays = []
        for name in wanted:
            kind = self._reshape.raw.field(name).type
            if name not in raw.column_names:
                arrays.append(pa.chunked_array([pa.nulls(raw.num_rows, kind)]))
            elif raw.column(name).type == kind:
                arrays.append(raw.column(name))
            else:
                arrays.append(raw.column(name).cast(kind))
        if not arrays:
            return raw
        return pa.table(arrays, schema=pa.schema([self._reshape.raw.field(n) for n in wanted]))


class _Walk:
    """Reads one large row group in order, piece by piece, for whichever thread asks next.

    Each piece is decoded once as long as the pieces are asked for about in order; asking for one that
    is gone starts over.
    """

    def __init__(self, part: Part, group: int, columns: tuple[str, ...], most: int) -> None:
        self._part = part
        self._group = group
        self._columns = columns
        self._most = most
        self._lock = threading.Lock()
        self._start()

    def _start(self) -> None:
        self._kept: dict[int, pa.Table] = {}
        self._next = 0
        self._pieces = self._read()

    def _read(self) -> Iterator[pa.Table]:
        with self._part.open(buffer=_READ_AHEAD) as file:
            schema = pa.schema([file.schema_arrow.field(name) for name in self._columns])
            kept: list[pa.RecordBatch] = []
            rows = 0
            for batch in file.iter_batches(
                self._most,
                row_groups=[self._group],
                columns=list(self._columns),
                use_threads=False,
            ):
                # A batch may be shorter than asked for, never longer.
                while rows + batch.num_rows >= self._most:
                    kept.append(batch.slice(0, self._most - rows))
                    yield pa.Table.from_batches(kept, schema)
                    batch = batch.slice(self._most - rows)  # noqa: PLW2901 - the rest of it
                    kept, rows = [], 0
                if batch.num_rows:
                    kept.append(batch)
                    rows += batch.num_rows
            if kept:
                yield pa.Table.from_batches(kept, schema)

    def take(self, place: int) -> tuple[pa.Table, bool]:
        """Give a piece, and whether nothing is left to give."""
        with self._lock:
            if place < self._next and place not in self._kept:
                self._start()
            while self._next <= place:
                self._kept[self._next] = next(self._pieces)
                self._next += 1
                if len(self._kept) > _MOST_KEPT:
                    del self._kept[min(self._kept)]
            table = self._kept.pop(place)
            rows = self._part.metadata.row_group(self._group).num_rows
            return table, self._next * self._most >= rows and not self._kept


def _chunks(parts: Sequence[Part]) -> Iterator[Chunk]:
    before = 0
    for number, part in enumerate(parts):
        for group in range(part.metadata.num_row_groups):
            found = part.metadata.row_group(group)
            rows, size = found.num_rows, found.total_byte_size
            most = max(1, rows * _PART // size) if size > LARGE else None
            for place, start in enumerate(range(0, rows, most or max(rows, 1))):
                count = min(most or rows, rows - start)
                yield Chunk(
                    part=number, group=group, place=place, most=most, rows=count, before=before
                )
                before += count


def _one_line(error: BaseException) -> str:
    return " ".join(str(error).split()).rstrip(".")


def open_part(path: Path, name: str) -> Part:
    """Read the footer of a Parquet file.

    Raises:
        InputError: It is empty, cut short, or no Parquet.
    """
    where, begins = Where(file=name), False
    try:
        with path.open("rb") as stream:
            begins = stream.read(4) == b"PAR1"
        with pq.ParquetFile(path) as file:
            return Part(path, file.metadata, file.schema_arrow)
    except (OSError, pa.ArrowException) as error:
        if path.stat().st_size == 0:
            message, code = (
                "the file is empty (0 bytes), expected Parquet",
                "records/empty-file",
            )
        elif begins:
            message = (
                f"the file is cut short or damaged ({_one_line(error)}), expected whole Parquet"
            )
            code = "records/truncated"
        else:
            message, code = (
                "the file is no Parquet: it does not begin with `PAR1`",
                "records/format",
            )
        raise InputError(message, code=code, where=where) from error
