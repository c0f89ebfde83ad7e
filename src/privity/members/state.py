# SPDX-License-Identifier: Apache-2.0
"""States: what a member's facts come to at one instant (specs/timeline.md part 3).

Each question is answered by the fact that decides it, or by None, so that an explanation can name it.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

from privity.canonical.instants import Instant
from privity.members.facts import Fact

YES = "on"
SILENCE = "unset"


def is_no(choice: Fact | None) -> bool:
    """Tell whether a choice is a no: any value but on and unset counts as off ([TIM-31])."""
    return choice is not None and choice.value not in (YES, SILENCE)


def is_yes(choice: Fact | None) -> bool:
    """Tell whether a choice is a yes."""
    return choice is not None and choice.value == YES


@dataclass(frozen=True)
class State:
    """The facts that hold at an instant, in order.

    Where the member lives is asked at every turn, so that is worked out once.

    Attributes:
        facts: All facts with `at` no later than the instant, in timeline order.
        birth_date: Known at all times, `YYYY-MM-DD`, or None.
    """

    facts: tuple[Fact, ...]
    birth_date: str | None

    def all(self, *kinds: str) -> tuple[Fact, ...]:
        """Give the facts of these kinds, in order."""
        return tuple(fact for fact in self.facts if fact.fact in kinds)

    def last(self, *kinds: str) -> Fact | None:
        """Give the last fact of these kinds."""
        return next((fact for fact in reversed(self.facts) if fact.fact in kinds), None)

    @property
    def birth_dates(self) -> tuple[Fact, ...]:
        """The facts that prove an age: a birth date holds before its `at`, but proves nothing."""
        return self.all("birth_date")

    @property
    def joined(self) -> Fact | None:
        """The first fact of joining."""
        return next(iter(self.all("joined")), None)

    @property
    def closed(self) -> Fact | None:
        """The fact that closed the account, unless it was reopened since."""
        last = self.last("closed", "merged", "reopened")
        return None if last is None or last.fact == "reopened" else last

    @property
    def death(self) -> Fact | None:
        """The first fact of death."""
        return next(iter(self.all("deceased")), None)

    @property
    def reopened(self) -> Fact | None:
        """The last reopening; yeses and notices no later than it tell nobody anything."""
        return self.last("reopened")

    @cached_property
    def jurisdictions(self) -> tuple[Fact, ...]:
        """The latest fact of each kind of evidence; of a tie all."""
        latest: dict[str, list[Fact]] = {}
        for fact in self.all("jurisdiction"):
            held = latest.get(fact.evidence)
            if held and held[-1].order == fact.order:
                held.append(fact)
            else:
                latest[fact.evidence] = [fact]
        return tuple(fact for held in latest.values() for fact in held)

    @cached_property
    def codes(self) -> frozenset[str]:
        """The jurisdictions' values."""
        return frozenset(fact.value for fact in self.jurisdictions)

    @property
    def agreements(self) -> tuple[Fact, ...]:
        """The agreements in force."""
        latest = {fact.value: fact for fact in self.all("agreement", "agreement-ended")}
        return tuple(fact for fact in latest.values() if fact.fact == "agreement")

    @property
    def suspicion(self) -> Fact | None:
        """The suspicion of being under age, unless cleared since."""
        last = self.last("minor-suspected", "minor-cleared")
        return None if last is None or last.fact == "minor-cleared" else last

    def choices(self, setting: str) -> tuple[Fact, ...]:
        """Give the choices in a setting: what was said explicitly, and every other no ([TIM-32])."""
        return tuple(
            fact
            for fact in self.facts
            if fact.fact == "setting"
            and fact.setting == setting
            and (is_no(fact) or fact.detail.get("method", "explicit") == "explicit")
        )

    def choice(self, setting: str) -> Fact | None:
        """Give the latest choice in a setting: on, off or unset; None if there is none."""
        return next(reversed(self.choices(setting)), None)

    def standing_run(self, setting: str) -> tuple[Fact, ...]:
        """Give the unbroken row of yeses up to now."""
        run: list[Fact] = []
        for choice in reversed(self.choices(setting)):
            if not is_yes(choice):
                break
            run.append(choice)
        return tuple(reversed(run))

    def objections(self, setting: str | None) -> tuple[Fact, ...]:
        """Give the objections and withdrawals that name the setting or none; for None, none."""
        return tuple(
            fact
            for fact in self.all("objection", "objection-withdrawn")
            if fact.setting is None or fact.setting == setting
        )

    def objection(self, setting: str | None) -> Fact | None:
        """Give the objection that stands against a setting, or None."""
        last = next(reversed(self.objections(setting)), None)
        return None if last is None or last.fact == "objection-withdrawn" else last

    def standing_noes(self, setting: str, *, stray: bool) -> tuple[Fact, ...]:
        """Give the unbroken row of noes up to now among the choices in a setting.

        Args:
            setting: The setting.
            stray: Whether nobody knows the setting: then every no stands ([TIM-34]).
        """
        row: list[Fact] = []
        for choice in reversed(self.choices(setting)):
            if is_no(choice):
                row.append(choice)
            elif not stray:
                break
        return tuple(reversed(row))

    def named_objections(self, setting: str) -> tuple[Fact, ...]:
        """Give the objections that name the setting, since the last withdrawal by name or for all.

        A later objection that names none does not hide them ([TIM-34]).
        """
        standing: list[Fact] = []
        for fact in self.objections(setting):
            if fact.fact == "objection-withdrawn":
                standing = []
            elif fact.setting is not None:
                standing.append(fact)
        return tuple(standing)

    def unnamed_objections(self) -> tuple[Fact, ...]:
        """Give the objections that name no setting, since the last withdrawal that names none."""
        standing: list[Fact] = []
        for fact in self.objections(None):
            standing = [] if fact.fact == "objection-withdrawn" else [*standing, fact]
        return tuple(standing)

    def last_no(self, setting: str) -> Fact | None:
        """Give the last off of the setting, or objection that names it or none."""
        offs = [fact for fact in self.choices(setting) if is_no(fact)]
        objections = [fact for fact in self.objections(setting) if fact.fact == "objection"]
        return max(offs + objections, key=lambda fact: fact.order, default=None)

    def stray_noes(self, known: frozenset[str]) -> tuple[Fact, ...]:
        """Give the noes that name a setting nobody knows: no later yes takes them back ([TIM-34])."""
        offs = [
            fact
            for fact in self.facts
            if fact.fact == "setting" and fact.setting not in known and is_no(fact)
        ]
        named = {fact.setting for fact in self.all("objection") if fact.setting is not None}
        objections = [self.named_objections(setting)[-1:] for setting in sorted(named - known)]
        return (*offs, *(one for found in objections for one in found))

    def deliveries(self, notice: str, since: Instant) -> tuple[Fact, ...]:
        """Give the deliveries of a notice at or after `since`, and after the last reopening."""
        return tuple(
            fact
            for fact in self.all("notice")
            if fact.value == notice and fact.at >= since and self.after_reopening(fact)
        )

    def after_reopening(self, fact: Fact) -> bool:
        """Tell whether a fact lies after the last reopening; at a tie it does not."""
        return self.reopened is None or fact.order > self.reopened.order
