# SPDX-License-Identifier: Apache-2.0
"""The values that `privity.decide.one` asks, with their answers remembered: the same answers, given sooner.

A replay asks the same versions about millions of records, and the same members about each of theirs; an explanation asks
them about every stretch of time. Nothing is decided here: each method calls the one that it stands for, once for each of
its arguments, and the values never change.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Collection, Iterable, Mapping
from dataclasses import fields, replace
from typing import Any, Final, TypeVar

from privity.canonical.instants import Instant
from privity.decide.request import World
from privity.members.facts import Fact, MemberId
from privity.members.state import State
from privity.members.timeline import Timeline
from privity.policy.model import ObligationRule, Rule, Scope, Setting, Version
from privity.policy.versions import History, Text

Answer = TypeVar("Answer")
_MOST: Final = 1 << 14
"""Answers that one value remembers."""
_MOST_FACTS: Final = 1 << 18
"""Facts, about, that the states of one timeline have together: each state has all that came before."""


class _Memory:
    """What was answered, by what was asked."""

    __slots__ = ()
    _answers: dict[Any, Any]

    def _start(self) -> None:
        # The value is frozen; what it was asked is no part of it.
        object.__setattr__(self, "_answers", {})

    def _keep(self, key: Any, answer: Answer) -> Answer:
        if len(self._answers) >= _MOST:
            # Some are asked for the instant of each record: what is forgotten is asked again.
            self._answers.clear()
        self._answers[key] = answer
        return answer


class RememberedScope(_Memory, Scope):
    """A scope."""

    __slots__ = ("_answers",)

    def __init__(self, **values: Any) -> None:
        super().__init__(**values)
        self._start()

    def bites(self, purpose: str, category: str, role: str) -> bool:
        """Tell whether every list overlaps the request's term."""
        key = ("bites", purpose, category, role)
        try:
            return self._answers[key]  # type: ignore[no-any-return]  # what was kept
        except KeyError:
            return self._keep(key, super().bites(purpose, category, role))

    def contains(self, purpose: str, category: str, role: str) -> bool:
        """Tell whether every list is written and contains the request's term."""
        key = ("contains", purpose, category, role)
        try:
            return self._answers[key]  # type: ignore[no-any-return]  # what was kept
        except KeyError:
            return self._keep(key, super().contains(purpose, category, role))


class RememberedSetting(_Memory, Setting):
    """A setting."""

    __slots__ = ("_answers",)

    def __init__(self, **values: Any) -> None:
        super().__init__(**values)
        self._start()

    def default_on(self, code: str, at: Instant) -> bool:
        """Tell what silence means in one jurisdiction."""
        key = (code, at)
        try:
            return self._answers[key]  # type: ignore[no-any-return]  # what was kept
        except KeyError:
            return self._keep(key, super().default_on(code, at))

    def wants_explicit(self, category: str) -> bool:
        """Tell whether a record of this category needs an explicit yes."""
        key = category
        try:
            return self._answers[key]  # type: ignore[no-any-return]  # what was kept
        except KeyError:
            return self._keep(key, super().wants_explicit(category))


class RememberedVersion(_Memory, Version):
    """A version."""

    __slots__ = ("_answers",)

    def __init__(self, **values: Any) -> None:
        super().__init__(**values)
        self._start()

    def governing(
        self, purpose: str, category: str, role: str, at: Instant
    ) -> tuple[Setting, ...]:
        """Give the settings that govern the request."""
        key = ("governing", purpose, category, role, at)
        try:
            return self._answers[key]  # type: ignore[no-any-return]  # what was kept
        except KeyError:
            return self._keep(key, super().governing(purpose, category, role, at))

    def biting(self, purpose: str, category: str, role: str) -> tuple[Setting, ...]:
        """Give the settings that bite."""
        key = ("biting", purpose, category, role)
        try:
            return self._answers[key]  # type: ignore[no-any-return]  # what was kept
        except KeyError:
            return self._keep(key, super().biting(purpose, category, role))

    def forbids(self, purpose: str, category: str, role: str) -> bool:
        """Tell whether a forbid rule bites."""
        key = ("forbids", purpose, category, role)
        try:
            return self._answers[key]  # type: ignore[no-any-return]  # what was kept
        except KeyError:
            return self._keep(key, super().forbids(purpose, category, role))


class RememberedState(_Memory, State):
    """A state."""

    __slots__ = ("_answers",)

    def __init__(self, facts: tuple[Fact, ...], birth_date: str | None) -> None:
        super().__init__(facts, birth_date)
        self._start()

    def all(self, *kinds: str) -> tuple[Fact, ...]:
        """Give the facts of these kinds, in order."""
        key = kinds
        try:
            return self._answers[key]  # type: ignore[no-any-return]  # what was kept
        except KeyError:
            return self._keep(key, super().all(*kinds))

    def last(self, *kinds: str) -> Fact | None:
        """Give the last fact of these kinds."""
        key = ("last", *kinds)
        try:
            return self._answers[key]  # type: ignore[no-any-return]  # what was kept
        except KeyError:
            return self._keep(key, super().last(*kinds))

    @property
    def codes(self) -> frozenset[str]:
        """The jurisdictions' values."""
        key = "codes"
        try:
            return self._answers[key]  # type: ignore[no-any-return]  # what was kept
        except KeyError:
            return self._keep(key, super().codes)

    @property
    def agreements(self) -> tuple[Fact, ...]:
        """The agreements in force."""
        key = "agreements"
        try:
            return self._answers[key]  # type: ignore[no-any-return]  # what was kept
        except KeyError:
            return self._keep(key, super().agreements)

    def choices(self, setting: str) -> tuple[Fact, ...]:
        """Give the choices in a setting."""
        key = ("choices", setting)
        try:
            return self._answers[key]  # type: ignore[no-any-return]  # what was kept
        except KeyError:
            return self._keep(key, super().choices(setting))

    def standing_run(self, setting: str) -> tuple[Fact, ...]:
        """Give the unbroken row of yeses up to now."""
        key = ("run", setting)
        try:
            return self._answers[key]  # type: ignore[no-any-return]  # what was kept
        except KeyError:
            return self._keep(key, super().standing_run(setting))

    def objection(self, setting: str | None) -> Fact | None:
        """Give the objection that stands against a setting, or None."""
        key = ("objection", setting)
        try:
            return self._answers[key]  # type: ignore[no-any-return]  # what was kept
        except KeyError:
            return self._keep(key, super().objection(setting))

    def last_no(self, setting: str) -> Fact | None:
        """Give the last off of the setting, or objection that names it or none."""
        key = ("no", setting)
        try:
            return self._answers[key]  # type: ignore[no-any-return]  # what was kept
        except KeyError:
            return self._keep(key, super().last_no(setting))

    def stray_noes(self, known: Collection[str]) -> tuple[Fact, ...]:
        """Give the noes that name a setting nobody knows."""
        key = ("stray", frozenset(known))
        try:
            return self._answers[key]  # type: ignore[no-any-return]  # what was kept
        except KeyError:
            return self._keep(key, super().stray_noes(known))

    def deliveries(self, notice: str, since: Instant) -> tuple[Fact, ...]:
        """Give the deliveries of a notice at or after `since`."""
        key = ("told", notice, since)
        try:
            return self._answers[key]  # type: ignore[no-any-return]  # what was kept
        except KeyError:
            return self._keep(key, super().deliveries(notice, since))


class RememberedTimeline(Timeline):
    """A timeline: between two of its facts there is one state."""

    __slots__ = ("_instants", "_states")
    _instants: list[Instant]
    _states: dict[int, State]

    def __init__(self, facts: tuple[Fact, ...] = ()) -> None:
        super().__init__(facts)
        object.__setattr__(self, "_instants", [one.at for one in facts])
        object.__setattr__(self, "_states", {})

    @property
    def remembered(self) -> tuple[State, ...]:
        """The states that it has."""
        return tuple(self._states.values())

    def at(self, instant: Instant) -> State:
        """Give the state at an instant."""
        upto = bisect_right(self._instants, instant)
        found = self._states.get(upto)
        if found is None:
            if len(self._states) * len(self.facts) > _MOST_FACTS:
                self._states.clear()
            # INVARIANT: facts stand in the order of `at`: those up to an instant are the first ones.
            found = self._states[upto] = RememberedState(self.facts[:upto], self.birth_date)
        return found


def remembered(world: World) -> World:
    """Give a world that remembers what it was asked, for as long as somebody has it: one for each question.

    Its records are as they were.
    """
    members: dict[MemberId, Timeline] = {
        one: RememberedTimeline(line.facts) for one, line in world.members.items()
    }
    return replace(
        world,
        policy=remembered_history(world.policy),
        members=members,
        platform=RememberedTimeline(world.platform.facts),
        by_entry=None if world.by_entry is None else remembered(world.by_entry),
    )


def remembered_lines(
    lines: Mapping[MemberId | None, Timeline],
) -> dict[MemberId | None, Timeline]:
    """Give timelines that remember their states."""
    return {member: RememberedTimeline(line.facts) for member, line in lines.items()}


def remembered_history(found: History) -> History:
    """Give a history whose versions remember what they were asked."""
    known: dict[int, Version] = {}

    def version(one: Version) -> Version:
        if id(one) not in known:
            known[id(one)] = _version(one)
        return known[id(one)]

    return History(
        tuple(version(one) for one in found.versions),
        tuple(
            Text(
                version=version(one.version), since=one.since, until=one.until, tells=one.tells
            )
            for one in found.texts
        ),
    )


def _version(one: Version) -> Version:
    values = _values(one)
    values["settings"] = {
        name: RememberedSetting(**{**_values(each), "scope": _scope(each.scope)})
        for name, each in one.settings.items()
    }
    values["forbid"] = _rules(one.forbid)
    values["agreements"] = {
        name: type(each)(**{**_values(each), "promises": _rules(each.promises)})
        for name, each in one.agreements.items()
    }
    values["obligations"] = tuple(
        ObligationRule(scope=_scope(each.scope), do=each.do) for each in one.obligations
    )
    return RememberedVersion(**values)


def _rules(rules: Iterable[Rule]) -> tuple[Rule, ...]:
    return tuple(Rule(id=one.id, scope=_scope(one.scope)) for one in rules)


def _scope(scope: Scope) -> Scope:
    return RememberedScope(**_values(scope))


def _values(value: Any) -> dict[str, Any]:
    return {one.name: getattr(value, one.name) for one in fields(value)}
