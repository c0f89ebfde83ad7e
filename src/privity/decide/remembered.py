# SPDX-License-Identifier: Apache-2.0
"""The values that `privity.decide.one` asks, with their answers remembered: the same answers, given sooner.

A replay asks the same versions about millions of records, and the same members about each of theirs; an explanation asks
them about every stretch of time. Nothing is decided here: each method calls the one that it stands for, once for each of
its arguments, and the values never change.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Iterable, Mapping
from dataclasses import fields, replace
from functools import cached_property, wraps
from typing import Any, Concatenate, Final, ParamSpec, TypeVar

from privity.canonical.instants import Instant
from privity.decide.request import World
from privity.members.facts import Fact, MemberId
from privity.members.state import State
from privity.members.timeline import Timeline
from privity.policy.model import ObligationRule, Rule, Scope, Setting, Version
from privity.policy.versions import History, Text

Answer = TypeVar("Answer")
Asked = ParamSpec("Asked")
_MOST: Final = 1 << 14
"""Answers that one value remembers."""
_MOST_FACTS: Final = 1 << 18
"""Facts, about, that the states of one timeline have together: each state has all that came before."""


class _Memory:
    """What was answered, by what was asked."""

    __slots__ = ()
    _answers: dict[tuple[Any, ...], Any]

    def _start(self) -> None:
        # The value is frozen; what it was asked is no part of it.
        object.__setattr__(self, "_answers", {})

    def _keep(self, key: tuple[Any, ...], answer: Answer) -> Answer:
        if len(self._answers) >= _MOST:
            # Some are asked for the instant of each record: what is forgotten is asked again.
            self._answers.clear()
        self._answers[key] = answer
        return answer


def _once(
    method: Callable[Concatenate[Any, Asked], Answer],
) -> Callable[Concatenate[Any, Asked], Answer]:
    """Give a method that calls another once for each of its arguments."""
    name = method.__name__

    @wraps(method)
    def ask(self: Any, /, *asked: Asked.args, **named: Asked.kwargs) -> Answer:
        # Settings are named by the platform, so what was asked is told apart by the method.
        key = (name, asked, *named.items())
        try:
            answer: Answer = self._answers[key]
        except KeyError:
            answer = self._keep(key, method(self, *asked, **named))
        return answer

    return ask


class RememberedScope(_Memory, Scope):
    """A scope."""

    __slots__ = ("_answers",)

    def __init__(self, **values: Any) -> None:
        super().__init__(**values)
        self._start()

    bites = _once(Scope.bites)
    contains = _once(Scope.contains)


class RememberedSetting(_Memory, Setting):
    """A setting."""

    __slots__ = ("_answers",)

    def __init__(self, **values: Any) -> None:
        super().__init__(**values)
        self._start()

    default_on = _once(Setting.default_on)
    wants_explicit = _once(Setting.wants_explicit)


class RememberedVersion(_Memory, Version):
    """A version."""

    __slots__ = ("_answers",)

    def __init__(self, **values: Any) -> None:
        super().__init__(**values)
        self._start()

    governing = _once(Version.governing)
    biting = _once(Version.biting)
    forbids = _once(Version.forbids)


class RememberedState(_Memory, State):
    """A state."""

    __slots__ = ("_answers",)

    def __init__(self, facts: tuple[Fact, ...], birth_date: str | None) -> None:
        super().__init__(facts, birth_date)
        self._start()

    @cached_property
    def agreements(self) -> tuple[Fact, ...]:
        """The agreements in force."""
        return super().agreements

    all = _once(State.all)
    last = _once(State.last)
    choices = _once(State.choices)
    standing_run = _once(State.standing_run)
    objection = _once(State.objection)
    last_no = _once(State.last_no)
    stray_noes = _once(State.stray_noes)
    deliveries = _once(State.deliveries)


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
