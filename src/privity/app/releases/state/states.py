# SPDX-License-Identifier: Apache-2.0
"""What became of a release, a run and a model, as the log says it (specs/release.md)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Generic, TypeVar

from privity.canonical.instants import Instant
from privity.entries.disclosure import AcknowledgedDisclosure, FailedDisclosure, HandedOver
from privity.entries.kinds import PublicKind
from privity.entries.model import ModelEntry
from privity.entries.release import Content, CreatedRelease, EndedRelease, RevisedRelease
from privity.entries.revocation import (
    DoneRevocation,
    DueRevocation,
    NotifiedRevocation,
    RevocationAck,
)
from privity.entries.run import RunEnd, RunStart
from privity.errors import InputError
from privity.vocabulary.terms import quoted

Said = TypeVar("Said", bound=PublicKind)
Found = TypeVar("Found")


@dataclass(frozen=True, kw_only=True, slots=True)
class Entered(Generic[Said]):
    """An entry of the log.

    Attributes:
        index: Its index.
        time: When it was entered.
        says: What it says.
    """

    index: int
    time: Instant
    says: Said


@dataclass(frozen=True, kw_only=True, slots=True)
class DisclosureState:
    """A hand-over, and what became of it.

    Attributes:
        handed: It was begun.
        acknowledged: The recipient has signed, or None.
        failed: It came to nothing, or None.
    """

    handed: Entered[HandedOver]
    acknowledged: Entered[AcknowledgedDisclosure] | None = None
    failed: Entered[FailedDisclosure] | None = None

    @property
    def name(self) -> str:
        """Its name."""
        return self.handed.says.disclosure

    @property
    def out(self) -> bool:
        """Whether the recipient may have the copy: it has signed, or nobody has said that it came to nothing."""
        return self.acknowledged is not None or self.failed is None


@dataclass(frozen=True, kw_only=True, slots=True)
class RevocationState:
    """A taking back, and how far it has come.

    Attributes:
        due: What is to go, and by when.
        done: The operator's copy is without it, or None.
        notified: Who was told, in order; somebody may stand several times.
        acks: Who has signed what it deleted, in order.
    """

    due: Entered[DueRevocation]
    done: Entered[DoneRevocation] | None = None
    notified: tuple[Entered[NotifiedRevocation], ...] = ()
    acks: tuple[Entered[RevocationAck], ...] = ()

    @property
    def name(self) -> str:
        """Its name."""
        return self.due.says.revocation


@dataclass(frozen=True, kw_only=True, slots=True)
class ModelState:
    """A model.

    Attributes:
        entry: What is said of it.
    """

    entry: Entered[ModelEntry]

    @property
    def name(self) -> str:
        """Its name."""
        return self.entry.says.model


@dataclass(frozen=True, kw_only=True, slots=True)
class RunState:
    """A training run.

    Attributes:
        start: It began.
        end: It ended, or None.
        models: The models that it made, in order.
    """

    start: Entered[RunStart]
    end: Entered[RunEnd] | None = None
    models: tuple[ModelState, ...] = ()

    @property
    def name(self) -> str:
        """Its name."""
        return self.start.says.run

    def revision_of(self, release: str) -> int | None:
        """Give the revision of a release that it reads, or None."""
        return dict(self.start.says.releases).get(release)


@dataclass(frozen=True, kw_only=True, slots=True)
class ReleaseState:
    """A release, and everything that was made of it.

    Attributes:
        created: It was made.
        used_at: The instant of use that it was decided for.
        revised: Its later revisions, in order.
        ended: It has ended, or None.
        disclosures: Its hand-overs, in order.
        revocations: What was taken back from it, in order.
        runs: The runs that read it, in order.
    """

    created: Entered[CreatedRelease]
    used_at: Instant
    revised: tuple[Entered[RevisedRelease], ...] = ()
    ended: Entered[EndedRelease] | None = None
    disclosures: tuple[DisclosureState, ...] = ()
    revocations: tuple[RevocationState, ...] = ()
    runs: tuple[RunState, ...] = ()

    @property
    def name(self) -> str:
        """Its name."""
        return self.created.says.release

    @property
    def newest(self) -> Entered[CreatedRelease] | Entered[RevisedRelease]:
        """The entry of its newest revision."""
        return self.revised[-1] if self.revised else self.created

    @property
    def revision(self) -> int:
        """Its newest revision."""
        return self.newest.says.revision

    @property
    def content(self) -> Content:
        """What is in it now."""
        return self.newest.says.content

    @property
    def ledger_size(self) -> int:
        """How many entries its newest revision heeds."""
        return self.newest.says.ledger_size

    @property
    def decided_at(self) -> Instant:
        """The instant of use that its newest revision was decided for."""
        return max(self.used_at, self.revised[-1].time) if self.revised else self.used_at

    @property
    def purpose(self) -> str:
        """What it may be used for."""
        return self.created.says.purpose

    @property
    def recipient(self) -> str:
        """Who may get it."""
        return self.created.says.recipient

    @property
    def expires_at(self) -> Instant | None:
        """When it ends by itself, or None."""
        return self.created.says.expires_at

    @property
    def models(self) -> tuple[ModelState, ...]:
        """The models that runs made of it, in the order of the runs."""
        return tuple(model for run in self.runs for model in run.models)

    def expired(self, at: Instant) -> bool:
        """Tell whether it has ended by itself at an instant: it is to be used before `expires_at`."""
        return self.expires_at is not None and self.expires_at <= at

    def live(self, at: Instant) -> bool:
        """Tell whether it is to be used at an instant, as far as nothing of it is due."""
        return self.ended is None and not self.expired(at)


@dataclass(frozen=True, kw_only=True, slots=True)
class Register:
    """What a log says of releases, runs and models, each in the order of the log.

    Attributes:
        size: How many entries of the log were read.
        releases: The releases, by their names.
        runs: The runs, by their names.
        models: The models, by their names.
    """

    size: int
    releases: Mapping[str, ReleaseState]
    runs: Mapping[str, RunState]
    models: Mapping[str, ModelState]

    def release(self, name: str) -> ReleaseState:
        """Give a release.

        Raises:
            InputError: There is none of this name (`release/unknown-release`).
        """
        return _named(
            "release",
            name,
            self.releases,
            code="release/unknown-release",
            command="privity release list",
        )

    def run(self, name: str) -> RunState:
        """Give a run.

        Raises:
            InputError: There is none of this name (`release/unknown-run`).
        """
        return _named(
            "run", name, self.runs, code="release/unknown-run", command="privity run list"
        )

    def model(self, name: str) -> ModelState:
        """Give a model.

        Raises:
            InputError: There is none of this name (`release/unknown-model`).
        """
        return _named(
            "model",
            name,
            self.models,
            code="release/unknown-model",
            command="privity model list",
        )


def _named(
    kind: str, name: str, known: Mapping[str, Found], *, code: str, command: str
) -> Found:
    found = known.get(name)
    if found is None:
        raise InputError(
            f"there is no {kind} {quoted(name)} in this log",
            code=code,
            hint=f"see `{command}`",
        )
    return found
