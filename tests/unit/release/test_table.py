# SPDX-License-Identifier: Apache-2.0
"""The table of a release: what its log says and does not, and how it changes (specs/release.md, part 1)."""

from __future__ import annotations

import json
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from deltalake import DeltaTable

from privity.errors import ConflictError, VerificationError
from privity.release.table import (
    TableFile,
    change_table,
    columns_digest,
    create_table,
    digest_of_schema,
    table_files,
    table_version,
    vacuum,
)
from privity.release.table_log import LOG

TAKEN = "a text that is taken back"
SCHEMA = pa.schema(
    [
        ("record_id", pa.int64()),
        ("category", pa.string()),
        ("created_at", pa.timestamp("us", tz="UTC")),
        ("body", pa.string()),
    ]
)


def put(folder: Path, name: str, *bodies: str) -> TableFile:
    rows = len(bodies)
    table = pa.table(
        [range(rows), ["post"] * rows, pa.array([0] * rows, SCHEMA.field(2).type), bodies],
        schema=SCHEMA,
    )
    folder.mkdir(exist_ok=True)
    pq.write_table(table, folder / name)
    return TableFile(path=name, size=(folder / name).stat().st_size, rows=rows)


def made(folder: Path) -> list[TableFile]:
    files = [
        put(folder, "part-000000.parquet", "hello", TAKEN),
        put(folder, "part-000001.parquet", "world"),
    ]
    create_table(folder, SCHEMA, files, name="first", now=1_700_000_000)
    return files


def log_of(folder: Path) -> bytes:
    return b"".join(path.read_bytes() for path in sorted((folder / LOG).iterdir()))


def actions(folder: Path, version: int) -> list[dict[str, dict]]:
    lines = (folder / LOG / f"{version:020}.json").read_text().splitlines()
    return [json.loads(line) for line in lines]


def test_a_table_says_of_a_file_how_many_rows_it_has_and_nothing_else(tmp_path: Path) -> None:
    """REL-3."""
    files = made(tmp_path / "table")
    added = [one["add"] for one in actions(tmp_path / "table", 0) if "add" in one]
    assert [json.loads(one["stats"]) for one in added] == [{"numRecords": 2}, {"numRecords": 1}]
    assert TAKEN.encode() not in log_of(tmp_path / "table")
    assert table_files(tmp_path / "table") == tuple(files)


def test_other_writers_are_told_to_keep_statistics_of_no_payload_and_no_id(
    tmp_path: Path,
) -> None:
    """REL-3."""
    made(tmp_path / "table")
    table = DeltaTable(str(tmp_path / "table"))
    assert table.metadata().configuration == {
        "delta.dataSkippingNumIndexedCols": "0",
        "delta.dataSkippingStatsColumns": "category",
    }
    # What delta-rs itself appends keeps to it.
    from deltalake import write_deltalake  # noqa: PLC0415 - a writer that is not ours

    write_deltalake(
        table, pq.read_table(tmp_path / "table" / "part-000000.parquet"), mode="append"
    )
    (added,) = [one["add"] for one in actions(tmp_path / "table", 1) if "add" in one]
    assert set(json.loads(added["stats"])["minValues"]) <= {"category"}


def test_a_table_does_not_say_where_it_was_made(tmp_path: Path) -> None:
    """REL-3: nor where it was changed, or what was taken out was removed."""
    first, _ = made(tmp_path / "table")
    change_table(tmp_path / "table", add=[], remove=[first], now=1, version=0)
    vacuum(tmp_path / "table")
    assert table_version(tmp_path / "table") > 1
    assert str(tmp_path).encode() not in log_of(tmp_path / "table")


def test_a_checkpoint_has_no_values_either(tmp_path: Path) -> None:
    """REL-3."""
    made(tmp_path / "table")
    DeltaTable(str(tmp_path / "table")).create_checkpoint()
    assert TAKEN.encode() not in log_of(tmp_path / "table")
    (checkpoint,) = (tmp_path / "table" / LOG).glob("*.checkpoint.parquet")
    assert TAKEN not in str(pq.read_table(checkpoint).to_pylist())


def test_files_are_exchanged_by_one_commit(tmp_path: Path) -> None:
    """REL-4."""
    folder = tmp_path / "table"
    first, second = made(folder)
    new = put(folder, "part-000000-r2.parquet", "hello")
    assert change_table(folder, add=[new], remove=[first], now=1_700_000_001, version=0) == 1
    kinds = [next(iter(one)) for one in actions(folder, 1)]
    assert sorted(kinds) == ["add", "commitInfo", "remove"]
    assert table_files(folder) == (new, second)
    # Whoever opened the version before still reads it.
    old = DeltaTable(str(folder), version=0).to_pyarrow_table()
    assert TAKEN in old["body"].to_pylist()


def test_a_table_that_moved_on_is_not_changed(tmp_path: Path) -> None:
    """REL-4."""
    folder = tmp_path / "table"
    first, second = made(folder)
    change_table(folder, add=[], remove=[first], now=1, version=0)
    with pytest.raises(ConflictError) as caught:
        change_table(folder, add=[], remove=[second], now=2, version=0)
    assert caught.value.code == "release/table"
    assert table_version(folder) == 1
    assert table_files(folder) == (second,)


def test_a_table_is_made_once(tmp_path: Path) -> None:
    files = made(tmp_path / "table")
    with pytest.raises(ConflictError) as caught:
        create_table(tmp_path / "table", SCHEMA, files, name="first", now=1)
    assert caught.value.code == "release/table"


def test_vacuum_removes_what_is_no_longer_in_the_table(tmp_path: Path) -> None:
    folder = tmp_path / "table"
    first, second = made(folder)
    change_table(folder, add=[], remove=[first], now=1, version=0)
    stray = put(folder, "part-000007-r9.parquet", TAKEN)
    assert vacuum(folder) == (first.path, stray.path)
    assert [path.name for path in folder.glob("*.parquet")] == [second.path]
    assert not [
        path
        for path in folder.rglob("*")
        if path.is_file() and TAKEN.encode() in path.read_bytes()
    ]


def test_columns_have_one_digest_in_the_table_and_before_it(tmp_path: Path) -> None:
    """REL-7."""
    made(tmp_path / "table")
    assert columns_digest(tmp_path / "table") == digest_of_schema(SCHEMA)
    assert digest_of_schema(SCHEMA) != digest_of_schema(SCHEMA.remove(3))


@pytest.mark.parametrize("name", ["00000000000000000000.json", None])
def test_what_is_no_table_is_said_to_be_none(tmp_path: Path, name: str | None) -> None:
    folder = tmp_path / "table"
    made(folder)
    for path in (folder / LOG).iterdir():
        if name is None:
            path.unlink()
        else:
            path.write_bytes(b"{")
    with pytest.raises(VerificationError) as caught:
        table_files(folder)
    assert caught.value.code == "release/table-damaged"
