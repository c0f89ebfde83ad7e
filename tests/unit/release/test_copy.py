# SPDX-License-Identifier: Apache-2.0
"""Copying: contiguous shares, row groups of a size, and an end to all parts where one fails."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given, strategies

from privity.release import copy
from privity.release.copy import Mask, copy_rows
from privity.release.decided import Chunk, chunks_of

SCHEMA = pa.schema([("record_id", pa.int64()), ("body", pa.string())])


class InMemory:
    """Records at hand, in chunks; a RecordFile."""

    def __init__(self, sizes: Sequence[int], first: int = 0) -> None:
        self.name = "records"
        self.schema = SCHEMA
        self.sizes = sizes
        self.rows = sum(sizes)
        self.chunks = len(sizes)
        self.first = first

    def rows_of(self, chunk: int) -> int:
        return self.sizes[chunk]

    def read(self, chunk: int, columns: Sequence[str] | None = None) -> pa.Table:
        first = self.first + sum(self.sizes[:chunk])
        ids = list(range(first, first + self.sizes[chunk]))
        table = pa.table([ids, [f"body {one}" for one in ids]], schema=SCHEMA)
        return table if columns is None else table.select(columns)

    def read_encoded(
        self, chunk: int, columns: Sequence[str], encoded: Sequence[str]
    ) -> pa.Table:
        del encoded
        return self.read(chunk, columns)

    def digest(self) -> str:
        return ""


def quiet(stage: str, rows: int) -> None:
    del stage, rows


def even(chunk: Chunk) -> Mask:
    return np.arange(chunk.first, chunk.first + chunk.rows) % 2 == 0


def parts_of(folder: Path) -> list[list[int]]:
    return [pq.read_table(path)["record_id"].to_pylist() for path in sorted(folder.iterdir())]


sizes = strategies.lists(strategies.integers(0, 40), max_size=12)


@given(sizes, sizes, strategies.integers(1, 6))
def test_parts_are_contiguous_and_in_order(
    tmp_path_factory: pytest.TempPathFactory, one: list[int], other: list[int], threads: int
) -> None:
    folder = tmp_path_factory.mktemp("parts")
    files = [InMemory(one), InMemory(other, sum(one))]
    chunks = chunks_of(files)
    total = sum(one) + sum(other)
    assert [chunk.first for chunk in chunks] == [
        sum(chunk.rows for chunk in chunks[:place]) for place in range(len(chunks))
    ]
    parts = copy_rows(chunks, SCHEMA, even, folder, threads, quiet)
    found = parts_of(folder)
    assert [row for part in found for row in part] == list(range(0, total, 2))
    assert [part.rows for part in parts] == [len(part) for part in found]
    assert len(found) == threads
    # No share is larger than a fair one by more than a chunk.
    most = max([*one, *other], default=0)
    assert all(len(part) <= (total / threads + most) / 2 + 1 for part in found)


@pytest.mark.parametrize("size", [1, 10, 64])
def test_row_groups_have_at_least_a_size_but_for_the_last(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, size: int
) -> None:
    monkeypatch.setattr(copy, "ROW_GROUP", size)
    copy_rows(chunks_of([InMemory([10] * 20)]), SCHEMA, even, tmp_path, 2, quiet)
    for path in tmp_path.iterdir():
        metadata = pq.read_metadata(path)
        groups = [
            metadata.row_group(place).num_rows for place in range(metadata.num_row_groups)
        ]
        assert sum(groups) == 50
        assert all(size <= rows < size + 5 for rows in groups[:-1])


def test_rows_may_be_changed_on_their_way(tmp_path: Path) -> None:
    schema = pa.schema([("record_id", pa.int64())])
    copy_rows(
        chunks_of([InMemory([5])]),
        schema,
        even,
        tmp_path,
        1,
        quiet,
        lambda table: table.select(["record_id"]),
    )
    assert pq.read_schema(tmp_path / "part-00000.parquet").names == ["record_id"]


def test_a_failure_in_one_part_ends_the_others_at_their_next_chunk(tmp_path: Path) -> None:
    """The second part fails while the first waits in its first chunk of ten thousand."""
    failed = threading.Event()
    read: list[int] = []

    def permitted(chunk: Chunk) -> Mask:
        if chunk.first >= 10_000:
            failed.set()
            message = "a bad row"
            raise ValueError(message)
        read.append(chunk.first)
        failed.wait()
        return even(chunk)

    chunks = chunks_of([InMemory([1] * 20_000)])
    with pytest.raises(ValueError, match="a bad row"):
        copy_rows(chunks, SCHEMA, permitted, tmp_path, 2, quiet)
    assert len(read) < 10_000


def test_what_is_done_beside_is_done_once_and_its_failure_counts(tmp_path: Path) -> None:
    done: list[int] = []
    chunks = chunks_of([InMemory([3])])
    copy_rows(chunks, SCHEMA, even, tmp_path, 1, quiet, beside=[lambda: done.append(1)] * 3)
    assert done == [1, 1, 1]

    def fail() -> None:
        message = "changed"
        raise ValueError(message)

    with pytest.raises(ValueError, match="changed"):
        copy_rows(chunks, SCHEMA, even, tmp_path, 1, quiet, beside=[fail])
