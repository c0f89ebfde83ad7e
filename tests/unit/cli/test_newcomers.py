# SPDX-License-Identifier: Apache-2.0
"""`privity members set` of somebody of whom nothing is known, who may be mistyped."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from tests.unit.app.workspace.worlds import put_baseline
from tests.unit.cli.conftest import Run

from privity.app.workspace.opening import open_workspace
from privity.app.workspace.setting import ask_fact, set_fact

OFF = ("setting", "off", "--detail", "setting=s")


@pytest.fixture
def root(tmp_path: Path, run: Run) -> Path:
    """A workspace that knows `ben`, and by a baseline `cleo`."""
    root = tmp_path / "net"
    now = "2024-10-01T00:00:00Z"
    run("init", root, "--origin", "e.example/simulated", "--clock", "simulated", "--now", now)
    with open_workspace(root) as workspace:
        set_fact(workspace, ask_fact(workspace, "ben", "joined"))
        put_baseline(workspace, tmp_path, ["cleo"])
    return root


def size(root: Path) -> int:
    with open_workspace(root) as workspace:
        return workspace.store.head().size


@pytest.mark.parametrize(
    ("typed", "expected"),
    [
        ("benn", "`ben`"),
        ("be", "`ben`"),
        ("Ben", "`ben`"),
        ("bne", "`ben`"),
        ("celo", "`cleo`"),
        ("ben7", "one that the workspace knows"),
        ("somebody", "one that the workspace knows"),
    ],
)
def test_a_no_of_somebody_unknown_is_refused(
    run: Run, root: Path, typed: str, expected: str
) -> None:
    before = size(root)
    done = run("members", "set", typed, *OFF, "--workspace", root)
    assert done.code == 4
    assert done.err.splitlines() == [
        f"privity: nothing is known of member `{typed}`, expected {expected}",
        f"  hint: give `--new` if `{typed}` is new here",
    ]
    assert size(root) == before
    with open_workspace(root) as workspace:
        assert {key.member for key in workspace.keys.all()} == {"tben", "p"}


def test_a_dry_run_doubts_as_recording_does(run: Run, root: Path) -> None:
    before = size(root)
    command = ("members", "set", "benn", *OFF, "--workspace", root)
    dry = run(*command, "--dry-run")
    assert (dry.code, dry.err) == (4, run(*command).err)
    dry = run(*command, "--new", "--dry-run")
    assert (dry.code, dry.out) == (
        0,
        "member benn: setting off: nothing recorded; it would be 2 entries\n",
    )
    assert dry.err.splitlines()[0] == "`benn` is new in this workspace, which knows `ben`"
    told = json.loads(run(*command, "--new", "--dry-run", "--json").out)
    assert (told["new"], told["near"], told["again"], told["count"], told["dry_run"]) == (
        True,
        ["ben"],
        False,
        2,
        True,
    )
    assert size(root) == before


def test_a_dry_run_says_what_would_be_odd(run: Run, root: Path) -> None:
    before = size(root)
    command = ("members", "set", "ben", "setting", "of", "--detail", "setting=s")
    done = run(*command, "--workspace", root, "--dry-run")
    assert (done.code, done.out) == (
        0,
        "member ben: setting of: nothing recorded; it would be 1 entry\n",
    )
    assert "value is none of on, off and unset; it counts as off" in done.err
    told = json.loads(run(*command, "--workspace", root, "--dry-run", "--json").out)
    assert [one["code"] for one in told["findings"]] == ["setting-value"]
    assert size(root) == before


def test_a_dry_run_makes_no_key(run: Run, root: Path, tmp_path: Path) -> None:
    command = ("members", "set", "ben", *OFF, "--workspace", root, "--dry-run", "--new-key")
    done = run(
        *command, "--key", tmp_path / "k.pem", "--attested-by", "A", "--evidence", "a" * 64
    )
    assert (done.code, "--new-key makes a key, and --dry-run makes nothing" in done.err) == (
        2,
        True,
    )
    assert not (tmp_path / "k.pem").exists()


def test_who_is_new_is_recorded_where_that_is_said(run: Run, root: Path) -> None:
    done = run("members", "set", "benn", *OFF, "--new", "--workspace", root)
    assert (done.code, done.err.splitlines()[0]) == (
        0,
        "`benn` is new in this workspace, which knows `ben`",
    )
    # Known from now on.
    done = run("members", "set", "benn", *OFF, "--workspace", root, "--json")
    assert (done.code, json.loads(done.out)["new"]) == (0, False)


def test_whoever_joins_is_new(run: Run, root: Path) -> None:
    done = run("members", "set", "benn", "joined", "--workspace", root, "--json")
    told = json.loads(done.out)
    assert (done.code, told["new"], told["near"]) == (0, True, ["ben"])
    done = run("members", "set", "somebody", "joined", "--workspace", root)
    assert (done.code, done.err) == (0, "`somebody` is new in this workspace\n")


@pytest.mark.parametrize("member", ["ben", "cleo"])
def test_of_whom_anything_is_known_nothing_has_to_be_said(
    run: Run, root: Path, member: str
) -> None:
    done = run("members", "set", member, *OFF, "--workspace", root, "--json")
    assert (done.code, json.loads(done.out)["new"]) == (0, False)


def test_a_repeated_request_is_answered_after_an_erasure(run: Run, root: Path) -> None:
    command = ("members", "set", "dora", *OFF, "--workspace", root, "--request", "a")
    assert run(*command).code == 4
    assert run(*command, "--new").code == 0
    assert run("members", "erase", "dora", "--workspace", root, "--yes").code == 0
    done = run(*command, "--json")
    assert (done.code, json.loads(done.out)["again"]) == (0, True)
    # She is nobody again, and would begin anew.
    assert run("members", "set", "dora", *OFF, "--workspace", root).code == 4


def test_a_key_that_nothing_used_makes_nobody_known(run: Run, root: Path) -> None:
    with open_workspace(root) as workspace:
        workspace.keys.add([("tben2", bytes(32))])
        ((stream, _),) = workspace.keys.streams_of(["tben2"])
        with workspace.store.transaction() as tx:
            # Whoever asks for the next number may record nothing with it.
            assert tx.next_number(stream) == 1
        row = workspace.store.vault.stream(stream)
        assert row is not None
        assert row.next == 1
    assert run("members", "set", "ben2", *OFF, "--workspace", root).code == 4


def test_numbers_have_no_nearest(run: Run, tmp_path: Path) -> None:
    root = tmp_path / "net7"
    now = "2024-10-01T00:00:00Z"
    run("init", root, "--origin", "e.example/simulated", "--clock", "simulated", "--now", now)
    with open_workspace(root) as workspace:
        put_baseline(workspace, tmp_path, [7])
    done = run("members", "set", "71", *OFF, "--workspace", root)
    assert (done.code, "expected one that the workspace knows" in done.err) == (4, True)
    assert run("members", "set", "7", *OFF, "--workspace", root).code == 0
