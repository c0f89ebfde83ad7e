# SPDX-License-Identifier: Apache-2.0
"""The parts of a card that say by whose rules a release was made, and what they ask of whoever has it ([REL-46])."""

from __future__ import annotations

from typing import Final

from privity.canonical.instants import format_instant
from privity.release.described import Described
from privity.release.papers.blocks import Block, Code, Facts, Paragraph, Points, Spans, Table
from privity.release.papers.making import Making
from privity.release.papers.terms import DefaultTerm, RuleTerm, SettingTerm, Terms
from privity.vocabulary.terms import OBLIGATION_LABELS

_DAY: Final = 86_400


def rules(making: Making, described: Described) -> tuple[Block, ...]:
    """Say what the policy has about it."""
    terms = making.terms
    if terms is None:
        return (Paragraph(("No policy was in force.",)),)
    blocks: list[Block] = [
        Facts(
            (
                ("Whose policy", (Code(terms.controller),)),
                ("Version", (Code(terms.policy), " ", Code(terms.version))),
                ("Published", (format_instant(terms.published_at),)),
                ("In effect", (format_instant(terms.effective_at),)),
            )
        )
    ]
    if terms.settings:
        blocks.append(
            Table(
                caption="Settings of members that this release rests on",
                head=("setting", "what the member reads", "about", "silence means", "limits"),
                rows=tuple(_setting(one) for one in terms.settings),
            )
        )
    if terms.rules:
        blocks.append(
            Table(
                caption="What is not to be done, whatever a member says",
                head=("rule", "promised in", "categories", "purposes", "roles"),
                rows=tuple(_rule(one) for one in terms.rules),
            )
        )
    blocks.append(Paragraph(_entries(described)))
    return tuple(blocks)


def _entries(described: Described) -> Spans:
    return (
        (
            f"It heeds the first {described.says.ledger_size:,} entries of the log: what members, courts and the "
            "platform had said by then."
        ),
    )


def _setting(one: SettingTerm) -> tuple[Code | str, ...]:
    limits = []
    if one.exempt:
        limits.append(f"not in {', '.join(one.exempt)}")
    if one.minimum_age is not None:
        limits.append(f"from {one.minimum_age} years")
    if one.notice is not None:
        limits.append(f"after the notice {one.notice}")
    if one.objection_window:
        limits.append(f"{_window(one.objection_window)} to object")
    silence = _silence(one.default)
    if one.explicit_only:
        silence += f"; {', '.join(one.explicit_only)}: an explicit yes only"
    return (
        Code(one.id),
        one.label,
        f"{', '.join(one.categories)} for {', '.join(one.purposes)}, by {', '.join(one.recipients)}",
        silence,
        "; ".join(limits) or "none",
    )


def _silence(lines: tuple[DefaultTerm, ...]) -> str:
    said = []
    for line in lines:
        value = "yes" if line.on else "no"
        said.append(value if line.places is None else f"{value} in {', '.join(line.places)}")
        if line.places is None:
            break
    else:
        said.append("no elsewhere" if lines else "no")
    return ", ".join(said)


def _window(seconds: int) -> str:
    return f"{seconds // _DAY} days" if seconds % _DAY == 0 else f"{seconds:,} seconds"


def _rule(one: RuleTerm) -> tuple[Code | str, ...]:
    return (
        Code(one.id),
        "the policy" if one.agreement is None else f"agreement {one.agreement}",
        _terms_or_all(one.categories),
        _terms_or_all(one.purposes),
        _terms_or_all(one.recipients),
    )


def _terms_or_all(terms: tuple[str, ...] | None) -> str:
    return "all" if terms is None else ", ".join(terms)


def use(making: Making, described: Described) -> tuple[Block, ...]:
    """Say what whoever has it must do."""
    created = described.created
    lines: list[Spans] = [
        (
            "Use it for ",
            Code(created.purpose),
            " and nothing wider. It is for ",
            Code(created.recipient),
            " alone: hand it on to nobody.",
        ),
        (
            "Before each use, check that it still stands: ",
            Code("privity release check DIR"),
            ". A certificate is no licence for ever.",
        ),
        (
            (
                "When records are taken back, delete them in every copy by the time that is named, and sign that "
                "it is done: "
            ),
            Code("privity recipient apply REVOCATION DIR --key FILE"),
            ".",
        ),
    ]
    if created.expires_at is not None:
        lines.append((f"Delete it by {format_instant(created.expires_at)}.",))
    blocks: list[Block] = [Points(tuple(lines))]
    if making.performed:
        blocks += [
            Paragraph(("What the policy asks for was done before it was handed over:",)),
            Points(tuple((OBLIGATION_LABELS.get(one, one),) for one in making.performed)),
        ]
    left = _left(making.terms, making.performed)
    if left:
        blocks += [
            Paragraph(("What the policy asks for and is not done yet:",)),
            Points(tuple((OBLIGATION_LABELS.get(one, one),) for one in left)),
        ]
    return tuple(blocks)


def _left(terms: Terms | None, performed: tuple[str, ...]) -> list[str]:
    return [] if terms is None else [one for one in terms.must if one not in performed]
