# SPDX-License-Identifier: Apache-2.0
"""What stands in a report's papers, in which order (specs/audit.md, part 6).

The answer first, then what it rests on, what it does not cover and how it was found, and last how to check all of it. Long
tables are cut, and say where the rest is.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any, Final

from privity.audit.evidence import Gap
from privity.audit.forms import columns_of, items_to_bytes, report_to_bytes
from privity.audit.papers.blocks import (
    Answered,
    Block,
    Cell,
    Code,
    Facts,
    Figures,
    Grid,
    Paper,
    Paragraph,
    Points,
    Tone,
    Warned,
)
from privity.audit.papers.timeline import draw_timeline, in_order, lane_words
from privity.audit.report import Event, Finding, Report
from privity.canonical.encode import digest, encode_pretty
from privity.canonical.instants import format_instant
from privity.papers.page import Section

MOST_ROWS: Final = 100
"""How many rows of a table are on paper."""
_MOST_IDS: Final = 8
_DEEPEST_PLAIN: Final = 1
NOTHING: Final = "–"
"""What stands in a cell that says nothing."""
KINDS: Final = {
    "class": "Was a class of people’s content used?",
    "replay": "Was everything permitted when it was done?",
    "statement": "Is a statement true?",
    "whatif": "What would another rule have changed?",
}
"""For each kind of report, the question in words."""
ANSWERS: Final[Mapping[str, tuple[Tone, str]]] = {
    "used": ("found", "It was used"),
    "not-used": ("fine", "No use was found"),
    "findings": ("found", "Something was found"),
    "clean": ("fine", "Nothing was found"),
    "fails": ("found", "The statement fails"),
    "holds": ("fine", "The statement holds"),
    "cannot-be-told": ("open", "It cannot be told"),
    "compared": ("plain", "Compared"),
}
"""For each answer, how it is taken, and its words."""
GAPS: Final = {
    "private-facts": "what members’ entries say was not shown",
    "erased": "erased",
    "unread": "entries that this version cannot read",
    "rows-gone": "rows that were deleted when they were taken back",
    "not-shown": "files that are not here",
    "not-logged": "what no entry speaks of",
    "not-bound": "what cannot be held to an entry",
    "sampled": "records that were not drawn",
}
"""For each kind of gap, what was not looked at."""
SIMULATED: Final = (
    "Simulated clock: whoever wrote this log set its instants at will. It is for demonstrations and tests, and shows "
    "nothing of when anything happened."
)
FIRST_USE: Final = (
    "Nobody gave the log’s key: the one that came with the log was believed. That shows that everything fits together, "
    "and not whose log it is."
)


def paper_of(report: Report) -> Paper:
    """Put a report on paper: the same report, the same paper."""
    tone, words = ANSWERS[report.answer]
    size = report.log.get("size")
    return Paper(
        title=report.title,
        under=f"{KINDS[report.kind]} Answered from the log {_plain(report.log.get('origin'))}, of {_count(size)} entries.",
        lead=(
            Answered(tone=tone, words=words, sentences=report.summary),
            *(Warned(one) for one in warnings(report)),
        ),
        sections=tuple(_sections(report)),
        foot=f"{_plain(report.log.get('origin'))} · {_count(size)} entries · report {digest(report_to_bytes(report))[:16]}",
    )


def warnings(report: Report) -> Iterator[str]:
    """Give what nobody may overlook of a report."""
    if report.log.get("simulated"):
        yield SIMULATED
    if not report.log.get("key_given"):
        yield FIRST_USE


def words_of(name: str) -> str:
    """Give a name of a figure or a column as words."""
    return name.replace("_", " ").replace("-", " ")


def cell_text(cell: Cell) -> str:
    """Give a cell as people read it."""
    if cell is None:
        return NOTHING
    return f"{cell:,}" if isinstance(cell, int) and not isinstance(cell, bool) else str(cell)


def event_rows(events: Sequence[Event]) -> Iterator[tuple[Cell, ...]]:
    """Give what a time line shows as rows: lane, what, from, until, entry."""
    for one in in_order(events):
        until = None if one.until is None else format_instant(one.until)
        yield lane_words(one.lane), one.label, format_instant(one.at), until, one.entry


def finding_rows(findings: Iterable[Finding]) -> Iterator[tuple[Cell, ...]]:
    """Give findings as rows: kind, what, where, why, entries, records, members."""
    for one in findings:
        where = one.release
        if where is not None and one.revision is not None:
            where = f"{where}, revision {one.revision}"
        entries = sorted({*one.evidence, *([] if one.entry is None else [one.entry])})
        yield (
            one.kind,
            one.what,
            where,
            ", ".join(one.reasons) or None,
            _ids(entries),
            _records(one.records),
            one.members,
        )


def gap_rows(gaps: Iterable[Gap]) -> Iterator[tuple[Cell, ...]]:
    """Give gaps as rows: kind, what, entries, records, members."""
    for one in gaps:
        yield one.kind, one.what, _ids(one.entries), one.records, one.members


def _sections(report: Report) -> Iterator[Section[Block]]:
    figures = tuple(
        (words_of(name), cell_text(value))
        for name, value in report.figures.items()
        if value is not None
    )
    if figures:
        yield Section(id="figures", title="Figures", blocks=(Figures(figures),))
    if (drawing := draw_timeline(report.timeline)) is not None:
        head = ("lane", "what", "from", "until", "entry")
        listed = _grid(
            "What the drawing shows, in order.", head, tuple(event_rows(report.timeline))
        )
        yield Section(id="timeline", title="What happened when", blocks=(drawing, listed))
    if report.tables:
        tables = tuple(
            _grid(one.title, one.columns, one.rows, one.note) for one in report.tables
        )
        yield Section(id="tables", title="What was found", blocks=tables)
    if report.findings:
        yield Section(id="findings", title="Findings", blocks=(_findings(report.findings),))
    if report.items:
        yield Section(
            id="items", title="Evidence for each record", blocks=tuple(_items(report))
        )
    yield Section(
        id="not-covered", title="What was not looked at", blocks=(_gaps(report.not_covered),)
    )
    yield Section(id="asked", title="What was asked", blocks=(_question(report.asked),))
    yield Section(id="method", title="How it was found", blocks=(Points(report.method),))
    yield Section(id="check", title="How to check it", blocks=tuple(_check(report)))


def _findings(findings: Sequence[Finding]) -> Grid:
    head = ("kind", "what", "release", "reasons", "entries", "records", "members")
    return _grid(
        "Each finding with the entries that show it.", head, tuple(finding_rows(findings))
    )


def _items(report: Report) -> Iterator[Block]:
    some = report.items[:MOST_ROWS]
    head = tuple(name for name in columns_of(report) if any(name in one for one in some))
    rows = tuple(tuple(_item(one.get(name)) for name in head) for one in some)
    note = ""
    if (more := len(report.items) - len(rows)) > 0:
        note = f"{more:,} more lines are in items.jsonl."
    caption = f"{_counted(len(report.items), 'line')} of items.jsonl."
    yield _used(Grid(caption=caption, head=head, rows=rows, note=note))


def _gaps(gaps: Sequence[Gap]) -> Block:
    if not gaps:
        return Paragraph("Nothing that was asked about was left out.")
    head = ("kind", "what was not looked at", "entries", "records", "members")
    return _grid(
        "The answer does not rest on these, and says nothing of them.",
        head,
        tuple(gap_rows(gaps)),
    )


def _question(asked: Mapping[str, Any]) -> Block:
    said = tuple(_asked(asked))
    return Facts(said) if said else Paragraph("All of it: nothing narrower was chosen.")


def _asked(asked: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    for name, value in asked.items():
        deep = _depth(value) > _DEEPEST_PLAIN
        said = encode_pretty(value).rstrip("\n") if deep else _plain(value)
        if said != NOTHING:
            yield words_of(name), said


def _depth(value: Any) -> int:
    """Give how deep values stand in one another."""
    match value:
        case Mapping():
            return 1 + max(map(_depth, value.values()), default=0)
        case list() | tuple():
            return 1 + max(map(_depth, value), default=0)
        case _:
            return 0


def _check(report: Report) -> Iterator[Block]:
    log, items = report.log, items_to_bytes(report)
    signed_by = log.get("signed_by") or ()
    keys = [signed_by] if isinstance(signed_by, str) else list(signed_by)
    yield Facts(
        (
            ("log", _plain(log.get("origin"))),
            ("entries", _count(log.get("size"))),
            ("root", _plain(log.get("root"))),
            ("signed by", "\n".join(map(str, keys)) or "nobody"),
            (
                "key",
                "given by whoever asked" if log.get("key_given") else "believed on first use",
            ),
            ("report.json", f"SHA-256 {digest(report_to_bytes(report))}"),
            ("items.jsonl", f"SHA-256 {digest(items)}, {_counted(len(report.items), 'line')}"),
        )
    )
    yield Paragraph(
        "With the bundle that goes with this report anybody verifies it on another machine, without a network: the log from its first "
        "entry to its last, what lies beside it by the entries that commit to it, and the answer, which is found anew and compared to the "
        "byte. Get the log’s key and the auditor’s by another way than the bundle."
    )
    yield Code(("privity audit verify BUNDLE --vkey LOG_KEY --auditor AUDITOR_KEY",))


def _grid(
    caption: str, head: tuple[str, ...], rows: tuple[tuple[Cell, ...], ...], note: str = ""
) -> Grid:
    if (more := len(rows) - MOST_ROWS) > 0:
        note = f"{note} {more:,} more rows are in report.json.".strip()
    return _used(Grid(caption=caption, head=head, rows=rows[:MOST_ROWS], note=note))


def _used(grid: Grid) -> Grid:
    """Leave out the columns that say nothing in any row."""
    used = [at for at in range(len(grid.head)) if any(row[at] is not None for row in grid.rows)]
    if not used:
        # There is no row, or nothing in any: then the heads say what there is nothing of.
        used = list(range(len(grid.head)))
    return replace(
        grid,
        head=tuple(words_of(grid.head[at]) for at in used),
        rows=tuple(tuple(row[at] for at in used) for row in grid.rows),
    )


def _item(value: Any) -> Cell:
    if value is None or isinstance(value, str | int):
        return value
    return _plain(value)


def _ids(ids: Sequence[str | int]) -> str | None:
    listed = ", ".join(str(one) for one in ids[:_MOST_IDS])
    more = len(ids) - _MOST_IDS
    return f"{listed} and {more:,} more" if more > 0 else listed or None


def _records(ids: Sequence[str | int]) -> str | int | None:
    if not ids:
        return None
    return f"{len(ids):,}: {_ids(ids)}"


def _plain(value: Any) -> str:
    match value:
        case None:
            return NOTHING
        case bool():
            return "yes" if value else "no"
        case list() | tuple():
            between = "; " if any(isinstance(one, Mapping) for one in value) else ", "
            return between.join(map(_plain, value)) or NOTHING
        case Mapping():
            said = [(words_of(str(name)), _plain(one)) for name, one in sorted(value.items())]
            return ", ".join(f"{name}: {one}" for name, one in said if one != NOTHING)
        case _:
            return str(value)


def _count(value: Any) -> str:
    return f"{value:,}" if isinstance(value, int) else NOTHING


def _counted(count: int, one: str) -> str:
    return f"{count:,} {one if count == 1 else f'{one}s'}"
