# SPDX-License-Identifier: Apache-2.0
"""Hand-overs that are not finished: each has a mark, which tells the next process what became of it (specs/release.md, [REL-64]).

A mark is held by its process (`store.marks`). One that nobody holds is looked at: a copy
that still lies aside was never readable under its name, and goes; if the log speaks of it, the log says that it failed.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

from privity.app.releases.handing.copying_out import remove_copy
from privity.app.workspace.by_itself import Failed, by_itself
from privity.app.workspace.parts import Workspace
from privity.app.workspace.recording import record
from privity.canonical.decode import decode as decode_json
from privity.canonical.encode import encode
from privity.entries.decode import PublicEntry, decode
from privity.entries.disclosure import STREAM, FailedDisclosure, HandedOver
from privity.store.files import unreachable
from privity.store.marks import SUFFIX, left, wait_and_take
from privity.store.private import make_private_folder, put_private


@dataclass(frozen=True, kw_only=True, slots=True)
class HandingMark:
    """The mark of a hand-over.

    Attributes:
        path: Where it lies.
        disclosure: The hand-over's name.
        size: The log's size before it began.
        aside: The folder that the copy is made in.
        out: The folder that it is to become.
        failing: Whether it was given up: the copy is being removed, and never had its name.
    """

    path: Path
    disclosure: str
    size: int
    aside: Path
    out: Path
    failing: bool = False

    def write(self) -> None:
        """Put it on the disk.

        Raises:
            UnavailableError: The disk is full or fails.
        """
        said = {
            "aside": str(self.aside),
            "failing": self.failing,
            "out": str(self.out),
            "size": self.size,
        }
        put_private(self.path, encode(said))

    def forget(self) -> None:
        """Take it away: there is nothing left to do.

        Raises:
            UnavailableError: The disk fails.
        """
        try:
            self.path.unlink(missing_ok=True)
        except OSError as error:
            raise unreachable(self.path, error) from error

    @classmethod
    def read(cls, path: Path) -> HandingMark:
        """Read what `write` wrote."""
        said = decode_json(path.read_text(encoding="utf-8"))
        return cls(
            path=path,
            disclosure=path.stem,
            size=said["size"],
            aside=Path(said["aside"]),
            out=Path(said["out"]),
            failing=said["failing"],
        )


def marks_of(workspace: Workspace) -> Path:
    """Give the folder of the marks."""
    return workspace.places.root / "state" / "hand-overs"


@contextmanager
def hand_over_mark(
    workspace: Workspace, disclosure: str, aside: Path, out: Path
) -> Iterator[HandingMark]:
    """Mark a hand-over as this process's, as long as the block lasts.

    Raises:
        UnavailableError: The disk is full or fails.
    """
    folder = marks_of(workspace)
    make_private_folder(folder)
    made = HandingMark(
        path=folder / f"{disclosure}.json",
        disclosure=disclosure,
        size=workspace.store.head().size,
        aside=aside,
        out=out,
    )
    lock_path = folder / f"{disclosure}{SUFFIX}"
    lock = wait_and_take(lock_path)
    try:
        made.write()
        yield made
    finally:
        # Where not even the mark could be written nothing is left to do, and nothing of it stays.
        if not made.path.exists():
            for one in (_aside(made.path), lock_path):
                one.unlink(missing_ok=True)
        os.close(lock)


def recover_hand_overs(workspace: Workspace, failed: Failed | None = None) -> tuple[str, ...]:
    """Give up the hand-overs that killed processes left before their copies had their names.

    Args:
        workspace: Where.
        failed: Where is put down why one cannot be given up, whose mark stays; None: it is raised.

    Returns:
        The names of those that the log now says to have failed.

    Raises:
        ConflictError: As `record`.
        UnavailableError: The disk is full or fails.
    """
    given_up = []
    for lock_path in left(marks_of(workspace)):
        path = lock_path.with_suffix(".json")
        with by_itself(failed, path.stem, what="hand-over"):
            try:
                if path.exists() and give_up(workspace, HandingMark.read(path)):
                    given_up.append(path.stem)
                for one in (_aside(path), lock_path):
                    one.unlink(missing_ok=True)
            except OSError as error:
                raise unreachable(path, error) from error
    return tuple(given_up)


def give_up(workspace: Workspace, marked: HandingMark) -> bool:
    """End a hand-over whose copy may not have its name yet; whoever calls holds the mark.

    Returns:
        Whether the log says now, by this, that it failed.

    Raises:
        ConflictError: As `record`.
        OSError: The copy cannot be removed.
        UnavailableError: The disk is full or fails.
    """
    entered, failed = _entered(workspace, marked)
    # INVARIANT: a copy leaves its place aside by getting its name, or after `failing` was written.
    if not entered:
        remove_copy(marked.aside)
    elif marked.failing or marked.aside.exists():
        replace(marked, failing=True).write()
        remove_copy(marked.aside)
        if not failed:
            record(workspace, [FailedDisclosure(disclosure=marked.disclosure)])
            failed = True
    marked.forget()
    return failed


def _entered(workspace: Workspace, marked: HandingMark) -> tuple[bool, bool]:
    """Look for what the log says of a hand-over; it said nothing before it was marked."""
    entered = failed = False
    stream = f'"s":"{STREAM}"'.encode()
    for entry in workspace.store.entries(marked.size, workspace.store.head().size):
        if stream not in entry.data:
            continue
        found = decode(entry.data, origin=workspace.settings.origin)
        if isinstance(found, PublicEntry):
            says = found.says
            if isinstance(says, HandedOver) and says.disclosure == marked.disclosure:
                entered = True
            if isinstance(says, FailedDisclosure) and says.disclosure == marked.disclosure:
                failed = True
    return entered, failed


def _aside(path: Path) -> Path:
    """Give where a mark is written before it has its name."""
    return path.with_name(f".{path.name}.new")
