# SPDX-License-Identifier: Apache-2.0
"""A clearing from files to files: what it writes is what deciding permits, however it is cut and run."""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from tests.integration.conftest import Program
from tests.integration.corpora import (
    FORMATS,
    Corpus,
    ids_of,
    put_corpus,
    put_world,
    split,
    with_bodies,
)
from tests.property.comparison import as_rows

import privity
from privity.decide.request import Record, RecordId
from privity.errors import ConflictError, InputError
from privity.release import copy, spool
from privity.sources.native import open_records
from privity.testing.plain import POST, fact, policy, register, told
from privity.testing.worlds import IdKind, random_world, to_arrow

FREE = policy(obligations=[])
FACTS = as_rows(
    [
        *register(),
        *told("open"),
        *told("shut"),
        fact("closed", "2025-05-01", member="shut"),
    ]
)


def post(name: RecordId, *quoted: RecordId | None, author: str = "open") -> Record:
    return replace(POST, record_id=name, quotes=quoted, author=author)


def corpus(
    folder: Path,
    *files: Sequence[Record],
    endings: Sequence[str] = (".parquet",),
    **options: Any,
) -> Corpus:
    """Write posts in the plain world, a file for each sequence."""
    tables = [with_bodies(to_arrow(list(records))) for records in files]
    return put_corpus(folder, tables, FACTS, [FREE], endings=endings, **options)


def cleared(found: Path) -> pa.Table:
    """All data of a set, in the order of its files."""
    return pa.concat_tables(pq.read_table(path) for path in sorted((found / "data").iterdir()))


def content(folder: Path) -> dict[str, bytes]:
    """Every file of a set with its bytes."""
    return {
        str(path.relative_to(folder)): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


def decided(given: Corpus) -> list[Mapping[str, Any]]:
    """Decide all records of the files in one batch."""
    sources = open_records(given.sources)
    table = pa.concat_tables(one.read(chunk) for one in sources for chunk in range(one.chunks))
    found: list[Mapping[str, Any]] = privity.decide_batch(table, **given.asked).to_pylist()
    return found


# What it writes is what deciding permits


@pytest.mark.parametrize("ids", ["string", "int"])
@pytest.mark.parametrize("endings", [*[(one,) for one in FORMATS], FORMATS])
@pytest.mark.parametrize("seed", [7, 12, 38])
def test_the_ids_written_are_those_that_decide_permits(
    program: Program, tmp_path: Path, ids: IdKind, endings: Sequence[str], seed: int
) -> None:
    made = random_world(seed, records=150, ids=ids)
    given = put_world(tmp_path, made, parts=3, endings=endings)
    done = program(
        "clear", *given.sources, *given.options, "--out", tmp_path / "o", "--refused"
    )
    assert (done.code, done.err) == (0, "")
    printed = program("decide", *given.records, *given.options)
    lines = [json.loads(line) for line in printed.out.splitlines()]
    assert lines == decided(given)
    found = cleared(tmp_path / "o")
    assert ids_of(found) == [one["record_id"] for one in lines if one["permit"]]
    assert pq.read_table(tmp_path / "o" / "refused.parquet").to_pylist() == [
        {"record_id": one["record_id"], "reasons": one["reasons"]}
        for one in lines
        if not one["permit"]
    ]
    bodies = dict(zip(found["body"].to_pylist(), ids_of(found), strict=True))
    assert all(body.startswith(f"body of {name} ") for body, name in bodies.items())


def test_the_worlds_above_permit_and_refuse(tmp_path: Path) -> None:
    permits = []
    for seed in (7, 12, 38):
        given = put_world(
            tmp_path / str(seed), random_world(seed, records=150), number=seed % 4
        )
        permits.append(sum(one["permit"] for one in decided(given)))
    assert all(10 <= count <= 140 for count in permits)


@pytest.mark.parametrize("payload", [True, False], ids=["payload", "bare"])
def test_a_row_is_written_as_it_was_read(tmp_path: Path, payload: bool) -> None:  # noqa: FBT001 - a case
    """Every column of a permitted record is that of its source, nulls and empty lists too."""
    records = [post(f"{row}", author="shut" if row % 3 else "open") for row in range(90)]
    table = to_arrow(records)
    nulls = pa.nulls(90, pa.list_(pa.string()))
    table = table.set_column(table.column_names.index("recipients"), "recipients", nulls)
    if payload:
        table = with_bodies(table)
        nested = pa.array([{"a": [row], "b": None} for row in range(90)])
        table = table.append_column("nested", nested).append_column("none", pa.nulls(90))
    given = put_corpus(tmp_path, split(table, 2), FACTS, [FREE], row_group=7)
    privity.clear(given.sources, out=tmp_path / "out", **given.asked)
    found = cleared(tmp_path / "out")
    expected = table.filter(pa.array([row % 3 == 0 for row in range(90)]))
    assert found.column_names == expected.column_names
    different = {name for name in found.column_names if found[name] != expected[name]}
    # A list that is missing names nobody, as an empty one.
    assert different <= {"recipients"}
    assert set(map(tuple, found["recipients"].fill_null([]).to_pylist())) == {()}


# Quotes and duplicates across files

ACROSS: dict[str, tuple[list[list[Record]], list[str]]] = {
    "a quoted record in a later file": (
        [[post("1", "3"), post("2")], [post("3", author="shut"), post("4", "2")]],
        ["2", "4"],
    ),
    "a quoted record in an earlier file": (
        [[post("3", author="shut"), post("4")], [post("1", "3"), post("2", "4")]],
        ["4", "2"],
    ),
    "a duplicate across files": (
        [[post("1"), post("2")], [post("3")], [post("1"), post("4", "1"), post("5", "3")]],
        ["2", "3", "5"],
    ),
    "a ring across files": (
        [
            [post("1", "2"), post("a", "b")],
            [post("2", "3"), post("b", "c")],
            [post("3", "1", author="shut"), post("c", "a")],
        ],
        ["a", "b", "c"],
    ),
    "depth 50 across files": (
        [
            [post(f"{place}", f"{place + 1}") for place in range(first, 50, 4)]
            + [post(f"f{place}", f"f{place + 1}") for place in range(first, 50, 4)]
            for first in range(4)
        ]
        + [[post("50", author="shut"), post("f50")]],
        [f"f{place}" for first in range(4) for place in range(first, 50, 4)] + ["f50"],
    ),
    "a quote of a record that no file has": (
        [[post("1", "x"), post("2", "1")], [post("3", None), post("4")]],
        ["4"],
    ),
}


@pytest.mark.parametrize("files", ACROSS.values(), ids=ACROSS.keys())
@pytest.mark.parametrize("endings", [(".parquet",), (".jsonl", ".parquet")])
def test_quotes_and_duplicates_reach_across_files(
    program: Program,
    tmp_path: Path,
    files: tuple[list[list[Record]], list[str]],
    endings: Sequence[str],
) -> None:
    """Each is written once, with a row group a record, and read in any order of threads."""
    given = corpus(tmp_path, *files[0], endings=endings, row_group=1)
    expected = files[1]
    assert [one["record_id"] for one in decided(given) if one["permit"]] == expected
    for threads in (1, 3):
        out = tmp_path / f"out-{threads}"
        privity.clear(given.sources, out=out, threads=threads, **given.asked)
        assert ids_of(cleared(out)) == expected
    printed = program("decide", *given.records, *given.options, "--engine", "one")
    lines = [json.loads(line) for line in printed.out.splitlines()]
    assert [one["record_id"] for one in lines if one["permit"]] == expected


@pytest.mark.parametrize("ids", ["string", "int"])
@pytest.mark.parametrize("seed", [7, 10, 12, 38])
def test_keys_on_disk_find_what_keys_in_memory_find(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, ids: IdKind, seed: int
) -> None:
    given = put_world(tmp_path, random_world(seed, records=200, ids=ids), parts=3)
    privity.clear(given.sources, out=tmp_path / "memory", refused=True, **given.asked)
    monkeypatch.setattr(spool, "KEYS_IN_MEMORY", 0)
    monkeypatch.setattr(spool, "_BLOCK", 64)
    privity.clear(given.sources, out=tmp_path / "disk", refused=True, **given.asked)
    assert content(tmp_path / "disk") == content(tmp_path / "memory")


# The same again


@pytest.mark.parametrize("threads", [1, 2, 5])
@pytest.mark.parametrize("ids", ["string", "int"])
def test_the_same_inputs_and_threads_give_the_same_bytes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, ids: IdKind, threads: int
) -> None:
    monkeypatch.setattr(copy, "ROW_GROUP", 17)
    given = put_world(tmp_path, random_world(12, records=300, ids=ids), parts=3)
    for name in ("first", "second"):
        privity.clear(
            given.sources, out=tmp_path / name, threads=threads, refused=True, **given.asked
        )
    first = content(tmp_path / "first")
    assert first == content(tmp_path / "second")
    names = {f"data/part-{number:05d}.parquet" for number in range(threads)}
    assert set(first) == {*names, "manifest.json", "summary.csv", "refused.parquet"}


def test_nothing_of_the_folder_or_the_machine_is_in_the_bytes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    found = []
    for place in ("here", "elsewhere/deep"):
        given = put_world(tmp_path / place, random_world(12, records=100))
        monkeypatch.chdir(tmp_path / place)
        sources = [path.name for path in given.sources]
        asked = {**given.asked, "policy": "policy", "facts": "facts.csv"}
        privity.clear(sources, out="out", **asked)
        found.append(content(tmp_path / place / "out"))
    assert found[0] == found[1]
    assert str(tmp_path).encode() not in b"".join(found[0].values())


def test_other_threads_give_the_same_rows_in_the_same_order(tmp_path: Path) -> None:
    given = put_world(tmp_path, random_world(38, records=400), parts=4, row_group=11)
    tables = []
    for threads in (1, 2, 3, 7, 40):
        out = tmp_path / f"out-{threads}"
        made = privity.clear(given.sources, out=out, threads=threads, **given.asked)
        assert [part["records"] for part in made.manifest["data"]] == [
            pq.read_metadata(out / part["name"]).num_rows for part in made.manifest["data"]
        ]
        assert len(made.manifest["data"]) == threads
        tables.append(cleared(out))
    assert tables[0].num_rows > 50
    assert all(table.equals(tables[0]) for table in tables[1:])


# The manifest


def sha256(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def test_the_manifest_says_what_went_in_and_what_came_out(tmp_path: Path) -> None:
    given = put_world(tmp_path, random_world(12, records=150), parts=3, endings=FORMATS)
    made = privity.clear(given.sources, out=tmp_path / "out", threads=3, **given.asked)
    manifest = json.loads((tmp_path / "out" / "manifest.json").read_text())
    assert manifest == made.manifest
    assert manifest["format"] == "privity-clearing/1"
    assert [(one["name"], one["sha256"]) for one in manifest["sources"]] == [
        (str(path), sha256(path)) for path in given.sources
    ]
    assert manifest["fact_files"] == [{"name": str(given.facts), "sha256": sha256(given.facts)}]
    assert manifest["policy_files"] == [
        {"name": str(path), "sha256": sha256(path)} for path in sorted(given.policy.iterdir())
    ]
    assert [(one["name"], one["records"], one["bytes"]) for one in manifest["data"]] == [
        (
            f"data/{path.name}",
            pq.read_metadata(path).num_rows,
            path.stat().st_size,
        )
        for path in sorted((tmp_path / "out" / "data").iterdir())
    ]
    _check_counts(manifest["counts"], decided(given), given)


def _check_counts(
    counts: Mapping[str, Any], lines: Sequence[Mapping[str, Any]], given: Corpus
) -> None:
    assert counts["records"] == sum(one["records"] for one in counts["by_category"].values())
    assert counts["records"] == len(lines)
    assert counts["permitted"] == sum(line["permit"] for line in lines)
    assert counts["permitted"] + counts["refused"] == counts["records"]
    reasons = [reason for line in lines for reason in line["reasons"]]
    assert counts["reasons"] == {one: reasons.count(one) for one in sorted(set(reasons))}
    assert counts["duplicates"] == _duplicates(lines)
    del given


def _duplicates(lines: Sequence[Mapping[str, Any]]) -> int:
    names = [line["record_id"] for line in lines]
    return sum(names.count(name) > 1 for name in names)


def test_what_was_given_in_memory_has_no_digest(tmp_path: Path) -> None:
    given = corpus(tmp_path, [post("1")])
    asked = {**given.asked, "policy": [FREE], "facts": FACTS}
    manifest = privity.clear(given.sources[0], out=tmp_path / "out", **asked).manifest
    assert not {"policy_files", "fact_files"} & manifest.keys()
    assert manifest["policy"]["in_force"] == FREE["version"]


def test_progress_tells_of_every_record_in_both_readings(tmp_path: Path) -> None:
    given = put_world(tmp_path, random_world(12, records=150), parts=3)
    told_of: list[tuple[str, int]] = []

    def progress(stage: str, rows: int) -> None:
        told_of.append((stage, rows))

    privity.clear(given.sources, out=tmp_path / "out", progress=progress, **given.asked)
    for stage in ("decide", "copy"):
        assert sum(rows for name, rows in told_of if name == stage) == 150


# What there is little of


@pytest.mark.parametrize("endings", [(".parquet",), (".csv",)])
def test_no_records_make_an_empty_set(tmp_path: Path, endings: Sequence[str]) -> None:
    given = corpus(tmp_path, [], [], endings=endings)
    made = privity.clear(given.sources, out=tmp_path / "out", refused=True, **given.asked)
    assert (made.summary.records, made.summary.permitted) == (0, 0)
    assert cleared(tmp_path / "out").num_rows == 0
    assert (tmp_path / "out" / "summary.csv").read_text() == (
        "reason,category,jurisdiction,records\n"
    )
    assert pq.read_table(tmp_path / "out" / "refused.parquet").num_rows == 0


def test_empty_files_among_others_change_nothing(tmp_path: Path) -> None:
    given = corpus(tmp_path, [], [post("1", "2")], [], [post("2")], [])
    privity.clear(given.sources, out=tmp_path / "out", threads=3, **given.asked)
    assert ids_of(cleared(tmp_path / "out")) == ["1", "2"]


def test_a_set_of_which_all_is_refused_has_its_schema_and_no_rows(tmp_path: Path) -> None:
    given = corpus(tmp_path, [post(f"{row}", author="shut") for row in range(40)], row_group=7)
    made = privity.clear(given.sources, out=tmp_path / "out", **given.asked)
    found = cleared(tmp_path / "out")
    assert found.num_rows == 0
    assert found.column_names[-2:] == ["body", "title"]
    assert made.summary.reasons == {"account-closed": 40}
    assert (tmp_path / "out" / "summary.csv").read_text().splitlines()[1:] == [
        "account-closed,post,US,40"
    ]


# What is in the way


def fill(folder: Path) -> None:
    folder.mkdir()
    (folder / "mine.txt").write_text("keep")


OCCUPIED: dict[str, Callable[[Path], object]] = {
    "a folder with something in it": fill,
    "a file": lambda path: path.write_text("keep"),
    "a link to nowhere": lambda path: path.symlink_to("nowhere"),
}


@pytest.mark.parametrize("occupy", OCCUPIED.values(), ids=OCCUPIED.keys())
def test_an_output_that_exists_is_a_conflict_before_anything_is_read(
    tmp_path: Path, occupy: Callable[[Path], object]
) -> None:
    given = corpus(tmp_path / "in", [post("1")])
    out = tmp_path / "set" / "out"
    out.parent.mkdir()
    occupy(out)
    read: list[str] = []
    with pytest.raises(ConflictError, match="the output exists") as caught:
        privity.clear(
            given.sources, out=out, progress=lambda stage, _: read.append(stage), **given.asked
        )
    assert (caught.value.code, caught.value.exit_code) == ("clear/exists", 4)
    assert not read
    assert [path.name for path in out.parent.iterdir()] == ["out"]


def test_an_output_that_appears_meanwhile_is_a_conflict_and_stays(tmp_path: Path) -> None:
    given = corpus(tmp_path / "in", [post("1")])
    out = tmp_path / "set" / "out"

    def progress(stage: str, _rows: int) -> None:
        if stage == "copy":
            fill(out)

    with pytest.raises(ConflictError, match="the output exists"):
        privity.clear(given.sources, out=out, progress=progress, **given.asked)
    assert (out / "mine.txt").read_text() == "keep"
    assert [path.name for path in out.parent.iterdir()] == ["out"]


def test_an_empty_folder_is_filled(tmp_path: Path) -> None:
    given = corpus(tmp_path / "in", [post("1")])
    out = tmp_path / "set" / "out"
    out.mkdir(parents=True)
    privity.clear(given.sources, out=out, **given.asked)
    assert sorted(path.name for path in out.iterdir()) == [
        "data",
        "manifest.json",
        "summary.csv",
    ]


@pytest.mark.parametrize("mask", [0o022, 0o077])
def test_a_set_may_be_read_by_those_who_may_read_what_is_made(
    tmp_path: Path, mask: int
) -> None:
    given = corpus(tmp_path / "in", [post("1")])
    before = os.umask(mask)
    try:
        privity.clear(given.sources, out=tmp_path / "out", refused=True, **given.asked)
    finally:
        os.umask(before)
    for path in (tmp_path / "out", *(tmp_path / "out").rglob("*")):
        everything = 0o777 if path.is_dir() else 0o666
        assert path.stat().st_mode & 0o777 == everything & ~mask, path.name


@pytest.mark.parametrize("stage", ["decide", "copy"])
def test_a_source_that_changes_meanwhile_is_a_conflict_and_leaves_nothing(
    tmp_path: Path, stage: str
) -> None:
    given = corpus(tmp_path / "in", *[[post(f"{row}")] for row in range(4)])
    changed = given.sources[-1]

    def progress(at: str, _rows: int) -> None:
        if at == stage:
            changed.write_bytes(changed.read_bytes() + b" ")

    out = tmp_path / "set" / "out"
    with pytest.raises(ConflictError, match="the file changed while it was read") as caught:
        privity.clear(given.sources, out=out, threads=1, progress=progress, **given.asked)
    assert caught.value.code == "records/changed"
    assert not out.parent.exists()


def test_no_source_is_an_error(tmp_path: Path) -> None:
    given = corpus(tmp_path / "in", [post("1")])
    with pytest.raises(InputError, match="no source") as caught:
        privity.clear([], out=tmp_path / "out", **given.asked)
    assert caught.value.code == "clear/no-source"
