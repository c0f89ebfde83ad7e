# SPDX-License-Identifier: Apache-2.0
"""What others find and do in the middle of a taking back, and of a release that is being made."""

from __future__ import annotations

import json
import shutil
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from tests.integration.conftest import Program
from tests.integration.releases import folder_of, release
from tests.integration.revoked import (
    DAY,
    LATER,
    ids_in,
    ids_of,
    no,
    opened,
    planned,
    run,
    state_of,
)
from tests.integration.workspaces import Made, make
from tests.unit.app.workspace.worlds import keep

from privity.app.auditing.opening.opening import open_evidence
from privity.app.held_by_member import check_file_of
from privity.app.releases.examining.verifying import verify_release
from privity.app.releases.making import finishing
from privity.app.releases.standing import due
from privity.app.releases.taking_back import finishing_revocations, revoking
from privity.app.releases.taking_back.revoking import revoke
from privity.app.releases.using.opening import open_release
from privity.app.workspace.recording import publish_now
from privity.canonical.instants import format_instant
from privity.errors import ConflictError, UnavailableError, VerificationError
from privity.store.files import Folder
from privity.testing.plain import said


@pytest.fixture
def made(tmp_path: Path) -> Made:
    made = make(tmp_path)
    release(made)
    return made


class StopError(Exception):
    """Where it stops, as if it was killed."""


def stop(*_given: object) -> None:
    raise StopError


@pytest.mark.parametrize("member", ["m1", "m6"])
def test_what_is_due_is_looked_for_in_the_revision_that_is_there(
    made: Made, monkeypatch: pytest.MonkeyPatch, member: str
) -> None:
    """REL-109: also where another run entered its revision before this one looked, and exchanged it after."""
    no(made, "m3")
    here, written, go_on = threading.current_thread(), threading.Event(), threading.Event()
    asked: list[object] = []
    real = {
        name: getattr(module, name)
        for module, name in (
            (finishing_revocations, "_write_papers"),
            (revoking, "register_of"),
            (revoking, "due_of"),
        )
    }

    def papers(*given: Any) -> Any:
        if threading.current_thread() is not here and not written.is_set():
            written.set()
            go_on.wait()
        return real["_write_papers"](*given)

    def registered(*given: Any) -> Any:
        if threading.current_thread() is here:
            asked.append(given)
            if len(asked) == 2:
                other.start()
                written.wait()
                no(made, member)
        return real["register_of"](*given)

    def due(*given: Any, **named: Any) -> Any:
        found = real["due_of"](*given, **named)
        if threading.current_thread() is here and not go_on.is_set():
            go_on.set()
            other.join()
        return found

    other = threading.Thread(target=run, args=(made,))
    monkeypatch.setattr(finishing_revocations, "_write_papers", papers)
    monkeypatch.setattr(revoking, "register_of", registered)
    monkeypatch.setattr(revoking, "due_of", due)
    run(made)
    assert ids_of(made, {"m3", member}) == set()
    state = state_of(made)
    assert (state.revision, [one.done is None for one in state.revocations]) == (3, [False] * 2)


def test_an_expired_release_that_was_deleted_holds_nothing_up(tmp_path: Path) -> None:
    made = make(tmp_path)
    release(made, expires_at=LATER + 2 * DAY)
    release(made, name="second")
    no(made, "m3")
    run(made)
    shutil.rmtree(folder_of(made).root)
    no(made, "m4", at=LATER + 3 * DAY)
    run(made, LATER + 3 * DAY)
    assert ids_of(made, {"m4"}, "second") == set()


def test_where_nothing_can_be_published_records_go_all_the_same(
    made: Made, monkeypatch: pytest.MonkeyPatch
) -> None:
    """REL-106: and that it cannot is said."""

    def full(*_given: object) -> None:
        raise UnavailableError("no space left on device", code="store/disk")

    no(made, "m3")
    before = ids_in(folder_of(made).root)
    with monkeypatch.context() as patched:
        patched.setattr(Folder, "replace", full)
        patched.setattr(Folder, "write_new", full)
        with pytest.raises(UnavailableError):
            run(made)
    assert len(ids_in(folder_of(made).root)) < len(before)
    with opened(made) as workspace:
        publish_now(workspace)
    run(made)
    verify_release(folder_of(made).root, str(made.root / "public"))


@pytest.mark.parametrize("step", ["_exchange", "_put_proof"])
def test_in_the_middle_of_it_nothing_is_called_wrong(
    made: Made, monkeypatch: pytest.MonkeyPatch, step: str
) -> None:
    """[AUD-19] The revision before may lie there, and nothing else."""
    no(made, "m3")
    with monkeypatch.context() as patched:
        patched.setattr(finishing_revocations, step, stop)
        with pytest.raises(StopError):
            run(made)
    assert open_evidence(str(made.root)).mismatches == ()
    verify_release(folder_of(made).root, str(made.root / "public"))
    # What is of no revision is wrong all the same.
    manifest = folder_of(made).manifest
    there = manifest.read_bytes()
    manifest.write_bytes(there[:-2])
    assert open_evidence(str(made.root)).mismatches != ()
    manifest.write_bytes(there)
    run(made)
    assert open_evidence(str(made.root)).mismatches == ()


def test_a_release_that_is_being_made_holds_nothing_up(
    made: Made, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its entry is in, and its folder has no name yet."""
    no(made, "m3")
    said: list[object] = []
    real: Callable[..., Any] = finishing.write_papers  # type: ignore[attr-defined]  # where it is looked up

    def papers(*given: Any, **named: Any) -> Any:
        said.append([one.release.name for one in planned(made).releases])
        with opened(made) as workspace, pytest.raises(ConflictError) as refused:
            check_file_of(workspace, "m1")
        said.append(refused.value.code)
        said.append(run(made).busy)
        return real(*given, **named)

    monkeypatch.setattr(finishing, "write_papers", papers)
    release(made, name="second", now=LATER)
    assert said == [["first"], "release/held", ("second",)]
    assert ids_of(made, {"m3"}) == set()


def test_no_index_of_another_revision_says_that_nothing_is_due(
    made: Made, monkeypatch: pytest.MonkeyPatch
) -> None:
    """[REL-60] Nobody is told to use a release, a no of whose members is known."""
    no(made, "m3")
    here = threading.current_thread()
    found, go_on, indexed, asked = (threading.Event() for _ in range(4))
    aside, index, real = (
        getattr(module, name)
        for module, name in (
            (finishing_revocations, "_write_aside"),
            (finishing_revocations, "index_without"),
            (due, "files_of"),
        )
    )

    def write_aside(*given: Any) -> Any:
        found.set()
        go_on.wait()
        return aside(*given)

    def index_without(*given: Any, **named: Any) -> None:
        index(*given, **named)
        indexed.set()
        asked.wait()

    def files_of(*given: Any) -> Any:
        if threading.current_thread() is here and not go_on.is_set():
            go_on.set()
            indexed.wait()
        return real(*given)

    monkeypatch.setattr(finishing_revocations, "_write_aside", write_aside)
    monkeypatch.setattr(finishing_revocations, "index_without", index_without)
    monkeypatch.setattr(due, "files_of", files_of)
    other = threading.Thread(target=run, args=(made,))
    other.start()
    found.wait()
    # It has found what is due before this is said.
    no(made, "m4")
    try:
        with pytest.raises(ConflictError) as refused:
            open_release(folder_of(made).root, now="2025-06-02T00:00:00Z")
    finally:
        go_on.set()
        asked.set()
        other.join()
    assert refused.value.code in {"release/stale", "release/moved", "release/held"}


def cut(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:-20])


@pytest.mark.parametrize(
    "damage",
    [
        lambda made: cut(next((made.root / "vault" / "releases" / "first").glob("*.parquet"))),
        lambda made: next(
            (made.root / "vault" / "releases" / "first").glob("*.parquet")
        ).unlink(),
        lambda made: cut(folder_of(made).manifest),
        lambda made: folder_of(made).salt.unlink(),
        lambda made: cut(next(folder_of(made).table.glob("*.parquet"))),
    ],
    ids=["rows cut", "rows gone", "manifest cut", "salt gone", "data cut"],
)
def test_a_release_that_cannot_be_read_holds_up_no_other(
    made: Made, program: Program, damage: Callable[[Made], None]
) -> None:
    """[REL-110]."""
    release(made, name="second")
    whole = keep(made.root, "whole")
    no(made, "m3")
    damage(made)
    plan = program("revoke", "plan", "--workspace", str(made.root), "--json")
    planned = [one["release"] for one in json.loads(plan.out)["releases"]]
    failed = [one["release"] for one in json.loads(plan.out)["failed"]]
    # What is due is found without the data.
    assert (planned, failed, plan.code) in [
        (["second"], ["first"], 2), (["second"], ["first"], 3), (["second"], ["first"], 5),
        (["first", "second"], [], 0),
    ]  # fmt: skip
    with opened(made, LATER) as workspace:
        done = revoke(workspace)
    assert list(done.failed) == ["first"]
    assert [one.release.name for one in done.releases] == ["second"]
    assert state_of(made, "second").revision == 2
    asked = ("revoke", "run", "--workspace", str(made.root), "--quiet")
    told = program(*asked)
    assert told.code in {2, 3, 5}
    assert "first: not taken back: " in told.out
    assert [one["release"] for one in json.loads(program(*asked, "--json").out)["failed"]] == [
        "first"
    ]
    # Once it is whole again, the next run does the rest.
    for folder in ("releases/first", "vault/releases/first"):
        shutil.copytree(whole / folder, made.root / folder, dirs_exist_ok=True)
    assert [one.release.name for one in run(made).releases] == ["first"]


def test_nothing_is_committed_to_by_a_secret_that_was_cut(made: Made) -> None:
    no(made, "m3")
    cut(folder_of(made).salt)
    with pytest.raises(VerificationError, match="has 12 bytes, expected 32"):
        run(made)
    assert state_of(made).revocations == ()


@pytest.mark.parametrize("damage", [Path.unlink, cut], ids=["gone", "cut"])
def test_what_cannot_be_finished_stops_no_publishing(
    made: Made,
    program: Program,
    monkeypatch: pytest.MonkeyPatch,
    damage: Callable[[Path], None],
) -> None:
    """[REL-110]."""
    release(made, name="second")
    no(made, "m3")
    with monkeypatch.context() as patched:
        patched.setattr(finishing_revocations, "_exchange", stop)
        with pytest.raises(StopError):
            run(made)
    assert state_of(made).revision == 2
    for rows in (made.root / "vault" / "releases" / "first" / "revocations").rglob(
        "rows.parquet"
    ):
        damage(rows)
    made.record(said("2025-06-01", "off", member="m4"), at=LATER)
    published = program("ledger", "publish", str(made.root), "--now", format_instant(LATER))
    assert published.code in {3, 5}
    assert "taking back from first is not finished" in published.out
    assert ", 0 of them now" not in published.out
