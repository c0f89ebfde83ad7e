# SPDX-License-Identifier: Apache-2.0
"""What the policy says of a release: the settings that it rests on, what it forbids, and what must be done ([REL-46]).

It is taken from the version in force when the release was made, for its purpose and its recipient's role, and is kept
with the release as data: a card of a later revision needs no policy file.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import asdict, dataclass
from typing import Any, Final, TypeVar

from privity.canonical.instants import Instant
from privity.policy.model import Rule, Scope, Setting, Version
from privity.release.papers.strict import flag, text, texts, whole
from privity.vocabulary.terms import OBLIGATIONS

EVERYTHING: Final = "content"
"""The category that overlaps all others."""

Kind = TypeVar("Kind")


@dataclass(frozen=True, kw_only=True, slots=True)
class DefaultTerm:
    """What silence means in some places, or everywhere else if None."""

    places: tuple[str, ...] | None
    on: bool


@dataclass(frozen=True, kw_only=True, slots=True)
class SettingTerm:
    """A setting that bites.

    Attributes:
        id: Its name.
        label: What the member reads.
        purposes: What it governs.
        categories: The same.
        recipients: The same, as roles.
        default: What silence means, first matching line; no line is off.
        explicit_only: Categories that want an explicit yes.
        exempt: Where it is not used.
        notice: The notice that tells of it, or None.
        objection_window: In seconds.
        minimum_age: In years, or None.
    """

    id: str
    label: str
    purposes: tuple[str, ...]
    categories: tuple[str, ...]
    recipients: tuple[str, ...]
    default: tuple[DefaultTerm, ...]
    explicit_only: tuple[str, ...]
    exempt: tuple[str, ...]
    notice: str | None
    objection_window: int
    minimum_age: int | None


@dataclass(frozen=True, kw_only=True, slots=True)
class RuleTerm:
    """What is not to be done: a rule of the policy, or a promise of an agreement.

    Attributes:
        id: Its name.
        agreement: Whose promise it is, or None for a rule of the policy.
        purposes: For which; None is all.
        categories: Of what; None is all.
        recipients: By whom, as roles; None is anybody.
    """

    id: str
    agreement: str | None
    purposes: tuple[str, ...] | None
    categories: tuple[str, ...] | None
    recipients: tuple[str, ...] | None


@dataclass(frozen=True, kw_only=True, slots=True)
class Terms:
    """What a version says of a purpose and a role.

    Attributes:
        controller: Whose policy it is.
        policy: The policy's name.
        version: The version's name.
        published_at: When it was published.
        effective_at: When it says that it begins.
        settings: Those that bite.
        rules: What is not to be done with what bites.
        must: What the policy says must be done, in the vocabulary's order.
    """

    controller: str
    policy: str
    version: str
    published_at: Instant
    effective_at: Instant
    settings: tuple[SettingTerm, ...]
    rules: tuple[RuleTerm, ...]
    must: tuple[str, ...]

    def to_json(self) -> dict[str, Any]:
        """Give them as JSON."""
        return asdict(self)


def terms_of(version: Version, purpose: str, role: str) -> Terms:
    """Give what a version says of data for a purpose, in the hands of a role.

    Args:
        version: The version in force.
        purpose: A term of the vocabulary.
        role: The same.
    """
    promises = [
        _rule(rule, agreement.id)
        for agreement in version.agreements.values()
        for rule in agreement.promises
        if _bites(rule.scope, purpose, role)
    ]
    forbidden = [
        _rule(rule, None) for rule in version.forbid if _bites(rule.scope, purpose, role)
    ]
    said = {
        what
        for one in version.obligations
        if _bites(one.scope, purpose, role)
        for what in one.do
    }
    return Terms(
        controller=version.controller,
        policy=version.policy,
        version=version.version,
        published_at=version.published_at,
        effective_at=version.effective_at,
        settings=tuple(_setting(one) for one in version.biting(purpose, EVERYTHING, role)),
        rules=(*forbidden, *promises),
        must=tuple(one for one in OBLIGATIONS if one in said),
    )


def parse_terms(found: Any) -> Terms:
    """Read what `to_json` gives; `privity.release.papers.strict` says how strictly."""
    return Terms(
        controller=text(found["controller"]),
        policy=text(found["policy"]),
        version=text(found["version"]),
        published_at=whole(found["published_at"]),
        effective_at=whole(found["effective_at"]),
        settings=_each(found["settings"], _read_setting),
        rules=_each(found["rules"], _read_rule),
        must=texts(found["must"]),
    )


def _bites(scope: Scope, purpose: str, role: str) -> bool:
    return scope.bites(purpose, EVERYTHING, role)


def _setting(setting: Setting) -> SettingTerm:
    scope = setting.scope
    return SettingTerm(
        id=setting.id,
        label=setting.label,
        purposes=scope.purposes or (),
        categories=scope.categories or (),
        recipients=scope.recipients or (),
        default=tuple(DefaultTerm(places=one.places, on=one.on) for one in setting.default),
        explicit_only=setting.explicit_only,
        exempt=setting.exempt,
        notice=setting.notice,
        objection_window=setting.objection_window,
        minimum_age=setting.minimum_age,
    )


def _rule(rule: Rule, agreement: str | None) -> RuleTerm:
    return RuleTerm(
        id=rule.id,
        agreement=agreement,
        purposes=rule.scope.purposes,
        categories=rule.scope.categories,
        recipients=rule.scope.recipients,
    )


def _each(found: Iterable[Any], parse: Callable[[Any], Kind]) -> tuple[Kind, ...]:
    return tuple(parse(one) for one in found)


def _read_setting(found: Any) -> SettingTerm:
    return SettingTerm(
        id=text(found["id"]),
        label=text(found["label"]),
        purposes=texts(found["purposes"]),
        categories=texts(found["categories"]),
        recipients=texts(found["recipients"]),
        default=_each(
            found["default"],
            lambda one: DefaultTerm(places=_maybe(texts, one["places"]), on=flag(one["on"])),
        ),
        explicit_only=texts(found["explicit_only"]),
        exempt=texts(found["exempt"]),
        notice=_maybe(text, found["notice"]),
        objection_window=whole(found["objection_window"]),
        minimum_age=_maybe(whole, found["minimum_age"]),
    )


def _read_rule(found: Any) -> RuleTerm:
    return RuleTerm(
        id=text(found["id"]),
        agreement=_maybe(text, found["agreement"]),
        purposes=_maybe(texts, found["purposes"]),
        categories=_maybe(texts, found["categories"]),
        recipients=_maybe(texts, found["recipients"]),
    )


def _maybe(parse: Callable[[Any], Kind], found: Any) -> Kind | None:
    return None if found is None else parse(found)
