# SPDX-License-Identifier: Apache-2.0
"""Whoever looks at what describes a release waits while it is exchanged, and whoever exchanges it waits for who looks ([REL-108]).

A look is short: the description and the manifest. The files that they name are not exchanged: they stay for the retention.
Everybody comes in through a gate, the lock of another folder, so that many who look do not keep out who exchanges.
"""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from privity.release.folder import ReleaseFolder


@contextmanager
def exchanging(folder: Path) -> Iterator[None]:
    """Keep those who look out, as long as the block lasts.

    Raises:
        OSError: The folder is not there, or its disk has no locks.
    """
    with _opened(ReleaseFolder(folder).table) as gate, _opened(folder) as lock:
        fcntl.flock(gate, fcntl.LOCK_EX)
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


@contextmanager
def looking(folder: Path) -> Iterator[None]:
    """Look while nobody exchanges anything. A disk without locks is looked at as it is: what does not fit is refused.

    Raises:
        OSError: The folder is not there.
    """
    with _opened(folder) as lock:
        with suppress(OSError), _opened(ReleaseFolder(folder).table) as gate:
            fcntl.flock(gate, fcntl.LOCK_SH)
            fcntl.flock(lock, fcntl.LOCK_SH)
        yield


@contextmanager
def _opened(folder: Path) -> Iterator[int]:
    file = os.open(folder, os.O_RDONLY | os.O_CLOEXEC)
    try:
        yield file
    finally:
        os.close(file)
