# SPDX-License-Identifier: Apache-2.0
"""A taking back that is killed, or whose disk is full, at any moment (specs/release.md, [REL-109]).

A reader finds what was there or what is left, and the next start ends what the log says is due.
"""

from __future__ import annotations

import json
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parents[2]
STEP = 75
"""Every so many moments one is the last; `-m slow` takes more."""
FINER = 11
OLD, NEW = 10, 11
"""How a look ends: nothing had been said yet, or what was due had been."""


def run(folder: Path, *arguments: object) -> list[dict[str, Any]]:
    (folder / "template").mkdir()
    done = subprocess.run(
        [sys.executable, "-m", "tests.faults.revoke_kills", folder, *map(str, arguments)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return [json.loads(line) for line in done.stdout.splitlines()]


def check(lines: list[dict[str, Any]]) -> None:
    assert not [one for one in lines if one["found"] not in {OLD, NEW}]
    assert (lines[-1]["ended"], lines[-1]["found"]) == (0, NEW)
    found = [one["found"] for one in lines]
    # Up to some moment nothing is said, and from there on it is.
    assert found == sorted(found)


def test_a_killed_taking_back_is_finished(tmp_path: Path) -> None:
    """REL-108, REL-109."""
    lines = run(tmp_path, "kill", STEP, 30)
    check(lines)
    assert {one["ended"] for one in lines[:-1]} == {-signal.SIGKILL}


def test_a_taking_back_on_a_full_disk_is_finished(tmp_path: Path) -> None:
    """REL-108, REL-109: an operation fails, and whatever comes after it in that process works again."""
    check(run(tmp_path, "fail", STEP, 60))


def test_to_finish_a_taking_back_may_be_killed_too(tmp_path: Path) -> None:
    """REL-109: what finishes it is killed at moment after moment, and what it left is finished."""
    (line,) = run(tmp_path, "finishing", 13, 0)
    assert line["ended"] == -signal.SIGKILL
    assert line["kills"] > 0
    assert line["found"] == NEW, line["said"]


@pytest.mark.slow
@pytest.mark.parametrize("first", range(0, FINER, 3))
@pytest.mark.parametrize("end", ["kill", "fail"])
def test_a_taking_back_that_ends_at_each_of_many_moments(
    tmp_path: Path, end: str, first: int
) -> None:
    """REL-108, REL-109: others of the moments."""
    check(run(tmp_path, end, FINER, first))
