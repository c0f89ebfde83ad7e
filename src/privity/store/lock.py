# SPDX-License-Identifier: Apache-2.0
"""Locks that their process cannot leave behind.

`locked` is for one at a time: it saves two publishers from doing the same work, and lets repair work alone. That a
log never forks does not rest on it, but on the compare-and-swap of the head and on one note for each size.

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

_DIGITS: Final = 20
_SECONDS: Final = 10.0
_LOOK_AGAIN: Final = 0.001


@contextmanager
def locked(path: Path) -> Iterator[None]:
    """Hold the lock of a file, which is made if need be and never removed.

    Raises:
        ConflictError: Another process holds it (`store/locked`).
        UnavailableError: The file cannot be made.
    """
    held = _open(path)
    try:
        _take(held, path)
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
    held, end = _open(path), time.monotonic() + seconds
    wanted = (fcntl.LOCK_EX if alone else fcntl.LOCK_SH) | fcntl.LOCK_NB
    try:
        while True:
            try:
                fcntl.flock(held, wanted)
            except BlockingIOError as error:
                if time.monotonic() >= end:
                    raise ConflictError(
                        f"another process holds `{path}` and did not end within {seconds:g} seconds",
                        code="store/busy",
                        hint="try again when it has ended",
                    ) from error
                time.sleep(_LOOK_AGAIN)
            else:
                return held
    except OSError as error:
        os.close(held)
        raise unreachable(path, error) from error
    except BaseException:
        os.close(held)
        raise


def _open(path: Path) -> int:
    try:
        return os.open(path, os.O_CREAT | os.O_RDWR | os.O_CLOEXEC, 0o600)
    except OSError as error:
        raise unreachable(path, error) from error


def _take(held: int, path: Path) -> None:
    try:
        fcntl.flock(held, fcntl.LOCK_EX | fcntl.LOCK_NB)
        # Only for who is turned away; a process that was killed leaves its number, which says nothing.
        os.pwrite(held, f"{os.getpid():<{_DIGITS}}".encode("ascii"), 0)
    except BlockingIOError as error:
        holder = os.pread(held, _DIGITS, 0).decode("ascii", errors="replace").strip()
        raise ConflictError(
            f"process {holder or 'unknown'} holds `{path}`",
            code="store/locked",
            hint="let it end, or end it, and try again",
        ) from error
    except OSError as error:
        raise unreachable(path, error) from error
