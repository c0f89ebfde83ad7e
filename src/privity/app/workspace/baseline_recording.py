# SPDX-License-Identifier: Apache-2.0
"""Record a baseline: a file of the facts that there were before the ledger, bound by one entry (specs/entry.md, [ENT-47]).

The file goes into the vault, and so does the secret of its commitment; the log shows neither, nor its hash. Its
facts are claims of whoever is named: what they count as is said in specs/claims.md.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from privity.app.workspace.ids import id_kind, kind_of_column
from privity.app.workspace.once import Request, record_once, was_recorded
from privity.app.workspace.parts import Workspace
from privity.app.workspace.public import public_entries
from privity.app.workspace.recording import Recorded
from privity.canonical.instants import Instant, format_instant
from privity.entries.baseline import BaselineEntry, BaselineFile
from privity.entries.fields import KEY_SIZE
from privity.errors import ConflictError, InputError, Where
from privity.members.reading import read_facts
from privity.store.baselines import keeping, read_kept, remove_kept

_MICROSECONDS: Final = 1_000_000

Advance = Callable[[int], None]
"""Told of how many facts more were looked at."""


@dataclass(frozen=True, kw_only=True, slots=True)
class RecordedBaseline:
    """What became of a baseline.

    Attributes:
        recorded: Its entry.
        file: What was committed to.
    """

    recorded: Recorded
    file: BaselineFile


def record_baseline(
    workspace: Workspace,
    facts: Path,
    *,
    claimed_by: str,
    request: str | None = None,
    progress: Advance | None = None,
) -> RecordedBaseline:
    """Take a file of facts into the vault, and bind it by one entry.

    Args:
        workspace: Where.
        facts: A Parquet file of facts, each of which says when it is claimed to have been recorded.
        claimed_by: Who says that they are true, in words.
        request: A name of the caller's own; without one, the same file claimed by the same is the same request.
        progress: Told of facts that were looked at, if anybody asks.

    Raises:
        InputError: The file is not Parquet, cannot be read, or holds something that is no fact; a fact is said
            to have been recorded after now; its ids are not like those of the workspace.
        ConflictError: The file is a baseline already (`workspace/baseline-there`), or a member in it was erased
            meanwhile (`workspace/baseline-gone`); or as `store.baselines.keeping`, and `record_once`.
        UnavailableError: The disk is full or fails.
    """
    if facts.suffix.lower() not in {".parquet", ".pq"}:
        raise InputError(
            f"`{facts.name}` is no Parquet file, expected one that ends in `.parquet`",
            code="facts/format",
            hint="or record its facts one by one, with `privity members import`",
            where=Where(file=str(facts)),
        )
    vault = workspace.store.vault
    gone = vault.ending(), vault.erasures
    # INVARIANT: the file and its secret are kept before the entry that commits to them.
    with keeping(
        workspace.places.baselines, facts, opening=secrets.token_bytes(KEY_SIZE)
    ) as kept:
        rows = _looked_over(kept.path, facts, now=workspace.now(), progress=progress)
        _check_ids(workspace, kept.path, facts)
        file = BaselineFile(sha256=kept.sha256, size=kept.size, rows=rows)
        entry = BaselineEntry.of(file, opening=kept.opening, claimed_by=claimed_by)
        # What was asked is this file with this secret: once a member was erased from it, the same bytes ask for another baseline.
        asks = {"commitment": entry.commitment.hex(), "claimed_by": claimed_by}
        asked = Request(asks={"baseline": kept.sha256, **asks}, name=request)
        # A name that is taken is refused before the file is kept.
        was_recorded(workspace, asked)

    def say(now: Instant) -> list[BaselineEntry]:
        del now
        there = read_kept(workspace.places.baselines, kept.sha256)
        if there is None or there.opening != kept.opening:
            raise ConflictError(
                f"the copy of `{facts}` was removed, because a member in it was erased meanwhile",
                code="workspace/baseline-gone",
                hint="take the member out of it, and try again",
            )
        for one in public_entries(workspace, BaselineEntry.STREAM):
            if isinstance(one.says, BaselineEntry) and one.says.commitment == entry.commitment:
                raise ConflictError(
                    f"`{facts}` is a baseline already, by entry {one.index}, claimed by "
                    f"`{one.says.claimed_by}`",
                    code="workspace/baseline-there",
                )
        # Whoever was erased while the copy was no baseline yet may be in it: her key, which would tell, is gone.
        if (vault.ending(), vault.erasures) != gone:
            remove_kept(workspace.places.baselines, kept.sha256)
            raise ConflictError(
                f"members were erased while `{facts}` was looked over, and may be in it",
                code="workspace/baseline-gone",
                hint="make sure that it has nobody who was erased, and try again",
            )
        return [entry]

    recorded = record_once(workspace, say, request=asked, looks=True)
    return RecordedBaseline(recorded=recorded, file=file)


def rows_of(facts: Path) -> int:
    """Give how many facts a file says that it has; 0 where it cannot be read, which is said later."""
    try:
        return int(pq.read_metadata(facts).num_rows)
    except (OSError, pa.ArrowException):
        return 0


def _looked_over(path: Path, named: Path, *, now: Instant, progress: Advance | None) -> int:
    """Check every fact, and that each was recorded before now; gives their number."""
    rows = 0
    try:
        for batch in read_facts(path):
            _check_before(batch, now, rows)
            rows += batch.num_rows
            if progress is not None:
                progress(batch.num_rows)
    except InputError as error:
        # The copy is looked over; whoever made the file knows it under its own name.
        at = None if error.where is None else error.where.row
        where = Where(file=str(named), row=at)
        raise InputError(
            error.message, code=error.code, hint=error.hint, where=where
        ) from error
    return rows


def _check_before(batch: pa.RecordBatch, now: Instant, rows: int) -> None:
    recorded_at = batch.column("recorded_at").cast(pa.int64())
    row = int(pc.index(pc.greater(recorded_at, now * _MICROSECONDS), value=True).as_py())
    if row >= 0:
        seen = int(recorded_at[row].as_py()) // _MICROSECONDS
        raise InputError(
            f"a fact was recorded at {format_instant(seen)}, and now is {format_instant(now)}: a "
            "baseline tells of before",
            code="workspace/claims-the-future",
            hint="leave out what is yet to come; a table's planned ends are such facts",
            where=Where(row=rows + row),
        )


def _check_ids(workspace: Workspace, path: Path, named: Path) -> None:
    ours = id_kind(workspace)
    theirs = kind_of_column(pq.read_schema(path).field("member").type)
    if ours is not None and ours is not theirs:
        raise InputError(
            f"the ids of members are {theirs}, and {ours} in this workspace",
            code="facts/mixed-ids",
            where=Where(file=str(named)),
        )
