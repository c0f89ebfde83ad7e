# SPDX-License-Identifier: Apache-2.0
"""How an answer is shown on a terminal, and with which code its command ends (docs/audit.md)."""

from __future__ import annotations

import textwrap
from collections.abc import Iterable, Iterator, Sequence
from itertools import islice
from typing import Final

import click
from rich import box
from rich.console import Console
from rich.table import Table as RichTable
from rich.text import Text

from privity.audit.forms import mapping_of
from privity.audit.papers.blocks import Cell
from privity.audit.papers.contents import (
    ANSWERS,
    cell_text,
    event_rows,
    finding_rows,
    gap_rows,
    warnings,
    words_of,
)
from privity.audit.report import Report, Table
from privity.cli import options
from privity.papers.page import shown

COLUMNS: Final = 96
MOST_ROWS: Final = 20
"""How many rows of a table a terminal shows."""
FOUND: Final = 20
CANNOT_BE_TOLD: Final = 21
_BETWEEN: Final = 3
_CODES: Final = {"found": FOUND, "open": CANNOT_BE_TOLD, "fine": 0, "plain": 0}
_COLOURS: Final = {"found": "red", "open": "yellow", "fine": "green", "plain": None}


def show_report(report: Report, *, as_json: bool) -> None:
    """Print a report: its answer first, and what was not looked at at its end.

    Args:
        report: The report.
        as_json: Whether as `report.json` has it, indented.
    """
    if as_json:
        options.show(mapping_of(report))
        return
    for line in _opening(report):
        click.echo(line)
    for table in report.tables:
        _print(table)
    for line in (*_findings(report), *_gaps(report)):
        click.echo(line)
    if report.timeline:
        _print(_timeline(report))
    for line in _closing(report):
        click.echo(line)


def exit_code(report: Report) -> int:
    """Give the code that a command ends with which found this answer."""
    tone, _ = ANSWERS[report.answer]
    return _CODES[tone]


def _opening(report: Report) -> Iterator[str]:
    tone, words = ANSWERS[report.answer]
    yield from _wrapped(shown(report.title), "", bold=True)
    yield click.style(f"  {words}", fg=_COLOURS[tone], bold=True)
    for sentence in report.summary:
        yield from _wrapped(shown(sentence), "  ")
    if report.figures:
        yield ""
        width = max(len(words_of(name)) for name in report.figures)
        for name, value in report.figures.items():
            yield shown(f"  {words_of(name):<{width}}  {cell_text(value)}")


def _findings(report: Report) -> Iterator[str]:
    if not report.findings:
        return
    yield ""
    yield click.style("Findings", bold=True)
    names = ("in", "reasons", "entries", "records", "members")
    for kind, what, *rest in islice(finding_rows(report.findings), MOST_ROWS):
        yield from _listed(str(kind), str(what), zip(names, rest, strict=True))
    yield from _more(len(report.findings))


def _gaps(report: Report) -> Iterator[str]:
    if not report.not_covered:
        return
    yield ""
    yield click.style("What was not looked at", bold=True)
    names = ("entries", "records", "members")
    for kind, what, *rest in islice(gap_rows(report.not_covered), MOST_ROWS):
        yield from _listed(str(kind), str(what), zip(names, rest, strict=True))
    yield from _more(len(report.not_covered))


def _listed(kind: str, what: str, more: Iterable[tuple[str, Cell]]) -> Iterator[str]:
    """Give something with what is known of it."""
    yield click.style(f"  {shown(kind)}", bold=True)
    yield from _wrapped(shown(what), "    ")
    said = "; ".join(f"{name} {cell_text(cell)}" for name, cell in more if cell)
    yield from _wrapped(shown(said), "    ")


def _timeline(report: Report) -> Table:
    head = ("lane", "what", "from", "until", "entry")
    return Table(
        title="What happened when", columns=head, rows=tuple(event_rows(report.timeline))
    )


def _closing(report: Report) -> Iterator[str]:
    yield ""
    if report.items:
        count = len(report.items)
        yield f"  evidence  {count:,} {'line' if count == 1 else 'lines'}, which --out writes"
    log = report.log
    yield shown(f"  log       {log.get('origin')}, {cell_text(log.get('size'))} entries")
    yield shown(f"  root      {log.get('root')}")
    for warning in warnings(report):
        yield from loud(warning)


def loud(text: str) -> Iterator[str]:
    """Give the lines of something that nobody may overlook."""
    return _wrapped(text, "", fg="red", bold=True)


def _print(table: Table) -> None:
    click.echo()
    click.echo(click.style(shown(table.title), bold=True))
    if not table.rows:
        click.echo("  none")
        return
    columns = _used(table.rows)
    if _is_wide(table, columns):
        for line in _row_by_row(table, columns):
            click.echo(line)
    else:
        _print_columns(table, columns)
    for line in _more(len(table.rows)):
        click.echo(line)
    if table.note:
        for line in _wrapped(shown(table.note), "  "):
            click.echo(line)


def _is_wide(table: Table, columns: Sequence[int]) -> bool:
    """Tell whether a terminal would cut the words of a table's columns to pieces."""
    widths = []
    for at in columns:
        texts = [words_of(table.columns[at]), *(cell_text(row[at]) for row in table.rows)]
        widths.append(max(len(word) for text in texts for word in text.split() or [""]))
    return sum(widths) + _BETWEEN * (len(widths) - 1) > COLUMNS


def _row_by_row(table: Table, columns: Sequence[int]) -> Iterator[str]:
    for row in table.rows[:MOST_ROWS]:
        said = "; ".join(
            f"{words_of(table.columns[at])} {cell_text(row[at])}"
            for at in columns
            if row[at] is not None
        )
        yield from textwrap.wrap(
            shown(said),
            COLUMNS,
            initial_indent="  ",
            subsequent_indent="    ",
            break_on_hyphens=False,
        )


def _print_columns(table: Table, columns: Sequence[int]) -> None:
    console = Console(width=COLUMNS, highlight=False)
    drawn = RichTable(box=box.SIMPLE_HEAD, pad_edge=False, padding=(0, 1), show_edge=False)
    for at in columns:
        number = all(row[at] is None or isinstance(row[at], int) for row in table.rows)
        drawn.add_column(
            Text(shown(words_of(table.columns[at]))),
            justify="right" if number else "left",
            overflow="fold",
            no_wrap=number,
        )
    for row in table.rows[:MOST_ROWS]:
        drawn.add_row(*(Text(shown(cell_text(row[at]))) for at in columns))
    console.print(drawn)


def _more(count: int) -> Iterator[str]:
    if count > MOST_ROWS:
        yield f"  and {count - MOST_ROWS:,} more, which --out writes"


def _used(rows: Sequence[Sequence[Cell]]) -> list[int]:
    """Give the columns that say something: a terminal is narrow."""
    return [at for at in range(len(rows[0])) if any(row[at] is not None for row in rows)]


def _wrapped(
    text: str, indent: str, *, fg: str | None = None, bold: bool = False
) -> Iterator[str]:
    for line in textwrap.wrap(
        text,
        COLUMNS,
        initial_indent=indent,
        subsequent_indent=indent,
        break_on_hyphens=False,
        break_long_words=False,
    ):
        yield click.style(line, fg=fg, bold=bold) if fg or bold else line
