# SPDX-License-Identifier: Apache-2.0
"""Whatever another process does at whatever moment of a check, what holds is not said to be wrong."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from tests.beside import at_every_moment
from tests.unit.app.workspace.conftest import NOW, Open
from tests.unit.app.workspace.worlds import put, put_baseline, says

from privity.app.held_by_member import receipt_of
from privity.app.public_tree.opening import open_tree
from privity.app.public_tree.verifying import verify_tree
from privity.app.workspace.backing_up import back_up, read_part
from privity.app.workspace.checking import check_workspace
from privity.app.workspace.erasing import erase_members
from privity.app.workspace.knowing import gather
from privity.app.workspace.opening import open_workspace
from privity.app.workspace.parts import Workspace
from privity.app.workspace.recording import publish_now, record
from privity.app.workspace.rotating import BOTH_SIGN, rotate_keys
from privity.canonical.encode import digest
from privity.entries.policy import PolicyEntry
from privity.entries.receipts import Receipt
from privity.errors import PrivityError

Act = Callable[[Path], None]


def at(root: Path, do: Callable[[Workspace], object], *, now: int = NOW) -> None:
    with open_workspace(root, now=now) as workspace:
        do(workspace)


TEXT = b"policy: another"
POLICY = PolicyEntry(
    policy="p", version="1", effective_at=NOW, sha256=digest(TEXT), size=len(TEXT)
)


def go_on(root: Path) -> None:
    """Somebody joins, somebody who was there says something, a policy is entered; all is published."""

    def do(workspace: Workspace) -> None:
        record(workspace, [says("new"), says("ada"), POLICY], objects=[TEXT])
        publish_now(workspace)

    at(root, do)


def record_alone(root: Path) -> None:
    """The same, and nothing is published."""
    at(root, lambda one: record(one, [says("new"), says("ada"), POLICY], objects=[TEXT]))


def erase(root: Path) -> None:
    at(root, lambda one: erase_members(one, ["ada"]))


def rotate(root: Path) -> None:
    at(root, rotate_keys)


def end_rotation(root: Path) -> None:
    """A key is exchanged, and the time in which both sign goes by."""
    at(root, rotate_keys)
    at(root, publish_now, now=NOW + BOTH_SIGN + 1)


EACH = pytest.mark.parametrize(
    "step", [pytest.param(3, id="some"), pytest.param(1, id="all", marks=pytest.mark.slow)]
)
ACTS: dict[str, Act] = {
    "records": record_alone,
    "records and publishes": go_on,
    "erases": erase,
    "rotates": rotate,
    "ends a rotation": end_rotation,
}


@pytest.fixture
def world(root: Path, opened: Open, tmp_path: Path) -> Path:
    with opened() as workspace:
        put(workspace, "ada", "bob", "ada")
        put_baseline(workspace, tmp_path, ["ada", "dan", "bob"])
    return root


@pytest.mark.parametrize("what", ["records and publishes", "ends a rotation"])
def test_a_backup_speaks_for_what_it_has(world: Path, tmp_path: Path, what: str) -> None:
    """The tree in it is whole, of no more entries than the database has, and no tile of it is of a later one."""
    into = tmp_path / "backups"

    def look() -> list[str]:
        if into.exists():
            shutil.rmtree(into)
        with open_workspace(world, now=NOW + 2 * BOTH_SIGN) as workspace:
            done = back_up(workspace, into, tree=True)
        log = read_part(done.folder / "log")
        found = verify_tree(open_tree(str(log.folder / "public")))
        assert found.beside is not None
        wrong = [one for one in found.beside.unread if not one.startswith("object/")]
        wrong += ["older"] if found.beside.older else []
        if found.tree.checkpoint.size > log.size:
            wrong.append("the tree is ahead")
        return wrong

    assert at_every_moment(world, lambda: ACTS[what](world), look) == []


@pytest.mark.parametrize("what", ACTS)
@EACH
def test_a_check_says_of_what_holds_that_it_does(world: Path, what: str, step: int) -> None:
    def look() -> list[str]:
        return [str(one) for one in check_workspace(world).problems]

    assert at_every_moment(world, lambda: ACTS[what](world), look, step=step) == []


def test_who_is_being_erased_has_her_whole_receipt_or_none(world: Path) -> None:
    def receipt() -> Receipt | None:
        with open_workspace(world) as workspace:
            return receipt_of(workspace, "ada")

    whole = receipt()
    assert whole is not None

    def look() -> list[str]:
        found = receipt()
        return [] if found in {None, whole} else [repr(found)]

    assert at_every_moment(world, lambda: erase(world), look) == []


def test_whoever_knows_of_members_knows_one_state_of_them(world: Path) -> None:
    """The file of a baseline goes while it is read: then the one in its place is."""

    def look() -> list[str]:
        try:
            with open_workspace(world, now=NOW) as workspace:
                gather(workspace)
        except PrivityError as error:
            return [str(error)]
        return []

    assert at_every_moment(world, lambda: erase(world), look) == []
