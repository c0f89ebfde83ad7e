# SPDX-License-Identifier: Apache-2.0
"""An open SQLite file of ours: committed durably or not at all.

How SQLite is set up, and why, is ADR 0023; how a file is made and opened is said in `opening`. An error of
SQLite becomes one of ours here. After a commit that failed nobody knows what the disk has: the file is
closed for this process, and the next start looks at it.
"""

from __future__ import annotations

import os
import sqlite3
import time
from collections.abc import Iterable, Iterator, Sequence
from contextlib import closing, contextmanager, suppress
from pathlib import Path
from typing import Any, Final, Literal

from privity.errors import ConflictError, PrivityError, UnavailableError
from privity.store.files import unreachable
from privity.store.sqlite_faults import (
    BUSY_MILLISECONDS,
    REPAIR,
    SQLITE_ERRORS,
    damaged,
    other_kind,
    raise_ours,
)

Journal = Literal["wal", "truncate"]
Kinds = Sequence[type | tuple[type, ...]]
"""For each column the type of its values, or several."""

ONLY_OWNER: Final = 0o600
_LOOK_AGAIN: Final = 0.001


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
        self._patience = BUSY_MILLISECONDS

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
        except SQLITE_ERRORS as error:
            raise_ours(error, self.path)

    def run_many(self, statement: str, rows: Iterable[Sequence[Any]]) -> None:
        """Run one statement for each row; raises as `run` does."""
        self._check_usable()
        try:
            self._connection.executemany(statement, rows)
        except sqlite3.IntegrityError:
            raise
        except SQLITE_ERRORS as error:
            raise_ours(error, self.path)

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
                raise other_kind(self.path)
        return rows

    def one(self, statement: str, values: Sequence[Any] = (), *, kinds: Kinds) -> Any:
        """Run one statement and give its only row, or None; raises as `all` does."""
        rows = self._rows(statement, values)
        if not rows:
            return None
        row = rows[0]
        for value, kind in zip(row, kinds, strict=True):
            if not isinstance(value, kind):
                raise other_kind(self.path)
        return row

    def _rows(self, statement: str, values: Sequence[Any]) -> list[Any]:
        cursor = self.run(statement, values)
        try:
            return cursor.fetchall()
        except SQLITE_ERRORS as error:
            raise_ours(error, self.path)

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

        The copy knows that it is one, even where it gets the place of the first: it has to be adopted where it is
        opened.

        Raises:
            ConflictError: The target is there already (`store/exists`).
            UnavailableError: The disk is full or fails.
        """
        try:
            new = os.open(target, os.O_CREAT | os.O_EXCL | os.O_RDWR, ONLY_OWNER)
        except FileExistsError as error:
            raise ConflictError(
                f"`{target}` is there already", code="store/exists", hint="name another file"
            ) from error
        except OSError as error:
            raise unreachable(target, error) from error
        try:
            self.run("VACUUM INTO ?", (str(target),))
            _make_homeless(target)
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
        if self.about("home") != home_of(self.path):
            raise ConflictError(
                f"`{self.path}` is a copy of the file that was made",
                code="store/copied",
                hint=f"go on with the first one; only if that is gone for good, {REPAIR}",
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
            raise damaged(self.path, f"it does not say its {name}")
        return str(row[0])

    def count_about(self, name: str) -> int:
        """Give a number that the file says of itself."""
        text = self.about(name)
        if not (text.isascii() and text.isdigit()):
            raise damaged(self.path, f"its {name} is no number")
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


def home_of(path: Path) -> str:
    """What tells a file from its copies, as long as both lie on one disk."""
    try:
        return str(path.stat().st_ino)
    except OSError as error:
        raise unreachable(path, error) from error


def _make_homeless(copy: Path) -> None:
    """Let a copy be at home nowhere: where the first is gone, its number may be given to the copy."""
    try:
        with closing(sqlite3.connect(copy, isolation_level=None)) as connection:
            # A copy that is cut short is thrown away: nothing has to lie beside it.
            connection.execute("PRAGMA journal_mode = MEMORY")
            connection.execute("UPDATE about SET value = '' WHERE name = 'home'")
    except SQLITE_ERRORS as error:
        raise_ours(error, copy)
