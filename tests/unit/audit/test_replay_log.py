# SPDX-License-Identifier: Apache-2.0
"""What the log shows to be wrong without any record (AUD-67 to AUD-69)."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from tests.unit.audit.replayed import (
    POSTS,
    Says,
    acknowledged,
    attested,
    done,
    due,
    ended,
    evidence_of,
    failed,
    handed,
    kinds,
    only,
    release,
    replay,
    run,
)

from privity.audit.replay import ReplayQuestion, answer_replay
from privity.entries.clearing import CommittedClearing
from privity.testing.evidence import MadeEvidence, MadeRelease
from privity.testing.plain import day, said

LATER = "2025-06-10"
FAR = ReplayQuestion(overdue=10_000)


def revised(on: str = "2025-06-05", **keys: object) -> MadeRelease:
    return release(*POSTS[1:], time=day(on), revision=2, **keys)


def with_set(**keys: Any) -> MadeEvidence:
    """Give evidence in which the set of the release was committed with other words."""
    made = evidence_of()
    public = tuple(
        replace(one, says=replace(one.says, **keys))
        if isinstance(one.says, CommittedClearing)
        else one
        for one in made.log.public
    )
    return replace(made, log=replace(made.log, public=public))


# Certificates


@pytest.mark.parametrize("use", [handed(LATER), run(LATER)])
@pytest.mark.parametrize(
    ("expires", "over"), [("2025-06-09", True), (LATER, True), ("2025-06-11", False)]
)
def test_what_has_expired_is_used_no_more(use: Says, expires: str, over: bool) -> None:  # noqa: FBT001 - a parameter of the test
    """AUD-67."""
    report = replay(
        releases=[release(expires_at=day(expires))], says=[use, acknowledged("2025-06-10")]
    )
    mine = [one for one in report.findings if one.kind == "expired-certificate"]
    assert len(mine) == over
    assert [one for one in kinds(report) if one != "expired-certificate"] == (
        ["bytes-without-entry"] if use[1].STREAM == "run.start" else []
    )


@pytest.mark.parametrize("use", [handed(LATER), run(LATER)])
def test_what_has_ended_is_used_no_more(use: Says) -> None:
    """AUD-67: by the order of entries, and by nothing that comes later."""
    said_now = [ended("2025-06-09"), use]
    report = replay(says=said_now)
    one = next(one for one in report.findings if one.kind == "expired-certificate")
    assert "had ended by entry" in one.what
    assert len(one.evidence) == 1
    after = replay(says=[use, ended("2025-06-11")])
    assert "expired-certificate" not in kinds(after)


# Who it was made for


def test_a_release_goes_to_whom_it_was_made_for() -> None:
    """AUD-67."""
    report = replay(says=[run(LATER, by="parent")])
    assert kinds(report) == ["used-without-authority", "hand-over-without-acknowledgement"]
    assert "was made for `self`" in report.findings[0].what


def test_a_release_has_no_more_than_its_set() -> None:
    """AUD-67."""
    report = answer_replay(with_set(permitted=2), FAR)
    assert kinds(report) == ["used-without-authority"]
    assert "it has 3 records, and 2 of its set were permitted" in only(report).what


@pytest.mark.parametrize("key", ["purpose", "recipient"])
def test_a_release_is_for_what_its_set_is_for(key: str) -> None:
    """AUD-67."""
    other = {"purpose": "model-training", "recipient": "parent"}[key]
    report = answer_replay(with_set(**{key: other}), FAR)
    assert kinds(report) == ["used-without-authority"]
    assert f"`{other}`" in only(report).what


# After a no


@pytest.mark.parametrize("use", [handed("2025-06-04"), run("2025-06-04")])
def test_what_is_due_is_not_used(use: Says) -> None:
    """AUD-67."""
    report = replay(says=[due("2025-06-03"), use, acknowledged("2025-06-04")], question=FAR)
    one = next(one for one in report.findings if one.kind == "use-after-no")
    assert "1 record of it had been due since entry" in one.what
    assert one.records == ()


@pytest.mark.parametrize("use", [handed(LATER), run(LATER)])
def test_an_earlier_revision_is_not_used(use: Says) -> None:
    """AUD-67."""
    taken = [due("2025-06-03"), done("2025-06-06")]
    report = replay(
        releases=[release(), revised()],
        says=[*taken, use, acknowledged(LATER)],
        question=FAR,
    )
    one = next(one for one in report.findings if one.kind == "use-after-no")
    assert "taken back by revision 2" in one.what


def test_the_newest_revision_is_used_once_it_is_done() -> None:
    """AUD-67."""
    report = replay(
        releases=[release(), revised()],
        says=[
            due("2025-06-03"),
            done("2025-06-06"),
            handed(LATER, revision=2),
            acknowledged(LATER),
            run("2025-06-11", ("corpus", 2)),
        ],
        question=FAR,
    )
    assert report.findings == ()


def test_one_finding_has_what_the_log_shows_and_what_records_show() -> None:
    """AUD-65."""
    report = replay(
        facts=[said("2025-06-02", "off", member="b")],
        says=[due("2025-06-03", records=2), run("2025-06-04")],
    )
    one = only(report)
    assert (one.kind, one.records, one.reasons) == (
        "use-after-no",
        ("p2", "p3"),
        ("opted-out",),
    )
    assert one.what == (
        "a run of `self` began on revision 1 of release `corpus`, but 2 records of it are refused: opted-out; 2 records of it had "
        f"been due since entry {one.evidence[0]}"
    )


# Acknowledgements


def test_a_hand_over_is_acknowledged_or_has_failed() -> None:
    """AUD-68."""
    open_one = replay(says=[handed(LATER)])
    assert kinds(open_one) == ["hand-over-without-acknowledgement"]
    assert replay(says=[handed(LATER), acknowledged("2025-06-12")]).findings == ()
    assert replay(says=[handed(LATER), failed("2025-06-12")]).findings == ()


def test_a_hand_over_that_failed_is_no_use() -> None:
    """AUD-63: nobody got it; but one that was acknowledged somebody has."""
    facts = [said("2025-06-02", "off", member="b")]
    assert replay(facts=facts, says=[handed(LATER), failed(LATER)]).findings == ()
    both = replay(facts=facts, says=[handed(LATER), acknowledged(LATER), failed(LATER)])
    assert kinds(both) == ["use-after-no"]


def test_a_run_of_another_than_the_controller_needs_an_acknowledged_copy() -> None:
    """AUD-68."""
    made = release(recipient="parent")
    copy = [handed("2025-06-02", to="parent"), acknowledged("2025-06-03")]
    begun = run("2025-06-04", by="parent")
    assert replay(releases=[made], says=[*copy, begun]).findings == ()
    too_early = replay(releases=[made], says=[copy[0], run("2025-06-02", by="parent"), copy[1]])
    assert kinds(too_early) == ["hand-over-without-acknowledgement"]
    assert "had acknowledged nothing of it" in only(too_early).what
    assert kinds(replay(releases=[made], says=[begun])) == ["hand-over-without-acknowledgement"]
    assert replay(says=[run("2025-06-04")]).findings == ()


def test_a_copy_that_was_made_less_counts_as_the_next_revision() -> None:
    """AUD-68."""
    made = [release(recipient="parent"), revised(recipient="parent")]
    says = [
        handed("2025-06-02", to="parent"),
        acknowledged("2025-06-02"),
        due("2025-06-03"),
        done("2025-06-06"),
    ]
    begun = run(LATER, ("corpus", 2), by="parent")
    deleted = attested("2025-06-07", by="parent")
    assert replay(releases=made, says=[*says, deleted, begun], question=FAR).findings == ()
    without = replay(releases=made, says=[*says, begun], question=FAR)
    assert kinds(without) == ["hand-over-without-acknowledgement"]
    assert "had acknowledged revision 1" in only(without).what
    by_another = replay(
        releases=made, says=[*says, attested("2025-06-07", by="lab"), begun], question=FAR
    )
    assert kinds(by_another) == ["hand-over-without-acknowledgement"]


# Deadlines


@pytest.mark.parametrize(
    ("on", "late"), [("2025-07-31", False), ("2025-08-01", True), ("2025-09-01", True)]
)
def test_what_is_due_is_done_before_its_deadline(on: str, late: bool) -> None:  # noqa: FBT001 - a parameter of the test
    """AUD-69."""
    report = replay(
        releases=[release(), revised()],
        says=[due("2025-06-03"), done(on), ended("2025-12-01")],
    )
    assert kinds(report) == (["revocation-overdue"] if late else [])


def test_what_is_not_done_is_overdue_once_its_deadline_is_over() -> None:
    """AUD-69: by the end of the log, or by a later instant that is asked for."""
    says = [due("2025-06-03")]
    assert replay(says=says).findings == ()
    asked = ReplayQuestion(at=day("2025-08-01"))
    assert kinds(replay(says=says, question=asked)) == ["revocation-overdue"]
    assert kinds(replay(says=[*says, ended("2025-08-01")])) == ["revocation-overdue"]


def test_who_has_a_copy_attests_before_the_deadline() -> None:
    """AUD-69."""
    made = [release(recipient="lab"), revised(recipient="lab")]
    says = [
        handed("2025-06-02", to="lab"),
        acknowledged("2025-06-02"),
        due("2025-06-03"),
        done("2025-06-06"),
    ]
    over = ended("2025-09-01")
    without = replay(releases=made, says=[*says, over])
    assert kinds(without) == ["revocation-overdue"]
    assert "`lab` has not attested it" in only(without).what
    assert replay(releases=made, says=[*says, attested("2025-07-01"), over]).findings == ()
    late = replay(releases=made, says=[*says, attested("2025-08-02"), over])
    assert "`lab` attested it at 2025-08-02T00:00:00Z" in only(late).what
    # Who got the next revision never had what was taken back.
    clean = [due("2025-06-03"), done("2025-06-06"), handed("2025-06-07", to="lab", revision=2)]
    assert replay(releases=made, says=[*clean, acknowledged("2025-06-08"), over]).findings == ()


def test_what_nobody_takes_back_for_thirty_days_is_overdue() -> None:
    """AUD-69."""
    facts = [said("2025-06-02", "off", member="b")]
    soon = replay(facts=facts, question=ReplayQuestion(at=day("2025-07-01")))
    assert soon.findings == ()
    report = replay(facts=facts, question=ReplayQuestion(at=day("2025-07-02")))
    one = only(report)
    assert (one.kind, one.records, one.reasons) == (
        "revocation-overdue",
        ("p2", "p3"),
        ("opted-out",),
    )
    assert [item["overdue"] for item in report.items] == [True, True]


def test_who_says_yes_again_is_not_overdue() -> None:
    """AUD-69: it is refused then, and still."""
    facts = [said("2025-06-02", "off", member="b"), said("2025-06-20", member="b", scope="all")]
    question = ReplayQuestion(at=day("2025-07-10"))
    assert replay(facts=facts, question=question).findings == ()


def test_what_is_said_to_be_due_is_waited_for() -> None:
    """AUD-69: until its deadline, and for as many records as it says."""
    facts = [said("2025-06-02", "off", member="b")]
    question = ReplayQuestion(at=day("2025-07-20"))
    assert (
        replay(facts=facts, says=[due("2025-06-03", records=2)], question=question).findings
        == ()
    )
    fewer = replay(facts=facts, says=[due("2025-06-03", records=1)], question=question)
    assert kinds(fewer) == ["revocation-overdue"]


def test_nothing_is_to_be_taken_back_of_what_is_over() -> None:
    """AUD-69."""
    facts = [said("2025-06-02", "off", member="b")]
    question = ReplayQuestion(at=day("2025-08-01"))
    assert replay(facts=facts, says=[ended("2025-06-03")], question=question).findings == ()
    expired = [release(expires_at=day("2025-07-15"))]
    assert replay(facts=facts, releases=expired, question=question).findings == ()
