# SPDX-License-Identifier: Apache-2.0
"""Locks that mark work on its way, which their process cannot leave behind.

Who begins some work takes a lock of its name, and removes the file when nothing is left to do. A file that nobody holds
marks work that was cut short: whoever looks after it holds it meanwhile. Other than the locks of `store.lock`, these are
removed, so that a lock may be had on a file that has lost its name: it is the lock of nothing, and another is taken.
"""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from privity.store.files import unreachable

SUFFIX: Final = ".lock"
_ONLY_OWNER: Final = 0o600


def take(path: Path) -> int | None:
    """Take a lock, whose file is made if need be.

    Returns:
        A file descriptor, which holds it until it is closed; None where another process has it, or had it a moment ago.

    Raises:
        UnavailableError: The file cannot be made.
    """
    return _held(_opened(path), path, fcntl.LOCK_EX | fcntl.LOCK_NB)


def wait_and_take(path: Path) -> int:
    """Take a lock as soon as it can be had; see `take`."""
    while (held := _held(_opened(path), path, fcntl.LOCK_EX)) is None:
        pass  # whoever had it took the file away
    return held


def left(folder: Path) -> Iterator[Path]:
    """Hold, one after the other, each lock of a folder whose process is gone, in the order of their names.

    Raises:
        UnavailableError: The disk fails.
    """
    for path in sorted(folder.glob(f"*{SUFFIX}")) if folder.is_dir() else ():
        try:
            opened = os.open(path, os.O_RDWR | os.O_CLOEXEC)
        except FileNotFoundError:
            continue  # its own process has just ended it
        except OSError as error:
            raise unreachable(path, error) from error
        held = _held(opened, path, fcntl.LOCK_EX | fcntl.LOCK_NB)
        if held is None:
            continue  # it is alive
        try:
            yield path
        finally:
            os.close(held)


def _opened(path: Path) -> int:
    try:
        return os.open(path, os.O_CREAT | os.O_RDWR | os.O_CLOEXEC, _ONLY_OWNER)
    except OSError as error:
        raise unreachable(path, error) from error


def _held(lock: int, path: Path, how: int) -> int | None:
    """Lock an open file that still has its name; else close it."""
    try:
        fcntl.flock(lock, how)
        if os.fstat(lock).st_ino == path.stat().st_ino:
            return lock
    except (BlockingIOError, FileNotFoundError):
        pass
    except BaseException:
        os.close(lock)
        raise
    os.close(lock)
    return None
