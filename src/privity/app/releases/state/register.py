# SPDX-License-Identifier: Apache-2.0
"""The register of releases: what the log says of every release, run and model, put together (specs/release.md).

It is read from the public entries alone. What does not follow from what stands before it, a second release of one name
say, is refused whole: nobody writes such entries but who goes round this package. What is said twice counts from the
first time on.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace
from typing import Final, TypeVar
from weakref import WeakKeyDictionary

from privity.app.releases.state.states import (
    DisclosureState,
    Entered,
    ModelState,
    Register,
    ReleaseState,
    RevocationState,
    RunState,
    Said,
)
from privity.app.workspace.parts import Workspace
from privity.app.workspace.projecting import projected
from privity.canonical.instants import Instant
from privity.entries.clearing import STREAM as CLEARING, CommittedClearing
from privity.entries.decode import PublicEntry, decode
from privity.entries.disclosure import (
    STREAM as DISCLOSURE,
    AcknowledgedDisclosure,
    DisclosureEntry,
    FailedDisclosure,
    HandedOver,
)
from privity.entries.model import ModelEntry
from privity.entries.release import (
    STREAM as RELEASE,
    CreatedRelease,
    EndedRelease,
    ReleaseEntry,
    RevisedRelease,
)
from privity.entries.revocation import (
    STREAM as REVOCATION,
    DoneRevocation,
    DueRevocation,
    NotifiedRevocation,
    RevocationAck,
    RevocationEntry,
)
from privity.entries.run import RunEnd, RunStart
from privity.errors import VerificationError
from privity.store.projection import Projection
from privity.store.projection_rows import PublicRow
from privity.store.sqlite import SqliteLog

__all__ = [
    "DisclosureState",
    "Entered",
    "ModelState",
    "Register",
    "RegisterReader",
    "ReleaseState",
    "RevocationState",
    "RunState",
    "register_of",
    "releases_of",
]

STREAMS: Final = (
    CLEARING, RELEASE, DISCLOSURE, REVOCATION, RevocationAck.STREAM, RunStart.STREAM, RunEnd.STREAM,
    ModelEntry.STREAM,
)  # fmt: skip
"""The public streams that say what became of releases."""

_NOTHING: Final = Register(size=0, releases={}, runs={}, models={})

Item = TypeVar("Item")


def register_of(workspace: Workspace) -> Register:
    """Read what a workspace's log says of releases, runs and models; as long as it is open, only what is new is read.

    Raises:
        ConflictError: As `projecting.catch_up`.
        VerificationError: As `projecting.catch_up`; or an entry does not follow from those before
            (`release/register`).
        UnavailableError: As `projecting.catch_up`.
    """
    return _READERS.setdefault(workspace.store, RegisterReader()).look(workspace)


class RegisterReader:
    """A register that is kept: each look reads what came since the last one."""

    def __init__(self) -> None:
        self._reading = _Reading()
        self._register = _NOTHING

    def look(self, workspace: Workspace) -> Register:
        """Give the register of a workspace, always the same one, as it is now; raises as `register_of`."""
        since = self._register.size

        def read(projection: Projection) -> tuple[list[PublicRow], int]:
            size = projection.extent().size
            return list(projection.public(STREAMS, size, since=since)), size

        rows, size = projected(workspace, read)
        if rows or size < since:
            # Whatever fails from here on begins anew.
            reading, self._reading, self._register = self._reading, _Reading(), _NOTHING
            if size < since:
                return self.look(workspace)
            said = ((row.entry, row.data) for row in rows)
            reading.read(said, origin=workspace.settings.origin)
            self._reading, self._register = reading, reading.register(size)
        elif size > since:
            self._register = replace(self._register, size=size)
        return self._register


_READERS: Final = WeakKeyDictionary[SqliteLog, RegisterReader]()
"""By the open database: it belongs to one thread, and its register goes with it."""


def read_register(entries: Iterable[tuple[int, bytes]], *, origin: str, size: int) -> Register:
    """Put the register together from entries, each with its index; those of other streams say nothing.

    Args:
        entries: In the order of the log.
        origin: The log's name.
        size: How many entries of the log were looked at.

    Raises:
        InputError: One is no entry.
        VerificationError: One is none of this log, or does not follow from those before (`release/register`).
    """
    found = _Reading()
    found.read(entries, origin=origin)
    return found.register(size)


def releases_of(workspace: Workspace) -> tuple[ReleaseState, ...]:
    """Give every release of a workspace, in the order of the log; raises as `register_of`."""
    return tuple(register_of(workspace).releases.values())


@dataclass(kw_only=True, slots=True)
class _Reading:
    """A register on its way."""

    used_at: dict[str, Instant] = field(default_factory=dict)
    releases: dict[str, ReleaseState] = field(default_factory=dict)
    disclosures: dict[str, DisclosureState] = field(default_factory=dict)
    revocations: dict[str, RevocationState] = field(default_factory=dict)
    runs: dict[str, RunState] = field(default_factory=dict)
    models: dict[str, ModelState] = field(default_factory=dict)

    def read(self, entries: Iterable[tuple[int, bytes]], *, origin: str) -> None:
        """Read the next entries."""
        for index, data in entries:
            entry = decode(data, origin=origin)
            if isinstance(entry, PublicEntry):
                self.add(index, entry)

    def add(self, index: int, entry: PublicEntry) -> None:
        """Take the next entry."""
        at = _At(index, entry.event.time)
        match entry.says:
            case CommittedClearing() as says:
                self.used_at[says.clearing] = says.at
            case CreatedRelease() | RevisedRelease() | EndedRelease() as says:
                self._release(at, says)
            case HandedOver() | AcknowledgedDisclosure() | FailedDisclosure() as says:
                self._disclosure(at, says)
            case DueRevocation() | DoneRevocation() | NotifiedRevocation() as says:
                self._revocation(at, says)
            case RevocationAck() as says:
                held = at.known("revocation", says.revocation, self.revocations)
                acks = (*held.acks, at.entered(says))
                self.revocations[held.name] = replace(held, acks=acks)
            case RunStart() | RunEnd() | ModelEntry() as says:
                self._run(at, says)
            case _:
                pass

    def register(self, size: int) -> Register:
        """Put what was read together."""
        models = _by(self.models.values(), lambda one: [one.entry.says.run])
        runs = {
            name: replace(run, models=models.get(name, ())) for name, run in self.runs.items()
        }
        readers = _by(
            runs.values(), lambda one: [release for release, _ in one.start.says.releases]
        )
        disclosures = _by(self.disclosures.values(), lambda one: [one.handed.says.release])
        revocations = _by(self.revocations.values(), lambda one: [one.due.says.release])
        return Register(
            size=size,
            releases={
                name: replace(
                    release,
                    disclosures=disclosures.get(name, ()),
                    revocations=revocations.get(name, ()),
                    runs=readers.get(name, ()),
                )
                for name, release in self.releases.items()
            },
            runs=runs,
            models=dict(self.models),
        )

    def _release(self, at: _At, says: ReleaseEntry) -> None:
        if isinstance(says, CreatedRelease):
            if says.release in self.releases:
                raise at.wrong("a release of this name was made before")
            # Where no clearing is found everything since the beginning is asked again: nothing is permitted by it.
            used_at = self.used_at.get(says.clearing, 0)
            self.releases[says.release] = ReleaseState(
                created=at.entered(says), used_at=used_at
            )
            return
        held = at.known("release", says.release, self.releases)
        if isinstance(says, EndedRelease):
            self.releases[held.name] = replace(held, ended=held.ended or at.entered(says))
            return
        if says.revision != held.revision + 1:
            raise at.wrong(
                f"revision {says.revision} follows {held.revision} of release `{held.name}`"
            )
        revocation = at.known("revocation", says.revocation, self.revocations)
        if revocation.due.says.release != held.name:
            raise at.wrong(f"revocation `{revocation.name}` is of another release")
        self.releases[held.name] = replace(held, revised=(*held.revised, at.entered(says)))

    def _disclosure(self, at: _At, says: DisclosureEntry) -> None:
        if isinstance(says, HandedOver):
            if says.disclosure in self.disclosures:
                raise at.wrong("a disclosure has its name already")
            release = at.known("release", says.release, self.releases)
            if says.revision > release.revision:
                raise at.wrong("there is no such revision yet")
            self.disclosures[says.disclosure] = DisclosureState(handed=at.entered(says))
            return
        held = at.known("disclosure", says.disclosure, self.disclosures)
        self.disclosures[held.name] = (
            replace(held, acknowledged=held.acknowledged or at.entered(says))
            if isinstance(says, AcknowledgedDisclosure)
            else replace(held, failed=held.failed or at.entered(says))
        )

    def _revocation(self, at: _At, says: RevocationEntry) -> None:
        if isinstance(says, DueRevocation):
            if says.revocation in self.revocations:
                raise at.wrong("a revocation has its name already")
            release = at.known("release", says.release, self.releases)
            if says.revision > release.revision:
                raise at.wrong("there is no such revision yet")
            self.revocations[says.revocation] = RevocationState(due=at.entered(says))
            return
        held = at.known("revocation", says.revocation, self.revocations)
        if isinstance(says, NotifiedRevocation):
            notified = (*held.notified, at.entered(says))
            self.revocations[held.name] = replace(held, notified=notified)
            return
        if held.due.says.release != says.release:
            raise at.wrong(f"revocation `{held.name}` is of another release")
        made = {
            one.says.revision
            for one in at.known("release", says.release, self.releases).revised
            if one.says.revocation == held.name
        }
        if says.revision not in made or says.revision <= held.due.says.revision:
            raise at.wrong(f"revocation `{held.name}` did not make revision {says.revision}")
        self.revocations[held.name] = replace(held, done=held.done or at.entered(says))

    def _run(self, at: _At, says: RunStart | RunEnd | ModelEntry) -> None:
        if isinstance(says, RunStart):
            if says.run in self.runs:
                raise at.wrong("a run has its name already")
            for name, revision in says.releases:
                release = at.known("release", name, self.releases)
                if revision > release.revision:
                    raise at.wrong("there is no such revision yet")
            if says.base is not None:
                at.known("model", says.base, self.models)
            self.runs[says.run] = RunState(start=at.entered(says))
            return
        held = at.known("run", says.run, self.runs)
        if isinstance(says, RunEnd):
            self.runs[held.name] = replace(held, end=held.end or at.entered(says))
            return
        if says.model in self.models:
            raise at.wrong("a model has its name already")
        if says.base != held.start.says.base:
            raise at.wrong(f"its base is another than that of run `{held.name}`")
        self.models[says.model] = ModelState(entry=at.entered(says))


@dataclass(frozen=True, slots=True)
class _At:
    """Where in the log something is said."""

    index: int
    time: Instant

    def entered(self, says: Said) -> Entered[Said]:
        return Entered(index=self.index, time=self.time, says=says)

    def wrong(self, why: str) -> VerificationError:
        """Make the error for what does not follow from what stands before."""
        return VerificationError(
            f"entry {self.index} says what cannot be: {why}",
            code="release/register",
            hint="run `privity ledger check DIR`, and see who wrote it",
        )

    def known(self, kind: str, name: str, among: dict[str, Item]) -> Item:
        """Give what was named before.

        Raises:
            VerificationError: Nothing was.
        """
        found = among.get(name)
        if found is None:
            raise self.wrong(f"there is no {kind} `{name}` before it")
        return found


def _by(
    items: Iterable[Item], names: Callable[[Item], Iterable[str]]
) -> dict[str, tuple[Item, ...]]:
    found: dict[str, list[Item]] = defaultdict(list)
    for item in items:
        for name in names(item):
            found[name].append(item)
    return {name: tuple(some) for name, some in found.items()}
