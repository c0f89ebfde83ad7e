# SPDX-License-Identifier: Apache-2.0
"""One party of a record under a request, at the two instants that matter: now and then.

What it refuses by is `privity.decide.explain.party`.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from privity.canonical.instants import Instant
from privity.decide.case import Case
from privity.decide.explain.words import Moment
from privity.decide.grant import Asked
from privity.members.facts import Fact, MemberId
from privity.members.state import State
from privity.members.timeline import Timeline
from privity.policy.model import Setting, Version


@dataclass(frozen=True, kw_only=True, slots=True)
class Asking:
    """One party of a case.

    Attributes:
        case: The record under the request.
        party: Who is asked.
        now: The party's state at the time of use.
        then: The party's state when the record was made, or None where that is not known.
        birth: The birth date that counts, which holds at all times, or None.
    """

    case: Case
    party: MemberId
    now: State
    then: State | None
    birth: Fact | None

    def moments(self) -> Iterator[tuple[Moment, State, Instant]]:
        """Give the instants that are asked about, each with the party's state."""
        yield Moment.NOW, self.now, self.case.request.at
        if self.then is not None and self.case.then is not None:
            yield Moment.THEN, self.then, self.case.then

    def versions(self, version: Version) -> Iterator[tuple[Moment, State, Instant, Version]]:
        """Give for each instant the versions whose settings refuse there.

        Now it is the version in force; then it is that one and the texts of then.
        """
        others = [text for text in self.case.texts_of_then if text is not version]
        for moment, state, instant in self.moments():
            for one in [version, *others] if moment is Moment.THEN else [version]:
                yield moment, state, instant, one


def ask(case: Case, party: MemberId) -> tuple[Asking, Timeline]:
    """Look up one party of a case, and its timeline; nothing may be known of it."""
    timeline = case.world.members.get(party, Timeline())
    births = [fact for fact in timeline.facts if fact.fact == "birth_date"]
    return Asking(
        case=case,
        party=party,
        now=timeline.at(case.request.at),
        then=timeline.at(case.then) if case.then is not None else None,
        birth=max(births, key=lambda fact: fact.value, default=None),
    ), timeline


def biting(version: Version, asked: Asked) -> tuple[Setting, ...]:
    """Give the settings of a version that bite on what is asked."""
    return version.biting(asked.purpose, asked.category, asked.role)
