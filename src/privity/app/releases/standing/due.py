# SPDX-License-Identifier: Apache-2.0
"""Which records of a release are due: in it, and no longer permitted by what the ledger knows now ([REL-100]).

A release was decided by the entries up to a size, for uses from an instant on. What changed since is looked for first
(`since`); then only the records of the members concerned are decided again, or all, where a rule changed.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from privity.app.releases.members.indexing import files_of
from privity.app.releases.standing.since import Since, changed_since
from privity.app.workspace.by_itself import Failed, by_itself
from privity.app.workspace.gathered import Known
from privity.app.workspace.knowing import gather
from privity.app.workspace.parts import Workspace
from privity.app.workspace.passing import scheduled_after
from privity.canonical.instants import EARLIEST, Instant
from privity.decide.bits import BIT
from privity.decide.many import compile_request
from privity.decide.request import Request
from privity.entries.envelope import parse_event
from privity.members.columns import only
from privity.release.decided import whole
from privity.release.due import Decide, DueFile, due_files
from privity.store.files import unreachable

_ERASED: Final = np.uint64(BIT["unknown-party"])
"""What whoever was in a release is refused with once nothing is known of her."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Held:
    """What a release holds, as it was decided last.

    Attributes:
        name: Its name.
        revision: Which revision its files are of.
        purpose: What it may be used for.
        recipient: Who may have it.
        size: How many entries of the log it heeds.
        at: The instant of use that it was decided for, or later.
        folder: Where the decision columns of its files lie.
        files: The names of its files, in order, with how many records each has.
        ended: Whether it has ended: then due are the records of whoever was erased, and no others ([REL-157]).
    """

    name: str
    revision: int
    purpose: str
    recipient: str
    size: int
    at: Instant
    folder: Path
    files: Mapping[str, int]
    ended: bool = False


@dataclass(frozen=True, kw_only=True, slots=True)
class Due:
    """The records of a release that are due.

    Attributes:
        held: The release.
        size: How many entries are heeded now.
        at: The instant of use that was decided for.
        scheduled: When rules that are known change by themselves after that.
        everything: Whether all its records were decided again.
        asked: Of how many members records were decided again; of all, if everything was.
        files: The files that have any, with their rows.
    """

    held: Held
    size: int
    at: Instant
    scheduled: tuple[Instant, ...]
    everything: bool
    asked: int
    files: tuple[DueFile, ...]

    @property
    def records(self) -> int:
        """How many records are due."""
        return sum(len(one.rows) for one in self.files)

    @property
    def reasons(self) -> dict[str, int]:
        """For each reason: how many of them have it."""
        words = [one.words for one in self.files]
        every = np.concatenate(words) if words else np.empty(0, np.uint64)
        counts = {
            reason: int(np.count_nonzero(every & np.uint64(bit)))
            for reason, bit in sorted(BIT.items())
        }
        return {reason: count for reason, count in counts.items() if count}


def due_records(
    workspace: Workspace,
    releases: Sequence[Held],
    *,
    threads: int = 2,
    failed: Failed | None = None,
) -> tuple[Due, ...]:
    """Find what is due in releases, by one state of the log.

    Args:
        workspace: Whose.
        releases: The releases.
        threads: How many row groups are read at once.
        failed: Where is put down why something failed of a release, which is left out then; None: it is raised.

    Raises:
        InputError: As `knowing.gather`.
        ConflictError: As `knowing.gather`.
        VerificationError: As `knowing.gather`.
        UnavailableError: As `knowing.gather`, or a file cannot be read.
    """
    if not releases:
        return ()
    gathered = gather(workspace)
    now = workspace.now()
    found = []
    for held in releases:
        at = max(now, held.at)
        known = gathered.known(at=at)
        with by_itself(failed, held.name):
            found.append(_due(workspace, held, known, at=at, threads=threads))
    return tuple(found)


def _due(workspace: Workspace, held: Held, known: Known, *, at: Instant, threads: int) -> Due:
    since = changed_since(
        workspace,
        known,
        size=held.size,
        # INVARIANT: who decides does so at or after the last entry that is heeded, and enters it later still.
        at=min(held.at, _time(workspace, held.size)),
        now=at,
        recipient=held.recipient,
    )
    members = None if since.everything or held.ended else since.members
    files: tuple[DueFile, ...] = ()
    if members is None or members:
        request = Request(purpose=held.purpose, recipient=held.recipient, at=at, known=at)
        decide = _by_all(known, request) if members is None else _by_few(known, request, since)
        among = (
            None if members is None else files_of(workspace, held.name, held.revision, members)
        )
        try:
            files = due_files(
                held.folder, held.files, decide, members=members, among=among, threads=threads
            )
        except OSError as error:
            raise unreachable(held.folder, error) from error
    if held.ended:
        files = tuple(one for file in files if len((one := _of_erased(file)).rows))
    return Due(
        held=held,
        size=known.size,
        at=at,
        scheduled=scheduled_after(known, held.recipient, at),
        everything=members is None,
        asked=0 if members is None else len(members),
        files=files,
    )


def _of_erased(file: DueFile) -> DueFile:
    """Give the records of whom nothing is known any more, with what quotes them."""
    mine = file.words & _ERASED != 0
    return DueFile(
        name=file.name,
        rows=file.rows[mine],
        words=file.words[mine],
        table=file.table.filter(pa.array(mine)),
    )


def _by_all(known: Known, request: Request) -> Decide:
    """Decide by what is known of everybody."""
    compiled = compile_request(request, known.policy, known.facts, by_entry=known.by_entry)
    return compiled.decide


def _by_few(known: Known, request: Request, since: Since) -> Decide:
    """Decide by what is known of the parties of the records, and of whose accounts are merged with theirs."""

    def decide(table: pa.Table) -> npt.NDArray[np.uint64]:
        parties = set(whole(table.column("author")).to_pylist())
        parties.update(pc.list_flatten(whole(table.column("recipients"))).to_pylist())
        parties.discard(None)
        members = since.together(parties)
        other = known.by_entry
        compiled = compile_request(
            request,
            known.policy,
            only(known.facts, members),
            by_entry=None if other is None else (other[0], only(other[1], members)),
        )
        return compiled.decide(table)

    return decide


def _time(workspace: Workspace, size: int) -> Instant:
    """Give the time of the last of some entries."""
    for entry in workspace.store.entries(size - 1, size):
        return parse_event(entry.data).time
    return EARLIEST
