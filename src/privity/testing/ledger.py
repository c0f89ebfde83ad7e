# SPDX-License-Identifier: Apache-2.0
"""A log in memory, which keeps the promises of `ledger.ports`: for tests of what writes to a ledger."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from copy import copy
from dataclasses import dataclass, field, replace

from privity.errors import ConflictError
from privity.ledger.note import Signer
from privity.ledger.ports import NO_HEAD, Head, NotFoundError, Sealed, Stored
from privity.ledger.recover import Log


@dataclass(kw_only=True, slots=True)
class MemoryTables:
    """What a `MemoryLog` holds; tests may look at it, and change it where a disk would."""

    entries: dict[int, tuple[bytes, bytes]] = field(default_factory=dict)
    head: Head = NO_HEAD
    signed: dict[int, bytes] = field(default_factory=dict)
    objects: dict[str, tuple[int, bytes]] = field(default_factory=dict)
    requests: dict[str, tuple[int, int]] = field(default_factory=dict)
    sealed: dict[int, Sealed] = field(default_factory=dict)
    streams: dict[int, int] = field(default_factory=dict)
    lost: list[tuple[int, int]] = field(default_factory=list)

    def copy(self) -> MemoryTables:
        """Copy the tables, not the rows, which never change."""
        return replace(self, **{name: copy(getattr(self, name)) for name in self.__slots__})


class MemoryLog:
    """A `LogStore` in memory."""

    def __init__(self) -> None:
        self.tables = MemoryTables()

    @contextmanager
    def transaction(self) -> Iterator[MemoryTransaction]:
        """Open the one writing transaction; after an exception nothing has happened."""
        changed = self.tables.copy()
        yield MemoryTransaction(changed)
        self.tables = changed

    def head(self) -> Head:
        """Give the head."""
        return self.tables.head

    def entries(self, first: int, end: int) -> Iterator[Stored]:
        """Give the entries from `first` up to `end`."""
        for place in sorted(self.tables.entries):
            if first <= place < end:
                yield Stored(place, *self.tables.entries[place])

    def signed(self, size: int) -> bytes | None:
        """Give the note that was signed for a size."""
        return self.tables.signed.get(size)

    def last_signed(self) -> tuple[int, bytes] | None:
        """Give the largest size that was signed, and its note."""
        return max(self.tables.signed.items(), default=None)

    def put_signed(self, size: int, note: bytes) -> None:
        """Keep the note that was signed for a size; never a second one."""
        if self.tables.signed.setdefault(size, note) != note:
            raise ConflictError(
                f"another note was signed for {size} entries", code="ledger/signed-twice"
            )

    def objects(self, first: int) -> Iterator[tuple[str, bytes]]:
        """Give the public objects of transactions that began with `first` entries or more."""
        for name, (size, data) in sorted(self.tables.objects.items()):
            if size >= first:
                yield name, data

    def sealed(self, first: int, end: int) -> Iterator[Sealed]:
        """Give the private payloads of the entries from `first` up to `end`."""
        yield from (
            row for index, row in sorted(self.tables.sealed.items()) if first <= index < end
        )

    def sealed_of(self, stream: int) -> Iterator[Sealed]:
        """Give the private payloads of a stream, the newest first."""
        rows = sorted(self.tables.sealed.items(), reverse=True)
        yield from (row for _, row in rows if row.stream == stream)

    def lost(self) -> Sequence[tuple[int, int]]:
        """Give the ranges of entries whose private payloads were lost."""
        return sorted(self.tables.lost)


class MemoryTransaction:
    """A `Transaction` of `MemoryLog`."""

    def __init__(self, tables: MemoryTables) -> None:
        self._tables = tables
        self._before = tables.head.size

    def head(self) -> Head:
        """Give the head, with what this transaction did to it."""
        return self._tables.head

    def put_entries(
        self, first: int, entries: Sequence[bytes], leaves: Sequence[bytes]
    ) -> None:
        """Put entries at `first` and after."""
        for place, row in enumerate(zip(entries, leaves, strict=True), first):
            if place in self._tables.entries:
                raise _moved()
            self._tables.entries[place] = row

    def mend_entry(self, entry: Stored) -> None:
        """Put an entry in the place of one that was damaged."""
        self._tables.entries[entry.place] = (entry.data, entry.leaf)

    def set_head(self, old: Head, new: Head) -> None:
        """Put a head in the place of the old one."""
        there = self._tables.head
        if (there.size, there.generation) != (old.size, old.generation):
            raise _moved()
        self._tables.head = new

    def mend_head(self, new: Head) -> None:
        """Put a head in the place of one that was damaged."""
        self._tables.head = new

    def drop_signed(self, size: int) -> None:
        """Remove a note that was damaged."""
        self._tables.signed.pop(size, None)

    def put_object(self, sha256: str, data: bytes) -> None:
        """Keep a public object."""
        self._tables.objects.setdefault(sha256, (self._before, data))

    def request(self, request: str) -> tuple[int, int] | None:
        """Give what a request made."""
        return self._tables.requests.get(request)

    def put_request(self, request: str, first: int, count: int) -> None:
        """Keep what a request made."""
        if self._tables.requests.setdefault(request, (first, count)) != (first, count):
            raise ConflictError("a request of this name is known", code="ledger/request-taken")

    def put_sealed(self, rows: Sequence[Sealed]) -> None:
        """Keep private payloads."""
        self._tables.sealed.update({row.index: row for row in rows})

    def next_number(self, stream: int) -> int:
        """Give the number that the next entry of a stream takes."""
        return self._tables.streams.get(stream, 1)

    def set_next(self, stream: int, number: int) -> None:
        """Say which number the next entry of a stream takes."""
        if number < self.next_number(stream):
            raise ConflictError(
                f"number {number} of stream {stream} was taken", code="ledger/number-taken"
            )
        self._tables.streams[stream] = number

    def erase_sealed(self, stream: int) -> int:
        """Remove the private payloads of a stream."""
        found = [index for index, row in self._tables.sealed.items() if row.stream == stream]
        for index in found:
            del self._tables.sealed[index]
        return len(found)

    def put_lost(self, first: int, end: int) -> None:
        """Mark that private payloads were lost."""
        self._tables.lost.append((first, end))


class MemoryTree:
    """A `TileStore` in memory; `files` has what is there, by path."""

    def __init__(self) -> None:
        self.files: dict[str, bytes] = {}

    def read(self, path: str) -> bytes:
        """Give the bytes at a path."""
        try:
            return self.files[path]
        except KeyError as error:
            raise NotFoundError(f"there is no `{path}`", code="ledger/not-found") from error

    def write_new(self, files: Sequence[tuple[str, bytes]]) -> None:
        """Put bytes at paths for good."""
        for path, data in files:
            if self.files.setdefault(path, data) != data:
                raise ConflictError(
                    f"`{path}` is there with other bytes", code="ledger/other-bytes"
                )

    def replace(self, path: str, data: bytes) -> None:
        """Put bytes in the place of what is there."""
        self.files[path] = data

    def remove_partial(self, path: str) -> None:
        """Remove the partial tiles of a tile that is there in full."""
        if path in self.files:
            for partial in [one for one in self.files if one.startswith(f"{path}.p/")]:
                del self.files[partial]


class MemoryNote:
    """A `NoteStore` in memory."""

    def __init__(self) -> None:
        self.note: bytes | None = None

    def read(self) -> bytes | None:
        """Give the note, or None if there has been none."""
        return self.note

    def swap(self, old: bytes | None, new: bytes) -> None:
        """Put a note in the place of the old one."""
        if self.note != old:
            raise ConflictError("another note is there", code="ledger/anchor-moved")
        self.note = new


def memory_log(signer: Signer) -> Log:
    """Give an empty log in memory, which the signer publishes."""
    return Log(
        origin=signer.name,
        vkeys=(signer.vkey,),
        store=MemoryLog(),
        tree=MemoryTree(),
        anchor=MemoryNote(),
    )


def _moved() -> ConflictError:
    return ConflictError("the log was written to meanwhile", code="ledger/head-moved")
