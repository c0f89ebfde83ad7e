# SPDX-License-Identifier: Apache-2.0
"""Take records back: from a release's table, and from whoever has a copy (specs/release.md, part 6).

(1) finish what a killed process left, (2) find what is due, (3) write down what is to go, (4) say that it is due, (5) write the
files concerned anew, beside the old ones, with what stands beside them, (6) say by one entry what the release is now,
(7) change the table by one commit, and then what describes it, (8) sign what the recipient is to delete, (9) say that it is
done. Whoever is killed after (4) is gone on from at the next start.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from typing import Final

from privity.app.releases.making.finishing import recover_releases
from privity.app.releases.standing.due import Due, due_records
from privity.app.releases.standing.due_of_each import due_of
from privity.app.releases.standing.usable import held_of
from privity.app.releases.state.looking import being_made, to_look_at
from privity.app.releases.state.marks import forget, held, made_at
from privity.app.releases.state.places import ReleasePlaces
from privity.app.releases.state.register import register_of
from privity.app.releases.state.states import ReleaseState
from privity.app.releases.state.steady import steady_each
from privity.app.releases.taking_back.finishing_revocations import finish_revocation, tidy
from privity.app.releases.taking_back.taking import prepare, takings_of
from privity.app.workspace.by_itself import Failed, by_itself
from privity.app.workspace.parts import Workspace
from privity.app.workspace.recording import record
from privity.entries.revocation import DueRevocation
from privity.errors import ConflictError, PrivityError, VerificationError
from privity.release.laid_out import SALT_SIZE
from privity.release.same_records import check_same_records
from privity.release.without import taken_out
from privity.store.files import unreachable

Progress = Callable[[str, int], None]

STAGES: Final = ("find", "rewrite")
"""The stages that `progress` is told of, in releases: those that were looked at, and those that became less."""
_NAME: Final = 8


@dataclass(frozen=True, kw_only=True, slots=True)
class Revoked:
    """What was taken back from a release.

    Attributes:
        release: The release, as it is now.
        revocations: The names of what was taken back, in order; what was finished for another process comes first.
        records: How many records are no longer in it.
        removed: The files that are gone for good, whose retention was over.
    """

    release: ReleaseState
    revocations: tuple[str, ...]
    records: int
    removed: tuple[str, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class RevokedAll:
    """What a run did.

    Attributes:
        releases: The releases that anything was done to.
        looked: How many live releases were looked at.
        busy: The releases that another process makes or changes; they were left alone.
        failed: Why nothing could be found out, or done, of a release; what can be done of the others was done.
    """

    releases: tuple[Revoked, ...]
    looked: int
    busy: tuple[str, ...]
    failed: Mapping[str, PrivityError]


def revoke(
    workspace: Workspace,
    releases: Collection[str] | None = None,
    *,
    threads: int = 2,
    progress: Progress = lambda _stage, _count: None,
) -> RevokedAll:
    """Take back what is due, from all live releases or some; of ended ones what whoever was erased has there.

    A release that cannot be read, or written, holds up no other.

    Args:
        workspace: Where they are.
        releases: Their names; None is all.
        threads: How many files are read and written at once.
        progress: Told of each stage of `STAGES`.

    Raises:
        InputError: There is no such release.
        VerificationError: As `register_of`.
        UnavailableError: The same. The next run goes on from what was done.
    """
    run = _Run(workspace=workspace, threads=threads, progress=progress)
    recover_releases(workspace, threads=threads, failed=run.failed)
    register = register_of(workspace)
    wanted = register.releases if releases is None else [*dict.fromkeys(releases)]
    states = [register.release(name) for name in wanted]
    # What is left of others comes first: what is due is asked of whole releases.
    for state in states:
        run.attempt(state)
    now = workspace.now()
    # Another run may take back from the same ones.
    found = run.find([one.name for one in states])
    progress("find", len(found))
    for state, due in found:
        if due.records:
            run.attempt(state, due)
    return run.told(sum(state.live(now) for state, _ in found))


def recover_revocations(workspace: Workspace, *, threads: int = 2) -> RevokedAll:
    """Finish what killed processes left of takings back, and remove the files whose retention is over.

    Raises:
        VerificationError: As `register_of`.
        UnavailableError: The same.
    """
    run = _Run(workspace=workspace, threads=threads)
    for state in register_of(workspace).releases.values():
        run.attempt(state)
    return run.told(0)


@dataclass(kw_only=True, slots=True)
class _Run:
    """A run over releases, and what came of it; each is by itself."""

    workspace: Workspace
    threads: int
    progress: Progress = lambda _stage, _count: None
    done: dict[str, Revoked] = field(default_factory=dict)
    busy: list[str] = field(default_factory=list)
    failed: Failed = field(default_factory=dict)

    def told(self, looked: int) -> RevokedAll:
        """Give what came of it."""
        return RevokedAll(
            releases=tuple(self.done.values()),
            looked=looked,
            busy=tuple(self.busy),
            failed=self.failed,
        )

    def attempt(self, state: ReleaseState, due: Due | None = None) -> None:
        """Do what there is to do of a release, unless somebody else does something with it."""
        with self._by_itself(state.name):
            if due is None and not _anything_left(self.workspace, state):
                return
            with still(self.workspace, state.name):
                one = _revoke(self.workspace, state.name, due, self.threads, self.progress)
            if one.revocations or one.removed:
                self.done[state.name] = _both(self.done.get(state.name), one)

    def find(self, names: Sequence[str]) -> list[tuple[ReleaseState, Due]]:
        """Find what is due of releases."""
        found, failed = steady_each(self.workspace, partial(self._look, names))
        self.failed.update(failed)
        return found

    def _look(self, names: Sequence[str], failed: Failed) -> list[tuple[ReleaseState, Due]]:
        left_alone = {*self.busy, *self.failed}
        states = [
            register_of(self.workspace).release(one) for one in names if one not in left_alone
        ]
        asked = to_look_at(self.workspace, states)
        self.busy.extend(one.name for one in asked if being_made(self.workspace, one))
        asked = tuple(one for one in asked if one.name not in self.busy)
        return due_of(self.workspace, asked, failed, threads=self.threads)

    @contextmanager
    def _by_itself(self, name: str) -> Iterator[None]:
        """Take down why something cannot be done of a release, and let the others go on."""
        with by_itself(self.failed, name):
            try:
                yield
            except ConflictError as error:
                if error.code != "release/held":
                    raise
                self.busy.append(name)


def _both(before: Revoked | None, one: Revoked) -> Revoked:
    if before is None:
        return one
    return Revoked(
        release=one.release,
        revocations=(*before.revocations, *one.revocations),
        records=before.records + one.records,
        removed=(*before.removed, *one.removed),
    )


def _revoke(
    workspace: Workspace, name: str, due: Due | None, threads: int, progress: Progress
) -> Revoked:
    """Finish what is left, say what is due, and take it out; the release's name is held."""
    state = register_of(workspace).release(name)
    names, records = [], 0
    for revocation in state.revocations:
        if revocation.done is None:
            state = finish_revocation(workspace, state, revocation.name, threads=threads)
            names.append(revocation.name)
            records += revocation.due.says.records
    held = held_of(workspace, state) if due is not None else None
    if due is not None and held is not None and due.held != held:
        # Somebody else took something back while it was looked at, or since: what is left is looked for anew.
        (due,) = due_records(workspace, [held], threads=threads)
    if due is not None and due.records:
        taken = say_due(workspace, state, due)
        state = register_of(workspace).release(name)
        state = finish_revocation(workspace, state, taken, threads=threads)
        names.append(taken)
        records += due.records
        progress("rewrite", 1)
    removed = tidy(workspace, state)
    return Revoked(
        release=state, revocations=tuple(names), records=records, removed=tuple(removed)
    )


def say_due(workspace: Workspace, state: ReleaseState, due: Due) -> str:
    """Write down what is to go (3), and say that it is due (4); gives the taking back's name.

    Raises:
        ConflictError: As `record`.
        VerificationError: What lies beside the table has other records than it, or cannot be read.
        UnavailableError: The disk is full or fails.
    """
    places = ReleasePlaces.of(workspace.places, state.name)
    name = f"r{secrets.token_hex(_NAME)}"
    try:
        salt = places.folder.salt.read_bytes()[:SALT_SIZE]
        if len(salt) != SALT_SIZE:
            # INVARIANT: nothing is committed to by a secret that is none of the release's.
            raise VerificationError(
                f"`{places.folder.salt}` has {len(salt)} bytes, expected {SALT_SIZE}",
                code="workspace/release",
                hint="put it back from a backup",
            )
        check_same_records(due.files, places.folder.table, places.folder.members)
        out = taken_out(places.folder.members, salt, {one.name: one.rows for one in due.files})
        prepare(places, name, due.files)
    except OSError as error:
        raise unreachable(places.private, error) from error
    record(
        workspace,
        [
            DueRevocation(
                revocation=name,
                release=state.name,
                revision=state.revision,
                ledger_size=due.size,
                members=len(out.records),
                records=due.records,
                tags_root=out.root,
                deadline=workspace.now() + workspace.settings.deadline,
                at=due.at,
                scheduled=due.scheduled,
            )
        ],
    )
    return name


@contextmanager
def still(workspace: Workspace, release: str) -> Iterator[None]:
    """Hold the name of a release, so that nobody else changes it; a mark that somebody left stays.

    Raises:
        ConflictError: Another process holds it (`release/held`).
        UnavailableError: The disk is full or fails.
    """
    root = workspace.places.root
    before = made_at(root, release)
    with held(root, release):
        # One that another process has taken away meanwhile was not left.
        was_left = before is not None and made_at(root, release) == before
        try:
            yield
        finally:
            if not was_left:
                forget(root, release)


def _anything_left(workspace: Workspace, state: ReleaseState) -> bool:
    places = ReleasePlaces.of(workspace.places, state.name)
    return any(one.done is None for one in state.revocations) or bool(takings_of(places))
