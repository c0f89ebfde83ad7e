# SPDX-License-Identifier: Apache-2.0
"""What is not undone by a taking back, said plainly (docs/revoking.md).

A record that was taken back is gone from the operator's table. A copy that went out has it until its recipient deletes it,
and a model that was trained on it was trained on it: nothing here promises that a model forgets, and what is made from
such a model is made from it too.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from privity.app.releases.state.states import (
    DisclosureState,
    ModelState,
    Register,
    ReleaseState,
    RevocationState,
    RunState,
)
from privity.canonical.instants import Instant, format_instant


@dataclass(frozen=True, kw_only=True, slots=True)
class CopyOut:
    """A copy that went out with records that were taken back, or are being taken back.

    Attributes:
        disclosure: The hand-over.
        revocations: What was taken back of its records, in order.
    """

    disclosure: DisclosureState
    revocations: tuple[RevocationState, ...]

    @property
    def open(self) -> tuple[RevocationState, ...]:
        """What its recipient has not attested."""
        return tuple(one for one in self.revocations if not one.acks)

    def mapping(self, at: Instant) -> Mapping[str, Any]:
        """Give it as plain values for JSON."""
        handed = self.disclosure.handed
        return {
            "disclosure": self.disclosure.name,
            "recipient": handed.says.recipient,
            "revision": handed.says.revision,
            "since": format_instant(handed.time),
            "revocations": [_done_about(one, at) for one in self.revocations],
        }


@dataclass(frozen=True, kw_only=True, slots=True)
class TrainedOn:
    """A run that read records which were taken back later, or were due already.

    Attributes:
        run: The run.
        release: The release that it read.
        revision: The revision that it read.
        revocations: What was taken back from that release since, in order.
        models: The models that the run made.
        derived: Models that were made from those, by whatever steps.
    """

    run: RunState
    release: str
    revision: int
    revocations: tuple[RevocationState, ...]
    models: tuple[ModelState, ...]
    derived: tuple[ModelState, ...]

    @property
    def records(self) -> int:
        """How many records it read, or may have read, that were taken back."""
        return sum(one.due.says.records for one in self.revocations)

    def mapping(self) -> Mapping[str, Any]:
        """Give it as plain values for JSON."""
        end = self.run.end
        return {
            "run": self.run.name,
            "release": self.release,
            "revision": self.revision,
            "since": format_instant(self.run.start.time),
            "ended": None if end is None else format_instant(end.time),
            "how": None if end is None else end.says.how,
            "records": self.records,
            "revocations": [one.name for one in self.revocations],
            "models": [one.name for one in self.models],
            "derived": [one.name for one in self.derived],
        }


@dataclass(frozen=True, kw_only=True, slots=True)
class Undone:
    """What is not undone.

    Attributes:
        copies: Copies that went out.
        runs: Runs that read what was taken back later.
    """

    copies: tuple[CopyOut, ...]
    runs: tuple[TrainedOn, ...]


def undone_of(register: Register, release: ReleaseState) -> Undone:
    """Say what of a release's takings back is not undone."""
    copies = [
        CopyOut(disclosure=one, revocations=_since(release, one.handed.says.revision))
        for one in release.disclosures
        if one.out
    ]
    return Undone(
        copies=tuple(one for one in copies if one.revocations),
        runs=tuple(
            found
            for run in release.runs
            if (found := _trained(register, run, release)) is not None
        ),
    )


def tainted(register: Register, model: ModelState) -> tuple[TrainedOn, ...]:
    """Give the runs behind a model, and behind what it was made from, that read records which were taken back."""
    found = []
    for one in lineage(register, model):
        run = register.run(one.entry.says.run)
        for name, _ in run.start.says.releases:
            trained = _trained(register, run, register.release(name))
            if trained is not None:
                found.append(trained)
    return tuple(found)


def lineage(register: Register, model: ModelState) -> tuple[ModelState, ...]:
    """Give a model and what it was made from, the newest first."""
    found, base = [model], model.entry.says.base
    while base is not None:
        found.append(register.model(base))
        base = found[-1].entry.says.base
    return tuple(found)


def derived_from(register: Register, models: Iterable[ModelState]) -> tuple[ModelState, ...]:
    """Give the models that were made from some, by whatever steps, in the order of the log."""
    names = {one.name for one in models}
    found = []
    for one in sorted(register.models.values(), key=lambda model: model.entry.index):
        if one.entry.says.base in names:
            names.add(one.name)
            found.append(one)
    return tuple(found)


def _trained(register: Register, run: RunState, release: ReleaseState) -> TrainedOn | None:
    revision = run.revision_of(release.name)
    if revision is None:
        return None
    revocations = _since(release, revision)
    if not revocations:
        return None
    return TrainedOn(
        run=run,
        release=release.name,
        revision=revision,
        revocations=revocations,
        models=run.models,
        derived=derived_from(register, run.models),
    )


def _since(release: ReleaseState, revision: int) -> tuple[RevocationState, ...]:
    """Give what was taken back, or is due, of the records that a revision had."""
    return tuple(one for one in release.revocations if one.due.says.revision >= revision)


def _done_about(one: RevocationState, at: Instant) -> Mapping[str, Any]:
    says = one.due.says
    return {
        "revocation": one.name,
        "records": says.records,
        "deadline": format_instant(says.deadline),
        "overdue": not one.acks and says.deadline <= at,
        "taken_back_here": None if one.done is None else format_instant(one.done.time),
        "told": next(
            (format_instant(said.time) for said in one.notified if said.says.ok), None
        ),
        "attested": next((format_instant(said.time) for said in one.acks), None),
    }
