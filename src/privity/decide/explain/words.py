# SPDX-License-Identifier: Apache-2.0
"""Causes as sentences: the words are data (`sentences.json`), filled in here.

Each sentence has one text for who runs the gate and one for the member of whom it is asked; an instant
reads as RFC 3339 in the one and as a day in the other. Where the member's hangs on the moment at which it holds,
there is one for each: no language but English is put together as English is. What a sentence does not say of
remedies is the vocabulary's (`privity.vocabulary.reasons`). Which sentence applies is decided elsewhere.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from enum import Enum
from functools import cache
from importlib import resources
from string import Formatter
from typing import Final

from privity.canonical.instants import Instant, format_instant, parse_instant
from privity.decide.explain.causes import Cause
from privity.members.facts import Fact, MemberId
from privity.policy.model import Setting, Version
from privity.vocabulary.reasons import REASONS_BY_ID
from privity.vocabulary.sentences import Listing, say, whole_day

_FIRST: Final = parse_instant("0001-01-01T00:00:00Z")
_LAST: Final = parse_instant("9999-12-31T23:59:59Z")
_BEYOND: Final = say("the end of the calendar")


@dataclass(frozen=True, kw_only=True, slots=True)
class Phrase:
    """A part of a sentence that reads differently for who runs the gate and for a member."""

    operator: str
    member: str


class Moment(Enum):
    """At which of the two instants of a decision something holds."""

    NOW = "now"
    THEN = "then"


BOTH: Final = frozenset(Moment)
_MOMENTS: Final[Mapping[str, frozenset[Moment]]] = {
    **{one.value: frozenset({one}) for one in Moment},
    "both": BOTH,
}

_WHEN: Final[Mapping[frozenset[Moment], str]] = {
    frozenset({Moment.NOW}): "at the time of use",
    frozenset({Moment.THEN}): "when the record was made",
    BOTH: "at the time of use and when the record was made",
}
_BEING: Final[Mapping[frozenset[Moment], str]] = {
    frozenset({Moment.NOW}): "is",
    frozenset({Moment.THEN}): "was",
    BOTH: "is and was",
}


@dataclass(frozen=True, kw_only=True, slots=True)
class CauseTexts:
    """The templates of one cause; a missing remedy is the vocabulary's, a missing own one is none.

    Attributes:
        operator: For who runs the gate.
        member: For the member, where it holds at these moments; one for no moments holds whatever they are.
        remedy: What would supply what is missing.
        member_remedy: What the member could do, or None.
    """

    operator: str
    member: Mapping[frozenset[Moment], str]
    remedy: str
    member_remedy: str | None


@cache
def sentences() -> Mapping[str, CauseTexts]:
    """Load the sentences: a reason and what more is known of it, such as `no-notice/never`."""
    text = (
        resources.files("privity.decide.explain").joinpath("sentences.json").read_text("utf-8")
    )
    found: dict[str, CauseTexts] = {}
    for reason, variants in json.loads(text).items():
        known = REASONS_BY_ID[reason]
        for variant, entry in variants.items():
            found[f"{reason}/{variant}"] = CauseTexts(
                operator=entry["operator"],
                member=_by_moment(entry.get("member", known.member)),
                remedy=entry.get("remedy", known.remedy),
                member_remedy=entry.get("member_remedy"),
            )
    return found


def _by_moment(said: str | Mapping[str, str]) -> Mapping[frozenset[Moment], str]:
    if isinstance(said, str):
        return {frozenset(): said}
    return {_MOMENTS[name]: text for name, text in said.items()}


def cause(
    key: str,
    *,
    party: MemberId | None = None,
    setting: Setting | None = None,
    version: Version | None = None,
    rule: str | None = None,
    fact: Fact | None = None,
    moments: Collection[Moment] = (),
    **values: str | Instant | Phrase,
) -> Cause:
    """Make a cause in words.

    Args:
        key: A key of `sentences`: the reason, a slash, the variant.
        party: Of whom it was asked; read as `{party}`.
        setting: By which it refuses; read as `{setting}` and `{label}`.
        version: Whose rule it is; read as `{version}`.
        rule: Where the rule stands in that version.
        fact: Which decided; its instant is read as `{since}`.
        moments: At which instants it holds; read as `{when}` and `{being}` by who runs the gate.
        values: What else the sentence says.
    """
    known = sentences()[key]
    held: dict[str, str | Instant | Phrase] = dict(values)
    if party is not None:
        held["party"] = str(party)
    if setting is not None:
        held |= {"setting": setting.id, "label": say(setting.label)}
    if version is not None:
        held["version"] = version.version
    if fact is not None:
        held.setdefault("since", fact.at)
    at = frozenset(moments)
    if at:
        held |= {"when": _WHEN[at], "being": _BEING[at]}
    operator = {name: _for_operator(value) for name, value in held.items()}
    return Cause(
        reason=key.partition("/")[0],
        party=party,
        setting=setting.id if setting is not None else None,
        version=version.version if version is not None else None,
        rule=rule,
        fact=fact,
        text=known.operator.format_map(operator),
        remedy=known.remedy.format_map(operator),
        member_text=_to_member(known.member.get(at) or known.member[frozenset()], held),
        member_remedy=(
            None if known.member_remedy is None else _to_member(known.member_remedy, held)
        ),
    )


def instant_text(instant: Instant) -> str:
    """Write an instant as RFC 3339; one that the calendar does not reach in words."""
    return format_instant(instant) if _FIRST <= instant <= _LAST else _BEYOND


def day_text(instant: Instant) -> str:
    """Write an instant's day in UTC as members read it: `18 September 2024`."""
    return whole_day(instant) if _FIRST <= instant <= _LAST else _BEYOND


def listed(words: Sequence[str]) -> Phrase:
    """Write names as a list: in backticks for who runs the gate, plainly for a member."""
    return Phrase(operator=Listing([f"`{word}`" for word in words]), member=Listing(words))


def _for_operator(value: str | Instant | Phrase) -> str:
    match value:
        case Phrase():
            return value.operator
        case int():
            return instant_text(value)
        case _:
            return value


def _to_member(template: str, held: Mapping[str, str | Instant | Phrase]) -> str:
    """Say something to the member, by those of the values that it speaks of."""
    return say(template, **{name: _for_member(held[name]) for name in _named_in(template)})


@cache
def _named_in(template: str) -> tuple[str, ...]:
    return tuple(name for _, name, _, _ in Formatter().parse(template) if name)


def _for_member(value: str | Instant | Phrase) -> str:
    match value:
        case Phrase():
            return value.member
        case int():
            return day_text(value)
        case _:
            return value
