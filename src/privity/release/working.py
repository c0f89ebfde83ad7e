# SPDX-License-Identifier: Apache-2.0
"""Working folders: where records are converted and tables spilled, and nothing stays (docs/cli.md).

They lie where `TMPDIR` says, are its owner's alone, and are locked while they are used. Whatever stops a run removes its
own; what a killed one left, the next run removes.
"""

from __future__ import annotations

import fcntl
import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from privity.errors import UnavailableError

_NAME: Final = "privity-working-"


@dataclass(frozen=True, slots=True)
class WorkingFolder:
    """A folder that is in use until it is removed.

    Attributes:
        path: Where it lies.
        lock: What holds its lock; the system lets go of it when the process ends, however it ends.
    """

    path: Path
    lock: int

    def remove(self) -> None:
        """Remove it with all that is in it."""
        shutil.rmtree(self.path, ignore_errors=True)
        os.close(self.lock)


def make_working_folder() -> WorkingFolder:
    """Make a folder of this process's own, and remove those that killed ones left.

    Raises:
        UnavailableError: It cannot be made where `TMPDIR` says: nothing is written elsewhere.
    """
    place = Path(os.environ.get("TMPDIR") or tempfile.gettempdir())
    lock = None
    try:
        _remove_left(place)
        # It gets the name by which it is found once it is locked.
        made = Path(tempfile.mkdtemp(prefix=f".{_NAME}", dir=place))
        lock = os.open(made, os.O_RDONLY)
        fcntl.flock(lock, fcntl.LOCK_EX)
        return WorkingFolder(made.rename(place / made.name[1:]), lock)
    except OSError as error:
        if lock is not None:
            os.close(lock)
        raise UnavailableError(
            f"no working folder can be made in `{place}`: {error.strerror}",
            code="run/working-folder",
            hint="let `TMPDIR` name a folder that can be written, with room for a copy of the records",
        ) from error


@contextmanager
def working_folder() -> Iterator[Path]:
    """Give a working folder, which is removed at the end; raises as `make_working_folder` does."""
    made = make_working_folder()
    try:
        yield made.path
    finally:
        made.remove()


def _remove_left(place: Path) -> None:
    """Remove the working folders that nobody holds; others' are not opened."""
    for left in place.glob(f"{_NAME}*"):
        with suppress(OSError):
            lock = os.open(left, os.O_RDONLY | os.O_NOFOLLOW | os.O_DIRECTORY)
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
                if os.fstat(lock).st_uid == os.getuid():
                    shutil.rmtree(left, ignore_errors=True)
            finally:
                os.close(lock)
