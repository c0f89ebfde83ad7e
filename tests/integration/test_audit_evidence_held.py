# SPDX-License-Identifier: Apache-2.0
"""What lies in a workspace is held to its log: what was changed, hidden or lost is found, or said to be missing."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from random import Random

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from tests.integration.releases import folder_of, release
from tests.integration.revoked import LATER, no, run
from tests.integration.test_audit_evidence import opened, publish
from tests.integration.workspaces import (
    MEMBERS,
    Made,
    make,
    put_policy,
    put_sources,
    put_workspace,
    records,
)

from privity.app.auditing.opening.opening import OpenedEvidence, open_evidence
from privity.app.workspace.erasing import erase_members
from privity.app.workspace.opening import open_workspace
from privity.errors import VerificationError
from privity.ledger.note import Signer
from privity.testing.plain import AT

EVER = 10**9


@pytest.fixture(scope="module")
def kept(tmp_path_factory: pytest.TempPathFactory) -> Made:
    """A workspace with a release, to copy: nothing changes it."""
    made = make(tmp_path_factory.mktemp("kept"), count=120)
    release(made)
    publish(made)
    return made


@pytest.fixture
def made(kept: Made, tmp_path: Path) -> Made:
    shutil.copytree(kept.root, tmp_path / "workspace")
    return Made(root=tmp_path / "workspace", sources=kept.sources)


def rows_of(made: Made) -> Path:
    return made.root / "vault" / "releases" / "first" / "part-000000.parquet"


def rewritten(path: Path, change: Callable[[list[dict[str, object]]], None]) -> None:
    table = pq.read_table(path)
    rows = table.to_pylist()
    change(rows)
    pq.write_table(pa.Table.from_pylist(rows, schema=table.schema), path)


def ids(evidence: OpenedEvidence) -> set[str]:
    return {
        one
        for rows in evidence.rows("first", 1)
        for one in rows.table.column("record_id").to_pylist()
    }


def kinds(evidence: OpenedEvidence) -> tuple[list[str], list[str]]:
    return [one.kind for one in evidence.gaps], [one.kind for one in evidence.mismatches]


def test_what_agrees_leaves_no_gap_and_no_mismatch(made: Made) -> None:  # AUD-10, AUD-11
    evidence = open_evidence(made.root)
    assert kinds(evidence) == ([], [])
    assert ids(evidence)


@pytest.mark.parametrize(
    ("column", "value"),
    [
        ("record_id", "r9999"),
        ("category", "article"),
        ("created_at", datetime(2020, 1, 1, tzinfo=UTC)),
        ("author", "somebody"),
    ],
)
def test_rows_that_say_something_else_are_left_out(
    made: Made, column: str, value: object
) -> None:  # AUD-11, AUD-13
    before = ids(open_evidence(made.root))
    rewritten(rows_of(made), lambda rows: rows[0].update({column: value}))
    evidence = open_evidence(made.root)
    assert kinds(evidence) == (["not-bound"], ["bytes-without-entry"])
    assert ids(evidence) < before
    (gap,) = evidence.gaps
    assert gap.records == len(before) - len(ids(evidence))


def test_rows_with_another_capacity_are_held_to_nothing(made: Made) -> None:  # AUD-13
    rewritten(rows_of(made), lambda rows: rows[0].update(capacity="seat:acme"))
    assert kinds(open_evidence(made.root)) == (["not-bound"], [])


@pytest.mark.parametrize("column", ["record_id", "category", "author", "recipients", None])
def test_rows_of_other_columns_are_left_out(made: Made, column: str | None) -> None:
    path = rows_of(made)
    if column is None:
        path.write_bytes(b"no Parquet")
    else:
        pq.write_table(pq.read_table(path).drop_columns([column]), path)
    evidence = open_evidence(made.root)
    assert kinds(evidence) == (["not-bound"], ["bytes-without-entry"])
    # Nothing says where on a machine the workspace lies.
    (mismatch,) = evidence.mismatches
    assert str(made.root) not in mismatch.what


@pytest.mark.parametrize("what", ["no column", "no Parquet", "no number", "no tag"])
def test_tags_that_nobody_wrote_show_nothing(made: Made, what: str) -> None:  # AUD-13
    path = made.root / "releases" / "first" / "members" / "tags.parquet"
    table = pq.read_table(path)
    match what:
        case "no column":
            pq.write_table(table.drop_columns(["tag"]), path)
        case "no Parquet":
            path.write_bytes(b"")
        case "no number":
            rows = [{**one, "number": None} for one in table.to_pylist()]
            pq.write_table(pa.Table.from_pylist(rows), path)
        case _:
            rows = [{**one, "tag": None} for one in table.to_pylist()]
            pq.write_table(pa.Table.from_pylist(rows), path)
    evidence = open_evidence(made.root)
    assert kinds(evidence)[0] == ["not-bound"]
    assert ids(evidence)


@pytest.mark.parametrize(
    ("path", "mismatch"),
    [
        ("vault/releases/first/part-000000.parquet", "entry-without-bytes"),
        ("releases/first/table/part-000000.parquet", "entry-without-bytes"),
        ("releases/first/files.jsonl", "entry-without-bytes"),
        ("releases/first/salt.key", None),
        ("releases/first/members/tags.parquet", None),
    ],
)
def test_what_is_not_there_is_said(made: Made, path: str, mismatch: str | None) -> None:
    (made.root / path).unlink()
    evidence = open_evidence(made.root)
    assert kinds(evidence)[1] == ([] if mismatch is None else [mismatch])
    assert kinds(evidence)[0] == ["not-shown" if path.endswith("jsonl") else "not-bound"]


@pytest.mark.parametrize(
    "path",
    [
        "releases/first/table/part-000000.parquet",
        "releases/first/files.jsonl",
        "releases/first/members/part-000000.parquet",
        "releases/first/salt.key",
    ],
)
def test_bytes_that_were_changed_are_no_entrys(made: Made, path: str) -> None:
    place = made.root / path
    data = bytearray(place.read_bytes())
    data[len(data) // 3] ^= 1
    place.write_bytes(data)
    gaps, mismatches = kinds(open_evidence(made.root))
    assert gaps
    # What cannot be read at all, shows nothing of anybody's.
    assert mismatches in (["bytes-without-entry"], ["entry-without-bytes"])


def test_what_no_entry_speaks_of_is_found(made: Made) -> None:  # AUD-13
    shutil.copytree(made.root / "releases" / "first", made.root / "releases" / "more")
    (made.root / "vault" / "releases" / "other").mkdir()
    log = folder_of(made).table / "_delta_log" / "00000000000000000001.json"
    log.write_text('{"add":{"path":"part-more.parquet"}}\n', encoding="utf-8")
    found = open_evidence(made.root).mismatches
    assert [(one.kind, one.release, one.entry is None) for one in found] == [
        ("bytes-without-entry", "first", False),
        ("bytes-without-entry", "more", True),
        ("bytes-without-entry", "other", True),
    ]


@pytest.mark.parametrize(
    ("kind", "key", "value"),
    [
        ("metaData", "partitionColumns", ["category"]),
        ("add", "partitionValues", {"category": "post"}),
        ("add", "deletionVector", {"storageType": "i"}),
        ("protocol", "readerFeatures", ["columnMapping"]),
        ("metaData", "configuration", {"delta.columnMapping.mode": "name"}),
        ("metaData", "schemaString", '{"fields":[],"type":"struct"}'),
    ],
)
def test_a_table_that_other_tools_read_otherwise_is_found(
    made: Made, kind: str, key: str, value: object
) -> None:  # AUD-13
    log = folder_of(made).table / "_delta_log" / "00000000000000000000.json"
    lines = [json.loads(line) for line in log.read_text(encoding="utf-8").splitlines()]
    for line in lines:
        if kind in line:
            line[kind][key] = value
    log.write_text("".join(json.dumps(line) + "\n" for line in lines), encoding="utf-8")
    gaps, mismatches = kinds(open_evidence(made.root))
    assert "not-bound" in gaps
    assert mismatches == ["bytes-without-entry"]


def test_zeros_after_the_salt_are_found(made: Made) -> None:  # AUD-13
    """They would give the same tags."""
    path = folder_of(made).salt
    path.write_bytes(path.read_bytes() + b"\0")
    gaps, mismatches = kinds(open_evidence(made.root))
    assert "not-bound" in gaps
    assert mismatches == ["bytes-without-entry"]


def test_rows_that_change_while_they_are_audited_are_refused(made: Made) -> None:  # AUD-17
    evidence = open_evidence(made.root)
    rewritten(rows_of(made), lambda rows: rows[0].update(capacity="seat:acme"))
    with pytest.raises(VerificationError, match="changed meanwhile"):
        list(evidence.rows("first", 1))


def test_nothing_is_written_and_no_projection_is_needed(made: Made) -> None:  # AUD-16
    shutil.rmtree(made.root / "state" / "releases", ignore_errors=True)
    (made.root / "state" / "projection.db").unlink(missing_ok=True)
    (made.root / "vault" / "releases.db").unlink(missing_ok=True)
    (made.root / "keys" / "log.key").unlink()

    def everything() -> dict[Path, tuple[int, int]]:
        return {
            one: (one.stat().st_size, one.stat().st_mtime_ns)
            for one in made.root.rglob("*")
            if one.is_file()
        }

    before = everything()
    assert ids(open_evidence(made.root))
    assert everything() == before


def test_of_a_later_revision_what_is_left_is_here(tmp_path: Path) -> None:  # AUD-14
    made = make(tmp_path, count=120)
    release(made)
    no(made, *MEMBERS[:3])
    run(made)
    publish(made, LATER)
    evidence = open_evidence(made.root)
    assert evidence.revisions("first") == (2,)
    assert kinds(evidence) == (["rows-gone"], [])
    assert not {
        one
        for rows in evidence.rows("first", 2)
        for one in rows.table.column("author").to_pylist()
    } & {*MEMBERS[:3]}


def test_a_revision_that_is_not_published_is_no_mismatch(tmp_path: Path) -> None:  # AUD-14
    made = make(tmp_path, count=120)
    release(made)
    publish(made)
    no(made, *MEMBERS[:3])
    shutil.copytree(made.root / "public", tmp_path / "before")
    run(made)
    shutil.rmtree(made.root / "public")
    (tmp_path / "before").rename(made.root / "public")
    evidence = open_evidence(made.root)
    assert not evidence.mismatches
    assert {"not-shown", "not-bound"} <= set(kinds(evidence)[0])
    assert evidence.revisions("first") == ()


def test_of_parties_whose_keys_are_gone_nothing_shows_who_they_are(
    tmp_path: Path,
) -> None:  # AUD-12
    made = make(tmp_path, count=120)
    release(made)
    plain = opened(made)
    hers = {
        row["record_id"]
        for rows in plain.rows("first", 1)
        for row in rows.table.to_pylist()
        if "m1" in {row["author"], *(row["recipients"] if row["category"] == "inmail" else ())}
    }
    with open_workspace(made.root, now=AT) as workspace:
        erase_members(workspace, ["m1"])
    evidence = opened(made)
    assert evidence.mismatches == ()
    assert [one.kind for one in evidence.gaps] == ["erased", "not-bound"]
    assert evidence.gaps[1].records == len(hers)
    # Somebody else in her place is not found, but where more or fewer have a say.
    rewritten(rows_of(made), lambda rows: rows[0].update(recipients=["x", "y", "z"]))
    rewritten(rows_of(made), lambda rows: rows[0].update(category="inmail"))
    assert "bytes-without-entry" in kinds(open_evidence(made.root))[1]


def test_who_reads_group_messages_has_a_say_where_the_version_says_so(
    tmp_path: Path,
) -> None:  # AUD-11
    for asked in (False, True):
        put_workspace(tmp_path / str(asked) / "workspace")
        root = tmp_path / str(asked) / "workspace"
        group = [
            replace(one, category="group-message", recipients=(MEMBERS[2], MEMBERS[3]))
            for one in records(Random(3), 20)
        ]
        made = Made(root=root, sources=put_sources(tmp_path / str(asked), group))
        with open_workspace(root, now=AT) as workspace:
            put_policy(
                workspace,
                version="asking",
                effective_at="2025-05-01T00:00:00Z",
                published_at=None,
                **({"parties": {"group-message": "all"}} if asked else {}),
            )
        release(made)
        evidence = opened(made)
        assert kinds(evidence) == ([], [])
        (entry,) = (one for one in evidence.log.public if one.says.STREAM == "release")  # type: ignore[union-attr]  # all are known
        people = {MEMBERS[2], MEMBERS[3]}
        found = {
            one
            for rows in evidence.rows("first", 1)
            for one in rows.table.column("author").to_pylist()
        }
        assert entry.says.content.members == len(found | (people if asked else set()))  # type: ignore[union-attr]  # as said


def test_a_log_is_audited_by_its_address(kept: Made) -> None:  # AUD-15
    """By a process of its own: this one has no sockets."""
    command = [sys.executable, "-u", "-m", "http.server", "0", "--bind", "127.0.0.1"]
    code = (
        "import sys; from privity.app.auditing.opening.opening import open_evidence;"
        "found = open_evidence(sys.argv[1]);"
        "print(found.log.checkpoint.size, *(one.kind for one in found.gaps))"
    )
    with subprocess.Popen(
        command,
        cwd=kept.root / "public",
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    ) as server:
        assert server.stdout is not None
        found = re.search(r"\(http://\S+\)", server.stdout.readline())
        assert found is not None
        done = subprocess.run(
            [sys.executable, "-c", code, found[0].strip("()")],
            capture_output=True,
            text=True,
            check=False,
        )
        server.terminate()
    assert done.stderr == ""
    size = open_evidence(kept.root).log.checkpoint.size
    assert done.stdout == f"{size} private-facts not-shown\n"


def test_a_log_is_believed_by_the_key_that_is_given(made: Made) -> None:  # AUD-2
    own = (made.root / "public" / "vkey").read_text(encoding="ascii").strip()
    assert open_evidence(made.root, (own,)).log.given
    assert not open_evidence(made.root).log.given
    other = Signer(name="example.com/log/simulated", seed=bytes(range(32))).vkey.to_text()
    with pytest.raises(VerificationError, match="has not signed"):
        open_evidence(made.root, (other,))
