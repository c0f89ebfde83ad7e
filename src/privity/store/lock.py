# SPDX-License-Identifier: Apache-2.0
"""One publisher at a time: a lock that its process cannot leave behind.

It saves two publishers from doing the same work, and lets repair work alone. That a log never forks does not
rest on it, but on the compare-and-swap of the head and on one note for each size.
"""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from privity.errors import ConflictError
from privity.store.files import unreachable

_DIGITS: Final = 20


@contextmanager
def locked(path: Path) -> Iterator[None]:
    """Hold the lock of a file, which is made if need be and never removed.

    Raises:
        ConflictError: Another process holds it (`store/locked`).
        UnavailableError: The file cannot be made.
    """
    try:
        held = os.open(path, os.O_CREAT | os.O_RDWR | os.O_CLOEXEC, 0o600)
    except OSError as error:
        raise unreachable(path, error) from error
    try:
        _take(held, path)
        yield
    finally:
        # The lock goes with its file descriptor, however the process ends.
        os.close(held)


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
