# SPDX-License-Identifier: Apache-2.0
"""The data card: what a person reads about a release ([REL-45], [REL-46]).

It says what is in it, what was refused and why, by whose rules, and what whoever has it must do. Of records it
knows what `figures.py` shows and nothing else.
"""

from __future__ import annotations

from collections.abc import Iterator

from privity.canonical.instants import format_instant
from privity.entries.fields import in_base64
from privity.papers.page import Section
from privity.release.described import Described
from privity.release.papers.blocks import (
    Block,
    Code,
    Facts,
    Number,
    Page,
    Paragraph,
    Points,
    Spans,
    Table,
)
from privity.release.papers.figures import Figures
from privity.release.papers.hiding import LEAST, is_few
from privity.release.papers.making import Making
from privity.release.papers.pictures import (
    most_first,
    permitted,
    places,
    reasons,
    reasons_by_category,
)
from privity.release.papers.rules import rules, use
from privity.release.papers.strict import Count
from privity.vocabulary.reasons import REASONS_BY_ID
from privity.vocabulary.terms import PURPOSES, ROLES


def card(making: Making, described: Described) -> Page:
    """Give the card of a release.

    Args:
        making: How it was made.
        described: What the log says of it.
    """
    figures = making.figures
    title = f"Release {described.name}"
    if described.revision > 1:
        title += f", revision {described.revision}"
    return Page(
        title=title,
        lead=tuple(_lead(making, described)),
        sections=(
            Section(id="contents", title="What is in it", blocks=_contents(making, described)),
            Section(id="refused", title="What was refused, and why", blocks=_refused(figures)),
            Section(id="rules", title="By whose rules", blocks=rules(making, described)),
            Section(
                id="use", title="What whoever has it must do", blocks=use(making, described)
            ),
            Section(id="check", title="How to check it", blocks=_check(making, described)),
            Section(id="limits", title="What this does not say", blocks=_limits(described)),
        ),
    )


def _lead(making: Making, described: Described) -> Iterator[Block]:
    created = described.created
    role = making.role or "unknown"
    yield Paragraph(
        (
            "A set of records that everybody in them agreed to give to ",
            Code(created.recipient),
            f" ({ROLES.label(role)}), for one purpose: ",
            Code(created.purpose),
            f" ({PURPOSES.label(created.purpose)}).",
        )
    )
    if described.revision > 1:
        yield Paragraph(
            (
                (
                    f"This is revision {described.revision}: records were taken back since it was made. Earlier "
                    "revisions are no longer to be used."
                ),
            )
        )
    yield Facts(
        (
            ("For use from", (format_instant(making.at),)),
            (
                "Until",
                (
                    "taken back, or ended"
                    if created.expires_at is None
                    else f"{format_instant(created.expires_at)}, taken back, or ended",
                ),
            ),
            ("Policy", _policy(described)),
            ("Log", (Code(described.origin), f", entry {described.index:,}")),
        )
    )
    if making.clock == "simulated":
        yield Paragraph(("The instants of this log were set: its clock is simulated.",))


def _policy(described: Described) -> Spans:
    created = described.created
    if created.policy is None or created.version is None:
        return ("none in force",)
    return (Code(created.policy), ", version ", Code(created.version))


def _contents(making: Making, described: Described) -> tuple[Block, ...]:
    figures, content = making.figures, described.content
    blocks: list[Block] = [
        Facts(
            (
                ("Records", _rows(figures, content.rows)),
                ("Members whose they are", (_few_or(_shown(content.members)),)),
                ("Files", (f"{content.files:,}, {content.size:,} bytes",)),
                ("Columns", _columns(making)),
            )
        ),
        Paragraph(
            (
                "That much the log says to everybody. What follows is told of the making, in every revision alike.",
            )
        ),
        Facts(
            (
                ("Records asked about", (Number(figures.records),)),
                ("Permitted", (Number(figures.permitted),)),
                ("Refused", (Number(figures.refused),)),
            )
        ),
    ]
    blocks += permitted(figures)
    blocks.append(
        Table(
            caption="Records by category",
            head=("category", "records", "permitted", "refused"),
            rows=tuple(
                (
                    Code(one.category),
                    Number(one.records),
                    Number(one.permitted),
                    Number(one.refused),
                )
                for one in figures.categories
            ),
        )
    )
    lines: list[Spans] = [
        (_few_or(one.records), f" of the permits are {one.says}.") for one in making.attested
    ]
    if figures.copies is not None:
        lines.append(
            (
                "The texts of refused private messages were looked for in all other records. ",
                _few_or(figures.copies.records),
                " of the permitted ones have one in them.",
            )
        )
    if lines:
        blocks.append(Points(tuple(lines)))
    return tuple(blocks)


def _few_or(count: Count) -> str:
    return f"Fewer than {LEAST}" if count is None else f"{count:,}"


def _rows(figures: Figures, rows: int) -> Spans:
    """Say how many there are, unless the few that were taken back could be counted by it."""
    if figures.permitted is not None and is_few(figures.permitted - rows):
        return (
            "the log's entry says how many; few were taken back, and the rest is told below",
        )
    return (_few_or(_shown(rows)),)


def _shown(number: int) -> Count:
    return None if is_few(number) else number


def _columns(making: Making) -> Spans:
    spans: list[str | Code] = []
    for one in making.columns:
        spans += [", " if spans else "", Code(one.name)]
    return tuple(spans)


def _refused(figures: Figures) -> tuple[Block, ...]:
    if figures.refused == 0:
        return (Paragraph(("No record was refused.",)),)
    if figures.refused is None:
        return (
            Paragraph((f"Fewer than {LEAST} records were refused. More is not told of them.",)),
        )
    told = (
        "A record has every reason that holds, so that the numbers of one column come to more than its "
        f"records. A number from 1 to {LEAST - 1} is hidden, and so is whatever would give it away."
    )
    blocks: list[Block] = [Paragraph((told,)), *reasons(figures)]
    shown = most_first(figures)
    blocks.append(
        Table(
            caption="Refused records by reason",
            head=("reason", "records", "what it means"),
            rows=tuple(
                (Code(one.reason), Number(one.records), _meaning(one.reason)) for one in shown
            ),
        )
    )
    blocks += reasons_by_category(figures)
    names = [one.category for one in figures.categories]
    blocks.append(
        Table(
            caption="Refused records by reason and category",
            head=("reason", *names),
            rows=tuple(
                (Code(one.reason), *(Number(one.by_category.get(name, 0)) for name in names))
                for one in shown
            ),
        )
    )
    return (*blocks, *_places(figures))


def _meaning(reason: str) -> str:
    found = REASONS_BY_ID.get(reason)
    return reason if found is None else found.operator.replace("`", "")


def _places(figures: Figures) -> Iterator[Block]:
    if not figures.places:
        return
    yield Paragraph(
        (
            (
                "Where the party lives that gave a reason: a record stands once for each jurisdiction of such a party. "
                "(several): its evidence names more than one; (nowhere known): none; (record): no party gave the "
                "reason; (quoted record): a quoted record brought it; (unknown member): nobody knows the party; "
                "(elsewhere): all other countries together. Reasons of which too little can be told are left out."
            ),
        )
    )
    yield from places(figures)
    yield Table(
        caption="Refused records by reason and jurisdiction",
        head=("reason", *figures.columns),
        rows=tuple(
            (
                Code(one.reason),
                *(Number(one.by_place.get(place, 0)) for place in figures.columns),
            )
            for one in figures.places
        ),
    )


def _check(making: Making, described: Described) -> tuple[Block, ...]:
    content = described.content
    return (
        Facts(
            (
                ("Entry", (f"{described.index:,} of ", Code(described.origin))),
                ("Files' root", (Code(in_base64(content.files_root)),)),
                ("Members' root", (Code(in_base64(content.members_root)),)),
                ("Manifest, SHA-256", (Code(content.manifest),)),
                ("Key of the signatures", (Code(in_base64(described.created.key)),)),
                ("Clearing", (Code(described.created.clearing),)),
                (
                    "Files that went in",
                    (f"{len(making.inputs):,}, by SHA-256 in statement.json",),
                ),
                ("Made by", (Code(making.program),)),
            )
        ),
        Paragraph(
            (
                (
                    "The log says all of this in its entry. Whether the files are the ones that it speaks of, without "
                    "trusting anybody's word: "
                ),
                Code("privity release verify DIR --log LOG"),
                ".",
            )
        ),
    )


def _limits(described: Described) -> tuple[Block, ...]:
    lines: list[Spans] = [
        (
            (
                "It tells of the records in these files. It cannot tell of copies in other words, nor of what was "
                "used outside of the release."
            ),
        ),
        ("It cannot tell what a model kept of the records that it was trained on.",),
        ("The reasons are an engineer's reading of contracts and laws, not legal advice.",),
        (
            "Whoever has two cards of the same records may learn more from both than either says.",
        ),
    ]
    if described.revision > 1:
        lines.append(
            (
                (
                    "The numbers by category, reason and jurisdiction are those of the making. They do not say "
                    "which records were taken back since."
                ),
            )
        )
    return (Points(tuple(lines)),)
