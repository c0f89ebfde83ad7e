# SPDX-License-Identifier: Apache-2.0
"""What members ask of a policy, answered by a version's own rules (specs/policy.md part 6).

The answers are the sentences of `privity.policy.plain`, put under the question that they answer; one that no sentence
answers alone is put together from the rules. So an answer says what is enforced, and nothing that a version says is
left out. It decides nothing.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Final

from privity.policy.covered import Cell, contained
from privity.policy.model import Version
from privity.policy.plain import Line, no_use_of, roles_of, sections_of
from privity.policy.versions import History
from privity.vocabulary.sentences import listed, say
from privity.vocabulary.terms import CATEGORIES, PURPOSES, ROLES, Tree

_PRIVATE: Final = "private-message"
_ASKED: Final[Mapping[str, str]] = {
    "What for": say("What is it used for?"),
    "What": say("What of mine is it about?"),
    "By whom": say("Who may use it?"),
    "Where not": say("Where is nothing used?"),
    "Since when": say("Since when?"),
    "If you say nothing": say("I said nothing. What holds then?"),
    "If you say yes": say("What does my yes open?"),
    "If you say no": say("What does my no stop, and what does it not undo?"),
    "Age": say("Does it hold for young members?"),
}
_ABOUT_ALL: Final[Mapping[str, str]] = {
    "Settings": say("Can I agree to anything?"),
    "Who is asked": say("Who is asked where several people have a part in something?"),
    "What agreements promise": say("What do my agreements promise me?"),
    "What is never done, whatever anybody agrees to": say(
        "What is never done, whatever I agree to?"
    ),
    "What whoever gets something must do": say("What must whoever gets something do?"),
    "In every case": say("What holds in every case?"),
}
MESSAGES: Final = say("Are my private messages used?")


@dataclass(frozen=True, kw_only=True, slots=True)
class Question:
    """A question and its answer.

    Attributes:
        about: The label of the setting that it is about, or the empty text.
        asked: The question.
        answer: Lines with sentences; a label where there are several.
    """

    about: str
    asked: str
    answer: tuple[Line, ...]


def questions_of(version: Version, policy: History) -> tuple[Question, ...]:
    """Answer what members ask of a version.

    Args:
        version: The version.
        policy: Its history.
    """
    settings: list[Question] = []
    others: list[Question] = []
    for section in sections_of(version, policy):
        if section.about is None:
            asked = _ABOUT_ALL[section.heading]
            others.append(Question(about="", asked=asked, answer=section.lines))
            continue
        about = say(version.settings[section.about].label)
        settings += [
            Question(
                about=about,
                asked=_ASKED[line.label],
                answer=(Line(label="", sentences=line.sentences),),
            )
            for line in section.lines
        ]
    messages = Line(label="", sentences=tuple(_messages(version)))
    return (*settings, Question(about="", asked=MESSAGES, answer=(messages,)), *others)


def message_uses(version: Version) -> tuple[Cell, ...]:
    """Give the uses of private messages that people can agree to: what a setting governs and no rule forbids."""
    governed = {
        cell for setting in version.settings.values() for cell in contained(setting.scope)
    }
    return tuple(
        sorted(
            cell
            for cell in governed
            if CATEGORIES.contains(_PRIVATE, cell[1]) and not version.forbids(*cell)
        )
    )


def _messages(version: Version) -> Iterator[str]:
    uses = message_uses(version)
    if not uses:
        rules = [rule for rule in version.forbid if _is_about_messages(rule.scope.categories)]
        yield say(
            "No, by nobody and for nothing: there is no use of them that you could agree to."
        )
        yield from (no_use_of(rule) for rule in rules)
        return
    yield say("Only where the author and all to whom it was addressed permit it.")
    purposes, categories, roles = (set(column) for column in zip(*uses, strict=True))
    yield say(
        "Then {what} may be used for {why} by {who}.",
        what=_terms(CATEGORIES, categories),
        why=_terms(PURPOSES, purposes),
        who=roles_of([role for role in ROLES if role in roles], version),
    )
    if all(_wants_a_yes(version, cell) for cell in uses):
        yield say("Silence permits nothing here: each of them has to have said yes.")
    for agreement in version.agreements.values():
        for promise in agreement.promises:
            if any(promise.scope.bites(*cell) for cell in uses):
                yield say(
                    "Who has the agreement {agreement} is promised: {promise}",
                    agreement=agreement.id,
                    promise=no_use_of(promise),
                )


def _wants_a_yes(version: Version, cell: Cell) -> bool:
    """Tell whether a setting that governs a use wants an explicit yes; all that govern it must agree."""
    return any(
        setting.wants_explicit(cell[1])
        for setting in version.settings.values()
        if setting.scope.contains(*cell)
    )


def _is_about_messages(categories: Iterable[str] | None) -> bool:
    return categories is None or CATEGORIES.any_overlaps(tuple(categories), _PRIVATE)


def _terms(tree: Tree, terms: set[str]) -> str:
    """Name the widest of some terms; what lies below one of them is in it."""
    widest = [
        term
        for term in tree
        if term in terms and not any(one in terms for one in tree.ancestors(term)[1:])
    ]
    return listed([tree.label(term) for term in widest])
