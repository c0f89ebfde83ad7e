# SPDX-License-Identifier: Apache-2.0
"""Timelines: the facts of each member in order, merges carried out (specs/timeline.md part 2).

The order of the input never matters. At a tie of (`at`, `recorded_at`) the fact that refuses comes
last, so that "the latest stands" is the whole rule. A merge closes the account that is merged away and
makes every no that stands in it then a fact of the account that it went into.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

from privity.canonical.instants import Instant
from privity.members.facts import Fact, MemberId
from privity.members.state import State

_REFUSING = frozenset(
    (
        "closed",
        "merged",
        "objection",
        "agreement",
        "order",
        "minor-suspected",
        "recipient-ended",
        "seat-instruction-withdrawn",
        "deceased",
    )
)


def sort_key(fact: Fact) -> tuple[Instant, Instant, int, str, str, str]:
    """Give a fact's place in a timeline; at a tie the fact that refuses comes last ([TIM-11])."""
    return (
        fact.at,
        fact.recorded_at,
        _rank(fact),
        fact.value,
        str(sorted(fact.detail.items())),
        fact.fact,
    )


def _rank(fact: Fact) -> int:
    if fact.fact == "setting":
        match fact.value:
            case "on":
                return 0 if fact.covers_all else 1
            case "unset":
                return 2
            case _:
                return 3
    return 3 if fact.fact in _REFUSING else 0


@dataclass(frozen=True)
class Timeline:
    """A member's facts in order.

    Attributes:
        facts: Ordered by `sort_key`.
    """

    facts: tuple[Fact, ...] = ()

    def at(self, instant: Instant) -> State:
        """Give the state at an instant: made of the facts with `at` no later."""
        return State(tuple(fact for fact in self.facts if fact.at <= instant), self.birth_date)

    @cached_property
    def birth_date(self) -> str | None:
        """The birth date, which holds at all times; of several the youngest."""
        dates = [fact.value for fact in self.facts if fact.fact == "birth_date"]
        return max(dates, default=None)


def timelines(
    facts: Iterable[Fact], known: Instant, settings: Collection[str] | None = None
) -> Mapping[MemberId | None, Timeline]:
    """Put facts in order for each member (None: the platform), as believed at `known`.

    A fact recorded after `known` does not exist.

    Args:
        facts: The facts, in any order.
        known: Up to which `recorded_at` they are believed.
        settings: The settings that anybody knows; None takes every name for known. An off of another
            stands for good, and so passes through a merge even if a yes came after it.
    """
    grouped: dict[MemberId | None, list[Fact]] = defaultdict(list)
    for fact in facts:
        if fact.recorded_at <= known:
            grouped[fact.member].append(fact)
    for fact in passed_noes(grouped, settings):
        grouped[fact.member].append(fact)
    return {
        member: Timeline(tuple(sorted(found, key=sort_key)))
        for member, found in grouped.items()
    }


def passed_noes(
    grouped: Mapping[MemberId | None, Sequence[Fact]], settings: Collection[str] | None = None
) -> list[Fact]:
    """Give the noes that merges make facts of other accounts, in the order of time ([TIM-20])."""
    merges: dict[Instant, set[tuple[MemberId, MemberId, Instant]]] = defaultdict(set)
    like: Mapping[str, MemberId] = {
        str(member): member for member in grouped if member is not None
    }
    for member, found in grouped.items():
        for fact in found:
            if fact.fact == "merged" and member is not None:
                target = like.get(fact.value, fact.value)
                merges[fact.at].add((member, target, fact.recorded_at))
    added: dict[MemberId, list[Fact]] = defaultdict(list)
    for at in sorted(merges):
        # At one instant a no passes on as often as it can: chains, whatever their order, and rings.
        moved = True
        while moved:
            moved = False
            for member, target, recorded_at in sorted(merges[at], key=str):
                for no in noes([*grouped.get(member, ()), *added[member]], at, settings):
                    later = max(recorded_at, no.recorded_at)
                    passed = replace(no, member=target, at=at, recorded_at=later)
                    if passed not in added[target]:
                        added[target].append(passed)
                        moved = True
    return [fact for found in added.values() for fact in found]


def noes(
    facts: Iterable[Fact], at: Instant, known: Collection[str] | None = None
) -> list[Fact]:
    """Give each no that stands at `at`: offs of settings, and objections, an unnamed one whole.

    Of several in a row each stands: what one of them says, a later one does not take back.
    """
    upto = sorted((fact for fact in facts if fact.at <= at), key=sort_key)
    state = State(tuple(upto), None)
    found = []
    for setting in sorted({fact.setting for fact in upto if fact.setting is not None}):
        stray = known is not None and setting not in known
        found += [
            replace(off, value="off", detail={"setting": setting})
            for off in state.standing_noes(setting, stray=stray)
        ]
        found += state.named_objections(setting)
    return [*found, *state.unnamed_objections()]
