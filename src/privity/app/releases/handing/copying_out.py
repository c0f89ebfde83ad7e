# SPDX-License-Identifier: Apache-2.0
"""Copy a release to where a recipient can take it, aside, and verify what was copied (specs/release.md, [REL-61]).

Only what the manifest names goes along: a file that was taken out, and waits to be removed, stays. The copy is read again
from its place, to the last byte.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Final

from privity.errors import ConflictError, InputError, UnavailableError, VerificationError, Where
from privity.release.aside import settle
from privity.release.folder import ReleaseFolder
from privity.release.members_again import check_members
from privity.release.opened import ReadRelease, check_release, read_release
from privity.release.papers.writing import check_papers
from privity.release.sidecar import TAGS

_PRIVATE: Final = 0o700
_BY_FILE: Final = ".parquet"

Told = Callable[[str, int], None]
"""Told of a stage (`copy` or `verify`), and how many more of its bytes are done."""


def copy_release(
    source: ReleaseFolder, aside: Path, *, threads: int, told: Told
) -> ReadRelease:
    """Copy the newest revision of a release into a folder, and verify the copy.

    Args:
        source: Where it lies; nobody changes it meanwhile.
        aside: The folder to make.
        threads: How many files are copied and hashed at once.
        told: Told of how far it came.

    Raises:
        ConflictError: It was changed meanwhile (`release/moved`).
        VerificationError: What lies there is not what the log says of it (`release/…`).
        UnavailableError: The disk is full or fails (`release/disk`).
    """
    read = read_release(source.root)
    try:
        aside.mkdir(mode=_PRIVATE)
        with ThreadPoolExecutor(threads) as pool:
            sizes = pool.map(
                lambda one: _copy(source.root / one, aside / one), _to_copy(read, aside)
            )
            for size in sizes:
                told("copy", size)
        for folder in [path for path in aside.rglob("*") if path.is_dir()]:
            settle(folder)
        settle(aside)
    except OSError as error:
        raise _unavailable(aside, error) from error
    copied = read_release(aside)
    if copied.described != read.described:
        raise ConflictError(
            "the release was changed while it was copied",
            code="release/moved",
            hint="try again when nobody changes it",
        )
    check_copy(copied, threads=threads, told=lambda size: told("verify", size))
    return copied


def check_copy(
    copied: ReadRelease, *, threads: int, told: Callable[[int], None] | None = None
) -> None:
    """Check all of a copy against what it says the log says of it: files, table, members, papers ([REL-65]).

    Raises:
        VerificationError: Something in it is not what it must be.
        UnavailableError: Something cannot be read.
    """
    check_release(copied, threads=threads, told=told)
    content, folder = copied.described.content, copied.folder
    try:
        check_members(
            folder.members,
            folder.salt.read_bytes(),
            count=content.members,
            root=content.members_root,
            files=[line.path for line in copied.manifest.lines],
            table=folder.table,
        )
        check_papers(folder.root, copied.described)
    except InputError as error:
        raise VerificationError(
            f"what goes with the release cannot be read: {error.message}",
            code="release/papers",
            hint="get the release anew",
            where=Where(file=str(folder.root)),
        ) from error
    except OSError as error:
        raise _unavailable(folder.root, error) from error


def bytes_of(source: ReleaseFolder) -> int:
    """Give the bytes of a release's table; raises as `read_release`."""
    return read_release(source.root).manifest.size


def remove_copy(folder: Path) -> None:
    """Remove a copy; it may be gone already.

    Raises:
        OSError: It cannot be removed.
    """
    if folder.exists():
        shutil.rmtree(folder)


def _to_copy(read: ReadRelease, aside: Path) -> Iterator[Path]:
    """Make the folders of a copy, and give what goes into them."""
    root = read.folder.root
    # Beside each file of the table lies one of the same name in the sidecar.
    by_file = {read.folder.table, read.folder.members}
    live = {line.path for line in read.manifest.lines} | {TAGS}
    for folder, names, files in os.walk(root):
        here = Path(folder)
        # What begins with a dot is being written, or was left behind by who wrote it.
        names[:] = sorted(name for name in names if not name.startswith("."))
        for name in names:
            made = aside / here.relative_to(root) / name
            made.mkdir()
            shutil.copymode(here / name, made)
        for name in sorted(files):
            old = here in by_file and name.endswith(_BY_FILE) and name not in live
            if not (name.startswith(".") or old):
                yield (here / name).relative_to(root)


def _copy(source: Path, target: Path) -> int:
    """Copy a file with its mode, and force it to the disk; gives its bytes."""
    shutil.copyfile(source, target, follow_symlinks=False)
    shutil.copymode(source, target)
    settle(target)
    return target.stat().st_size


def _unavailable(path: Path, error: OSError) -> UnavailableError:
    return UnavailableError(
        f"the copy cannot be written or read: {error.strerror}",
        code="release/disk",
        hint="free space, or name another folder",
        where=Where(file=str(path)),
    )
