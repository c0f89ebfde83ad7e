# SPDX-License-Identifier: Apache-2.0
"""What a killed training left: its run is ended by its journal, or its model gets the folder that it was to have ([REL-92]).

A training works in a folder beside the one that it makes, named after its run, and holds its lock. What is there without a
lock was left.
"""

from __future__ import annotations

import fcntl
import glob
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from privity.app.releases.state.register import register_of
from privity.app.releases.using.models import lineage_of
from privity.app.releases.using.running import end_run
from privity.app.workspace.opening import open_workspace
from privity.canonical.instants import Instant
from privity.release.aside import settle
from privity.store.files import unreachable
from privity.train.card import model_card

CARD: Final = "card.md"
JOURNAL: Final = "batches.jsonl"
_MARK: Final = ".training-"


@contextmanager
def working_beside(out: Path, run: str) -> Iterator[Path]:
    """Make the folder in which a run works, and hold its lock.

    Raises:
        UnavailableError: The disk is full or fails.
    """
    folder = out.parent / f".{out.name}{_MARK}{run}"
    try:
        folder.mkdir(parents=True, mode=0o700)
        lock = os.open(folder, os.O_RDONLY)
    except OSError as error:
        raise unreachable(folder, error) from error
    try:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield folder
    finally:
        os.close(lock)


def finish_left(root: Path, out: Path, *, now: Instant | None) -> None:
    """End what killed trainings of a folder's name left; a living one keeps its own.

    Args:
        root: The workspace.
        out: The folder that they were to make.
        now: The instant of the entries, where the workspace's clock is simulated.

    Raises:
        PrivityError: As entering a run's end.
    """
    for left in sorted(out.parent.glob(f".{glob.escape(out.name)}{_MARK}*")):
        lock = os.open(left, os.O_RDONLY)
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            continue
        else:
            _finish(root, out, left, now)
        finally:
            os.close(lock)


def give_name(folder: Path, out: Path) -> None:
    """Give a folder the name that it was to have, once all in it is on the disk.

    Raises:
        UnavailableError: The disk is full or fails.
    """
    try:
        settle(folder)
        folder.rename(out)
        settle(out.absolute().parent)
    except OSError as error:
        raise unreachable(out, error) from error


def _finish(root: Path, out: Path, left: Path, now: Instant | None) -> None:
    name = left.name.rpartition(_MARK)[2]
    with open_workspace(root) as opened:
        run = register_of(opened).runs.get(name)
        made = run is not None and run.models and not out.exists()
        card = model_card(lineage_of(opened, run.models[0].name)) if run and made else ""
    if made:
        # The log names the model: it was there, but for its name, and its card perhaps.
        if not (left / CARD).exists():
            (left / CARD).write_text(card, "utf-8")
        give_name(left, out)
        return
    if run is not None and run.end is None:
        journal = left / JOURNAL
        end_run(
            root, name, how="aborted", journal=journal if journal.exists() else None, now=now
        )
    shutil.rmtree(left)
