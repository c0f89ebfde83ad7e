# SPDX-License-Identifier: Apache-2.0
"""The moments at which a command touches the disk: each in turn the last one of a process, or one that fails.

Run as a program (`python -m tests.faults.workspace_moments FOLDER COMMAND END STEP`, with `kill` or `fail` as the end),
it prints a line of JSON for each moment: what came then, and what it took to go on. Each begins from the same
workspace.
"""

from __future__ import annotations

import errno
import json
import os
import shutil
import signal
import sys
import traceback
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from tests.faults.workspace_kills import traces_in
from tests.unit.app.workspace.conftest import BEGAN, LATER, NOW, SETTINGS
from tests.unit.app.workspace.worlds import (
    DATABASES,
    problems,
    put,
    put_back,
    put_baseline,
    says,
)

from privity.app.workspace.backing_up import back_up
from privity.app.workspace.erasing import erase_members
from privity.app.workspace.founding import found_workspace
from privity.app.workspace.opening import open_workspace
from privity.app.workspace.projecting import catch_up
from privity.app.workspace.recording import key_name, publish_now, record
from privity.app.workspace.repairing import repair_workspace
from privity.app.workspace.restoring import restore_workspace
from privity.app.workspace.rotating import rotate_keys
from privity.errors import PrivityError, UnavailableError
from privity.store.database import Database
from privity.store.keys import open_keys
from privity.store.sqlite import open_log

OPERATIONS: tuple[tuple[Any, str], ...] = (
    (os, "fsync"),
    (os, "link"),
    (os, "mkdir"),
    (os, "rename"),
    (os, "rmdir"),
    (os, "unlink"),
    (Database, "run"),
)
DURABLE = ("COMMIT", "VACUUM", "PRAGMA wal_checkpoint")
"""The statements that change what the disk has."""
DAY = 86_400


def template(folder: Path) -> Path:
    """A workspace with something of everything, a backup of it, and an older copy of its databases."""
    root = folder / "template"
    found_workspace(root, SETTINGS, now=BEGAN)
    with open_workspace(root, now=NOW) as workspace:
        put(workspace, "ada", "bob", "ada")
        put_baseline(workspace, folder, ["ada", "cleo", "bob"])
        catch_up(workspace)
        back_up(workspace, folder / "backups", tree=True)
    shutil.copytree(root, folder / "older")
    with open_workspace(root, now=NOW) as workspace:
        put(workspace, "ada", "dan")
    return root


def clone(folder: Path, number: int) -> Path:
    """Give a copy of the template that is at home where it lies."""
    root = folder / str(number)
    shutil.copytree(folder / "template", root)
    open_log(root / DATABASES[0], origin=SETTINGS.origin, adopt=True).close()
    open_keys(root / DATABASES[1], origin=SETTINGS.origin, adopt=True).close()
    return root


def erase(root: Path) -> None:
    with open_workspace(root, now=LATER) as workspace:
        erase_members(workspace, ["ada", "cleo"])


def rotate(root: Path) -> None:
    with open_workspace(root, now=NOW) as workspace:
        rotate_keys(workspace)
    with open_workspace(root, now=NOW + 31 * DAY) as workspace:
        publish_now(workspace)


def write(root: Path) -> None:
    with open_workspace(root, now=LATER) as workspace:
        record(workspace, [says("new"), says("ada")], objects=[b"text"], request="a")
        publish_now(workspace)


def keep(root: Path) -> None:
    with open_workspace(root, now=NOW + 40 * DAY) as workspace:
        back_up(workspace, root.with_name(f"{root.name}-backups"), tree=True)
    with open_workspace(root, now=NOW + 80 * DAY) as workspace:
        back_up(workspace, root.with_name(f"{root.name}-backups"), expire=True)


def make_older(root: Path) -> None:
    put_back(root, root.with_name("older"), *DATABASES)


def mend(root: Path) -> None:
    repair_workspace(root, now=LATER)


def lose(root: Path) -> None:
    for name in DATABASES:
        (root / name).unlink(missing_ok=True)


def restore(root: Path) -> None:
    (backup,) = (root.parent / "backups").iterdir()
    restore_workspace(root, backup, now=LATER)


def nothing(_root: Path) -> None:
    pass


Work = Callable[[Path], None]
COMMANDS: dict[str, tuple[Work, Work]] = {
    "erase": (nothing, erase),
    "rotate": (nothing, rotate),
    "write": (nothing, write),
    "backup": (nothing, keep),
    "repair": (make_older, mend),
    "restore": (lose, restore),
}
"""Each command with what comes before it."""


def kill(_name: str) -> None:
    """End this process."""
    os.kill(os.getpid(), signal.SIGKILL)


def fail(name: str) -> None:
    """Fail as a disk does, or as SQLite says that it did."""
    if name == "run":
        raise UnavailableError("the disk fails", code="store/disk")
    raise OSError(errno.EIO, os.strerror(errno.EIO))


ENDS: dict[str, Callable[[str], None]] = {"kill": kill, "fail": fail}


@contextmanager
def last(number: int, end: Callable[[str], None]) -> Iterator[list[str]]:
    """Let the moment of a number be the last one; counts them."""
    moments: list[str] = []

    def pass_by(name: str) -> None:
        moments.append(name)
        if len(moments) - 1 == number:
            end(name)

    def around(name: str, real: Callable[..., Any]) -> Callable[..., Any]:
        def call(*given: Any, **named: Any) -> Any:
            if name == "run" and not str(given[1]).startswith(DURABLE):
                return real(*given, **named)
            pass_by(name)
            answer = real(*given, **named)
            pass_by(name)
            return answer

        return call

    with pytest.MonkeyPatch.context() as patch:
        for owner, name in OPERATIONS:
            patch.setattr(owner, name, around(name, getattr(owner, name)))
        yield moments


def in_a_child(
    root: Path, command: Callable[[Path], None], number: int, end: Callable[[str], None]
) -> tuple[bool, int]:
    """Run a command whose moment of a number is its last; tells whether it was, and how many there were."""
    reading, writing = os.pipe()
    child = os.fork()
    if not child:
        said = "raised something else than an error of ours"
        try:
            with last(number, end) as moments:
                command(root)
            said = str(len(moments))
        except PrivityError as error:
            said = "" if error.exit_code in {4, 5} else f"said {error}"
        except BaseException as error:  # noqa: BLE001 - told to the parent
            said += f": {error!r} {traceback.format_tb(error.__traceback__)[:-3][-3:]}"
        finally:
            os.write(writing, said.encode())
            os._exit(0)
    os.close(writing)
    os.waitpid(child, 0)
    with os.fdopen(reading, "rb") as stream:
        text = stream.read().decode()
    assert not text or text.isdigit(), text
    return not text, int(text or 0)


def look(root: Path, name: str) -> str:
    """Open what was left, going on as one is told to, and find nothing wrong; tells what it took."""
    took = "nothing"
    try:
        with open_workspace(root, now=NOW + 90 * DAY) as workspace:
            publish_now(workspace)
    except PrivityError as error:
        if name not in {"repair", "restore"}:
            raise
        took = error.code
    if took == "store/missing":
        lose(root)
        restore(root)
    elif took != "nothing":
        repair_workspace(root, now=NOW + 90 * DAY)
    with open_workspace(root, now=NOW + 90 * DAY) as workspace:
        put(workspace, "ada", "eve")
    assert problems(root) == []
    assert not [path for path in (root / "keys").iterdir() if path.name.endswith(".gone")]
    return took


def main(folder: Path, name: str, end: str, step: int) -> None:
    """Let each moment be the last one."""
    root = template(folder)
    with open_workspace(root) as workspace:
        key = workspace.keys.get(key_name("ada"))
        assert key is not None
    number = 0
    while True:
        place = clone(folder, number)
        before, command = COMMANDS[name]
        before(place)
        ended, count = in_a_child(place, command, number, ENDS[end])
        took = look(place, name)
        if name == "erase":
            with open_workspace(place) as workspace:
                over = workspace.store.vault.stream(key.stream)
                gone = over is not None and over.next == 0
            # Either nothing has happened, or nothing is left.
            assert gone is not bool(traces_in(place, [key.secret]))
        print(json.dumps({"moment": number, "took": took, "count": count}), flush=True)  # noqa: T201 - read by the test
        shutil.rmtree(place)
        if not ended and number >= count:
            return
        number += step


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2], sys.argv[3], int(sys.argv[4]))
