# SPDX-License-Identifier: Apache-2.0
"""The private half of a ledger's database, as a whole: its streams, how their payloads hang together, what ends.

What one commit with an entry does to a stream is said in `sqlite`; here is what erasing, looking over everything and
repairing ask for. What writes is called within a transaction of the log.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from types import NoneType
from typing import Final

from privity.store.database import Database

ENDED: Final = 0
"""The next number of a stream that has ended."""
ERASURES: Final = "erasures"
MENDING: Final = "mending"
NOT_MENDING: Final = "no"

_AT_ONCE: Final = 4096
_INDEX: Final = (int, NoneType)


@dataclass(frozen=True, kw_only=True, slots=True)
class StreamRow:
    """How far a stream has come.

    Attributes:
        stream: Its number; a public one's is below zero.
        next: The number that its next entry takes; `ENDED` if it takes none any more.
        newest: The entry of its newest private payload, or None: it has none.
    """

    stream: int
    next: int
    newest: int | None


@dataclass(frozen=True, kw_only=True, slots=True)
class SealedLink:
    """Where a private payload stands in its stream.

    Attributes:
        index: Its entry.
        stream: The stream.
        previous: The entry of the payload before it, or None: it is the oldest.
    """

    index: int
    stream: int
    previous: int | None


class Vault:
    """Looks at all streams, and mends them.

    Args:
        database: The ledger's open database.
    """

    def __init__(self, database: Database) -> None:
        self._database = database

    @property
    def last_stream(self) -> int:
        """The largest number of a stream, 0 where there is none but public ones."""
        (found,) = self._database.one("SELECT max(stream) FROM stream", kinds=[_INDEX])
        return max(found or 0, 0)

    @property
    def erasures(self) -> int:
        """How many erasures this database knows to be over; keys that know of fewer are older."""
        return self._database.count_about(ERASURES)

    @property
    def mending(self) -> bool:
        """Whether a repair began that has not ended: nobody knows which numbers of streams are taken."""
        return self._database.about(MENDING) != NOT_MENDING

    @property
    def lost_before(self) -> list[tuple[int, int]]:
        """The ranges of lost payloads that were known before the repair that is on its way."""
        found = []
        for part in self._database.about(MENDING).split()[1:]:
            first, _, end = part.partition("-")
            found.append((int(first), int(end)))
        return found

    def ending(self) -> list[int]:
        """Give the streams that have ended, and whose erasure is not over."""
        rows = self._database.all("SELECT stream FROM ending ORDER BY stream", kinds=[int])
        return [stream for (stream,) in rows]

    def stream(self, stream: int) -> StreamRow | None:
        """Give how far a stream has come, or None: it has no entry."""
        row = self._database.one(
            "SELECT next, newest FROM stream WHERE stream = ?", (stream,), kinds=(int, _INDEX)
        )
        return None if row is None else StreamRow(stream=stream, next=row[0], newest=row[1])

    def streams(self) -> Iterator[StreamRow]:
        """Give all streams, in the order of their numbers."""
        newest = -(1 << 63)
        while rows := self._database.all(
            "SELECT stream, next, newest FROM stream WHERE stream > ? ORDER BY stream LIMIT ?",
            (newest, _AT_ONCE),
            kinds=(int, int, _INDEX),
        ):
            for stream, number, index in rows:
                yield StreamRow(stream=stream, next=number, newest=index)
            newest = rows[-1][0]

    def links(self) -> Iterator[SealedLink]:
        """Give all private payloads that are there, in the order of their entries."""
        newest = -1
        while rows := self._database.all(
            "SELECT entry, stream, previous FROM sealed WHERE entry > ? ORDER BY entry LIMIT ?",
            (newest, _AT_ONCE),
            kinds=(int, int, _INDEX),
        ):
            for index, stream, previous in rows:
                yield SealedLink(index=index, stream=stream, previous=previous)
            newest = rows[-1][0]

    def notes(self) -> Iterator[tuple[int, bytes]]:
        """Give all signed notes, by the size that they were signed for."""
        newest = -1
        while rows := self._database.all(
            "SELECT size, note FROM signed WHERE size > ? ORDER BY size LIMIT ?",
            (newest, _AT_ONCE),
            kinds=(int, bytes),
        ):
            yield from rows
            newest = rows[-1][0]

    def put_ended(self, streams: Iterable[int], *, erasures: int) -> None:
        """Say that the erasure of streams is over: nothing of them is left anywhere."""
        self._database.run_many(
            "DELETE FROM ending WHERE stream = ?", [(stream,) for stream in streams]
        )
        self._database.put_about(ERASURES, str(max(erasures, self.erasures)))

    def put_mending(self, lost: Sequence[tuple[int, int]]) -> None:
        """Say that a repair begins, and which ranges of payloads were lost before it."""
        parts = ["mending", *(f"{first}-{end}" for first, end in lost)]
        self._database.put_about(MENDING, " ".join(parts))

    def put_mended(self) -> None:
        """Say that the repair has ended."""
        self._database.put_about(MENDING, NOT_MENDING)

    def drop_sealed(self, indexes: Iterable[int]) -> None:
        """Remove private payloads that nothing opens; the streams have to be put right afterwards."""
        self._database.run_many(
            "DELETE FROM sealed WHERE entry = ?", [(index,) for index in indexes]
        )

    def mend_links(self, links: Iterable[SealedLink]) -> None:
        """Let private payloads lead to the ones before them."""
        self._database.run_many(
            "UPDATE sealed SET previous = ? WHERE entry = ?",
            [(link.previous, link.index) for link in links],
        )

    def mend_streams(self, rows: Iterable[StreamRow]) -> None:
        """Put rows of streams in the place of those that are there."""
        self._database.run_many(
            "INSERT OR REPLACE INTO stream (stream, next, newest) VALUES (?, ?, ?)",
            [(row.stream, row.next, row.newest) for row in rows],
        )
