# SPDX-License-Identifier: Apache-2.0
"""The files of facts that baselines commit to, in the vault, each beside the secret that opens its commitment.

A file is named by its SHA-256. It is copied aside, hashed on the way, and takes its name once it is whole, its
secret is there and somebody has said that it is what it should be.
"""

from __future__ import annotations

import errno
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from hashlib import sha256
from pathlib import Path
from typing import Final

from privity.errors import ConflictError, InputError, Where
from privity.store.files import force_folder, unreachable
from privity.store.lock import locked
from privity.store.private import destroy, make_private_folder, put_private, read_private

_ASIDE: Final = ".new.parquet"
_CHUNK: Final = 1 << 20
_ONLY_OWNER: Final = 0o600


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
        ConflictError: Another process keeps one (`store/locked`).
        UnavailableError: The disk is full or fails.
    """
    make_private_folder(folder)
    aside = folder / _ASIDE
    # INVARIANT: no secret is replaced that a commitment was made with. Two at once would do that.
    with locked(folder / ".lock"):
        try:
            aside.unlink(missing_ok=True)
            name, size = _copied(source, aside)
            if (first := read_kept(folder, name)) is not None:
                yield replace(first, path=aside)
                return
            yield KeptFile(path=aside, sha256=name, size=size, opening=opening)
            put_private(_secret(folder, name), opening)
            _rename(aside, _file(folder, name))
        finally:
            aside.unlink(missing_ok=True)


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
        with locked(folder / ".lock"):
            for path in folder.glob(".*.parquet"):
                path.unlink()
    except ConflictError as error:
        if error.code != "store/locked":
            raise
    except OSError as error:
        raise unreachable(folder, error) from error


def remove_kept(folder: Path, name: str) -> None:
    """Remove a file and its secret, and secrets that were left without a file.

    Raises:
        ConflictError: Another process keeps a file (`store/locked`).
        UnavailableError: The disk fails.
    """
    # INVARIANT: a file that is there has its secret. So the file goes first.
    with locked(folder / ".lock"):
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


def _copied(source: Path, target: Path) -> tuple[str, int]:
    """Copy a file durably; gives its SHA-256 and its size."""
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
        with (
            read,
            os.fdopen(
                os.open(target, os.O_CREAT | os.O_EXCL | os.O_WRONLY, _ONLY_OWNER), "wb"
            ) as stream,
        ):
            while chunk := read.read(_CHUNK):
                hasher.update(chunk)
                size += stream.write(chunk)
            stream.flush()
            os.fsync(stream.fileno())
    except OSError as error:
        raise unreachable(target, error) from error
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
