# SPDX-License-Identifier: Apache-2.0
"""Clearing on a ledger that is killed at any moment, and clearing while members say no.

A set is there whole, and the log speaks of it, or neither; and nobody is in it who was acknowledged in time.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Callable
from functools import partial
from hashlib import sha256
from itertools import count
from pathlib import Path

import pytest
from tests.faults.moments import Moment, in_a_child, watched
from tests.integration.workspaces import REQUEST, Made, make, parties, read_set

from privity.app.workspace.clearing import LedgerClearing, clear_on_ledger
from privity.app.workspace.opening import open_workspace
from privity.app.workspace.unfinished import recover
from privity.release.job import Job
from privity.sources.native import open_records
from privity.testing.plain import AT, fact

ROOT = Path(__file__).resolve().parents[2]
STEP = 7
"""Every so many moments one is the last; `-m slow` takes each."""


def clear(made: Made, progress: Callable[[str, int], None]) -> LedgerClearing:
    with open_workspace(made.root, now=AT) as workspace:
        job = Job(out=made.root.parent / "set", threads=2, most=40)
        return clear_on_ledger(
            workspace, open_records(list(made.sources)), REQUEST, job, progress
        )


def clear_with_a_no(made: Made) -> None:
    """Clear, and let somebody say no while the rows are copied, so that some are taken out."""
    done: list[bool] = []

    def tell(stage: str, rows: int) -> None:
        del rows
        if stage == "copy" and not done:
            done.append(True)
            made.record(fact("objection", "2025-06-01", member="m3"))

    clear(made, tell)


def killed(made: Made, when: Callable[[Moment], bool]) -> int:
    """Run in a process that is killed at a moment; give how it ended."""

    def at(moment: Moment) -> None:
        if when(moment):
            os.kill(os.getpid(), signal.SIGKILL)

    def work() -> None:
        with watched(at):
            clear_with_a_no(made)
        raise SystemExit(0)

    with (made.root.parent / "said").open("w") as said:
        return in_a_child(work, said.fileno())


def check_whole(made: Made) -> str:
    """Recover, and check that log and disk say the same; give how it ended."""
    with open_workspace(made.root, now=AT) as workspace:
        recover(workspace)
        assert recover(workspace) == ()
    steps = [one["step"] for one in made.clearings()]
    out = made.root.parent / "set"
    if "committed" in steps:
        (committed,) = [one for one in made.clearings() if one["step"] == "committed"]
        assert committed["manifest"] == sha256((out / "manifest.json").read_bytes()).hexdigest()
        table = read_set(out)
        assert table.num_rows == committed["permitted"]
        assert "m3" not in parties(table)
    else:
        assert steps in ([], ["prepared", "abandoned"])
        assert not out.exists()
    left = {path.name for path in made.root.parent.iterdir()}
    assert left <= {"workspace", "set", "said", *(path.name for path in made.sources)}
    assert not list((made.root / "state" / "clearings").glob("*"))
    if out.exists():
        names = {path.name for path in out.iterdir()}
        assert names == {"data", "manifest.json", "summary.csv"}
    return steps[-1] if steps else "nothing"


def _is(number: int, moment: Moment) -> bool:
    return moment.number == number


def every(tmp_path: Path, step: int, first: int = 0) -> set[str]:
    ends = set()
    for number in count(first, step):
        folder = tmp_path / str(number)
        folder.mkdir()
        made = make(folder, count=120)
        ended = killed(made, partial(_is, number))
        ends.add(check_whole(made))
        if ended == 0:
            return ends
        assert ended == -signal.SIGKILL, (folder / "said").read_text()
    raise AssertionError


def test_a_killed_clearing_is_finished_or_abandoned(tmp_path: Path) -> None:
    """CLR-20, CLR-21."""
    ends = every(tmp_path, STEP)
    assert {"abandoned", "committed"} <= ends


@pytest.mark.slow
@pytest.mark.parametrize("first", range(STEP))
def test_a_clearing_killed_at_each_moment_is_finished_or_abandoned(
    tmp_path: Path, first: int
) -> None:
    """CLR-20, CLR-21: the others of the moments."""
    every(tmp_path, STEP, first)


def test_to_finish_a_set_may_be_killed_too(tmp_path: Path) -> None:
    """CLR-21: recovery is killed at moment after moment, and what it left is recovered."""
    made = make(tmp_path, count=120)

    def is_committed(moment: Moment) -> bool:
        """The entry is there, and a file is about to be written anew."""
        return moment.name == "__init__" and any(tmp_path.glob(".set.clearing-*/kept"))

    ended = killed(made, is_committed)
    assert ended == -signal.SIGKILL
    assert [one["step"] for one in made.clearings()] == ["prepared", "committed"]
    for number in count(0, 3):

        def at(moment: Moment, last: int = number) -> None:
            if moment.number == last:
                os.kill(os.getpid(), signal.SIGKILL)

        def work(at: Callable[[Moment], None] = at) -> None:
            with open_workspace(made.root, now=AT) as workspace, watched(at):
                recover(workspace)
            raise SystemExit(0)

        with (tmp_path / "said").open("w") as said:
            if in_a_child(work, said.fileno()) == 0:
                break
    assert check_whole(made) == "committed"


def test_a_living_clearing_is_left_alone(tmp_path: Path) -> None:
    """CLR-20."""
    made = make(tmp_path)
    seen: list[tuple[str, ...]] = []

    def tell(stage: str, rows: int) -> None:
        del rows
        if stage == "copy" and not seen:
            with open_workspace(made.root, now=AT) as workspace:
                seen.append(recover(workspace))

    clear(made, tell)
    assert set(seen) == {()}
    assert [one["step"] for one in made.clearings()] == ["prepared", "committed"]


NOES = """
import sys
from pathlib import Path
from privity.app.workspace.opening import open_workspace
from privity.app.workspace.recording import record
from tests.integration.workspaces import MEMBERS, of
from privity.testing.plain import AT, fact
with open_workspace(Path(sys.argv[1]), now=AT) as workspace:
    for member in MEMBERS:
        said = record(workspace, [of(fact("objection", "2025-06-01", member=member))])
        print(member, said.first, flush=True)
        sys.stdin.readline()
sys.stdin.read()  # a clearing that is slower than all of them still has somebody to tell
"""


def test_whoever_is_acknowledged_in_time_is_not_in_the_set(tmp_path: Path) -> None:
    """CLR-2: another process records noes as fast as the clearing goes on, and nobody is missed."""
    made = make(tmp_path, count=2000)
    other = subprocess.Popen(
        [sys.executable, "-c", NOES, str(made.root)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        cwd=ROOT,
    )
    assert other.stdin is not None
    assert other.stdout is not None
    stdin = other.stdin
    acknowledged = [other.stdout.readline().split()]  # it has begun

    def tell(stage: str, rows: int) -> None:
        del stage, rows
        # One more no for each step that is told of: it is recorded while the clearing goes on.
        stdin.write("\n")
        stdin.flush()

    found = clear(made, tell)
    other.kill()
    acknowledged += [line.split() for line in other.stdout.read().splitlines()]
    other.wait()
    stdin.close()
    other.stdout.close()
    in_time = {member for member, index in acknowledged if int(index) < found.index}
    assert len(in_time) > 1
    assert not in_time & parties(read_set(found.set.out))
