# SPDX-License-Identifier: Apache-2.0
"""Facts written to files: CSV, Parquet or Arrow, as `privity.members.reading` reads them.

A file is written aside and renamed at its end, so that a run that fails leaves none. Its owner alone may read it: it
says of members where they live and what they refused.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO, Final

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv as arrow_csv
import pyarrow.parquet as pq

from privity.errors import InputError, UnavailableError, Where
from privity.members.files import COLUMNS
from privity.release.free import check_free

_ONLY_OWNER: Final = 0o600
_INSTANT: Final = "%Y-%m-%dT%H:%M:%SZ"


def write_facts(batches: Iterable[pa.RecordBatch], path: Path) -> int:
    """Write facts to a file that ends in `.csv`, `.parquet` or `.arrow`.

    Returns:
        How many facts there are.

    Raises:
        InputError: The file has another ending.
        ConflictError: There is one already, which may be what the facts are made from (`output/exists`).
        UnavailableError: It cannot be written.
    """
    writers = {".csv": write_csv, ".parquet": _write_parquet, ".arrow": _write_arrow}
    writer = writers.get(path.suffix.lower())
    if writer is None:
        raise InputError(
            f"`{path.name}` has no known ending, expected `.csv`, `.parquet` or `.arrow`",
            code="facts/format",
            where=Where(file=str(path)),
        )
    with _aside(path) as stream:
        return writer(batches, stream)


@contextmanager
def _aside(path: Path) -> Iterator[BinaryIO]:
    check_free(path, code="output/exists")
    part = path.with_name(f".{path.name}.{os.getpid()}.part")
    try:
        opened = os.open(part, os.O_CREAT | os.O_EXCL | os.O_WRONLY, _ONLY_OWNER)
        with os.fdopen(opened, "wb") as stream:
            yield stream
            stream.flush()
            os.fsync(stream.fileno())
        check_free(path, code="output/exists")
        part.replace(path)
    except OSError as error:
        raise UnavailableError(
            f"cannot write the facts: {error.strerror or error}",
            code="facts/unwritable",
            where=Where(file=str(path)),
        ) from error
    finally:
        part.unlink(missing_ok=True)


def write_csv(batches: Iterable[pa.RecordBatch], stream: BinaryIO) -> int:
    """Write facts as CSV, empty places as empty cells.

    Returns:
        How many facts there are.
    """
    schema = pa.schema([(name, pa.string()) for name in COLUMNS])
    count = 0
    options = arrow_csv.WriteOptions(quoting_style="needed")
    with arrow_csv.CSVWriter(stream, schema, write_options=options) as writer:
        for batch in batches:
            columns = [_as_text(batch.column(name)) for name in COLUMNS]
            writer.write_batch(pa.RecordBatch.from_arrays(columns, schema=schema))
            count += batch.num_rows
    return count


def _as_text(array: pa.Array) -> pa.Array:
    if pa.types.is_timestamp(array.type):
        return pc.strftime(array.cast(pa.timestamp("s", tz="UTC")), format=_INSTANT)
    return array.cast(pa.string())


def _write_parquet(batches: Iterable[pa.RecordBatch], stream: BinaryIO) -> int:
    def opened(schema: pa.Schema) -> pq.ParquetWriter:
        return pq.ParquetWriter(stream, schema, compression="zstd")

    return _write_typed(batches, opened)


def _write_arrow(batches: Iterable[pa.RecordBatch], stream: BinaryIO) -> int:
    return _write_typed(batches, lambda schema: pa.ipc.new_file(stream, schema))


def _write_typed(
    batches: Iterable[pa.RecordBatch], opened: Callable[[pa.Schema], pq.ParquetWriter]
) -> int:
    """Write with the type of the first member; the platform's facts before it wait for that."""
    waiting: list[pa.RecordBatch] = []
    writer: pq.ParquetWriter | None = None
    schema = None
    count = 0
    try:
        for batch in batches:
            count += batch.num_rows
            kind = batch.schema.field("member").type
            waiting.append(batch)
            if schema is None and not pa.types.is_null(kind):
                schema = _with_member(batch.schema, kind)
                writer = opened(schema)
            if writer is not None:
                for one in waiting:
                    writer.write_batch(_of_kind(one, schema))
                waiting = []
        if writer is None:
            schema = _with_member(waiting[0].schema if waiting else _EMPTY, pa.string())
            writer = opened(schema)
            for one in waiting:
                writer.write_batch(_of_kind(one, schema))
    finally:
        if writer is not None:
            writer.close()
    return count


_EMPTY: Final = pa.schema(
    [
        (name, pa.timestamp("us", tz="UTC") if name in {"at", "recorded_at"} else pa.string())
        for name in COLUMNS
    ]
)


def _with_member(schema: pa.Schema, kind: pa.DataType) -> pa.Schema:
    return pa.schema([(one.name, kind if one.name == "member" else one.type) for one in schema])


def _of_kind(batch: pa.RecordBatch, schema: pa.Schema) -> pa.RecordBatch:
    """Give a batch in the schema's types; ids that are numbers fit text."""
    own, kind = batch.schema.field("member").type, schema.field("member").type
    if own != kind and not pa.types.is_null(own) and not pa.types.is_string(kind):
        raise InputError(
            "ids of members are text in one table and whole numbers in another, expected one kind",
            code="facts/mixed-ids",
            hint="write CSV, where both are text",
        )
    return pa.RecordBatch.from_arrays(
        [batch.column(one.name).cast(one.type) for one in schema], schema=schema
    )
