# SPDX-License-Identifier: Apache-2.0
"""`privity ledger check` misses, and sees the change of, whatever a workspace keeps that an entry names by its hash."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from tests.integration.conftest import Program
from tests.integration.handed import DAY, World, put_key, world as make_world
from tests.integration.revoked import LATER, no, places_of, run, state_of

import privity
from privity.app.releases.examining.checking import CheckedReleases, check_releases
from privity.app.releases.taking_back.applying import apply_revocation
from privity.app.releases.taking_back.attesting_deletion import attest_revocation
from privity.app.workspace.opening import open_workspace
from privity.app.workspace.recording import publish_now, record
from privity.entries.release import EndedRelease
from privity.testing.plain import AT
from privity.train.batches import Line

SHA = "ab" * 32
LINES = [
    Line(release="first", epoch=0, batch=number, of=3, records=9, digest=SHA)
    for number in range(3)
]


def signed_by_the_recipient(made: World, name: str) -> Path:
    """Have a taking back applied to the copy, as its recipient does; gives what that signed."""
    bundle = places_of(made.made).revocations / name / "bundle"
    given = shutil.copytree(bundle, made.root.parent / "revocation")
    key = put_key(made.root.parent / "lab.key")
    return apply_revocation(given, made.out, key, now=LATER + DAY).attestation


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> World:
    """A workspace with all that is kept: a copy, a run, a taking back, and what its recipient signed."""
    made = make_world(tmp_path_factory.mktemp("kept"))
    made.hand_over()
    made.acknowledge()
    started = privity.start_run(
        made.root, "first", recipient="self", code=SHA, config=SHA, now=AT
    )
    journal = made.root.parent / "journal.jsonl"
    journal.write_bytes(b"".join(one.to_bytes() + b"\n" for one in LINES))
    privity.end_run(made.root, started.name, how="completed", journal=journal, now=AT)
    no(made.made, "m3")
    run(made.made)
    (revocation,) = state_of(made.made).revocations
    attestation = signed_by_the_recipient(made, revocation.name)
    with open_workspace(made.root, now=LATER + DAY) as workspace:
        attest_revocation(workspace, revocation.name, attestation)
        publish_now(workspace)
    return made


@pytest.fixture
def made(shared: World) -> Iterator[World]:
    """The same, with every file as it was after the test; a database stays the same file."""
    before = {path: path.read_bytes() for path in shared.root.rglob("*") if path.is_file()}
    yield shared
    for path, data in before.items():
        if not path.exists() or path.read_bytes() != data:
            path.write_bytes(data)
            path.chmod(0o600)


def check(made: World) -> CheckedReleases:
    return check_releases(made.root)


def one_of(made: World, pattern: str) -> Path:
    return min(made.root.glob(pattern))


def flip(path: Path) -> None:
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 1
    path.chmod(0o600)
    path.write_bytes(data)


KEPT = (
    "vault/releases/first/attestations/*.json",
    "vault/releases/first/clearing/manifest.json",
    "vault/releases/first/members.leaves",
    *(
        f"vault/releases/first/revocations/*/bundle/{name}"
        for name in (
            "card.html",
            "card.json",
            "card.md",
            "certificate.json",
            "croissant.json",
            "entry.tlog-proof",
            "files.jsonl",
            "records.parquet",
            "release.json",
            "revocation.json",
            "statement.json",
        )
    ),
    "releases/first/certificate.json",
    "releases/first/statement.json",
)
ROWS = "vault/releases/first/part-*-r2.parquet"
MAY_COME_LATER = ("releases/first/entry.tlog-proof", "vault/runs/*.jsonl")


def test_everything_holds_and_what_no_entry_commits_to_is_said(made: World) -> None:
    """[REL-154]"""
    found = check(made)
    assert (found.problems, found.lacking) == ((), ())
    assert "vault/releases/first/clearing/summary.csv" in found.unread
    assert not [one for one in found.unread if one.endswith(".json")]
    assert not [one for one in found.unread if "bundle" in one or "runs" in one]


@pytest.mark.parametrize("pattern", [*KEPT, *MAY_COME_LATER])
def test_a_byte_that_was_changed_is_found(made: World, pattern: str) -> None:
    """[REL-154]"""
    path = one_of(made, pattern)
    flip(path)
    (problem,) = check(made).problems
    assert problem.exit_code == 3
    assert str(path) in str(problem)


@pytest.mark.parametrize(
    "pattern",
    [
        *KEPT,
        ROWS,
        "releases/first/release.json",
        "releases/first/salt.key",
        "releases/first/card.md",
    ],
)
def test_a_file_that_is_gone_is_missed(made: World, pattern: str) -> None:
    """[REL-154]"""
    path = one_of(made, pattern)
    path.unlink()
    problems = check(made).problems
    assert {one.exit_code for one in problems} == {3}
    assert str(path.parent) in str(problems[0])
    assert path.name in str(problems[0])


@pytest.mark.parametrize("pattern", MAY_COME_LATER)
def test_what_may_never_have_been_there_is_said_not_to_be(
    made: World, pattern: str, program: Program
) -> None:
    """A run may be ended without a journal, and a proof follows from the public tree."""
    path = one_of(made, pattern)
    path.unlink()
    done = program("ledger", "check", made.root)
    assert done.code == 0, done.err
    assert done.out.splitlines()[0].endswith("and what is here holds")
    assert f"not here   `{path}`" in done.out
    found = json.loads(program("ledger", "check", made.root, "--json").out)
    assert [str(path) in one for one in found["lacking"]] == [True]
    assert "vault/releases/first/clearing/summary.csv" in found["unread"]


@pytest.mark.parametrize("name", ["record_id", "author"])
def test_a_byte_of_rows_that_was_changed_is_found(made: World, name: str) -> None:
    """[REL-154] No entry has a hash of these files: their rows are held to the table and the tags."""
    path = one_of(made, ROWS)
    group = pq.read_metadata(path).row_group(0)
    chunk = next(
        one for one in map(group.column, range(group.num_columns)) if one.path_in_schema == name
    )
    begin = chunk.dictionary_page_offset or chunk.data_page_offset
    data = bytearray(path.read_bytes())
    data[begin + chunk.total_compressed_size // 2] ^= 1
    path.write_bytes(data)
    (problem,) = check(made).problems
    assert problem.exit_code == 3
    assert str(path) in str(problem)


def test_rows_of_other_parties_are_found(made: World) -> None:
    """[REL-154] Whose a row is follows from the tags that the entry commits to."""
    path = one_of(made, ROWS)
    table = pq.read_table(path)
    place = table.column_names.index("author")
    authors = ["m0" if one != "m0" else "m1" for one in table.column("author").to_pylist()]
    other = pa.array(authors, pa.string()).cast(table.schema.field("author").type)
    pq.write_table(table.set_column(place, "author", other), path)
    (problem,) = check(made).problems
    assert str(path) in str(problem)
    assert "other parties than their tags" in str(problem)


def test_a_bundle_that_a_recipient_still_needs_is_missed_and_no_other(tmp_path: Path) -> None:
    """[REL-154]"""
    made = make_world(tmp_path)
    made.hand_over()
    made.acknowledge()
    no(made.made, "m3")
    run(made.made)
    (revocation,) = state_of(made.made).revocations
    folder = places_of(made.made).revocations / revocation.name
    bundle = folder / "bundle"
    attestation = signed_by_the_recipient(made, revocation.name)
    folder.rename(tmp_path / "away")
    (problem,) = check(made).problems
    assert f"`{bundle / 'revocation.json'}` is not there" in str(problem)
    with open_workspace(made.root, now=LATER + DAY) as workspace:
        attest_revocation(workspace, revocation.name, attestation)
    assert check(made).problems == ()


def test_what_was_signed_of_a_release_is_kept_after_its_end(tmp_path: Path) -> None:
    """[REL-154]"""
    made = make_world(tmp_path)
    with open_workspace(made.root, now=AT) as workspace:
        record(workspace, [EndedRelease(release="first", why="withdrawn")])
    assert check(made).problems == ()
    flip(one_of(made, "vault/releases/first/clearing/manifest.json"))
    (problem,) = check(made).problems
    assert "clearing/manifest.json" in str(problem)
