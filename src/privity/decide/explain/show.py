# SPDX-License-Identifier: Apache-2.0
"""Explanations as lines for people and as plain values for JSON (docs/explain.md).

The lines are plain text without a width; whoever prints them may fold them. Nothing is decided here, and
no birth date is shown.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Final

from privity.canonical.instants import Instant
from privity.decide.explain.causes import (
    Cause,
    Explanation,
    MemberCause,
    MemberExplanation,
)
from privity.decide.explain.member import MemberView, Stretch, Switch, Use
from privity.decide.explain.words import day_text, instant_text
from privity.decide.request import Request
from privity.members.facts import Fact
from privity.members.show import fact_mapping, fact_words
from privity.members.state import is_no, is_yes
from privity.vocabulary.reasons import REASONS_BY_ID
from privity.vocabulary.sentences import Listing, say
from privity.vocabulary.terms import CATEGORIES, PURPOSES, ROLES

_HIDDEN: Final = "birth_date"


def explanation_lines(explanation: Explanation) -> list[str]:
    """Lay an explanation out for who runs the gate: the answer, then each cause and what it rests on."""
    decision = explanation.decision
    made = (
        "no creation time"
        if explanation.created_at is None
        else f"made {instant_text(explanation.created_at)}"
    )
    answer = "permit" if decision.permit else "refuse"
    kind = explanation.category or "no category"
    told = [
        f"record {explanation.record_id} ({kind}, {made}): {answer}",
        f"asked for {_request_words(explanation.request)}",
    ]
    if decision.obligations:
        told.append(f"with {Listing(decision.obligations)}")
    for one in explanation.causes:
        told += ["", *_cause_lines(one)]
    return told


def _request_words(request: Request) -> str:
    text = f"{request.purpose} by {request.recipient} at {instant_text(request.at)}"
    return (
        text
        if request.known == request.at
        else f"{text}, as known {instant_text(request.known)}"
    )


def _cause_lines(one: Cause) -> Iterator[str]:
    where = "" if one.via is None else f" (from quoted record {one.via})"
    yield f"{one.reason}{where}: {one.text}"
    if one.rule is not None:
        yield f"  rule    {one.rule}" + (f" of version {one.version}" if one.version else "")
    if one.fact is not None:
        yield f"  fact    {_fact_line(one.fact)}"
    yield "  basis   " + "; ".join(str(basis) for basis in REASONS_BY_ID[one.reason].basis)
    yield f"  remedy  {one.remedy}"


def _fact_line(fact: Fact) -> str:
    words = fact.fact if fact.fact == _HIDDEN else fact_words(fact)
    whose = "" if fact.member is None else f" of member {fact.member}"
    recorded = (
        "" if fact.recorded_at == fact.at else f", recorded {instant_text(fact.recorded_at)}"
    )
    return f"{words}{whose}, true from {instant_text(fact.at)}{recorded}"


def explanation_mapping(explanation: Explanation) -> Mapping[str, Any]:
    """Give an explanation as plain values for JSON."""
    request, decision = explanation.request, explanation.decision
    return {
        "record_id": explanation.record_id,
        "category": explanation.category,
        "created_at": _instant(explanation.created_at),
        "purpose": request.purpose,
        "recipient": request.recipient,
        "at": _instant(request.at),
        "known": _instant(request.known),
        "permit": decision.permit,
        "reasons": list(decision.reasons),
        "obligations": list(decision.obligations),
        "causes": [_cause_mapping(one) for one in explanation.causes],
    }


def _cause_mapping(one: Cause) -> Mapping[str, Any]:
    return {
        "reason": one.reason,
        "party": one.party,
        "setting": one.setting,
        "version": one.version,
        "rule": one.rule,
        "fact": None if one.fact is None else _fact_values(one.fact),
        "via": one.via,
        "by_entry": one.by_entry,
        "text": one.text,
        "remedy": one.remedy,
        "basis": [str(basis) for basis in REASONS_BY_ID[one.reason].basis],
    }


def _fact_values(fact: Fact) -> Mapping[str, Any]:
    values = fact_mapping(fact)
    return {**values, "value": None} if fact.fact == _HIDDEN else values


def _instant(instant: Instant | None) -> str | None:
    return None if instant is None else instant_text(instant)


# What a member reads


def member_lines(explanation: MemberExplanation) -> list[str]:
    """Lay out what one of a record's parties may read of its explanation."""
    answer = "may be used" if explanation.permit else "may not be used"
    told = [f"record {explanation.record_id} {answer}"]
    for one in explanation.causes:
        told += _told_lines(one, "  ")
    return told


def _told_lines(one: MemberCause, indent: str) -> Iterator[str]:
    yield f"{indent}{one.text}"
    if one.member_remedy is not None:
        yield f"{indent}  → {one.member_remedy}"


def member_mapping(explanation: MemberExplanation) -> Mapping[str, Any]:
    """Give what one of a record's parties may read as plain values for JSON."""
    return {
        "record_id": explanation.record_id,
        "member": explanation.member,
        "permit": explanation.permit,
        "causes": [_told_mapping(one) for one in explanation.causes],
        "obligations": list(explanation.obligations),
    }


def _told_mapping(one: MemberCause) -> Mapping[str, Any]:
    return {
        "reason": one.reason,
        "text": one.text,
        "remedy": one.remedy,
        "member_remedy": one.member_remedy,
        "since": _instant(one.since),
    }


def view_lines(view: MemberView) -> list[str]:
    """Lay out what of a member's may be used, by whom and since when, and why the rest not."""
    told = [
        f"member {view.member}: {_label(view)}, at {instant_text(view.at)}"
        + ("" if view.known == view.at else f", as known {instant_text(view.known)}"),
        f"version {view.version} of the policy is in force"
        if view.version
        else "no policy yet",
        "",
    ]
    told += [f"  {line}" for line in _standing_lines(view)]
    for recipients, uses in by_recipients(view.uses):
        told += ["", recipients]
        for alike in grouped(uses):
            told += [f"  {line}" for line in _use_lines(alike)]
    told += ["", "What other people are party to needs their permission besides."]
    return told


def _label(view: MemberView) -> str:
    return PURPOSES.label(view.purpose)


def _standing_lines(view: MemberView) -> Iterator[str]:
    state = view.state
    if state.joined is None:
        yield "no account is known"
    elif state.closed is not None:
        yield f"account closed since {day_text(state.closed.at)}"
    else:
        yield f"account open since {day_text(state.joined.at)}"
    places = [f"{one.value} ({one.evidence})" for one in state.jurisdictions]
    yield f"lives in {Listing(places)}" if places else "lives nowhere that is known"
    for switch in view.switches:
        yield _switch_words(switch)
    unnamed = state.objection(None)
    if unnamed is not None:
        yield f"objected to every use on {day_text(unnamed.at)}"
    for fact in view.notices:
        yield f"was told by notice {fact.value} on {day_text(fact.at)}"
    for fact in state.agreements:
        yield f"has agreement {fact.value} since {day_text(fact.at)}"


def _switch_words(switch: Switch) -> str:
    choice = switch.choice
    if choice is None:
        text = "no choice made"
    elif is_no(choice):
        text = f"off since {day_text(choice.at)}"
    elif is_yes(choice):
        reach = ", for older content too" if choice.covers_all else ""
        text = f"on since {day_text(choice.at)}{reach}"
    else:
        text = f"no choice: taken back on {day_text(choice.at)}"
    if switch.objection is not None and switch.objection.setting is not None:
        text += f"; objected to on {day_text(switch.objection.at)}"
    gone = "" if switch.in_force else " (no longer offered)"
    return f"“{switch.label}”{gone}: {text}"


def by_recipients(uses: Iterable[Use]) -> Iterator[tuple[str, list[Use]]]:
    """Put together the recipients of which the same is to be said, with what one of them may use."""
    own: dict[str, list[Use]] = {}
    for use in uses:
        own.setdefault(use.recipient, []).append(use)
    alike: dict[tuple[tuple[str, tuple[Stretch, ...], tuple[str, ...]], ...], list[str]] = {}
    for recipient, found in own.items():
        key = tuple((use.category, use.stretches, use.obligations) for use in found)
        alike.setdefault(key, []).append(recipient)
    for recipients in alike.values():
        yield Listing([_recipient_words(own[one][0]) for one in recipients]), own[recipients[0]]


def _recipient_words(use: Use) -> str:
    role = say("no role on the register") if use.role is None else ROLES.label(use.role)
    return say("{recipient} ({role})", recipient=use.recipient, role=role)


def grouped(uses: Iterable[Use]) -> list[list[Use]]:
    """Put together what one recipient may use where the same is to be said of several categories."""
    found: dict[tuple[tuple[Stretch, ...], tuple[str, ...]], list[Use]] = {}
    for use in uses:
        found.setdefault((use.stretches, use.obligations), []).append(use)
    return list(found.values())


def _use_lines(alike: list[Use]) -> Iterator[str]:
    use = alike[0]
    yield Listing([CATEGORIES.label(one.category) for one in alike])
    # That nothing can have been agreed before the member joined goes without saying.
    shown = [one for one in use.stretches if one.start is not None] or list(use.stretches)
    if not use.permitted:
        yield from _nothing_lines(shown)
        return
    for stretch in shown:
        when = _when(stretch, shown)
        if stretch.permit:
            yield f"  {when}: may be used" + (
                f", with {Listing(use.obligations)}" if use.obligations else ""
            )
            continue
        yield f"  {when}: may not be used"
        for one in stretch.causes:
            yield from _told_lines(one, "    ")


def _nothing_lines(shown: list[Stretch]) -> Iterator[str]:
    """Say why nothing may be used: first what holds whenever it was made, then the rest."""
    yield "  nothing may be used"
    always = [one for one in shown[0].causes if all(one in other.causes for other in shown)]
    for one in always:
        yield from _told_lines(one, "    ")
    for stretch in shown:
        more = [one for one in stretch.causes if one not in always]
        if more:
            yield (
                f"    {_when(stretch, shown)}, besides"
                if always
                else f"    {_when(stretch, shown)}"
            )
        for one in more:
            yield from _told_lines(one, "      ")


def _when(stretch: Stretch, shown: list[Stretch]) -> str:
    if len(shown) == 1:
        return "whenever made"
    start, end = (None if one is None else _exact(one) for one in (stretch.start, stretch.end))
    if stretch is shown[0]:
        return f"made before {end}"
    return f"made from {start} on" if end is None else f"made from {start} until {end}"


def _exact(instant: Instant) -> str:
    """Write an instant as a day where it is one's beginning, and in full elsewhere."""
    text = instant_text(instant)
    return day_text(instant) if text.endswith("T00:00:00Z") else text


def view_mapping(view: MemberView) -> Mapping[str, Any]:
    """Give what of a member's may be used as plain values for JSON."""
    return {
        "member": view.member,
        "purpose": view.purpose,
        "at": _instant(view.at),
        "known": _instant(view.known),
        "version": view.version,
        "jurisdictions": [_fact_values(one) for one in view.state.jurisdictions],
        "settings": [_switch_mapping(one) for one in view.switches],
        "objections": [_fact_values(one) for one in _objections(view)],
        "notices": [_fact_values(one) for one in view.notices],
        "agreements": [_fact_values(one) for one in view.state.agreements],
        "uses": [_use_mapping(use) for use in view.uses],
    }


def _objections(view: MemberView) -> Iterator[Fact]:
    """Give the objections that stand: the one that names no setting, then those that name one."""
    unnamed = view.state.objection(None)
    if unnamed is not None:
        yield unnamed
    for switch in view.switches:
        if switch.objection is not None and switch.objection.setting is not None:
            yield switch.objection


def _switch_mapping(switch: Switch) -> Mapping[str, Any]:
    return {
        "setting": switch.setting,
        "label": switch.label,
        "in_force": switch.in_force,
        "choice": None if switch.choice is None else _fact_values(switch.choice),
        "objection": None if switch.objection is None else _fact_values(switch.objection),
    }


def _use_mapping(use: Use) -> Mapping[str, Any]:
    return {
        "recipient": use.recipient,
        "role": use.role,
        "category": use.category,
        "obligations": list(use.obligations),
        "stretches": [
            {
                "start": _instant(one.start),
                "end": _instant(one.end),
                "permit": one.permit,
                "causes": [_told_mapping(heard) for heard in one.causes],
            }
            for one in use.stretches
        ],
    }
