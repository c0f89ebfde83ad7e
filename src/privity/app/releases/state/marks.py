# SPDX-License-Identifier: Apache-2.0
"""Names of releases that something is being made for: one process at a time, and what a killed one leaves.

A name is held by a lock that its process cannot leave behind. A lock that nobody holds marks what was cut short: it is
finished if the log speaks of it, and removed else (specs/release.md, [REL-11]).
"""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from privity.app.releases.state.places import making
from privity.errors import ConflictError
from privity.store.files import unreachable
from privity.store.private import make_private_folder
from privity.vocabulary.terms import quoted

_SUFFIX: Final = ".lock"
_ONLY_OWNER: Final = 0o600


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
    path = folder / f"{name}{_SUFFIX}"
    try:
        lock = os.open(path, os.O_CREAT | os.O_RDWR | os.O_CLOEXEC, _ONLY_OWNER)
    except OSError as error:
        raise unreachable(path, error) from error
    try:
        # Whoever ended a moment ago may have taken the file away: then this is the lock of no name.
        if not _taken(lock) or not _is(lock, path):
            raise ConflictError(
                f"another process makes or changes the release {quoted(name)}",
                code="release/held",
                hint="try again when it has ended",
            )
        yield
    finally:
        os.close(lock)


def forget(root: Path, name: str) -> None:
    """Take the mark of a name away, which is held: there is nothing left to do.

    Raises:
        UnavailableError: The disk fails.
    """
    path = making(root) / f"{name}{_SUFFIX}"
    try:
        path.unlink(missing_ok=True)
    except OSError as error:
        raise unreachable(path, error) from error


def any_left(root: Path) -> bool:
    """Tell whether anything is being made, or was left by a process that was killed."""
    folder = making(root)
    return folder.is_dir() and any(folder.glob(f"*{_SUFFIX}"))


def left(root: Path) -> Iterator[str]:
    """Hold, one after the other, each name that a killed process left a mark of.

    Raises:
        UnavailableError: The disk fails.
    """
    folder = making(root)
    for path in sorted(folder.glob(f"*{_SUFFIX}")) if folder.is_dir() else ():
        try:
            lock = os.open(path, os.O_RDWR | os.O_CLOEXEC)
        except FileNotFoundError:
            continue  # its own process has just ended it
        except OSError as error:
            raise unreachable(path, error) from error
        try:
            if _taken(lock) and _is(lock, path):
                yield path.name.removesuffix(_SUFFIX)
        finally:
            os.close(lock)


def _taken(lock: int) -> bool:
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _is(lock: int, path: Path) -> bool:
    """Tell whether an open lock is still the file of its name."""
    try:
        return os.fstat(lock).st_ino == path.stat().st_ino
    except FileNotFoundError:
        return False
