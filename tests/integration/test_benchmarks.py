# SPDX-License-Identifier: Apache-2.0
"""The benchmarks run, their data is what docs/benchmarks.md says, and SQL comes to the same permits."""

from __future__ import annotations

import json
import subprocess
import sys
from collections import Counter
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from benchmarks import data, gate, sql
from benchmarks.records import Counts, Shape, pieces

from privity.vocabulary.terms import DECIDED

ROOT = Path(__file__).resolve().parents[2]
RECORDS, MEMBERS = 20_000, 2_000
OF_THE_REQUEST = {"no-policy", "unknown-purpose", "unknown-recipient"}


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("benchmarks")


@pytest.fixture(scope="module")
def shape() -> Shape:
    return Shape(records=RECORDS, members=MEMBERS, body=340, kind="int", files=8)


@pytest.fixture(scope="module")
def records(folder: Path, shape: Shape) -> data.Records:
    return data.records(folder, shape)


@pytest.fixture(scope="module")
def table(records: data.Records) -> pa.Table:
    return pa.concat_tables(pq.read_table(path) for path in records.files)


@pytest.fixture(scope="module")
def cleared(folder: Path, records: data.Records) -> dict[str, Any]:
    facts = data.facts(folder, members=MEMBERS, kind="int")
    states = folder / "compiled.pickle"
    gate.compile_states(str(facts.file), str(states))()
    files = [str(path) for path in records.files]
    out = folder / "cleared"
    found = gate.clear(files, str(facts.file), str(states), str(out), threads=2)()
    return {**found, "states": str(states), "sources": files}


def ids(files: list[Path]) -> list[int]:
    return sorted(
        one
        for path in files
        for one in pq.read_table(path, columns=["record_id"])["record_id"].to_pylist()
    )


def test_one_size_ends_with_one_line_of_json(folder: Path) -> None:
    command = [sys.executable, "-m", "benchmarks", "clear", "--records", str(RECORDS), "--json"]
    command += ["--members", str(MEMBERS), "--pairs", "1", "--dir", str(folder)]
    done = subprocess.run(command, cwd=ROOT, check=True, capture_output=True, text=True)
    result = json.loads(done.stdout.splitlines()[-1])
    bars = ("oracle_ratio", "duckdb_ratio", "string_ratio", "records_per_s", "peak_mib")
    assert all(result[name] > 0 for name in bars)
    assert 0.2 <= result["permitted"] <= 0.6


@pytest.mark.slow
def test_members_of_a_release_end_with_one_line_of_json(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "benchmarks", "members", "--rows", "3000", "--json"]
    command += ["--members", "200", "--releases", "20", "--dir", str(tmp_path)]
    done = subprocess.run(command, cwd=ROOT, check=True, capture_output=True, text=True)
    result = json.loads(done.stdout.splitlines()[-1])
    assert (result["rows"], result["releases"]) == (3000, 20)
    assert result["releases_found"] == 20
    assert result["members"] <= 200


@pytest.mark.slow
def test_proofs_end_with_one_line_of_json(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "benchmarks", "proofs", "--entries", "3000", "--json"]
    command += ["--synthetic", "70k", "--dir", str(tmp_path)]
    done = subprocess.run(command, cwd=ROOT, check=True, capture_output=True, text=True)
    result = json.loads(done.stdout.splitlines()[-1])
    assert (result["proof_bytes"], result["synthetic_proof_bytes"]) == (12 * 32, 17 * 32)
    assert all(value > 0 for value in result.values())


def test_sql_of_the_same_meaning_permits_the_same_records(
    folder: Path, cleared: dict[str, Any]
) -> None:
    out = folder / "sql" / "part-0.parquet"
    sql.clear(cleared["sources"], cleared["states"], str(out), threads=2, row_group=1 << 16)()
    assert ids([out]) == ids(cleared["files"])


def test_every_reason_that_a_record_can_bring_is_reached(cleared: dict[str, Any]) -> None:
    assert set(DECIDED) - set(cleared["reasons"]) == OF_THE_REQUEST


def test_the_same_seed_makes_the_same_records_and_facts(
    tmp_path: Path, folder: Path, shape: Shape, records: data.Records
) -> None:
    assert data.records(tmp_path, shape).described == records.described
    made = [data.facts(place, members=MEMBERS, kind="int") for place in (tmp_path, folder)]
    assert made[0].described == made[1].described


def test_strings_are_the_same_data_as_integers(shape: Shape, table: pa.Table) -> None:
    other = Shape(records=RECORDS, members=MEMBERS, body=340, kind="string", files=shape.files)
    text = pa.concat_tables(
        piece for file in range(other.files) for piece in pieces(other, file, Counts())
    )
    assert text["body"].equals(table["body"])
    for name, letter in (("record_id", "r"), ("author", "m")):
        numbers = [one and int(one.removeprefix(letter)) for one in text[name].to_pylist()]
        assert numbers == table[name].to_pylist()


def test_no_body_repeats_and_their_mean_is_what_was_asked(table: pa.Table) -> None:
    bodies = table["body"].to_pylist()
    assert len(set(bodies)) == len(bodies)
    assert sum(map(len, bodies)) / len(bodies) == pytest.approx(340, rel=0.05)


def test_parties_quotes_and_duplicates_are_as_many_as_said(table: pa.Table) -> None:
    parties = sum(
        len(set(row["recipients"]) | {row["author"]})
        for row in table.select(["author", "recipients"]).to_pylist()
    )
    assert parties / RECORDS == pytest.approx(2.25, rel=0.05)
    found = Counter(table["record_id"].to_pylist())
    assert sum(count for count in found.values() if count > 1) / RECORDS == pytest.approx(
        0.001, abs=0.0006
    )
    # Small sets have the rings and chains made on purpose in each file, and so more quotes.
    assert 0.04 < sum(bool(one) for one in table["quotes"].to_pylist()) / RECORDS < 0.08


def test_members_have_one_to_five_breakpoints_at_their_own_seconds(folder: Path) -> None:
    facts = pq.read_table(data.facts(folder, members=MEMBERS, kind="int").file)
    lines: dict[int, set[Any]] = {}
    changing = {
        "joined", "setting", "objection", "objection-withdrawn", "agreement", "agreement-ended",
        "jurisdiction", "minor-suspected", "minor-cleared", "merged",
    }  # fmt: skip
    for row in facts.select(["member", "fact", "value", "at"]).to_pylist():
        if row["member"] is not None and row["fact"] in changing and row["value"] != "on":
            lines.setdefault(row["member"], set()).add(row["at"])
    counts = Counter(map(len, lines.values()))
    assert set(counts) == {1, 2, 3, 4, 5}


@pytest.mark.slow
def test_a_release_is_measured_beside_a_set_of_the_same_records(tmp_path: Path) -> None:
    done = subprocess.run(
        [
            *(sys.executable, "-m", "benchmarks", "create", "--dir", str(tmp_path), "--json"),
            *("--records", str(RECORDS), "--members", str(MEMBERS), "--pairs", "1"),
        ],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    found = json.loads(done.stdout.splitlines()[-1])
    assert 0 < found["permitted"] < RECORDS
    assert found["create_ratio"] > 0


@pytest.mark.slow
def test_a_taking_back_is_measured_beside_its_release(tmp_path: Path) -> None:
    done = subprocess.run(
        [
            *(sys.executable, "-m", "benchmarks", "revoke", "--dir", str(tmp_path), "--json"),
            *("--records", "20000", "--members", "2000"),
        ],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    found = json.loads(done.stdout.splitlines()[-1])
    assert 0 < found["taken_back"] < found["rows"]
    assert found["revoke_ratio"] > 0


CLASS = """
    WITH facts AS (FROM read_parquet($facts) WHERE value = 'subscription'
            AND fact IN ('agreement', 'agreement-ended')),
        contracts AS (
            SELECT member, fact = 'agreement' AS holds, "at" AS since,
                lead("at") OVER (
                    PARTITION BY member ORDER BY "at", recorded_at, fact = 'agreement'
                ) AS until
            FROM facts),
        inmails AS (FROM read_parquet($rows)
            WHERE category = 'inmail' AND created_at < '2024-09-18T00:00:00Z'::timestamptz),
        parties AS (SELECT record_id, created_at, author AS member FROM inmails UNION ALL
            SELECT record_id, created_at, unnest(recipients) FROM inmails)
    SELECT count(DISTINCT record_id), count(DISTINCT member)
    FROM parties JOIN contracts USING (member)
    WHERE holds AND since <= created_at AND (until IS NULL OR created_at < until)
"""


@pytest.mark.parametrize(("members", "rows"), [(2_000, 300), (60_000, 20_000)])
def test_a_question_about_a_class_counts_what_sql_counts(
    members: int, rows: int, tmp_path: Path
) -> None:
    """Of few parties facts are asked by name, of many in columns."""
    command = [
        sys.executable,
        "-m",
        "benchmarks",
        "audit-class",
        "--dir",
        str(tmp_path),
        "--json",
    ]
    command += ["--releases", "21", "--members", str(members), "--rows", str(rows)]
    done = subprocess.run(command, cwd=ROOT, check=True, capture_output=True, text=True)
    found = json.loads(done.stdout.splitlines()[-1])
    facts = str(tmp_path / f"facts-int-{members}-1" / "facts.parquet")
    files = str(tmp_path / "audit-class" / "part-*.parquet")
    with duckdb.connect() as database:
        database.execute("SET TimeZone = 'UTC'")
        counted = database.execute(CLASS, {"facts": facts, "rows": files}).fetchone()
    assert (found["records_of_class"], found["members_of_class"]) == counted
    assert found["rows_read"] == 21 * rows
