# SPDX-License-Identifier: Apache-2.0
"""The rows of the projection, as whoever reads and writes them sees them (docs/workspace.md)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

from privity.canonical.encode import encode
from privity.canonical.instants import Instant
from privity.errors import VerificationError
from privity.ledger.tree import NO_PEAKS, Peaks
from privity.store.database import Database
from privity.store.sqlite_faults import damaged

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


def read_extent(database: Database) -> Extent:
    """Read how much of the log is in a projection.

    Raises:
        UnavailableError: Nobody can tell (`store/damaged`).
    """
    size, peaks, lost = database.one(
        "SELECT size, peaks, lost FROM extent WHERE only = 1", kinds=(int, bytes, str)
    )
    ranges = (one.split("-") for one in lost.split(",") if one)
    try:
        return Extent(
            peaks=Peaks.parse(size, peaks),
            lost=tuple((int(first), int(end)) for first, end in ranges),
        )
    except (VerificationError, ValueError) as error:
        raise damaged(database.path, "it does not say how much of the log it has") from error


def listed(values: Sequence[int] | Sequence[str]) -> str:
    """Write values as SQLite reads a list: as JSON."""
    return encode(values).decode()
