# SPDX-License-Identifier: Apache-2.0
"""Runs one step in a process of its own and measures it there.

Every timed thing starts from the same: a fresh interpreter, what it needs imported and loaded, the
files in the page cache, nothing waiting to be written. Timed is the work alone, in that process, by
its own clock. The peak is the process's own high-water mark, the interpreter and imports included.
"""

from __future__ import annotations

import json
import os
import resource
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from importlib import import_module
from pathlib import Path
from typing import Any, Final

Work = Callable[[], Mapping[str, Any]]
"""What is timed; it gives what it found out."""

Step = Callable[..., Work]
"""Prepares, untimed, from plain arguments, and gives the work."""

_MIB: Final = 1 << 20
_ROOT: Final = Path(__file__).parent.parent


@dataclass(frozen=True, kw_only=True, slots=True)
class Measured:
    """What one run took.

    Attributes:
        wall: Seconds by the clock.
        cpu: Seconds of all cores.
        peak: MiB, the most that the process ever held in memory.
        found: What the work gave back.
    """

    wall: float
    cpu: float
    peak: float
    found: Mapping[str, Any] = field(default_factory=dict)


def run(step: str, **arguments: Any) -> Measured:
    """Run `module:function` of this package in a fresh process.

    Raises:
        subprocess.CalledProcessError: It failed; its own message has gone to standard error.
    """
    os.sync()
    command = [
        sys.executable,
        "-m",
        "benchmarks.child",
        step,
        json.dumps(arguments, default=str),
    ]
    done = subprocess.run(command, check=True, stdout=subprocess.PIPE, cwd=_ROOT)
    return Measured(**json.loads(done.stdout.splitlines()[-1]))


def main(step: str, arguments: str) -> None:
    """Prepare, time the work, print one line."""
    module, _, name = step.partition(":")
    prepare: Step = getattr(import_module(f"benchmarks.{module}"), name)
    given = json.loads(arguments)
    work = prepare(**given)
    for path in given.get("files", ()):
        _touch(Path(path))
    wall, cpu = time.perf_counter(), _cpu()
    found = work()
    wall, cpu = time.perf_counter() - wall, _cpu() - cpu
    print(json.dumps({"wall": wall, "cpu": cpu, "peak": peak(), "found": found}, default=str))


def _touch(path: Path) -> None:
    """Read a file, so that it is in the page cache: a host may have taken back what was not read for some seconds."""
    piece = bytearray(_MIB)
    with path.open("rb", buffering=0) as stream:
        while stream.readinto(piece):
            pass


def _cpu() -> float:
    children = resource.getrusage(resource.RUSAGE_CHILDREN)
    return time.process_time() + children.ru_utime + children.ru_stime


def peak() -> float:
    """Give this process's high-water mark of memory in MiB, with that of its largest child.

    `ru_maxrss` would do, but that of a started process begins at its parent's.
    """
    status = Path("/proc/self/status").read_text(encoding="ascii")
    own = next(line for line in status.splitlines() if line.startswith("VmHWM:"))
    children = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss
    return (int(own.split()[1]) + children) * 1024 / _MIB


if __name__ == "__main__":
    main(*sys.argv[1:])
