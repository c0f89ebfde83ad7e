# SPDX-License-Identifier: Apache-2.0
"""What a workspace knows of models: what they were made from, and which batches held some records (docs/training.md).

The lineage is what the log says. Whose records were in which batch follows from their ids, the release's salt and the run's
journal: the private index has the ids of what is in a release now, and of nothing that was taken out.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from privity.app.releases.members.held_ids import ids_of_member
from privity.app.releases.state.places import ReleasePlaces
from privity.app.releases.state.register import register_of
from privity.app.releases.state.states import ModelState, Register, ReleaseState, RunState
from privity.app.releases.taking_back.undone import derived_from, lineage
from privity.app.releases.using.journals import checked_journal, kept_journal
from privity.app.workspace.parts import Workspace
from privity.members.facts import MemberId
from privity.store.files import unreachable
from privity.train.batches import Line
from privity.train.card import Generation, Lineage, ReadByRun, TakenBack
from privity.train.held import holding


@dataclass(frozen=True, kw_only=True, slots=True)
class HeldBatches:
    """Which batches of a run held some records of a release.

    Attributes:
        model: The model that the run made.
        run: The run.
        release: The release.
        revision: Which revision the run read.
        records: How many of the records are looked for.
        batches: The lines of the batches that held them; None where the run has no journal here.
        taken_back: How many records of anybody's were taken out of the release since, whose ids are not known any more.
    """

    model: str
    run: str
    release: str
    revision: int
    records: int
    batches: tuple[Line, ...] | None
    taken_back: int

    def mapping(self) -> dict[str, Any]:
        """Give it as plain values for JSON."""
        return {
            "model": self.model,
            "run": self.run,
            "release": self.release,
            "revision": self.revision,
            "records": self.records,
            "taken_back": self.taken_back,
            "batches": None
            if self.batches is None
            else [
                {"epoch": one.epoch, "batch": one.batch, "of": one.of} for one in self.batches
            ],
        }


def lineage_of(workspace: Workspace, name: str) -> Lineage:
    """Give what a model was made from.

    Raises:
        InputError: There is no such model.
        VerificationError: The workspace does not agree with itself.
    """
    return _lineage(register_of(workspace), workspace.settings.origin, name)


def lineages(workspace: Workspace) -> Sequence[Lineage]:
    """Give those of all models, in the order of the log."""
    register = register_of(workspace)
    models = sorted(register.models.values(), key=lambda one: one.entry.index)
    return [_lineage(register, workspace.settings.origin, one.name) for one in models]


def held_batches(
    workspace: Workspace,
    name: str,
    *,
    member: MemberId | None = None,
    records: Collection[str] = (),
    journal: Path | None = None,
) -> Sequence[HeldBatches]:
    """Say which batches held a member's records, for a model and for all that it was made from.

    Args:
        workspace: Where.
        name: The model.
        member: Whose records, as far as they are in a release now; None asks for `records` alone.
        records: Ids of records besides; they need not be in a release any more.
        journal: The journal of the model's own run; None takes the one that is kept.

    Raises:
        InputError: There is no such model, or the journal is none.
        VerificationError: The journal is another run's.
        ConflictError: The run has not ended, or another process writes the index and does not end.
        UnavailableError: Something cannot be read.
    """
    register = register_of(workspace)
    own = register.model(name)
    given = {one.encode() for one in records}
    found = []
    for model in lineage(register, own):
        run = register.run(model.entry.says.run)
        lines = (
            checked_journal(run, journal)
            if journal is not None and model is own
            else kept_journal(workspace.places, run)
        )
        for release, revision in run.start.says.releases:
            mine = () if member is None else ids_of_member(workspace, release, member)
            ids = given.union(mine)
            found.append(
                _held(workspace, register, model, run, release, revision, sorted(ids), lines)
            )
    return found


def _held(  # noqa: PLR0917 - which run of which model read which release, and what is asked of it
    workspace: Workspace,
    register: Register,
    model: ModelState,
    run: RunState,
    release: str,
    revision: int,
    ids: Sequence[bytes],
    lines: Sequence[Line] | None,
) -> HeldBatches:
    batches = None
    if lines is not None:
        salt = ReleasePlaces.of(workspace.places, release).folder.salt
        try:
            secret = salt.read_bytes()
        except OSError as error:
            raise unreachable(salt, error) from error
        batches = tuple(holding(lines, release=release, salt=secret, ids=ids))
    since = _taken_back(register.release(release), revision)
    return HeldBatches(
        model=model.name,
        run=run.name,
        release=release,
        revision=revision,
        records=len(ids),
        batches=batches,
        taken_back=sum(one.records for one in since),
    )


def _lineage(register: Register, origin: str, name: str) -> Lineage:
    model = register.model(name)
    return Lineage(
        origin=origin,
        size=register.size,
        generations=tuple(_generation(register, one) for one in lineage(register, model)),
        derived=tuple(one.name for one in derived_from(register, [model])),
    )


def _generation(register: Register, model: ModelState) -> Generation:
    run = register.run(model.entry.says.run)
    start, end = run.start, run.end
    return Generation(
        model=model.name,
        sha256=model.entry.says.sha256,
        entry=model.entry.index,
        run=run.name,
        recipient=start.says.recipient,
        started=start.time,
        ended=None if end is None else end.time,
        how=None if end is None else end.says.how,
        batches=None if end is None else end.says.batches,
        batches_root=None if end is None else end.says.batches_root.hex(),
        code=start.says.code,
        config=start.says.config,
        releases=tuple(
            _read(register.release(release), revision)
            for release, revision in start.says.releases
        ),
    )


def _read(release: ReleaseState, revision: int) -> ReadByRun:
    says = release.created.says
    entries: Mapping[int, tuple[int, Any]] = {
        says.revision: (release.created.index, says.content),
        **{one.says.revision: (one.index, one.says.content) for one in release.revised},
    }
    entry, content = entries[revision]
    return ReadByRun(
        release=release.name,
        revision=revision,
        newest=release.revision,
        entry=entry,
        purpose=release.purpose,
        policy=None if says.policy is None else f"{says.policy} {says.version}",
        records=content.rows,
        members=content.members,
        taken_back=_taken_back(release, revision),
        why_ended=None if release.ended is None else release.ended.says.why,
    )


def _taken_back(release: ReleaseState, revision: int) -> tuple[TakenBack, ...]:
    """Give what was taken back, or is due, of the records that a revision had."""
    return tuple(
        TakenBack(
            revocation=one.name,
            at=one.due.time,
            members=one.due.says.members,
            records=one.due.says.records,
            done=None if one.done is None else one.done.time,
        )
        for one in release.revocations
        if one.due.says.revision >= revision
    )
