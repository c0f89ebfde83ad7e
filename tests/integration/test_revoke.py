# SPDX-License-Identifier: Apache-2.0
"""Taking back: what is due goes from the table, the vault and the index, and the log says each step."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pyarrow.parquet as pq
import pytest
from deltalake import DeltaTable
from tests.integration.releases import folder_of, release
from tests.integration.revoked import (
    DAY,
    LATER,
    ids_in,
    ids_of,
    manifest_of,
    no,
    opened,
    places_of,
    planned,
    run,
    state_of,
)
from tests.integration.workspaces import MEMBERS, Made, make, put_policy

import privity
from privity.app.releases.examining.verifying import verify_release
from privity.app.releases.members.indexing import files_beside
from privity.app.releases.taking_back.revoking import revoke
from privity.app.workspace.erasing import erase_members
from privity.app.workspace.places import Places
from privity.app.workspace.recording import record
from privity.entries.release import EndedRelease
from privity.errors import ConflictError, InputError
from privity.release.laid_out import SALT_SIZE
from privity.release.sidecar import records_of_tags
from privity.release.without import taken_out
from privity.testing.plain import AT


@pytest.fixture
def made(tmp_path: Path) -> Made:
    return make(tmp_path)


def steps(made: Made) -> list[str]:
    """What the log says of releases and takings back, in order."""
    return [
        one["p"].get("step", one["p"].get("action"))
        for one in made.entries()
        if one["s"] in {"release", "revocation"}
    ]


def test_a_plan_says_what_is_due_and_records_nothing(made: Made) -> None:
    """REL-100: releases, records, members, deadline; only numbers are said of members."""
    release(made)
    assert planned(made).releases == ()
    before = len(made.entries())
    no(made, "m3")
    (one,) = planned(made).releases
    mine = ids_of(made, {"m3"})
    said = one.mapping()
    assert one.due.records >= len(mine) > 0
    assert said["of"] == one.release.content.rows
    assert said["reasons"]["opted-out"] >= len(mine)
    assert (said["copies"], said["models"], said["unfinished"]) == ([], [], [])
    assert one.deadline == LATER + 30 * DAY
    assert one.members >= 1
    assert "m3" not in json.dumps(said)
    assert len(made.entries()) == before


def test_what_is_due_is_gone_and_nothing_else(made: Made) -> None:
    """REL-102, REL-104: the table has what is left, under new names where a file had something that is due."""
    before = release(made)
    old = set(ids_in(folder_of(made).root))
    no(made, "m3")
    (plan,) = planned(made).releases
    due = {one for file in plan.due.files for one in file.ids.to_pylist()}
    (done,) = run(made).releases
    assert set(ids_in(folder_of(made).root)) == old - due
    assert done.release.content.rows == before.state.content.rows - len(due)
    assert ids_of(made, {"m3"}) == set()
    names = [line.path for line in manifest_of(made).lines]
    assert all(name.endswith("-r2.parquet") for name in names)
    assert steps(made) == ["created", "due", "revised", "done"]
    assert planned(made).releases == ()
    assert run(made).releases == ()


def test_only_the_files_concerned_are_written_anew(made: Made) -> None:
    """REL-102: the others keep their names and their bytes, and so does what stands beside them."""
    release(made)
    folder = folder_of(made)
    first = manifest_of(made).lines
    everyone = {
        line.path: {
            one
            for row in pq.read_table(places_of(made).private / line.path).to_pylist()
            for one in (row["author"], *(row["recipients"] or ()))
        }
        for line in first
    }
    # A small corpus: whoever is in one file alone is found, or the file is looked at by its quotes.
    no(made, "m3")
    (plan,) = planned(made).releases
    run(made)
    concerned = {file.name for file in plan.due.files}
    kept = {line for line in first if line.path not in concerned}
    assert kept <= set(manifest_of(made).lines)
    assert concerned <= everyone.keys()
    for line in manifest_of(made).lines:
        assert (folder.members / line.path).exists()
        assert (places_of(made).private / line.path).exists()


def test_the_index_says_where_the_rest_of_whose_records_go_lies(made: Made) -> None:
    """REL-104: so that a taking back reads no file that has nothing to do with it."""
    release(made)
    folder, private = folder_of(made), places_of(made).private
    names = [line.path for line in manifest_of(made).lines]
    no(made, "m3")
    (plan,) = planned(made).releases
    rows = {file.name: file.rows for file in plan.due.files}
    out = taken_out(folder.members, folder.salt.read_bytes()[:SALT_SIZE], rows)
    tags = list(out.records)
    with opened(made) as workspace:

        def asked(name: str, revision: int, some: list[bytes]) -> frozenset[str] | None:
            return files_beside(
                workspace, name, revision, private=private, rows=rows, tags=some
            )

        found = asked("first", 1, tags)
        assert found is not None
        assert set(records_of_tags(folder.members, names, tags)) <= found <= set(names)
        # Of another revision it says nothing, and of whom it does not know neither.
        assert asked("first", 2, tags) is None
        assert asked("other", 1, tags) is None
        assert asked("first", 1, [*tags, bytes(32)]) is None


def test_the_next_revision_verifies_as_the_first_did(made: Made) -> None:
    """REL-103, REL-104, REL-105: files, members and papers are those of the entry, by the public tree alone."""
    release(made)
    no(made, "m3", "m4")
    run(made)
    found = verify_release(folder_of(made).root, str(made.root / "public"))
    assert found.described.revision == 2
    state = state_of(made)
    assert found.described.content == state.content
    (revocation,) = state.revocations
    assert revocation.due.says.ledger_size == state.ledger_size
    assert revocation.due.says.members >= 2
    assert state.revised[0].says.revocation == revocation.name


def test_one_taking_back_follows_another(made: Made) -> None:
    """REL-102: a file that was written anew is written anew again, and places stay."""
    release(made)
    for number, member in enumerate(["m3", "m4", "m5"]):
        no(made, member, at=LATER + number * DAY)
        run(made, LATER + number * DAY)
    assert state_of(made).revision == 4
    assert ids_of(made, {"m3", "m4", "m5"}) == set()
    assert {line.path[-11:-8] for line in manifest_of(made).lines} == {"-r4"}
    verify_release(folder_of(made).root, str(made.root / "public"))


def test_everything_may_be_taken_back(made: Made) -> None:
    """REL-102: a release without a record has no file, and no member."""
    release(made)
    no(made, *MEMBERS)
    (done,) = run(made).releases
    content = done.release.content
    assert (content.rows, content.files, content.members) == (0, 0, 0)
    assert ids_in(folder_of(made).root) == []
    assert planned(made).releases == ()
    verify_release(folder_of(made).root, str(made.root / "public"))


def test_a_stricter_version_takes_back_what_it_forbids(made: Made) -> None:
    """REL-100: of everybody, without a word of any member."""
    release(made)
    with opened(made) as workspace:
        put_policy(workspace, version="2", forbid=[{"id": "mail", "categories": ["inmail"]}])
    (done,) = run(made).releases
    assert 0 < done.release.content.rows < done.records + done.release.content.rows
    kinds = {
        row["category"]
        for line in manifest_of(made).lines
        for row in pq.read_table(places_of(made).private / line.path).to_pylist()
    }
    assert kinds == {"post"}


def test_who_was_erased_is_due_at_once(made: Made) -> None:
    """REL-100: nobody can say any more whose records they were, and they go."""
    release(made)
    mine = ids_of(made, {"m3"})
    with opened(made) as workspace:
        erase_members(workspace, ["m3"])
    (plan,) = planned(made).releases
    assert mine <= {one for file in plan.due.files for one in file.ids.to_pylist()}
    run(made)
    assert ids_of(made, {"m3"}) == set()
    assert mine.isdisjoint(ids_in(folder_of(made).root))
    verify_release(folder_of(made).root, str(made.root / "public"))


def test_a_release_that_has_ended_is_left_alone(made: Made) -> None:
    """REL-100: it is to be deleted as a whole."""
    release(made)
    no(made, "m3")
    with opened(made) as workspace:
        record(workspace, [EndedRelease(release="first", why="withdrawn")])
    found = run(made)
    assert (found.releases, found.looked) == ((), 0)


@pytest.mark.parametrize("why", ["withdrawn", "expired", None])
def test_who_is_erased_is_taken_out_of_releases_that_have_ended(
    made: Made, why: str | None
) -> None:
    """REL-157: and nobody else, whatever else is no longer permitted; nothing of hers is left in any byte."""
    release(made, expires_at=None if why == "withdrawn" else AT + DAY // 2)
    folder, places = folder_of(made), places_of(made)
    tags = set(pq.read_table(folder.members / "tags.parquet")["tag"].to_pylist())
    mine, others = ids_of(made, {"m3"}), ids_of(made, {"m4"}) - ids_of(made, {"m3"})
    assert mine
    assert others
    no(made, "m4")
    with opened(made) as workspace:
        if why is not None:
            record(workspace, [EndedRelease(release="first", why=why)])
        assert revoke(workspace).releases == ()
        erase_members(workspace, ["m3"])
    (plan,) = planned(made).releases
    due = {one for file in plan.due.files for one in file.ids.to_pylist()}
    assert mine <= due
    assert not others - quoters(made, mine) & due
    found = run(made)
    (done,) = found.releases
    assert (found.looked, done.records, done.release.revision) == (0, len(due), 2)
    assert ids_in(folder.root) == sorted(ids_of(made, set(MEMBERS)))
    assert others - due <= set(ids_in(folder.root))
    verify_release(folder.root, str(made.root / "public"))
    # It stays ended, in every revision.
    with pytest.raises(ConflictError) as caught:
        privity.open_release(folder.root, now=LATER)
    assert caught.value.code == ("release/ended" if why == "withdrawn" else "release/expired")
    assert run(made).releases == ()
    (done,) = run(made, LATER + 7 * DAY).releases
    assert done.removed
    gone = tags - set(pq.read_table(folder.members / "tags.parquet")["tag"].to_pylist())
    marks = [f"body of {one} at".encode() for one in due] + sorted(gone) + [b"'m3'"]
    left = raw(folder.root) + raw(places.private)
    assert gone
    assert [mark for mark in marks if mark in left] == []
    assert not [one for one in due if f"'record_id': '{one}'".encode() in left]
    index = Places(made.root).release_index
    assert b"tm3" not in b"".join(one.read_bytes() for one in index.parent.glob("releases.db*"))


def test_an_ended_release_that_its_operator_deleted_is_in_nobodys_way(made: Made) -> None:
    """REL-157."""
    release(made)
    release(made, name="second")
    with opened(made) as workspace:
        record(workspace, [EndedRelease(release="first", why="withdrawn")])
        erase_members(workspace, ["m3"])
    shutil.rmtree(folder_of(made).root)
    (done,) = run(made).releases
    assert done.release.name == "second"


def quoters(made: Made, ids: set[str]) -> set[str]:
    """Give the records of a release that quote some, at whatever distance."""
    rows = [
        row
        for line in manifest_of(made).lines
        for row in pq.read_table(places_of(made).private / line.path).to_pylist()
    ]
    found: set[str] = set()
    while (
        more := {row["record_id"] for row in rows if (ids | found) & set(row["quotes"] or ())}
        - found
    ):
        found |= more
    return found


def test_several_releases_are_looked_at_and_some_can_be_named(made: Made) -> None:
    """REL-100."""
    release(made)
    release(made, name="second")
    no(made, "m3")
    assert [one.release.name for one in planned(made).releases] == ["first", "second"]
    with opened(made) as workspace:
        (one,) = revoke(workspace, ["second"]).releases
        with pytest.raises(InputError):
            revoke(workspace, ["third"])
    assert one.release.name == "second"
    assert [one.release.name for one in planned(made).releases] == ["first"]


def raw(folder: Path) -> bytes:
    """All bytes of a folder, of data, logs and checkpoints alike; what is packed also as it is read."""
    found = []
    for path in sorted(path for path in folder.rglob("*") if path.is_file()):
        found.append(path.read_bytes())
        if path.suffix == ".parquet":
            found.append(str(pq.read_table(path).to_pylist()).encode())
            found.append(str(pq.read_metadata(path).to_dict()).encode())
    return b"\0".join(found)


def test_after_the_retention_nothing_is_left_of_what_was_taken_back(made: Made) -> None:
    """REL-107: scanned are data, statistics, logs, checkpoints, sidecar, leaves and papers, and the vault."""
    release(made)
    folder, private = folder_of(made), places_of(made).private
    before = set(pq.read_table(folder.members / "tags.parquet")["tag"].to_pylist())
    no(made, "m3")
    (plan,) = planned(made).releases
    due = {one for file in plan.due.files for one in file.ids.to_pylist()}
    run(made)
    DeltaTable(str(folder.table)).create_checkpoint()
    gone = before - set(pq.read_table(folder.members / "tags.parquet")["tag"].to_pylist())
    marks = [f"body of {one} at".encode() for one in due] + sorted(gone)
    assert gone
    there = raw(folder.root) + raw(private)
    assert any(mark in there for mark in marks)
    kept = {line.path for line in manifest_of(made).lines}
    assert {path.name for path in folder.table.glob("*.parquet")} > kept
    assert run(made, LATER + 7 * DAY - 1).releases == ()
    (done,) = run(made, LATER + 7 * DAY).releases
    assert set(done.removed) == {name.replace("-r2", "") for name in kept}
    assert {path.name for path in folder.table.glob("*.parquet")} == kept
    assert {path.name for path in folder.members.glob("part-*")} == kept
    assert not list((private / "revocations").iterdir())
    left = raw(folder.root) + raw(private)
    assert [mark for mark in marks if mark in left] == []
    assert not [one for one in due if f"'record_id': '{one}'".encode() in left]
    assert ids_in(folder.root) == sorted(ids_of(made, set(MEMBERS)))
