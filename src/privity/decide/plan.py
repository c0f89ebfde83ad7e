# SPDX-License-Identifier: Apache-2.0
"""What the bulk path needs of a request's rules, before it looks at any member.

Categories that no rule tells apart form one *class*; instants of making that no rule tells apart form
one *epoch*; jurisdictions that no list tells apart are one *place*; a governing setting with one grant
is one *column*. Rules are then asked once for each class, epoch, place and column, never for a record.
Nothing here is an engine's; specs/decision.md holds, and `one.py` is the judge.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from privity.canonical.instants import EARLIEST, Instant
from privity.decide.bits import BIT, obligation_bits
from privity.decide.grant import Asked
from privity.decide.platform import Order, instructed, orders, role_of
from privity.decide.request import Request
from privity.errors import InputError
from privity.members.state import State
from privity.members.timeline import Timeline
from privity.policy.model import Places, Scope, Setting, Version, any_in
from privity.policy.versions import History
from privity.vocabulary.places import GROUPS, changes, is_code, members
from privity.vocabulary.terms import CATEGORIES, PURPOSES

_MASKABLE = 32


@dataclass(frozen=True, kw_only=True, slots=True)
class CategoryClass:
    """Categories that no rule tells apart, for this request.

    Attributes:
        asked: What is asked, with one of the categories; None where nothing can be.
        governing: The settings that govern.
        columns: The indexes of their columns, in the same order.
        bitten: The ids of the settings, of any known version, that bite.
    """

    asked: Asked | None
    governing: tuple[Setting, ...] = ()
    columns: tuple[int, ...] = ()
    bitten: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True, slots=True)
class Column:
    """A governing setting, for categories that share its grants.

    Attributes:
        setting: As the version in force has it.
        asked: What is asked, with one of the categories.
    """

    setting: Setting
    asked: Asked


@dataclass(frozen=True, kw_only=True, slots=True)
class Plan:
    """The rules of one request, sorted out.

    Attributes:
        request: The request.
        policy: The versions known.
        version: The version in force, or None.
        platform: The platform's state at `at`.
        role: The recipient's role, or None.
        slots: Each known category's class; the class of unknown categories is the last.
        classes: The classes.
        columns: The columns.
        record_bits: For each category, then for unknown ones: the reasons of every such record.
        obligations: Likewise: the obligations.
        epochs: The first instants of the epochs after the first; epoch 0 begins before everything.
        orders: The orders in force.
        then_bit: For each setting that bites: the bit of a no of then.
        off_bit: For each governing setting: the bit of a default that was off then.
        agreements: Every agreement's id that a known version describes.
        ages: Every minimum age that matters, ascending.
    """

    request: Request
    policy: History
    version: Version | None
    platform: State
    role: str | None
    slots: dict[str, int]
    classes: tuple[CategoryClass, ...]
    columns: tuple[Column, ...]
    record_bits: tuple[int, ...]
    obligations: tuple[int, ...]
    epochs: tuple[Instant, ...]
    orders: tuple[Order, ...]
    then_bit: dict[str, int]
    off_bit: dict[str, int]
    agreements: tuple[str, ...]
    ages: tuple[int, ...]

    def epoch_instants(self) -> tuple[Instant, ...]:
        """Give an instant of each epoch."""
        return (EARLIEST, *self.epochs)

    def texts_of_then(self, epoch: int) -> tuple[Version, ...]:
        """Give the version of then and what is claimed to be, for records made in the epoch."""
        at = self.epoch_instants()[epoch]
        own = self.policy.of_then(at)
        return (*(() if own is None else (own,)), *self.policy.claimed_of_then(at))

    def group_epochs(self) -> list[bool]:
        """Tell for each epoch whether the audience of a group message is asked."""
        now = self.version is not None and self.version.group_audience
        return [
            now or any(text.group_audience for text in self.texts_of_then(epoch))
            for epoch in range(len(self.epochs) + 1)
        ]

    def known_settings(self) -> frozenset[str]:
        """Give the ids of all settings that are known."""
        return self.policy.setting_names

    def seat_bits(self, capacity: str, category: str | None) -> int:
        """Give the reason of a capacity, if any."""
        if capacity == "personal" or instructed(
            capacity, category, self.request.purpose, self.role, self.platform
        ):
            return 0
        return BIT["enterprise-seat"]

    def place_of(self, codes: Iterable[str]) -> dict[str, str]:
        """Give for each jurisdiction the first one that no rule tells apart from it."""
        places = sorted(self._places())
        instants = (*self.epoch_instants(), self.request.at)
        first: dict[object, str] = {}
        return {
            code: first.setdefault(
                (
                    is_code(code),
                    tuple(any_in((code,), (one,), at) for one in places for at in instants),
                ),
                code,
            )
            for code in sorted(set(codes))
        }

    def _places(self) -> frozenset[str]:
        return frozenset(
            place for list_ in _place_lists(self.policy, self.orders) for place in list_
        )


def make_plan(request: Request, policy: History, platform: Timeline) -> Plan:
    """Sort out the rules of a request.

    Args:
        request: The request.
        policy: All versions; those not yet published at `request.known` do not exist.
        platform: The platform's timeline as believed at `request.known`.

    Raises:
        InputError: The policy has more settings that bite than one word has bits for.
    """
    known = policy.known(request.known)
    version = known.in_force(request.at)
    state = platform.at(request.at)
    role = role_of(request.recipient, state)
    standing = tuple(orders(state))
    askable = version is not None and role is not None and request.purpose in PURPOSES
    asked = [
        Asked(purpose=request.purpose, category=category, role=role, at=request.at)
        if askable and role is not None
        else None
        for category in CATEGORIES
    ]
    classes, slots, columns = _classify(asked, known, version, standing)
    then_bit, off_bit = _maskable(classes)
    return Plan(
        request=request,
        policy=known,
        version=version,
        platform=state,
        role=role,
        slots=slots,
        classes=classes,
        columns=columns,
        record_bits=_record_bits(request, version, role, classes, slots),
        obligations=(*(_obligations(version, one) for one in asked), 0),
        epochs=_epochs(known, standing, request.at),
        orders=standing,
        then_bit=then_bit,
        off_bit=off_bit,
        agreements=tuple(sorted({name for one in _read(known) for name in one.agreements})),
        ages=_ages(known),
    )


def _classify(
    asked: list[Asked | None],
    policy: History,
    version: Version | None,
    standing: tuple[Order, ...],
) -> tuple[tuple[CategoryClass, ...], dict[str, int], tuple[Column, ...]]:
    """Group the categories that no rule tells apart; nobody can be asked of unknown ones."""
    scopes = [order.scope for order in standing]
    for text in _read(policy):
        scopes += [setting.scope for setting in text.settings.values()]
        scopes += [rule.scope for rule in text.forbid]
        scopes += [
            promise.scope
            for agreement in text.agreements.values()
            for promise in agreement.promises
        ]
    columns: dict[object, int] = {}
    made: list[Column] = []
    classes: dict[object, int] = {}
    found: list[CategoryClass] = []
    slots: dict[str, int] = {}
    for category, one in zip(CATEGORIES, asked, strict=True):
        if one is None:
            continue
        signature = (_told_apart(one, scopes), _explicit(one, policy))
        if signature not in classes:
            classes[signature] = len(found)
            found.append(_make_class(one, policy, version, columns, made))
        slots[category] = classes[signature]
    unknown = len(found)
    found.append(CategoryClass(asked=None))
    return (
        tuple(found),
        {category: slots.get(category, unknown) for category in CATEGORIES},
        tuple(made),
    )


def _told_apart(asked: Asked, scopes: list[Scope]) -> tuple[bool, ...]:
    terms = (asked.purpose, asked.category, asked.role)
    return tuple(
        test for scope in scopes for test in (scope.bites(*terms), scope.contains(*terms))
    )


def _explicit(asked: Asked, policy: History) -> tuple[bool, ...]:
    return tuple(
        setting.wants_explicit(asked.category)
        for version in policy.versions  # no text that is only claimed governs
        for setting in version.settings.values()
    )


def _make_class(
    asked: Asked,
    policy: History,
    version: Version | None,
    columns: dict[object, int],
    made: list[Column],
) -> CategoryClass:
    terms = (asked.purpose, asked.category, asked.role)
    governing = version.governing(*terms, asked.at) if version is not None else ()
    mine = []
    for setting in governing:
        same = tuple(
            (
                (own := one.settings.get(setting.id)) is not None
                and own.scope.contains(*terms),
                one.forbids(*terms),
                own is not None and own.wants_explicit(asked.category),
            )
            for one in policy.versions
        )
        key = (setting.id, same)
        if key not in columns:
            columns[key] = len(made)
            made.append(Column(setting=setting, asked=asked))
        mine.append(columns[key])
    bitten = {one.id for each in policy.telling for one in each.biting(*terms)}
    return CategoryClass(
        asked=asked, governing=governing, columns=tuple(mine), bitten=tuple(sorted(bitten))
    )


def _maskable(classes: tuple[CategoryClass, ...]) -> tuple[dict[str, int], dict[str, int]]:
    bitten = sorted({name for one in classes for name in one.bitten})
    governing = sorted({setting.id for one in classes for setting in one.governing})
    if len(bitten) + len(governing) > _MASKABLE:
        raise InputError(
            f"{len(bitten)} settings bite and {len(governing)} govern, expected at most "
            f"{_MASKABLE} in all for the bulk path",
            code="decide/too-many-settings",
            hint="`privity decide --engine one` has no such limit; settings of earlier versions count too: a no in them still refuses",
        )
    return (
        {name: 1 << (32 + place) for place, name in enumerate(bitten)},
        {name: 1 << (32 + len(bitten) + place) for place, name in enumerate(governing)},
    )


def _record_bits(
    request: Request,
    version: Version | None,
    role: str | None,
    classes: tuple[CategoryClass, ...],
    slots: dict[str, int],
) -> tuple[int, ...]:
    everywhere = 0
    if request.purpose not in PURPOSES:
        everywhere |= BIT["unknown-purpose"]
    if role is None:
        everywhere |= BIT["unknown-recipient"]
    if version is None:
        everywhere |= BIT["no-policy"]
    found = []
    for category in CATEGORIES:
        one = classes[slots[category]]
        bits = everywhere
        if one.asked is not None and version is not None:
            if not one.governing:
                bits |= BIT["no-ground"]
            if version.forbids(one.asked.purpose, category, one.asked.role):
                bits |= BIT["forbidden"]
        found.append(bits)
    return (*found, everywhere | BIT["unknown-category"])


def _obligations(version: Version | None, asked: Asked | None) -> int:
    if version is None or asked is None:
        return 0
    return obligation_bits(
        name
        for rule in version.obligations
        if rule.scope.bites(asked.purpose, asked.category, asked.role)
        for name in rule.do
    )


def _place_lists(policy: History, standing: tuple[Order, ...]) -> list[Places]:
    lists = [order.places for order in standing if order.places is not None]
    for version in _read(policy):
        for setting in version.settings.values():
            lists.append(setting.exempt)
            lists += [line.places for line in setting.default if line.places is not None]
    return lists


def _epochs(policy: History, standing: tuple[Order, ...], at: Instant) -> tuple[Instant, ...]:
    """Give every instant up to `at` when another version comes into force or a group changes."""
    edges = {version.start for version in policy.versions}
    edges |= {edge for text in policy.texts for edge in (text.since, text.until)}
    if any(place in GROUPS for list_ in _place_lists(policy, standing) for place in list_):
        grouped = {code for group in members().values() for code in group}
        edges |= {edge for code in grouped for edge in changes(code)}
    return tuple(sorted(edge for edge in edges if EARLIEST < edge <= at))


def _read(policy: History) -> tuple[Version, ...]:
    """Give every version that anything is asked of."""
    return (*policy.versions, *(one.version for one in policy.texts))


def _ages(policy: History) -> tuple[int, ...]:
    return tuple(
        sorted(
            {
                setting.minimum_age
                for version in _read(policy)
                for setting in version.settings.values()
                if setting.minimum_age is not None
            }
        )
    )
