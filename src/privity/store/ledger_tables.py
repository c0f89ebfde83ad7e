# SPDX-License-Identifier: Apache-2.0
"""The tables of a ledger's database, and what is read of them within a transaction and without (specs/ledger.md, part 7)."""

from __future__ import annotations

from collections.abc import Iterator
from hashlib import sha256
from types import NoneType
from typing import Final

from privity.errors import UnavailableError, VerificationError
from privity.ledger.ports import Head
from privity.ledger.tree import Peaks
from privity.store.database import Database
from privity.store.opening import Kind
from privity.store.sqlite_faults import REPAIR

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
# Only the hash of a request's name is kept. What could be guessed has a key in its name already (`app/workspace/once.py`).
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

INDEX: Final = (int, NoneType)
"""The kind of a column with the index of an entry, or none."""


def head_of(database: Database) -> Head:
    """Give the head.

    Raises:
        UnavailableError: There is none: the file is damaged.
    """
    row = database.one(
        "SELECT size, peaks, time, generation FROM head WHERE only = 1",
        kinds=(int, bytes, int, int),
    )
    if row is None:
        raise UnavailableError(
            f"`{database.path}` is damaged: it has no head",
            code="store/damaged",
            hint=REPAIR,
        )
    size, peaks, time, generation = row
    return Head(peaks=Peaks.parse(size, peaks), time=time, generation=generation)


def chain_of(database: Database, stream: int, newest: int | None) -> Iterator[int]:
    """Give the entries of a stream whose payloads are there, the newest first.

    Raises:
        VerificationError: One of them is gone (`ledger/stream-torn`).
    """
    index = newest
    while index is not None:
        row = database.one(
            "SELECT previous FROM sealed WHERE entry = ? AND stream = ?",
            (index, stream),
            kinds=[INDEX],
        )
        if row is None:
            raise VerificationError(
                f"the payload of entry {index} is gone, and its stream goes on before it",
                code="ledger/stream-torn",
                hint=REPAIR,
            )
        yield index
        index = row[0]


def request_of(database: Database, request: str) -> tuple[int, int] | None:
    """Give what a request made: the index of its first entry, and how many; None if it made nothing."""
    row: tuple[int, int] | None = database.one(
        "SELECT first, count FROM request WHERE name_sha256 = ?",
        (name_of_request(request),),
        kinds=(int, int),
    )
    return row


def name_of_request(request: str) -> bytes:
    """Give the name under which a request is kept."""
    return sha256(request.encode("utf-8")).digest()
