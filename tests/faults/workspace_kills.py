# SPDX-License-Identifier: Apache-2.0
"""Two processes at work on a workspace, killed at random moments, and a look over everything after each time.

One records; the other publishes, erases, rotates keys, backs up and takes in baselines. Run as a program
(`python -m tests.faults.workspace_kills FOLDER TIMES SEED`), it prints a line of JSON each time.
"""

from __future__ import annotations

import json
import os
import random
import signal
import sys
import time
from collections.abc import Callable, Collection
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeVar

import pyarrow as pa
import pyarrow.parquet as pq
from tests.faults.ledger_kills import said
from tests.unit.app.workspace.worlds import content, says

from privity.app.public_tree.opening import open_tree
from privity.app.public_tree.verifying import verify_tree
from privity.app.workspace.backing_up import back_up
from privity.app.workspace.baseline_recording import record_baseline
from privity.app.workspace.checking import check_workspace
from privity.app.workspace.erasing import erase_members
from privity.app.workspace.founding import found_workspace
from privity.app.workspace.opening import open_workspace
from privity.app.workspace.parts import Workspace
from privity.app.workspace.projecting import catch_up
from privity.app.workspace.recording import member_of, publish_now, record
from privity.app.workspace.rotating import rotate_keys
from privity.config.workspace import WorkspaceSettings
from privity.errors import PrivityError
from privity.ledger.checkpoint import checkpoint_of
from privity.ledger.note import Note

LONGEST = 0.6
"""Seconds that the two live, at most."""
FRESH = 20
"""After so many kills another workspace is founded: looking over a large one takes its time."""
BEGAN = 1_700_000_000
DAY = 86_400
MEMBERS = [f"member-{number:02}-of-the-network" for number in range(12)]

Answer = TypeVar("Answer")
Say = Callable[[str], None]
Dice = random.Random


@dataclass
class Place:
    """A workspace, its backups, and what is known of it from outside."""

    folder: Path
    secrets: dict[str, bytes] = field(default_factory=dict)

    @property
    def root(self) -> Path:
        return self.folder / "workspace"

    @property
    def backups(self) -> Path:
        return self.folder / "backups"

    def create(self) -> None:
        settings = WorkspaceSettings(origin="example.com/simulated", clock="simulated")
        found_workspace(self.root, settings, now=BEGAN)


def write(place: Place, say: Say, dice: Dice) -> None:
    """Record until the end, and sometimes read; say what is durable."""
    while True:
        with open_workspace(place.root) as workspace:
            for _ in range(dice.randrange(1, 8)):
                some = [says(dice.choice(MEMBERS)) for _ in range(dice.choice((1, 1, 2, 9)))]
                made = unless_taken(record, workspace, some)
                if made is not None:
                    say(f"recorded {made.first} {made.count}")
            if dice.random() < 0.3:
                unless_taken(publish_now, workspace)
            if dice.random() < 0.3:
                catch_up(workspace)


def keep(place: Place, say: Say, dice: Dice) -> None:
    """Publish, erase, rotate, back up, take in baselines, until the end; say what is done."""
    while True:
        work = dice.choice((publish, erase, erase, rotate, backup, baseline))
        with open_workspace(place.root) as workspace:
            # Time passes: rotations and the lives of backups come to their ends.
            now = workspace.store.head().time + dice.choice((0, 1, DAY, 31 * DAY))
        with open_workspace(place.root, now=now) as workspace:
            unless_taken(work, place, workspace, say, dice)


def publish(_place: Place, workspace: Workspace, say: Say, _dice: Dice) -> None:
    say(f"published {publish_now(workspace).note.hex()}")


def erase(_place: Place, workspace: Workspace, say: Say, dice: Dice) -> None:
    names = [key.member for key in workspace.keys.all()]
    there = [one for name in names if isinstance(one := member_of(name), str)]
    if there:
        some = dice.sample(there, min(len(there), dice.choice((1, 1, 2))))
        say(f"erasing {' '.join(some)}")
        erase_members(workspace, some)
        say(f"erased {' '.join(some)}")


def rotate(_place: Place, workspace: Workspace, say: Say, _dice: Dice) -> None:
    say(f"rotated {rotate_keys(workspace).vkey}")


def backup(place: Place, workspace: Workspace, say: Say, dice: Dice) -> None:
    say(
        f"backed {back_up(workspace, place.backups, expire=True, tree=dice.random() < 0.3).folder}"
    )


def baseline(place: Place, workspace: Workspace, _say: Say, dice: Dice) -> None:
    some = dice.sample(MEMBERS, 4)
    instants = pa.array([dice.randrange(10**9) * 10**6] * 4, pa.timestamp("us", tz="UTC"))
    table = pa.table(
        {
            "member": some,
            "fact": ["closed"] * 4,
            "value": [""] * 4,
            "at": instants,
            "recorded_at": instants,
            "detail": [""] * 4,
        }
    )
    path = place.folder / f"facts-{os.getpid()}.parquet"
    pq.write_table(table, path, compression="none", use_dictionary=False)
    try:
        record_baseline(workspace, path, claimed_by="the network")
    finally:
        path.unlink()


TAKEN = {
    "store/locked", "members/erased", "members/unknown", "workspace/rotation",
    "workspace/baseline-gone", "ledger/clock-behind", "store/busy",
}  # fmt: skip
"""What one meets because the other is at work: no error of anybody's."""


def unless_taken(work: Callable[..., Answer], *given: object) -> Answer | None:
    """Work; None where the other was in the way."""
    try:
        return work(*given)
    except PrivityError as error:
        if error.code not in TAKEN:
            raise
        return None


def in_a_child(
    work: Callable[[Place, Say, Dice], None], place: Place, seed: int
) -> tuple[int, int]:
    """Start work that never ends in a process of its own; give its id, and where it says what it did."""
    reading, writing = os.pipe()
    child = os.fork()
    if child:
        os.close(writing)
        return child, reading
    try:
        os.close(reading)
        work(place, lambda text: tell(writing, text), random.Random(seed))
    except BaseException as error:  # noqa: BLE001 - told to the parent, who looks at how this ended
        tell(writing, f"failed {type(error).__name__} {error}")
    finally:
        os._exit(1)


def tell(writing: int, text: str) -> None:
    """Say a line: what was said before the kill is in the pipe."""
    os.write(writing, f"{' '.join(text.split())}\n".encode())


def one_time(place: Place, dice: Dice) -> dict[str, int]:
    """Let both work, kill them, and look over everything."""
    children = [in_a_child(work, place, dice.getrandbits(32)) for work in (write, keep)]
    moments = sorted((dice.random() * LONGEST, child) for child, _ in children)
    began = time.monotonic()
    for moment, child in moments:
        time.sleep(max(0.0, began + moment - time.monotonic()))
        os.kill(child, signal.SIGKILL)
    ends = [os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) for child, _ in children]
    lines = [line for _, reading in children for line in said(reading)]
    # Whoever ended of itself met an error: that is not what was asked.
    assert ends == [-signal.SIGKILL] * 2, lines
    return look(place, [line.split() for line in lines])


def look(place: Place, lines: list[list[str]]) -> dict[str, int]:
    """Open, and compare everything with what was said."""
    told: dict[str, list[list[str]]] = {}
    for word, *rest in lines:
        told.setdefault(word, []).append(rest)
    # (1) It opens, and what was cut short is finished.
    with open_workspace(place.root) as workspace:
        publish_now(workspace)
        size = workspace.store.head().size
        keys = {key.member: key.secret for key in workspace.keys.all()}
        known = workspace.log.vkeys
    # (2) Nothing that was acknowledged is lost.
    for first, count in told.get("recorded", []):
        assert int(first) + int(count) <= size
    for (note,) in told.get("published", []):
        assert checkpoint_of(Note.parse(bytes.fromhex(note)), known).size <= size
    for (vkey,) in told.get("rotated", []):
        assert vkey in {one.to_text() for one in known}
    # (3) Everything holds, to the last byte.
    assert [str(one) for one in check_workspace(place.root).problems] == []
    verify_tree(open_tree(str(place.root)))
    # (4) Of whoever is gone, nothing is left.
    gone = {secret for name, secret in place.secrets.items() if keys.get(name) != secret}
    for some in told.get("erased", []):
        assert not {place.secrets.get(f"t{member}") for member in some} & {*keys.values()}
    traces(place, gone)
    place.secrets = keys
    return {"size": size, **{word: len(rest) for word, rest in told.items()}}


def traces(place: Place, gone: set[bytes]) -> None:
    """Look for the keys of whoever is gone in every byte of the workspace, and of what is kept of backups."""
    assert not traces_in(place.root, gone)
    if place.backups.exists():
        assert not [name for name in traces_in(place.backups, gone) if "vault/" not in name]


def traces_in(folder: Path, gone: Collection[bytes]) -> list[str]:
    """The files in which any of some bytes is."""
    return [
        name for name, data in content(folder).items() if any(secret in data for secret in gone)
    ]


def main(folder: Path, times: int, seed: int) -> None:
    """Kill so often."""
    dice = random.Random(seed)
    place = Place(folder)
    for number in range(times):
        if number % FRESH == 0:
            place = Place(folder / str(number))
            place.folder.mkdir()
            place.create()
        print(json.dumps(one_time(place, dice)), flush=True)  # noqa: T201 - read by the test


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3]))
