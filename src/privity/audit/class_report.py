# SPDX-License-Identifier: Apache-2.0
"""What is answered to a question about a class, as a report (specs/audit.md, part 2)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Final

import numpy as np
import pyarrow as pa

from privity.audit.asked import SIDES
from privity.audit.class_answer import Answered, AskedDump, Step, ask_class
from privity.audit.class_count import MOST_ITEMS, Tally
from privity.audit.class_decided import Decided, decide_again
from privity.audit.class_tables import class_tables
from privity.audit.dumps import ANOTHER_TEXT, SEVERAL, Dumps
from privity.audit.evidence import COLUMNS, Evidence, Gap
from privity.audit.question import ClassQuestion
from privity.audit.report import Event, Report
from privity.audit.texts import LEAST
from privity.audit.timeline import events_of, log_of
from privity.audit.wording import counted
from privity.canonical.instants import Instant, format_instant
from privity.decide.request import RecordId
from privity.entries.genesis import GenesisEntry

_NOTHING: Final = Dumps()
_DONE: Final = {
    "released": "made ready",
    "handed-over": "handed over",
    "trained": "read by a training run",
}
_METHOD: Final = (
    "Every act that the log tells of was asked what it was for and for whom: by its entry, and by the register then and now.",
    "Of the releases in question every row that is here was asked for its category and when it was made.",
    "Where these fit it was asked who wrote and who got it, and what they held then.",
    "An agreement is held by the entries that begin and end it; what somebody attested counts by the time that is claimed.",
    "Records and members count once, however often they were used. Accounts that were merged into one another are one person.",
    "What is not told is never taken for a no: it is counted by itself.",
)
_METHOD_OF_DUMPS: Final = (
    "A row that came to light is one of the platform's records where it has its id, its text, or both.",
    f"Of a text letters and digits are compared; less than {LEAST} of them say nothing without an id.",
    "Who wrote and got it is what the platform's own records say.",
)


def answer_class(
    evidence: Evidence,
    question: ClassQuestion,
    *,
    outside: Dumps = _NOTHING,
    most: int = MOST_ITEMS,
    threads: int = 2,
    told: Step | None = None,
) -> Report:
    """Answer whether content of a class was used.

    Args:
        evidence: What was shown.
        question: The class, and the use.
        outside: What came to light outside.
        most: Of how many records at most the evidence is listed.
        threads: How many releases are read at once.
        told: Is told how far it came.
    """
    found = ask_class(
        evidence, question, outside=outside, most=most, threads=threads, told=told
    )
    decided = None
    if found.dumps:
        records, around = _to_decide(found.dumps)
        decided = decide_again(evidence, question, records, around, told=told)
    figures = _figures(question, found, decided)
    return Report(
        kind="class",
        title=question.title,
        asked=question.to_plain(),
        answer=found.answer,
        summary=tuple(_summary(question, found, figures, decided)),
        figures=figures,
        tables=tuple(class_tables(question, found, decided)),
        timeline=_timeline(evidence, question, found.tally),
        items=tuple(found.tally.items),
        not_covered=tuple(_not_covered(evidence, found, outside)),
        method=(*_METHOD, *(_METHOD_OF_DUMPS if found.dumps else ())),
        log=log_of(evidence.log),
    )


def _to_decide(dumps: Sequence[AskedDump]) -> tuple[pa.Table, pa.Table | None]:
    """Give the records of the class that came to light, each once, and those among which they are decided."""
    mine = []
    for one in dumps:
        places = one.rows.places
        numbers = np.unique(places.rows[places.sure])
        mine.append(one.left.select(list(COLUMNS)).take(numbers))
    around = [one.dump.around for one in dumps if one.dump.around is not None]
    return _each_once(mine), _each_once(around) if around else None


def _each_once(tables: Sequence[pa.Table]) -> pa.Table:
    """Put rows together; of those that several tables have, the first one's."""
    seen: set[RecordId] = set()
    kept = []
    for table in tables:
        ids = table.column("record_id").to_pylist()
        kept.append(table.filter(pa.array([one not in seen for one in ids], pa.bool_())))
        seen.update(ids)
    return pa.concat_tables(kept, promote_options="permissive")


# Figures and sentences


def _figures(
    question: ClassQuestion, found: Answered, decided: Decided | None
) -> dict[str, int | str | None]:
    tally, claim = found.tally, question.exposure
    persons = tally.members.people()
    figures: dict[str, int | str | None] = {
        "records": tally.records(),
        "members": len(tally.members.ids()),
        "people": persons,
        **{f"{side}s": tally.members.on(place) for place, side in enumerate(SIDES)},
        "first_made": _when(tally.first),
        "last_made": _when(tally.last),
        "records_not_told": tally.perhaps(),
        "acts": len(found.asked) + len(found.ruled),
        "acts_in_question": len(found.asked),
        "acts_with_records": sum(one.counts.records > 0 for one in found.asked),
        "releases_read": found.releases,
        "records_read": found.read,
        "items_left_out": tally.left_out,
    }
    if claim is not None:
        figures |= {
            "exposure": claim.sum * persons,
            "exposure_each": claim.sum,
            "currency": claim.currency,
        }
    if found.dumps:
        figures |= {
            "rows_outside": sum(one.dump.rows for one in found.dumps),
            "rows_unmatched": sum(one.dump.unmatched for one in found.dumps),
        }
    if decided is not None:
        figures |= {"decided": decided.records, "would_be_permitted": decided.permitted}
    return figures


def _when(instant: Instant | None) -> str | None:
    return None if instant is None else format_instant(instant)


def _summary(
    question: ClassQuestion,
    found: Answered,
    figures: Mapping[str, int | str | None],
    decided: Decided | None,
) -> Iterator[str]:
    tally = found.tally
    match found.answer:
        case "used":
            yield (
                f"Content of the class was used: {counted(figures['records'], 'record')} of "
                f"{counted(figures['members'], 'member')}, made from {figures['first_made']} to {figures['last_made']}."
            )
        case "not-used":
            yield (
                "No content of the class was used, by anything that the log tells of and that is here: of "
                f"{counted(figures['acts'], 'act')} {figures['acts_in_question']:,} come into question, and "
                f"{counted(figures['records_read'], 'row')} of theirs were read."
            )
        case _:
            yield "It cannot be told whether content of the class was used: not all that could show it is here."
    for kind, word in _DONE.items():
        some = [one for one in found.asked if one.act.kind == kind and one.counts.records]
        if some:
            names = sorted({one.act.name for one in some})
            yield f"It was {word} {_times(len(some))}: {_listed(names)}."
    for one in found.dumps:
        if one.counts.records:
            what = "was disclosed" if one.dump.kind == "disclosed" else "was trained on"
            yield (
                f"The file {one.dump.name}, which {what} and came to light, has "
                f"{counted(one.counts.records, 'record')} of {counted(one.counts.members, 'member')} of the class."
            )
    yield from _claimed(question, figures)
    if tally.perhaps():
        yield (
            f"{counted(tally.perhaps(), 'more record')} may be of the class: what they are, whose they are, or what was done "
            "with them is not told."
        )
    if decided is not None:
        yield _as_decided(decided)


def _claimed(question: ClassQuestion, figures: Mapping[str, int | str | None]) -> Iterator[str]:
    claim = question.exposure
    if claim is not None and figures["people"]:
        by = "" if claim.by is None else f", by {claim.by}"
        persons = f"{figures['people']:,} people" if figures["people"] != 1 else "1 person"
        yield (
            f"At {claim.sum:,} {claim.currency} a person{by}, {persons} come to {figures['exposure']:,} {claim.currency}."
        )


def _as_decided(decided: Decided) -> str:
    request = decided.request
    asked = f"at {format_instant(request.at)}, known until {format_instant(request.known)}"
    if not decided.records:
        return f"No record was to be decided again ({asked})."
    for_whom = (
        f"{request.recipient} ({decided.role})" if decided.role else "nobody on the register"
    )
    return (
        f"Decided again {asked}, for {for_whom}: the rule permits {decided.permitted:,} of "
        f"{counted(decided.records, 'record')} of the class that came to light."
    )


def _times(count: int) -> str:
    return {1: "once", 2: "twice"}.get(count, f"{count:,} times")


def _listed(names: Sequence[str], most: int = 5) -> str:
    shown = ", ".join(names[:most])
    return shown if len(names) <= most else f"{shown} and {len(names) - most:,} more"


def _timeline(evidence: Evidence, question: ClassQuestion, tally: Tally) -> tuple[Event, ...]:
    events = list(events_of(evidence.log))
    if tally.first is not None and tally.last is not None:
        until = tally.last if tally.last > tally.first else None
        events.append(
            Event(lane="records", label="records of the class", at=tally.first, until=until)
        )
    made = question.made
    if made.start is not None or made.end is not None:
        begin, end = made.start, made.end
        at = begin if begin is not None else end
        label = "records in question" if begin is not None else "end of the records in question"
        assert at is not None  # noqa: S101 - one of both is there
        events.append(
            Event(lane="claim", label=label, at=at, until=end if begin is not None else None)
        )
    return tuple(sorted(events, key=lambda one: (one.at, one.entry or 0, one.lane, one.label)))


# What was not looked at


_NOT_TAKEN: Final = {
    ANOTHER_TEXT: "have the id of a record and another text, and were not taken for it",
    SEVERAL: "have a text of more records than there are such rows, and were taken for none",
}


def _not_covered(evidence: Evidence, found: Answered, outside: Dumps) -> Iterator[Gap]:
    yield from found.gaps
    yield from evidence.gaps
    if outside.dumps and outside.bound is None:
        yield Gap(
            kind="not-bound",
            what="No clearing had just these files of the platform's records as its input: nothing holds them to the log.",
        )
    for one in found.dumps:
        dump = one.dump
        if dump.unmatched:
            yield Gap(
                kind="not-bound",
                what=f"Rows of {dump.name} are none of the platform's records that were shown.",
                records=dump.unmatched,
            )
        if dump.text is None:
            yield Gap(
                kind="not-shown",
                what=f"The texts of {dump.name} were not compared: no column of text is in both.",
            )
        for how in (ANOTHER_TEXT, SEVERAL):
            if dump.how.get(how):
                yield Gap(
                    kind="not-bound",
                    what=f"Rows of {dump.name} {_NOT_TAKEN[how]}.",
                    records=dump.how[how],
                )
    if not any(gap.kind == "not-logged" for gap in evidence.gaps):
        yield _not_logged(evidence)


def _not_logged(evidence: Evidence) -> Gap:
    public = evidence.log.public
    begun = [one for one in public if isinstance(one.says, GenesisEntry)]
    since = f", and before {format_instant(begun[0].time)} nothing at all" if begun else ""
    return Gap(
        kind="not-logged",
        what=f"What was done outside the gate no entry says{since}.",
        entries=tuple(one.entry for one in begun),
    )
