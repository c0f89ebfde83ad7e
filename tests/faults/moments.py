# SPDX-License-Identifier: Apache-2.0
"""The moments of a clearing at which it touches the disk, counted, so that a test can pick one.

Each operation has two moments, before it and after it: what is lost or torn differs. Run as a program,
it makes each moment in turn the last one of a process of its own (`python -m tests.faults.moments`).
"""

from __future__ import annotations

import fcntl
import json
import os
import shutil
import signal
import sys
import tempfile
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any, NoReturn

import pyarrow.parquet as pq
import pytest

from privity.cli import main

OPERATIONS: Sequence[tuple[Any, str]] = (
    (fcntl, "flock"),
    (os, "fsync"),
    (os, "open"),
    (os, "pwrite"),
    (Path, "chmod"),
    (Path, "mkdir"),
    (Path, "open"),
    (Path, "rename"),
    (pq.ParquetWriter, "__init__"),
    (pq.ParquetWriter, "close"),
    (pq.ParquetWriter, "write_table"),
    (shutil, "rmtree"),
)


def _writes(arguments: tuple[Any, ...]) -> bool:
    """Tell whether `os.open` or `Path.open` is called to write."""
    mode = arguments[1] if len(arguments) > 1 else "r"
    return "w" in mode if isinstance(mode, str) else bool(mode & os.O_CREAT)


@dataclass(frozen=True)
class Moment:
    """One moment.

    Attributes:
        number: Which one of the run, from 0.
        name: The operation.
        done: Whether the operation is over.
    """

    number: int
    name: str
    done: bool


@contextmanager
def watched(at: Callable[[Moment], None]) -> Iterator[None]:
    """Call `at` at each moment; what it raises comes out of the operation."""
    lock = threading.Lock()
    count = 0

    def tell(name: str, *, done: bool) -> None:
        nonlocal count
        with lock:
            moment = Moment(count, name, done)
            count += 1
        at(moment)

    def around(name: str, operation: Callable[..., Any]) -> Callable[..., Any]:
        def call(*arguments: Any, **named: Any) -> Any:
            # What may fail without harm, and what is only read.
            if named.get("ignore_errors") or (name == "open" and not _writes(arguments)):
                return operation(*arguments, **named)
            tell(name, done=False)
            found = operation(*arguments, **named)
            # Whoever opens a thing has it in hand when the call is over, or never had it.
            if name not in {"open", "__init__"}:
                tell(name, done=True)
            return found

        return call

    with pytest.MonkeyPatch.context() as patch:
        for owner, name in OPERATIONS:
            patch.setattr(owner, name, around(name, getattr(owner, name)))
        yield


def run(arguments: Sequence[str], number: int, number_of_signal: int) -> NoReturn:
    """Run the program, and send this process a signal at a moment; exit as the program does."""

    def at(moment: Moment) -> None:
        if moment.number == number:
            os.kill(os.getpid(), number_of_signal)

    # Whoever runs the tests in the background has it ignored, and so have its children.
    signal.signal(signal.SIGINT, signal.default_int_handler)
    with watched(at):
        main(arguments)


def in_a_child(work: Callable[[], object], said: int) -> int:
    """Run work in a process of its own, its output to a file; give how it ended."""
    child = os.fork()
    if child:
        _, status = os.waitpid(child, 0)
        return os.waitstatus_to_exitcode(status)
    code = 99
    try:
        for stream in (1, 2):
            os.dup2(said, stream)
        work()
    except SystemExit as stop:
        code = stop.code if isinstance(stop.code, int) else 98
    finally:
        os._exit(code)


def left_in(folder: Path) -> list[str]:
    """What lies in a folder."""
    return sorted(path.name for path in folder.iterdir())


def every_moment(name: str, step: int, arguments: Sequence[str]) -> None:
    """Let runs end at each moment in turn, and print how each ended and what it left.

    Ends with the first run that has no such moment. What a run leaves stays for the next one, as it
    would; a set that was made is removed.
    """
    out = Path(arguments[arguments.index("--out") + 1])
    _warm_up(arguments, out)
    number = 0
    while True:
        with tempfile.TemporaryFile() as said:
            work = partial(run, arguments, number, signal.Signals[name])
            ended = in_a_child(work, said.fileno())
            said.seek(0)
            text = said.read().decode()
        print(  # noqa: T201 - read by the test that started this
            json.dumps(
                {
                    "moment": number,
                    "ended": ended,
                    "said": text,
                    "left": left_in(out.parent),
                    "set": left_in(out) if out.exists() else None,
                }
            ),
            flush=True,
        )
        made = out.exists()
        if made:
            shutil.rmtree(out)
        if ended == 0:
            return
        number += step


def _warm_up(arguments: Sequence[str], out: Path) -> None:
    """Load whatever a run loads, so that the children need not."""
    with open(os.devnull, "wb") as nothing, suppress(SystemExit):  # noqa: PTH123 - Path.open is watched
        before = os.dup(1)
        os.dup2(nothing.fileno(), 1)
        try:
            main(arguments)
        finally:
            sys.stdout.flush()
            os.dup2(before, 1)
            os.close(before)
    shutil.rmtree(out)


if __name__ == "__main__":
    every_moment(sys.argv[1], int(sys.argv[2]), sys.argv[3:])
