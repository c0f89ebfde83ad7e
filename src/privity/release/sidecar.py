# SPDX-License-Identifier: Apache-2.0
"""The sidecar of a release: whose row is whose, by tags, for whoever has the release (specs/release.md, [REL-30]).

The folder `members` has `tags.parquet`, the tags with a number each, and for each file of the table one of the same
name: row by row in the same order the record's id, and the numbers of the members whose it is. So a taking back
writes anew only what lies beside the files that it changes. No member is named in it.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Final

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from privity.errors import VerificationError, Where
from privity.ledger.tree import HASH_SIZE
from privity.release.aside import settle
from privity.release.decided import whole

Bytes = npt.NDArray[np.uint8]
Ints = npt.NDArray[np.int64]

TAGS: Final = "tags.parquet"
NUMBERS: Final = "members"
"""The column of the numbers of whose a row is."""

_LISTS: Final = pa.list_(pa.field("element", pa.uint32(), nullable=False))
_TAGS: Final = pa.schema(
    [
        pa.field("number", pa.uint32(), nullable=False),
        pa.field("tag", pa.binary(HASH_SIZE), nullable=False),
    ]
)


@contextmanager
def open_part(path: Path, ids: pa.DataType) -> Iterator[pq.ParquetWriter]:
    """Open a part for writing; it is on the disk when the block ends.

    Raises:
        OSError: The disk is full or fails.
    """
    schema = pa.schema(
        [
            pa.field("record_id", ids, nullable=False),
            pa.field(NUMBERS, _LISTS, nullable=False),
        ]
    )
    # Ids of one length take no room for their lengths, and the higher bytes of numbers are alike.
    encodings = {f"{NUMBERS}.list.element": "BYTE_STREAM_SPLIT"}
    if ids == pa.string():
        encodings["record_id"] = "DELTA_LENGTH_BYTE_ARRAY"
    with pq.ParquetWriter(
        path,
        schema,
        compression="zstd",
        use_dictionary=False,
        column_encoding=encodings,
        write_statistics=False,
    ) as writer:
        yield writer
    settle(path)


def part_rows(ids: pa.Array, ends: Ints, numbers: npt.NDArray[np.uint32]) -> pa.RecordBatch:
    """Give rows of a part.

    Args:
        ids: The records' ids.
        ends: Shape (rows + 1): where the numbers of each row begin.
        numbers: The numbers.
    """
    lists = pa.ListArray.from_arrays(
        pa.array(ends.astype(np.int32)), pa.array(numbers), type=_LISTS
    )
    schema = pa.schema(
        [
            pa.field("record_id", ids.type, nullable=False),
            pa.field(NUMBERS, _LISTS, nullable=False),
        ]
    )
    return pa.RecordBatch.from_arrays([ids, lists], schema=schema)


def write_tags(path: Path, tags: Bytes, numbers: npt.NDArray[np.uint32]) -> None:
    """Write the tags with their numbers, both ascending.

    Raises:
        OSError: The disk is full or fails.
    """
    made = pa.FixedSizeBinaryArray.from_buffers(
        pa.binary(HASH_SIZE), len(tags), [None, pa.py_buffer(np.ascontiguousarray(tags))]
    )
    table = pa.table([pa.array(numbers), made], schema=_TAGS)
    pq.write_table(
        table, path, compression="none", use_dictionary=False, write_statistics=False
    )
    settle(path)


def read_tags(folder: Path) -> tuple[Bytes, Ints]:
    """Read the tags, shape (members, 32), and their numbers, of a sidecar.

    Raises:
        VerificationError: They cannot be read, or are not in order (`release/sidecar`).
    """
    path = folder / TAGS
    try:
        table = pq.read_table(path)
    except (OSError, pa.ArrowException) as error:
        raise _damaged(path, "it cannot be read") from error
    if table.schema != _TAGS:
        raise _damaged(path, "it has other columns")
    numbers = whole(table.column("number")).to_numpy(zero_copy_only=False).astype(np.int64)
    if (np.diff(numbers) <= 0).any():
        raise _damaged(path, "its numbers do not ascend")
    tags = whole(table.column("tag"))
    data = np.frombuffer(tags.buffers()[1] or b"", np.uint8)
    return data[: len(tags) * HASH_SIZE].reshape(-1, HASH_SIZE), numbers


def read_part(path: Path) -> Iterator[tuple[pa.Array, Ints, Ints]]:
    """Read a part, one row group after the other: ids, where each row's numbers begin, and they.

    Raises:
        VerificationError: It cannot be read, or has other columns (`release/sidecar`).
    """
    try:
        with pq.ParquetFile(path) as file:
            for group in range(file.num_row_groups):
                table = file.read_row_group(group, use_threads=False)
                if table.column_names != ["record_id", NUMBERS]:
                    raise _damaged(path, "it has other columns")
                lists = whole(table.column(NUMBERS))
                if table.column("record_id").null_count or lists.null_count:
                    raise _damaged(path, "something is not there")
                offsets = lists.offsets.to_numpy(zero_copy_only=False).astype(np.int64)
                numbers = lists.flatten().to_numpy(zero_copy_only=False).astype(np.int64)
                yield whole(table.column("record_id")), offsets - offsets[0], numbers
    except (OSError, pa.ArrowException) as error:
        raise _damaged(path, "it cannot be read") from error


def records_of_tags(
    folder: Path, files: Collection[str], tags: Collection[bytes]
) -> Mapping[str, pa.Array]:
    """Give the ids of the records of tags, by the file of the table that they lie in.

    Args:
        folder: The sidecar.
        files: The names of the table's files.
        tags: The tags; those that are not there have no records.

    Raises:
        VerificationError: The sidecar cannot be read (`release/sidecar`).
    """
    known, numbers = read_tags(folder)
    wanted = pa.array(list(tags), pa.binary(HASH_SIZE))
    every = pa.FixedSizeBinaryArray.from_buffers(
        pa.binary(HASH_SIZE), len(known), [None, pa.py_buffer(np.ascontiguousarray(known))]
    )
    mine = numbers[pc.is_in(every, value_set=wanted).to_numpy(zero_copy_only=False)]
    found: dict[str, pa.Array] = {}
    for name in sorted(files) if len(mine) else ():
        parts = []
        for ids, offsets, of_rows in read_part(folder / name):
            hit = np.repeat(np.arange(len(ids)), np.diff(offsets))[np.isin(of_rows, mine)]
            if len(hit):
                parts.append(ids.take(pa.array(np.unique(hit))))
        if parts:
            found[name] = pa.concat_arrays(parts)
    return found


def check_ids(folder: Path, parts: Collection[str], table: Path) -> None:
    """Check that files of a table have rows with the ids that the parts of a sidecar have, in the same order.

    Raises:
        VerificationError: They have others, or a part cannot be read (`release/sidecar`).
        OSError: A file of the table cannot be read.
    """
    for name in sorted(parts):
        with pq.ParquetFile(table / name) as file:
            rows = file.iter_batches(columns=["record_id"], use_threads=False)
            waiting = pa.chunked_array([], file.schema_arrow.field("record_id").type)
            for ids, _, _ in read_part(folder / name):
                while len(waiting) < len(ids) and (batch := next(rows, None)) is not None:
                    waiting = pa.chunked_array(
                        [*waiting.chunks, *pa.chunked_array([batch.column(0)]).chunks]
                    )
                if whole(waiting.slice(0, len(ids))).cast(ids.type) != ids:
                    raise _damaged(folder / name, "its rows are others than the table’s")
                waiting = waiting.slice(len(ids))
            if len(waiting) or next(rows, None) is not None:
                raise _damaged(folder / name, "its rows are fewer than the table’s")


def rewrite_part(old: Path, new: Path, kept: npt.NDArray[np.bool_]) -> None:
    """Write a part again with some of its rows.

    Args:
        old: The part.
        new: Where to.
        kept: Shape (rows): which rows stay.

    Raises:
        VerificationError: The part cannot be read, or has other rows (`release/sidecar`).
        OSError: The disk is full or fails.
    """
    with pq.ParquetFile(old) as file:
        rows, kind = file.metadata.num_rows, file.schema_arrow.field("record_id").type
    if rows != len(kept):
        raise _damaged(old, f"it has {rows:,} rows, expected {len(kept):,}")
    first = 0
    with open_part(new, kind) as writer:
        for ids, offsets, numbers in read_part(old):
            mine = kept[first : first + len(ids)]
            first += len(ids)
            lengths = np.diff(offsets)
            ends = np.zeros(int(mine.sum()) + 1, np.int64)
            np.cumsum(lengths[mine], out=ends[1:])
            rest = numbers[np.repeat(mine, lengths)].astype(np.uint32)
            if len(ends) > 1:
                writer.write_batch(part_rows(ids.filter(pa.array(mine)), ends, rest))


def _damaged(path: Path, seen: str) -> VerificationError:
    return VerificationError(
        f"{seen}, expected a part of a release’s sidecar",
        code="release/sidecar",
        where=Where(file=str(path)),
    )
