# SPDX-License-Identifier: Apache-2.0
"""The journals of training runs in a workspace: what each batch was, so that a member can be told which held her records.

A journal names no record; the log has its root ([REL-84]). It comes from whoever trained, and is kept if it fits.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from privity.app.releases.state.states import RunState
from privity.app.workspace.places import Places
from privity.errors import ConflictError, VerificationError, Where
from privity.store.private import make_private_folder, put_private
from privity.train.batches import Line, read_journal, root_of


def consumed_by(journal: Path) -> tuple[int, bytes]:
    """Give how many batches a journal has, and the root over them: what the run's end says ([REL-84]).

    Raises:
        InputError: A line is none.
        UnavailableError: It cannot be read.
    """
    lines = read_journal(journal)
    return len(lines), root_of(lines)


def keep_journal(places: Places, run: RunState, journal: Path) -> None:
    """Keep the journal of a run that has ended; the same one again changes nothing.

    Raises:
        InputError: A line is none.
        ConflictError: The run has not ended (`train/not-ended`).
        VerificationError: It is not the one that the log has the root of (`train/journal-root`).
        UnavailableError: It cannot be read or written.
    """
    lines = checked_journal(run, journal)
    kept = places.run_journals / f"{run.name}.jsonl"
    make_private_folder(kept.parent)
    put_private(kept, b"".join(one.to_bytes() + b"\n" for one in lines))


def kept_journal(places: Places, run: RunState) -> Sequence[Line] | None:
    """Give the journal of a run, or None where none is kept; raises as `checked_journal`."""
    kept = places.run_journals / f"{run.name}.jsonl"
    return checked_journal(run, kept) if run.end is not None and kept.exists() else None


def checked_journal(run: RunState, journal: Path) -> Sequence[Line]:
    """Read a journal, and check that it is the one that the run's end commits to.

    Raises:
        InputError: A line is none.
        ConflictError: The run has not ended (`train/not-ended`).
        VerificationError: It is another one (`train/journal-root`).
        UnavailableError: It cannot be read.
    """
    if run.end is None:
        raise ConflictError(
            f"run `{run.name}` has not ended, so nothing says what it consumed",
            code="train/not-ended",
            hint="end it with `privity run end`",
        )
    lines, says = read_journal(journal), run.end.says
    if (len(lines), root_of(lines)) != (says.batches, says.batches_root):
        raise VerificationError(
            f"the journal is not that of run `{run.name}`: the log has {says.batches:,} batches and another root",
            code="train/journal-root",
            where=Where(file=str(journal)),
        )
    return lines
