# SPDX-License-Identifier: Apache-2.0
"""What a member said about each setting, and what she was told before: as a record of consent has it (docs/web.md).

Only what she said counts as consent. Silence is none, whatever a policy makes of it; so a setting about which she never
said anything has no such record.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum

from privity.canonical.instants import Instant
from privity.decide.request import World
from privity.members.facts import Fact, MemberId
from privity.members.state import State, is_no, is_yes
from privity.members.timeline import Timeline
from privity.policy.model import Setting, Version
from privity.policy.versions import History
from privity.vocabulary.terms import PURPOSES


class Said(StrEnum):
    """What somebody said about a setting."""

    GIVEN = "given"
    RENEWED = "renewed"
    REFUSED = "refused"
    WITHDRAWN = "withdrawn"
    UNSET = "unset"
    OBJECTED = "objected"
    OBJECTION_WITHDRAWN = "objection-withdrawn"


@dataclass(frozen=True, kw_only=True, slots=True)
class ConsentEvent:
    """One thing that she said.

    Attributes:
        said: What.
        at: When.
        recorded_at: When it was entered.
        covers_older: Whether a yes covers what was written before it.
        method: How: `explicit`, `signal` or another word of the fact's.
        version: The name of the policy version in force then, or None.
    """

    said: Said
    at: Instant
    recorded_at: Instant
    covers_older: bool
    method: str
    version: str | None


@dataclass(frozen=True, kw_only=True, slots=True)
class NoticeGiven:
    """A notice about the setting that reached her.

    Attributes:
        notice: Its id.
        at: When it reached her.
        url: Where it lies, if the policy says so.
    """

    notice: str
    at: Instant
    url: str | None


@dataclass(frozen=True, kw_only=True, slots=True)
class Consent:
    """What she said about a setting.

    Attributes:
        member: Who.
        at: Until when what was said is looked at.
        setting: The setting, as the version in force has it, or the last one that had it.
        version: That version's name.
        controller: Who publishes the policy.
        codes: Where she lives, by ISO codes, sorted.
        notices: The notices about it that reached her, in order.
        events: What she said, in order; something at least.
    """

    member: MemberId
    at: Instant
    setting: Setting
    version: str
    controller: str
    codes: tuple[str, ...]
    notices: tuple[NoticeGiven, ...]
    events: tuple[ConsentEvent, ...]

    @property
    def objected(self) -> bool:
        """Whether an objection stands."""
        said = [
            one.said
            for one in self.events
            if one.said in {Said.OBJECTED, Said.OBJECTION_WITHDRAWN}
        ]
        return bool(said) and said[-1] is Said.OBJECTED

    @property
    def is_given(self) -> bool:
        """Whether what she said last is a yes, and no objection stands; whether that opens anything is another question."""
        choices = [
            one.said
            for one in self.events
            if one.said not in {Said.OBJECTED, Said.OBJECTION_WITHDRAWN}
        ]
        given = bool(choices) and choices[-1] in {Said.GIVEN, Said.RENEWED}
        return given and not self.objected


def consents(
    member: MemberId, *, purpose: str, at: Instant, world: World
) -> tuple[Consent, ...]:
    """Give what a member said about each setting that is, or was, about a purpose.

    Args:
        member: Whose.
        purpose: The use.
        at: Until when.
        world: What is believed.
    """
    state = world.members.get(member, Timeline()).at(at)
    found = []
    for setting, version in _settings(world.policy, at, purpose):
        events = tuple(_events(setting.id, state, world.policy))
        if events:
            found.append(
                Consent(
                    member=member,
                    at=at,
                    setting=setting,
                    version=version.version,
                    controller=version.controller,
                    codes=tuple(sorted(state.codes)),
                    notices=tuple(_notices(setting.id, state, world.policy)),
                    events=events,
                )
            )
    return tuple(found)


def _settings(policy: History, at: Instant, purpose: str) -> Iterator[tuple[Setting, Version]]:
    """Give each setting about a purpose once, with the newest version that has it; those in force come first."""
    current = policy.in_force(at)
    begun = [one for one in reversed(policy.versions) if one.start <= at]
    seen: set[str] = set()
    for version in (*([] if current is None else [current]), *begun):
        for setting in version.settings.values():
            asked = PURPOSES.any_contains(setting.scope.purposes or (), purpose)
            if asked and setting.id not in seen:
                seen.add(setting.id)
                yield setting, version


def _events(setting: str, state: State, policy: History) -> Iterator[ConsentEvent]:
    objections = [
        fact
        for fact in state.all("objection", "objection-withdrawn")
        if fact.setting in {None, setting}
    ]
    facts = sorted((*state.choices(setting), *objections), key=lambda fact: fact.order)
    stands = False
    for fact in facts:
        said = _said(fact, stands=stands)
        if fact.fact == "setting":
            stands = is_yes(fact)
        in_force = policy.in_force(fact.at)
        yield ConsentEvent(
            said=said,
            at=fact.at,
            recorded_at=fact.recorded_at,
            covers_older=is_yes(fact) and fact.covers_all,
            method=str(fact.detail.get("method", "explicit")),
            version=None if in_force is None else in_force.version,
        )


def _said(fact: Fact, *, stands: bool) -> Said:
    if fact.fact == "objection":
        return Said.OBJECTED
    if fact.fact == "objection-withdrawn":
        return Said.OBJECTION_WITHDRAWN
    if is_yes(fact):
        return Said.RENEWED if stands else Said.GIVEN
    if is_no(fact):
        return Said.WITHDRAWN if stands else Said.REFUSED
    return Said.UNSET


def _notices(setting: str, state: State, policy: History) -> Iterator[NoticeGiven]:
    """Give the deliveries of every notice that some version names for the setting."""
    known = {
        notice.id: notice
        for version in policy.versions
        for one in version.settings.values()
        if one.id == setting and (notice := version.notices.get(one.notice or "")) is not None
    }
    for fact in state.all("notice"):
        if fact.value in known:
            yield NoticeGiven(notice=fact.value, at=fact.at, url=known[fact.value].url)
