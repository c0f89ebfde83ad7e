# SPDX-License-Identifier: Apache-2.0
"""The database of a log in one SQLite file (specs/ledger.md, part 7; ADR 0020, 0022).

One commit holds everything that belongs together: the entries, the head, what they name, the sealed payloads
and how far each stream has come; `ledger_writing` makes it. Whether the bytes are right is not looked at here.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from privity.errors import ConflictError
from privity.ledger.ports import Head, Sealed, Stored
from privity.store.database import Database
from privity.store.ledger_tables import INDEX, KIND, chain_of, head_of, request_of
from privity.store.ledger_writing import SqliteTransaction
from privity.store.opening import create, open_of_log
from privity.store.own_file import OwnFile
from privity.store.vault import ERASURES, MENDING, NOT_MENDING, Vault

_AT_ONCE: Final = 4096


def create_log(path: Path, *, origin: str) -> SqliteLog:
    """Make the database of a new log.

    Raises:
        ConflictError: There is something already (`store/exists`).
        UnavailableError: The disk is full or fails.
    """
    return SqliteLog(
        create(path, KIND, about=[("origin", origin), (ERASURES, "0"), (MENDING, NOT_MENDING)])
    )


def open_log(path: Path, *, origin: str, adopt: bool = False, look: bool = False) -> SqliteLog:
    """Open the database of a log.

    Args:
        path: The file.
        origin: The log that it must be of.
        adopt: Let it be a copy of the file that was made, which from now on belongs here.
        look: Let it be a copy: nothing will be written to it.

    Raises:
        ConflictError: It is a copy (`store/copied`), or of another log (`store/other-log`).
        UnavailableError: It is not there, is something else, is damaged, or cannot be opened.
    """
    return SqliteLog(open_of_log(path, KIND, origin=origin, adopt=adopt, look=look))


class SqliteLog(OwnFile):
    """A `LogStore` in a SQLite file.

    Args:
        database: The open file.
    """

    def __init__(self, database: Database) -> None:
        super().__init__(database)
        self.vault = Vault(database)

    @contextmanager
    def transaction(self) -> Iterator[SqliteTransaction]:
        """Open the one writing transaction; see `ledger.ports.LogStore`."""
        with self._database.transaction():
            writing = SqliteTransaction(self._database)
            yield writing
            writing.put_streams()

    def head(self) -> Head:
        """Give the head as it was last committed."""
        return head_of(self._database)

    def entries(self, first: int, end: int) -> Iterator[Stored]:
        """Give the entries from `first` up to `end`; the file is not held between some and the next."""
        while first < end:
            rows = self._database.all(
                "SELECT place, data, leaf FROM entry WHERE place >= ? AND place < ?"
                " ORDER BY place",
                (first, min(end, first + _AT_ONCE)),
                kinds=(int, bytes, bytes),
            )
            yield from map(Stored._make, rows)
            if not rows:
                return
            first = rows[-1][0] + 1

    def signed(self, size: int) -> bytes | None:
        """Give the note that was signed for a size, or None."""
        row = self._database.one(
            "SELECT note FROM signed WHERE size = ?", (size,), kinds=[bytes]
        )
        return None if row is None else row[0]

    def last_signed(self) -> tuple[int, bytes] | None:
        """Give the largest size that was signed, and its note."""
        row: tuple[int, bytes] | None = self._database.one(
            "SELECT size, note FROM signed ORDER BY size DESC LIMIT 1", kinds=[int, bytes]
        )
        return row

    def put_signed(self, size: int, note: bytes) -> None:
        """Keep the note that was signed for a size, durably; never a second one."""
        with self._database.transaction():
            found = self.signed(size)
            if found is None:
                self._database.run(
                    "INSERT INTO signed (size, note) VALUES (?, ?)", (size, note)
                )
            elif found != note:
                raise ConflictError(
                    f"another note was signed for {size} entries",
                    code="ledger/signed-twice",
                    hint="end whatever else publishes this log",
                )

    def request(self, request: str) -> tuple[int, int] | None:
        """Give what a request made: the index of its first entry, and how many; None if it made nothing."""
        return request_of(self._database, request)

    def objects(self, first: int) -> Iterator[tuple[str, bytes]]:
        """Give the public objects of transactions that began with `first` entries or more, one at a time."""
        names = self._database.all(
            "SELECT sha256 FROM object WHERE size >= ? ORDER BY size, sha256",
            (first,),
            kinds=[str],
        )
        for (name,) in names:
            (data,) = self._database.one(
                "SELECT data FROM object WHERE sha256 = ?", (name,), kinds=[bytes]
            )
            yield name, data

    def object(self, sha256: str) -> bytes | None:
        """Give the public object of a SHA-256 as it is kept, or None; whether it is that, the caller asks."""
        row = self._database.one(
            "SELECT data FROM object WHERE sha256 = ?", (sha256,), kinds=[bytes]
        )
        return None if row is None else row[0]

    def sealed(self, first: int, end: int) -> Iterator[Sealed]:
        """Give the private payloads that are there of the entries from `first` up to `end`."""
        while first < end:
            rows = self._database.all(
                "SELECT entry, stream, number, payload FROM sealed"
                " WHERE entry >= ? AND entry < ? ORDER BY entry LIMIT ?",
                (first, end, _AT_ONCE),
                kinds=(int, int, int, bytes),
            )
            for index, stream, number, payload in rows:
                yield Sealed(index=index, stream=stream, number=number, payload=payload)
            if not rows:
                return
            first = rows[-1][0] + 1

    def sealed_of(self, stream: int) -> Iterator[Sealed]:
        """Give the private payloads of a stream, the newest first."""
        row = self._database.one(
            "SELECT newest FROM stream WHERE stream = ?", (stream,), kinds=[INDEX]
        )
        for index in chain_of(self._database, stream, None if row is None else row[0]):
            number, payload = self._database.one(
                "SELECT number, payload FROM sealed WHERE entry = ?",
                (index,),
                kinds=(int, bytes),
            )
            yield Sealed(index=index, stream=stream, number=number, payload=payload)

    def lost(self) -> Sequence[tuple[int, int]]:
        """Give the ranges of entries whose private payloads were lost."""
        found: list[tuple[int, int]] = []
        for first, end in self._database.all(
            "SELECT first, end FROM lost ORDER BY first", kinds=(int, int)
        ):
            if found and first <= found[-1][1]:
                found[-1] = (found[-1][0], max(end, found[-1][1]))
            else:
                found.append((first, end))
        return found

    def forget(self) -> None:
        """Take out of the journal what removed rows left there."""
        self._database.truncate_journal()
