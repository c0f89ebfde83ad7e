# SPDX-License-Identifier: Apache-2.0
"""Names of releases that something is being made for: one process at a time, and what a killed one leaves.

A name is held by a lock (`store.marks`). One that nobody holds marks what was cut short: it is finished if the log
speaks of it, and removed else (specs/release.md, [REL-11]).
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from privity.app.releases.state.places import making
from privity.errors import ConflictError
from privity.store import marks
from privity.store.files import unreachable
from privity.store.marks import SUFFIX, take
from privity.store.private import make_private_folder
from privity.vocabulary.terms import quoted


@contextmanager
def held(root: Path, name: str) -> Iterator[None]:
    """Hold a name as long as the block lasts; its mark stays unless `forget` took it away.

    Args:
        root: The workspace's folder.
        name: The release's name.

    Raises:
        ConflictError: Another process holds it (`release/held`).
        UnavailableError: The disk is full or fails.
    """
    folder = making(root)
    make_private_folder(folder)
    lock = take(folder / f"{name}{SUFFIX}")
    if lock is None:
        raise ConflictError(
            f"another process makes or changes the release {quoted(name)}",
            code="release/held",
            hint="try again when it has ended",
        )
    try:
        yield
    finally:
        os.close(lock)


def forget(root: Path, name: str) -> None:
    """Take the mark of a name away, which is held: there is nothing left to do.

    Raises:
        UnavailableError: The disk fails.
    """
    path = making(root) / f"{name}{SUFFIX}"
    try:
        path.unlink(missing_ok=True)
    except OSError as error:
        raise unreachable(path, error) from error


def made_at(root: Path, name: str) -> tuple[int, int] | None:
    """Give what tells the mark of a name from the next one of this name; None where there is none.

    Raises:
        UnavailableError: The disk fails.
    """
    path = making(root) / f"{name}{SUFFIX}"
    try:
        about = path.stat()
    except FileNotFoundError:
        return None
    except OSError as error:
        raise unreachable(path, error) from error
    return about.st_ino, about.st_ctime_ns


def any_left(root: Path) -> bool:
    """Tell whether anything is being made, or was left by a process that was killed."""
    folder = making(root)
    return folder.is_dir() and any(folder.glob(f"*{SUFFIX}"))


def left(root: Path) -> Iterator[str]:
    """Hold, one after the other, each name that a killed process left a mark of.

    Raises:
        UnavailableError: The disk fails.
    """
    for path in marks.left(making(root)):
        yield path.name.removesuffix(SUFFIX)
