# SPDX-License-Identifier: Apache-2.0
"""A policy version as values (specs/policy.md).

Everything here has been checked: terms and places are known, groups are resolved to ISO codes and the
built-in dated groups, instants are seconds. A policy never looks at members.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Literal

from privity.canonical.instants import Instant
from privity.vocabulary.places import in_place
from privity.vocabulary.terms import CATEGORIES, PURPOSES, ROLES

Answer = Literal["report", "refuse"]
"""What follows where a copy is found, the stricter last."""

Places = tuple[str, ...]
"""ISO codes and the names of built-in dated groups."""


def any_in(codes: Iterable[str], places: Places, at: Instant) -> bool:
    """Tell whether any of the codes lies in any of the places at `at`."""
    return any(in_place(code, place, at) for code in codes for place in places)


@dataclass(frozen=True, kw_only=True, slots=True)
class Scope:
    """What a rule is about: lists of terms, where None (left out) means all.

    Attributes:
        purposes: Terms of `PURPOSES`, or None.
        categories: Terms of `CATEGORIES`, or None.
        recipients: Roles, or None.
    """

    purposes: tuple[str, ...] | None = None
    categories: tuple[str, ...] | None = None
    recipients: tuple[str, ...] | None = None

    def bites(self, purpose: str, category: str, role: str) -> bool:
        """Tell whether every list overlaps the request's term ([POL-20])."""
        return (
            (self.purposes is None or PURPOSES.any_overlaps(self.purposes, purpose))
            and (self.categories is None or CATEGORIES.any_overlaps(self.categories, category))
            and (self.recipients is None or ROLES.any_overlaps(self.recipients, role))
        )

    def contains(self, purpose: str, category: str, role: str) -> bool:
        """Tell whether every list is written and contains the request's term ([POL-21])."""
        return (
            self.purposes is not None
            and PURPOSES.any_contains(self.purposes, purpose)
            and self.categories is not None
            and CATEGORIES.any_contains(self.categories, category)
            and self.recipients is not None
            and ROLES.any_contains(self.recipients, role)
        )


@dataclass(frozen=True, kw_only=True, slots=True)
class DefaultLine:
    """One line of a setting's default: its value in these places, or everywhere if None."""

    places: Places | None
    on: bool


@dataclass(frozen=True, kw_only=True, slots=True)
class Setting:
    """A member's switch.

    Attributes:
        id: Its name in facts.
        label: What the member reads.
        scope: What it governs; all three lists are written.
        live_from: When the switch first worked.
        exempt: Where it may not be used at all.
        default: What silence means, first matching line; no line is off.
        explicit_only: Categories that want an explicit yes.
        notice: The notice that tells of it, or None.
        objection_window: Seconds between a notice's delivery and the default's start.
        minimum_age: In years, or None.
        age_proof: Whether a missing birth date refuses.
    """

    id: str
    label: str
    scope: Scope
    live_from: Instant
    exempt: Places = ()
    default: tuple[DefaultLine, ...] = ()
    explicit_only: tuple[str, ...] = ()
    notice: str | None = None
    objection_window: int = 0
    minimum_age: int | None = None
    age_proof: bool = False

    def default_on(self, code: str, at: Instant) -> bool:
        """Tell what silence means in one jurisdiction, by the groups at `at` ([POL-12])."""
        for line in self.default:
            if line.places is None or any_in((code,), line.places, at):
                return line.on
        return False

    def wants_explicit(self, category: str) -> bool:
        """Tell whether a record of this category needs an explicit yes (overlap)."""
        return CATEGORIES.any_overlaps(self.explicit_only, category)


@dataclass(frozen=True, kw_only=True, slots=True)
class Notice:
    """A notice; `effective_at` is when what it says begins to hold."""

    id: str
    effective_at: Instant
    url: str | None = None
    sha256: str | None = None
    languages: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True, slots=True)
class Rule:
    """A named scope: a promise not to, or a rule that forbids."""

    id: str
    scope: Scope


@dataclass(frozen=True, kw_only=True, slots=True)
class Agreement:
    """A contract with its promises."""

    id: str
    promises: tuple[Rule, ...] = ()


@dataclass(frozen=True, kw_only=True, slots=True)
class ObligationRule:
    """What must be done (`do`, terms of `OBLIGATIONS`) where the scope bites."""

    scope: Scope
    do: tuple[str, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class CopyRule:
    """What follows where other records have texts of refused private messages in them.

    Attributes:
        whole: For a whole text.
        passages: For a passage of one; None looks for none.
    """

    whole: Answer
    passages: Answer | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Version:
    """One version of a policy.

    Attributes:
        policy: The policy's stable name.
        version: The version's name, never reused.
        controller: Whose policy it is.
        published_at: When it was published; nobody knew it before.
        effective_at: When it says that it begins.
        groups: The policy's own groups, resolved.
        settings: By id.
        notices: By id.
        agreements: By id.
        forbid: Rules that refuse whatever the members say.
        obligations: What a permit carries.
        group_audience: Whether the audience of a group message is asked (`parties`).
        copies: What follows copies of refused private messages; None looks for none.
        source: Where it was read from, for messages.
        entry: Its place in a ledger, which orders what was published in one second; 0 where there is none.
    """

    policy: str
    version: str
    controller: str
    published_at: Instant
    effective_at: Instant
    groups: Mapping[str, Places] = field(default_factory=dict)
    settings: Mapping[str, Setting] = field(default_factory=dict)
    notices: Mapping[str, Notice] = field(default_factory=dict)
    agreements: Mapping[str, Agreement] = field(default_factory=dict)
    forbid: tuple[Rule, ...] = ()
    obligations: tuple[ObligationRule, ...] = ()
    group_audience: bool = False
    copies: CopyRule | None = None
    source: str = ""
    entry: int = field(default=0, compare=False)

    @property
    def start(self) -> Instant:
        """When it starts: never before its publication ([POL-30])."""
        return max(self.effective_at, self.published_at)

    @property
    def back_dated(self) -> bool:
        """Whether it claims to begin before it was published, which raises an alarm."""
        return self.effective_at < self.published_at

    def governing(
        self, purpose: str, category: str, role: str, at: Instant
    ) -> tuple[Setting, ...]:
        """Give the settings that govern the request: contain it, and are live at `at`."""
        return tuple(
            setting
            for setting in self.settings.values()
            if setting.live_from <= at and setting.scope.contains(purpose, category, role)
        )

    def biting(self, purpose: str, category: str, role: str) -> tuple[Setting, ...]:
        """Give the settings that bite: overlap the request, live or not."""
        return tuple(
            setting
            for setting in self.settings.values()
            if setting.scope.bites(purpose, category, role)
        )

    def forbids(self, purpose: str, category: str, role: str) -> bool:
        """Tell whether a forbid rule bites."""
        return any(rule.scope.bites(purpose, category, role) for rule in self.forbid)
