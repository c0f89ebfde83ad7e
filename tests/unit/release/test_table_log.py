# SPDX-License-Identifier: Apache-2.0
"""What the log of a release's table may say, and nothing else: a reader heeds all of it (specs/release.md, [REL-70])."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from deltalake import DeltaTable

from privity.errors import VerificationError
from privity.release.table import (
    TableFile,
    change_table,
    columns_digest,
    create_table,
    table_files,
    vacuum,
)
from privity.release.table_log import LOG, check_log, commit_name, read_log

SCHEMA = pa.schema([("record_id", pa.int64()), ("category", pa.string())])
OLD = "part-000000.parquet"
NEW = "part-000000-r2.parquet"
OTHER = "part-000001.parquet"


def put(folder: Path, name: str, rows: int) -> TableFile:
    folder.mkdir(exist_ok=True)
    pq.write_table(pa.table([range(rows), ["inmail"] * rows], schema=SCHEMA), folder / name)
    return TableFile(path=name, size=(folder / name).stat().st_size, rows=rows)


@pytest.fixture
def table(tmp_path: Path) -> Path:
    """A table from which something was taken back."""
    folder = tmp_path / "table"
    files = [put(folder, OLD, 3), put(folder, OTHER, 2)]
    create_table(folder, SCHEMA, files, name="first", now=1_700_000_000)
    change_table(
        folder, add=[put(folder, NEW, 2)], remove=files[:1], now=1_700_000_001, version=0
    )
    return folder


Held = dict[str, Any]


def held(table: Path) -> Held:
    """What is known of a table that is whole."""
    live = {one.path: (one.size, one.rows) for one in table_files(table)}
    return {"name": "first", "columns": columns_digest(table), "live": live}


def check(table: Path, known: Held) -> frozenset[str]:
    return check_log(table, read_log(table), **known)


def refused(table: Path, known: Held) -> VerificationError:
    with pytest.raises(VerificationError) as caught:
        check(table, known)
    assert caught.value.code == "release/table-damaged"
    return caught.value


def change(
    table: Path, version: int, kind: str, how: Callable[[dict[str, Any]], object]
) -> None:
    path = table / LOG / commit_name(version)
    lines = [json.loads(line) for line in path.read_text().splitlines()]
    for line in lines:
        if kind in line:
            how(line[kind])
    path.write_text("".join(json.dumps(line) + "\n" for line in lines))


def append(table: Path, version: int, action: str) -> None:
    with (table / LOG / commit_name(version)).open("a") as stream:
        stream.write(f"\n{action}\n")


def test_what_is_written_holds_and_says_what_was_there_before(table: Path) -> None:
    """REL-70: also after files were exchanged, and removed."""
    assert check(table, held(table)) == {OLD}
    vacuum(table)
    assert check(table, held(table)) == {OLD}


def test_what_nothing_rests_on_may_be_anything(table: Path) -> None:
    """REL-70: who wrote it, and when; nor does it matter how a line is spelled."""
    change(table, 0, "commitInfo", lambda one: one.update(engineInfo="another", more=[1]))
    change(table, 0, "metaData", lambda one: one.update(createdTime=1))
    change(table, 1, "add", lambda one: one.update(modificationTime=2, baseRowId=None))
    assert check(table, held(table)) == {OLD}


CHANGES: dict[str, tuple[int, str, Callable[[dict[str, Any]], object]]] = {
    "partitioned": (0, "metaData", lambda one: one.update(partitionColumns=["category"])),
    "partition": (1, "add", lambda one: one.update(partitionValues={"category": "post"})),
    "of-before": (0, "add", lambda one: one.update(partitionValues={"category": "post"})),
    "rows-left-out": (
        1,
        "add",
        lambda one: one.update(
            deletionVector={"storageType": "i", "pathOrInlineDv": "", "sizeInBytes": 1, "cardinality": 1}
        ),
    ),
    "named-otherwise": (
        0,
        "metaData",
        lambda one: one["configuration"].update({"delta.columnMapping.mode": "name"}),
    ),
    "no-configuration": (0, "metaData", lambda one: one.update(configuration={})),
    "described": (0, "metaData", lambda one: one.update(description="all agreed")),
    "name": (0, "metaData", lambda one: one.update(name="second")),
    "no-id": (0, "metaData", lambda one: one.update(id="../first")),
    "format": (0, "metaData", lambda one: one["format"].update(provider="csv")),
    "features": (
        0,
        "protocol",
        lambda one: one.update(minReaderVersion=3, minWriterVersion=7, readerFeatures=["deletionVectors"]),
    ),
    "protocol-of-truth": (0, "protocol", lambda one: one.update(minReaderVersion=True)),
    "more-of-a-file": (1, "add", lambda one: one.update(tags={"a": "b"})),
    "statistics": (
        1,
        "add",
        lambda one: one.update(stats='{"numRecords":2,"minValues":{"category":"x"}}'),
    ),
    "rows": (1, "add", lambda one: one.update(stats='{"numRecords":1}')),
    "size": (1, "add", lambda one: one.update(size=one["size"] + 1)),
    "no-number": (1, "add", lambda one: one.update(modificationTime=-1)),
    "another-path": (1, "add", lambda one: one.update(path="../part-000000-r2.parquet")),
    "hidden-change": (1, "remove", lambda one: one.update(dataChange=False)),
    "never-there": (1, "remove", lambda one: one.update(path="part-000007.parquet")),
    "columns": (
        0,
        "metaData",
        lambda one: one.update(schemaString=one["schemaString"].replace("category", "kategory")),
    ),
}  # fmt: skip


@pytest.mark.parametrize("which", CHANGES)
def test_what_a_reader_may_heed_is_as_it_is_written(table: Path, which: str) -> None:
    """REL-70, REL-3."""
    known = held(table)
    change(table, *CHANGES[which])
    assert commit_name(CHANGES[which][0]) in str(refused(table, known)) or which in {
        "rows",
        "size",
    }


def test_readers_would_have_read_something_else(table: Path) -> None:
    """REL-70: why the log is held to what is written, and not only to the files that it names."""
    known = held(table)
    before = DeltaTable(str(table)).to_pyarrow_dataset().to_table()["category"].to_pylist()
    change(table, *CHANGES["partitioned"])
    for version in (0, 1):
        change(table, version, "add", CHANGES["partition"][2])
    after = DeltaTable(str(table)).to_pyarrow_dataset().to_table()["category"].to_pylist()
    assert (set(before), set(after)) == ({"inmail"}, {"post"})
    refused(table, known)


@pytest.mark.parametrize(
    "action",
    [
        '{"metaData":{}}',
        '{"txn":{"appId":"a","version":1}}',
        '{"domainMetadata":{"domain":"d","configuration":"","removed":false}}',
        '{"commitInfo":{}}',
        '{"add":{},"add":{}}',
        '{"add":[]}',
        "[]",
        "{}",
        "",
        "no action",
    ],
)
def test_a_commit_has_its_actions_and_no_other(table: Path, action: str) -> None:
    """REL-70."""
    known = held(table)
    append(table, 1, action)
    refused(table, known)


def test_a_file_is_put_in_once(table: Path) -> None:
    """REL-70."""
    known = held(table)
    lines = (table / LOG / commit_name(1)).read_text().splitlines()
    append(table, 1, next(line for line in lines if '"add"' in line))
    assert "before" in refused(table, known).message


@pytest.mark.parametrize(
    "name",
    [
        "_last_checkpoint",
        "00000000000000000001.checkpoint.parquet",
        "00000000000000000001.crc",
        "00000000000000000000.00000000000000000001.compacted.json",
        "00000000000000000003.json",
        "more/00000000000000000002.json",
    ],
)
def test_nothing_lies_beside_the_commits(table: Path, name: str) -> None:
    """REL-70: a reader may begin with it in their place."""
    known = held(table)
    path = table / LOG / name
    path.parent.mkdir(exist_ok=True)
    path.write_bytes((table / LOG / commit_name(1)).read_bytes())
    refused(table, known)


def test_a_checkpoint_that_a_reader_made_is_none_of_ours(table: Path) -> None:
    """REL-70."""
    known = held(table)
    DeltaTable(str(table)).create_checkpoint()
    refused(table, known)


def test_what_a_killed_commit_left_is_passed_over(table: Path) -> None:
    """REL-70: no reader takes it for a commit."""
    (table / LOG / f"{commit_name(2)}#1").write_bytes(b"{")
    assert check(table, held(table)) == {OLD}
