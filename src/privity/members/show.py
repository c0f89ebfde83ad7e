# SPDX-License-Identifier: Apache-2.0
"""A member's timeline as a person can read it: what each fact means at one instant (specs/timeline.md).

Says of every fact whether it stands, what superseded it, or why it does not count yet, and sums up the
state. What a state means for a record is `privity.decide`; reading facts is somebody else's too.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from privity.canonical.instants import Instant, format_instant
from privity.members.facts import Fact, MemberId
from privity.members.state import State, is_no, is_yes
from privity.members.timeline import Timeline, sort_key, timelines


class Standing(StrEnum):
    """What a fact means at the instant that is shown."""

    STANDS = "stands"
    SUPERSEDED = "superseded"
    PASSED_OVER = "passed over"
    LATER = "not yet true"
    UNKNOWN = "not yet known"


@dataclass(frozen=True, kw_only=True, slots=True)
class Row:
    """One fact of a timeline.

    Attributes:
        fact: The fact.
        standing: What it means at the instant that is shown.
        note: More of that, or empty: what superseded it, what still limits it.
        merged: Whether it is a no that came with an account merged into this one.
    """

    fact: Fact
    standing: Standing
    note: str = ""
    merged: bool = False


@dataclass(frozen=True, kw_only=True, slots=True)
class Shown:
    """A timeline with what it comes to.

    Attributes:
        member: Whose it is.
        at: The instant at which it is judged.
        known: Up to which `recorded_at` anything is believed.
        rows: Every fact of the member, in order, also those that are not yet known or true.
        state: What the facts come to at `at`: what it is about, such as `account`, and words.
    """

    member: MemberId
    at: Instant
    known: Instant
    rows: tuple[Row, ...]
    state: tuple[tuple[str, str], ...]


def accounts_into(member: MemberId, facts: Iterable[Fact]) -> frozenset[MemberId]:
    """Give the member and every account that was merged into it, by whatever chain.

    The facts of these accounts are all that the member's timeline is made of.
    """
    sources: dict[str, set[MemberId]] = {}
    for fact in facts:
        if fact.fact == "merged" and fact.member is not None:
            sources.setdefault(fact.value, set()).add(fact.member)
    found, waiting = {member}, [member]
    while waiting:
        fresh = sources.get(str(waiting.pop()), set()) - found
        found |= fresh
        waiting += fresh
    return frozenset(found)


def show_timeline(
    member: MemberId, facts: Iterable[Fact], *, at: Instant, known: Instant
) -> Shown:
    """Lay out a member's facts in order, each with what it means at an instant.

    Args:
        member: Whose timeline is shown; nothing need be known of it.
        facts: The facts of at least the accounts of `accounts_into`; others are left aside.
        at: The instant at which the facts are judged.
        known: Up to which `recorded_at` anything is believed.
    """
    held = list(facts)
    accounts = accounts_into(member, held)
    mine = [fact for fact in held if fact.member in accounts]
    timeline = timelines(mine, known).get(member, Timeline())
    own = {id(fact) for fact in mine}
    judge = _Judge(timeline.at(at), timeline)
    rows = [
        Row(
            fact=fact,
            standing=Standing.LATER if fact.at > at and fact.fact != "birth_date" else standing,
            note="" if fact.at > at and fact.fact != "birth_date" else note,
            merged=id(fact) not in own,
        )
        for fact in timeline.facts
        for standing, note in (judge.standing(fact),)
    ]
    rows += [
        Row(fact=fact, standing=Standing.UNKNOWN)
        for fact in mine
        if fact.member == member and fact.recorded_at > known
    ]
    return Shown(
        member=member,
        at=at,
        known=known,
        rows=tuple(sorted(rows, key=lambda row: sort_key(row.fact))),
        state=tuple(state_words(timeline.at(at))),
    )


class _Judge:
    """What each fact of a state means there.

    Args:
        state: The state at the instant that is shown.
        timeline: The timeline that it is of.
    """

    def __init__(self, state: State, timeline: Timeline) -> None:
        self._state = state
        self._birth_date = timeline.birth_date

    def standing(self, fact: Fact) -> tuple[Standing, str]:
        """Say what a fact means, and what more is to be said of it."""
        judges = {
            "joined": self._first,
            "deceased": self._first,
            "birth_date": self._birth,
            "notice": self._delivery,
            "setting": self._choice,
            "objection": self._objection,
            "objection-withdrawn": self._objection,
            "jurisdiction": self._jurisdiction,
        }
        return judges.get(fact.fact, self._latest)(fact)

    def _birth(self, fact: Fact) -> tuple[Standing, str]:
        if fact.value == self._birth_date:
            return Standing.STANDS, ""
        return Standing.SUPERSEDED, "a younger birth date counts"

    def _jurisdiction(self, fact: Fact) -> tuple[Standing, str]:
        same = [one for one in self._state.jurisdictions if one.evidence == fact.evidence]
        if any(one is fact for one in same):
            return Standing.STANDS, ""
        return _superseded(same[:1])

    def _first(self, fact: Fact) -> tuple[Standing, str]:
        first = self._state.all(fact.fact)[:1]
        if not first or first[0] is fact:
            return Standing.STANDS, ""
        return Standing.SUPERSEDED, f"the one of {format_instant(first[0].at)} counts"

    def _latest(self, fact: Fact) -> tuple[Standing, str]:
        alike = [one for one in self._state.facts if _question(one) == _question(fact)]
        return _superseded(_after(fact, alike))

    def _delivery(self, fact: Fact) -> tuple[Standing, str]:
        reopened = self._state.reopened
        if reopened is not None and not self._state.after_reopening(fact):
            return Standing.SUPERSEDED, (
                f"tells nobody since the account was reopened at {format_instant(reopened.at)}"
            )
        return Standing.STANDS, ""

    def _choice(self, fact: Fact) -> tuple[Standing, str]:
        setting = fact.setting or ""
        choices = self._state.choices(setting)
        if not any(one is fact for one in choices):
            return Standing.PASSED_OVER, "only an explicit yes or unset counts"
        later = _after(fact, choices)
        run = self._state.standing_run(setting)
        if later and not any(one is fact for one in run):
            return _superseded(later)
        if is_yes(fact) and not self._state.after_reopening(fact):
            return Standing.STANDS, "as the choice, but said before the account was reopened"
        if is_no(fact) and fact.value != "off":
            return Standing.STANDS, f"`{fact.value}` counts as off"
        return Standing.STANDS, "with the later yes" if later else ""

    def _objection(self, fact: Fact) -> tuple[Standing, str]:
        said = self._state.all("objection", "objection-withdrawn")
        later = _after(fact, said)
        for one in later:
            if one.setting is None or one.setting == fact.setting:
                return _superseded([one])
        except_for = sorted({one.setting for one in later if one.setting and not fact.setting})
        if except_for:
            named = ", ".join(f"`{name}`" for name in except_for)
            return Standing.STANDS, f"except for {named}, which later facts name"
        return Standing.STANDS, ""


def _question(fact: Fact) -> tuple[str, str]:
    """Give what a fact answers: of facts that answer the same, the latest stands."""
    match fact.fact:
        case "closed" | "merged" | "reopened":
            return "account", ""
        case "agreement" | "agreement-ended":
            return "agreement", fact.value
        case "minor-suspected" | "minor-cleared":
            return "suspicion", ""
        case other:
            return other, fact.value


def _after(fact: Fact, facts: Sequence[Fact]) -> list[Fact]:
    """Give the facts that come after this one in a row that holds it."""
    for place, one in enumerate(facts):
        if one is fact:
            return list(facts[place + 1 :])
    return []


def _superseded(later: Sequence[Fact]) -> tuple[Standing, str]:
    if not later:
        return Standing.STANDS, ""
    return Standing.SUPERSEDED, f"by {fact_words(later[0])} of {format_instant(later[0].at)}"


def state_words(state: State) -> Iterator[tuple[str, str]]:
    """Sum up a state: what each part of it is about, and words."""
    yield "account", _account_words(state)
    if state.death is not None:
        yield "died", format_instant(state.death.at)
    places = [
        f"{one.value} ({one.evidence}, since {format_instant(one.at)})"
        for one in state.jurisdictions
    ]
    yield "jurisdiction", ", ".join(places) or "unknown"
    yield "birth date", "known" if state.birth_date is not None else "unknown"
    if state.suspicion is not None:
        yield "age", f"suspected to be a minor since {format_instant(state.suspicion.at)}"
    for fact in state.agreements:
        yield "agreement", f"{fact.value}, since {format_instant(fact.at)}"
    for setting in sorted({one.setting for one in state.all("setting") if one.setting}):
        yield f"setting {setting}", choice_words(state, setting)
    named = {one.setting for one in state.all("objection", "objection-withdrawn")}
    for name in sorted(named, key=str):
        objection = state.objection(name)
        if objection is not None and objection.setting == name:
            about = "every setting" if name is None else name
            yield "objection", f"to {about}, since {format_instant(objection.at)}"
    reached: dict[str, Fact] = {}
    for fact in state.all("notice"):
        if state.after_reopening(fact):
            reached.setdefault(fact.value, fact)
    for notice, fact in reached.items():
        yield "notice", f"{notice}, reached the member at {format_instant(fact.at)}"


def _account_words(state: State) -> str:
    if state.closed is not None:
        how = f"merged into {state.closed.value}" if state.closed.fact == "merged" else "closed"
        return f"{how}, since {format_instant(state.closed.at)}"
    if state.joined is None:
        return "none"
    if state.reopened is not None:
        return f"open, since it was reopened at {format_instant(state.reopened.at)}"
    return f"open, since {format_instant(state.joined.at)}"


def choice_words(state: State, setting: str) -> str:
    """Say where a member stands in a setting: `on, since …`, or that there is no choice."""
    choice = state.choice(setting)
    if choice is None:
        return "no choice"
    if is_no(choice):
        value = "off" if choice.value == "off" else f"off (said `{choice.value}`)"
    elif is_yes(choice):
        value = "on, for older content too" if choice.covers_all else "on"
    else:
        value = "unset, which is no choice"
    return f"{value}, since {format_instant(choice.at)}"


def fact_words(fact: Fact) -> str:
    """Say a fact in a few words: its kind, its value, what its detail adds."""
    parts = [fact.fact]
    if fact.fact == "setting":
        parts.append(fact.setting or "")
    if fact.value:
        parts.append(f"into {fact.value}" if fact.fact == "merged" else fact.value)
    said = {
        key: value
        for key, value in sorted(fact.detail.items())
        if not (fact.fact == "setting" and key == "setting")
    }
    if said:
        words = ", ".join(f"{key} {_detail_words(value)}" for key, value in said.items())
        parts.append(f"({words})")
    return " ".join(parts)


def _detail_words(value: object) -> str:
    return "+".join(map(str, value)) if isinstance(value, list) else str(value)


def lines(shown: Shown) -> list[str]:
    """Lay a timeline out as lines of text: its facts, then the state."""
    told = [f"member {shown.member}, at {format_instant(shown.at)}"]
    told[0] += "" if shown.known == shown.at else f", as known at {format_instant(shown.known)}"
    if not shown.rows:
        return [*told, "", "no facts"]
    told.append("")
    width = max(len(standing) for standing in Standing)
    for row in shown.rows:
        start = f"{format_instant(row.fact.at)}  {row.standing.ljust(width)}  "
        told.append(start + _row_words(row))
        if row.note:
            told.append(" " * len(start) + row.note)
    told += ["", f"at {format_instant(shown.at)}"]
    broad = max(len(about) for about, _ in shown.state)
    return told + [f"  {about.ljust(broad)}  {words}" for about, words in shown.state]


def _row_words(row: Row) -> str:
    text = fact_words(row.fact)
    if row.merged:
        text += ", from an account merged into this one"
    if row.fact.recorded_at > row.fact.at:
        text += f", recorded {format_instant(row.fact.recorded_at)}"
    return text


def fact_mapping(fact: Fact) -> Mapping[str, Any]:
    """Give a fact as plain values, as its row in a table of facts has them."""
    return {
        "member": fact.member,
        "fact": fact.fact,
        "value": fact.value,
        "at": format_instant(fact.at),
        "recorded_at": format_instant(fact.recorded_at),
        "detail": dict(fact.detail),
    }


def mapping(shown: Shown) -> Mapping[str, Any]:
    """Give a timeline as plain values for JSON."""
    return {
        "member": shown.member,
        "at": format_instant(shown.at),
        "known": format_instant(shown.known),
        "facts": [
            {
                **fact_mapping(row.fact),
                "standing": row.standing.value,
                "note": row.note,
                "merged": row.merged,
            }
            for row in shown.rows
        ],
        "state": [{"about": about, "words": words} for about, words in shown.state],
    }
