# SPDX-License-Identifier: Apache-2.0
"""One writing of a projection: rows that come, and rows that go for good (docs/workspace.md)."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from hashlib import sha256
from types import NoneType
from typing import Final

from privity.store.database import Database
from privity.store.projection_rows import (
    Attester,
    Extent,
    FactRow,
    PublicRow,
    UnreadRow,
    Words,
    listed,
    read_extent,
)
from privity.store.projection_tables import EMPTY

_MAYBE: Final = (int, NoneType)


class ProjectionWriting:
    """One writing of a projection."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._streams: dict[int, _Stream] = {}
        self._kinds: dict[Words, int] = {}
        self._used: dict[int, int] = {}
        self._attesters: dict[Attester, int] | None = None

    def extent(self) -> Extent:
        """Give how much of the log is in it."""
        return read_extent(self._database)

    def clear(self) -> None:
        """Remove everything; what was there is written over."""
        for statement in EMPTY.values():
            self._database.run(statement)
        self._count_removal()
        self.set_extent(Extent())

    def set_extent(self, extent: Extent) -> None:
        """Say how much of the log is in it."""
        self._database.run(
            "UPDATE extent SET size = ?, peaks = ?, lost = ? WHERE only = 1",
            (
                extent.size,
                extent.peaks.to_bytes(),
                ",".join(f"{first}-{end}" for first, end in extent.lost),
            ),
        )

    def load(self, streams: Collection[int]) -> None:
        """Have at hand how far streams have come; asked for once for many."""
        rows = self._database.all(
            "SELECT stream, next, newest FROM stream"
            " WHERE stream IN (SELECT value FROM json_each(?))",
            (listed(sorted(set(streams) - self._streams.keys())),),
            kinds=(int, int, _MAYBE),
        )
        for stream, number, newest in rows:
            self._streams[stream] = _Stream(number, newest)

    def next_number(self, stream: int) -> int:
        """Give the number of the next entry of a stream, 1 where none was read; `load` comes before."""
        found = self._streams.get(stream)
        return 1 if found is None else found.next

    def set_next(self, stream: int, number: int) -> None:
        """Say which number the next entry of a stream has."""
        self._stream(stream).next = number

    def put_facts(self, rows: Sequence[FactRow]) -> None:
        """Put facts, in the order of their entries; `load` of their streams comes before."""
        made = []
        for row in rows:
            stream = self._stream(row.stream)
            kind = self._kind(row.words)
            self._used[kind] = self._used.get(kind, 0) + 1
            attester = None if row.attester is None else self._attester(row.attester)
            made.append((row.entry, row.stream, stream.newest, kind, *row[3:6], attester))
            stream.newest = row.entry
        self._database.run_many(
            "INSERT INTO fact (entry, stream, previous, kind, at, recorded_at, claimed_at,"
            " attester) VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
            made,
        )

    def put_public(self, rows: Iterable[PublicRow]) -> None:
        """Put entries of public streams."""
        self._database.run_many(
            "INSERT INTO public (entry, stream, data) VALUES (?, ?, ?)", rows
        )

    def put_unread(self, rows: Iterable[UnreadRow]) -> None:
        """Put entries that could not be read."""
        self._database.run_many(
            "INSERT INTO unread (entry, stream, recorded_at, why) VALUES (?, ?, ?, ?)", rows
        )

    def flush(self) -> None:
        """Write what was only counted so far, and keep nothing at hand."""
        self._database.run_many(
            "INSERT INTO stream (stream, next, newest) VALUES (?, ?, ?)"
            " ON CONFLICT (stream) DO UPDATE SET next = excluded.next, newest = excluded.newest",
            [(stream, one.next, one.newest) for stream, one in self._streams.items()],
        )
        self._database.run_many(
            "INSERT INTO used (kind, times) VALUES (?, ?)"
            " ON CONFLICT (kind) DO UPDATE SET times = times + excluded.times",
            self._used.items(),
        )
        self._streams.clear()
        self._used.clear()

    def numbers(self) -> Mapping[int, int]:
        """Give the next number of every stream that has been read; `flush` comes before."""
        return dict(self._database.all("SELECT stream, next FROM stream", kinds=(int, int)))

    def forget(self, stream: int) -> int:
        """Remove what is known of a stream, and give how many facts that were; `flush` comes before.

        What only it said, a day of birth nobody else has say, is written over wherever it stood.
        """
        row = self._database.one(
            "SELECT newest FROM stream WHERE stream = ?", (stream,), kinds=[_MAYBE]
        )
        index: int | None = None if row is None else row[0]
        entries: list[tuple[int]] = []
        used: dict[int, int] = {}
        while index is not None:
            entries.append((index,))
            kind, index = self._database.one(
                "SELECT kind, previous FROM fact WHERE entry = ?", (index,), kinds=(int, _MAYBE)
            )
            used[kind] = used.get(kind, 0) + 1
        self._database.run_many("DELETE FROM fact WHERE entry = ?", entries)
        self._database.run("DELETE FROM unread WHERE stream = ?", (stream,))
        self._database.run("DELETE FROM stream WHERE stream = ?", (stream,))
        self._database.run_many(
            "UPDATE used SET times = times - ? WHERE kind = ?",
            [(times, kind) for kind, times in used.items()],
        )
        self._drop_unused()
        self._count_removal()
        self._attesters = None
        self._database.run(
            "DELETE FROM attester WHERE attester NOT IN"
            " (SELECT attester FROM fact WHERE attester IS NOT NULL)"
        )
        return len(entries)

    def _count_removal(self) -> None:
        self._database.run("UPDATE extent SET removals = removals + 1 WHERE only = 1")

    def _drop_unused(self) -> None:
        gone = self._database.all("SELECT kind FROM used WHERE times = 0", kinds=[int])
        if not gone:
            return
        self._database.run("DELETE FROM used WHERE times = 0")
        # A page keeps copies of rows that were moved in it. So all go, and those that stay come back.
        kept = self._database.all(
            "SELECT kind, hash, fact, value, detail FROM kind"
            " WHERE kind IN (SELECT kind FROM used) ORDER BY kind",
            kinds=(int, int, str, str, str),
        )
        self._database.run(EMPTY["kind"])
        self._database.run_many(
            "INSERT INTO kind (kind, hash, fact, value, detail) VALUES (?, ?, ?, ?, ?)", kept
        )
        self._kinds.clear()

    def _stream(self, stream: int) -> _Stream:
        return self._streams.setdefault(stream, _Stream(1, None))

    def _kind(self, words: Words) -> int:
        found = self._kinds.get(words)
        if found is None:
            found = self._kinds[words] = self._stored_kind(words)
        return found

    def _stored_kind(self, words: Words) -> int:
        hashed = _hash(words)
        for kind, *stored in self._database.all(
            "SELECT kind, fact, value, detail FROM kind WHERE hash = ?",
            (hashed,),
            kinds=(int, str, str, str),
        ):
            if tuple(stored) == words:
                return int(kind)
        made = self._database.run(
            "INSERT INTO kind (hash, fact, value, detail) VALUES (?, ?, ?, ?)",
            (hashed, *words),
        )
        return int(made.lastrowid or 0)

    def _attester(self, attester: Attester) -> int:
        if self._attesters is None:
            rows = self._database.all(
                "SELECT attester, name, key FROM attester", kinds=(int, str, bytes)
            )
            self._attesters = {(name, key): number for number, name, key in rows}
        if attester not in self._attesters:
            made = self._database.run(
                "INSERT INTO attester (name, key) VALUES (?, ?)", attester
            )
            self._attesters[attester] = int(made.lastrowid or 0)
        return self._attesters[attester]


class _Stream:
    """How far a stream has come: its next number, and the entry of its newest fact."""

    __slots__ = ("newest", "next")

    def __init__(self, next_number: int, newest: int | None) -> None:
        self.next = next_number
        self.newest = newest


def _hash(words: Words) -> int:
    return int.from_bytes(sha256("\0".join(words).encode()).digest()[:7], "big")
