# SPDX-License-Identifier: Apache-2.0
"""Making a release that is killed, or whose disk is full, at any moment (specs/release.md, [REL-10], [REL-11]).

A release is there whole, and the log speaks of it, or neither; and the next start leaves nothing half.
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
FINER = 7
THERE, NOT_THERE = 10, 11
"""How a look ends: there is a release, or none and its name is free."""


def run(folder: Path, *arguments: object) -> list[dict[str, Any]]:
    done = subprocess.run(
        [sys.executable, "-m", "tests.faults.release_kills", folder, *map(str, arguments)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return [json.loads(line) for line in done.stdout.splitlines()]


def check(lines: list[dict[str, Any]], ended: set[int]) -> None:
    """Every run ended as it was to, and left a whole release or none; at the end none was in the way."""
    assert not [one for one in lines if one["found"] not in {THERE, NOT_THERE}]
    assert {one["ended"] for one in lines[:-1]} <= ended
    assert (lines[-1]["ended"], lines[-1]["found"]) == (0, THERE)
    found = [one["found"] for one in lines]
    # Up to some moment nothing is said of it, and from there on it is there.
    assert found == sorted(found, reverse=True)


def folder(tmp_path: Path) -> Path:
    (tmp_path / "template").mkdir()
    return tmp_path


def test_a_killed_release_is_finished_or_removed(tmp_path: Path) -> None:
    """REL-10, REL-11."""
    lines = run(folder(tmp_path), "kill", STEP, 11)
    check(lines, {-signal.SIGKILL})
    assert {one["found"] for one in lines} == {THERE, NOT_THERE}


def test_a_release_on_a_full_disk_is_finished_or_removed(tmp_path: Path) -> None:
    """REL-10, REL-11: an operation fails, and whatever comes after it in that process works again."""
    lines = run(folder(tmp_path), "fail", STEP, 23)
    assert not [one for one in lines if one["found"] not in {THERE, NOT_THERE}]
    assert lines[-1]["ended"] == 0


def test_to_finish_a_release_may_be_killed_too(tmp_path: Path) -> None:
    """REL-11: what finishes it is killed at moment after moment, and what it left is finished."""
    (line,) = run(folder(tmp_path), "finishing", 5, 0)
    assert line["ended"] == -signal.SIGKILL
    assert line["kills"] > 0
    assert line["found"] == THERE, line["said"]


@pytest.mark.slow
@pytest.mark.parametrize("first", range(0, FINER, 2))
@pytest.mark.parametrize("end", ["kill", "fail"])
def test_a_release_that_ends_at_each_of_many_moments(
    tmp_path: Path, end: str, first: int
) -> None:
    """REL-10, REL-11: others of the moments."""
    lines = run(folder(tmp_path), end, FINER, first)
    assert not [one for one in lines if one["found"] not in {THERE, NOT_THERE}]
    assert lines[-1]["ended"] == 0
