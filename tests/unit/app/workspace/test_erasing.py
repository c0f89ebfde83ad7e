# SPDX-License-Identifier: Apache-2.0
"""Who is erased is gone from every byte of the workspace, and everything else is as it was."""

from __future__ import annotations

import time
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest
from tests.unit.app.workspace.conftest import LATER, Open, size
from tests.unit.app.workspace.erased import ADA, DAY, WORDS, public, secret_of, traces
from tests.unit.app.workspace.worlds import (
    members_of,
    problems,
    put,
    put_baseline,
    says,
)

from privity.app.public_tree.opening import open_tree
from privity.app.public_tree.verifying import verify_tree
from privity.app.workspace import baseline_erasing
from privity.app.workspace.backing_up import back_up, expire_backups
from privity.app.workspace.erasing import erasable, erase_members
from privity.app.workspace.founding import found_workspace
from privity.app.workspace.opening import open_workspace
from privity.app.workspace.places import Places
from privity.app.workspace.projecting import catch_up
from privity.app.workspace.recording import publish_now, record
from privity.config.workspace import WorkspaceSettings
from privity.entries.baseline import BaselineEntry
from privity.entries.envelope import MemberEvent, parse_event
from privity.entries.erasure import ErasureBatchEntry, is_erasure
from privity.errors import ConflictError, InputError, UnavailableError
from privity.store.baselines import kept_files
from privity.store.lock import locked


def test_after_an_erasure_no_byte_is_left(root: Path, opened: Open, tmp_path: Path) -> None:
    """ledger.md 5.3, row 16: database, journals, tree, projection, baselines, and backups but for their keys."""
    with opened() as workspace:
        # Rows that move about, so that pages have copies of some.
        put(workspace, *(f"other {number:04}" for number in range(300)))
        for number in range(40):
            record(workspace, [ADA, says(f"other {number:04}")])
        put_baseline(workspace, tmp_path, ["bob", "ada-1815", "cleo", "ada-1815"])
        catch_up(workspace)
        secret = secret_of(workspace, "ada-1815")
        back_up(workspace, tmp_path / "backups", tree=True)
    wanted = [secret, b"ada-1815", WORDS.encode()]
    assert traces(root, [secret]) == {"vault/keys.db"}
    assert traces(root, [WORDS.encode()]) == {"state/projection.db"}
    assert any(name.endswith(".parquet") for name in traces(root, [b"ada-1815"]))
    with opened(LATER) as workspace:
        done = erase_members(workspace, ["ada-1815"])
        assert (done.members, done.payloads, [one.erased for one in done.baselines]) == (
            1,
            42,
            [2],
        )
    assert traces(root, wanted) == set()
    held = traces(tmp_path / "backups", wanted)
    assert held
    assert all("/vault/" in name for name in held)
    # Sealed payloads are in the kept part, and nothing opens them.
    assert not any("/log/" in name for name in held)
    expire_backups(tmp_path / "backups", now=LATER + 31 * DAY)
    assert traces(tmp_path / "backups", wanted) == set()
    assert problems(root) == []


def test_the_log_ends_the_stream_and_counts_it(root: Path, opened: Open) -> None:
    with opened() as workspace:
        put(workspace, "ada", "ada", "bob")
        key = workspace.keys.get("tada")
        assert key is not None
        before = size(workspace)
        erase_members(workspace, ["ada"])
        assert [one for _, one in public(workspace, ErasureBatchEntry)] == [
            ErasureBatchEntry(count=1)
        ]
        (last, _) = workspace.store.entries(before, before + 2)
        event = parse_event(last.data)
        assert isinstance(event, MemberEvent)
        assert is_erasure(event, key=key.secret, number=4)
        assert workspace.keys.get("tada") is None
        assert list(workspace.store.sealed_of(key.stream)) == []
        assert len(list(workspace.store.sealed(0, size(workspace)))) == 2
    verify_tree(open_tree(str(root)))


def test_nothing_of_others_changes(root: Path, opened: Open, tmp_path: Path) -> None:
    with opened() as workspace:
        put(workspace, "ada", "bob", "bob")
        put_baseline(workspace, tmp_path, ["bob", "ada", "cleo"])
        secret = secret_of(workspace, "bob")
        sealed = [one for one in workspace.store.sealed(0, size(workspace)) if one.stream == 2]
        before = [stored.data for stored in workspace.store.entries(0, size(workspace))]
        erase_members(workspace, ["ada"])
        after = [stored.data for stored in workspace.store.entries(0, len(before))]
        assert after == before
        assert secret_of(workspace, "bob") == secret
        assert [
            one for one in workspace.store.sealed(0, size(workspace)) if one.stream == 2
        ] == sealed
        (kept,) = kept_files(workspace.places.baselines)
        assert members_of(kept.path) == ["bob", "cleo"]
    assert problems(root) == []


def test_several_are_erased_by_one_count(root: Path, opened: Open) -> None:
    with opened() as workspace:
        put(workspace, "ada", "bob", "cleo")
        erase_members(workspace, ["ada", "cleo", "ada"])
        assert [one for _, one in public(workspace, ErasureBatchEntry)] == [
            ErasureBatchEntry(count=2)
        ]
        assert [key.member for key in workspace.keys.all()] == ["tbob"]
    assert problems(root) == []


def test_who_comes_back_begins_anew(root: Path, opened: Open) -> None:
    with opened() as workspace:
        put(workspace, "ada")
        secret = secret_of(workspace, "ada")
        erase_members(workspace, ["ada"])
        put(workspace, "ada")
        assert secret_of(workspace, "ada") != secret
        erase_members(workspace, ["ada"])
        assert list(workspace.keys.all()) == []
    assert problems(root) == []


def test_who_is_not_there_cannot_be_erased(root: Path, opened: Open) -> None:
    with opened() as workspace:
        put(workspace, "ada")
        before = size(workspace)
        for members in (["bob"], ["ada", "bob"]):
            with pytest.raises(InputError) as refused:
                erase_members(workspace, members)
            assert refused.value.code == "members/unknown"
        assert size(workspace) == before
        erase_members(workspace, ["ada"])
        with pytest.raises(InputError):
            erase_members(workspace, ["ada"])
    assert problems(root) == []


def test_what_would_be_erased_is_told_before(opened: Open, tmp_path: Path) -> None:
    with opened() as workspace:
        put(workspace, "ada", "ada")
        put_baseline(workspace, tmp_path, ["ada", "bob", "ada"])
        found = erasable(workspace, ["ada", "bob", "ada"])
        assert (found.members, found.events) == (("ada", "bob"), 3)
        assert (found.baseline_facts, found.baselines) == (3, 1)


def test_while_another_erases_nobody_does(opened: Open) -> None:
    with opened() as workspace:
        put(workspace, "ada")
        before = size(workspace)
        with locked(workspace.places.erasing), pytest.raises(ConflictError) as refused:
            erase_members(workspace, ["ada"])
        assert refused.value.code == "store/locked"
        assert size(workspace) == before


def test_an_erasure_that_cannot_go_on_says_what_is_done(
    root: Path, opened: Open, tmp_path: Path
) -> None:
    with opened() as workspace:
        put(workspace, "ada")
        put_baseline(workspace, tmp_path, ["ada", "bob"])
        with (
            locked(workspace.places.baselines / ".lock"),
            pytest.raises(ConflictError, match="the log says that they were erased") as refused,
        ):
            erase_members(workspace, ["ada"])
        assert refused.value.code == "store/locked"
    # The next command does the rest, whatever it is.
    with opened() as workspace:
        publish_now(workspace)
        [kept] = kept_files(workspace.places.baselines)
        assert members_of(kept.path) == ["bob"]
    assert problems(root) == []


def test_while_another_publishes_it_is_erased_all_the_same(root: Path, opened: Open) -> None:
    with opened() as workspace:
        put(workspace, "ada")
        with locked(workspace.places.lock):
            assert erase_members(workspace, ["ada"]).published is None
        assert workspace.keys.get("tada") is None
        assert publish_now(workspace).added == 2
    assert problems(root) == []


# Baselines


def test_who_is_known_by_a_baseline_alone_is_erased_like_anybody(
    root: Path, opened: Open, tmp_path: Path
) -> None:
    """It gets a stream that ends at once: nobody can tell it from others."""
    with opened() as workspace:
        put_baseline(workspace, tmp_path, ["ada", "bob"])
        before = size(workspace)
        done = erase_members(workspace, ["ada"])
        assert [one.erased for one in done.baselines] == [1]
        # Enrolled, ended, counted, and the baseline.
        assert size(workspace) == before + 4
        (kept,) = kept_files(workspace.places.baselines)
        assert members_of(kept.path) == ["bob"]
        with pytest.raises(InputError):
            erase_members(workspace, ["ada"])
    assert problems(root) == []


def test_a_baseline_is_replaced_once_for_each_erasure(
    root: Path, opened: Open, tmp_path: Path
) -> None:
    with opened() as workspace:
        put_baseline(workspace, tmp_path, ["ada", "bob", "cleo", "bob"])
        for member in ("ada", "bob", "cleo"):
            erase_members(workspace, [member])
        found = [
            (one.rows, one.replaces and (one.replaces.erased, len(one.replaces.tags)))
            for _, one in public(workspace, BaselineEntry)
            if isinstance(one, BaselineEntry)
        ]
        assert found == [(4, None), (3, (1, 1)), (1, (2, 1)), (0, (1, 1))]
        (kept,) = kept_files(workspace.places.baselines)
        assert members_of(kept.path) == []
        assert len(list(workspace.places.baselines.glob("*.opening*"))) == 1
    assert problems(root) == []


def test_more_members_than_one_entry_takes_go_by_several(
    root: Path, opened: Open, tmp_path: Path
) -> None:
    members = [f"m{number:03}" for number in range(70)]
    with opened() as workspace:
        put_baseline(workspace, tmp_path, [*members, "bob"])
        erase_members(workspace, members)
        tags = [
            len(one.replaces.tags)
            for _, one in public(workspace, BaselineEntry)
            if isinstance(one, BaselineEntry) and one.replaces is not None
        ]
        assert tags == [64, 6]
        (kept,) = kept_files(workspace.places.baselines)
        assert members_of(kept.path) == ["bob"]
    assert problems(root) == []


def test_ids_that_are_numbers_are_erased_from_files_of_numbers(
    root: Path, opened: Open, tmp_path: Path
) -> None:
    with opened() as workspace:
        put_baseline(workspace, tmp_path, [17, 18, 17])
        erase_members(workspace, [17])
        (kept,) = kept_files(workspace.places.baselines)
        assert members_of(kept.path) == [18]
        assert baseline_erasing.present_in(kept.path, ["18"]).facts == 0
    assert problems(root) == []


# Crashes


def test_what_is_left_of_two_baselines_is_two_files_though_it_is_the_same(
    root: Path, opened: Open, tmp_path: Path
) -> None:
    """Of both nothing is left: were they one file, the one would go with the other."""
    with opened() as workspace:
        put_baseline(workspace, tmp_path, ["ada", "bob"])
        put_baseline(workspace, tmp_path, ["bob", "ada"])
        erase_members(workspace, ["ada"])
        erase_members(workspace, ["bob"])
        files = [members_of(kept.path) for kept in kept_files(workspace.places.baselines)]
        assert files == [[], []]
    assert problems(root) == []


def test_what_waits_for_too_long_keeps_nobody_from_being_erased(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """By the system's clock nothing more is recorded then; what ends an erasure is."""
    root = tmp_path / "w"
    found_workspace(root, WorkspaceSettings(origin="example.com/log"))
    began = int(time.time())
    with open_workspace(root) as workspace:
        put_baseline(workspace, tmp_path, ["ada", "bob"])
        record(workspace, [says("bob")])
    monkeypatch.setattr(time, "time", lambda: began + 3600)
    # Another process publishes and does not end: else whoever opens it publishes what waits.
    with ExitStack() as stack:
        with locked(Places(root).lock):
            workspace = stack.enter_context(open_workspace(root))
            with pytest.raises(UnavailableError) as refused:
                record(workspace, [says("bob")])
            assert refused.value.code == "workspace/backlog"
        real = baseline_erasing._write_without

        def slow(*given: Any) -> None:
            monkeypatch.setattr(time, "time", lambda: began + 7200)
            real(*given)

        monkeypatch.setattr(baseline_erasing, "_write_without", slow)
        erase_members(workspace, ["ada"])
    assert problems(root) == []
