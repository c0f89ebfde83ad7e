# SPDX-License-Identifier: Apache-2.0
"""A version's rules as sentences that a member can read (specs/policy.md part 6).

Says what the rules say and decides nothing. The sentences are of one version; where other versions count
too, such as the one of the time of writing, they say so.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from privity.policy.idle import always_forbidden, lines_that_work
from privity.policy.model import (
    Answer,
    CopyRule,
    DefaultLine,
    ObligationRule,
    Rule,
    Setting,
    Version,
)
from privity.policy.versions import History
from privity.vocabulary.places import place_name
from privity.vocabulary.sentences import By, Listing, day, listed, say, span, upper_first
from privity.vocabulary.terms import CATEGORIES, OBLIGATION_LABELS, PURPOSES, ROLES, Tree

_PLACES_COUNT: Final = say(
    "Where you live now counts, and where you lived when it was written."
)
_YES: Final = (
    say("What you write from then on may be used; what is older only if your yes says so."),
    say("A yes counts only if you said it after the notice had reached you."),
    say("It lifts no other rule on this page."),
)
_NO: Final = (
    say(
        "Nothing of yours that this setting is about is used from then on, whatever others say."
    ),
    say("An objection is a no too, until you withdraw it."),
    say(
        "What you wrote while your no stood stays unused, unless a later yes names older content."
    ),
    say("A no does not undo what was done before it."),
)
_MESSAGES: Final = (
    say(
        "A private message is used only if its author and all to whom it was addressed permit it."
    ),
    say("Each is judged by their own settings, place, age and agreements."),
)
_FOLLOWS: Final[Mapping[Answer, str]] = {
    "refuse": say("it is not used either, whoever wrote it"),
    "report": say("it is counted and may be used"),
}
_WHILE: Final = say(
    "This holds while the member has the agreement, and later for what is of that time."
)
_ELSE_NO: Final = say("Everywhere else: that is a no.")
_ALWAYS: Final = (
    say("Nothing is used of a closed account, or of anybody whose country is not known."),
    say("Nothing is used against an order of a court or a regulator."),
    say("Whatever is missing, unknown or contradictory counts as a no."),
    say(
        "What a version widens is used only after you were told, after that version's publication."
    ),
)


@dataclass(frozen=True, kw_only=True, slots=True)
class Line:
    """A label and the sentences that belong to it."""

    label: str
    sentences: tuple[str, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class Section:
    """A heading and its lines.

    Attributes:
        heading: The heading.
        about: The id of the setting that it is about, or None.
        lines: The lines.
    """

    heading: str
    about: str | None = None
    lines: tuple[Line, ...]


# --- what a version says


def sections_of(version: Version, policy: History) -> Iterator[Section]:
    """Say what a version says, as sections of sentences.

    Args:
        version: The version that is told of.
        policy: Its history.
    """
    for setting in version.settings.values():
        yield Section(
            heading=say("Setting: {label}", label=say(setting.label)),
            about=setting.id,
            lines=tuple(_setting(setting, version, policy)),
        )
    if not version.settings:
        nothing = Line(
            label="", sentences=(say("There is no setting, so nothing may be used."),)
        )
        yield Section(heading=say("Settings"), lines=(nothing,))
    yield Section(heading=say("Who is asked"), lines=tuple(_asked(version)))
    promises = tuple(
        Line(label=agreement.id, sentences=_promises(agreement.promises))
        for agreement in version.agreements.values()
    )
    unlisted = Line(
        label=say("any other"),
        sentences=(
            say("Nothing of a member who has an agreement that is not listed here is used."),
        ),
    )
    yield Section(heading=say("What agreements promise"), lines=(*promises, unlisted))
    if version.forbid:
        rules = tuple(
            Line(label=rule.id, sentences=(no_use_of(rule),)) for rule in version.forbid
        )
        yield Section(
            heading=say("What is never done, whatever anybody agrees to"), lines=rules
        )
    if version.obligations:
        asked = tuple(_obligation(rule, version) for rule in version.obligations)
        yield Section(heading=say("What whoever gets something must do"), lines=asked)
    yield Section(heading=say("In every case"), lines=(Line(label="", sentences=_ALWAYS),))


def _setting(setting: Setting, version: Version, policy: History) -> Iterator[Line]:
    scope = setting.scope
    yield Line(label=say("What for"), sentences=(_terms(PURPOSES, scope.purposes),))
    yield Line(label=say("What"), sentences=tuple(_content(setting, version)))
    yield Line(
        label=say("By whom"),
        sentences=(roles_of(scope.recipients, version), say("Nobody else.")),
    )
    where = (
        (say("Not of members in: {places}.", places=_places(setting.exempt)), _PLACES_COUNT)
        if setting.exempt
        else (say("No place is exempt."),)
    )
    yield Line(label=say("Where not"), sentences=where)
    yield Line(label=say("Since when"), sentences=tuple(_since(setting, version, policy)))
    yield Line(label=say("If you say nothing"), sentences=tuple(_silence(setting)))
    yield Line(label=say("If you say yes"), sentences=_YES)
    yield Line(label=say("If you say no"), sentences=_NO)
    if setting.minimum_age is not None or setting.age_proof:
        yield Line(label=say("Age"), sentences=tuple(_age(setting)))


def _content(setting: Setting, version: Version) -> Iterator[str]:
    yield _terms(CATEGORIES, setting.scope.categories)
    forbidden = always_forbidden(version, setting)
    if forbidden:
        yield say(
            "Of these, a rule of this policy forbids: {categories}.",
            categories=_terms(CATEGORIES, forbidden),
        )


def _since(setting: Setting, version: Version, policy: History) -> Iterator[str]:
    first = version
    for earlier in reversed(policy.versions[: policy.versions.index(version)]):
        if setting.id not in earlier.settings:
            break
        first = earlier
    yield say("The switch works from {day} on.", day=day(setting.live_from))
    if first is not version:
        yield say(
            "It is in this policy since version {version}, from {day} on.",
            version=first.version,
            day=day(first.start),
        )
    notice = version.notices.get(setting.notice) if setting.notice is not None else None
    if notice is None:
        yield say("No notice tells of it, so nothing is used.")
        return
    yield say(
        "Nothing is used before notice {notice} has reached you, nor before {day}, from when it holds.",
        notice=notice.id,
        day=day(notice.effective_at),
    )
    if notice.url is not None and notice.languages:
        languages = ", ".join(notice.languages)
        yield say("The notice is at {url} ({languages}).", url=notice.url, languages=languages)
    elif notice.url is not None:
        yield say("The notice is at {url}.", url=notice.url)


def _silence(setting: Setting) -> Iterator[str]:
    working = sorted(lines_that_work(setting)[1])
    lines = [setting.default[index] for index in working]
    if not any(line.on for line in lines):
        yield say("That is a no, everywhere.")
        return
    for index, line in enumerate(lines):
        yield _meaning(line, first=index == 0)
    if all(line.places is not None for line in lines):
        yield _ELSE_NO
    if setting.objection_window:
        yield say(
            "Where it is a yes, it begins once the notice has reached you and you have had {time} to object; "
            "it covers nothing that was written before.",
            time=span(setting.objection_window),
        )
    else:
        yield say(
            "Where it is a yes, it begins once the notice has reached you; "
            "it covers nothing that was written before."
        )
    if setting.explicit_only:
        yield say(
            "Only after you yourself said yes, wherever you live: {categories}.",
            categories=_terms(CATEGORIES, setting.explicit_only),
        )


def _meaning(line: DefaultLine, *, first: bool) -> str:
    """Say what silence means by one line of a default."""
    if line.places is not None:
        named = _places(line.places)
        if line.on:
            return say("In {places}: that is a yes.", places=named)
        return say("In {places}: that is a no.", places=named)
    if first:
        return (
            say("Everywhere: that is a yes.") if line.on else say("Everywhere: that is a no.")
        )
    return say("Everywhere else: that is a yes.") if line.on else _ELSE_NO


def _age(setting: Setting) -> Iterator[str]:
    if setting.minimum_age is not None:
        yield say(
            "Nothing of members under {age}: not if you are, were when it was written, or may be.",
            age=setting.minimum_age,
        )
    if setting.age_proof:
        yield say("Nothing of members whose birth date is not known.")


def _asked(version: Version) -> Iterator[Line]:
    yield Line(label=say("messages"), sentences=_MESSAGES)
    audience = (
        say("Its author and everybody who was in the group to read it are asked.")
        if version.group_audience
        else say("Its author alone is asked, not those who read it.")
    )
    yield Line(label=say("group messages"), sentences=(audience,))
    yield Line(
        label=say("quotations"),
        sentences=(
            say("What quotes another record is used only if that record may be used too."),
        ),
    )
    if version.copies is not None:
        yield Line(label=say("copies"), sentences=tuple(_copied(version.copies)))
    if len(version.settings) > 1:
        yield Line(
            label=say("several settings"),
            sentences=(say("Where several settings cover a use, each of them must be a yes."),),
        )


def _copied(rule: CopyRule) -> Iterator[str]:
    yield say(
        "What has the text of a private message in it that is not used: {follows}.",
        follows=_FOLLOWS[rule.whole],
    )
    if rule.passages is not None:
        yield say(
            "What has a longer passage of one in it: {follows}.",
            follows=_FOLLOWS[rule.passages],
        )


def _promises(promises: Sequence[Rule]) -> tuple[str, ...]:
    if not promises:
        return (say("It promises nothing about such uses."),)
    return (*(no_use_of(rule) for rule in promises), _WHILE)


def _obligation(rule: ObligationRule, version: Version) -> Line:
    scope = rule.scope
    held = {
        "who": say("anybody")
        if scope.recipients is None
        else roles_of(scope.recipients, version),
        "what": _terms(CATEGORIES, scope.categories),
        "why": _terms(PURPOSES, scope.purposes),
        "asked": Listing([OBLIGATION_LABELS[one] for one in rule.do], By.SEMICOLON),
    }
    match scope.categories, scope.purposes:
        case None, None:
            sentence = say("{who}: {asked}.", **held)
        case _, None:
            sentence = say("{who}, of {what}: {asked}.", **held)
        case None, _:
            sentence = say("{who}, for {why}: {asked}.", **held)
        case _:
            sentence = say("{who}, of {what} for {why}: {asked}.", **held)
    return Line(label="", sentences=(upper_first(sentence),))


# --- words


def no_use_of(rule: Rule) -> str:
    """Say what a promise or a rule that forbids keeps from being done."""
    scope = rule.scope
    held = {
        "what": CATEGORIES.label("content")
        if scope.categories is None
        else _terms(CATEGORIES, scope.categories),
        "whom": _terms(ROLES, scope.recipients),
        "why": _terms(PURPOSES, scope.purposes),
    }
    match scope.recipients, scope.purposes:
        case None, None:
            return say("No use of {what}.", **held)
        case _, None:
            return say("No use of {what} by {whom}.", **held)
        case None, _:
            return say("No use of {what} for {why}.", **held)
        case _:
            return say("No use of {what} by {whom} for {why}.", **held)


def _terms(tree: Tree, terms: Iterable[str] | None) -> str:
    return listed([tree.label(term) for term in terms or ()])


def roles_of(roles: Iterable[str] | None, version: Version) -> str:
    """Name roles, and with its name whose policy it is."""
    return listed(
        [
            say("{name} ({role})", name=version.controller, role=ROLES.label(role))
            if role == "controller"
            else ROLES.label(role)
            for role in roles or ()
        ]
    )


def _places(places: Iterable[str]) -> str:
    return listed([place_name(place) for place in places])
