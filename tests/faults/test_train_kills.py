# SPDX-License-Identifier: Apache-2.0
"""A training that is killed at any moment leaves a run that can be ended, and a model or none."""

from __future__ import annotations

import signal
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

import pytest
from tests.faults.train_kills import MOMENTS, SETTINGS
from tests.integration.handed import World, world as make_world

from privity.app.releases.using.left_training import finish_left, working_beside
from privity.app.releases.using.training import train_demo
from privity.app.workspace.opening import open_workspace
from privity.errors import ConflictError
from privity.train.batches import read_journal

needs_torch = pytest.mark.skipif(
    find_spec("torch") is None, reason="torch is not installed: `make train` installs it"
)
CONSUMED = {"started": 0, "step": 4, "written": 6}


@pytest.fixture
def world(tmp_path: Path) -> World:
    return make_world(tmp_path)


def killed(world: World, out: Path, moment: str) -> None:
    done = subprocess.run(
        [
            *(sys.executable, "-m", "tests.faults.train_kills"),
            *(world.root, world.source, out, moment),
        ],
        cwd=Path(__file__).parents[2],
        check=False,
        capture_output=True,
        text=True,
    )
    assert done.returncode == -signal.SIGKILL, done.stderr


@needs_torch
@pytest.mark.parametrize("moment", MOMENTS)
def test_the_next_training_ends_what_was_left(world: World, moment: str) -> None:
    # REL-92
    out = world.root.parent / "small"
    killed(world, out, moment)
    assert not out.exists()
    if moment in CONSUMED:
        train_demo(world.root, world.source, model="small", out=out, settings=SETTINGS)
        ended = {one["run"]: one for one in world.says("run.end")}
        first, second = (one["run"] for one in world.says("run.start"))
        assert (ended[first]["how"], ended[first]["batches"]) == ("aborted", CONSUMED[moment])
        assert ended[second]["how"] == "completed"
        kept = world.root / "vault" / "runs" / f"{first}.jsonl"
        assert len(read_journal(kept)) == CONSUMED[moment]
    else:
        # The log had the model: it gets its folder, and the same cannot be made twice.
        with pytest.raises(ConflictError) as caught:
            train_demo(world.root, world.source, model="small", out=out, settings=SETTINGS)
        assert caught.value.code == "train/exists"
        assert len(world.says("run.start")) == 1
    assert len(world.says("model")) == 1
    assert sorted(one.name for one in out.iterdir()) == [
        "batches.jsonl", "card.md", "loss.svg", "model.json", "model.safetensors", "ticket.json",
    ]  # fmt: skip
    assert not list(out.parent.glob(".small*"))
    with open_workspace(world.root) as workspace:
        assert workspace.store.head().size


def test_a_training_that_lives_is_left_alone(world: World) -> None:
    # REL-92
    out = world.root.parent / "small"
    with working_beside(out, "r1") as folder:
        finish_left(world.root, out, now=None)
        assert folder.is_dir()
    finish_left(world.root, out, now=None)
    assert not folder.exists()
