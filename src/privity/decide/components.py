# SPDX-License-Identifier: Apache-2.0
"""What each component of a state comes to: jurisdictions, agreements and age, as bits.

For every state that a component can be in: the reasons now, for each class, and the reasons then, for
each class and epoch. The reasons of a party are the OR over its components (`choices.py` has the fourth).
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable
from dataclasses import dataclass, field
from itertools import product
from typing import Generic, TypeVar

import numpy as np
import numpy.typing as npt

from privity.canonical.instants import Instant, anniversary, parse_date
from privity.decide.bits import BIT
from privity.decide.plan import CategoryClass, Plan
from privity.policy.model import Setting, Version, any_in
from privity.vocabulary.places import is_code

Words = npt.NDArray[np.uint64]
S = TypeVar("S", bound=Hashable)


@dataclass(slots=True)
class Interned(Generic[S]):
    """Values by number, in the order in which they were first seen."""

    values: list[S] = field(default_factory=list)
    numbers: dict[S, int] = field(default_factory=dict)

    def number(self, value: S) -> int:
        """Give the value's number, a new one if it is new."""
        found = self.numbers.get(value)
        if found is None:
            found = self.numbers[value] = len(self.values)
            self.values.append(value)
        return found


@dataclass(frozen=True, kw_only=True, slots=True)
class AgeState:
    """How old a member is known to be.

    Attributes:
        reached: How many of the plan's ages; None where no birth date is known.
        proved: Whether the birth date was given at or before `at`.
        suspected: Whether it is suspected to be under age.
    """

    reached: int | None
    proved: bool
    suspected: bool


def jurisdictions_now(plan: Plan, codes: frozenset[str], one: CategoryClass) -> int:
    """Give the reasons of being in these jurisdictions at `at`."""
    bits = _known_places(codes)
    if one.asked is None or plan.version is None:
        return bits
    at = plan.request.at
    if any(
        order.places is None or any_in(codes, order.places, at)
        for order in plan.orders
        if order.scope.bites(one.asked.purpose, one.asked.category, one.asked.role)
    ):
        bits |= BIT["order"]
    if any(any_in(codes, setting.exempt, at) for setting in _biting(plan.version, one=one)):
        bits |= BIT["jurisdiction-exempt"]
    return bits


def jurisdictions_then(
    plan: Plan, codes: frozenset[str], one: CategoryClass, epoch: int
) -> int:
    """Give the reasons of having been in these jurisdictions when a record was made."""
    bits = _known_places(codes)
    if one.asked is None or plan.version is None:
        return bits
    then = plan.epoch_instants()[epoch]
    if any(
        order.places is not None and any_in(codes, order.places, then)
        for order in plan.orders
        if order.scope.bites(one.asked.purpose, one.asked.category, one.asked.role)
    ):
        bits |= BIT["order"]
    settings = _biting(plan.version, *plan.texts_of_then(epoch), one=one)
    if any(any_in(codes, setting.exempt, then) for setting in settings):
        bits |= BIT["jurisdiction-exempt"]
    for setting in one.governing:
        if not all(setting.default_on(code, then) for code in codes):
            bits |= plan.off_bit[setting.id]
    return bits


def agreements_under(
    versions: Iterable[Version | None], names: frozenset[str], one: CategoryClass
) -> int:
    """Give the reason of holding these agreements, by the texts of versions."""
    if one.asked is None:
        return 0
    for version, name in product(versions, names):
        text = version.agreements.get(name) if version is not None else None
        if version is not None and (
            text is None
            or any(
                promise.scope.bites(one.asked.purpose, one.asked.category, one.asked.role)
                for promise in text.promises
            )
        ):
            return BIT["agreement"]
    return 0


def age_now(plan: Plan, state: AgeState, one: CategoryClass) -> int:
    """Give the reasons of being of this age at `at`."""
    settings = _biting(plan.version, one=one)
    bits = BIT["minor"] if _under(plan, state, settings) or _doubted(state, settings) else 0
    if not state.proved and any(setting.age_proof for setting in settings):
        bits |= BIT["age-unknown"]
    return bits


def age_then(plan: Plan, state: AgeState, one: CategoryClass, epoch: int) -> int:
    """Give the reasons of having been of this age when a record was made."""
    now = _biting(plan.version, one=one)
    settings = now + _biting(*plan.texts_of_then(epoch), one=one)
    return BIT["minor"] if _under(plan, state, settings) or _doubted(state, now) else 0


def tabulate(
    plan: Plan, states: int, ask: Callable[[int, CategoryClass, int], int], *, then: bool
) -> Words:
    """Ask once for each state, epoch and class.

    Returns:
        Shape (states, epochs, classes) if `then`, else (states, classes).
    """
    epochs = len(plan.epochs) + 1 if then else 1
    table = np.empty((states, epochs, len(plan.classes)), np.uint64)
    for state in range(states):
        for epoch in range(epochs):
            for place, one in enumerate(plan.classes):
                table[state, epoch, place] = ask(state, one, epoch)
    return table if then else table[:, 0, :]


def _known_places(codes: frozenset[str]) -> int:
    return 0 if codes and all(map(is_code, codes)) else BIT["unknown-jurisdiction"]


def _biting(*versions: Version | None, one: CategoryClass) -> tuple[Setting, ...]:
    if one.asked is None:
        return ()
    terms = (one.asked.purpose, one.asked.category, one.asked.role)
    return tuple(
        setting
        for version in versions
        if version is not None
        for setting in version.biting(*terms)
    )


def _under(plan: Plan, state: AgeState, settings: tuple[Setting, ...]) -> bool:
    ages = [setting.minimum_age for setting in settings if setting.minimum_age is not None]
    if not ages or state.reached is None:
        return False
    return plan.ages.index(max(ages)) >= state.reached


def _doubted(state: AgeState, settings: tuple[Setting, ...]) -> bool:
    return state.suspected and any(setting.minimum_age is not None for setting in settings)


def instants_of_age(plan: Plan, birth_dates: list[str]) -> list[list[Instant]]:
    """Give for each age of the plan when somebody born on each date reaches it."""
    days = [parse_date(one) for one in birth_dates]
    return [[anniversary(day, years) for day in days] for years in plan.ages]
