# SPDX-License-Identifier: Apache-2.0
"""A hand-over that is killed, or whose disk fails, at any moment: out is what the log speaks of, and nothing else."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
from pathlib import Path
from threading import Lock
from typing import Any

import pytest
from tests.faults.hand_over_kills import FAILED, HANDED, NOTHING, STEPS
from tests.integration.handed import world as make_world

from privity.app.releases.handing.handing_marks import recover_hand_overs
from privity.app.releases.handing.handing_over import hand_over
from privity.app.releases.state.marks import held
from privity.app.releases.state.places import making
from privity.app.workspace.opening import open_workspace
from privity.errors import ConflictError, PrivityError
from privity.testing.plain import AT

ROOT = Path(__file__).resolve().parents[2]
STEP = 31
"""Every so many moments one is the last; `-m slow` takes all of them."""


def run(folder: Path, *arguments: object) -> list[dict[str, Any]]:
    done = subprocess.run(
        [sys.executable, "-m", "tests.faults.hand_over_kills", folder, *map(str, arguments)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    lines = [json.loads(line) for line in done.stdout.splitlines()]
    assert not [one for one in lines if one["found"] not in STEPS.values()]
    return lines


def test_a_killed_hand_over_is_out_with_its_entry_or_not_at_all(tmp_path: Path) -> None:
    """REL-60, REL-64."""
    lines = run(tmp_path, "kill", STEP, 4)
    assert {one["ended"] for one in lines[:-1]} == {-signal.SIGKILL}
    assert (lines[-1]["ended"], lines[-1]["found"]) == (0, HANDED)
    assert {NOTHING, HANDED} <= {one["found"] for one in lines}


def test_a_hand_over_whose_disk_fails_is_out_with_its_entry_or_not_at_all(
    tmp_path: Path,
) -> None:
    """REL-60, REL-64: an operation fails, and whatever comes after it in that process works again."""
    lines = run(tmp_path, "fail", STEP, 9)
    assert lines[-1]["ended"] == 0
    assert {NOTHING, HANDED} <= {one["found"] for one in lines}


@pytest.mark.slow
@pytest.mark.parametrize("end", ["kill", "fail"])
def test_a_hand_over_that_ends_at_each_moment(tmp_path: Path, end: str) -> None:
    """REL-60, REL-64."""
    lines = run(tmp_path, end, 1, 0)
    assert {one["found"] for one in lines} == {NOTHING, FAILED, HANDED}


def test_to_give_a_hand_over_up_may_be_killed_too(tmp_path: Path) -> None:
    """REL-64: it was entered and never had its name; what gives it up is killed at moment after moment."""
    lines = run(tmp_path, "giving-up", 1, 0)
    assert [one["ended"] for one in lines] == [-signal.SIGKILL] * 2
    assert [one["found"] for one in lines] == [FAILED] * 2
    assert lines[0]["moment"] > 3


def test_a_copy_that_got_its_name_is_never_said_to_have_failed(tmp_path: Path) -> None:
    """REL-64: the recipient took it away before anybody looked."""
    (line,) = run(tmp_path, "taken-away", 1, 0)
    assert (line["ended"], line["found"]) == (-signal.SIGKILL, HANDED)


def test_a_living_hand_over_is_left_alone(tmp_path: Path) -> None:
    """REL-64: and nobody else hands the same release over meanwhile."""
    world = make_world(tmp_path, count=20)
    seen: list[object] = []
    first = Lock()

    def told(stage: str, _size: int) -> None:
        # Files are verified by several threads at once.
        if stage == "verify" and first.acquire(blocking=False):
            with open_workspace(world.root, now=AT) as workspace:
                seen.append(recover_hand_overs(workspace))
                with pytest.raises(ConflictError) as caught:
                    hand_over(workspace, "first", "self", world.out.parent / "other")
                seen.append(caught.value.code)

    with open_workspace(world.root, now=AT) as workspace:
        hand_over(workspace, "first", "self", world.out, told=told)
    assert seen == [(), "release/held"]
    assert world.out.exists()
    assert not list(making(world.root).glob("*.lock"))


def test_nobody_hands_over_what_another_changes(tmp_path: Path) -> None:
    world = make_world(tmp_path, count=20)
    with held(world.root, "first"), pytest.raises(PrivityError) as caught:
        world.hand_over()
    assert caught.value.code == "release/held"
    assert world.hand_over().out.exists()
