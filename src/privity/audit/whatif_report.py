# SPDX-License-Identifier: Apache-2.0
"""What another rule or date would have changed, as a report (specs/audit.md, part 5)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from privity.audit.changes import Changes
from privity.audit.class_answer import Answered
from privity.audit.class_count import Members
from privity.audit.evidence import Evidence, Gap
from privity.audit.question import ClassQuestion
from privity.audit.report import Event, Report, Table
from privity.audit.timeline import events_of, log_of
from privity.audit.uses import Use
from privity.audit.whatif_dumps import DumpTwice, refused_members
from privity.audit.whatif_rows import Place, Twice, members_of
from privity.audit.wording import counted
from privity.canonical.instants import format_instant
from privity.decide.request import RecordId

MOST_ITEMS: Final = 100_000
"""The rows that are listed; all are counted."""
_METHOD: Final = (
    (
        "Each record was decided twice, for the same use: by what was known when it was entered, and by the same, had it been "
        "otherwise. Both are decided by the rule, one record at a time."
    ),
    (
        "Nothing is said of what would have been done then, or of what members would have said: only of what was done, and what the "
        "rule would have said of it."
    ),
)
_HOW: Final = {
    "versions": "Other versions of the policy stand in place of those of the log, each published when it says.",
    "notices": "A notice that comes at another time takes effect then in every version, each setting that names it in any version names it where it names "
    "none, and it reached every member then, or on joining after that; no real delivery of it counts.",
    "exempt": "The places that are added are exempt of every setting in every version.",
    "at": "Every use is asked for the other instant: an earlier one as it was known at the use, a later one as it is known then.",
}  # fmt: skip
_NOT_LOGGED: Final = Gap(
    kind="not-logged", what="What was done outside the gate no entry says."
)


@dataclass(frozen=True, kw_only=True, slots=True)
class Sums:
    """What is counted over everything that was decided.

    Attributes:
        records: How many records are refused, each once wherever they were used.
        people: How many people's they are.
    """

    records: int
    people: int


def whatif_report(
    evidence: Evidence,
    changes: Changes,
    *,
    rows: Twice,
    question: ClassQuestion | None,
    found: Answered | None,
    dumps: Sequence[DumpTwice],
) -> Report:
    """Put a report together.

    Args:
        evidence: What was shown.
        changes: What would have been otherwise.
        rows: The rows of releases, decided twice.
        question: Whose records are asked about, and which uses; None is everything.
        found: What the question came to, or None.
        dumps: What came to light, decided twice.
    """
    moved = _moved(rows)
    figures = _figures(rows, moved, question, found, dumps)
    asked = {"class": None if question is None else question.to_plain()}
    return Report(
        kind="whatif",
        title="What would have been otherwise"
        + ("" if question is None else f": {question.title}"),
        asked={**asked, "changes": changes.to_plain()},
        answer="compared",
        summary=tuple(_summary(changes, figures, question)),
        figures=figures,
        tables=tuple(_tables(rows, moved, dumps)),
        timeline=tuple(_timeline(evidence, changes)),
        items=tuple(_items(rows, moved)),
        not_covered=(*rows.gaps, *evidence.gaps, *_untold(rows), *_more(evidence, found)),
        method=(*_METHOD, *_how(changes)),
        log=log_of(evidence.log),
    )


Moved = Mapping[tuple[Use, Place], bool]
"""The rows whose decision would have been another, by use: whether it would have been permitted."""


def _moved(rows: Twice) -> Moved:
    """Give what would have been decided otherwise; of what cannot be told in either nothing is said."""
    was, would = rows.was, rows.would
    opened = was.refused.keys() - would.refused.keys() - would.untold
    closed = would.refused.keys() - was.refused.keys() - was.untold
    return {**dict.fromkeys(opened, True), **dict.fromkeys(closed, False)}


# Figures


def _figures(
    rows: Twice,
    moved: Moved,
    question: ClassQuestion | None,
    found: Answered | None,
    dumps: Sequence[DumpTwice],
) -> dict[str, int | str | None]:
    was, would = _sums(rows, found, dumps, would=False), _sums(rows, found, dumps, would=True)
    figures: dict[str, int | str | None] = {
        "uses": len(rows.uses),
        "decisions": sum(rows.uses.values()) + sum(len(one.records) for one in dumps),
        "refused": was.records,
        "would_be_refused": would.records,
        "would_be_permitted_instead": len(_ids(rows, moved, dumps, opened=True)),
        "would_be_refused_instead": len(_ids(rows, moved, dumps, opened=False)),
        "people_refused": was.people,
        "people_would_be_refused": would.people,
    }
    if question is not None and found is not None:
        figures["people_used"] = found.tally.members.people()
        figures["records_not_told"] = found.tally.perhaps()
        claim = question.exposure
        if claim is not None:
            figures |= {
                "exposure_used": claim.sum * found.tally.members.people(),
                "exposure_refused": claim.sum * was.people,
                "exposure_would_be": claim.sum * would.people,
                "exposure_each": claim.sum,
                "currency": claim.currency,
            }
    figures["items_left_out"] = max(0, len(moved) - MOST_ITEMS)
    return figures


def _ids(
    rows: Twice, moved: Moved, dumps: Sequence[DumpTwice], *, opened: bool
) -> frozenset[RecordId]:
    """Give the records of which anything would have been decided otherwise."""
    found = {rows.records[place] for (_, place), to in moved.items() if to == opened}
    for one in dumps:
        found |= one.opened if opened else one.closed
    return frozenset(found)


def _sums(
    rows: Twice, found: Answered | None, dumps: Sequence[DumpTwice], *, would: bool
) -> Sums:
    """Count what one telling refuses, over releases and files outside: records and people once over all."""
    told = rows.would if would else rows.was
    places = told.places
    records = {rows.records[place] for place in places}
    if rows.class_rows is None or found is None:
        return Sums(records=len(records), people=len(told.members))
    members: Members = members_of(rows.class_rows, places, found)
    for one in dumps:
        refused_members(members, one, would=would)
        records |= one.refused(would=would)
    return Sums(records=len(records), people=members.people())


# Sentences


def _summary(
    changes: Changes,
    figures: Mapping[str, int | str | None],
    question: ClassQuestion | None,
) -> Iterator[str]:
    yield f"Had it been otherwise: {'; '.join(_otherwise(changes))}."
    yield (
        f"As it was, the rule refuses {counted(figures['refused'], 'record')} that were used, of "
        f"{_people(figures['people_refused'])}; otherwise it would have refused "
        f"{counted(figures['would_be_refused'], 'record')}, of {_people(figures['people_would_be_refused'])}."
    )
    yield (
        f"Of what it refuses it would have permitted {counted(figures['would_be_permitted_instead'], 'record')}, and of what it "
        f"permits it would have refused {counted(figures['would_be_refused_instead'], 'record')}."
    )
    if question is not None and question.exposure is not None:
        claim = question.exposure
        yield (
            f"At {claim.sum:,} {claim.currency} a person: {figures['exposure_used']:,} for all that was used, "
            f"{figures['exposure_refused']:,} for what the rule refuses, and {figures['exposure_would_be']:,} for what it would "
            "have refused."
        )


def _otherwise(changes: Changes) -> Iterator[str]:
    if changes.versions:
        names = ", ".join(one.version for one in changes.versions)
        yield f"the policy’s {'version was' if len(changes.versions) == 1 else 'versions were'} {names}"
    for name, at in changes.notices:
        yield f"the notice {name} reached everybody at {format_instant(at)}"
    if changes.exempt:
        yield f"{', '.join(changes.exempt)} {'was' if len(changes.exempt) == 1 else 'were'} exempt"
    if changes.at is not None:
        yield f"everything was used at {format_instant(changes.at)}"


def _people(count: int | str | None) -> str:
    number = int(count or 0)
    return "1 person" if number == 1 else f"{number:,} people"


def _how(changes: Changes) -> Iterator[str]:
    there = {
        "versions": changes.versions,
        "notices": changes.notices,
        "exempt": changes.exempt,
        "at": changes.at is not None,
    }
    yield from (text for key, text in _HOW.items() if there[key])


# Tables


def _tables(rows: Twice, moved: Moved, dumps: Sequence[DumpTwice]) -> Iterator[Table]:
    was, would = rows.was.reasons, rows.would.reasons
    for one in dumps:
        was += Counter(one.was.reasons)
        would += Counter(one.would.reasons)
    reasons = sorted({*was, *would})
    yield Table(
        title="By reason",
        columns=("Reason", "Refused", "Would be refused", "Difference"),
        rows=tuple((one, was[one], would[one], would[one] - was[one]) for one in reasons),
        note="A record may be refused for several reasons.",
    )
    if rows.uses:
        yield _uses(rows, moved)
    if dumps:
        yield Table(
            title="What came to light outside",
            columns=(
                "File", "SHA-256", "Kind", "Of the class", "Refused", "Would be refused", "Permitted instead",
                "Refused instead",
            ),
            rows=tuple(
                (
                    one.asked.dump.name,
                    one.asked.dump.sha256,
                    one.asked.dump.kind,
                    len(one.records),
                    len(one.refused(would=False)),
                    len(one.refused(would=True)),
                    len(one.opened),
                    len(one.closed),
                )
                for one in dumps
            ),
        )  # fmt: skip


def _uses(rows: Twice, moved: Moved) -> Table:
    was = Counter(use for use, _ in rows.was.refused)
    would = Counter(use for use, _ in rows.would.refused)
    opened = Counter(use for (use, _), to in moved.items() if to)
    closed = Counter(use for (use, _), to in moved.items() if not to)
    return Table(
        title="By use",
        columns=(
            "Entry", "When", "Use", "Name", "Release", "Revision", "Recipient", "Purpose", "Decided", "Refused",
            "Would be refused", "Permitted instead", "Refused instead",
        ),
        rows=tuple(
            (
                use.entry,
                format_instant(use.time),
                use.kind,
                use.name,
                use.release,
                use.revision,
                use.recipient,
                use.purpose,
                count,
                was[use],
                would[use],
                opened[use],
                closed[use],
            )
            for use, count in rows.uses.items()
        ),
        note="Records of a release count for each of its uses.",
    )  # fmt: skip


# Evidence


def _items(rows: Twice, moved: Moved) -> Iterator[Mapping[str, Any]]:
    """List the rows whose decision would have been another."""
    order = sorted(moved, key=lambda one: (one[0].entry, one[0].release or "", one[1]))
    for use, place in order[:MOST_ITEMS]:
        release, revision, file, row = place
        yield {
            "entry": use.entry,
            "use": use.kind,
            "release": release,
            "revision": revision,
            "file": file,
            "row": row,
            "record": rows.records[place],
            "reasons": list(rows.was.refused.get((use, place), ())),
            "would_be": list(rows.would.refused.get((use, place), ())),
        }


def _timeline(evidence: Evidence, changes: Changes) -> list[Event]:
    events = list(events_of(evidence.log))
    events += [
        Event(lane="claim", label=f"{name}, had it come then", at=at)
        for name, at in changes.notices
    ]
    events += [
        Event(lane="claim", label=f"{one.version}, had it been the policy", at=one.start)
        for one in changes.versions
    ]
    if changes.at is not None:
        events.append(
            Event(lane="claim", label="everything, had it been used then", at=changes.at)
        )
    return sorted(events, key=lambda one: (one.at, one.entry or 0, one.lane, one.label))


def _untold(rows: Twice) -> Iterator[Gap]:
    untold = {place for told in (rows.was, rows.would) for _, place in told.untold}
    entries = {use.entry for told in (rows.was, rows.would) for use, _ in told.untold}
    if untold:
        yield Gap(
            kind="private-facts",
            what="Of records of members of whom not everything is told nothing was compared.",
            entries=tuple(sorted(entries)),
            records=len(untold),
        )


def _more(evidence: Evidence, found: Answered | None) -> Iterator[Gap]:
    if found is not None:
        yield from found.gaps
    if not any(one.kind == "not-logged" for one in evidence.gaps):
        yield _NOT_LOGGED
