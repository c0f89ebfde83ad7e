# SPDX-License-Identifier: Apache-2.0
"""What the log asks of whoever keeps its bytes: a database, a public tree, an anchor (specs/ledger.md, part 7).

The order of the calls, and what is verified between them, is decided in `log`, `publish`, `recover` and `repair`;
here is only what each call promises. A call that failed may have had its effect or not: nobody goes on
after one, the process ends, and the next start looks at what is there.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Final, NamedTuple, Protocol

from privity.errors import UnavailableError
from privity.ledger.tree import NO_PEAKS, Peaks

CHECKPOINT: Final = "checkpoint"
"""The path of the newest signed checkpoint in a public tree."""
VKEY: Final = "vkey"
"""The path of the keys that verify it, one a line."""


class NotFoundError(UnavailableError):
    """There is nothing at a path."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Head:
    """What the next append builds on.

    Attributes:
        peaks: The tree so far.
        time: The newest entry's time in seconds since 1970, 0 in an empty log.
        generation: How often the head was written: two states of one size differ in it.
    """

    peaks: Peaks
    time: int
    generation: int

    @property
    def size(self) -> int:
        """The number of entries."""
        return self.peaks.size


NO_HEAD: Final = Head(peaks=NO_PEAKS, time=0, generation=0)
"""The head of a log without an entry."""


class Stored(NamedTuple):
    """An entry as the database gives it back; nothing says yet that its hash is right.

    A tuple, because millions of them are made in a row.

    Attributes:
        place: Its index; tuples have an `index` of their own.
        data: Its bytes.
        leaf: The hash that is kept with it.
    """

    place: int
    data: bytes
    leaf: bytes


@dataclass(frozen=True, kw_only=True, slots=True)
class Sealed:
    """The private payload of an entry, which only its stream's key opens.

    Attributes:
        index: The entry's index in the log.
        stream: The number of the stream that it belongs to.
        number: Its number in the stream, from 1.
        payload: Sealed bytes.
    """

    index: int
    stream: int
    number: int
    payload: bytes


class Reader(Protocol):
    """A public tree to read: a folder, or an address on the web."""

    def read(self, path: str) -> bytes:
        """Give the bytes at a path such as `checkpoint` or `tile/0/000`.

        Raises:
            NotFoundError: There is nothing at the path.
            UnavailableError: The tree cannot be reached.
        """
        ...


class TileStore(Reader, Protocol):
    """The public tree, by who writes it."""

    def write_new(self, files: Sequence[tuple[str, bytes]]) -> None:
        """Put bytes at paths for good; all of them outlive a loss of power when the call is over.

        Where the same bytes are there already nothing happens. If the call fails each file is there whole
        or not at all. Many at once are far cheaper than one after the other.

        Raises:
            ConflictError: Other bytes are there (`ledger/other-bytes`); they stay.
            UnavailableError: The disk is full, or fails.
        """
        ...

    def replace(self, path: str, data: bytes) -> None:
        """Put bytes in the place of what is there, whole and durably.

        For `checkpoint` and `vkey`, which change; and for `repair`, where the tree shows that a tile was
        damaged.

        Raises:
            UnavailableError: The disk is full, or fails.
        """
        ...

    def remove_partial(self, path: str) -> None:
        """Remove the partial tiles of a tile that is there in full; its path is the full one's.

        Raises:
            UnavailableError: The disk fails.
        """
        ...


class NoteStore(Protocol):
    """The anchor: the last note that was published, kept where the database and the tree are not."""

    def read(self) -> bytes | None:
        """Give the note, or None if there has been none.

        Raises:
            UnavailableError: It cannot be reached.
        """
        ...

    def swap(self, old: bytes | None, new: bytes) -> None:
        """Put a note in the place of the old one, whole and durably, by compare-and-swap.

        Raises:
            ConflictError: Another note is there (`ledger/anchor-moved`): somebody else publishes this log.
            UnavailableError: The disk is full, or fails.
        """
        ...


class Transaction(Protocol):
    """One writing of the database, alone among writers. What it reads, nobody changes until it ends."""

    def head(self) -> Head:
        """Give the head, with what this transaction did to it."""
        ...

    def put_entries(
        self, first: int, entries: Sequence[bytes], leaves: Sequence[bytes]
    ) -> None:
        """Put entries at `first` and after, with the hashes of their leaves.

        Raises:
            ConflictError: An index is taken (`ledger/head-moved`).
        """
        ...

    def mend_entry(self, entry: Stored) -> None:
        """Put an entry, and the hash of its leaf, in the place of one that was damaged.

        For `repair` alone, which knows from the tree that these are the right ones.
        """
        ...

    def set_head(self, old: Head, new: Head) -> None:
        """Put a head in the place of the old one, by compare-and-swap.

        Raises:
            ConflictError: The head is no longer the old one (`ledger/head-moved`).
        """
        ...

    def mend_head(self, new: Head) -> None:
        """Put a head in the place of one that was damaged; for `repair` alone."""
        ...

    def drop_signed(self, size: int) -> None:
        """Remove a note that was damaged; for `repair` alone."""
        ...

    def put_object(self, sha256: str, data: bytes) -> None:
        """Keep a public object that entries name by its SHA-256; the same object twice is one."""
        ...

    def request(self, request: str) -> tuple[int, int] | None:
        """Give the first index and the number of the entries that a request made, or None."""
        ...

    def put_request(self, request: str, first: int, count: int) -> None:
        """Keep what a request made.

        Raises:
            ConflictError: The request is known (`ledger/request-taken`).
        """
        ...

    def put_sealed(self, rows: Sequence[Sealed]) -> None:
        """Keep private payloads; their entries are put by the same transaction."""
        ...

    def next_number(self, stream: int) -> int:
        """Give the number that the next entry of a stream takes, from 1.

        The numbers of streams are the caller's; of members positive, of public streams negative.
        """
        ...

    def set_next(self, stream: int, number: int) -> None:
        """Say which number the next entry of a stream takes: never less than it was.

        This is what keeps a tag, made of a stream's key and a number, from being in the log twice.

        Raises:
            ConflictError: The number was taken before (`ledger/number-taken`).
        """
        ...

    def erase_sealed(self, stream: int) -> int:
        """Remove the private payloads of a stream, and give how many there were."""
        ...

    def put_lost(self, first: int, end: int) -> None:
        """Mark that the private payloads of the entries from `first` up to `end` were lost."""
        ...


class LogStore(Protocol):
    """The database of a log: the truth about everything that was acknowledged."""

    def transaction(self) -> AbstractContextManager[Transaction]:
        """Open the one writing transaction.

        On leaving it everything is durable, or after an exception nothing has happened.

        Raises:
            ConflictError: Another process is writing and does not end (`store/busy`).
            UnavailableError: The disk is full, or fails.
        """
        ...

    def head(self) -> Head:
        """Give the head as it was last committed."""
        ...

    def entries(self, first: int, end: int) -> Iterator[Stored]:
        """Give the entries from `first` up to `end`, in order; where one is missing they end.

        Reading many does not keep anybody from writing: what was committed stays as it is.
        """
        ...

    def signed(self, size: int) -> bytes | None:
        """Give the note that was signed for a size, or None."""
        ...

    def last_signed(self) -> tuple[int, bytes] | None:
        """Give the largest size that was signed, and its note."""
        ...

    def put_signed(self, size: int, note: bytes) -> None:
        """Keep the note that was signed for a size, durably; the same note twice is one.

        Raises:
            ConflictError: Another note was signed for this size (`ledger/signed-twice`).
        """
        ...

    def objects(self, first: int) -> Iterator[tuple[str, bytes]]:
        """Give the public objects, by SHA-256, of transactions that began with `first` entries or more."""
        ...

    def sealed(self, first: int, end: int) -> Iterator[Sealed]:
        """Give the private payloads that are there of the entries from `first` up to `end`, in order."""
        ...

    def sealed_of(self, stream: int) -> Iterator[Sealed]:
        """Give the private payloads of a stream, the newest first."""
        ...

    def lost(self) -> Sequence[tuple[int, int]]:
        """Give the ranges of entries whose private payloads were lost, as marked."""
        ...
