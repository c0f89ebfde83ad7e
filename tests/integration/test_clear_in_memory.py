# SPDX-License-Identifier: Apache-2.0
"""Clearing what is in memory: Arrow tables, batches and readers give the set that their file gives (docs/python.md)."""

from __future__ import annotations

import gc
import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

import privity
from privity.errors import InputError

SMALL = Path(__file__).resolve().parents[2] / "examples" / "small"
ASKED: dict[str, Any] = {
    "policy": SMALL / "policy.yaml",
    "facts": SMALL / "facts.csv",
    "purpose": "genai-training",
    "recipient": "self",
    "at": "2025-06-01T00:00:00Z",
}


@pytest.fixture
def working(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = tmp_path / "working"
    folder.mkdir()
    monkeypatch.setenv("TMPDIR", str(folder))
    return folder


@pytest.fixture
def table() -> pa.Table:
    from privity.sources.native import open_records  # noqa: PLC0415 - beside its one use

    (records,) = open_records([SMALL / "records.jsonl"])
    return records.read(0)


def rows_in(out: Path) -> list[dict[str, Any]]:
    return pq.read_table(out / "data").to_pylist()


@pytest.mark.parametrize(
    "form",
    [
        lambda table: table,
        lambda table: table.to_batches()[0],
        lambda table: table.to_reader(max_chunksize=3),
        lambda table: [table.slice(0, 3), table.slice(3)],
        lambda table: [table.slice(0, 3).to_reader(), table.slice(3).to_reader()],
    ],
    ids=["table", "batch", "reader", "tables", "readers"],
)
def test_what_is_in_memory_is_cleared_as_its_file(
    tmp_path: Path, working: Path, table: pa.Table, form: Callable[[pa.Table], Any]
) -> None:
    """Quotes and ids that stand twice are looked for in all of it."""
    file = privity.clear(SMALL / "records.jsonl", out=tmp_path / "file", **ASKED)
    found = privity.clear(form(table), out=tmp_path / "memory", **ASKED)
    assert rows_in(tmp_path / "memory") == rows_in(tmp_path / "file")
    assert found.summary.reasons == file.summary.reasons
    assert {one["name"][:8] for one in found.manifest["sources"]} == {"<records"}
    gc.collect()
    assert os.listdir(working) == []  # noqa: PTH208 - names, also hidden ones


def test_a_reader_is_read_piece_by_piece(
    tmp_path: Path, working: Path, table: pa.Table
) -> None:
    """What comes as a stream need not fit into memory: each batch is written before the next is asked for."""
    seen: list[int] = []

    def batches() -> Iterator[pa.RecordBatch]:
        for batch in table.to_batches(max_chunksize=2):
            seen.append(sum(one.stat().st_size for one in working.rglob("*.parquet")))
            yield batch

    reader = pa.RecordBatchReader.from_batches(table.schema, batches())
    privity.clear(reader, out=tmp_path / "out", **ASKED)
    assert seen == sorted(seen)
    assert seen[-1] > seen[0]


def test_a_binding_is_heeded(tmp_path: Path, working: Path, table: pa.Table) -> None:
    """Columns of other names are read by it, as those of a file."""
    del working
    binding = tmp_path / "binding.toml"
    binding.write_text('[columns]\nrecord_id = "id"\n')
    names = ["id" if name == "record_id" else name for name in table.column_names]
    found = privity.clear(
        table.rename_columns(names), binding=binding, out=tmp_path / "out", **ASKED
    )
    assert found.summary.permitted == 2


@pytest.mark.parametrize(
    "sources",
    [
        {"record_id": [1]},
        object(),
        [SMALL / "records.jsonl", pa.table({"record_id": ["a"]})],
        [pa.table({"record_id": ["a"]}), object()],
    ],
    ids=["mapping", "object", "mixed", "unknown"],
)
def test_what_is_no_source_is_an_error(tmp_path: Path, sources: Any) -> None:
    with pytest.raises(InputError) as caught:
        privity.clear(sources, out=tmp_path / "out", **ASKED)
    assert caught.value.code == "input/sources"
    assert not (tmp_path / "out").exists()


def test_what_does_not_fit_leaves_nothing(tmp_path: Path, working: Path) -> None:
    with pytest.raises(InputError) as caught:
        privity.clear(pa.table({"record_id": ["a"]}), out=tmp_path / "out", **ASKED)
    assert caught.value.code == "records/missing-column"
    assert not (tmp_path / "out").exists()
    assert os.listdir(working) == []  # noqa: PTH208 - names, also hidden ones


@pytest.mark.parametrize("batch", [[{"record_id": "a"}], {"record_id": ["a"]}, None])
def test_what_is_no_batch_is_an_error(batch: Any) -> None:
    with pytest.raises(InputError) as caught:
        privity.decide_batch(batch, **ASKED)
    assert caught.value.code == "records/column-type"
