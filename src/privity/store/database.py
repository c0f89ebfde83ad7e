# SPDX-License-Identifier: Apache-2.0
"""A SQLite file of ours: made once, opened only where it belongs, committed durably or not at all.

How SQLite is set up, and why, is ADR 0023; what the tables are is said in `sqlite` and `keys`. An error of
SQLite becomes one of ours here. After a commit that failed nobody knows what the disk has: the file is
closed for this process, and the next start looks at it.
"""

from __future__ import annotations

import os
import sqlite3
import time
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, Literal, NoReturn

from privity.errors import ConflictError, PrivityError, UnavailableError
from privity.store.files import unreachable

Journal = Literal["wal", "truncate"]
Kinds = Sequence[type | tuple[type, ...]]
"""For each column the type of its values, or several."""

_BUSY_MILLISECONDS: Final = 10_000
_REPAIR: Final = "run `privity ledger repair DIR`"
_ONLY_OWNER: Final = 0o600
_LOOK_AGAIN: Final = 0.001
_CREATES: Final = "CREATE "
_ERRORS: Final = (sqlite3.Error, UnicodeDecodeError)


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


_ABOUT: Final = """
CREATE TABLE about (
    name TEXT PRIMARY KEY,
    value TEXT NOT NULL
) STRICT, WITHOUT ROWID
"""


def journal_for(version: tuple[int, int, int]) -> Journal:
    """Give the journal that is safe with a version of SQLite.

    Up to 3.51.2 two connections that write and checkpoint a WAL at once can lose commits; the mistake was
    mended in 3.51.3, and carried back to 3.50.7 and 3.44.6.
    """
    major_minor = version[:2]
    mended = (
        version >= (3, 51, 3)
        or (major_minor == (3, 50) and version >= (3, 50, 7))
        or (major_minor == (3, 44) and version >= (3, 44, 6))
    )
    return "wal" if mended else "truncate"


class Database:
    """One connection to a file; it belongs to the thread that opened it.

    Args:
        connection: In autocommit mode.
        path: The file.
    """

    def __init__(self, connection: sqlite3.Connection, path: Path) -> None:
        self.path = path
        self._connection = connection
        self._failed = False
        self._rehearsing = False
        # Milliseconds that it waits for others.
        self._patience = _BUSY_MILLISECONDS

    def use_journal(self, journal: Journal | None = None) -> None:
        """Choose the journal: the one that is safe with the SQLite that is linked, unless it is said."""
        wanted = journal or journal_for(sqlite3.sqlite_version_info)
        (found,) = self.one(f"PRAGMA journal_mode = {wanted}", kinds=[str])
        if found != wanted:
            raise UnavailableError(
                f"`{self.path}` cannot be used with journal mode `{wanted}`, it has `{found}`",
                code="store/journal",
                hint="keep it on a local disk, and end other programs that have it open",
            )

    def learn_patience(self) -> None:
        """Take over for how long the connection was set to wait for others."""
        (self._patience,) = self.one("PRAGMA busy_timeout", kinds=[int])

    def run(self, statement: str, values: Sequence[Any] = ()) -> sqlite3.Cursor:
        """Run one statement.

        Raises:
            sqlite3.IntegrityError: It goes against a rule of the tables; what that means the caller knows.
            ConflictError: Another process writes and does not end (`store/busy`).
            UnavailableError: The file is damaged, or the disk is full or fails.
        """
        self._check_usable()
        try:
            return self._connection.execute(statement, values)
        except sqlite3.IntegrityError:
            raise
        except _ERRORS as error:
            _raise(error, self.path)

    def run_many(self, statement: str, rows: Iterable[Sequence[Any]]) -> None:
        """Run one statement for each row; raises as `run` does."""
        self._check_usable()
        try:
            self._connection.executemany(statement, rows)
        except sqlite3.IntegrityError:
            raise
        except _ERRORS as error:
            _raise(error, self.path)

    def all(self, statement: str, values: Sequence[Any] = (), *, kinds: Kinds) -> list[Any]:
        """Run one statement and give its rows; raises as `run` does.

        Args:
            statement: The statement.
            values: What stands for its question marks.
            kinds: What each column holds. The tables say so too, but a bit that changes in a row can
                make something else of a value, and SQLite does not look when it reads.
        """
        rows = self._rows(statement, values)
        for place, kind in enumerate(kinds):
            if {type(row[place]) for row in rows} - {
                *(kind if isinstance(kind, tuple) else (kind,))
            }:
                raise _other_kind(self.path)
        return rows

    def one(self, statement: str, values: Sequence[Any] = (), *, kinds: Kinds) -> Any:
        """Run one statement and give its only row, or None; raises as `all` does."""
        rows = self._rows(statement, values)
        if not rows:
            return None
        row = rows[0]
        for value, kind in zip(row, kinds, strict=True):
            if not isinstance(value, kind):
                raise _other_kind(self.path)
        return row

    def _rows(self, statement: str, values: Sequence[Any]) -> list[Any]:
        cursor = self.run(statement, values)
        try:
            return cursor.fetchall()
        except _ERRORS as error:
            _raise(error, self.path)

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """Write as the only one; all of it is durable at the end, or after an exception none.

        Raises:
            ConflictError: Another process is writing, or reading, and does not end (`store/busy`).
            UnavailableError: The file is damaged, or the disk is full or fails.
        """
        if self._rehearsing:
            yield
            return
        self._begin()
        try:
            yield
        except BaseException:
            self._roll_back()
            raise
        try:
            self.run("COMMIT")
        except ConflictError:
            # Somebody reads: the transaction is whole and can be taken back.
            self._roll_back()
            raise
        except BaseException:
            # Whether it happened is not known, and what is read now may not be what the disk has.
            self._failed = True
            self._connection.close()
            raise

    @contextmanager
    def rehearsal(self) -> Iterator[None]:
        """Write as the only one, and take all of it back at the end; transactions within it are parts of it.

        Raises:
            ConflictError: Another process is writing, or reading, and does not end (`store/busy`).
            UnavailableError: The file is damaged, or the disk is full or fails.
        """
        self._begin()
        self._rehearsing = True
        try:
            yield
        finally:
            self._rehearsing = False
            self._roll_back()

    @contextmanager
    def reading(self) -> Iterator[None]:
        """Read one state of the file, whatever others write meanwhile.

        Raises:
            ConflictError: Another process writes and does not end (`store/busy`).
            UnavailableError: The file is damaged, or the disk fails.
        """
        self.run("BEGIN")
        try:
            yield
        finally:
            # Nothing was written: there is nothing that this could lose.
            self._roll_back()

    def back_up(self, target: Path) -> None:
        """Copy one state of the file to a new one, durably.

        The copy knows that it is one: it has to be adopted where it is opened.

        Raises:
            ConflictError: The target is there already (`store/exists`).
            UnavailableError: The disk is full or fails.
        """
        try:
            new = os.open(target, os.O_CREAT | os.O_EXCL | os.O_RDWR, _ONLY_OWNER)
        except FileExistsError as error:
            raise ConflictError(
                f"`{target}` is there already", code="store/exists", hint="name another file"
            ) from error
        except OSError as error:
            raise unreachable(target, error) from error
        try:
            self.run("VACUUM INTO ?", (str(target),))
            os.fsync(new)
        except OSError as error:
            raise unreachable(target, error) from error
        finally:
            os.close(new)

    def check_home(self) -> None:
        """Check that the file is the one that was made, and no copy of it.

        Raises:
            ConflictError: It is a copy (`store/copied`).
        """
        if self.about("home") != _home(self.path):
            raise ConflictError(
                f"`{self.path}` is a copy of the file that was made",
                code="store/copied",
                hint=f"go on with the first one; only if that is gone for good, {_REPAIR}",
            )

    def truncate_journal(self) -> None:
        """Empty the journal of what it still has of removed rows.

        Raises:
            ConflictError: Another process reads and does not end, so that it is not empty (`store/busy`).
        """
        (busy, *_) = self.one("PRAGMA wal_checkpoint(TRUNCATE)", kinds=(int, int, int))
        if busy:
            raise ConflictError(
                f"another process reads `{self.path}` and did not end: what was removed is still in its "
                "journal",
                code="store/busy",
                hint="try again when it has ended",
            )

    def close(self) -> None:
        """Close the file; what was committed stays."""
        self._connection.close()

    def about(self, name: str) -> str:
        """Give what the file says of itself."""
        row = self.one("SELECT value FROM about WHERE name = ?", (name,), kinds=[str])
        if row is None:
            raise _damaged(self.path, f"it does not say its {name}")
        return str(row[0])

    def count_about(self, name: str) -> int:
        """Give a number that the file says of itself."""
        text = self.about(name)
        if not (text.isascii() and text.isdigit()):
            raise _damaged(self.path, f"its {name} is no number")
        return int(text)

    def put_about(self, name: str, value: str) -> None:
        """Change what the file says of itself; in a transaction."""
        self.run("UPDATE about SET value = ? WHERE name = ?", (value, name))

    def _begin(self) -> None:
        """Wait until nobody else writes, and begin to.

        SQLite waits ever longer between two looks, up to a tenth of a second, and a process that writes without a
        pause leaves a moment between two commits that nobody meets so. Who looks every millisecond does.
        """
        end = time.monotonic() + self._patience / 1000
        self.run("PRAGMA busy_timeout = 0")
        try:
            while True:
                try:
                    self.run("BEGIN IMMEDIATE")
                except ConflictError:
                    if time.monotonic() >= end:
                        raise
                    time.sleep(_LOOK_AGAIN)
                else:
                    return
        finally:
            self.run(f"PRAGMA busy_timeout = {self._patience}")

    def _check_usable(self) -> None:
        if self._failed:
            raise UnavailableError(
                f"an earlier write of `{self.path}` failed, and nobody knows what the disk has",
                code="store/unknown-state",
                hint="end this process; the next start looks at what is there",
            )

    def _roll_back(self) -> None:
        # SQLite may have taken it back itself; if it cannot, the journal does at the next start.
        with suppress(PrivityError):
            if self._connection.in_transaction:
                self.run("ROLLBACK")


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
        os.close(os.open(path, os.O_CREAT | os.O_RDWR, _ONLY_OWNER))
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
                "INSERT INTO about (name, value) VALUES (?, ?)", [*about, ("home", _home(path))]
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
            f"there is no {kind.name} at `{path}`", code="store/missing", hint=_REPAIR
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


def check_origin(database: Database, origin: str) -> None:
    """Check that an open file is of a log, and close it if not.

    Raises:
        ConflictError: It is of another (`store/other-log`).
        UnavailableError: It does not say.
    """
    try:
        found = database.about("origin")
    except BaseException:
        database.close()
        raise
    if found != origin:
        database.close()
        raise ConflictError(
            f"`{database.path}` is of the log `{found}`, expected `{origin}`",
            code="store/other-log",
            hint="put back the one of this log",
        )


_SETTINGS: Final = (
    f"PRAGMA busy_timeout = {_BUSY_MILLISECONDS}",
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


def _home(path: Path) -> str:
    """What tells a file from its copies, as long as both lie on one disk."""
    try:
        return str(path.stat().st_ino)
    except OSError as error:
        raise unreachable(path, error) from error


def _other_kind(path: Path) -> UnavailableError:
    return _damaged(path, "a value is not of the kind of its column")


def _damaged(path: Path, why: str) -> UnavailableError:
    return UnavailableError(f"`{path}` is damaged: {why}", code="store/damaged", hint=_REPAIR)


def _raise(error: Exception, path: Path) -> NoReturn:
    """Say an error of SQLite in our own words; a mistake of ours stays what it is."""
    said = str(error)
    code = getattr(error, "sqlite_errorcode", None)
    if code is None and isinstance(error, sqlite3.OperationalError | UnicodeDecodeError):
        # Not SQLite but Python says so: of text that is no UTF-8, in a row or in a message.
        raise _damaged(path, said) from error
    match (code or 0) & 0xFF:
        case sqlite3.SQLITE_BUSY | sqlite3.SQLITE_LOCKED:
            raise ConflictError(
                f"another process writes `{path}` and did not end within "
                f"{_BUSY_MILLISECONDS // 1000} seconds",
                code="store/busy",
                hint="try again when it has ended",
            ) from error
        case sqlite3.SQLITE_CORRUPT | sqlite3.SQLITE_NOTADB:
            raise _damaged(path, said) from error
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
                hint="free space or mend the disk, and start again; what was acknowledged is "
                "not lost",
            ) from error
        case _:
            raise error


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
        _raise(error, path)
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
            f"`{database.path}` is no {kind.name}", code="store/other-kind", hint=_REPAIR
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
        raise _damaged(database.path, "its tables are not those that were made")


def _adopt(database: Database) -> None:
    """Make a file at home where it is, whatever it was."""
    here = _home(database.path)
    if database.about("home") != here:
        with database.transaction():
            database.put_about("home", here)
