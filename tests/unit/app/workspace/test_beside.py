# SPDX-License-Identifier: Apache-2.0
"""Whatever another process does at whatever moment of a look, what held is not said to be wrong.

A look reads databases and files one after the other. Between any two of these reads another process may do a whole
thing, such as to record, to publish, to erase or to exchange a key; each moment is tried by itself.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from itertools import count
from pathlib import Path
from typing import Any

import pytest
from tests.unit.app.workspace.conftest import NOW, Open
from tests.unit.app.workspace.worlds import content, keep, put, put_back, put_baseline, says

from privity.app.workspace.checking import check_workspace
from privity.app.workspace.erasing import erase_members
from privity.app.workspace.opening import open_workspace
from privity.app.workspace.parts import Workspace
from privity.app.workspace.recording import publish_now, record
from privity.app.workspace.rotating import BOTH_SIGN, rotate_keys
from privity.canonical.encode import digest
from privity.entries.policy import PolicyEntry
from privity.store.database import Database
from privity.store.files import Folder, NoteFile

READS = ((Database, "_rows"), (Folder, "read"), (NoteFile, "read"))

Act = Callable[[Path], None]

_FEWEST = 30
"""So many reads every look that is tried has: fewer would be another look."""


@contextmanager
def acting(moment: int, act: Callable[[], None]) -> Iterator[list[bool]]:
    """Do something before one of the reads; what is given stays empty where there are not so many."""
    acted: list[bool] = []
    before = count()

    def wrapped(real: Callable[..., Any]) -> Callable[..., Any]:
        def read(*given: Any, **named: Any) -> Any:
            if not acted and next(before) == moment:
                acted.append(True)
                act()
            return real(*given, **named)

        return read

    with pytest.MonkeyPatch.context() as patch:
        for owner, name in READS:
            patch.setattr(owner, name, wrapped(getattr(owner, name)))
        yield acted


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


def begin_anew(root: Path, kept: Path) -> None:
    """Let every file be as it was; they stay the same files."""
    before = content(kept)
    for name in content(root):
        if name not in before:
            (root / name).unlink()
    for name in before:
        (root / name).touch()
    put_back(root, kept, *before)


def at_every_moment(root: Path, act: Act, look: Callable[[], list[str]]) -> list[str]:
    """Look as often as a look reads, with the act at another moment each time; gives what was found."""
    kept = keep(root)
    found: list[str] = []
    moment, over = 0, False
    while not over:
        begin_anew(root, kept)
        with acting(moment, lambda: act(root)) as acted:
            found += [f"{moment}: {one}" for one in look()]
        moment, over = moment + 1, not acted
    assert moment > _FEWEST
    return found


@pytest.mark.parametrize("what", ACTS)
def test_a_check_says_of_what_holds_that_it_does(world: Path, what: str) -> None:
    def look() -> list[str]:
        return [str(one) for one in check_workspace(world).problems]

    assert at_every_moment(world, ACTS[what], look) == []
