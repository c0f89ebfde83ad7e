# SPDX-License-Identifier: Apache-2.0
"""What a member is to two policies: the parts of a cell, each with its reasons (specs/analysis.md part 2).

A party refuses by parts that do not look at each other: an agreement, a place, an age, a setting, a no. So a
record opens where a part that refused under the old policy no longer does, and no part refuses under the new
one; a cell is the parts together.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Final, Literal

from privity.canonical.instants import Instant
from privity.decide.analysis.judge import NOBODY, Judge, Reasons, Signature, States
from privity.decide.analysis.space import NEW, OLD, Side, Situation, Span
from privity.decide.analysis.stories import Said
from privity.members.facts import Fact
from privity.members.state import State, is_no, is_yes
from privity.members.timeline import Timeline

Kind = Literal[
    "ground", "readers", "agreement", "place", "place-then", "age", "deceased", "setting", "no"
]
Direction = Literal["opens", "closes"]
When = Literal["now", "then"]

MOMENTS: Final[tuple[When, When]] = ("now", "then")

SIDES: Final[tuple[Side, Side]] = (OLD, NEW)
BY_PLACE: Final[frozenset[Kind]] = frozenset(("ground", "place", "setting"))
"""The parts for which it matters where the member is now."""

_REASONS_OF: Final[dict[Kind, Reasons]] = {
    "agreement": frozenset(("agreement",)),
    "age": frozenset(("minor", "age-unknown")),
}


@dataclass(frozen=True, kw_only=True, slots=True)
class Part:
    """One part of what a member is.

    Attributes:
        kind: Which part.
        name: The agreement or the setting, where it is about one.
        value: What else tells it from others of its kind.
    """

    kind: Kind
    name: str = ""
    value: tuple[object, ...] = ()


@dataclass(frozen=True, kw_only=True, slots=True)
class Standing:
    """A part, and the reasons for which each policy refuses by it."""

    part: Part
    reasons: tuple[Reasons, Reasons]


@dataclass(frozen=True, kw_only=True, slots=True)
class Cell:
    """What a party and a record are to the two policies.

    Attributes:
        situation: The uses that are asked for.
        span: When the record was made.
        place: What the party's jurisdictions of now come to.
        standings: Its parts by which either policy refuses.
    """

    situation: Situation
    span: Span
    place: Signature
    standings: tuple[Standing, ...]


def change_of(standings: Iterable[Standing]) -> Direction | None:
    """Tell what parts come to: those of one party, or of all parties of a record."""
    refused = [False, False]
    for standing in standings:
        for side in SIDES:
            refused[side] |= bool(standing.reasons[side])
    if refused[OLD] == refused[NEW]:
        return None
    return "opens" if refused[OLD] else "closes"


def cell_of(
    judge: Judge,
    situation: Situation,
    created_at: Instant,
    timelines: tuple[Timeline, Timeline],
) -> Cell:
    """Give the cell of a party that is asked under both policies.

    Args:
        judge: Asks the rule.
        situation: The use.
        created_at: When the record was made, by `at`.
        timelines: The party's timeline as each policy has it (merges differ with the settings known);
            it had joined, its account is open, its jurisdictions are known, and no order stops its use.
    """
    at = judge.space.at
    now = (timelines[OLD].at(at), timelines[NEW].at(at))
    then = (timelines[OLD].at(created_at), timelines[NEW].at(created_at))
    person = _Person(
        judge=judge, situation=situation, created_at=created_at, now=now, then=then
    )
    standings = [
        standing
        for standing in (
            *person.ground(),
            *person.agreements(),
            *person.places(),
            person.age(),
            *person.death(),
            *person.settings(),
            *person.noes(),
        )
        if any(standing.reasons)
    ]
    return Cell(
        situation=situation,
        span=judge.space.span_of(created_at),
        place=judge.signature(situation, now[OLD].codes),
        standings=tuple(standings),
    )


def agreement_of(
    judge: Judge, situation: Situation, created_at: Instant, name: str, when: When
) -> Standing:
    """Give the standing of an agreement that a party has, or had when the record was made."""
    low = judge.space.low
    held = Fact(member="m", fact="agreement", value=name, at=low, recorded_at=low)
    one = State((held,), None)
    part = Part(kind="agreement", name=name, value=(when,))
    states = (one, NOBODY) if when == "now" else (NOBODY, one)
    return _overlap(judge, situation, created_at, part, states)


def age_of(
    judge: Judge, situation: Situation, created_at: Instant, timeline: Timeline
) -> Standing:
    """Give the standing of a party by its age alone."""
    now, then = timeline.at(judge.space.at), timeline.at(created_at)
    return _Person(
        judge=judge,
        situation=situation,
        created_at=created_at,
        now=(now, now),
        then=(then, then),
    ).age()


def readers_standing(reasons: tuple[Reasons, Reasons]) -> Standing:
    """Give the standing of a reader of a message in a group whom only one policy asks."""
    return Standing(part=Part(kind="readers"), reasons=reasons)


def said_of(state: State, name: str) -> Said:
    """Give what a member has said in a setting."""
    choice = state.choice(name)
    if is_yes(choice):
        return "yes, for all" if state.standing_run(name)[-1].covers_all else "yes"
    return "no" if is_no(choice) else "nothing"


@dataclass(frozen=True, kw_only=True, slots=True)
class _Person:
    """A party under both policies; states are given for each, old and new."""

    judge: Judge
    situation: Situation
    created_at: Instant
    now: tuple[State, State]
    then: tuple[State, State]

    def ground(self) -> Iterator[Standing]:
        reasons = tuple(self.judge.ground(side, self.situation) for side in SIDES)
        side = NEW if reasons[OLD] else OLD
        spoken = {
            said_of(self.now[side], name) for name in self.judge.governing(side, self.situation)
        }
        said = "nothing" if spoken <= {"nothing"} else "yes"
        yield Standing(
            part=Part(kind="ground", value=(said,)), reasons=(reasons[0], reasons[1])
        )

    def agreements(self) -> Iterator[Standing]:
        for when, state in zip(MOMENTS, (self.now[OLD], self.then[OLD]), strict=True):
            for fact in state.agreements:
                yield agreement_of(
                    self.judge, self.situation, self.created_at, fact.value, when
                )

    def places(self) -> Iterator[Standing]:
        judge, situation = self.judge, self.situation
        codes = self.now[OLD].codes
        exempt = (judge.exempt(OLD, situation, codes), judge.exempt(NEW, situation, codes))
        yield Standing(part=Part(kind="place"), reasons=exempt)
        for code in sorted(self.then[OLD].codes):
            old, new = (
                judge.exempt_then(side, situation, code, self.created_at) for side in SIDES
            )
            key = judge.place_key(code, self.created_at)
            yield Standing(part=Part(kind="place-then", value=key), reasons=(old, new))

    def age(self) -> Standing:
        now, then = (_of_age_alone(state) for state in (self.now[OLD], self.then[OLD]))
        suspected = now.suspicion is not None or then.suspicion is not None
        reached = self.judge.space.reached(now.birth_date, self.created_at)
        value = (*reached, bool(now.all("birth_date")), suspected)
        part = Part(kind="age", value=value)
        return _overlap(self.judge, self.situation, self.created_at, part, (now, then))

    def death(self) -> Iterator[Standing]:
        old, new = (
            self.judge.death(side, self.situation, self.created_at, self.now[side])
            for side in SIDES
        )
        yield Standing(part=Part(kind="deceased"), reasons=(old, new))

    def settings(self) -> Iterator[Standing]:
        judge, situation = self.judge, self.situation
        governing = [judge.governing(side, situation) for side in SIDES]
        for name in sorted(governing[OLD].keys() | governing[NEW].keys()):
            old, new = (
                judge.setting(
                    side, situation, self.created_at, name, (self.now[side], self.then[side])
                )
                for side in SIDES
            )
            side = OLD if name in governing[OLD] else NEW
            part = Part(kind="setting", name=name, value=(said_of(self.now[side], name),))
            yield Standing(part=part, reasons=(old, new))

    def noes(self) -> Iterator[Standing]:
        spoken = {
            fact.setting
            for states in (self.now, self.then)
            for state in states
            for fact in state.facts
            if fact.fact in ("setting", "objection")
        }
        if not spoken:
            return
        known = self.judge.space.settings
        for name in sorted(
            known[OLD] | known[NEW] | {one for one in spoken if one is not None}
        ):
            old, new = (
                self.judge.noes(
                    side,
                    self.situation,
                    self.created_at,
                    name,
                    (self.now[side], self.then[side]),
                )
                for side in SIDES
            )
            yield Standing(part=Part(kind="no", name=name), reasons=(old, new))


def _overlap(
    judge: Judge, situation: Situation, created_at: Instant, part: Part, states: States
) -> Standing:
    """Ask both policies about a part that refuses by overlap."""
    kinds = _REASONS_OF[part.kind]
    old, new = (
        kinds & judge.overlap(side, situation, created_at, part, states) for side in SIDES
    )
    return Standing(part=part, reasons=(old, new))


def _of_age_alone(state: State) -> State:
    kinds = ("birth_date", "minor-suspected", "minor-cleared")
    return State(state.all(*kinds), state.birth_date)
