# SPDX-License-Identifier: Apache-2.0
"""What is answered to a statement, as a report (specs/audit.md, part 4)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from privity.audit.acts import Act
from privity.audit.certainty import NO, PERHAPS, YES
from privity.audit.evidence import Evidence, Gap
from privity.audit.report import Event, Report, Table
from privity.audit.statement import StatementQuestion
from privity.audit.statement_rows import Row
from privity.audit.timeline import events_of, log_of
from privity.audit.wording import counted
from privity.canonical.instants import format_instant
from privity.entries.clearing import CommittedClearing
from privity.entries.release import CreatedRelease

_OUTSIDE: Final = {
    "time": "not in the time that the statement speaks of",
    "purpose": "for another purpose",
    "recipient": "for another recipient",
    "records": "it has no records",
}
_UNSURE: Final = {
    "time": "of how long it went on",
    "purpose": "of what it was for",
    "recipient": "of what its recipient was",
    "records": "of which records these were",
}
_METHOD: Final = (
    (
        "Every act that the log tells of was asked whether it contradicts the statement: by what its entry says of time, purpose "
        "and recipient, and where that does not rule it out, by each row of what was used."
    ),
    (
        "A recipient's role and where a member stood were read from what is known now and from what was known when the act was "
        "entered: what was entered later may show more, and takes nothing away."
    ),
    "What was not looked at counts as a perhaps, never as a no. The statement holds only where every act was ruled out.",
)


@dataclass(kw_only=True, slots=True)
class Asked:
    """An act, and what was found out about it.

    Attributes:
        act: What was done.
        role: The recipient's role then, by what is known now; None where it has none, or two.
        parts: For each thing that its entry says, whether the statement is about such.
        certain: How many of its rows are counter-examples.
        perhaps: How many more may be.
        lost: Why not all its rows could be asked, or nothing.
    """

    act: Act
    role: str | None
    parts: Mapping[str, int]
    certain: int = 0
    perhaps: int = 0
    lost: str = ""

    @property
    def sure(self) -> int:
        """Whether the statement is about such an act, by what its entry says."""
        return min(self.parts.values())

    @property
    def contradicts(self) -> int:
        """Whether it contradicts the statement."""
        if self.certain:
            return YES
        return PERHAPS if self.perhaps or self.lost else NO

    def count(self, certainty: int) -> None:
        """Count a row."""
        self.certain += certainty == YES
        self.perhaps += certainty == PERHAPS

    @property
    def why(self) -> str:
        """Why it contradicts the statement, or does not, in a few words."""
        if self.sure == NO:
            return next(_OUTSIDE[key] for key, one in self.parts.items() if one == NO)
        said = []
        if self.certain:
            said.append(f"{counted(self.certain, 'counter-example')} among its records")
        if self.perhaps:
            unsure = [_UNSURE[key] for key, one in self.parts.items() if one == PERHAPS]
            about = " and ".join(unsure) or "of these records"
            said.append(f"{self.perhaps:,} may be, as not all is known {about}")
        if self.lost:
            said.append(f"not all its rows were asked: {self.lost}")
        return "; ".join(said) or "none of its records is a counter-example"


@dataclass(frozen=True, kw_only=True, slots=True)
class Read:
    """A file whose rows were asked."""

    release: str
    revision: int
    file: str
    sha256: str
    rows: int


@dataclass(frozen=True, kw_only=True, slots=True)
class Contradiction:
    """A row that is a counter-example, or may be.

    Attributes:
        release: Where it is.
        revision: The revision.
        file: The file.
        row: The row.
        certain: Whether it is one.
        entries: The acts in which it is.
    """

    release: str
    revision: int
    file: str
    row: Row
    certain: bool
    entries: tuple[int, ...]


def report_of(
    evidence: Evidence,
    question: StatementQuestion,
    *,
    asked: Sequence[Asked],
    reads: Sequence[Read],
    contradictions: Sequence[Contradiction],
    gaps: Sequence[Gap],
) -> Report:
    """Put a report together.

    Args:
        evidence: What was shown.
        question: The statement.
        asked: What each act came to.
        reads: The files that were read.
        contradictions: The rows that are counter-examples, or may be.
        gaps: What could hide others.
    """
    answer = _answer(asked, gaps)
    certain = [one for one in contradictions if one.certain]
    figures = _figures(asked, reads, certain)
    return Report(
        kind="statement",
        title=f"Is it true: {question.says}",
        asked=question.to_plain(),
        answer=answer,
        summary=tuple(_summary(evidence, answer, figures, asked, gaps)),
        figures=figures,
        tables=tuple(_tables(asked, reads, certain)),
        timeline=(*events_of(evidence.log), *_said(question)),
        items=(*map(_item, contradictions), *map(_read_item, reads)),
        not_covered=(*gaps, *evidence.gaps, *_not_logged(evidence)),
        method=_METHOD,
        log=log_of(evidence.log),
    )


def _answer(asked: Sequence[Asked], gaps: Sequence[Gap]) -> str:
    found = max((one.contradicts for one in asked), default=NO)
    if found == YES:
        return "fails"
    return "cannot-be-told" if found == PERHAPS or gaps else "holds"


def _figures(
    asked: Sequence[Asked], reads: Sequence[Read], certain: Sequence[Contradiction]
) -> dict[str, int | str | None]:
    made = [one.row.created_at for one in certain if one.row.created_at is not None]
    times = [one.act.time for one in asked if one.contradicts == YES]
    return {
        "acts": len(asked),
        "acts_against": sum(one.contradicts == YES for one in asked),
        "acts_not_told": sum(one.contradicts == PERHAPS for one in asked),
        "records_read": sum(one.rows for one in reads),
        "records_against": len({one.row.record_id for one in certain}),
        "records_not_told": _not_told(asked),
        "members": len({party.member for one in certain for party in one.row.parties}),
        "first_made": format_instant(min(made)) if made else None,
        "last_made": format_instant(max(made)) if made else None,
        "first_used": format_instant(min(times)) if times else None,
        "last_used": format_instant(max(times)) if times else None,
    }


def _not_told(asked: Sequence[Asked]) -> int:
    """Count the rows that may be counter-examples, once for each revision."""
    most: dict[tuple[str, int], int] = {}
    for one in asked:
        key = (one.act.release, one.act.revision)
        most[key] = max(most.get(key, 0), one.perhaps)
    return sum(most.values())


def _summary(
    evidence: Evidence,
    answer: str,
    figures: Mapping[str, int | str | None],
    asked: Sequence[Asked],
    gaps: Sequence[Gap],
) -> Iterator[str]:
    public = evidence.log.public
    if public:
        yield (
            f"The log speaks of the time from {format_instant(public[0].time)} to "
            f"{format_instant(public[-1].time)}; it tells of {counted(len(asked), 'such act')}."
        )
    match answer:
        case "holds":
            yield "The statement holds: each act is ruled out, by its entry or by every row of what was used."
        case "fails":
            against = sum(one.contradicts == YES for one in asked)
            yield (
                f"The statement fails, by {counted(figures['records_against'], 'record')} of "
                f"{counted(figures['members'], 'member')}, in {counted(against, 'act')}."
            )
        case _:
            yield "It cannot be told whether the statement holds: not all that could contradict it could be asked."
    missing = sum(one.contradicts == PERHAPS for one in asked)
    if missing:
        yield f"Of {counted(missing, 'act')} it cannot be told whether they contradict the statement."
    yield from (gap.what for gap in gaps if gap.kind in {"not-logged", "unread"})


def _tables(
    asked: Sequence[Asked], reads: Sequence[Read], certain: Sequence[Contradiction]
) -> Iterator[Table]:
    yield Table(
        title="What was done, and whether it contradicts the statement",
        columns=(
            "Entry", "When", "Act", "Name", "Release", "Revision", "Recipient", "Role", "Purpose", "Records",
            "Against", "Why",
        ),
        rows=tuple(
            (
                one.act.entry,
                format_instant(one.act.time),
                one.act.kind,
                one.act.name,
                one.act.release,
                one.act.revision,
                one.act.recipient,
                one.role,
                one.act.purpose,
                one.act.rows,
                ("no", "cannot be told", "yes")[one.contradicts],
                one.why,
            )
            for one in asked
        ),
        note="The role is the recipient's on the register at that time.",
    )  # fmt: skip
    if certain:
        each = {one.row.record_id: one.row.category for one in certain}
        counts = Counter(each.values())
        yield Table(
            title="Counter-examples by category",
            columns=("Category", "Records"),
            rows=tuple(
                (category, counts[category])
                for category in sorted(counts, key=lambda one: (-counts[one], str(one)))
            ),
        )
    if reads:
        files = Counter((one.release, one.revision) for one in reads)
        rows: Counter[tuple[str, int]] = Counter()
        for one in reads:
            rows[one.release, one.revision] += one.rows
        yield Table(
            title="Rows that were read",
            columns=("Release", "Revision", "Files", "Records"),
            rows=tuple((*key, count, rows[key]) for key, count in files.items()),
            note="Each file is the one that the revision's entry commits to; the items name its SHA-256.",
        )


def _item(one: Contradiction) -> Mapping[str, Any]:
    row = one.row
    return {
        "kind": "against" if one.certain else "not-told",
        "release": one.release,
        "revision": one.revision,
        "file": one.file,
        "row": row.number,
        "record": row.record_id,
        "category": row.category,
        "made": None if row.created_at is None else format_instant(row.created_at),
        "entries": list(one.entries),
        "parties": [
            {"member": party.member, "side": party.side, "entries": list(party.entries)}
            for party in row.parties
        ],
    }


def _read_item(one: Read) -> Mapping[str, Any]:
    return {
        "kind": "read",
        "release": one.release,
        "revision": one.revision,
        "file": one.file,
        "sha256": one.sha256,
        "rows": one.rows,
    }


def _not_logged(evidence: Evidence) -> Iterator[Gap]:
    """Say what no entry speaks of: uses outside the gate, and what became of sets that made no release ([AUD-110])."""
    yield Gap(kind="not-logged", what="What was done outside the gate no entry says.")
    said = [one.says for one in evidence.log.public]
    released = {one.clearing for one in said if isinstance(one, CreatedRelease)}
    entries = tuple(
        one.entry
        for one in evidence.log.public
        if isinstance(one.says, CommittedClearing) and one.says.clearing not in released
    )
    if entries:
        yield Gap(
            kind="not-logged",
            what=f"{counted(len(entries), 'set')} were cleared and made no release: what was done with them no entry says.",
            entries=entries,
        )


def _said(question: StatementQuestion) -> Iterator[Event]:
    """Put the statement itself on the time line, and the time that it speaks of."""
    if question.said_at is not None:
        yield Event(lane="claim", label="the statement was made", at=question.said_at)
    used = question.used
    if used.start is not None and used.end is not None:
        yield Event(lane="claim", label="what it speaks of", at=used.start, until=used.end)
