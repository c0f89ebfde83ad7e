# SPDX-License-Identifier: Apache-2.0
"""A writer and a publisher that are killed at random moments, and a look over the log after each time.

Run as a program (`python -m tests.faults.ledger_kills FOLDER TIMES SEED`), it prints a line of JSON each time.
"""

from __future__ import annotations

import json
import os
import random
import signal
import sys
import time
from collections.abc import Callable
from itertools import count
from pathlib import Path

from tests.faults.ledgers import Place, all_entries, entries, look, put_all, release, served
from tests.unit.ledger.logs import VKEYS

from privity.ledger.checkpoint import Checkpoint, open_checkpoint
from privity.ledger.recover import Log, check_start
from privity.store.lock import locked

LONGEST = 0.15
"""Seconds that the two live, at most."""
FRESH = 10
"""After so many kills another log is begun: looking over a long one takes its time."""


def write(log: Log, acknowledge: Callable[[str], None], dice: random.Random) -> None:
    """Append until the end; say what is durable."""
    while True:
        first = log.store.head().size
        some = dice.choice((1, 1, 2, 7, 40))
        put_all(log, f"request {first}", first, some)
        acknowledge(f"{first} {some}")


def publish_on(log: Log, acknowledge: Callable[[str], None], dice: random.Random) -> None:
    """Publish until the end; say what was published."""
    while True:
        acknowledge(release(log).note.hex())
        time.sleep(dice.random() * 0.004)


def in_a_child(
    work: Callable[[Log, Callable[[str], None], random.Random], None], place: Place, seed: int
) -> tuple[int, int]:
    """Start work that never ends in a process of its own; give its id, and where it says what it did."""
    reading, writing = os.pipe()
    child = os.fork()
    if child:
        os.close(writing)
        return child, reading
    try:
        os.close(reading)
        # What was said before the kill is in the pipe: no buffer of this process is lost with it.
        with place.opened() as log:
            work(log, lambda text: _say(writing, text), random.Random(seed))
    finally:
        os._exit(1)


def _say(writing: int, text: str) -> None:
    os.write(writing, f"{text}\n".encode())


def said(reading: int) -> list[str]:
    """Everything that a child said, by whole lines."""
    with open(reading, encoding="ascii") as stream:
        return [line[:-1] for line in stream if line.endswith("\n")]


def one_time(place: Place, dice: random.Random, seen: list[Checkpoint]) -> dict[str, int]:
    """Let both work, kill them, and look over everything."""
    children = [in_a_child(work, place, dice.getrandbits(32)) for work in (write, publish_on)]
    moments = sorted((dice.random() * LONGEST, child) for child, _ in children)
    began = time.monotonic()
    for moment, child in moments:
        time.sleep(max(0.0, began + moment - time.monotonic()))
        os.kill(child, signal.SIGKILL)
        _, status = os.waitpid(child, 0)
        # Whoever ended of itself met an error: that is not what was asked.
        assert os.waitstatus_to_exitcode(status) == -signal.SIGKILL
    acknowledged, notes = (said(reading) for _, reading in children)
    seen += [open_checkpoint(bytes.fromhex(note), VKEYS) for note in notes]
    with locked(place.folder / "state" / "ledger.lock"), place.opened() as log:
        check_start(log)
        there = all_entries(log)
        for line in acknowledged:
            first, some = map(int, line.split())
            assert there[first : first + some] == entries(first, some), line
        assert there == entries(0, len(there))
        # By one commit with its entries, or not at all.
        assert len(list(log.store.sealed_of(7))) == len(there)
        if (now := served(log)) is not None:
            seen.append(now)
        look(log, seen[-3:])
        published = release(log).checkpoint
        seen.append(published)
        assert published.size == len(there)
    return {"acknowledged": len(acknowledged), "notes": len(notes), "size": len(there)}


def main(folder: Path, times: int, seed: int) -> None:
    """Kill so often."""
    dice = random.Random(seed)
    place = Place(folder)
    seen: list[Checkpoint] = []
    for number in count():
        if number == times:
            break
        if number % FRESH == 0:
            place = Place(folder / str(number))
            place.create()
            seen = []
        print(json.dumps(one_time(place, dice, seen)), flush=True)  # noqa: T201 - read by the test


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3]))
