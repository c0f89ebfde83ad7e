# SPDX-License-Identifier: Apache-2.0
"""Whatever fails at whatever moment, a log loses nothing that was acknowledged and never has two histories."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import pytest
from tests.faults.ledgers import (
    NOW,
    Place,
    all_entries,
    entries,
    look,
    put_all,
    release,
    served,
)
from tests.unit.ledger.logs import SIGNER

from privity.ledger.checkpoint import Checkpoint
from privity.ledger.recover import Log, State, check_start
from privity.ledger.repair import repair
from privity.testing.failing_ledger import Faults, InjectedError, failing
from privity.testing.ledger import MemoryLog, memory_log

STEPS = ((3, "a"), (0, ""), (300, "b"), (1, "c"), (0, ""), (2, "d"), (0, ""))
"""How many entries are appended by which request; 0 stands for publishing."""
TOTAL = sum(count for count, _ in STEPS)


class Seen:
    """What the world was told, and must stay true."""

    def __init__(self) -> None:
        self.acknowledged: dict[int, list[bytes]] = {}
        self.checkpoints: list[Checkpoint] = []


def life(log: Log, seen: Seen) -> None:
    """Append and publish as `STEPS` say; what was done before is asked for again."""
    first = 0
    for count, request in STEPS:
        if count:
            index = put_all(log, request, first, count)
            assert index == first
            seen.acknowledged[index] = entries(first, count)
        else:
            seen.checkpoints.append(release(log).checkpoint)
        first += count


def look_after(log: Log, seen: Seen) -> None:
    """What was acknowledged is there, and what was seen is extended."""
    there = all_entries(log)
    for first, some in seen.acknowledged.items():
        assert there[first : first + len(some)] == some
    if (now := served(log)) is not None:
        seen.checkpoints.append(now)
    look(log, seen.checkpoints)


def operations_of(make: Callable[[], Log], work: Callable[[Log], object]) -> list[str]:
    faults = Faults()
    work(failing(make(), faults))
    return faults.operations


def test_every_operation_may_fail_before_and_after_its_effect() -> None:
    names = operations_of(lambda: memory_log(SIGNER), lambda log: life(log, Seen()))
    assert {name.split()[0] for name in names} >= {
        "commit", "entries", "head", "last_signed", "objects", "put_entries", "put_object",
        "put_request", "put_sealed", "put_signed", "read", "remove_partial", "replace", "request",
        "set_head", "set_next", "signed", "swap", "transaction", "tx.head", "write_new",
    }  # fmt: skip
    for number in range(len(names)):
        for done in (False, True):
            fail_and_go_on(memory_log(SIGNER), number, done=done)


def fail_and_go_on(log: Log, number: int, *, done: bool) -> None:
    faults = Faults()
    faults.choose(number, done=done)
    seen = Seen()
    with pytest.raises(InjectedError):
        life(failing(log, faults), seen)
    # The process has ended; the next one looks, and does what is left.
    look_after(log, seen)
    life(log, seen)
    look_after(log, seen)
    assert all_entries(log) == entries(0, TOTAL)
    assert len(list(log.store.sealed_of(7))) == TOTAL
    assert check_start(log).state is State.OK


@pytest.mark.parametrize(
    "step", [pytest.param(17, id="some"), pytest.param(1, id="all", marks=pytest.mark.slow)]
)
def test_every_operation_may_fail_on_disk(tmp_path: Path, step: int) -> None:
    names = operations_of(lambda: memory_log(SIGNER), lambda log: life(log, Seen()))
    for number in range(0, len(names), step):
        for done in (False, True):
            place = Place(tmp_path / f"{number}-{done}")
            place.create()
            with place.opened() as log:
                fail_and_go_on(log, number, done=done)


def rolled_back() -> Log:
    """A log whose database is older than what was published."""
    log = memory_log(SIGNER)
    assert isinstance(log.store, MemoryLog)
    put_all(log, "a", 0, 5)
    old = log.store.tables.copy()
    put_all(log, "b", 5, 300)
    release(log)
    log.store.tables = old
    return log


def test_every_operation_of_a_repair_may_fail_and_the_next_repair_ends_it() -> None:
    def mend(log: Log) -> None:
        repair(log, time_of=lambda _: NOW)

    names = operations_of(rolled_back, mend)
    assert {"commit", "put_lost", "mend_head", "put_signed"} <= set(names)
    for number in range(len(names)):
        for done in (False, True):
            log = rolled_back()
            faults = Faults()
            faults.choose(number, done=done)
            with suppress(InjectedError):
                mend(failing(log, faults))
            # Who looks at entries stops at the first that is wrong.
            assert faults.failed or names[number] == "entries"
            mend(log)
            look(log)
            assert all_entries(log) == entries(0, 305)
            lost = [index for first, end in log.store.lost() for index in range(first, end)]
            assert lost == list(range(5, 305))


@pytest.mark.parametrize(
    "times", [pytest.param(60, id="60"), pytest.param(1000, id="1000", marks=pytest.mark.slow)]
)
def test_a_kill_at_any_moment_loses_nothing_that_was_acknowledged(
    tmp_path: Path, repository: Path, times: int
) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "tests.faults.ledger_kills", str(tmp_path), str(times), "3"],
        cwd=repository,
        capture_output=True,
        text=True,
        timeout=3600,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    runs = [json.loads(line) for line in done.stdout.splitlines()]
    assert len(runs) == times
    # They were at work when they were killed, not before or after it.
    assert sum(run["acknowledged"] for run in runs) > times
    assert sum(run["notes"] for run in runs) > times
