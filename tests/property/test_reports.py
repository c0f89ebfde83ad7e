# SPDX-License-Identifier: Apache-2.0
"""Laws of reports: one spelling, the same bytes from the same report, and papers that show whatever they are told."""

from __future__ import annotations

import xml.etree.ElementTree as ET

import pytest
from hypothesis import HealthCheck, given, settings, strategies as st
from tests.property.made_reports import REPORTS

from privity.audit.forms import items_to_bytes, report_of, report_to_bytes
from privity.audit.papers.contents import paper_of
from privity.audit.papers.page import write_page
from privity.audit.papers.pdf import write_pdf
from privity.audit.report import Report
from privity.errors import VerificationError


@given(REPORTS)
def test_a_report_that_is_read_back_is_written_to_the_same_bytes(report: Report) -> None:
    """[AUD-140] [AUD-141] Names keep their order, and so do papers."""
    data, items = report_to_bytes(report), items_to_bytes(report)
    again = report_of(data, items)
    assert (report_to_bytes(again), items_to_bytes(again)) == (data, items)
    assert paper_of(again) == paper_of(report)


@given(REPORTS, st.data())
def test_a_report_that_was_changed_is_no_report_or_another(
    report: Report, data: st.DataObject
) -> None:
    """[AUD-141] No other bytes say the same."""
    good, items = report_to_bytes(report), items_to_bytes(report)
    at = data.draw(st.integers(0, len(good) - 1))
    bad = good[:at] + bytes([good[at] ^ data.draw(st.integers(1, 255))]) + good[at + 1 :]
    try:
        read = report_of(bad, items)
    except VerificationError:
        return
    assert report_to_bytes(read) == bad


@given(REPORTS.filter(lambda one: bool(one.items)))
def test_items_of_another_report_are_refused(report: Report) -> None:
    """[AUD-141] The report has the digest of its items."""
    items = items_to_bytes(report)
    for other in (b"", items + b"{}\n", items[:-1]):
        with pytest.raises(VerificationError):
            report_of(report_to_bytes(report), other)


@given(REPORTS)
def test_a_page_is_well_formed_and_runs_nothing(report: Report) -> None:
    """[AUD-144] [AUD-143] Whatever texts it shows, it fetches nothing and has nobody's elements."""
    page = write_page(paper_of(report))
    assert page == write_page(paper_of(report))
    root = ET.fromstring(page.decode().removeprefix("<!DOCTYPE html>\n"))  # noqa: S314 - our own page
    names = {one.tag.rpartition("}")[2] for one in root.iter()}
    assert not names & {"script", "link", "img", "iframe", "object", "embed", "form", "base"}
    outside = [
        value
        for one in root.iter()
        for name, value in one.attrib.items()
        if name in {"src", "href", "action"} and not value.startswith("#")
    ]
    assert outside == []


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(REPORTS)
def test_a_report_is_printed_to_the_same_bytes(report: Report) -> None:
    """[AUD-145] Nothing of a print depends on when or how often it is made."""
    paper = paper_of(report)
    assert write_pdf(paper) == write_pdf(paper)
