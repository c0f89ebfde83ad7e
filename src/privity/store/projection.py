# SPDX-License-Identifier: Apache-2.0
"""The database of the projection: what a log says, laid out to be read fast (docs/workspace.md).

It is never a source: it may be removed at any time, and is made from the log and its vault anew. It knows
streams by their numbers; whose they are is said by the members' keys alone. What the rows mean, and whether they
are what the log says, is not decided here.
"""

from __future__ import annotations

import os
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from types import NoneType
from typing import Any, Final, NamedTuple

from privity.canonical.encode import encode
from privity.canonical.instants import Instant
from privity.errors import PrivityError
from privity.ledger.tree import NO_PEAKS, Peaks
from privity.store.database import Database, check_origin, create, open_there, remove_beside
from privity.store.files import unreachable
from privity.store.lock import wait_for
from privity.store.projection_tables import EMPTY, KIND

_AT_ONCE: Final = 1 << 16
_MAYBE: Final = (int, NoneType)
# What cannot be read as a projection of this version is no projection any more.
_SPENT: Final = frozenset(
    (
        "store/copied",
        "store/damaged",
        "store/missing",
        "store/other-kind",
        "store/other-log",
        "store/version",
    )
)
_ATTEMPTS: Final = 3

Words = tuple[str, str, str]
"""A fact without its member and its times: kind, value, and detail as canonical JSON or empty."""
Attester = tuple[str, bytes]
"""A name, and a public key."""


class FactRow(NamedTuple):
    """A fact of a stream.

    A tuple, because millions of them are made in a row.

    Attributes:
        entry: The index of its entry.
        stream: The number of its stream.
        words: What it says.
        at: When it was true.
        recorded_at: The time of its entry.
        claimed_at: When it is said to have been recorded, or None of one that nobody had to claim.
        attester: Who says so, or None.
    """

    entry: int
    stream: int
    words: Words
    at: Instant
    recorded_at: Instant
    claimed_at: Instant | None = None
    attester: Attester | None = None


class PublicRow(NamedTuple):
    """An entry of a public stream: its index, its stream, its bytes."""

    entry: int
    stream: str
    data: bytes


class UnreadRow(NamedTuple):
    """An entry that could not be read.

    Attributes:
        entry: Its index.
        stream: The number of its stream, None of a public one.
        recorded_at: Its time.
        why: What is the matter, as a word.
    """

    entry: int
    stream: int | None
    recorded_at: Instant
    why: str


class Facts(NamedTuple):
    """What is known of some streams.

    Attributes:
        facts: Rows of stream, kind, at, recorded_at of what nobody had to claim, in the order of their entries.
        kinds: What they say: the number of each kind, and its words.
        attested: What somebody attests.
        unread: What could not be read, of these streams or of nobody's.
    """

    facts: list[tuple[int, int, int, int]]
    kinds: list[tuple[int, str, str, str]]
    attested: list[FactRow]
    unread: list[UnreadRow]


@dataclass(frozen=True, kw_only=True, slots=True)
class Extent:
    """How much of the log is in the projection.

    Attributes:
        peaks: The tree of the entries that are in it.
        lost: The ranges of lost payloads that were known.
    """

    peaks: Peaks = NO_PEAKS
    lost: tuple[tuple[int, int], ...] = ()

    @property
    def size(self) -> int:
        """The number of entries."""
        return self.peaks.size


def open_projection(path: Path, *, origin: str) -> Projection:
    """Open the projection of a log; make an empty one where there is none that can be read.

    Whoever has it open shares a lock beside it; whoever makes or removes it holds that lock alone. SQLite finds a
    journal by its name, and would play that of one file back into the next.

    Raises:
        ConflictError: Another process writes it and does not end.
        UnavailableError: The disk is full or fails.
    """
    for _attempt in range(_ATTEMPTS):
        try:
            return _shared(path, origin)
        except PrivityError as error:
            if error.code not in _SPENT:
                raise
        with _alone(path):
            _make(path, origin)
    return _shared(path, origin)


def remove_projection(path: Path) -> None:
    """Remove a projection, with what a killed process may have left beside it.

    Raises:
        ConflictError: Another process has it open and does not end.
        UnavailableError: The disk fails.
    """
    with _alone(path):
        _remove(path)


def _shared(path: Path, origin: str) -> Projection:
    held = wait_for(_lock(path), alone=False)
    try:
        return Projection(_opened(path, origin), held)
    except BaseException:
        os.close(held)
        raise


def _make(path: Path, origin: str) -> None:
    try:
        _opened(path, origin).close()
    except PrivityError as error:
        if error.code not in _SPENT:
            raise
    else:
        return  # another process made it meanwhile
    _remove(path)
    create(path, KIND, about=[("origin", origin)]).close()


def _opened(path: Path, origin: str) -> Database:
    database = open_there(path, KIND)
    check_origin(database, origin)
    return database


def _remove(path: Path) -> None:
    try:
        path.unlink(missing_ok=True)
        remove_beside(path)
    except OSError as error:
        raise unreachable(path, error) from error


@contextmanager
def _alone(path: Path) -> Iterator[None]:
    held = wait_for(_lock(path), alone=True)
    try:
        yield
    finally:
        os.close(held)


def _lock(path: Path) -> Path:
    return path.with_name(path.name + ".lock")


class Projection:
    """What a log says, in rows.

    Args:
        database: The open file.
        held: The lock that it is shared by, a file descriptor; it goes when the file is closed.
    """

    def __init__(self, database: Database, held: int) -> None:
        self._database = database
        self._held = held

    @contextmanager
    def writing(self) -> Iterator[ProjectionWriting]:
        """Write as the only one; all of it is there at the end, or after an exception none."""
        with self._database.transaction():
            yield ProjectionWriting(self._database)

    @contextmanager
    def reading(self) -> Iterator[None]:
        """Read one state of it, whatever others write meanwhile."""
        with self._database.reading():
            yield

    def extent(self) -> Extent:
        """Give how much of the log is in it."""
        return _extent(self._database)

    def removals(self) -> int:
        """Give how often rows were removed: between two looks with one answer, rows only came."""
        (removals,) = self._database.one(
            "SELECT removals FROM extent WHERE only = 1", kinds=[int]
        )
        return int(removals)

    def facts(self, size: int) -> Iterator[list[tuple[int, int, int, int]]]:
        """Give the facts that nobody had to claim, of the first `size` entries, some at a time.

        Yields:
            Rows of stream, kind, at, recorded_at, in the order of their entries.
        """
        first = 0
        while rows := self._database.all(
            "SELECT stream, kind, at, recorded_at, entry FROM fact"
            " WHERE entry >= ? AND entry < ? AND attester IS NULL ORDER BY entry LIMIT ?",
            (first, size, _AT_ONCE),
            kinds=(int, int, int, int, int),
        ):
            first = rows[-1][4] + 1
            yield [row[:4] for row in rows]

    def kinds(self) -> list[tuple[int, str, str, str]]:
        """Give what facts say: the number of each kind, and its words."""
        return self._database.all(
            "SELECT kind, fact, value, detail FROM kind ORDER BY kind",
            kinds=(int, str, str, str),
        )

    def attested(self, size: int) -> list[FactRow]:
        """Give the facts of streams that somebody attests, of the first `size` entries."""
        return _fact_rows(
            self._database.all(
                _FACTS_IN_WORDS + " WHERE entry < ? AND attester IS NOT NULL ORDER BY entry",
                (size,),
                kinds=_FACT_COLUMNS,
            )
        )

    def public(
        self, streams: Collection[str], size: int, *, since: int = 0
    ) -> Iterator[PublicRow]:
        """Give the entries of public streams among the first `size`, from index `since` on, in order."""
        rows = self._database.all(
            "SELECT entry, stream, data FROM public"
            " WHERE stream IN (SELECT value FROM json_each(?)) AND entry >= ? AND entry < ?"
            " ORDER BY entry",
            (_listed(sorted(streams)), since, size),
            kinds=(int, str, bytes),
        )
        return map(PublicRow._make, rows)

    def unread(self, size: int) -> list[UnreadRow]:
        """Give what could not be read of the first `size` entries, in order."""
        rows = self._database.all(
            "SELECT entry, stream, recorded_at, why FROM unread WHERE entry < ? ORDER BY entry",
            (size,),
            kinds=(int, _MAYBE, int, str),
        )
        return list(map(UnreadRow._make, rows))

    def streams_since(self, since: int, size: int) -> list[int]:
        """Give the streams of which facts entered after the first `since` entries, among the first `size`."""
        rows = self._database.all(
            "SELECT DISTINCT stream FROM fact WHERE entry >= ? AND entry < ? ORDER BY stream",
            (since, size),
            kinds=[int],
        )
        return [row[0] for row in rows]

    def of_streams(self, streams: Collection[int], size: int) -> Facts:
        """Give what is known of a few streams by the first `size` entries; nothing else is looked at."""
        wanted = _listed(sorted(streams))
        facts = self._database.all(
            _FACTS_OF_SOME,
            (wanted, size),
            kinds=(int, int, int, int),
        )
        attested = self._database.all(
            _ATTESTED_OF_SOME,
            (wanted, size),
            kinds=_FACT_COLUMNS,
        )
        unread = self._database.all(
            "SELECT entry, stream, recorded_at, why FROM unread WHERE entry < ? AND"
            " (stream IS NULL OR stream IN (SELECT value FROM json_each(?))) ORDER BY entry",
            (size, wanted),
            kinds=(int, _MAYBE, int, str),
        )
        kinds = self._database.all(
            "SELECT kind, fact, value, detail FROM kind"
            " WHERE kind IN (SELECT value FROM json_each(?)) ORDER BY kind",
            (_listed(sorted({row[1] for row in facts})),),
            kinds=(int, str, str, str),
        )
        return Facts(facts, kinds, _fact_rows(attested), list(map(UnreadRow._make, unread)))

    def values_of(self, fact: str, since: int, size: int) -> list[tuple[int, str]]:
        """Give stream and value of each fact of a name that entered after the first `since` entries."""
        return self._database.all(
            "SELECT stream, value FROM fact JOIN kind USING (kind)"
            " WHERE entry >= ? AND entry < ? AND kind.fact = ? ORDER BY entry",
            (since, size, fact),
            kinds=(int, str),
        )

    def closed(self) -> int:
        """Give how many private entries nobody has a key for: those of members who were erased."""
        (public,) = self._database.one("SELECT count(*) FROM public", kinds=[int])
        (read,) = self._database.one(
            "SELECT coalesce(sum(next - 1), 0) FROM stream", kinds=[int]
        )
        return self.extent().size - int(public) - int(read)

    def content(self) -> Iterator[tuple[Any, ...]]:
        """Give everything that is in it, in an order of its own, to compare it with another."""
        extent = self.extent()
        yield ("extent", extent.size, extent.peaks, extent.lost)
        yield from self.public([row[0] for row in self._public_streams()], extent.size)
        yield from self._database.all(
            "SELECT stream, next FROM stream ORDER BY stream", kinds=(int, int)
        )
        yield from _fact_rows(
            self._database.all(_FACTS_IN_WORDS + " ORDER BY entry", kinds=_FACT_COLUMNS)
        )
        yield from self._database.all(
            "SELECT fact, value, detail, times FROM kind JOIN used USING (kind)"
            " ORDER BY fact, value, detail",
            kinds=(str, str, str, int),
        )
        yield from self.unread(extent.size)

    def forget_journal(self) -> None:
        """Take out of the journal what removed rows left there."""
        self._database.truncate_journal()

    def close(self) -> None:
        """Close the file."""
        self._database.close()
        os.close(self._held)

    def _public_streams(self) -> list[Any]:
        return self._database.all("SELECT DISTINCT stream FROM public", kinds=[str])


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
        return _extent(self._database)

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
            (_listed(sorted(set(streams) - self._streams.keys())),),
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


# From the newest fact of each stream to all others of it.
_CHAIN: Final = (
    "WITH RECURSIVE chain (entry, previous) AS ("
    " SELECT fact.entry, fact.previous FROM stream JOIN fact ON fact.entry = stream.newest"
    " WHERE stream.stream IN (SELECT value FROM json_each(?))"
    " UNION ALL SELECT fact.entry, fact.previous FROM chain JOIN fact ON fact.entry = chain.previous) "
)
_FACTS_IN_WORDS: Final = (
    "SELECT entry, stream, fact, value, detail, at, recorded_at, claimed_at, name, key"
    " FROM fact JOIN kind USING (kind) LEFT JOIN attester USING (attester)"
)
_HELD: Final = (
    "SELECT stream, kind, at, recorded_at FROM fact JOIN chain USING (entry)"
    " WHERE entry < ? AND attester IS NULL ORDER BY entry"
)
_FACTS_OF_SOME: Final = _CHAIN + _HELD
_ATTESTED_OF_SOME: Final = (
    _CHAIN
    + _FACTS_IN_WORDS
    + " JOIN chain USING (entry) WHERE entry < ? AND attester IS NOT NULL ORDER BY entry"
)
_FACT_COLUMNS: Final = (
    int, int, str, str, str, int, int, _MAYBE, (str, NoneType), (bytes, NoneType),
)  # fmt: skip


def _extent(database: Database) -> Extent:
    size, peaks, lost = database.one(
        "SELECT size, peaks, lost FROM extent WHERE only = 1", kinds=(int, bytes, str)
    )
    ranges = (one.split("-") for one in lost.split(",") if one)
    return Extent(
        peaks=Peaks.parse(size, peaks),
        lost=tuple((int(first), int(end)) for first, end in ranges),
    )


def _fact_rows(rows: Iterable[tuple[Any, ...]]) -> list[FactRow]:
    return [
        FactRow(
            entry=row[0],
            stream=row[1],
            words=(row[2], row[3], row[4]),
            at=row[5],
            recorded_at=row[6],
            claimed_at=row[7],
            attester=None if row[8] is None else (row[8], row[9]),
        )
        for row in rows
    ]


def _hash(words: Words) -> int:
    return int.from_bytes(sha256("\0".join(words).encode()).digest()[:7], "big")


def _listed(values: Sequence[int] | Sequence[str]) -> str:
    return encode(values).decode()
