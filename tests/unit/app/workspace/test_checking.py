# SPDX-License-Identifier: Apache-2.0
"""A check changes nothing and finds whatever is wrong, wherever it is; a status says how it is, and does not raise."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from tests.unit.app.workspace.conftest import LATER, NOW, Open
from tests.unit.app.workspace.worlds import (
    DATABASES,
    content,
    keep,
    problems,
    put,
    put_back,
    put_baseline,
    says,
)

from privity.app.workspace.checking import check_workspace
from privity.app.workspace.erasing import erase_members
from privity.app.workspace.parts import Workspace
from privity.app.workspace.recording import public_stream, publish_now, record
from privity.app.workspace.rotating import rotate_keys
from privity.app.workspace.status import status_of
from privity.canonical.encode import digest, encode_pretty
from privity.canonical.instants import format_instant
from privity.entries.incident import IncidentEntry
from privity.entries.policy import PolicyEntry
from privity.errors import UnavailableError
from privity.store.baselines import kept_files

TEXT = b"policy: plain"
POLICY = PolicyEntry(
    policy="p", version="1", effective_at=NOW, sha256=digest(TEXT), size=len(TEXT)
)


@pytest.fixture
def full(root: Path, opened: Open, tmp_path: Path) -> Path:
    """A workspace with something of everything."""
    with opened() as workspace:
        put(workspace, "ada", "bob", "ada", "cleo")
        record(workspace, [POLICY], objects=[TEXT])
        put_baseline(workspace, tmp_path, ["ada", "dan", "bob"])
        erase_members(workspace, ["bob"])
        put(workspace, "ada")
    return root


def test_everything_is_counted(full: Path) -> None:
    before = content(full)
    stages: dict[str, int] = {}

    def advance(stage: str, count: int) -> None:
        stages[stage] = stages.get(stage, 0) + count

    found = check_workspace(full, advance=advance)
    assert content(full) == before
    assert found.problems == ()
    assert (found.size, found.private, found.payloads, found.lost) == (14, 9, 6, 0)
    assert found.published == 14
    assert dict(found.public) == {
        "baseline": 2, "erasure-batch": 1, "genesis": 1, "policy": 1,
    }  # fmt: skip
    assert (found.keys, found.baselines, found.notes) == (3, 1, 6)
    assert stages == {"database": 14, "tree": 14}


def test_what_is_not_published_yet_is_checked_too(full: Path, opened: Open) -> None:
    with opened() as workspace:
        record(workspace, [says("ada"), says("new")])
    found = check_workspace(full)
    assert (found.problems, found.published, found.size) == ((), 14, 17)


def sql(workspace: Workspace, *statements: str) -> None:
    database = workspace.store._database
    with database.transaction():
        database.run("PRAGMA defer_foreign_keys = ON")
        for statement in statements:
            database.run(statement)


def damage(statement: str) -> Callable[[Workspace], None]:
    return lambda workspace: sql(workspace, statement)


def change_file(name: str) -> Callable[[Workspace], None]:
    def change(workspace: Workspace) -> None:
        path = workspace.places.root / name
        data = bytearray(path.read_bytes())
        data[len(data) // 2] ^= 1
        path.write_bytes(data)

    return change


def change_baseline(workspace: Workspace) -> None:
    (kept,) = kept_files(workspace.places.baselines)
    data = bytearray(kept.path.read_bytes())
    data[8] ^= 1
    kept.path.write_bytes(data)


def lose_baseline(workspace: Workspace) -> None:
    (kept,) = kept_files(workspace.places.baselines)
    kept.path.unlink()


def forget_keys(workspace: Workspace) -> None:
    (workspace.places.public / "vkey").write_bytes(b"")


def lose_text(workspace: Workspace) -> None:
    (workspace.places.public / "object" / "sha256" / digest(TEXT)).unlink()


def lose_key(workspace: Workspace) -> None:
    database = workspace.keys._database
    with database.transaction():
        database.run("DELETE FROM key WHERE member = 'tcleo'")


def swap_keys(workspace: Workspace) -> None:
    database = workspace.keys._database
    with database.transaction():
        database.run("UPDATE key SET secret = zeroblob(32) WHERE member = 'tcleo'")


def keep_key(workspace: Workspace) -> None:
    """Let an erased member's key be there again, in a stream that ended."""
    database = workspace.keys._database
    with database.transaction():
        database.run(
            "INSERT INTO key (stream, member, secret) VALUES (2, 'tbob', zeroblob(32))"
        )


def wipe(workspace: Workspace, member: str) -> None:
    """Let nothing be left of a member that the log does not say was erased."""
    key = workspace.keys.get(f"t{member}")
    assert key is not None
    sql(
        workspace,
        f"DELETE FROM sealed WHERE stream = {key.stream:d}",  # noqa: S608 - a number
        f"DELETE FROM stream WHERE stream = {key.stream:d}",  # noqa: S608 - a number
    )
    with workspace.keys._database.transaction():
        workspace.keys._database.run("DELETE FROM key WHERE stream = ?", (key.stream,))


def cut_erasure_short(workspace: Workspace) -> None:
    sql(workspace, "INSERT INTO ending (stream) VALUES (2)")


def number_public(workspace: Workspace) -> None:
    assert public_stream("policy") == -2
    sql(workspace, "UPDATE stream SET next = 7 WHERE stream = -2")


WRONG: dict[str, tuple[Callable[[Workspace], None], str]] = {
    "an entry": (
        damage("UPDATE entry SET data = CAST(replace(CAST(data AS TEXT), 't', 'T') AS BLOB) WHERE place = 3"),
        "ledger/damaged",
    ),
    "a leaf": (damage("UPDATE entry SET leaf = zeroblob(32) WHERE place = 3"), "ledger/damaged"),
    "an entry is gone": (damage("DELETE FROM entry WHERE place = 0"), "ledger/damaged"),
    "the head": (damage("UPDATE head SET time = time + 1"), "ledger/damaged"),
    "an old note": (
        damage("UPDATE signed SET note = (SELECT note FROM signed WHERE size = 1) WHERE size > 1 AND size < 9"),
        "ledger/damaged",
    ),
    "a note": (
        damage("UPDATE signed SET note = CAST(replace(CAST(note AS TEXT), 'e', 'f') AS BLOB)"),
        "ledger/note-damaged",
    ),
    "a payload": (
        damage("UPDATE sealed SET payload = zeroblob(60) WHERE entry = 5"), "workspace/vault",
    ),
    "a payload is gone": (damage("DELETE FROM sealed WHERE entry = 2"), "workspace/vault"),
    "payloads changed places": (
        damage("UPDATE sealed SET number = 5 - number WHERE stream = 1 AND number IN (2, 3)"),
        "workspace/vault",
    ),
    "a payload of a public entry": (
        damage("INSERT INTO sealed VALUES (0, 1, 9, NULL, x'00')"), "workspace/vault",
    ),
    "the order of payloads": (
        damage("UPDATE sealed SET previous = NULL WHERE stream = 1 AND number = 3"),
        "workspace/vault",
    ),
    "a stream is ahead": (
        damage("UPDATE stream SET next = next + 3 WHERE stream = 1"), "workspace/vault",
    ),
    "a stream is behind": (
        damage("UPDATE stream SET next = next - 1 WHERE stream = 1"), "workspace/vault",
    ),
    "a public stream is ahead": (number_public, "workspace/vault"),
    "a key is gone": (lose_key, "workspace/vault"),
    "a key is another": (swap_keys, "workspace/vault"),
    "a key is there again": (keep_key, "workspace/vault"),
    "an erasure was cut short": (cut_erasure_short, "workspace/vault"),
    "a text is gone": (damage("DELETE FROM object"), "workspace/vault"),
    "a text is another": (damage("UPDATE object SET data = x'00'"), "workspace/public"),
    "a text is not served": (lose_text, ""),
    "the keys are not served": (forget_keys, "workspace/public"),
    "a tile": (change_file("public/tile/0/000.p/14"), "ledger/tree-damaged"),
    "a bundle": (change_file("public/tile/entries/000.p/14"), ""),
    "the anchor": (change_file("anchor/checkpoint"), "ledger/note-damaged"),
    "the checkpoint": (change_file("public/checkpoint"), "ledger/note-damaged"),
    "a baseline": (change_baseline, "workspace/baseline"),
    "a baseline is gone": (lose_baseline, "workspace/baseline"),
}  # fmt: skip


@pytest.mark.parametrize("what", WRONG)
def test_whatever_is_wrong_is_found(full: Path, opened: Open, what: str) -> None:
    change, code = WRONG[what]
    with opened() as workspace:
        change(workspace)
    found = problems(full)
    assert found
    assert code in {"", *found}


def test_all_that_is_wrong_is_named_at_once(full: Path, opened: Open) -> None:
    with opened() as workspace:
        WRONG["a payload"][0](workspace)
        forget_keys(workspace)
        lose_baseline(workspace)
    assert set(problems(full)) == {
        "workspace/vault", "workspace/public", "workspace/baseline",
    }  # fmt: skip


@pytest.mark.parametrize("member", ["ada", "cleo"])
def test_who_is_gone_without_an_erasure_is_missed(
    full: Path, opened: Open, member: str
) -> None:
    with opened() as workspace:
        wipe(workspace, member)
    (problem,) = check_workspace(full).problems
    assert (problem.code, problem.exit_code) == ("workspace/vault", 3)
    assert "2 streams have no key, and the log says of 1 that they were erased" in str(problem)


@pytest.mark.parametrize(("member", "count", "first"), [("ada", 3, 1), ("bob", 2, 3)])
def test_where_nobody_was_erased_every_payload_is_missed(
    root: Path, opened: Open, member: str, count: int, first: int
) -> None:
    with opened() as workspace:
        put(workspace, "ada", "bob", "ada")
        wipe(workspace, member)
    (problem,) = check_workspace(root).problems
    assert (problem.code, problem.exit_code) == ("workspace/vault", 3)
    assert f"{count} private entries have no payload, the first entry {first}" in str(problem)


def test_a_copy_and_an_older_database_are_problems_too(full: Path, opened: Open) -> None:
    kept = keep(full)
    assert set(problems(kept)) == {"store/copied"}
    with opened() as workspace:
        put(workspace, "dan")
    put_back(full, kept, "state/ledger.db")
    assert "ledger/rolled-back" in problems(full)


def test_what_cannot_be_opened_cannot_be_checked(full: Path) -> None:
    (full / "vault" / "keys.db").unlink()
    with pytest.raises(UnavailableError):
        check_workspace(full)


# Status


def test_a_status_says_what_is_recorded_published_and_anchored(
    root: Path, opened: Open
) -> None:
    with opened() as workspace:
        put(workspace, "ada")
    with opened(LATER) as workspace:
        record(workspace, [says("ada")])
    before = content(root)
    found = status_of(root)
    assert content(root) == before
    assert found.well
    assert (found.size, found.newest, found.now) == (4, LATER, LATER)
    assert found.published is not None
    assert (found.published.size, found.published.newest) == (3, NOW)
    assert found.anchored == found.published
    assert (found.backlog, found.backlog_age, found.late) == (1, 0, False)
    assert (found.same_disk, found.simulated, found.trouble) == (True, True, None)
    data = found.mapping()
    assert data["independently_witnessed"] is False
    assert data["published"] == {
        "newest_at": format_instant(NOW), "newest_seconds": LATER - NOW, "size": 3,
    }  # fmt: skip
    assert encode_pretty(data)


def test_an_entry_that_waits_for_more_than_a_minute_is_late(root: Path, opened: Open) -> None:
    with opened(NOW) as workspace:
        record(workspace, [says("ada")])
    for seconds, late in ((60, False), (61, True)):
        with opened(NOW + seconds) as workspace:
            record(workspace, [IncidentEntry(incident="a", text="b")])
        found = status_of(root)
        assert (found.backlog_age, found.late, found.well) == (seconds, late, not late)
    with opened(LATER) as workspace:
        publish_now(workspace)
    assert status_of(root).well


def test_a_status_names_both_keys_of_a_rotation(root: Path, opened: Open) -> None:
    with opened() as workspace:
        done = rotate_keys(workspace)
    found = status_of(root)
    assert found.signed_by == (done.vkey, done.previous)
    assert found.both_until == done.both_until


def lose_anchor(root: Path) -> None:
    (root / "anchor" / "checkpoint").unlink()


def spoil_anchor(root: Path) -> None:
    (root / "anchor" / "checkpoint").write_bytes(b"nothing")


@pytest.mark.parametrize(
    ("change", "code"),
    [(lose_anchor, "ledger/anchor-missing"), (spoil_anchor, "ledger/note-damaged")],
)
def test_a_status_tells_what_keeps_it_from_being_written_to(
    root: Path, change: Callable[[Path], None], code: str
) -> None:
    change(root)
    found = status_of(root)
    assert found.trouble is not None
    assert (found.trouble.code, found.anchored, found.well) == (code, None, False)
    assert found.mapping()["trouble"]["code"] == code


@pytest.mark.parametrize("names", [DATABASES[:1], DATABASES[1:], DATABASES])
def test_a_status_tells_an_older_copy(root: Path, opened: Open, names: tuple[str, ...]) -> None:
    kept = keep(root)
    with opened() as workspace:
        put(workspace, "ada")
    put_back(root, kept, *names)
    assert status_of(root).mapping()["rolled_back"] is True


def test_a_status_of_a_copy_is_told(root: Path) -> None:
    found = status_of(keep(root))
    assert found.trouble is not None
    assert found.trouble.code == "store/copied"


def test_a_status_tells_erasures_that_are_not_over(root: Path, opened: Open) -> None:
    with opened() as workspace:
        put(workspace, "ada")
        with workspace.store.transaction() as tx:
            tx.end_stream(1)
    assert status_of(root).ending == 1


def test_a_workspace_that_published_nothing_has_a_status(root: Path) -> None:
    shutil.rmtree(root / "public")
    (root / "anchor" / "checkpoint").unlink()
    found = status_of(root)
    assert (found.published, found.signed_by, found.anchored) == (None, (), None)
    assert not found.well
