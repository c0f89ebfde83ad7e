# SPDX-License-Identifier: Apache-2.0
"""Facts: something known of a member or of the platform (specs/timeline.md part 1).

A fact says when it was true (`at`) and when it was recorded (`recorded_at`). Its shape is checked here,
strictly and once; what a fact means for a decision is not known here.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any, Final, Literal

from privity.canonical.instants import Instant, parse_date
from privity.errors import InputError, Where
from privity.vocabulary.terms import ROLES, unknown

MemberId = str | int

EVIDENCE: Final = ("declared", "billing", "ip")
METHODS: Final = ("explicit", "signal", "migrated")
SCOPES: Final = ("future", "all")
LISTS: Final = ("purposes", "categories", "recipients")

ValueKind = Literal["none", "any", "text", "date", "member"]


@dataclass(frozen=True, slots=True)
class Shape:
    """What one kind of fact looks like.

    Attributes:
        platform: Whether it is a fact of the platform, with no member.
        value: What its value is.
        required: Keys that `detail` must have.
        optional: Keys that `detail` may have.
    """

    platform: bool
    value: ValueKind
    required: tuple[str, ...] = ()
    optional: tuple[str, ...] = ()


SHAPES: Final[Mapping[str, Shape]] = MappingProxyType(
    {
        "joined": Shape(platform=False, value="none"),
        "closed": Shape(platform=False, value="none"),
        "reopened": Shape(platform=False, value="none"),
        "deceased": Shape(platform=False, value="none"),
        "jurisdiction": Shape(platform=False, value="any", optional=("evidence",)),
        "birth_date": Shape(platform=False, value="date"),
        "agreement": Shape(platform=False, value="text"),
        "agreement-ended": Shape(platform=False, value="text"),
        "notice": Shape(platform=False, value="text"),
        "setting": Shape(
            platform=False, value="any", required=("setting",), optional=("method", "scope")
        ),
        "objection": Shape(platform=False, value="none", optional=("setting",)),
        "objection-withdrawn": Shape(platform=False, value="none", optional=("setting",)),
        "merged": Shape(platform=False, value="member"),
        "minor-suspected": Shape(platform=False, value="none"),
        "minor-cleared": Shape(platform=False, value="none"),
        "recipient": Shape(platform=True, value="text", required=("role",)),
        "recipient-ended": Shape(platform=True, value="text"),
        "order": Shape(platform=True, value="text", optional=("jurisdictions", *LISTS)),
        "order-lifted": Shape(platform=True, value="text"),
        "seat-instruction": Shape(platform=True, value="text", optional=LISTS),
        "seat-instruction-withdrawn": Shape(platform=True, value="text"),
    }
)

_ENUMS: Final[Mapping[str, tuple[str, ...]]] = {
    "evidence": EVIDENCE,
    "method": METHODS,
    "scope": SCOPES,
    "role": tuple(ROLES.parents),
}
_WHOLE_NUMBER: Final = re.compile(r"0|-?[1-9][0-9]{0,18}", re.ASCII)
_LOWEST: Final = -(1 << 63)
_LISTED: Final = frozenset(("jurisdictions", *LISTS))


@dataclass(frozen=True, kw_only=True, slots=True)
class Fact:
    """One fact.

    Attributes:
        member: Whose it is; None for a fact of the platform.
        fact: Its kind, a key of `SHAPES`.
        value: Its value, `""` where the kind has none.
        at: When it was true.
        recorded_at: When it was recorded; nobody knew it before.
        detail: Further strings, or lists of strings, by key.
    """

    member: MemberId | None
    fact: str
    value: str = ""
    at: Instant
    recorded_at: Instant
    detail: Mapping[str, Any] = field(default_factory=dict)

    @property
    def order(self) -> tuple[Instant, Instant]:
        """Its place in a timeline: when true, then when recorded."""
        return (self.at, self.recorded_at)

    @property
    def setting(self) -> str | None:
        """The setting that it names, or None."""
        named: str | None = self.detail.get("setting")
        return named

    @property
    def covers_all(self) -> bool:
        """Whether a yes names older content too (`scope: all`)."""
        return self.detail.get("scope") == "all"

    @property
    def evidence(self) -> str:
        """What a jurisdiction rests on; `declared` where it is not said."""
        named: str = self.detail.get("evidence", "declared")
        return named


def check_shape(
    fact: str,
    value: str,
    detail: Mapping[str, Any],
    *,
    platform: bool,
    where: Where | None = None,
) -> None:
    """Check kind, value and detail of a fact.

    Raises:
        InputError: The kind is unknown, or value or detail do not fit it. Values of settings,
            jurisdictions and lists of orders are not judged: a decision reads them as a no.
    """
    shape = SHAPES.get(fact)
    if shape is None:
        raise _at(unknown("fact", fact, SHAPES), where)
    if shape.platform != platform:
        raise InputError(
            f"fact `{fact}` {'with' if shape.platform else 'without'} a member, expected "
            f"{'none: it is the platform’s' if shape.platform else 'one'}",
            code="facts/member",
            where=where,
        )
    _check_value(fact, value, shape.value, where)
    allowed = shape.required + shape.optional
    for key in detail:
        if key not in allowed:
            raise _at(unknown("detail", key, allowed), where)
    for key in shape.required:
        if key not in detail:
            raise InputError(
                f"fact `{fact}` without detail `{key}`, expected it",
                code="facts/detail",
                where=where,
                hint=f"write it among the details: {key}=…",
            )
    for key, item in detail.items():
        _check_detail(key, item, where)


def as_number(member: MemberId) -> int | None:
    """Give the integer that an id is, or None if it is not written as one: `07` is nobody's 7."""
    number = member if isinstance(member, int) else None
    if isinstance(member, str) and _WHOLE_NUMBER.fullmatch(member):
        number = int(member)
    return number if number is not None and _LOWEST <= number < -_LOWEST else None


def parse_detail(text: str, where: Where | None = None) -> Mapping[str, Any]:
    """Read the JSON text of a fact's detail; empty text is no detail.

    Raises:
        InputError: It is no JSON object, or has a key twice.
    """
    if not text:
        return {}
    try:
        detail = json.loads(text, object_pairs_hook=_unique)
    except (ValueError, RecursionError) as error:
        raise InputError(
            f"detail `{text[:80]}` is no JSON ({error})", code="facts/detail", where=where
        ) from error
    if not isinstance(detail, dict):
        raise InputError(
            f"detail `{text[:80]}` is no JSON object, expected one such as `{{}}`",
            code="facts/detail",
            where=where,
        )
    return detail


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for key, item in pairs:
        if key in found:
            message = f"key `{key}` stands twice"
            raise ValueError(message)
        found[key] = item
    return found


def _check_value(fact: str, value: str, kind: ValueKind, where: Where | None) -> None:
    if kind == "none" and value:
        raise InputError(
            f"fact `{fact}` with value `{value}`, expected none",
            code="facts/value",
            where=where,
        )
    if kind in ("text", "member", "date") and not value:
        raise InputError(
            f"fact `{fact}` without a value, expected one", code="facts/value", where=where
        )
    if kind == "date":
        try:
            parse_date(value)
        except InputError as error:
            raise _at(error, where) from error


def _check_detail(key: str, item: object, where: Where | None) -> None:
    if key in _LISTED:
        if not isinstance(item, list) or not all(isinstance(one, str) for one in item):
            raise InputError(
                f"detail `{key}` is no list of strings, expected one",
                code="facts/detail",
                where=where,
            )
        return
    if not isinstance(item, str) or not item:
        raise InputError(
            f"detail `{key}` is no string, expected one", code="facts/detail", where=where
        )
    if key in _ENUMS and item not in _ENUMS[key]:
        raise _at(unknown(key, item, _ENUMS[key]), where)


def _at(error: InputError, where: Where | None) -> InputError:
    return InputError(error.message, code=error.code, hint=error.hint, where=where)
