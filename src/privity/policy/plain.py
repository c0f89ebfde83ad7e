# SPDX-License-Identifier: Apache-2.0
"""A version's rules as sentences that a member can read (specs/policy.md part 6).

Says what the rules say and decides nothing. The sentences are of one version; where other versions count
too, such as the one of the time of writing, they say so.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final

from privity.canonical.instants import Instant
from privity.policy.idle import always_forbidden, lines_that_work
from privity.policy.model import Answer, CopyRule, ObligationRule, Rule, Setting, Version
from privity.policy.versions import History
from privity.vocabulary.places import place_name
from privity.vocabulary.terms import CATEGORIES, OBLIGATION_LABELS, PURPOSES, ROLES, Tree

_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_DAY: Final = 86_400

_PLACES_COUNT: Final = "Where you live now counts, and where you lived when it was written."
_YES: Final = (
    "What you write from then on may be used; what is older only if your yes says so.",
    "A yes counts only if you said it after the notice had reached you.",
    "It lifts no other rule on this page.",
)
_NO: Final = (
    "Nothing of yours that this setting is about is used from then on, whatever others say.",
    "An objection is a no too, until you withdraw it.",
    "What you wrote while your no stood stays unused, unless a later yes names older content.",
    "A no does not undo what was done before it.",
)
_MESSAGES: Final = (
    "A private message is used only if its author and all to whom it was addressed permit it.",
    "Each is judged by their own settings, place, age and agreements.",
)
_FOLLOWS: Final[Mapping[Answer, str]] = {
    "refuse": "it is not used either, whoever wrote it",
    "report": "it is counted and may be used",
}
_WHILE: Final = (
    "This holds while the member has the agreement, and later for what is of that time."
)
_ALWAYS: Final = (
    "Nothing is used of a closed account, or of anybody whose country is not known.",
    "Nothing is used against an order of a court or a regulator.",
    "Whatever is missing, unknown or contradictory counts as a no.",
    "What a version widens is used only after you were told, after that version's publication.",
)


@dataclass(frozen=True, kw_only=True, slots=True)
class Line:
    """A label and the sentences that belong to it."""

    label: str
    sentences: tuple[str, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class Section:
    """A heading and its lines."""

    heading: str
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
            heading=f"Setting: {setting.label}", lines=tuple(_setting(setting, version, policy))
        )
    if not version.settings:
        nothing = Line(label="", sentences=("There is no setting, so nothing may be used.",))
        yield Section(heading="Settings", lines=(nothing,))
    yield Section(heading="Who is asked", lines=tuple(_asked(version)))
    promises = tuple(
        Line(label=agreement.id, sentences=_promises(agreement.promises))
        for agreement in version.agreements.values()
    )
    unlisted = Line(
        label="any other",
        sentences=(
            "Nothing of a member who has an agreement that is not listed here is used.",
        ),
    )
    yield Section(heading="What agreements promise", lines=(*promises, unlisted))
    if version.forbid:
        rules = tuple(
            Line(label=rule.id, sentences=(no_use_of(rule),)) for rule in version.forbid
        )
        yield Section(heading="What is never done, whatever anybody agrees to", lines=rules)
    if version.obligations:
        asked = tuple(_obligation(rule, version) for rule in version.obligations)
        yield Section(heading="What whoever gets something must do", lines=asked)
    yield Section(heading="In every case", lines=(Line(label="", sentences=_ALWAYS),))


def _setting(setting: Setting, version: Version, policy: History) -> Iterator[Line]:
    scope = setting.scope
    yield Line(label="What for", sentences=(_terms(PURPOSES, scope.purposes),))
    yield Line(label="What", sentences=tuple(_content(setting, version)))
    yield Line(label="By whom", sentences=(roles_of(scope.recipients, version), "Nobody else."))
    where = (
        (f"Not of members in: {_places(setting.exempt)}.", _PLACES_COUNT)
        if setting.exempt
        else ("No place is exempt.",)
    )
    yield Line(label="Where not", sentences=where)
    yield Line(label="Since when", sentences=tuple(_since(setting, version, policy)))
    yield Line(label="If you say nothing", sentences=tuple(_silence(setting)))
    yield Line(label="If you say yes", sentences=_YES)
    yield Line(label="If you say no", sentences=_NO)
    if setting.minimum_age is not None or setting.age_proof:
        yield Line(label="Age", sentences=tuple(_age(setting)))


def _content(setting: Setting, version: Version) -> Iterator[str]:
    yield _terms(CATEGORIES, setting.scope.categories)
    forbidden = always_forbidden(version, setting)
    if forbidden:
        yield f"Of these, a rule of this policy forbids: {_terms(CATEGORIES, forbidden)}."


def _since(setting: Setting, version: Version, policy: History) -> Iterator[str]:
    first = version
    for earlier in reversed(policy.versions[: policy.versions.index(version)]):
        if setting.id not in earlier.settings:
            break
        first = earlier
    yield f"The switch works from {day(setting.live_from)} on."
    if first is not version:
        yield f"It is in this policy since version {first.version}, from {day(first.start)} on."
    notice = version.notices.get(setting.notice) if setting.notice is not None else None
    if notice is None:
        yield "No notice tells of it, so nothing is used."
        return
    yield (
        f"Nothing is used before notice {notice.id} has reached you, nor before "
        f"{day(notice.effective_at)}, from when it holds."
    )
    if notice.url is not None:
        languages = f" ({', '.join(notice.languages)})" if notice.languages else ""
        yield f"The notice is at {notice.url}{languages}."


def _silence(setting: Setting) -> Iterator[str]:
    working = sorted(lines_that_work(setting)[1])
    lines = [setting.default[index] for index in working]
    if not any(line.on for line in lines):
        yield "That is a no, everywhere."
        return
    for index, line in enumerate(lines):
        others = "Everywhere" if index == 0 else "Everywhere else"
        place = others if line.places is None else f"In {_places(line.places)}"
        yield f"{place}: that is a {'yes' if line.on else 'no'}."
    if all(line.places is not None for line in lines):
        yield "Everywhere else: that is a no."
    wait = ""
    if setting.objection_window:
        wait = f" and you have had {span(setting.objection_window)} to object"
    yield (
        f"Where it is a yes, it begins once the notice has reached you{wait}; it covers nothing "
        "that was written before."
    )
    if setting.explicit_only:
        named = _terms(CATEGORIES, setting.explicit_only)
        yield f"Only after you yourself said yes, wherever you live: {named}."


def _age(setting: Setting) -> Iterator[str]:
    if setting.minimum_age is not None:
        yield (
            f"Nothing of members under {setting.minimum_age}: not if you are, were when it was "
            "written, or may be."
        )
    if setting.age_proof:
        yield "Nothing of members whose birth date is not known."


def _asked(version: Version) -> Iterator[Line]:
    yield Line(label="messages", sentences=_MESSAGES)
    audience = (
        "Its author and everybody who was in the group to read it are asked."
        if version.group_audience
        else "Its author alone is asked, not those who read it."
    )
    yield Line(label="group messages", sentences=(audience,))
    yield Line(
        label="quotations",
        sentences=("What quotes another record is used only if that record may be used too.",),
    )
    if version.copies is not None:
        yield Line(label="copies", sentences=tuple(_copied(version.copies)))
    if len(version.settings) > 1:
        yield Line(
            label="several settings",
            sentences=("Where several settings cover a use, each of them must be a yes.",),
        )


def _copied(rule: CopyRule) -> Iterator[str]:
    yield f"What has the text of a private message in it that is not used: {_FOLLOWS[rule.whole]}."
    if rule.passages is not None:
        yield f"What has a longer passage of one in it: {_FOLLOWS[rule.passages]}."


def _promises(promises: Sequence[Rule]) -> tuple[str, ...]:
    if not promises:
        return ("It promises nothing about such uses.",)
    return (*(no_use_of(rule) for rule in promises), _WHILE)


def _obligation(rule: ObligationRule, version: Version) -> Line:
    about = [
        f"{word} {_terms(tree, terms)}"
        for word, tree, terms in (
            ("of", CATEGORIES, rule.scope.categories),
            ("for", PURPOSES, rule.scope.purposes),
        )
        if terms is not None
    ]
    roles = rule.scope.recipients
    who = "anybody" if roles is None else roles_of(roles, version)
    what = f"{who}, {' '.join(about)}" if about else who
    asked = "; ".join(OBLIGATION_LABELS[one] for one in rule.do)
    return Line(label="", sentences=(f"{what[0].upper()}{what[1:]}: {asked}.",))


# --- words


def no_use_of(rule: Rule) -> str:
    """Say what a promise or a rule that forbids keeps from being done."""
    scope = rule.scope
    everything = CATEGORIES.label("content")
    what = everything if scope.categories is None else _terms(CATEGORIES, scope.categories)
    whom = "" if scope.recipients is None else f" by {_terms(ROLES, scope.recipients)}"
    why = "" if scope.purposes is None else f" for {_terms(PURPOSES, scope.purposes)}"
    return f"No use of {what}{whom}{why}."


def _terms(tree: Tree, terms: Iterable[str] | None) -> str:
    return listed([tree.label(term) for term in terms or ()])


def roles_of(roles: Iterable[str] | None, version: Version) -> str:
    """Name roles, and with its name whose policy it is."""
    return listed(
        [
            f"{version.controller} ({ROLES.label(role)})"
            if role == "controller"
            else ROLES.label(role)
            for role in roles or ()
        ]
    )


def _places(places: Iterable[str]) -> str:
    return listed([place_name(place) for place in places])


def listed(words: Sequence[str]) -> str:
    """Join words as people write a list; long ones, which may have an *and*, with semicolons."""
    if any(" and " in word or "," in word for word in words):
        return "; ".join(words)
    return " and ".join([", ".join(words[:-1]), words[-1]] if len(words) > 1 else words)


def day(instant: Instant) -> str:
    """Write an instant as a day, with its time where it is not midnight UTC."""
    moment = _EPOCH + timedelta(seconds=instant)
    text = f"{moment.day} {moment:%B} {moment.year}"
    if instant % _DAY == 0:
        return text
    return f"{text}, {moment:%H:%M:%S} UTC" if moment.second else f"{text}, {moment:%H:%M} UTC"


def span(seconds: int) -> str:
    """Write a duration in whole days where it is some, otherwise in hours, minutes or seconds."""
    for size, unit in ((_DAY, "day"), (3600, "hour"), (60, "minute")):
        if seconds % size == 0:
            count = seconds // size
            return f"{count} {unit}{'' if count == 1 else 's'}"
    return f"{seconds} seconds"
