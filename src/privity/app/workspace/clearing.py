# SPDX-License-Identifier: Apache-2.0
"""Clear on a ledger: prepared, made aside, committed, and only then readable (specs/clearing.md).

(1) finish or abandon what a killed process left, (2) say what is prepared, (3) decide and copy, by what is known
then, (4) catch up with what was recorded meanwhile, beside the writers, (5) and once more as the only writer,
when it is little; by the same commit say what the set is, (6) take out what (4) and (5) found, (7) give the set
its name. Whoever was acknowledged before the commit of (5) is heeded; who comes after it is not in time.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from time import perf_counter
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from privity.app.workspace.gathered import Known
from privity.app.workspace.knowing import gather
from privity.app.workspace.meanwhile import Meanwhile
from privity.app.workspace.parts import Workspace
from privity.app.workspace.recording import record, record_in
from privity.app.workspace.unfinished import Mark, finish, mark, recover
from privity.canonical.encode import digest, encode_pretty
from privity.canonical.instants import Instant, format_instant
from privity.decide.bits import REASON_MASK
from privity.decide.many import Compiled, Tally, compile_request
from privity.decide.request import Request
from privity.entries.clearing import (
    AbandonedClearing,
    AttestedCount,
    CommittedClearing,
    Inputs,
    PreparedClearing,
)
from privity.errors import ConflictError, InputError, PrivityError
from privity.ledger.ports import Transaction
from privity.policy.model import Version
from privity.release.aside import keep, unmark
from privity.release.clear import Clearing, staged, write_account
from privity.release.job import Job
from privity.release.late import Late, permitted_tables
from privity.release.manifest import manifest
from privity.release.pairs import Audience
from privity.release.reading import RecordFile
from privity.release.staged import Staged
from privity.release.summary import Cell, cells_of, without
from privity.release.takeout import shares

ROWS_A_FILE: Final = 1 << 18
"""Records of a file of the set, about: what has to be written anew where one of them is taken out."""
_FEW: Final = 8
"""Entries that may be left for the only writer."""
_ROUNDS: Final = 12
_ATTEMPTS: Final = 3
_NAME: Final = 8

Ints = npt.NDArray[np.int64]
Progress = Callable[[str, int], None]


@dataclass(frozen=True, kw_only=True, slots=True)
class LedgerClearing:
    """A set that the ledger speaks of.

    Attributes:
        name: The clearing's name.
        index: The index of the entry that commits to it.
        size: The entries that it heeds.
        held: For how many seconds nobody else could record.
        set: The set.
        audience: When the addressees of a group message were asked, too.
        version: The policy's version in force, or None.
        scheduled: When rules that are known change by themselves later.
    """

    name: str
    index: int
    size: int
    held: float
    set: Clearing
    audience: Audience
    version: Version | None
    scheduled: tuple[Instant, ...]


class _MovedError(Exception):
    """A rule changed while a set was made: it is made again."""


def clear_on_ledger(
    workspace: Workspace,
    files: Sequence[RecordFile],
    request: Request,
    job: Job,
    progress: Progress,
    *,
    told: Callable[[Compiled], None] = lambda _ready: None,
) -> LedgerClearing:
    """Clear the records of a run by what the ledger knows.

    Args:
        workspace: Whose ledger.
        files: The sources.
        request: Purpose, recipient and the instant of use, now or later; `known` is not asked.
        job: How to do it.
        progress: Told of the stages `decide` and `copy`.
        told: Told of the request once it is ready, before anything is entered.

    Raises:
        InputError: The sources cannot be read, an obligation cannot be performed, or the instant of use has passed.
        ConflictError: The folder exists, a source changed, or rules changed again and again meanwhile.
        UnavailableError: The disk is full or fails.
    """
    # What cannot be finished of others is told by `privity ledger publish`, and keeps nobody from clearing.
    recover(workspace, threads=job.threads, failed={})
    now = workspace.now()
    if request.at < now:
        raise InputError(
            f"the set would be used at {format_instant(request.at)}, and it is {format_instant(now)} now: "
            "whoever said no since could not be heeded",
            code="clear/past",
            hint="leave `--at` out, or ask `privity decide` what would have been permitted then",
        )
    job = replace(job, most=job.most or ROWS_A_FILE)
    for attempt in range(_ATTEMPTS):
        run = _Run(workspace, files, request, job)
        if attempt == 0:
            told(run.compiled)
        try:
            return run.clear(progress)
        except _MovedError:
            continue
    raise ConflictError(
        f"policy or platform changed while a set was made, {_ATTEMPTS} times in a row",
        code="clear/moved",
        hint="try again when no policy, order or recipient is being changed",
    )


class _Run:
    """One attempt."""

    def __init__(
        self, workspace: Workspace, files: Sequence[RecordFile], request: Request, job: Job
    ) -> None:
        self._workspace = workspace
        self._files = files
        self._job = job
        self._began = max(request.at, workspace.now())
        self._request = replace(request, at=self._began, known=self._began)
        self._gathered = gather(workspace)
        self._known = self._gathered.known(at=self._began)
        self.compiled = self._compile(self._known)
        self._name = secrets.token_hex(_NAME)
        self._cells: list[Cell] = []
        self._size = self._known.size
        self._meanwhile = Meanwhile(workspace, self._known, self._began)

    def clear(self, progress: Progress) -> LedgerClearing:
        workspace, job = self._workspace, self._job
        with mark(workspace, self._name, job.out) as marked:
            record(workspace, [PreparedClearing(**self._said(), ledger_size=self._size)])
            committed = None
            try:
                with staged(self.compiled, self._files, job, progress) as made:
                    late = Late(made.decided, secrets.randbits(63))
                    resting = self._resting(made, late)
                    # (4) Beside the writers, until little is left.
                    for _round in range(_ROUNDS):
                        if self._catch_up(late) <= _FEW:
                            break
                    # (5) As the only writer.
                    committed = self._commit(made, late, marked, resting)
                    # (6) What was found is taken out, and (7) leaving the block gives the name.
                    finish(marked, made.folder, job.threads)
            except (Exception, KeyboardInterrupt) as error:
                if committed is None:
                    self._abandon(error, marked)
                raise
            marked.forget()
        return committed

    def _catch_up(self, late: Late) -> int:
        """Heed what was recorded since, and give how many entries that is.

        Raises:
            _MovedError: It is not only about members.
        """
        now = max(self._began, self._workspace.now())
        found = self._meanwhile.look(now)
        if found.everything:
            raise _MovedError
        self._size = found.size
        if found.members:
            late.reconsider(found.members, lambda table: self._decided(table, now))
        return found.entries

    def _compile(self, known: Known) -> Compiled:
        return compile_request(
            self._request, known.policy, known.facts, by_entry=known.by_entry
        )

    def _resting(self, made: Staged, late: Late) -> dict[str, Ints]:
        """Give the rows whose permits rest on what each attester claims ([CLM-21])."""
        names = self._gathered.names
        if self._known.source.attested != "accept" or not names:
            return {}
        together = self._refused_without(names, made, late)
        if len(names) == 1:
            return {names[0]: np.unique(together)}
        alone = {name: self._refused_without((name,), made, late) for name in names}
        # What two attest, each for itself, rests on no one of them, and on both.
        several = np.setdiff1d(together, np.concatenate(list(alone.values())))
        return {name: np.union1d(rows, several) for name, rows in alone.items()}

    def _refused_without(self, names: Sequence[str], made: Staged, late: Late) -> Ints:
        """Give the permitted rows that would be refused if what some attest were not believed."""
        others = [one for one in self._gathered.names if one not in names]
        compiled = self._compile(self._gathered.known(at=self._began, believed=others))
        parts = [
            rows[compiled.decide(table) & np.uint64(REASON_MASK) != 0]
            for rows, table in permitted_tables(made.decided)
        ]
        return late.with_quoters(np.concatenate(parts)) if parts else np.empty(0, np.int64)

    def _decided(self, table: pa.Table, now: Instant) -> npt.NDArray[np.uint64]:
        """Decide records by everything that is known of their parties now."""
        parties = {
            one
            for name in ("author", "recipients")
            for one in _flat(table.column(name)).unique().to_pylist()
            if one is not None
        }
        about = self._meanwhile.about(parties)
        compiled = compile_request(
            replace(self._request, at=now, known=now),
            about.policy,
            about.facts,
            by_entry=about.by_entry,
        )
        tally: Tally = compiled.empty_tally()
        words = compiled.decide(table, tally)
        self._cells += cells_of(tally, compiled.states.places)
        return words

    def _commit(
        self, made: Staged, late: Late, marked: Mark, resting: Mapping[str, Ints]
    ) -> LedgerClearing:
        """Heed the last facts, and say what the set is, by one commit."""
        workspace = self._workspace
        with workspace.store.transaction() as tx:
            began = perf_counter()
            self._catch_up(late)
            parts, ids = shares(made.parts, late)
            attested = _counted(resting, late.rows())
            made = replace(
                made,
                parts=parts,
                summary=without(made.summary, made.decided, late, self._cells),
                withdrawn=late.count,
            )
            job = replace(
                self._job, described={**self._job.described, "ledger": self._where(attested)}
            )
            described = manifest(self.compiled, self._files, made, job)
            text = encode_pretty(described)
            write_account(made.folder, made.summary, text)
            marked.put(made.folder, ids)
            try:
                # Marked, and perhaps not durably, where this fails: nobody will speak of it.
                keep(made.folder)
                index = self._say(tx, made, digest(text.encode()), attested)
            except BaseException:
                unmark(made.folder)
                raise
        return LedgerClearing(
            name=self._name,
            index=index,
            size=self._size,
            held=perf_counter() - began,
            set=Clearing(out=self._job.out, summary=made.summary, manifest=described),
            audience=Audience.of(self.compiled),
            version=self.compiled.plan.version,
            scheduled=self._meanwhile.scheduled(self._request.recipient),
        )

    def _say(
        self, tx: Transaction, made: Staged, described: str, resting: tuple[AttestedCount, ...]
    ) -> int:
        said = CommittedClearing(
            **self._said(),
            ledger_size=self._size,
            inputs=Inputs.of(made.digests),
            records=made.summary.records,
            permitted=made.summary.permitted,
            manifest=described,
            attested=resting,
        )
        return record_in(self._workspace, tx, [said], {}).first

    def _said(self) -> dict[str, Any]:
        """Give what both entries say of the request."""
        version = self.compiled.plan.version
        return {
            "clearing": self._name,
            "purpose": self._request.purpose,
            "recipient": self._request.recipient,
            "at": self._request.at,
            "policy": None if version is None else version.policy,
            "version": None if version is None else version.version,
        }

    def _where(self, resting: tuple[AttestedCount, ...]) -> dict[str, Any]:
        """Give what the manifest says of the ledger."""
        return {
            "attested": [
                {
                    "records": one.records,
                    "says": f"attested by {one.attester}, not witnessed",
                }
                for one in resting
            ],
            "origin": self._workspace.settings.origin,
            "clearing": self._name,
            "size": self._size,
            "clock": self._workspace.settings.clock,
        }

    def _abandon(self, error: BaseException, marked: Mark) -> None:
        """Say that there will be no set; where that cannot be said now, the mark stays for who can."""
        # The text of an error may name a path or a column: only its kind is public.
        why = error.code if isinstance(error, PrivityError) else "stopped"
        if isinstance(error, _MovedError):
            why = "clear/moved"
        with suppress(PrivityError):
            record(self._workspace, [AbandonedClearing(clearing=self._name, why=why)])
            marked.forget()


def _counted(resting: Mapping[str, Ints], out: Ints) -> tuple[AttestedCount, ...]:
    """Count the rows that stay, of each attester whose claims any of them rests on."""
    counts = {name: len(rows) - int(np.isin(rows, out).sum()) for name, rows in resting.items()}
    return tuple(
        AttestedCount(attester=name, records=records)
        for name, records in counts.items()
        if records
    )


def _flat(column: pa.ChunkedArray) -> pa.ChunkedArray:
    return column.combine_chunks().flatten() if pa.types.is_list(column.type) else column
