# SPDX-License-Identifier: Apache-2.0
"""What a workspace keeps in private of its releases, copied into backups and put back (docs/keeping.md).

That is the key that signs for them, the index of whose records they hold, and the columns that they were decided by. What is
handed over is in no backup: it is copied as other data is.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from privity.app.workspace.places import Places
from privity.errors import ConflictError
from privity.store.files import force_folder
from privity.store.private import make_private_folder, put_private

KEY: Final = "release.key"
FOLDER: Final = "releases"
SECRETS: Final = frozenset({KEY})
"""The files that are written over before they are removed."""

_ATTEMPTS: Final = 5
_ONLY_OWNER: Final = 0o600


def copy_release_vault(places: Places, vault: Path) -> int:
    """Copy what is private of releases into a part of a backup, durably; gives of how many.

    Raises:
        ConflictError: Files come and go while they are copied (`workspace/releases-moved`).
        OSError: The disk is full or fails.
        UnavailableError: The disk is full or fails.
    """
    if places.release_signer.exists():
        put_private(vault / KEY, places.release_signer.read_bytes())
    source, target = places.release_vault, vault / FOLDER
    copied: set[Path] = set()
    for _attempt in range(_ATTEMPTS):
        there = set(_files(source))
        if there == copied:
            return len({path.parts[0] for path in copied})
        for path in sorted(copied - there):
            (target / path).unlink()
        for path in sorted(there - copied):
            _copy(source / path, target, path)
        copied = {path for path in there if (target / path).exists()}
    raise ConflictError(
        "the files of releases come and go while they are copied",
        code="workspace/releases-moved",
        hint="try again when no release is made or taken back from",
    )


def restorable_release_vault(places: Places, vault: Path) -> Iterator[tuple[Path, Path]]:
    """Give what a backup has in private of releases: each place with its copy.

    Of a release whose folder is there, nothing: a file that is missing in it may be one that was taken back.
    """
    yield places.release_signer, vault / KEY
    for path in sorted(_files(vault / FOLDER)):
        if not (places.release_vault / path.parts[0]).exists():
            yield places.release_vault / path, vault / FOLDER / path


def _files(folder: Path) -> Iterator[Path]:
    """Give the files of a folder, by their paths in it; what is being written is none."""
    for path in folder.rglob("*"):
        inside = path.relative_to(folder)
        if path.is_file() and not any(part.startswith(".") for part in inside.parts):
            yield inside


def _copy(source: Path, target: Path, path: Path) -> None:
    """Copy a file that may go meanwhile: what has its name is never written to again."""
    folder = target
    make_private_folder(folder)
    for part in path.parent.parts:
        folder = folder / part
        make_private_folder(folder)
    try:
        read = source.open("rb")
    except FileNotFoundError:
        return
    with read, open(target / path, "xb", opener=_private) as written:
        shutil.copyfileobj(read, written)
        written.flush()
        os.fsync(written.fileno())
    force_folder(folder)


def _private(path: str, flags: int) -> int:
    return os.open(path, flags, _ONLY_OWNER)
