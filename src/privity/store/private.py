# SPDX-License-Identifier: Apache-2.0
"""Small files that their owner alone may read: settings, and the keys that sign.

Each is whole or not there, also after a loss of power. What is destroyed is written over first; a disk that writes
elsewhere than it was told, as most do that have no platters, may keep the old bytes all the same.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import Final

from privity.store.files import force_folder, unreachable

_ONLY_OWNER: Final = 0o600
_PRIVATE_FOLDER: Final = 0o700


def make_private_folder(folder: Path) -> None:
    """Make a folder that its owner alone may enter, durably; it may be there already.

    Raises:
        UnavailableError: The disk is full or fails.
    """
    try:
        folder.mkdir(mode=_PRIVATE_FOLDER, exist_ok=True)
        force_folder(folder.parent)
    except OSError as error:
        raise unreachable(folder, error) from error


def put_private(path: Path, data: bytes) -> None:
    """Put a file in its place, over what is there, whole and durably.

    Raises:
        UnavailableError: The disk is full or fails; what was there stays.
    """
    aside = path.with_name(f".{path.name}.new")
    try:
        opened = os.open(aside, os.O_CREAT | os.O_WRONLY | os.O_TRUNC, _ONLY_OWNER)
        with os.fdopen(opened, "wb") as stream:
            stream.write(data)
            stream.flush()
            os.fsync(opened)
        aside.rename(path)
        force_folder(path.parent)
    except OSError as error:
        raise unreachable(path, error) from error


def read_private(path: Path) -> tuple[bytes, os.stat_result] | None:
    """Read a file that another process may replace or destroy meanwhile; None where there is none.

    Returns:
        Its bytes, which are never what `destroy` writes over a file, and what the system says of it.

    Raises:
        OSError: It cannot be read.
    """
    while True:
        try:
            with path.open("rb") as stream:
                opened = os.fstat(stream.fileno())
                data = stream.read()
                # INVARIANT: a file that has its name still was not written over, as it loses its name before.
                if os.path.samestat(opened, path.stat()):
                    return data, opened
        except FileNotFoundError:
            return None


def destroy(path: Path) -> None:
    """Write over a file and remove it; one that a killed process left half destroyed is finished.

    Raises:
        UnavailableError: The disk fails.
    """
    aside = path.with_name(f".{path.name}.gone")
    try:
        if path.exists():
            # INVARIANT: under its name a file is whole. What is written over has another one.
            path.rename(aside)
            force_folder(aside.parent)
        if aside.exists():
            with aside.open("r+b") as stream:
                stream.write(bytes(aside.stat().st_size))
                stream.flush()
                os.fsync(stream.fileno())
            aside.unlink()
            force_folder(aside.parent)
    except OSError as error:
        raise unreachable(path, error) from error
