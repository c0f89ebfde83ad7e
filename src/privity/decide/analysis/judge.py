# SPDX-License-Identifier: Apache-2.0
"""The decision rule, asked on behalf of a comparison: as a whole, and part by part.

Every answer is `privity.decide.one`'s own, for made members and for real ones alike; what is kept here is
only what was asked before.
"""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import dataclass
from typing import Final

from privity.canonical.instants import Instant
from privity.decide.analysis.space import Side, Situation, Space, Span
from privity.decide.case import Case, governing, make_case
from privity.decide.grant import Grant, grant
from privity.decide.one import (
    biting,
    decide,
    outlives,
    own_obligations,
    record_reasons,
    refusals,
    setting_reasons,
    stands_now,
    stood_then,
)
from privity.decide.request import Decision, Record, Request, World
from privity.members.facts import Fact, MemberId
from privity.members.state import State
from privity.members.timeline import Timeline
from privity.policy.model import Setting

Reasons = frozenset[str]

NONE: Final[Reasons] = frozenset()
NOBODY: Final = State((), None)
"""A state of which nothing is known: it refuses nothing by overlap."""

GROUND: Final[Reasons] = frozenset(("no-policy", "no-ground", "forbidden"))
"""The reasons that a policy gives whoever the parties are."""

EXEMPT: Final[Reasons] = frozenset(("jurisdiction-exempt",))

RECIPIENT: Final = "recipient"
NOES: Final = ("opted-out", "opted-out-then")

States = tuple[State, State]
"""A party's states now and then."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Landmarks:
    """What a governing setting comes to in some jurisdictions, as numbers.

    Attributes:
        notice: The notice that reaches people, or None where it can reach nobody.
        yes: From when a yes can count.
        yes_told: From when a delivery counts for a yes.
        silence: From when silence can count.
        silence_told: From when a delivery counts for silence.
        window: Seconds that silence waits after a delivery.
        on: Whether silence means yes now in all of the jurisdictions.
        explicit: Whether the category wants an explicit yes.
        setting: The setting.
    """

    notice: str | None
    yes: Instant
    yes_told: Instant
    silence: Instant
    silence_told: Instant
    window: int
    on: bool
    explicit: bool
    setting: Setting

    @property
    def numbers(self) -> tuple[object, ...]:
        """What tells two of them apart, but for the default of then."""
        return (
            self.notice,
            self.yes,
            self.yes_told,
            self.silence,
            self.silence_told,
            self.window,
            self.on,
            self.explicit,
            self.setting.minimum_age,
        )


Signature = tuple[tuple[object, ...] | None, tuple[object, ...] | None]
"""What some jurisdictions of now come to under each policy; None where the policy gives no ground."""


class Judge:
    """Asks the rule for one space, and remembers its answers.

    Args:
        space: What is compared.
    """

    def __init__(self, space: Space) -> None:
        self.space = space
        self._cases: dict[tuple[Side, Situation, Instant], Case] = {}
        self._grounds: dict[tuple[Side, Situation], Reasons] = {}
        self._landmarks: dict[tuple[Side, Situation, frozenset[str], str], Landmarks] = {}
        self._signatures: dict[tuple[Situation, frozenset[str]], Signature] = {}
        self._bitten: dict[tuple[Side, Situation], frozenset[str]] = {}
        self._keys: dict[tuple[str, Instant], tuple[bool, ...]] = {}
        self._overlaps: dict[tuple[Side, Situation, Span, Hashable], Reasons] = {}

    # The whole rule

    def decide(
        self,
        side: Side,
        situation: Situation,
        record: Record,
        timelines: dict[MemberId, Timeline],
    ) -> Decision:
        """Decide a record of made members."""
        return decide(record, self._request(situation), self._world(side, situation, timelines))

    # The rule part by part

    def case(self, side: Side, situation: Situation, created_at: Instant) -> Case:
        """Look a record up that was made at an instant by `at`; its parties are nobody."""
        key = (side, situation, created_at)
        found = self._cases.get(key)
        if found is None:
            record = Record(
                record_id="r",
                category=situation.asked.category,
                created_at=created_at,
                author="m",
                recipients=("m",),
            )
            world = self._world(side, situation, {})
            found = self._cases[key] = make_case(record, self._request(situation), world)
        return found

    def ground(self, side: Side, situation: Situation) -> Reasons:
        """Give the reasons of the policy that do not depend on the parties."""
        key = (side, situation)
        found = self._grounds.get(key)
        if found is None:
            case = self.case(side, situation, self.space.at)
            found = self._grounds[key] = GROUND.intersection(record_reasons(case))
        return found

    def obligations(self, side: Side, situation: Situation) -> frozenset[str]:
        """Give what a permit carries."""
        return frozenset(own_obligations(self.case(side, situation, self.space.at)))

    def governing(self, side: Side, situation: Situation) -> dict[str, Setting]:
        """Give the settings that govern, by id."""
        return {one.id: one for one in governing(self.case(side, situation, self.space.at))}

    def asks_readers(self, side: Side, situation: Situation, created_at: Instant) -> bool:
        """Tell whether the readers of a message in a group have a say."""
        case = self.case(side, situation, created_at)
        return any(
            one.group_audience for one in (case.version, case.of_then) if one is not None
        )

    def overlap(
        self,
        side: Side,
        situation: Situation,
        created_at: Instant,
        what: Hashable,
        states: States,
    ) -> Reasons:
        """Give the reasons that refuse by overlap, of states of which only one class is looked at.

        Args:
            side: By which policy.
            situation: The use.
            created_at: When the record was made.
            what: The class that the states are of: it is asked about once in each span.
            states: What is known of such a party, now and then, and nothing else.
        """
        key = (side, situation, self.space.span_of(created_at), what)
        found = self._overlaps.get(key)
        if found is None:
            case = self.case(side, situation, created_at)
            found = self._overlaps[key] = (
                NONE
                if case.asked is None or case.version is None
                else frozenset(refusals(case, case.asked, case.version, *states))
            )
        return found

    def setting(
        self,
        side: Side,
        situation: Situation,
        created_at: Instant,
        name: str,
        states: States,
    ) -> Reasons:
        """Give the reasons of one setting; of one that does not govern, none."""
        case = self.case(side, situation, created_at)
        setting = self.governing(side, situation).get(name)
        if setting is None or case.asked is None:
            return NONE
        return frozenset(setting_reasons(case, case.asked, setting, *states))

    def noes(
        self,
        side: Side,
        situation: Situation,
        created_at: Instant,
        name: str,
        states: States,
    ) -> Reasons:
        """Give the reasons of the noes that name a setting, or that name none and so this one too."""
        case = self.case(side, situation, created_at)
        if case.asked is None or case.version is None:
            return NONE
        found = set()
        if name not in self.space.settings[side]:
            for reason, state in zip(NOES, states, strict=True):
                noes = state.stray_noes(self.space.settings[side])
                if any(fact.setting == name for fact in noes):
                    found.add(reason)
        elif name in self._names_that_bite(side, situation):
            if stands_now(case, name, states[0]):
                found.add("opted-out")
            if stood_then(case, name, *states):
                found.add("opted-out-then")
        return frozenset(found)

    def _names_that_bite(self, side: Side, situation: Situation) -> frozenset[str]:
        key = (side, situation)
        found = self._bitten.get(key)
        if found is None:
            found = self._bitten[key] = frozenset(
                one.id
                for version in self.space.policies[side].versions
                for one in biting(version, situation.asked)
            )
        return found

    def death(
        self, side: Side, situation: Situation, created_at: Instant, now: State
    ) -> Reasons:
        """Give the reason of being dead, where no yes outlives the member."""
        case = self.case(side, situation, created_at)
        outlived = now.death is None or outlives(case, now)
        return NONE if outlived else frozenset(("deceased",))

    # Places

    def grants(
        self, side: Side, situation: Situation, codes: frozenset[str], name: str
    ) -> tuple[Grant, Grant]:
        """Give the grant of a yes and that of silence, in these jurisdictions."""
        setting = self.governing(side, situation)[name]
        policy = self.space.policies[side]
        yes, silence = (
            grant(setting, situation.asked, policy, codes, default=default)
            for default in (False, True)
        )
        return yes, silence

    def landmarks(
        self, side: Side, situation: Situation, codes: frozenset[str], name: str
    ) -> Landmarks:
        """Give what a governing setting comes to in these jurisdictions."""
        key = (side, situation, codes, name)
        found = self._landmarks.get(key)
        if found is None:
            setting = self.governing(side, situation)[name]
            yes, silence = self.grants(side, situation, codes, name)
            found = self._landmarks[key] = Landmarks(
                notice=yes.notice,
                yes=yes.live,
                yes_told=yes.told_since,
                silence=silence.live,
                silence_told=silence.told_since,
                window=silence.window,
                on=all(setting.default_on(code, self.space.at) for code in codes),
                explicit=setting.wants_explicit(situation.asked.category),
                setting=setting,
            )
        return found

    def exempt(self, side: Side, situation: Situation, codes: frozenset[str]) -> Reasons:
        """Give the reason of being in these jurisdictions now."""
        now = State(tuple(_living_in(code, self.space.low) for code in sorted(codes)), None)
        alike = frozenset(self.space.alike.get(code, code) for code in codes)
        found = self.overlap(side, situation, self.space.at, alike, (now, NOBODY))
        return EXEMPT & found

    def exempt_then(
        self, side: Side, situation: Situation, code: str, created_at: Instant
    ) -> Reasons:
        """Give the reason of having been in a jurisdiction when the record was made."""
        then = State((_living_in(code, self.space.low),), None)
        key = self.place_key(code, created_at)
        return EXEMPT & self.overlap(side, situation, created_at, key, (NOBODY, then))

    def place_key(self, code: str, instant: Instant) -> tuple[bool, ...]:
        """Tell in which of the places that are named a code lies at an instant up to `at`."""
        epoch = self.space.epoch_of(instant)
        found = self._keys.get((code, epoch))
        if found is None:
            found = self._keys[code, epoch] = self.space.place_key(code, instant)
        return found

    def signature(self, situation: Situation, codes: frozenset[str]) -> Signature:
        """Give what these jurisdictions of now come to, under each policy."""
        alike = frozenset(self.space.alike.get(code, code) for code in codes)
        key = (situation, alike)
        found = self._signatures.get(key)
        if found is None:
            found = self._signatures[key] = (
                self._signature(0, situation, alike),
                self._signature(1, situation, alike),
            )
        return found

    def _signature(
        self, side: Side, situation: Situation, codes: frozenset[str]
    ) -> tuple[object, ...] | None:
        if self.ground(side, situation):
            return None
        return (
            bool(self.exempt(side, situation, codes)),
            *(
                (name, *self.landmarks(side, situation, codes, name).numbers)
                for name in sorted(self.governing(side, situation))
            ),
        )

    def _request(self, situation: Situation) -> Request:
        return Request(
            purpose=situation.asked.purpose,
            recipient=RECIPIENT,
            at=self.space.at,
            known=self.space.known,
        )

    def _world(
        self, side: Side, situation: Situation, timelines: dict[MemberId, Timeline]
    ) -> World:
        register = Fact(
            member=None,
            fact="recipient",
            value=RECIPIENT,
            at=self.space.low,
            recorded_at=self.space.low,
            detail={"role": situation.asked.role},
        )
        return World(
            policy=self.space.policies[side], members=timelines, platform=Timeline((register,))
        )


def _living_in(code: str, at: Instant) -> Fact:
    return Fact(member="m", fact="jurisdiction", value=code, at=at, recorded_at=at)
