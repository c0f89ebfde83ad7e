# SPDX-License-Identifier: Apache-2.0
"""The secret that pseudonyms are made with, in a file of the operator's own."""

from __future__ import annotations

import os
import secrets
import tempfile
from pathlib import Path
from typing import Final

from privity.config.apart import check_apart
from privity.errors import UnavailableError, Where
from privity.release.obligations import recipient_key

_BYTES: Final = 32


def read_or_make(path: Path) -> bytes:
    """Read a secret; a file that does not exist is made, for its owner alone.

    Raises:
        InputError: It is to be made, and would lie in a workspace.
        UnavailableError: It can be neither read nor made.
    """
    try:
        if not path.exists():
            check_apart(path)
            _make(path)
        return path.read_bytes()
    except OSError as error:
        raise UnavailableError(
            f"cannot read or make the key: {error.strerror}",
            code="clear/key-file",
            where=Where(file=str(path)),
        ) from error


def _make(path: Path) -> None:
    """Make the file whole or not at all: half a key would be another key to the next run."""
    number, name = tempfile.mkstemp(prefix=f".{path.name}.", dir=path.parent)
    aside = Path(name)
    try:
        with os.fdopen(number, "wb") as stream:
            stream.write(secrets.token_bytes(_BYTES))
            stream.flush()
            os.fsync(stream.fileno())
        # A link never replaces a key that somebody else has made meanwhile.
        path.hardlink_to(aside)
    except FileExistsError:
        return
    finally:
        aside.unlink(missing_ok=True)


def recipients_key(secret: bytes | str | Path | None, recipient: str) -> bytes:
    """Give the key of a recipient's pseudonyms, from a secret or a file of one; empty where there is none.

    Raises:
        InputError: The secret is too short, or as `read_or_make`.
        UnavailableError: The file cannot be read or made.
    """
    if secret is None:
        return b""
    if isinstance(secret, bytes):
        return recipient_key(secret, recipient)
    return recipient_key(read_or_make(Path(secret)), recipient)
