# SPDX-License-Identifier: Apache-2.0
"""A disk that is full, and system calls that fail or are the last: nothing acknowledged is lost, nothing forks."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest
from tests.faults.ledgers import Place, all_entries, entries, look, put_all, release

from privity.ledger.recover import check_start

ON_A_SMALL_DISK = """
set -e
mount -t tmpfs -o size=8m none "$1"
exec "$2" -m tests.faults.ledger_full_disk "$1" 24
"""


def can_mount() -> bool:
    """Tell whether a disk of a size can be made, in a namespace of its own."""
    if shutil.which("unshare") is None:
        return False
    words = ["unshare", "-rm", "mount", "-t", "tmpfs", "-o", "size=64k", "none", "/mnt"]
    return subprocess.run(words, capture_output=True, check=False).returncode == 0


@pytest.mark.skipif(not can_mount(), reason="needs `unshare` and the right to mount a tmpfs")
def test_a_full_disk_ends_the_work_and_loses_nothing(tmp_path: Path, repository: Path) -> None:
    done = subprocess.run(
        ["unshare", "-rm", "sh", "-c", ON_A_SMALL_DISK, "sh", str(tmp_path), sys.executable],
        cwd=repository,
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
    assert done.returncode == 0, done.stderr
    times = [json.loads(line) for line in done.stdout.splitlines()]
    assert {one["code"] for one in times} == {"store/disk"}
    assert all("\n" not in one["said"] for one in times)
    # It ran full in the database and in the tree.
    assert any("ledger.db" in one["said"] for one in times)
    assert any("public" in one["said"] for one in times)


CALLS = (
    "close", "fchmod", "fdatasync", "flock", "fsync", "ftruncate", "link", "linkat", "mkdir",
    "openat", "pwrite64", "read", "pread64", "rename", "unlink", "unlinkat", "write",
)  # fmt: skip
"""The system calls that reading and writing a log is made of."""


def traced(place: Place, repository: Path, *options: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [
            "strace", "-f", "-qq", *options,
            sys.executable, "-m", "tests.faults.ledger_once", str(place.folder),
        ],
        cwd=repository,
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )  # fmt: skip


def calls_in(place: Place, repository: Path, trace: Path) -> list[tuple[str, int]]:
    """The system calls that touch the log, each with its number among those of its thread."""
    done = traced(place, repository, "-y", "-o", str(trace), "-e", f"trace={','.join(CALLS)}")
    assert done.returncode == 0, done.stderr
    numbers: Counter[tuple[str, str]] = Counter()
    found: set[tuple[str, int]] = set()
    for line in trace.read_text(encoding="utf-8", errors="replace").splitlines():
        if match := re.match(r"(\d+) +(\w+)\(", line):
            thread, call = match.groups()
            numbers[thread, call] += 1
            if str(place.folder) in line:
                found.add((call, numbers[thread, call]))
    return sorted(found)


def can_trace() -> bool:
    """Tell whether system calls can be made to fail here."""
    if shutil.which("strace") is None:
        return False
    words = ["strace", "-qq", "-e", "inject=mkdir:error=EIO:when=1", "true"]
    return subprocess.run(words, capture_output=True, check=False).returncode == 0


@pytest.mark.slow
@pytest.mark.skipif(not can_trace(), reason="needs `strace` and the right to trace a process")
@pytest.mark.parametrize("fault", ["signal=KILL", "error=EIO"])
def test_every_system_call_may_fail_or_be_the_last(
    tmp_path: Path, repository: Path, fault: str
) -> None:
    place = Place(tmp_path / "log")
    place.create()
    with place.opened() as log:
        put_all(log, "request 0", 0, 5)
        release(log)
    kept = place.keep("kept")
    calls = calls_in(place, repository, tmp_path / "trace")
    assert {"fdatasync", "fsync", "link", "openat", "pwrite64", "rename", "write"} <= {
        call for call, _ in calls
    }
    stopped = 0
    for call, number in calls:
        shutil.rmtree(place.folder)
        shutil.copytree(kept, place.folder)
        with place.opened(adopt=True):
            pass
        done = traced(
            place, repository, "-o", "/dev/null", "-e", f"inject={call}:{fault}:when={number}"
        )
        stopped += done.returncode != 0
        look_after(place, done.stdout)
    assert stopped > len(calls) / 2


def look_after(place: Place, acknowledged: str) -> None:
    """Nothing acknowledged is lost, everything holds, and the next process goes on."""
    with place.opened() as log:
        check_start(log)
        look(log)
        there = all_entries(log)
        assert there == entries(0, len(there))
        # The writing of a line may be what failed.
        for first, count in re.findall(r"^(\d+) (\d+)$", acknowledged, re.MULTILINE):
            assert len(there) >= int(first) + int(count)
        put_all(log, "after", len(there), 1)
        assert release(log).checkpoint.size == len(there) + 1
        look(log)
