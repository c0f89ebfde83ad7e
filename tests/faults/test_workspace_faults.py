# SPDX-License-Identifier: Apache-2.0
"""Whatever stops a command of a workspace, the next one goes on from it, and nothing that was said is untrue.

And whatever is put back or copied is refused before anything is signed.
"""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from tests.unit.app.workspace.conftest import BEGAN, LATER, NOW, SETTINGS
from tests.unit.app.workspace.worlds import DATABASES, content, keep, put, put_back, says

from privity.app.workspace.founding import found_workspace
from privity.app.workspace.opening import open_workspace
from privity.app.workspace.recording import publish_now, record
from privity.app.workspace.repairing import repair_workspace
from privity.app.workspace.rotating import rotate_keys
from privity.errors import ConflictError, PrivityError
from privity.ledger.note import Note
from privity.ledger.recover import check_start
from privity.store.lock import locked


def program(repository: Path, *words: str | Path, seconds: int) -> list[dict[str, Any]]:
    """Run a program of this folder; give its lines of JSON."""
    done = subprocess.run(
        [sys.executable, "-m", *map(str, words)],
        cwd=repository,
        capture_output=True,
        text=True,
        timeout=seconds,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return [json.loads(line) for line in done.stdout.splitlines()]


@pytest.mark.parametrize(
    "times", [pytest.param(30, id="30"), pytest.param(500, id="500", marks=pytest.mark.slow)]
)
def test_a_kill_at_a_random_moment_loses_nothing_and_leaves_nothing_of_who_is_gone(
    tmp_path: Path, repository: Path, times: int
) -> None:
    """ledger.md 5.3, rows 5 and 16: one records while the other erases, rotates, backs up; both are killed."""
    runs = program(
        repository, "tests.faults.workspace_kills", tmp_path, str(times), "3", seconds=3600
    )
    assert len(runs) == times
    said = sum((Counter({word: run.get(word, 0) for word in run}) for run in runs), Counter())
    # They were at work when they were killed, not before or after it.
    assert said["recorded"] > times
    assert said["erasing"] > times // 6


@pytest.mark.parametrize(
    "step", [pytest.param(11, id="some"), pytest.param(1, id="all", marks=pytest.mark.slow)]
)
@pytest.mark.parametrize("end", ["kill", "fail"])
@pytest.mark.parametrize("command", ["write", "erase", "rotate", "backup", "repair", "restore"])
def test_every_moment_on_the_disk_may_be_the_last(
    tmp_path: Path, repository: Path, command: str, end: str, step: int
) -> None:
    runs = program(
        repository,
        "tests.faults.workspace_moments",
        tmp_path,
        command,
        end,
        str(step),
        seconds=1800,
    )
    assert runs[-1]["moment"] >= runs[-1]["count"] >= 40
    # What anybody finds who comes next, and what it takes to go on: nothing but for repairs themselves.
    expected = {"nothing"}
    if command in {"repair", "restore"}:
        expected |= {
            "store/copied", "store/missing", "ledger/rolled-back", "workspace/unmended",
            "workspace/keys-older",
        }  # fmt: skip
    assert {run["took"] for run in runs} <= expected


# Older copies and second ones: ledger.md 5.3, row 6


def signed(root: Path) -> set[bytes]:
    """Every signature that lies anywhere in a workspace."""
    found: set[bytes] = set()
    for data in content(root).values():
        for line in data.split(b"\n"):
            if line.startswith("— ".encode()):
                found.add(line)
    return found


@pytest.fixture
def two(tmp_path: Path) -> tuple[Path, Path]:
    """A workspace, and what it was before something was published."""
    root = tmp_path / "workspace"
    found_workspace(root, SETTINGS, now=BEGAN)
    with open_workspace(root, now=NOW) as workspace:
        put(workspace, "ada")
    kept = keep(root)
    with open_workspace(root, now=NOW) as workspace:
        put(workspace, "ada", "bob", "cleo")
    return root, kept


def old_database(root: Path, kept: Path) -> None:
    put_back(root, kept, "state/ledger.db")


def old_database_as_another_file(root: Path, kept: Path) -> None:
    (root / "state" / "ledger.db").unlink()
    shutil.copyfile(kept / "state" / "ledger.db", root / "state" / "ledger.db")


def old_databases(root: Path, kept: Path) -> None:
    put_back(root, kept, *DATABASES)


def old_keys(root: Path, kept: Path) -> None:
    put_back(root, kept, "vault/keys.db")


def old_database_and_tree(root: Path, kept: Path) -> None:
    put_back(root, kept, "state/ledger.db")
    old_tree(root, kept)


def old_tree(root: Path, kept: Path) -> None:
    shutil.rmtree(root / "public")
    shutil.copytree(kept / "public", root / "public")


def old_everything_but_the_anchor(root: Path, kept: Path) -> None:
    put_back(root, kept, *DATABASES)
    old_tree(root, kept)


def old_anchor(root: Path, kept: Path) -> None:
    put_back(root, kept, "anchor/checkpoint")


def no_anchor(root: Path, _kept: Path) -> None:
    (root / "anchor" / "checkpoint").unlink()


def cut_database(root: Path, _kept: Path) -> None:
    path = root / "state" / "ledger.db"
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])


def no_database(root: Path, _kept: Path) -> None:
    (root / "state" / "ledger.db").unlink()


def database_of_another(root: Path, _kept: Path) -> None:
    other = root.with_name("other")
    found_workspace(other, SETTINGS, now=BEGAN)
    put_back(root, other, "state/ledger.db")


OLDER: dict[str, tuple[Callable[[Path, Path], None], set[str]]] = {
    "an old database": (old_database, {"ledger/rolled-back"}),
    # The system may give the new file the number of the one that is gone: then the anchor tells.
    "an old database as another file": (
        old_database_as_another_file,
        {"store/copied", "ledger/rolled-back"},
    ),
    "old databases": (old_databases, {"ledger/rolled-back"}),
    "old keys": (old_keys, {"workspace/keys-older"}),
    "an old database and tree": (
        old_database_and_tree,
        {"ledger/rolled-back", "ledger/tree-damaged"},
    ),
    "everything but the anchor": (
        old_everything_but_the_anchor,
        {"ledger/rolled-back", "ledger/tree-damaged"},
    ),
    "an old tree": (old_tree, {"ledger/tree-damaged"}),
    "an old anchor": (old_anchor, {"ledger/anchor-behind"}),
    "no anchor": (no_anchor, {"ledger/anchor-missing"}),
    "half a database": (cut_database, {"store/damaged"}),
    "no database": (no_database, {"store/missing"}),
    "the database of another workspace": (database_of_another, {"store/copied"}),
}


@pytest.mark.parametrize("what", OLDER)
def test_what_is_older_or_another_is_refused_before_anything_is_signed(
    two: tuple[Path, Path], what: str
) -> None:
    root, kept = two
    change, codes = OLDER[what]
    change(root, kept)
    before, seen = signed(root), content(root)
    for work in (lambda workspace: put(workspace, "ada"), publish_now, rotate_keys):
        with pytest.raises(PrivityError) as refused, open_workspace(root, now=LATER) as opened:
            work(opened)
        assert refused.value.code in codes
    assert signed(root) == before
    assert content(root) == seen


def test_two_processes_that_hold_it_open_sign_one_history(two: tuple[Path, Path]) -> None:
    root, _ = two
    notes: dict[int, set[bytes]] = {}
    with open_workspace(root, now=NOW) as one, open_workspace(root, now=NOW) as other:
        for number in range(6):
            record(one, [says(f"one {number}")])
            record(other, [says(f"other {number}")])
            for opened in (one, other):
                done = publish_now(opened)
                notes.setdefault(done.checkpoint.size, set()).add(done.note)
    assert all(len(one) == 1 for one in notes.values())


def test_while_one_publishes_the_other_signs_nothing(two: tuple[Path, Path]) -> None:
    root, _ = two
    with open_workspace(root, now=NOW) as workspace:
        record(workspace, [says("ada")])
        before = signed(root)
        with locked(workspace.places.lock):
            for work in (publish_now, rotate_keys):
                with pytest.raises(ConflictError) as refused:
                    work(workspace)
                assert refused.value.code == "store/locked"
        assert signed(root) == before


def test_a_copied_folder_signs_nothing_while_the_first_goes_on(
    two: tuple[Path, Path], tmp_path: Path
) -> None:
    root, _ = two
    copied = tmp_path / "copied"
    shutil.copytree(root, copied)
    before = signed(copied)
    with open_workspace(root, now=NOW) as workspace:
        put(workspace, "ada")
    with pytest.raises(ConflictError) as refused, open_workspace(copied, now=NOW):
        pass
    assert refused.value.code == "store/copied"
    assert signed(copied) == before


def test_two_copies_with_one_anchor_make_one_history(tmp_path: Path) -> None:
    """A clone that somebody adopted: who publishes second meets an anchor that it did not write."""
    settings = replace(SETTINGS, anchor=str(tmp_path / "elsewhere" / "anchor"))
    root = tmp_path / "workspace"
    found_workspace(root, settings, now=BEGAN)
    copied = keep(root, "copied")
    with open_workspace(root, now=NOW) as workspace:
        put(workspace, "ada")
    before = signed(copied)
    with pytest.raises(PrivityError) as refused:
        repair_workspace(copied, now=NOW)
    assert refused.value.code == "ledger/unrepairable"
    with pytest.raises(PrivityError), open_workspace(copied, now=NOW) as workspace:
        put(workspace, "bob")
    assert signed(copied) == before
    with open_workspace(root, now=NOW) as workspace:
        check_start(workspace.log)
        assert len(Note.parse(publish_now(workspace).note).signatures) == 1
