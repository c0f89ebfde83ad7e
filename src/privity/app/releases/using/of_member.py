# SPDX-License-Identifier: Apache-2.0
"""What of a member's is in releases, who got copies with it, what was trained on it, and what of it was taken back (docs/web.md).

A release only becomes less: what is in its newest revision was in all before it, and what a taking back takes out of one
was in that one and all before. So it is known exactly which copies and which runs had it. What was taken out is kept
here by the ids of records, and only until every copy is without them and the replaced files are gone; who asks names the
ids that are hers. Nothing is guessed beyond that.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import pyarrow as pa
import pyarrow.compute as pc

from privity.app.releases.members.holding import holdings
from privity.app.releases.members.membership import release_index
from privity.app.releases.state.places import ReleasePlaces
from privity.app.releases.state.register import register_of
from privity.app.releases.state.states import (
    DisclosureState,
    ModelState,
    Register,
    ReleaseState,
    RevocationState,
    RunState,
)
from privity.app.releases.taking_back.taking import takings_of
from privity.app.releases.taking_back.undone import derived_from
from privity.app.workspace.parts import Workspace
from privity.canonical.instants import Instant
from privity.members.facts import MemberId
from privity.release.decided import whole
from privity.release.pairs import ids_as_text
from privity.store.files import unreachable


@dataclass(frozen=True, kw_only=True, slots=True)
class TakenBack:
    """What was taken back of hers at one time.

    Attributes:
        revocation: The taking back.
        records: How many of hers.
    """

    revocation: RevocationState
    records: int


@dataclass(frozen=True, kw_only=True, slots=True)
class CopyOfHers:
    """A copy that went out with records of hers.

    Attributes:
        disclosure: The hand-over.
        records: How many of hers it had then.
        taken: What was taken back of those since.
    """

    disclosure: DisclosureState
    records: int
    taken: tuple[TakenBack, ...]

    @property
    def open(self) -> tuple[TakenBack, ...]:
        """What was taken back, and its recipient has not said that it deleted it."""
        return tuple(one for one in self.taken if not one.revocation.acks)


@dataclass(frozen=True, kw_only=True, slots=True)
class RunOnHers:
    """A run that read records of hers.

    Attributes:
        run: The run.
        records: How many of hers it read.
        taken: What was taken back of those since: that is not undone by it.
        models: The models that it made.
        derived: The models that were made from those, by whatever steps.
    """

    run: RunState
    records: int
    taken: tuple[TakenBack, ...]
    models: tuple[ModelState, ...]
    derived: tuple[ModelState, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class ReleaseWithHers:
    """A release that has records of hers, or had some.

    Attributes:
        release: The release.
        at: The instant that it is.
        records: How many of hers it has now.
        taken: What was taken back of hers, as far as that is still known.
        copies: The copies that went out with records of hers.
        runs: The runs that read records of hers.
    """

    release: ReleaseState
    at: Instant
    records: int
    taken: tuple[TakenBack, ...]
    copies: tuple[CopyOfHers, ...]
    runs: tuple[RunOnHers, ...]

    @property
    def live(self) -> bool:
        """Whether it may be used now."""
        return self.release.live(self.at)

    @property
    def over(self) -> Instant | None:
        """Since when it may be used no more, or None where it may."""
        ended, expires = self.release.ended, self.release.expires_at
        when = [
            *([] if ended is None else [ended.time]),
            *([] if expires is None or expires > self.at else [expires]),
        ]
        return min(when, default=None)

    @property
    def taken_records(self) -> int:
        """How many of hers were taken back."""
        return sum(one.records for one in self.taken)


def releases_of_member(
    workspace: Workspace, member: MemberId, *, records: Iterable[str] = ()
) -> tuple[ReleaseWithHers, ...]:
    """Give every release that has records of a member, or of which some of hers were taken back, in the order of the log.

    Args:
        workspace: Whose releases.
        member: Who.
        records: The ids of all records that she is a party of, as text: what was taken back is found by them.

    Raises:
        InputError: The id is none.
        ConflictError: As `holding.holdings`.
        VerificationError: As `holding.holdings`.
        UnavailableError: As `holding.holdings`.
    """
    register, now = register_of(workspace), workspace.now()
    held = {one.release.name: one.records for one in holdings(workspace, str(member))}
    hers = pa.array(sorted(set(records)), pa.string())
    found = []
    for state in register.releases.values():
        taken = _taken(workspace, state, hers)
        if state.name in held or taken:
            here = _left(workspace, state.name, held.get(state.name, 0), taken)
            found.append(_with_hers(register, state, now, here, taken))
    return tuple(found)


def _with_hers(
    register: Register,
    state: ReleaseState,
    now: Instant,
    here: int,
    taken: tuple[TakenBack, ...],
) -> ReleaseWithHers:
    def since(revision: int) -> tuple[TakenBack, ...]:
        return tuple(one for one in taken if one.revocation.due.says.revision >= revision)

    def had(revision: int) -> int:
        return here + sum(one.records for one in since(revision))

    copies = tuple(
        CopyOfHers(disclosure=one, records=had(revision), taken=since(revision))
        for one in state.disclosures
        if one.out and had(revision := one.handed.says.revision)
    )
    runs = tuple(
        RunOnHers(
            run=run,
            records=had(read),
            taken=since(read),
            models=run.models,
            derived=derived_from(register, run.models),
        )
        for run in state.runs
        if (read := run.revision_of(state.name)) is not None and had(read)
    )
    return ReleaseWithHers(
        release=state, at=now, records=here, taken=taken, copies=copies, runs=runs
    )


def _left(workspace: Workspace, name: str, here: int, taken: tuple[TakenBack, ...]) -> int:
    """Give how many of hers stay: what is due may be in the index still, where its taking back is not done."""
    if not here or all(one.revocation.done is not None for one in taken):
        return here
    with release_index(workspace) as index:
        known = index.get(name)
    revision = 0 if known is None else known.revision
    due = sum(one.records for one in taken if one.revocation.due.says.revision >= revision)
    return max(0, here - due)


def _taken(workspace: Workspace, state: ReleaseState, hers: pa.Array) -> tuple[TakenBack, ...]:
    """Give what was taken back of records, by the ids that are still kept of it."""
    if not state.revocations or not len(hers):
        return ()
    folders = {
        one.name: one for one in takings_of(ReleasePlaces.of(workspace.places, state.name))
    }
    found = []
    for one in state.revocations:
        folder = folders.get(one.name)
        if folder is None:
            continue
        try:
            ids = ids_as_text(whole(folder.records().column("record_id")))
        except (OSError, pa.ArrowException) as error:
            raise unreachable(folder.root, OSError(str(error))) from error
        count = pc.is_in(ids, value_set=hers).true_count or 0
        if count:
            found.append(TakenBack(revocation=one, records=count))
    return tuple(found)
