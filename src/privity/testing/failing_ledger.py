# SPDX-License-Identifier: Apache-2.0
"""Ports of a ledger that fail when they are told to: for tests of what writes to one.

Around the stores of `testing.ledger`, or around any others, `failing` puts one that counts each operation and lets one of
them fail before or after its effect. Who tests against it tries them all.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from typing import TypeVar

from privity.errors import UnavailableError
from privity.ledger.ports import (
    Head,
    LogStore,
    NoteStore,
    Sealed,
    Stored,
    TileStore,
    Transaction,
)
from privity.ledger.recover import Log

Answer = TypeVar("Answer")


class InjectedError(UnavailableError):
    """A failure that a test asked for."""


class Faults:
    """Counts operations, and lets one fail.

    Attributes:
        operations: The names of those that began.
        failed: Whether the one that was chosen has failed.
    """

    def __init__(self) -> None:
        self.operations: list[str] = []
        self.failed = False
        self._chosen: tuple[int, bool] | None = None

    def choose(self, number: int, *, done: bool) -> None:
        """Let an operation fail, the first being 0: before its effect, or when it is done.

        What is read one by one and left early is never done, and so does not fail after it.
        """
        self.operations = []
        self._chosen = (number, done)

    def begin(self, name: str) -> int:
        """Count an operation, and fail before it if it is the one; give its number."""
        number = len(self.operations)
        self.operations.append(name)
        self._fail(number, done=False)
        return number

    def end(self, number: int) -> None:
        """Fail after an operation if it is the one."""
        self._fail(number, done=True)

    def around(self, name: str, work: Callable[[], Answer]) -> Answer:
        """Do an operation between the two moments at which it may fail."""
        number = self.begin(name)
        try:
            return work()
        finally:
            # An operation that raises of itself is over too.
            self.end(number)

    def _fail(self, number: int, *, done: bool) -> None:
        if self._chosen == (number, done):
            self._chosen = None
            self.failed = True
            when = "after" if done else "before"
            raise InjectedError(
                f"`{self.operations[number]}` failed {when} its effect", code="testing/injected"
            )


def failing(log: Log, faults: Faults) -> Log:
    """Give the same log, each operation of whose ports may fail."""
    return replace(
        log,
        store=FailingLog(log.store, faults),
        tree=FailingTree(log.tree, faults),
        anchor=FailingNote(log.anchor, faults),
    )


class FailingLog:
    """A `LogStore` whose operations may fail."""

    def __init__(self, store: LogStore, faults: Faults) -> None:
        self._store = store
        self._faults = faults

    @contextmanager
    def transaction(self) -> Iterator[FailingTransaction]:
        """Open the transaction; its commit is an operation of its own."""
        number = self._faults.begin("transaction")
        with self._store.transaction() as opened:
            self._faults.end(number)
            yield FailingTransaction(opened, self._faults)
            # Before its effect: within the transaction, which is taken back then.
            number = self._faults.begin("commit")
        self._faults.end(number)

    def head(self) -> Head:
        """Give the head."""
        return self._faults.around("head", self._store.head)

    def entries(self, first: int, end: int) -> Iterator[Stored]:
        """Give the entries from `first` up to `end`."""
        number = self._faults.begin("entries")
        yield from self._store.entries(first, end)
        self._faults.end(number)

    def signed(self, size: int) -> bytes | None:
        """Give the note that was signed for a size."""
        return self._faults.around("signed", lambda: self._store.signed(size))

    def last_signed(self) -> tuple[int, bytes] | None:
        """Give the largest size that was signed, and its note."""
        return self._faults.around("last_signed", self._store.last_signed)

    def put_signed(self, size: int, note: bytes) -> None:
        """Keep the note that was signed for a size."""
        self._faults.around("put_signed", lambda: self._store.put_signed(size, note))

    def objects(self, first: int) -> Iterator[tuple[str, bytes]]:
        """Give the public objects of transactions that began with `first` entries or more."""
        number = self._faults.begin("objects")
        yield from self._store.objects(first)
        self._faults.end(number)

    def sealed(self, first: int, end: int) -> Iterator[Sealed]:
        """Give the private payloads of the entries from `first` up to `end`."""
        number = self._faults.begin("sealed")
        yield from self._store.sealed(first, end)
        self._faults.end(number)

    def sealed_of(self, stream: int) -> Iterator[Sealed]:
        """Give the private payloads of a stream, the newest first."""
        number = self._faults.begin("sealed_of")
        yield from self._store.sealed_of(stream)
        self._faults.end(number)

    def lost(self) -> Sequence[tuple[int, int]]:
        """Give the ranges of entries whose private payloads were lost."""
        return self._faults.around("lost", self._store.lost)


class FailingTransaction:
    """A `Transaction` whose operations may fail."""

    def __init__(self, tx: Transaction, faults: Faults) -> None:
        self._tx = tx
        self._faults = faults

    def head(self) -> Head:
        """Give the head."""
        return self._faults.around("tx.head", self._tx.head)

    def put_entries(
        self, first: int, entries: Sequence[bytes], leaves: Sequence[bytes]
    ) -> None:
        """Put entries at `first` and after."""
        self._faults.around("put_entries", lambda: self._tx.put_entries(first, entries, leaves))

    def mend_entry(self, entry: Stored) -> None:
        """Put an entry in the place of one that was damaged."""
        self._faults.around("mend_entry", lambda: self._tx.mend_entry(entry))

    def set_head(self, old: Head, new: Head) -> None:
        """Put a head in the place of the old one."""
        self._faults.around("set_head", lambda: self._tx.set_head(old, new))

    def mend_head(self, new: Head) -> None:
        """Put a head in the place of one that was damaged."""
        self._faults.around("mend_head", lambda: self._tx.mend_head(new))

    def drop_signed(self, size: int) -> None:
        """Remove a note that was damaged."""
        self._faults.around("drop_signed", lambda: self._tx.drop_signed(size))

    def put_object(self, sha256: str, data: bytes) -> None:
        """Keep a public object."""
        self._faults.around("put_object", lambda: self._tx.put_object(sha256, data))

    def request(self, request: str) -> tuple[int, int] | None:
        """Give what a request made."""
        return self._faults.around("request", lambda: self._tx.request(request))

    def put_request(self, request: str, first: int, count: int) -> None:
        """Keep what a request made."""
        self._faults.around("put_request", lambda: self._tx.put_request(request, first, count))

    def put_sealed(self, rows: Sequence[Sealed]) -> None:
        """Keep private payloads."""
        self._faults.around("put_sealed", lambda: self._tx.put_sealed(rows))

    def next_number(self, stream: int) -> int:
        """Give the number that the next entry of a stream takes."""
        return self._faults.around("next_number", lambda: self._tx.next_number(stream))

    def set_next(self, stream: int, number: int) -> None:
        """Say which number the next entry of a stream takes."""
        self._faults.around("set_next", lambda: self._tx.set_next(stream, number))

    def erase_sealed(self, stream: int) -> int:
        """Remove the private payloads of a stream."""
        return self._faults.around("erase_sealed", lambda: self._tx.erase_sealed(stream))

    def put_lost(self, first: int, end: int) -> None:
        """Mark that private payloads were lost."""
        self._faults.around("put_lost", lambda: self._tx.put_lost(first, end))


class FailingTree:
    """A `TileStore` whose operations may fail; of many files at once each is one."""

    def __init__(self, tree: TileStore, faults: Faults) -> None:
        self._tree = tree
        self._faults = faults

    def read(self, path: str) -> bytes:
        """Give the bytes at a path."""
        return self._faults.around(f"read {path}", lambda: self._tree.read(path))

    def write_new(self, files: Sequence[tuple[str, bytes]]) -> None:
        """Put bytes at paths for good."""
        for file in files:
            self._write_one(file)

    def _write_one(self, file: tuple[str, bytes]) -> None:
        self._faults.around(f"write_new {file[0]}", lambda: self._tree.write_new([file]))

    def replace(self, path: str, data: bytes) -> None:
        """Put bytes in the place of what is there."""
        self._faults.around(f"replace {path}", lambda: self._tree.replace(path, data))

    def remove_partial(self, path: str) -> None:
        """Remove the partial tiles of a tile that is there in full."""
        self._faults.around("remove_partial", lambda: self._tree.remove_partial(path))


class FailingNote:
    """A `NoteStore` whose operations may fail."""

    def __init__(self, note: NoteStore, faults: Faults) -> None:
        self._note = note
        self._faults = faults

    def read(self) -> bytes | None:
        """Give the note."""
        return self._faults.around("read anchor", self._note.read)

    def swap(self, old: bytes | None, new: bytes) -> None:
        """Put a note in the place of the old one."""
        self._faults.around("swap anchor", lambda: self._note.swap(old, new))
