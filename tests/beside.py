# SPDX-License-Identifier: Apache-2.0
"""Another process at work, at every moment of a look.

A look reads databases and files one after the other. Between any two of these reads another process may do a whole
thing: record, publish, erase, exchange a key, take back. Each moment is tried by itself, on a workspace that is as before.
"""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from itertools import count
from pathlib import Path
from typing import Any

import pytest
from tests.unit.app.workspace.worlds import content, keep, put_back

from privity.release.exchanged import looking
from privity.store.database import Database
from privity.store.files import Folder, NoteFile

READS = ((Database, "_rows"), (Folder, "read"), (NoteFile, "read"), (Path, "open"))

_FEWEST = 20
"""So many reads every look that is tried has: fewer would be another look."""


@contextmanager
def acting(moment: int, act: Callable[[], object]) -> Iterator[list[bool]]:
    """Do something before one of the reads; what is given stays empty where there are not so many."""
    acted: list[bool] = []
    before = count()
    waited_for: list[bool] = []

    def waiting(real: Callable[..., AbstractContextManager[None]]) -> Callable[..., Any]:
        """Whoever writes waits as long as this lasts: there is no such moment."""

        @contextmanager
        def alone(*given: Any) -> Iterator[None]:
            with real(*given):
                waited_for.append(True)
                try:
                    yield
                finally:
                    waited_for.pop()

        return alone

    def wrapped(real: Callable[..., Any]) -> Callable[..., Any]:
        def read(*given: Any, **named: Any) -> Any:
            if not acted and not waited_for and next(before) == moment:
                acted.append(True)
                act()
            return real(*given, **named)

        return read

    with pytest.MonkeyPatch.context() as patch:
        for owner, name in READS:
            patch.setattr(owner, name, wrapped(getattr(owner, name)))
        patch.setattr("privity.release.opened.looking", waiting(looking))
        for name in ("reading", "transaction", "rehearsal"):
            patch.setattr(Database, name, waiting(getattr(Database, name)))
        yield acted


def at_every_moment(
    root: Path, act: Callable[[], object], look: Callable[[], list[str]], *, step: int = 1
) -> list[str]:
    """Look as often as a look reads, with the act at another moment each time; gives what was found.

    Args:
        root: The workspace, which is as before each time.
        act: What the other process does.
        look: Looks, and says what is wrong.
        step: So many moments further on is the next that is tried.
    """
    kept = keep(root)
    found: list[str] = []
    moment, over = 0, False
    while not over:
        _begin_anew(root, kept)
        with acting(moment, act) as acted:
            found += [f"{moment}: {one}" for one in look()]
        moment, over = moment + step, not acted
    assert moment > _FEWEST
    return found


def _begin_anew(root: Path, kept: Path) -> None:
    """Let every file be as it was; they stay the same files."""
    before = content(kept)
    for name in content(root):
        if name not in before:
            (root / name).unlink()
    for folder in sorted(root.rglob("*"), reverse=True):
        if folder.is_dir() and not (kept / folder.relative_to(root)).is_dir():
            shutil.rmtree(folder)
    for name in before:
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).touch()
    put_back(root, kept, *before)
