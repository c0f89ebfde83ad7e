# SPDX-License-Identifier: Apache-2.0
"""What a workspace keeps in private of its releases, copied into backups and put back (docs/keeping.md).

That are the keys that sign for them, the index of whose records they hold, the columns that they were decided by, the journals of
the runs that read them, where recipients get messages, and which of these wait to be sent again. What is handed over is in no backup: it is copied as other data is.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from pathlib import Path, PurePath
from typing import Final

from privity.app.workspace.places import Places
from privity.errors import ConflictError
from privity.store.files import force_folder
from privity.store.private import make_private_folder, put_private
from privity.store.releases import open_releases

KEY: Final = "release.key"
INDEX: Final = "releases.db"
FOLDER: Final = "releases"
JOURNALS: Final = "runs"
FORMER_KEYS: Final = "release-*.key"
WEBHOOKS: Final = "webhooks.json"
OUTBOX: Final = "outbox.json"
_SECRETS: Final = frozenset({KEY, INDEX, WEBHOOKS})

_ATTEMPTS: Final = 5
_ONLY_OWNER: Final = 0o600


def is_secret(name: str) -> bool:
    """Tell by its name in a backup whether a file is written over before it is removed."""
    return name in _SECRETS or PurePath(name).match(FORMER_KEYS)


def copy_release_vault(places: Places, vault: Path, *, origin: str) -> int:
    """Copy what is private of releases into a part of a backup, durably; gives of how many.

    Raises:
        ConflictError: Files come and go while they are copied (`workspace/releases-moved`), or the index is a copy.
        OSError: The disk is full or fails.
        UnavailableError: The disk is full or fails.
    """
    former = ((one, one.name) for one in places.former_release_signers())
    for place, name in (*former, *_small(places)):
        if place.exists():
            put_private(vault / name, place.read_bytes())
    if places.release_index.exists():
        index = open_releases(places.release_index, origin=origin)
        try:
            index.back_up(vault / INDEX)
        finally:
            index.close()
    # A journal is kept whole or not at all, and never changed.
    for path in sorted(_files(places.run_journals)):
        _copy(places.run_journals / path, vault / JOURNALS, path)
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
    for place, name in _small(places):
        yield place, vault / name
    for copy in sorted(vault.glob(FORMER_KEYS)):
        yield places.release_signer.with_name(copy.name), copy
    yield places.release_index, vault / INDEX
    for path in sorted(_files(vault / JOURNALS)):
        yield places.run_journals / path, vault / JOURNALS / path
    for path in sorted(_files(vault / FOLDER)):
        if not (places.release_vault / path.parts[0]).exists():
            yield places.release_vault / path, vault / FOLDER / path


def adopt_index(places: Places, *, origin: str, look: bool) -> bool:
    """Take an index that was put back for the first one, and tell whether it was a copy.

    Args:
        places: Whose.
        origin: The log that it must be of.
        look: Only say so.

    Raises:
        ConflictError: It is of another log.
        UnavailableError: It is damaged, or the disk fails.
    """
    path = places.release_index
    if not path.exists():
        return False
    try:
        open_releases(path, origin=origin).close()
    except ConflictError as error:
        if error.code != "store/copied":
            raise
        open_releases(path, origin=origin, look=look, adopt=not look).close()
        return True
    return False


def _small(places: Places) -> tuple[tuple[Path, str], ...]:
    """Give the files that are written whole, each with its name in a backup."""
    return (
        (places.release_signer, KEY),
        (places.webhooks, WEBHOOKS),
        (places.outbox, OUTBOX),
    )


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
