# SPDX-License-Identifier: Apache-2.0
"""The database of a log in one SQLite file (specs/ledger.md, part 7; ADR 0020, 0022).

One commit holds everything that belongs together: the entries, the head, what they name, the sealed payloads
and how far each stream has come. Entries are only ever added at the end; no index has to be kept in
random order, which is what makes an append cheap. Whether the bytes are right is not looked at here.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from hashlib import sha256
from pathlib import Path
from types import NoneType
from typing import Final

from privity.errors import ConflictError, UnavailableError, VerificationError
from privity.ledger.ports import Head, Sealed, Stored
from privity.ledger.tree import Peaks
from privity.store.database import Database, Kind, check_origin, create, open_there
from privity.store.vault import ENDED, ERASURES, MENDING, NOT_MENDING, Vault

_ENTRY: Final = """
CREATE TABLE entry (
    place INTEGER PRIMARY KEY,
    data BLOB NOT NULL,
    leaf BLOB NOT NULL
) STRICT
"""
_HEAD: Final = """
CREATE TABLE head (
    only INTEGER PRIMARY KEY CHECK (only = 1),
    size INTEGER NOT NULL,
    peaks BLOB NOT NULL,
    time INTEGER NOT NULL,
    generation INTEGER NOT NULL
) STRICT
"""
_NO_HEAD: Final = "INSERT INTO head VALUES (1, 0, x'', 0, 0)"
# INVARIANT: a size is signed once.
_SIGNED: Final = """
CREATE TABLE signed (
    size INTEGER PRIMARY KEY,
    note BLOB NOT NULL
) STRICT
"""
# `size` is that of the log when the object was put: what was not published yet is found by it.
_OBJECT: Final = """
CREATE TABLE object (
    sha256 TEXT NOT NULL UNIQUE,
    size INTEGER NOT NULL,
    data BLOB NOT NULL
) STRICT
"""
_OBJECT_BY_SIZE: Final = "CREATE INDEX object_by_size ON object (size)"
# The name of a request may say whose it is; only its hash is kept.
_REQUEST: Final = """
CREATE TABLE request (
    name_sha256 BLOB PRIMARY KEY,
    first INTEGER NOT NULL,
    count INTEGER NOT NULL
) STRICT, WITHOUT ROWID
"""
# Streams whose last event is in the log, and whose key and copies elsewhere may not be gone yet.
_ENDING: Final = """
CREATE TABLE ending (
    stream INTEGER PRIMARY KEY
) STRICT
"""
# `previous` leads to the payload of the same stream before this one: a stream is found without an index.
_SEALED: Final = """
CREATE TABLE sealed (
    entry INTEGER PRIMARY KEY REFERENCES entry (place),
    stream INTEGER NOT NULL,
    number INTEGER NOT NULL,
    previous INTEGER,
    payload BLOB NOT NULL
) STRICT
"""
# A stream that has ended has 0 as its next number.
_STREAM: Final = """
CREATE TABLE stream (
    stream INTEGER PRIMARY KEY,
    next INTEGER NOT NULL,
    newest INTEGER
) STRICT
"""
_LOST: Final = """
CREATE TABLE lost (
    first INTEGER PRIMARY KEY,
    end INTEGER NOT NULL
) STRICT
"""

KIND: Final = Kind(
    name="ledger database",
    application=0x5052_564C,
    version=1,
    tables=(
        _ENTRY, _HEAD, _NO_HEAD, _SIGNED, _OBJECT, _OBJECT_BY_SIZE, _REQUEST, _SEALED, _STREAM,
        _LOST, _ENDING,
    ),
)  # fmt: skip

_AT_ONCE: Final = 4096
_INDEX: Final = (int, NoneType)


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
    database = open_there(path, KIND, adopt=adopt, look=look)
    check_origin(database, origin)
    return SqliteLog(database)


class SqliteLog:
    """A `LogStore` in a SQLite file.

    Args:
        database: The open file.
    """

    def __init__(self, database: Database) -> None:
        self._database = database
        self.vault = Vault(database)

    @contextmanager
    def transaction(self) -> Iterator[SqliteTransaction]:
        """Open the one writing transaction; see `ledger.ports.LogStore`."""
        with self._database.transaction():
            writing = SqliteTransaction(self._database)
            yield writing
            writing.put_streams()

    def rehearsal(self) -> AbstractContextManager[None]:
        """Let everything be tried, and taken back at the end; see `Database.rehearsal`."""
        return self._database.rehearsal()

    def head(self) -> Head:
        """Give the head as it was last committed."""
        return _head(self._database)

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
        return _request(self._database, request)

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
            "SELECT newest FROM stream WHERE stream = ?", (stream,), kinds=[_INDEX]
        )
        for index in _chain(self._database, stream, None if row is None else row[0]):
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

    def check_home(self) -> None:
        """Check that the file is no copy; see `Database.check_home`."""
        self._database.check_home()

    def back_up(self, target: Path) -> None:
        """Copy the database to a new file; see `Database.back_up`."""
        self._database.back_up(target)

    def close(self) -> None:
        """Close the file."""
        self._database.close()


class SqliteTransaction:
    """A `Transaction` of `SqliteLog`."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._streams: dict[int, _Stream] = {}
        self._before: int | None = None

    def head(self) -> Head:
        """Give the head, with what this transaction did to it."""
        return _head(self._database)

    def put_entries(
        self, first: int, entries: Sequence[bytes], leaves: Sequence[bytes]
    ) -> None:
        """Put entries at `first` and after."""
        if self._before is None:
            self._before = first
        try:
            self._database.run_many(
                "INSERT INTO entry (place, data, leaf) VALUES (?, ?, ?)",
                zip(range(first, first + len(entries)), entries, leaves, strict=True),
            )
        except sqlite3.IntegrityError as error:
            raise _moved() from error

    def mend_entry(self, entry: Stored) -> None:
        """Put an entry in the place of one that was damaged."""
        self._database.run(
            "UPDATE entry SET data = ?, leaf = ? WHERE place = ?",
            (entry.data, entry.leaf, entry.place),
        )

    def set_head(self, old: Head, new: Head) -> None:
        """Put a head in the place of the old one."""
        changed = self._database.run(
            "UPDATE head SET size = ?, peaks = ?, time = ?, generation = ?"
            " WHERE only = 1 AND size = ? AND generation = ?",
            (
                new.size, new.peaks.to_bytes(), new.time, new.generation,
                old.size, old.generation,
            ),
        )  # fmt: skip
        if changed.rowcount != 1:
            raise _moved()

    def mend_head(self, new: Head) -> None:
        """Put a head in the place of one that was damaged."""
        self._database.run(
            "INSERT OR REPLACE INTO head (only, size, peaks, time, generation)"
            " VALUES (1, ?, ?, ?, ?)",
            (new.size, new.peaks.to_bytes(), new.time, new.generation),
        )

    def drop_signed(self, size: int) -> None:
        """Remove a note that was damaged."""
        self._database.run("DELETE FROM signed WHERE size = ?", (size,))

    def put_object(self, sha256: str, data: bytes) -> None:
        """Keep a public object, with the size of the log before the transaction."""
        size = self.head().size if self._before is None else self._before
        self._database.run(
            "INSERT INTO object (sha256, size, data) VALUES (?, ?, ?)"
            " ON CONFLICT (sha256) DO NOTHING",
            (sha256, size, data),
        )

    def request(self, request: str) -> tuple[int, int] | None:
        """Give what a request made."""
        return _request(self._database, request)

    def put_request(self, request: str, first: int, count: int) -> None:
        """Keep what a request made."""
        try:
            self._database.run(
                "INSERT INTO request (name_sha256, first, count) VALUES (?, ?, ?)",
                (_name(request), first, count),
            )
        except sqlite3.IntegrityError as error:
            raise ConflictError(
                f"a request of this name made entries before `{first}`",
                code="ledger/request-taken",
                hint="give every request a name of its own",
            ) from error

    def put_sealed(self, rows: Sequence[Sealed]) -> None:
        """Keep private payloads, each leading to the one before it in its stream."""
        made: list[tuple[int, int, int, int | None, bytes]] = []
        for row in rows:
            stream = self._stream(row.stream)
            made.append((row.index, row.stream, row.number, stream.newest, row.payload))
            stream.newest = row.index
        self._database.run_many(
            "INSERT INTO sealed (entry, stream, number, previous, payload)"
            " VALUES (?, ?, ?, ?, ?)",
            made,
        )

    def next_number(self, stream: int) -> int:
        """Give the number that the next entry of a stream takes."""
        return self._stream(stream).next

    def set_next(self, stream: int, number: int) -> None:
        """Say which number the next entry of a stream takes."""
        found = self._stream(stream)
        if number < found.next or found.next == ENDED:
            raise ConflictError(
                f"number {number} of stream {stream} was taken, the next is {found.next}",
                code="ledger/number-taken",
            )
        found.next = number

    def erase_sealed(self, stream: int) -> int:
        """Remove the private payloads of a stream."""
        found = self._stream(stream)
        indexes = list(_chain(self._database, stream, found.newest))
        self._database.run_many(
            "DELETE FROM sealed WHERE entry = ?", [(index,) for index in indexes]
        )
        found.newest = None
        return len(indexes)

    def end_stream(self, stream: int) -> int:
        """End a stream for good: remove its private payloads, and give it no number any more.

        That its key and copies elsewhere have to go as well is kept until `Vault.put_ended` says that they have.
        """
        try:
            removed = self.erase_sealed(stream)
        except VerificationError:
            # Torn, so that its payloads are found by looking at all.
            removed = self._database.run(
                "DELETE FROM sealed WHERE stream = ?", (stream,)
            ).rowcount
        found = self._stream(stream)
        found.next, found.newest = ENDED, None
        self._database.run("INSERT OR IGNORE INTO ending (stream) VALUES (?)", (stream,))
        return removed

    def put_lost(self, first: int, end: int) -> None:
        """Mark that private payloads were lost."""
        self._database.run(
            "INSERT INTO lost (first, end) VALUES (?, ?)"
            " ON CONFLICT (first) DO UPDATE SET end = max(end, excluded.end)",
            (first, end),
        )

    def put_streams(self) -> None:
        """Write how far the streams have come; the last thing before the commit."""
        self._database.run_many(
            "INSERT INTO stream (stream, next, newest) VALUES (?, ?, ?)"
            " ON CONFLICT (stream) DO UPDATE SET next = excluded.next, newest = excluded.newest",
            [(key, stream.next, stream.newest) for key, stream in self._streams.items()],
        )

    def _stream(self, stream: int) -> _Stream:
        found = self._streams.get(stream)
        if found is None:
            row = self._database.one(
                "SELECT next, newest FROM stream WHERE stream = ?",
                (stream,),
                kinds=(int, _INDEX),
            )
            found = self._streams[stream] = _Stream(*(row or (1, None)))
        return found


class _Stream:
    """How far a stream has come: its next number, and the entry of its newest payload."""

    __slots__ = ("newest", "next")

    def __init__(self, next_number: int, newest: int | None) -> None:
        self.next = next_number
        self.newest = newest


def _head(database: Database) -> Head:
    row = database.one(
        "SELECT size, peaks, time, generation FROM head WHERE only = 1",
        kinds=(int, bytes, int, int),
    )
    if row is None:
        raise UnavailableError(
            f"`{database.path}` is damaged: it has no head",
            code="store/damaged",
            hint="run `privity ledger repair DIR`",
        )
    size, peaks, time, generation = row
    return Head(peaks=Peaks.parse(size, peaks), time=time, generation=generation)


def _chain(database: Database, stream: int, newest: int | None) -> Iterator[int]:
    """The entries of a stream whose payloads are there, the newest first."""
    index = newest
    while index is not None:
        row = database.one(
            "SELECT previous FROM sealed WHERE entry = ? AND stream = ?",
            (index, stream),
            kinds=[_INDEX],
        )
        if row is None:
            raise VerificationError(
                f"the payload of entry {index} is gone, and its stream goes on before it",
                code="ledger/stream-torn",
                hint="run `privity ledger repair DIR`",
            )
        yield index
        index = row[0]


def _request(database: Database, request: str) -> tuple[int, int] | None:
    row: tuple[int, int] | None = database.one(
        "SELECT first, count FROM request WHERE name_sha256 = ?",
        (_name(request),),
        kinds=(int, int),
    )
    return row


def _name(request: str) -> bytes:
    return sha256(request.encode("utf-8")).digest()


def _moved() -> ConflictError:
    return ConflictError(
        "the log was written to while this was being written",
        code="ledger/head-moved",
        hint="end whatever writes it without this program's lock, and run "
        "`privity ledger check DIR`",
    )
