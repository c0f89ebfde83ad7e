# SPDX-License-Identifier: Apache-2.0
"""Whether members are those that a statement is about (specs/audit.md, part 4).

Asked at an instant, of what is known now and of what was known when a use was entered. Who is not told of, or not wholly,
may be anybody.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Final

from privity.audit.certainty import NO, PERHAPS, YES, joined
from privity.audit.evidence import UNREADABLE, Evidence, Told
from privity.audit.statement import StatementQuestion
from privity.canonical.instants import LATEST, Instant
from privity.members.facts import Fact, MemberId
from privity.members.state import State
from privity.members.timeline import Timeline, timelines
from privity.policy.model import any_in
from privity.vocabulary.places import is_code, members as members_of_groups

_KINDS: Final = frozenset({"joined", "jurisdiction", "agreement", "agreement-ended"})
_HIDING: Final = "private-facts"
"""The gap that can hide facts of members of whom others are there: what was erased was erased whole, and what cannot be read has
something that stands for it."""

_Entered = tuple[int, Fact]


@dataclass(frozen=True, kw_only=True, slots=True)
class Placed:
    """Where a member stood, as far as a statement asks.

    Attributes:
        certainty: Whether it is one of those that the statement is about.
        entries: The entries that say so.
    """

    certainty: int
    entries: tuple[int, ...] = ()


@dataclass(frozen=True, kw_only=True)
class People:
    """What is told of members, for one statement.

    Attributes:
        question: The statement.
        told: What is told of each, with the entries, in their order.
        meant: Those that are not out of the question whatever the instant, of all that were asked about.
        hidden: Whether facts of anybody may be missing.
    """

    question: StatementQuestion
    told: Mapping[MemberId, tuple[_Entered, ...]]
    hidden: bool
    meant: tuple[MemberId, ...] = ()
    _lines: dict[tuple[MemberId, int], Timeline] = field(default_factory=dict, repr=False)

    def placed(self, member: MemberId, at: Instant, size: int) -> Placed:
        """Tell whether a member is meant at an instant, where a use was entered after the first entries."""
        told = self.told.get(member, ())
        if self.hidden or _is_in_part(told) or not _has_joined(told):
            return Placed(certainty=PERHAPS)
        now, by = self._known(member, at, len(told))
        earlier = sum(entry < size for entry, _ in told)
        then = now if earlier == len(told) else self._known(member, at, earlier)[0]
        entries = {entry for entry, fact in told for one in by if one is fact}
        return Placed(certainty=joined(now, then), entries=tuple(sorted(entries)))

    def _known(self, member: MemberId, at: Instant, count: int) -> tuple[int, tuple[Fact, ...]]:
        """Ask what the first of the things that are told come to."""
        line = self._lines.get((member, count))
        if line is None:
            facts = [fact for _, fact in self.told[member][:count]]
            line = timelines(facts, LATEST).get(member, Timeline())
            self._lines[member, count] = line
        return _meant(self.question, line.at(at), at)


def people_of(
    evidence: Evidence, question: StatementQuestion, members: Collection[MemberId]
) -> People:
    """Read what is told of members, once; nothing is asked where the statement is about everybody."""
    found: dict[MemberId, list[_Entered]] = defaultdict(list)
    if question.about_members:
        wanted = frozenset(members)
        # By name, however many: a bundle has of members those who were asked about, and no more.
        for one in evidence.told(wanted, evidence.log.checkpoint.size):
            member = one.fact.member
            if member in wanted and (one.fact.fact in _KINDS or _is_unreadable(one.fact)):
                found[member].append((one.entry, _believed(one)))
    told = {member: tuple(sorted(some, key=_entry)) for member, some in found.items()}
    meant = [one for one in members if _may_be_meant(question, told.get(one, ()))]
    return People(
        question=question,
        told=told,
        hidden=any(gap.kind == _HIDING for gap in evidence.gaps),
        meant=tuple(sorted(meant, key=str)),
    )


def _may_be_meant(question: StatementQuestion, told: Sequence[_Entered]) -> bool:
    """Tell whether a member is not out of the question whatever the instant."""
    if _is_in_part(told) or not _has_joined(told):
        return True
    codes = {fact.value for _, fact in told if fact.fact == "jurisdiction"}
    held = {fact.value for _, fact in told if fact.fact == "agreement"}
    return (not question.places or not codes or _ever_in(codes, question.places)) and (
        question.agreement is None or question.agreement in held
    )


def _meant(
    question: StatementQuestion, state: State, at: Instant
) -> tuple[int, tuple[Fact, ...]]:
    """Tell whether a state is one that is asked about, and by which facts."""
    if state.joined is None:
        return NO, ()
    certainty, by = YES, []
    if question.places:
        inside = [
            one for one in state.jurisdictions if any_in((one.value,), question.places, at)
        ]
        by += inside
        if not inside:
            told = state.codes and all(map(is_code, state.codes))
            certainty = NO if told else PERHAPS
    if question.agreement is not None:
        held = [one for one in state.agreements if one.value == question.agreement]
        by += held
        certainty = min(certainty, YES if held else NO)
    return certainty, tuple(by)


def _entry(one: _Entered) -> int:
    return one[0]


def _believed(told: Told) -> Fact:
    """Give a fact as it is told: who claims it says no later than its entry that it was recorded."""
    return replace(told.fact, recorded_at=min(told.fact.recorded_at, told.entered))


def _is_unreadable(fact: Fact) -> bool:
    return fact.fact == "setting" and fact.setting == UNREADABLE


def _is_in_part(told: Iterable[_Entered]) -> bool:
    return any(_is_unreadable(fact) for _, fact in told)


def _has_joined(told: Iterable[_Entered]) -> bool:
    return any(fact.fact == "joined" for _, fact in told)


def _ever_in(codes: Collection[str], places: Iterable[str]) -> bool:
    """Tell whether any code is, or was or will be at any time, in one of the places."""
    groups = members_of_groups()
    return any(
        code == place or code in groups.get(place, ()) or not is_code(code)
        for code in codes
        for place in places
    )
