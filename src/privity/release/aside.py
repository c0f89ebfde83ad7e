# SPDX-License-Identifier: Apache-2.0
"""Make a set aside and give it its name at the end: readers find a whole one or none (docs/clearing.md).

Whatever stops it before leaves nothing behind; what a killed run left, the next one of the same name removes.
A set that the ledger speaks of already is kept: see `keep`.
"""

from __future__ import annotations

import errno
import fcntl
import glob
import os
import secrets
import shutil
import stat
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Final

import pyarrow as pa

from privity.errors import UnavailableError, Where
from privity.release.free import check_free_folder

DATA: Final = "data"
_KEPT: Final = "kept"


@contextmanager
def aside(out: Path) -> Iterator[Path]:
    """Give a folder beside `out` that becomes it at the end, or is removed."""
    check_free_folder(out, code="clear/exists")
    parent = out.absolute().parent
    above = [one for one in (parent, *parent.parents) if not one.exists()]
    # Named before it is made, so that no moment is left in which it is and nobody removes it.
    folder = parent / f".{out.name}.clearing-{secrets.token_hex(8)}"
    lock = None
    try:
        parent.mkdir(parents=True, exist_ok=True)
        remove_left(parent, out.name)
        while lock is None:
            folder.mkdir(mode=0o700)
            lock = _held(folder)
        yield folder
        give_name(folder, out)
    except (OSError, pa.ArrowException) as error:
        if isinstance(error, OSError) or "No space left" in str(error):
            raise _unavailable(error, out) from error
        raise
    finally:
        if lock is not None:
            os.close(lock)
        if not is_kept(folder):
            shutil.rmtree(folder, ignore_errors=True)
            if not out.exists():
                _remove_empty(above)


def _held(folder: Path) -> int | None:
    """Lock a new folder; None where another clearing of this name took it for one that was left, and removed it."""
    try:
        lock = os.open(folder, os.O_RDONLY)
    except FileNotFoundError:
        return None
    fcntl.flock(lock, fcntl.LOCK_EX)
    with suppress(FileNotFoundError):
        if os.fstat(lock).st_ino == folder.stat().st_ino:
            return lock
    os.close(lock)
    return None


def keep(folder: Path) -> None:
    """Mark a set made aside as one that is spoken of: whatever happens now, its folder stays.

    Raises:
        OSError: The disk is full or fails.
    """
    (folder / _KEPT).touch()
    settle(folder)


def unmark(folder: Path) -> None:
    """Take the mark away: the set has its name, or was never spoken of.

    Raises:
        OSError: The disk fails.
    """
    (folder / _KEPT).unlink(missing_ok=True)


def is_kept(folder: Path) -> bool:
    """Tell whether a set made aside is spoken of."""
    return (folder / _KEPT).exists()


def give_name(folder: Path, out: Path) -> None:
    """Give a folder its name, once all in it is on the disk; it may be read as its data may.

    Raises:
        ConflictError: The name is taken.
        OSError: The disk is full or fails.
    """
    folder.chmod(stat.S_IMODE((folder / DATA).stat().st_mode))
    for one in (folder / DATA, folder):
        settle(one)
    check_free_folder(out, code="clear/exists")
    try:
        folder.rename(out)
        settle(folder.parent)
        unmark(out)
    except OSError:
        if folder.exists():
            check_free_folder(out, code="clear/exists")  # somebody made it this very moment
        else:
            out.rename(folder)  # it has its name, and perhaps not for good
        raise


def remove_left(parent: Path, name: str) -> None:
    """Remove what killed clearings of the same name left; a living one holds its lock."""
    for left in parent.glob(f".{glob.escape(name)}.clearing-*"):
        if is_kept(left):
            continue
        try:
            lock = os.open(left, os.O_RDONLY)
        except OSError:
            continue  # somebody else's, or gone meanwhile
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            continue
        else:
            shutil.rmtree(left, ignore_errors=True)
        finally:
            os.close(lock)


def _remove_empty(folders: Sequence[Path]) -> None:
    """Remove folders that were made for the output, the deepest first, unless others use them."""
    for folder in folders:
        with suppress(OSError):
            folder.rmdir()


def _unavailable(error: BaseException, out: Path) -> UnavailableError:
    full = getattr(error, "errno", None) in (errno.ENOSPC, errno.EDQUOT) or "No space" in str(
        error
    )
    said = "the disk is full" if full else " ".join(str(error).split())
    return UnavailableError(
        f"cannot write the set: {said}; nothing was left behind",
        code="clear/disk",
        where=Where(file=str(out)),
    )


def settle(path: Path) -> None:
    """Force a file, or what a folder lists, to the disk."""
    file = os.open(path, os.O_RDONLY)
    try:
        os.fsync(file)
    finally:
        os.close(file)
