# SPDX-License-Identifier: Apache-2.0
"""What an error of SQLite comes to: one of ours, with what to do about it; a mistake of ours stays what it is."""

from __future__ import annotations

import os
import sqlite3
from pathlib import Path
from typing import Final, NoReturn

from privity.errors import ConflictError, UnavailableError
from privity.store.files import LET_WRITE, MEND

BUSY_MILLISECONDS: Final = 10_000
"""How long it is waited for another process."""
REPAIR: Final = "run `privity ledger repair DIR`"
SQLITE_ERRORS: Final = (sqlite3.Error, UnicodeDecodeError)
"""What SQLite raises, and Python of a text in a row that is no UTF-8."""


def other_kind(path: Path) -> UnavailableError:
    """Say that a row holds what its column does not."""
    return damaged(path, "a value is not of the kind of its column")


def damaged(path: Path, why: str) -> UnavailableError:
    """Say that a file is damaged."""
    return UnavailableError(f"`{path}` is damaged: {why}", code="store/damaged", hint=REPAIR)


def raise_ours(error: Exception, path: Path) -> NoReturn:
    """Say an error of SQLite in our own words.

    Raises:
        ConflictError: Another process writes and does not end (`store/busy`).
        UnavailableError: The file is damaged, or the disk is full or fails; it is closed, or another thread's.
    """
    said = str(error)
    code = getattr(error, "sqlite_errorcode", None)
    if code is None and isinstance(error, sqlite3.OperationalError | UnicodeDecodeError):
        # Not SQLite but Python says so: of text that is no UTF-8, in a row or in a message.
        raise damaged(path, said) from error
    if isinstance(error, sqlite3.ProgrammingError) and ("closed" in said or "thread" in said):
        # Python's own, of which only the words tell what they are about.
        raise UnavailableError(
            f"`{path}` is not open here: {said.partition('.')[0]}",
            code="store/not-open",
            hint="use a workspace before it is closed, and in the thread that opened it",
        ) from error
    match (code or 0) & 0xFF:
        case sqlite3.SQLITE_BUSY | sqlite3.SQLITE_LOCKED:
            raise ConflictError(
                f"another process writes `{path}` and did not end within "
                f"{BUSY_MILLISECONDS // 1000} seconds",
                code="store/busy",
                hint="try again when it has ended",
            ) from error
        case sqlite3.SQLITE_CORRUPT | sqlite3.SQLITE_NOTADB:
            raise damaged(path, said) from error
        case (
            sqlite3.SQLITE_FULL
            | sqlite3.SQLITE_IOERR
            | sqlite3.SQLITE_CANTOPEN
            | sqlite3.SQLITE_READONLY
            | sqlite3.SQLITE_PERM
            | sqlite3.SQLITE_PROTOCOL
        ):
            raise UnavailableError(
                f"`{path}` cannot be read or written: {said}",
                code="store/disk",
                hint=LET_WRITE if _refused(path, code or 0) else MEND,
            ) from error
        case _:
            raise error


def _refused(path: Path, code: int) -> bool:
    """Tell whether somebody may not write, which no free space mends."""
    folder = path.parent
    return code & 0xFF in {sqlite3.SQLITE_READONLY, sqlite3.SQLITE_PERM} or (
        folder.is_dir() and not os.access(folder, os.W_OK)
    )
