# SPDX-License-Identifier: Apache-2.0
"""Logs that were written so that a replay would find nothing: what their entries leave out, swap or date forward."""

from __future__ import annotations

from tests.unit.audit.replayed import POSTS, done, due, kinds, only, post, release, replay

from privity.audit.replay import ReplayQuestion
from privity.testing.evidence import MadeRelease
from privity.testing.plain import day, policy

FAR = ReplayQuestion(overdue=10_000)
OTHERS = (post("q1"), post("q2"), post("q3"), post("q4"))


def revised(count: int) -> list[MadeRelease]:
    """A release whose rows are gone, and a revision of other rows in their place."""
    return [
        release(gone=True),
        release(*OTHERS[:count], revision=2, time=day("2025-06-05")),
    ]


def test_a_revision_that_became_no_less_shows_nothing_of_the_one_before() -> None:
    """AUD-71, AUD-73: as many other rows are not what was used."""
    report = replay(
        releases=revised(3), says=[due("2025-06-03"), done("2025-06-06")], question=FAR
    )
    assert not report.findings
    assert report.answer == "cannot-be-told"
    (gone,) = [one for one in report.not_covered if one.kind == "rows-gone"]
    assert gone.records == 3


def test_a_revision_with_more_than_the_one_before_is_found() -> None:
    """AUD-67: nothing permitted the record that came in."""
    report = replay(
        releases=revised(4), says=[due("2025-06-03"), done("2025-06-06")], question=FAR
    )
    assert kinds(report) == ["used-without-authority"]
    assert only(report).revision == 2
    assert "it has 4 records, and revision 1 had 3" in only(report).what


def test_a_release_is_not_excused_by_an_instant_that_is_to_come() -> None:
    """AUD-60: it is there from its own entry on."""
    versions = [
        policy(published_at="2025-05-01T00:00:00Z", effective_at="2025-07-01T00:00:00Z")
    ]
    report = replay(versions=versions, releases=[release(at=day("2025-07-02"))], question=FAR)
    assert kinds(report) == ["used-without-authority"]
    assert len(only(report).records) == len(POSTS)


def test_a_revision_is_not_dated_by_what_was_due_later() -> None:
    """AUD-62: what was entered after it was not why it was made."""
    versions = [
        policy(published_at="2025-05-01T00:00:00Z", effective_at="2025-06-10T00:00:00Z")
    ]
    report = replay(
        versions=versions,
        releases=[release(gone=True), release(*POSTS[:2], revision=2, time=day("2025-06-06"))],
        says=[due("2025-06-20"), done("2025-06-21")],
        question=FAR,
    )
    used = [one for one in report.findings if one.kind != "bytes-without-entry"]
    assert [one.revision for one in used] == [1, 2]
