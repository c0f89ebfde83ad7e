# SPDX-License-Identifier: Apache-2.0
"""What a durable append costs beyond SQLite's own, and how soon what was acknowledged is public.

Both sides write the same bytes into SQLite, set up alike, in transactions of the same size, in turn. The raw
side has a table for what is appended, which is an `entry` alone or also its `payload`, and nothing else. The
ledger's side hashes, keeps the hashes, folds them into the tree and swaps the head. As an `event` it also
keeps the number of a member's stream and the name of a request, which nothing on the raw side stands for.
"""

from __future__ import annotations

import os
import random
import shutil
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from itertools import count
from json import dumps, loads
from pathlib import Path
from typing import Any, Final

from benchmarks.child import Work, run
from privity.ledger.log import append
from privity.ledger.note import Signer
from privity.ledger.ports import Sealed
from privity.ledger.publish import publish
from privity.ledger.recover import Log
from privity.store.database import Database, Journal
from privity.store.files import Folder, NoteFile
from privity.store.ledger_tables import KIND
from privity.store.opening import Kind, create, open_there
from privity.store.sqlite import SqliteLog, create_log, open_log

BATCHES: Final = (1, 10, 100, 1000)
WHAT: Final = ("entry", "payload", "event")
ENTRY: Final = 137
PAYLOAD: Final = 300
MEMBERS: Final = 10_000
ROUNDS: Final = 5
TRANSACTIONS: Final = {1: 100, 10: 60, 100: 40, 1000: 15}
"""In a round of each side, by entries in a transaction."""
BEFORE: Final = 200_000
SECONDS: Final = 20.0
EVERY: Final = 0.5
"""Seconds from the beginning of a publication to that of the next."""

_ORIGIN: Final = "example.com/benchmark"
_NOW: Final = 1_790_000_000
_SIGNER: Final = Signer(name=_ORIGIN, seed=bytes(32))
_RAW: Final = Kind(
    name="raw table",
    application=1,
    version=1,
    tables=(
        "CREATE TABLE entry (number INTEGER PRIMARY KEY, data BLOB NOT NULL) STRICT",
        "CREATE TABLE payload (number INTEGER PRIMARY KEY, data BLOB NOT NULL) STRICT",
    ),
)

Append = Callable[[Sequence[bytes], Sequence[bytes]], None]
"""Commits entries, and a payload for each, in one transaction."""


def measure(folder: Path, before: int, seconds: float = SECONDS) -> dict[str, Any]:
    """Give what appends cost by size and journal, and how long entries wait to be published."""
    appended = [
        run(
            "ledger:appending", folder=folder, batch=batch, journal=journal, what=what,
            before=before,
        ).found
        for journal in ("truncate", "wal")
        for what in WHAT
        for batch in BATCHES
    ]  # fmt: skip
    published = run("ledger:publishing", folder=folder, seconds=seconds).found
    return {"append": appended, "publish": dict(published)}


def appending(folder: str, batch: int, journal: Journal, what: str, before: int) -> Work:
    """Prepare two databases with so many entries, and append to them in turn."""
    place = _emptied(folder)
    create_log(place / "ledger.db", origin=_ORIGIN).close()
    ledger = open_there(place / "ledger.db", KIND)
    raw = create(place / "raw.db", _RAW)
    for database in (ledger, raw):
        database.use_journal(journal)
    sides = {"raw": _raw(raw, what), "ledger": _LEDGER[what](SqliteLog(ledger))}
    payloads = [os.urandom(PAYLOAD)] * 10_000
    for _ in range(before // 10_000):
        entries = _entries(10_000)
        for side in sides.values():
            side(entries, payloads)

    def work() -> dict[str, Any]:
        rounds = [_round(sides, batch) for _ in range(ROUNDS)]
        ratios = [one["ledger"][0] / one["raw"][0] for one in rounds]
        wall, cpu = (
            {name: statistics.median(one[name][place] for one in rounds) for name in sides}
            for place in (0, 1)
        )
        found = {
            "journal": journal,
            "what": what,
            "batch": batch,
            "entries_per_s": batch / wall["ledger"],
            "raw_per_s": batch / wall["raw"],
            "ratio": statistics.median(ratios),
            "cpu_us": cpu["ledger"] / batch * 1e6,
            "raw_cpu_us": cpu["raw"] / batch * 1e6,
        }
        shutil.rmtree(place)
        return found

    return work


def _round(sides: dict[str, Append], batch: int) -> dict[str, tuple[float, float]]:
    """Give seconds of the clock and of the processor for a transaction: of the clock the median."""
    wall: dict[str, list[float]] = {name: [] for name in sides}
    cpu = dict.fromkeys(sides, 0.0)
    for _ in range(TRANSACTIONS[batch]):
        entries, payloads = _entries(batch), [os.urandom(PAYLOAD) for _ in range(batch)]
        for name, side in sides.items():
            start, used = time.perf_counter(), time.process_time()
            side(entries, payloads)
            cpu[name] += time.process_time() - used
            wall[name].append(time.perf_counter() - start)
    return {
        name: (statistics.median(wall[name]), cpu[name] / TRANSACTIONS[batch]) for name in sides
    }


def _entries(count: int) -> list[bytes]:
    return [os.urandom(ENTRY) for _ in range(count)]


def _raw(database: Database, what: str) -> Append:
    def work(entries: Sequence[bytes], payloads: Sequence[bytes]) -> None:
        with database.transaction():
            database.run_many(
                "INSERT INTO entry (data) VALUES (?)", [(one,) for one in entries]
            )
            if what != "entry":
                database.run_many(
                    "INSERT INTO payload (data) VALUES (?)", [(one,) for one in payloads]
                )

    return work


def _entry(log: SqliteLog) -> Append:
    def work(entries: Sequence[bytes], payloads: Sequence[bytes]) -> None:
        del payloads
        with log.transaction() as tx:
            append(tx, entries, time=_NOW)

    return work


def _payload(log: SqliteLog) -> Append:
    def work(entries: Sequence[bytes], payloads: Sequence[bytes]) -> None:
        with log.transaction() as tx:
            first = append(tx, entries, time=_NOW)
            tx.put_sealed(
                [
                    Sealed(index=index, stream=1, number=index + 1, payload=payload)
                    for index, payload in enumerate(payloads, first)
                ]
            )

    return work


def _event(log: SqliteLog) -> Append:
    dice = random.Random(7)
    requests = count()

    def work(entries: Sequence[bytes], payloads: Sequence[bytes]) -> None:
        with log.transaction() as tx:
            first = append(tx, entries, time=_NOW, request=f"request {next(requests)}")
            rows: list[Sealed] = []
            for index, payload in enumerate(payloads, first):
                stream = dice.randrange(MEMBERS) + 1
                number = tx.next_number(stream)
                tx.set_next(stream, number + 1)
                rows.append(Sealed(index=index, stream=stream, number=number, payload=payload))
            tx.put_sealed(rows)

    return work


_LEDGER: Final = {"entry": _entry, "payload": _payload, "event": _event}


def publishing(folder: str, seconds: float) -> Work:
    """Prepare a log that one process writes and another publishes."""
    place = _emptied(folder)
    store = create_log(place / "ledger.db", origin=_ORIGIN)
    log = Log(
        origin=_ORIGIN,
        vkeys=(_SIGNER.vkey,),
        store=store,
        tree=Folder(place / "public"),
        anchor=NoteFile(place / "anchor" / "checkpoint"),
    )
    publish(log, [_SIGNER])

    def work() -> dict[str, Any]:
        arguments = dumps({"folder": str(place), "seconds": seconds})
        command = [sys.executable, "-m", "benchmarks.child", "ledger:writing", arguments]
        published: list[tuple[int, float]] = []
        with (place / "writer").open("w+b") as said:
            with subprocess.Popen(command, stdout=said) as writer:
                while writer.poll() is None:
                    began = time.monotonic()
                    size = publish(log, [_SIGNER]).checkpoint.size
                    published.append((size, time.monotonic()))
                    time.sleep(max(0.0, began + EVERY - time.monotonic()))
            said.seek(0)
            committed = loads(said.readlines()[-1])["found"]["committed"]
        published.append((publish(log, [_SIGNER]).checkpoint.size, time.monotonic()))
        waits = _waits(committed, published)
        shutil.rmtree(place)
        return {
            "entries_per_s": committed[-1][0] / seconds,
            "publications": len(published),
            "wait_p50_s": statistics.median(waits),
            "wait_p99_s": waits[len(waits) * 99 // 100],
        }

    return work


def writing(folder: str, seconds: float) -> Work:
    """Prepare to append a thousand entries a second, ten at a time."""
    store = open_log(Path(folder) / "ledger.db", origin=_ORIGIN)

    def work() -> dict[str, Any]:
        committed: list[tuple[int, float]] = []
        begin = time.monotonic()
        while (now := time.monotonic()) < begin + seconds:
            with store.transaction() as tx:
                first = append(tx, _entries(10), time=_NOW)
            committed.append((first + 10, time.monotonic()))
            time.sleep(max(0.0, now + 0.01 - time.monotonic()))
        return {"committed": committed}

    return work


def _waits(
    committed: Sequence[tuple[int, float]], published: Sequence[tuple[int, float]]
) -> list[float]:
    """Give how long each commit waited for a checkpoint that covers it, sorted."""
    waits: list[float] = []
    at = 0
    for size, moment in committed:
        while published[at][0] < size:
            at += 1
        waits.append(published[at][1] - moment)
    return sorted(waits)


def _emptied(folder: str) -> Path:
    place = Path(folder) / "ledger"
    if place.exists():
        shutil.rmtree(place)
    place.mkdir(parents=True)
    return place
