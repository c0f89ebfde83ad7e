# SPDX-License-Identifier: Apache-2.0
"""The files of facts that baselines commit to, in the vault, each beside the secret that opens its commitment.

A file is named by its SHA-256. It is copied aside, hashed on the way, and takes its name once it is whole, its
secret is there and somebody has said that it is what it should be. Only for taking its name does it hold the folder's
lock: to look over a large file takes minutes, and who erases a member does not wait for it. A copy is locked itself by
its process, so that what a killed one left is known.
"""

from __future__ import annotations

import errno
import fcntl
import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field, replace
from hashlib import sha256
from pathlib import Path
from typing import Final

from privity.errors import ConflictError, InputError, Where
from privity.store.files import force_folder, unreachable
from privity.store.lock import PATIENCE, locked
from privity.store.private import destroy, make_private_folder, put_private, read_private

_ASIDE: Final = ".new"
_SUFFIX: Final = ".parquet"
_CHUNK: Final = 1 << 20
_LOCK: Final = ".lock"


@dataclass(frozen=True, kw_only=True, slots=True)
class KeptFile:
    """A file in the vault.

    Attributes:
        path: Where it lies; while it is being kept, aside.
        sha256: Of its bytes, in hexadecimal.
        size: Its bytes.
        opening: The secret of its commitment.
    """

    path: Path
    sha256: str
    size: int
    opening: bytes = field(repr=False)


@contextmanager
def keeping(folder: Path, source: Path, *, opening: bytes) -> Iterator[KeptFile]:
    """Copy a file into the vault; it is kept for good when the block ends, and not at all if it fails.

    Args:
        folder: Where such files are kept.
        source: The file.
        opening: 32 random bytes; where the file is kept already, those of the first time are given.

    Raises:
        InputError: The file cannot be read (`facts/unreadable`).
        ConflictError: Another process holds the lock and does not end (`store/locked`), or kept the same file
            meanwhile, with another secret (`store/kept-meanwhile`).
        UnavailableError: The disk is full or fails.
    """
    make_private_folder(folder)
    with _aside(folder) as (aside, target):
        name, size = _copied(source, aside, target)
        if (first := read_kept(folder, name)) is not None:
            yield replace(first, path=aside)
            return
        yield KeptFile(path=aside, sha256=name, size=size, opening=opening)
        # INVARIANT: no secret is replaced that a commitment was made with. Two at once would do that.
        with locked(folder / _LOCK, seconds=PATIENCE):
            if (first := read_kept(folder, name)) is None:
                put_private(_secret(folder, name), opening)
                _rename(aside, _file(folder, name))
            elif first.opening != opening:
                raise ConflictError(
                    f"another process kept the same facts as `{source}` meanwhile",
                    code="store/kept-meanwhile",
                    hint="try again",
                )


def read_kept(folder: Path, name: str) -> KeptFile | None:
    """Give the file of a SHA-256, or None where it was not kept to the end; its bytes are not hashed again.

    Raises:
        UnavailableError: The disk fails.
    """
    path = _file(folder, name)
    try:
        if not path.exists():
            return None
        read = read_private(_secret(folder, name))
        size = path.stat().st_size
    except FileNotFoundError:
        # It was removed meanwhile, and its secret after it.
        return None
    except OSError as error:
        raise unreachable(path, error) from error
    if read is None:
        missing = FileNotFoundError(errno.ENOENT, os.strerror(errno.ENOENT))
        raise unreachable(_secret(folder, name), missing)
    return KeptFile(path=path, sha256=name, size=size, opening=read[0])


def kept_files(folder: Path) -> Iterator[KeptFile]:
    """Give all files that are kept, by name.

    Raises:
        UnavailableError: The disk fails.
    """
    for path in sorted(folder.glob("[!.]*.parquet")):
        if (kept := read_kept(folder, path.stem)) is not None:
            yield kept


def remove_left(folder: Path) -> None:
    """Remove what killed processes wrote aside; who is at it now is left alone.

    Raises:
        UnavailableError: The disk fails.
    """
    try:
        with locked(folder / _LOCK, seconds=PATIENCE):
            _remove_dead(folder, f".*{_SUFFIX}")
    except ConflictError as error:
        if error.code != "store/locked":
            raise


def remove_kept(folder: Path, name: str) -> None:
    """Remove a file and its secret, and secrets that were left without a file.

    Raises:
        ConflictError: Another process keeps a file (`store/locked`).
        UnavailableError: The disk fails.
    """
    # INVARIANT: a file that is there has its secret. So the file goes first.
    with locked(folder / _LOCK, seconds=PATIENCE):
        try:
            _file(folder, name).unlink(missing_ok=True)
            force_folder(folder)
        except OSError as error:
            raise unreachable(folder, error) from error
        left = {
            one.name.removeprefix(".").removesuffix(".gone")
            for one in folder.glob("*.opening*")
        }
        for secret in sorted(folder / one for one in left if one.endswith(".opening")):
            if not secret.with_suffix(".parquet").exists():
                destroy(secret)


@contextmanager
def _aside(folder: Path) -> Iterator[tuple[Path, int]]:
    """Make a file aside, which is locked while the block lasts, and gone after it if it has its name still."""
    with locked(folder / _LOCK, seconds=PATIENCE):
        _remove_dead(folder, f"{_ASIDE}*{_SUFFIX}")
        try:
            opened, name = tempfile.mkstemp(prefix=f"{_ASIDE}-", suffix=_SUFFIX, dir=folder)
            fcntl.flock(opened, fcntl.LOCK_EX)
        except OSError as error:
            raise unreachable(folder, error) from error
    aside = Path(name)
    try:
        yield aside, opened
    finally:
        aside.unlink(missing_ok=True)
        os.close(opened)


def _remove_dead(folder: Path, pattern: str) -> None:
    """Remove files aside that no process holds; the folder's lock is held, so that none is just being made."""
    try:
        for path in folder.glob(pattern):
            with suppress(FileNotFoundError), path.open("rb") as file:
                try:
                    fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
                except BlockingIOError:
                    continue
                path.unlink()
    except OSError as error:
        raise unreachable(folder, error) from error


def _copied(source: Path, aside: Path, target: int) -> tuple[str, int]:
    """Copy a file durably into one that is open; gives its SHA-256 and its size."""
    hasher, size = sha256(), 0
    try:
        read = source.open("rb")
    except OSError as error:
        raise InputError(
            f"cannot read the facts: {error.strerror}",
            code="facts/unreadable",
            where=Where(file=str(source)),
        ) from error
    try:
        with read, os.fdopen(target, "wb", closefd=False) as stream:
            while chunk := read.read(_CHUNK):
                hasher.update(chunk)
                size += stream.write(chunk)
            stream.flush()
            os.fsync(stream.fileno())
    except OSError as error:
        raise unreachable(aside, error) from error
    return hasher.hexdigest(), size


def _rename(aside: Path, path: Path) -> None:
    try:
        aside.rename(path)
        force_folder(path.parent)
    except OSError as error:
        raise unreachable(path, error) from error


def _file(folder: Path, name: str) -> Path:
    return folder / f"{name}.parquet"


def _secret(folder: Path, name: str) -> Path:
    return folder / f"{name}.opening"
