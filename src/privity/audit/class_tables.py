# SPDX-License-Identifier: Apache-2.0
"""The tables of an answer about a class: what was done, by whom, and what came to light (specs/audit.md, part 2)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from privity.audit.asked import SIDES
from privity.audit.class_acts import Asked, Ruled
from privity.audit.class_answer import Answered, AskedDump
from privity.audit.class_decided import Decided
from privity.audit.dumps import ANOTHER_TEXT, HOW, SEVERAL
from privity.audit.question import ClassQuestion
from privity.audit.report import Table
from privity.canonical.instants import format_instant


def class_tables(
    question: ClassQuestion, found: Answered, decided: Decided | None
) -> Iterator[Table]:
    """Give the tables of a report.

    Args:
        question: What was asked.
        found: What was answered.
        decided: What the rule says of what came to light; None where nothing did.
    """
    yield Table(
        title="What was done for such a purpose, for such a recipient",
        columns=(
            "Entry", "When", "Act", "Name", "Release", "Revision", "Recipient", "Role", "Purpose", "Records",
            "Of the class", "Members", "Not told",
        ),
        rows=tuple(_act_row(one) for one in found.asked),
        note=_note(found.asked),
    )  # fmt: skip
    if found.ruled:
        yield Table(
            title="What else was done",
            columns=(
                "Entry", "When", "Act", "Name", "Release", "Revision", "Recipient", "Role", "Purpose", "Records", "Why not",
            ),
            rows=tuple((*_said(one), ", ".join(one.why)) for one in found.ruled),
            note="None of these is such a use, whatever its rows are.",
        )  # fmt: skip
    members = found.tally.members
    yield Table(
        title="On which side members of the class stand",
        columns=("Side", "Members"),
        rows=tuple((side, members.on(place)) for place, side in enumerate(SIDES)),
        note=""
        if question.agreement is None
        else "Each held the agreement when the record was made.",
    )
    if found.dumps:
        yield from _dump_tables(found.dumps)
    if decided is not None and decided.records:
        yield Table(
            title="What the rule says of the records of the class that came to light",
            columns=("Reason", "Records"),
            rows=(("(permitted)", decided.permitted), *decided.reasons.items()),
            note="A record may be refused for several reasons.",
        )


def _act_row(one: Asked) -> tuple[str | int | None, ...]:
    seen = one.read is not None
    return (
        *_said(one),
        one.counts.records if seen else None,
        one.counts.members if seen else None,
        one.counts.perhaps if seen else None,
    )


def _said(one: Asked | Ruled) -> tuple[str | int | None, ...]:
    act = one.act
    return (
        act.entry,
        format_instant(act.time),
        act.kind,
        act.name,
        act.release,
        act.revision,
        act.recipient,
        one.role,
        act.purpose,
        act.rows,
    )


def _note(asked: Sequence[Asked]) -> str:
    if not asked:
        return "The log tells of no such act."
    return "Where nothing stands, the rows are not here. The role is the recipient's at that time, as it is known now."


def _dump_tables(dumps: Sequence[AskedDump]) -> Iterator[Table]:
    yield Table(
        title="What came to light outside",
        columns=("File", "SHA-256", "Kind", "Rows", "Matched", "Not matched", "Of the class", "Members", "Not told"),
        rows=tuple(
            (
                one.dump.name,
                one.dump.sha256,
                one.dump.kind,
                one.dump.rows,
                one.dump.records.num_rows,
                one.dump.unmatched,
                one.counts.records,
                one.counts.members,
                one.counts.perhaps,
            )
            for one in dumps
        ),
        note="Matched are the platform's records that are in it.",
    )  # fmt: skip
    words = {
        **HOW,
        ANOTHER_TEXT: "the same id, and nothing of its text: not taken for the record",
        SEVERAL: "the text of more records than there are such rows: not taken for any",
    }
    yield Table(
        title="By what rows were matched",
        columns=("File", "Match", "Rows"),
        rows=tuple(
            (one.dump.name, said, one.dump.how[how])
            for one in dumps
            for how, said in words.items()
            if one.dump.how.get(how)
        ),
    )
