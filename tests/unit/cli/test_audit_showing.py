# SPDX-License-Identifier: Apache-2.0
"""How an answer looks on a terminal, and how its command ends."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest
from hypothesis import given
from tests.property.made_reports import REPORTS

from privity.audit.papers.contents import ANSWERS
from privity.audit.report import Finding, Report, Table
from privity.cli.audit.showing import COLUMNS, MOST_ROWS, exit_code, show_report

CODES = {
    "used": 20,
    "not-used": 0,
    "findings": 20,
    "clean": 0,
    "fails": 20,
    "holds": 0,
    "compared": 0,
    "cannot-be-told": 21,
}
BARE = Report(
    kind="replay",
    title="Everything",
    asked={},
    answer="findings",
    summary=("Something was found.",),
    figures={},
)


@pytest.mark.parametrize("answer", ANSWERS)
def test_an_answer_has_its_exit_code(answer: str) -> None:
    """[AUD-147] Found, and not to be told, are told apart from an error."""
    assert exit_code(replace(BARE, answer=answer)) == CODES[answer]


def test_a_terminal_shows_the_answer_first_and_says_what_is_left_out(
    capsys: pytest.CaptureFixture[str],
) -> None:
    rows = tuple((number,) for number in range(MOST_ROWS + 5))
    found = Finding(kind="notice-never-delivered", what="Nobody was told.", records=(1,))
    show_report(
        replace(
            BARE, tables=(Table(title="Many", columns=("one",), rows=rows),), findings=(found,)
        ),
        as_json=False,
    )
    lines = capsys.readouterr().out.splitlines()
    assert lines[:3] == ["Everything", "  Something was found", "  Something was found."]
    assert "  and 5 more, which --out writes" in lines
    assert "  notice-never-delivered" in lines
    assert "    Nobody was told." in lines


@given(REPORTS)
def test_no_report_makes_a_terminal_do_more_than_show_it(report: Report) -> None:
    """[AUD-143] Whatever a log or an id has in it, no line has a sign that a terminal obeys."""
    out = shown(report, as_json=False)
    assert all(one.isprintable() or one == "\n" for one in out)


def test_a_wide_table_goes_row_by_row(capsys: pytest.CaptureFixture[str]) -> None:
    columns = tuple(f"column-{number}" for number in range(16))
    table = Table(title="Wide", columns=columns, rows=(("a" * 20,) * 16,))
    show_report(replace(BARE, tables=(table,)), as_json=False)
    lines = capsys.readouterr().out.splitlines()
    assert all(len(line) <= COLUMNS for line in lines)
    assert any("column 7 aaaaa" in line for line in lines)


def test_json_is_the_report_that_is_written(capsys: pytest.CaptureFixture[str]) -> None:
    """[AUD-140] `--json` prints what `report.json` has."""
    show_report(BARE, as_json=True)
    assert json.loads(capsys.readouterr().out)["schema"] == "privity/audit-report/v1"


def shown(report: Report, *, as_json: bool) -> str:
    """Give what a command would print."""
    from contextlib import redirect_stdout  # noqa: PLC0415 - beside what it is for
    from io import StringIO  # noqa: PLC0415 - beside what it is for

    out = StringIO()
    with redirect_stdout(out):
        show_report(report, as_json=as_json)
    return out.getvalue()
