# SPDX-License-Identifier: Apache-2.0
"""The files of whoever verifies a log: keys, saved checkpoints, proofs."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path

from privity.errors import InputError, UnavailableError, VerificationError
from privity.ledger.note import Vkey
from privity.release.free import check_free


def read_file(path: Path) -> bytes:
    """Read a file.

    Raises:
        InputError: It cannot be read.
    """
    try:
        return path.read_bytes()
    except OSError as error:
        raise InputError(
            f"`{path}` cannot be read: {error.strerror}", code="verify/unreadable"
        ) from error


def write_file(path: Path, data: bytes) -> None:
    """Put a file in its place, whole, over what is there.

    Raises:
        UnavailableError: It cannot be written; what was there stays.
    """
    try:
        opened, name = tempfile.mkstemp(prefix=f".{path.name}.", dir=path.parent)
        aside = Path(name)
        try:
            with os.fdopen(opened, "wb") as stream:
                stream.write(data)
                stream.flush()
                os.fsync(stream.fileno())
            aside.replace(path)
        finally:
            aside.unlink(missing_ok=True)
    except OSError as error:
        raise UnavailableError(
            f"`{path}` cannot be written: {error.strerror}", code="verify/unwritable"
        ) from error


def write_new(path: Path, data: bytes) -> None:
    """Make a file, whole, where nothing is yet.

    Raises:
        ConflictError: Something is there (`output/exists`).
        UnavailableError: It cannot be written.
    """
    check_free_file(path)
    write_file(path, data)


def check_free_file(path: Path) -> None:
    """Check, before any work, that `write_new` will find the name free; raises as it does."""
    check_free(path, code="output/exists")


def given_vkeys(texts: tuple[str, ...]) -> tuple[Vkey, ...]:
    """Read verifier keys as somebody gives them: each as text, or as a file with one a line.

    Raises:
        InputError: One is no key, and no file of keys.
    """
    found: list[Vkey] = []
    for text in texts:
        if Path(text).is_file():
            found += vkeys_in(read_file(Path(text)))
        elif "+" in text:
            found.append(Vkey.parse(text))
        else:
            raise InputError(
                f"`{text}` is no verifier key, and no file of them", code="ledger/vkey"
            )
    return tuple(dict.fromkeys(found))


def served_vkeys(data: bytes) -> tuple[Vkey, ...]:
    """Read the keys that a log says to be its own.

    Raises:
        VerificationError: They are none.
    """
    try:
        return vkeys_in(data)
    except InputError as error:
        raise VerificationError(
            f"the file `vkey` of the log has no keys: {error.message}", code="verify/vkey"
        ) from error


def vkeys_in(data: bytes) -> tuple[Vkey, ...]:
    """Read verifier keys, one a line.

    Raises:
        InputError: A line is none.
    """
    try:
        lines = data.decode("utf-8").removesuffix("\n").split("\n")
    except UnicodeDecodeError as error:
        raise InputError("a verifier key is no UTF-8", code="ledger/vkey") from error
    return tuple(Vkey.parse(line) for line in lines)
