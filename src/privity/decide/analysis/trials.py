# SPDX-License-Identifier: Apache-2.0
"""Made members, each with a record: what a comparison asks the rule about, and shows as its examples."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from itertools import product
from typing import Final

from privity.canonical.instants import Instant
from privity.decide.analysis.space import DAY, Situation, Space
from privity.decide.analysis.stories import Scope, Told
from privity.decide.request import Record
from privity.members.facts import Fact
from privity.members.timeline import Timeline, sort_key

MEMBER: Final = "m"
_GROWN_UP: Final = 200
_YEAR: Final = 31_556_952
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, kw_only=True, slots=True)
class Yes:
    """A yes in a setting."""

    setting: str
    at: Instant
    scope: Scope


@dataclass(frozen=True, kw_only=True, slots=True)
class Trial:
    """A made member and the time of its record.

    Attributes:
        codes: Its jurisdictions now.
        codes_then: Those when the record was made; where the record is made at the instant of use, the
            same.
        created_at: When the record was made.
        birth_date: Its birth date, or None.
        proved: Whether the birth date was given by the instant of use.
        told: Which notices were delivered when.
        said: Its yeses.
        further: What else is known of it.
    """

    codes: frozenset[str]
    codes_then: frozenset[str]
    created_at: Instant
    birth_date: str | None
    proved: bool = True
    told: Told = ()
    said: tuple[Yes, ...] = ()
    further: tuple[Fact, ...] = ()

    def with_facts(self, *facts: Fact) -> Trial:
        """Give the same member with further facts."""
        return replace(self, further=(*self.further, *facts))


def grown_up(space: Space) -> str:
    """Give the birth date of somebody who was of every age before anything happened."""
    year = (_EPOCH + timedelta(seconds=space.low)).year
    return f"{max(1, year - _GROWN_UP):04d}-01-01"


def birth_dates(instants: Iterable[Instant], ages: Iterable[int]) -> list[str]:
    """Give birth dates of which some come of age just before, and some just after, each instant."""
    found = set()
    for instant, age in product(instants, tuple(ages)):
        year, month, day = (_EPOCH + timedelta(seconds=instant)).timetuple()[:3]
        if year - age < 1:
            continue
        # Of a leap day that is no date in that year, the next one comes of age as late.
        born = date(year - age, month, day) if (month, day) != (2, 29) else None
        born = born or date(year - age, 3, 1)
        found |= {(born + timedelta(days=beside)).isoformat() for beside in (-1, 0, 1)}
    return sorted(found)


def years_before(instant: Instant, years: int) -> Instant:
    """Give an instant some years earlier, by the calendar's average."""
    return instant - years * _YEAR


def fact(space: Space, kind: str, at: Instant, value: str = "", **detail: str) -> Fact:
    """Make a fact of the made member, recorded when it was true, or known at the latest."""
    return Fact(
        member=MEMBER,
        fact=kind,
        value=value,
        at=at,
        recorded_at=min(at, space.known),
        detail=detail,
    )


def timeline_of(space: Space, trial: Trial) -> Timeline:
    """Give the timeline of a made member."""
    return Timeline(tuple(sorted(facts_of(space, trial), key=sort_key)))


def facts_of(space: Space, trial: Trial) -> list[Fact]:
    """Give the facts of a made member."""
    made = [fact(space, "joined", space.low)]
    moved = trial.codes != trial.codes_then
    made += [fact(space, "jurisdiction", space.low, code) for code in sorted(trial.codes_then)]
    if moved:
        made += [
            fact(space, "jurisdiction", trial.created_at + 1, code)
            for code in sorted(trial.codes)
        ]
    if trial.birth_date is not None:
        given = space.low if trial.proved else space.at + DAY
        made.append(fact(space, "birth_date", given, trial.birth_date))
    made += [fact(space, "notice", at, name) for name, at in trial.told]
    made += [
        fact(space, "setting", one.at, "on", setting=one.setting, scope=one.scope)
        for one in trial.said
    ]
    return [*made, *trial.further]


def record_of(situation: Situation, trial: Trial) -> Record:
    """Give the record of a made member: its own, and for messages also addressed to itself."""
    return Record(
        record_id="r",
        category=situation.asked.category,
        created_at=trial.created_at,
        author=MEMBER,
        recipients=(MEMBER,),
    )
