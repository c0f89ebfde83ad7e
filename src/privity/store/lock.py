# SPDX-License-Identifier: Apache-2.0
"""Locks that their process cannot leave behind.

`locked` is for one at a time: it saves two publishers from doing the same work, and lets repair work alone. That a
log never forks does not rest on it, but on the compare-and-swap of the head and on one note for each size. A site that
is served publishes each second, so a command that cannot do without the lock waits for it (`PATIENCE`).

`wait_for` is for what many use at once, and one alone makes or removes.
"""

from __future__ import annotations

import fcntl
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from privity.errors import ConflictError
from privity.store.files import unreachable

PATIENCE: Final = 2.0
"""Seconds that a command waits for a lock which a site that is served holds again and again, and never for long."""

_DIGITS: Final = 20
_SECONDS: Final = 10.0
_LOOK_AGAIN: Final = 0.001


@contextmanager
def locked(path: Path, *, seconds: float = 0.0) -> Iterator[None]:
    """Hold the lock of a file, which is made if need be and never removed.

    Args:
        path: The file.
        seconds: How long to wait for another process that holds it.

    Raises:
        ConflictError: Another process holds it (`store/locked`).
        UnavailableError: The file cannot be made.
    """
    held = _open(path)
    try:
        if not _taken(held, path, fcntl.LOCK_EX, seconds):
            raise _turned_away(held, path)
        _sign(held, path)
        yield
    finally:
        # The lock goes with its file descriptor, however the process ends.
        os.close(held)


def wait_for(path: Path, *, alone: bool, seconds: float = _SECONDS) -> int:
    """Wait until a lock can be had, with others or alone; the file is made if need be and never removed.

    Returns:
        A file descriptor: the lock is held until it is closed.

    Raises:
        ConflictError: Others hold it and do not end (`store/busy`).
        UnavailableError: The file cannot be made.
    """
    held = _open(path)
    try:
        taken = _taken(held, path, fcntl.LOCK_EX if alone else fcntl.LOCK_SH, seconds)
    except BaseException:
        os.close(held)
        raise
    if taken:
        return held
    os.close(held)
    raise ConflictError(
        f"another process holds `{path}` and did not end within {seconds:g} seconds",
        code="store/busy",
        hint="try again when it has ended",
    )


def _open(path: Path) -> int:
    try:
        return os.open(path, os.O_CREAT | os.O_RDWR | os.O_CLOEXEC, 0o600)
    except OSError as error:
        raise unreachable(path, error) from error


def _taken(held: int, path: Path, wanted: int, seconds: float) -> bool:
    """Take a lock as soon as it can be had; false where it could not within the time."""
    end = time.monotonic() + seconds
    while True:
        try:
            fcntl.flock(held, wanted | fcntl.LOCK_NB)
        except BlockingIOError:
            if time.monotonic() >= end:
                return False
            time.sleep(_LOOK_AGAIN)
        except OSError as error:
            raise unreachable(path, error) from error
        else:
            return True


def _sign(held: int, path: Path) -> None:
    try:
        # Only for who is turned away; a process that was killed leaves its number, which says nothing.
        os.pwrite(held, f"{os.getpid():<{_DIGITS}}".encode("ascii"), 0)
    except OSError as error:
        raise unreachable(path, error) from error


def _turned_away(held: int, path: Path) -> ConflictError:
    holder = os.pread(held, _DIGITS, 0).decode("ascii", errors="replace").strip()
    return ConflictError(
        f"process {holder or 'unknown'} holds `{path}`",
        code="store/locked",
        hint="let it end, or end it, and try again",
    )
