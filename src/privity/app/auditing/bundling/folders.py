# SPDX-License-Identifier: Apache-2.0
"""Make a folder for what an audit writes: aside, to the disk, and then under its name, or not at all.

It may hold what members said: nobody but its owner reads it.
"""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from privity.errors import UnavailableError, Where
from privity.release.free import check_free_folder
from privity.store.files import force_folder

_ONLY_OWNER: Final = 0o600


@contextmanager
def made_aside(out: Path) -> Iterator[Path]:
    """Give a folder that becomes `out` at the end, or is removed.

    Raises:
        ConflictError: There is something of that name (`audit/exists`).
        UnavailableError: The disk is full or fails (`audit/disk`).
    """
    refuse_existing(out)
    folder = None
    try:
        out.absolute().parent.mkdir(parents=True, exist_ok=True)
        folder = Path(tempfile.mkdtemp(prefix=f".{out.name}.", dir=out.absolute().parent))
        yield folder
        for one in sorted(folder.rglob("*/"), reverse=True):
            force_folder(one)
        force_folder(folder)
        refuse_existing(out)
        folder.rename(out)
        force_folder(out.absolute().parent)
    except OSError as error:
        raise UnavailableError(
            f"cannot write the report: {error.strerror}; nothing was left behind",
            code="audit/disk",
            where=Where(file=str(out)),
        ) from error
    finally:
        if folder is not None:
            shutil.rmtree(folder, ignore_errors=True)


def put(path: Path, data: bytes) -> None:
    """Write a new file durably, for its owner alone; the folders above it are made.

    Raises:
        OSError: The disk is full or fails, or there is one.
    """
    put_lines(path, [data])


def put_lines(path: Path, lines: Iterable[bytes]) -> None:
    """Write a new file durably, line by line; raises as `put` does."""
    path.parent.mkdir(parents=True, exist_ok=True)
    opened = os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, _ONLY_OWNER)
    with os.fdopen(opened, "wb") as stream:
        stream.writelines(lines)
        stream.flush()
        os.fsync(stream.fileno())


def put_copy(path: Path, source: Path) -> None:
    """Copy a file durably, for its owner alone; raises as `put` does."""
    path.parent.mkdir(parents=True, exist_ok=True)
    opened = os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, _ONLY_OWNER)
    with source.open("rb") as read, os.fdopen(opened, "wb") as stream:
        shutil.copyfileobj(read, stream, 1 << 20)
        stream.flush()
        os.fsync(stream.fileno())


def refuse_existing(out: Path) -> None:
    """Refuse a name that is taken.

    Raises:
        ConflictError: It is (`audit/exists`).
    """
    check_free_folder(out, code="audit/exists", what="folder of the report")
