# SPDX-License-Identifier: Apache-2.0
"""What one transaction writes into a ledger's database: entries, the head, and whatever belongs to them.

Entries are only ever added at the end; no index has to be kept in random order, which is what makes an append cheap.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence

from privity.errors import ConflictError, VerificationError
from privity.ledger.ports import Head, Sealed, Stored
from privity.store.database import Database
from privity.store.ledger_tables import INDEX, chain_of, head_of, name_of_request, request_of
from privity.store.vault import ENDED


class SqliteTransaction:
    """A `Transaction` of `SqliteLog`.

    Args:
        database: The open file, in a transaction.
    """

    def __init__(self, database: Database) -> None:
        self._database = database
        self._streams: dict[int, _Stream] = {}
        self._before: int | None = None

    def head(self) -> Head:
        """Give the head, with what this transaction did to it."""
        return head_of(self._database)

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
        return request_of(self._database, request)

    def put_request(self, request: str, first: int, count: int) -> None:
        """Keep what a request made."""
        try:
            self._database.run(
                "INSERT INTO request (name_sha256, first, count) VALUES (?, ?, ?)",
                (name_of_request(request), first, count),
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
        indexes = list(chain_of(self._database, stream, found.newest))
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
                kinds=(int, INDEX),
            )
            found = self._streams[stream] = _Stream(*(row or (1, None)))
        return found


class _Stream:
    """How far a stream has come: its next number, and the entry of its newest payload."""

    __slots__ = ("newest", "next")

    def __init__(self, next_number: int, newest: int | None) -> None:
        self.next = next_number
        self.newest = newest


def _moved() -> ConflictError:
    return ConflictError(
        "the log was written to while this was being written",
        code="ledger/head-moved",
        hint="end whatever writes it without this program's lock, and run "
        "`privity ledger check DIR`",
    )
