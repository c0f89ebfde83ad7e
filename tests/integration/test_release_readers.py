# SPDX-License-Identifier: Apache-2.0
"""A release is read by tools that do not know Privity, each in its own way (specs/release.md, [REL-3])."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from tests.integration.releases import folder_of, release
from tests.integration.workspaces import make

from privity.release.files import Manifest
from privity.release.folder import ReleaseFolder

Rows = list[dict[str, Any]]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> ReleaseFolder:
    """A release with a column of each kind that has to be written otherwise than it came."""
    made = make(tmp_path_factory.mktemp("release"))
    for path in made.sources:
        table = pq.read_table(path)
        count = table.num_rows
        more = {
            "likes": pa.array(range(count), pa.uint32()),
            "hash": pa.array([2**64 - 1 - one for one in range(count)], pa.uint64()),
            "language": pa.array(["en", None] * (count // 2)).dictionary_encode(),
            "seen": pa.array([1_700_000_000] * count, pa.timestamp("s", "Europe/Rome")),
            "tags": pa.array([["a", "b"], []] * (count // 2), pa.large_list(pa.string())),
            "device": pa.array([{"os": "x", "age": 1}] * count),
        }
        for name, column in more.items():
            table = table.append_column(name, column)
        pq.write_table(table, path)
    release(made)
    return folder_of(made)


@pytest.fixture(scope="module")
def expected(folder: ReleaseFolder) -> Rows:
    return in_order(pa.concat_tables(pq.read_table(path) for path in files(folder)).to_pylist())


def files(folder: ReleaseFolder) -> list[Path]:
    manifest = Manifest.parse(folder.manifest.read_bytes())
    return [folder.table / line.path for line in manifest.lines]


def in_order(rows: Rows) -> Rows:
    return sorted(rows, key=lambda row: str(row["record_id"]))


def test_duckdb_reads_it(folder: ReleaseFolder, expected: Rows) -> None:
    """Its files, as any Parquet; what asks the table's log is an extension that it fetches."""
    import duckdb  # noqa: PLC0415 - one of the readers

    names = [str(path) for path in files(folder)]
    with duckdb.connect() as connection:
        relation = connection.read_parquet(names)
        found = relation.to_arrow_table().to_pylist()
        assert connection.sql(
            "select category, count(*) from relation group by all order by all"
        ).fetchall()
    assert in_order(found) == expected


def test_duckdb_reads_the_table_where_it_has_the_extension(
    folder: ReleaseFolder, expected: Rows
) -> None:
    import duckdb  # noqa: PLC0415 - one of the readers

    with duckdb.connect(config={"autoinstall_known_extensions": "false"}) as connection:
        try:
            connection.load_extension("delta")
        except duckdb.Error:
            pytest.skip("the extension `delta` of DuckDB is not installed")
        found = connection.execute(
            "select count(*) from delta_scan(?)", [str(folder.table)]
        ).fetchall()
    assert found == [(len(expected),)]


def test_polars_reads_it(folder: ReleaseFolder, expected: Rows) -> None:
    """As a table, whole and as it is asked for."""
    import polars as pl  # noqa: PLC0415 - one of the readers

    assert in_order(pl.read_delta(str(folder.table)).to_arrow().to_pylist()) == expected
    posts = pl.scan_delta(str(folder.table)).filter(pl.col("category") == "post").collect()
    assert posts.height == sum(row["category"] == "post" for row in expected)


def test_pandas_reads_it(folder: ReleaseFolder, expected: Rows) -> None:
    """By delta-rs, and its files as any Parquet."""
    import pandas as pd  # noqa: PLC0415 - one of the readers
    from deltalake import DeltaTable  # noqa: PLC0415 - as above

    table = DeltaTable(str(folder.table)).to_pandas()
    plain = pd.concat([pd.read_parquet(path) for path in files(folder)])
    for found in (table, plain):
        assert sorted(found["record_id"]) == [row["record_id"] for row in expected]
        assert found["seen"].dt.tz is not None
        assert sum(map(int, found["hash"])) == sum(int(row["hash"]) for row in expected)


def test_datasets_of_hugging_face_reads_it(
    folder: ReleaseFolder, expected: Rows, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Into its cache, and streaming."""
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    monkeypatch.setenv("HF_HOME", str(tmp_path / "home"))
    import datasets  # noqa: PLC0415 - one of the readers

    datasets.disable_progress_bars()
    names = [str(path) for path in files(folder)]
    found = datasets.load_dataset(
        "parquet", data_files=names, split="train", cache_dir=str(tmp_path / "cache")
    )
    assert sorted(found["record_id"]) == [row["record_id"] for row in expected]
    stream = datasets.load_dataset("parquet", data_files=names, split="train", streaming=True)
    assert [row["body"] for row in in_order(list(stream))] == [row["body"] for row in expected]


@pytest.mark.slow
@pytest.mark.allow_hosts(["127.0.0.1"])
def test_spark_reads_it(
    folder: ReleaseFolder,
    expected: Rows,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Its files, as any Parquet; needs pyspark (`make readers`) and Java, which talk to each other on this machine."""
    pyspark = pytest.importorskip("pyspark.sql")
    if shutil.which("java") is None:
        pytest.skip("there is no Java")
    monkeypatch.setenv("SPARK_LOCAL_IP", "127.0.0.1")
    spark = (
        pyspark.SparkSession.builder.master("local[1]")
        .config("spark.ui.enabled", "false")
        .config("spark.sql.session.timeZone", "UTC")
        .config("spark.sql.warehouse.dir", str(tmp_path))
        .getOrCreate()
    )
    try:
        frame = spark.read.parquet(*[str(path) for path in files(folder)])
        columns = ["record_id", "body", "likes", "hash", "language", "tags"]
        found = in_order([row.asDict() for row in frame.select(*columns).collect()])
    finally:
        spark.stop()
    assert found == [{name: row[name] for name in columns} for row in expected]
