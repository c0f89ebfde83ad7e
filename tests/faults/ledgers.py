# SPDX-License-Identifier: Apache-2.0
"""Logs on disk and in memory to be broken, what writes to them, and the look over everything afterwards."""

from __future__ import annotations

import shutil
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

from tests.unit.ledger.logs import ORIGIN, SIGNER, VKEYS

from privity.ledger.checkpoint import Checkpoint, open_checkpoint
from privity.ledger.log import append
from privity.ledger.ports import CHECKPOINT, NotFoundError, Sealed, Stored
from privity.ledger.publish import Published, publish
from privity.ledger.recover import Log, check_database
from privity.ledger.verify import verify_log
from privity.store.files import Folder, NoteFile
from privity.store.sqlite import SqliteLog, create_log, open_log

NOW = 1_790_000_000


@dataclass(frozen=True)
class Place:
    """A workspace's folder, as far as the log goes."""

    folder: Path

    @property
    def database(self) -> Path:
        return self.folder / "state" / "ledger.db"

    @property
    def public(self) -> Path:
        return self.folder / "public"

    @property
    def anchor(self) -> Path:
        return self.folder / "anchor" / "checkpoint"

    def create(self, origin: str = ORIGIN) -> None:
        self.database.parent.mkdir(parents=True)
        create_log(self.database, origin=origin).close()

    @contextmanager
    def opened(self, *, adopt: bool = False, origin: str = ORIGIN) -> Iterator[Log]:
        store = open_log(self.database, origin=origin, adopt=adopt)
        try:
            yield self.log(store)
        finally:
            store.close()

    def log(self, store: SqliteLog) -> Log:
        return Log(
            origin=ORIGIN,
            vkeys=VKEYS,
            store=store,
            tree=Folder(self.public),
            anchor=NoteFile(self.anchor),
        )

    def keep(self, name: str) -> Path:
        """Copy everything as it is, for later."""
        kept = self.folder.with_name(f"{self.folder.name}-{name}")
        shutil.copytree(self.folder, kept)
        return kept


def entries(first: int, count: int, salt: str = "") -> list[bytes]:
    """Entries that differ, as long as those of the product."""
    return [
        f"{salt}{number:>8} {sha256(f'{salt}{number}'.encode()).hexdigest() * 2}".encode()[:137]
        for number in range(first, first + count)
    ]


def put(log: Log, count: int, *, salt: str = "", time: int = NOW) -> int:
    """Append entries."""
    with log.store.transaction() as tx:
        return append(tx, entries(tx.head().size, count, salt), time=time)


def release(log: Log) -> Published:
    """Publish."""
    return publish(log, [SIGNER])


def put_all(log: Log, request: str, first: int, count: int) -> int:
    """Append by a request, with all that one commit may hold: payloads, a stream, a public object."""
    text = f"object of {request}".encode()
    with log.store.transaction() as tx:
        if (known := tx.request(request)) is not None:
            return known[0]
        number = tx.next_number(7)
        index = append(tx, entries(first, count), time=NOW, request=request)
        tx.put_sealed(
            [
                Sealed(index=index + at, stream=7, number=number + at, payload=b"sealed" * 9)
                for at in range(count)
            ]
        )
        tx.set_next(7, number + count)
        tx.put_object(sha256(text).hexdigest(), text)
    return index


def all_entries(log: Log) -> list[bytes]:
    return [row.data for row in log.store.entries(0, log.store.head().size)]


def served(log: Log) -> Checkpoint | None:
    """The checkpoint that anybody could read."""
    try:
        return open_checkpoint(log.tree.read(CHECKPOINT), VKEYS)
    except NotFoundError:
        return None


def look(log: Log, saved: Sequence[Checkpoint] = ()) -> None:
    """Verify everything: the database, the tree, that it extends what was seen, one note a size."""
    check_database(log)
    for one in saved:
        if one.size:
            verify_log(log.tree, VKEYS, saved=one)
    if served(log) is not None:
        verify_log(log.tree, VKEYS)
    for index, row in enumerate(log.store.entries(0, log.store.head().size)):
        assert row == Stored(index, row.data, sha256(b"\x00" + row.data).digest())
