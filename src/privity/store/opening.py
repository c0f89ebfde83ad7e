# SPDX-License-Identifier: Apache-2.0
"""A SQLite file of ours: made once, and opened only where it belongs.

What the tables are is said beside what reads them: `ledger_tables`, `keys`, `releases`, `projection_tables`.
"""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from privity.errors import ConflictError, UnavailableError
from privity.store.database import ONLY_OWNER, Database, home_of
from privity.store.files import unreachable
from privity.store.sqlite_faults import BUSY_MILLISECONDS, REPAIR, damaged, raise_ours

_CREATES: Final = "CREATE "
_ABOUT: Final = """
CREATE TABLE about (
    name TEXT PRIMARY KEY,
    value TEXT NOT NULL
) STRICT, WITHOUT ROWID
"""
_SETTINGS: Final = (
    f"PRAGMA busy_timeout = {BUSY_MILLISECONDS}",
    "PRAGMA synchronous = FULL",
    "PRAGMA fullfsync = ON",
    "PRAGMA checkpoint_fullfsync = ON",
    "PRAGMA secure_delete = ON",
    "PRAGMA foreign_keys = ON",
    "PRAGMA cell_size_check = ON",
    "PRAGMA trusted_schema = OFF",
    # What spills over goes to memory, never to a file that nobody erases.
    "PRAGMA temp_store = MEMORY",
    "PRAGMA cache_size = -16384",
)


@dataclass(frozen=True, kw_only=True, slots=True)
class Kind:
    """What a file is.

    Attributes:
        name: What it is called in messages.
        application: The number that SQLite keeps in the file's header to tell kinds of files apart.
        version: The version of its tables.
        tables: The statements that make them.
    """

    name: str
    application: int
    version: int
    tables: tuple[str, ...]


def create(path: Path, kind: Kind, *, about: Iterable[tuple[str, str]] = ()) -> Database:
    """Make a file with its tables; one that was begun and has none yet is finished.

    Raises:
        ConflictError: There is something already (`store/exists`).
        UnavailableError: The disk is full or fails.
    """
    try:
        if not (path.exists() and path.stat().st_size):
            remove_beside(path)
        # Nobody but the owner may read it, from its first moment on.
        os.close(os.open(path, os.O_CREAT | os.O_RDWR, ONLY_OWNER))
    except OSError as error:
        raise unreachable(path, error) from error
    made = _connected(path)
    try:
        with made.transaction():
            _check_empty(made)
            # By one commit with the tables: a file with our number has them all.
            made.run(f"PRAGMA application_id = {kind.application}")
            made.run(f"PRAGMA user_version = {kind.version}")
            for statement in (_ABOUT, *kind.tables):
                made.run(statement)
            made.run_many(
                "INSERT INTO about (name, value) VALUES (?, ?)",
                [*about, ("home", home_of(path))],
            )
        made.use_journal()
    except BaseException:
        made.close()
        raise
    return made


def remove_beside(path: Path) -> None:
    """Remove the journals beside a file that is gone: SQLite would play them back into the next of its name.

    Raises:
        OSError: The disk fails.
    """
    for end in ("-journal", "-wal", "-shm"):
        path.with_name(path.name + end).unlink(missing_ok=True)


def open_there(path: Path, kind: Kind, *, adopt: bool = False, look: bool = False) -> Database:
    """Open a file that is there.

    Args:
        path: The file.
        kind: What it must be.
        adopt: Make a copied file at home here; whoever says so knows that the first one is gone.
        look: Let a copied file be one: nothing will be written to it.

    Raises:
        ConflictError: It is a copy of another file (`store/copied`): if both were written to, the log would
            have two histories.
        UnavailableError: It is not there, is something else, is damaged, or cannot be opened.
    """
    if not path.exists():
        raise UnavailableError(
            f"there is no {kind.name} at `{path}`", code="store/missing", hint=REPAIR
        )
    # Where nothing can be written, no lock and no journal can be made either: the file stays as it is.
    still = look and not adopt and not os.access(path.parent, os.W_OK)
    if still:
        _check_settled(path)
    opened = _connected(path, still=still)
    try:
        _check_kind(opened, kind)
        if adopt:
            _adopt(opened)
        elif not look:
            opened.check_home()
        if not still:
            opened.use_journal()
    except BaseException:
        opened.close()
        raise
    return opened


def open_of_log(
    path: Path, kind: Kind, *, origin: str, adopt: bool = False, look: bool = False
) -> Database:
    """Open a file that is there, and of a log.

    Args:
        path: The file.
        kind: What it must be.
        origin: The log that it must be of.
        adopt: Make a copied file at home here.
        look: Let a copied file be one: nothing will be written to it.

    Raises:
        ConflictError: It is a copy (`store/copied`), or of another log (`store/other-log`).
        UnavailableError: It is not there, is something else, is damaged, or cannot be opened.
    """
    opened = open_there(path, kind, adopt=adopt, look=look)
    try:
        _check_origin(opened, origin)
    except BaseException:
        opened.close()
        raise
    return opened


def _check_origin(database: Database, origin: str) -> None:
    found = database.about("origin")
    if found != origin:
        raise ConflictError(
            f"`{database.path}` is of the log `{found}`, expected `{origin}`",
            code="store/other-log",
            hint="put back the one of this log",
        )


def _check_settled(path: Path) -> None:
    """Check that a file that cannot be written to lacks nothing that is still in a journal beside it.

    Raises:
        UnavailableError: It may (`store/unsettled`).
    """
    try:
        left = any(
            beside.exists() and beside.stat().st_size
            for beside in (path.with_name(path.name + end) for end in ("-journal", "-wal"))
        )
    except OSError as error:
        raise unreachable(path, error) from error
    if left:
        raise UnavailableError(
            f"`{path}` cannot be written to, and there is a journal beside it that has to be played back first",
            code="store/unsettled",
            hint="copy it to where it can be written to",
        )


def _connected(path: Path, *, still: bool = False) -> Database:
    mode = "mode=ro&immutable=1" if still else "mode=rw"
    try:
        connection = sqlite3.connect(
            f"{path.absolute().as_uri()}?{mode}", uri=True, isolation_level=None
        )
    except sqlite3.Error as error:
        raise_ours(error, path)
    made = Database(connection, path)
    try:
        for setting in _SETTINGS:
            made.run(setting)
        made.learn_patience()
    except BaseException:
        made.close()
        raise
    return made


def _check_empty(database: Database) -> None:
    if database.one("SELECT count(*) FROM sqlite_schema", kinds=[int]) != (0,):
        raise ConflictError(
            f"`{database.path}` is there already", code="store/exists", hint="open it instead"
        )


def _check_kind(database: Database, kind: Kind) -> None:
    if database.one("PRAGMA application_id", kinds=[int]) != (kind.application,):
        raise UnavailableError(
            f"`{database.path}` is no {kind.name}", code="store/other-kind", hint=REPAIR
        )
    (version,) = database.one("PRAGMA user_version", kinds=[int])
    if version != kind.version:
        raise UnavailableError(
            f"`{database.path}` is a {kind.name} of version {version}, expected {kind.version}",
            code="store/version",
            hint="use the version of this program that wrote it",
        )
    # A bit that changed in the text of a table would else look like a mistake in a statement of ours.
    wanted = {text.strip() for text in (_ABOUT, *kind.tables) if _CREATES in text}
    found = database.all(
        "SELECT sql FROM sqlite_schema WHERE name NOT LIKE 'sqlite%'", kinds=[str]
    )
    if {text.strip() for (text,) in found} != wanted:
        raise damaged(database.path, "its tables are not those that were made")


def _adopt(database: Database) -> None:
    """Make a file at home where it is, whatever it was."""
    here = home_of(database.path)
    if database.about("home") != here:
        with database.transaction():
            database.put_about("home", here)
