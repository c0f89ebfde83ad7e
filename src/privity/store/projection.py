# SPDX-License-Identifier: Apache-2.0
"""The database of the projection: what a log says, laid out to be read fast (docs/workspace.md).

It is never a source: it may be removed at any time, and is made from the log and its vault anew. It knows
streams by their numbers; whose they are is said by the members' keys alone. What the rows mean, and whether they
are what the log says, is not decided here.
"""

from __future__ import annotations

import os
from collections.abc import Collection, Iterable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from types import NoneType
from typing import Any, Final

from privity.errors import PrivityError
from privity.store.database import Database, Kinds
from privity.store.files import unreachable
from privity.store.lock import wait_for
from privity.store.opening import create, open_of_log, remove_beside
from privity.store.projection_rows import (
    Extent,
    FactRow,
    Facts,
    PublicRow,
    UnreadRow,
    listed,
    read_extent,
)
from privity.store.projection_tables import KIND
from privity.store.projection_writing import ProjectionWriting

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


def look_at_projection(path: Path, *, origin: str) -> Projection | None:
    """Open the projection of a log if there is one that can be read, to look at it; raises as `open_projection`."""
    try:
        with ExitStack() as stack:
            held = None
            # Where nothing can be written nobody removes it either, and no lock can be made.
            if os.access(path.parent, os.W_OK):
                held = wait_for(_lock(path), alone=False)
                stack.callback(os.close, held)
            database = open_of_log(path, KIND, origin=origin, look=True)
            stack.callback(database.close)
            database.check_home()
            stack.pop_all()
            return Projection(database, held)
    except PrivityError as error:
        if error.code not in _SPENT:
            raise
        return None


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
        return Projection(open_of_log(path, KIND, origin=origin), held)
    except BaseException:
        os.close(held)
        raise


def _make(path: Path, origin: str) -> None:
    try:
        open_of_log(path, KIND, origin=origin).close()
    except PrivityError as error:
        if error.code not in _SPENT:
            raise
    else:
        return  # another process made it meanwhile
    _remove(path)
    create(path, KIND, about=[("origin", origin)]).close()


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
        held: The lock that it is shared by, a file descriptor; it goes when the file is closed. None where none can be
            made.
    """

    def __init__(self, database: Database, held: int | None) -> None:
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
        return read_extent(self._database)

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
            (listed(sorted(streams)), since, size),
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
        wanted = listed(sorted(streams))
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
            (listed(sorted({row[1] for row in facts})),),
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
        """Give everything that is in it, in an order of its own, to compare it with another; some at a time."""
        extent = self.extent()
        yield ("extent", extent.size, extent.peaks, extent.lost)
        yield from map(PublicRow._make, self._paged(_ALL_PUBLIC, (int, str, bytes)))
        for row in self._paged(_ALL_STREAMS, (int, int, _MAYBE)):
            yield ("stream", *row)
        for row in self._paged(_ALL_FACTS, _FACT_COLUMNS):
            yield from _fact_rows([row])
        # What leads from fact to fact, and whether a fact counts as one that somebody attests.
        for row in self._paged(_ALL_LINKS, (int, _MAYBE, int)):
            yield ("fact", *row)
        # Kinds are numbered as they came. So only what is counted otherwise than there are facts is told.
        for row in self._database.all(_MISCOUNTED, kinds=[int]):
            yield ("kind", *row)
        yield from map(UnreadRow._make, self._paged(_ALL_UNREAD, (int, _MAYBE, int, str)))

    def copy(self, target: Path, *, origin: str) -> Projection:
        """Copy one state of it to a new file, and open that; raises as `open_projection` does."""
        self._database.back_up(target)
        open_of_log(target, KIND, origin=origin, adopt=True).close()
        return open_projection(target, origin=origin)

    def forget_journal(self) -> None:
        """Take out of the journal what removed rows left there."""
        self._database.truncate_journal()

    def close(self) -> None:
        """Close the file."""
        self._database.close()
        if self._held is not None:
            os.close(self._held)

    def _paged(self, statement: str, kinds: Kinds) -> Iterator[tuple[Any, ...]]:
        """Give the rows of a statement that goes on after a key, the first column."""
        after = -(1 << 63)
        while rows := self._database.all(statement, (after, _AT_ONCE), kinds=kinds):
            after = rows[-1][0]
            yield from rows


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
_ALL_PUBLIC: Final = (
    "SELECT entry, stream, data FROM public WHERE entry > ? ORDER BY entry LIMIT ?"
)
_ALL_STREAMS: Final = (
    "SELECT stream, next, newest FROM stream WHERE stream > ? ORDER BY stream LIMIT ?"
)
_ALL_FACTS: Final = _FACTS_IN_WORDS + " WHERE entry > ? ORDER BY entry LIMIT ?"
_ALL_LINKS: Final = (
    "SELECT entry, previous, attester IS NULL FROM fact WHERE entry > ? ORDER BY entry LIMIT ?"
)
_ALL_UNREAD: Final = (
    "SELECT entry, stream, recorded_at, why FROM unread WHERE entry > ? ORDER BY entry LIMIT ?"
)
_MISCOUNTED: Final = (
    "SELECT kind FROM kind LEFT JOIN used USING (kind)"
    " LEFT JOIN (SELECT kind, count(*) AS facts FROM fact GROUP BY kind) USING (kind)"
    " WHERE times IS NULL OR facts IS NULL OR times != facts ORDER BY kind"
)
_FACT_COLUMNS: Final = (
    int, int, str, str, str, int, int, _MAYBE, (str, NoneType), (bytes, NoneType),
)  # fmt: skip


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
