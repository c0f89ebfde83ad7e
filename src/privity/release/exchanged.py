# SPDX-License-Identifier: Apache-2.0
"""Whoever looks at what describes a release waits while it is exchanged, and whoever exchanges it waits for who looks ([REL-108]).

A look is short: the description and the manifest. The files that they name are not exchanged: they stay for the retention.
"""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path


@contextmanager
def exchanging(folder: Path) -> Iterator[None]:
    """Keep those who look out, as long as the block lasts.

    Raises:
        OSError: The folder is not there, or its disk has no locks.
    """
    lock = os.open(folder, os.O_RDONLY | os.O_CLOEXEC)
    try:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield
    finally:
        os.close(lock)


@contextmanager
def looking(folder: Path) -> Iterator[None]:
    """Look while nobody exchanges anything. A disk without locks is looked at as it is: what does not fit is refused.

    Raises:
        OSError: The folder is not there.
    """
    lock = os.open(folder, os.O_RDONLY | os.O_CLOEXEC)
    try:
        with suppress(OSError):
            fcntl.flock(lock, fcntl.LOCK_SH)
        yield
    finally:
        os.close(lock)
