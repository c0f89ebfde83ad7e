# SPDX-License-Identifier: Apache-2.0
"""What is on paper, in which order, and how much of it."""

from __future__ import annotations

from dataclasses import replace
from typing import get_args

import pytest

from privity.audit.evidence import Gap
from privity.audit.papers.blocks import Answered, Grid, Warned
from privity.audit.papers.contents import ANSWERS, KINDS, MOST_ROWS, paper_of
from privity.audit.papers.letters import clean
from privity.audit.papers.page import write_page
from privity.audit.papers.pdf import write_pdf
from privity.audit.report import Event, Finding, Kind, Report, Table

REPORT = Report(
    kind="class",
    title="Messages of the class",
    asked={"agreement": "subscription", "period": {"before": "2024-09-18T00:00:00Z"}},
    answer="used",
    summary=("3 members have 5 records in what was released.",),
    figures={"records": 5, "exposure": "3,000 USD", "nothing": None},
    tables=(Table(title="By release", columns=("release", "records"), rows=(("one", 5),)),),
    timeline=(Event(lane="releases", label="one", at=0, entry=7),),
    findings=(Finding(kind="used-without-authority", what="Used.", entry=7, records=(1, "b")),),
    items=({"record": "a<b>", "entry": 7, "file": None},),
    not_covered=(Gap(kind="not-logged", what="Uses outside the gate."),),
    method=("Each release was read.",),
    log={
        "origin": "o/simulated",
        "size": 9,
        "root": "r",
        "key_given": False,
        "simulated": True,
        "signed_by": [],
    },
)


def grids(report: Report) -> list[Grid]:
    sections = paper_of(report).sections
    return [one for section in sections for one in section.blocks if isinstance(one, Grid)]


def test_the_answer_comes_first_and_how_to_check_it_last() -> None:
    """[AUD-146] In the order of the specification."""
    paper = paper_of(REPORT)
    first, *warned = paper.lead
    assert isinstance(first, Answered)
    assert (first.tone, first.words) == ("found", "It was used")
    assert len([one for one in warned if isinstance(one, Warned)]) == 2
    assert [one.id for one in paper.sections] == [
        "figures",
        "timeline",
        "tables",
        "findings",
        "items",
        "not-covered",
        "asked",
        "method",
        "check",
    ]


def test_what_is_not_there_has_no_heading_but_what_was_not_looked_at_has() -> None:
    """[AUD-146] Silence about gaps would be an answer."""
    bare = replace(
        REPORT, figures={}, tables=(), timeline=(), findings=(), items=(), not_covered=()
    )
    assert [one.id for one in paper_of(bare).sections] == [
        "not-covered",
        "asked",
        "method",
        "check",
    ]
    assert b"Nothing that was asked about was left out." in write_page(paper_of(bare))


def test_a_long_table_is_cut_and_says_so() -> None:
    """[AUD-146] The rest is in the files, whose digests are on paper."""
    rows = tuple((f"r{number}", number) for number in range(MOST_ROWS + 23))
    table = replace(REPORT.tables[0], rows=rows, note="A note.")
    items = tuple({"record": number} for number in range(MOST_ROWS + 1))
    found = grids(replace(REPORT, tables=(table,), items=items))
    assert [(len(one.rows), one.note) for one in found if len(one.rows) > 1] == [
        (MOST_ROWS, "A note. 23 more rows are in report.json."),
        (MOST_ROWS, "1 more lines are in items.jsonl."),
    ]


def test_a_column_that_says_nothing_is_left_out() -> None:
    """[AUD-146] What stands on paper says something."""
    assert ("record", "entry") in [one.head for one in grids(REPORT)]


def test_every_kind_and_every_answer_has_its_words() -> None:
    """[AUD-147] A form for each answer, and none that is no answer."""
    assert {*KINDS} == {*get_args(Kind)}
    for answer in ANSWERS:
        assert ANSWERS[answer][1].encode() in write_page(
            paper_of(replace(REPORT, answer=answer))
        )


def test_no_text_becomes_more_than_text() -> None:
    """[AUD-143] Signs of the language are escaped; what turns the writing round is shown as missing."""
    page = write_page(
        paper_of(replace(REPORT, title="<script>1</script>\u202eback", summary=("a & b",)))
    ).decode()
    assert "&lt;script&gt;1&lt;/script&gt;\ufffdback" in page
    assert "<script" not in page
    assert "a &amp; b" in page
    assert "a&lt;b&gt;" in page


def test_a_page_says_by_itself_that_nothing_may_be_loaded() -> None:
    """[AUD-144] Whatever a browser would allow, the page does not."""
    page = write_page(paper_of(REPORT)).decode()
    assert "default-src &#x27;none&#x27;" in page
    assert "prefers-color-scheme: dark" in page
    assert page.count("<svg") == page.count("<desc") == 1


@pytest.mark.parametrize(
    ("text", "printed"),
    [
        ("Ольга Ωmega", "Ольга Ωmega"),
        ("田", "⟨U+7530⟩"),
        ("ע", "⟨U+05E2⟩"),
        ("a\u202e", "a\ufffd"),
    ],
)
def test_a_sign_that_the_letters_lack_is_printed_as_its_number(text: str, printed: str) -> None:
    """[AUD-143] Nothing is left out, and nothing is shown in another order."""
    assert clean(text) == printed


def test_a_print_has_its_letters_and_no_clock() -> None:
    """[AUD-145] What a reader's machine has does not matter, nor when it was made."""
    data = write_pdf(paper_of(REPORT))
    assert data.startswith(b"%PDF-")
    assert data.count(b"/FontFile2") >= 2
    assert b"20000101000000" in data


def test_a_wide_table_is_printed_row_by_row() -> None:
    """[AUD-146] No table is cut off at the edge of the page."""
    columns = tuple(f"column-{number}" for number in range(16))
    rows = (tuple("x" * 30 for _ in columns),) * 3
    wide = replace(REPORT, tables=(Table(title="Wide", columns=columns, rows=rows),))
    assert write_pdf(paper_of(wide)) != write_pdf(paper_of(REPORT))
