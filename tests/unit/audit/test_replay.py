# SPDX-License-Identifier: Apache-2.0
"""What a replay finds in the records of uses, each decided as it was known then (AUD-60 to AUD-66)."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import fields, replace

import pytest
from tests.unit.audit.replayed import (
    POSTS,
    acknowledged,
    done,
    due,
    evidence_of,
    found,
    gap,
    handed,
    kinds,
    only,
    post,
    release,
    replay,
    run,
)

from privity.audit.evidence import COLUMNS, UNREADABLE, Gap, Rows
from privity.audit.replay import ReplayQuestion, answer_replay
from privity.decide.request import Record
from privity.entries.release import CreatedRelease
from privity.errors import InputError
from privity.members.facts import Fact
from privity.testing.evidence import MadeEvidence, MadeRelease
from privity.testing.plain import POLICY, day, fact, policy, said, switch, told

LATER = "2025-06-10"


def revised(*records: Record, on: str = "2025-06-05", size: int | None = None) -> MadeRelease:
    return release(*records, time=day(on), revision=2, ledger_size=size)


def test_of_what_may_be_used_nothing_is_found() -> None:
    report = replay(says=[handed("2025-06-02"), acknowledged("2025-06-03"), run("2025-06-04")])
    assert (report.answer, report.findings, report.items) == ("clean", (), ())
    assert report.figures["uses"] == 3
    assert report.figures["decisions"] == 9
    # What was used outside the gate nobody can say: that is said always, and hides nothing of the log.
    assert [one.kind for one in report.not_covered] == ["not-logged"]


@pytest.mark.parametrize(
    ("facts", "kind", "reasons"),
    [
        ([said("2025-05-01", "off", member="b")], "use-after-no", ("opted-out",)),
        ([fact("objection", "2025-05-01", member="b")], "use-after-no", ("opted-out",)),
        ([fact("closed", "2025-05-01", member="b")], "use-after-no", ("account-closed",)),
        (
            [
                said("2024-12-01", "off", member="b"),
                said("2025-03-01", member="b"),
            ],
            "use-after-no",
            ("opted-out-then",),
        ),
        (
            [fact("order", "2025-05-01", "o", member=None, purposes=["genai-training"])],
            "order-ignored",
            ("order",),
        ),
        ([fact("deceased", "2025-05-01", member="b")], "used-without-authority", ("deceased",)),
        (
            [fact("jurisdiction", "2025-05-01", "DE", member="b", evidence="ip")],
            "used-without-authority",
            ("jurisdiction-exempt", "no-notice"),
        ),
    ],
)
def test_the_reason_says_the_kind(
    facts: list[Fact], kind: str, reasons: tuple[str, ...]
) -> None:
    """AUD-64."""
    report = replay(facts=facts)
    (one,) = [one for one in report.findings if one.kind == kind]
    assert set(one.reasons) <= set(reasons)
    assert {"p2", "p3"} <= set(one.records)
    assert report.answer == "findings"


def test_a_promise_that_was_broken_is_found() -> None:
    """AUD-64."""
    message = post("m1", "a", category="inmail", recipients=("b",))
    report = replay(
        facts=[
            fact("agreement", "2024-01-01", "subscription", member="b"),
            said("2024-10-01", member="a"),
            said("2024-10-01", member="b"),
        ],
        releases=[release(*POSTS, message, recipient="lab")],
    )
    one = only(report)
    assert (one.kind, one.reasons, one.records) == ("promise-broken", ("agreement",), ("m1",))
    assert one.members == 2


def test_a_notice_that_reached_nobody_is_found() -> None:
    """AUD-64."""
    known = [one for one in told("d") if one.fact != "notice"]
    report = replay(facts=known, releases=[release(*POSTS, post("p4", "d"))])
    assert found(report) == [("notice-never-delivered", 22, ("p4",), ("no-notice",))]


def test_a_record_is_found_for_each_kind_and_each_use() -> None:
    """AUD-64, AUD-65."""
    facts = [
        said("2025-05-01", "off", member="b"),
        fact("order", "2025-05-01", "o", member=None, purposes=["genai-training"]),
    ]
    report = replay(facts=facts, says=[run(LATER)])
    assert kinds(report) == ["use-after-no", "order-ignored"] * 2
    first = report.findings[0]
    assert (first.records, first.reasons) == (("p2", "p3"), ("opted-out",))
    assert report.findings[1].records == ("p1", "p2", "p3")
    assert report.figures["refused"] == 3
    assert [one["record"] for one in report.items] == ["p1", "p2", "p3"] * 2


# As it was known then


@pytest.mark.parametrize(
    ("on", "entries"),
    [("2025-05-31", 3), ("2025-06-02", 2), ("2025-06-06", 1), ("2025-06-09", 0)],
)
def test_only_what_was_known_then_refuses(on: str, entries: int) -> None:
    """AUD-61, AUD-63: a no is heeded by every use after its entry, and by none before it."""
    says = [handed("2025-06-05"), acknowledged("2025-06-05"), run("2025-06-08")]
    report = replay(facts=[said(on, "off", member="b")], says=says)
    assert kinds(report) == ["use-after-no"] * entries


def test_what_was_recorded_later_is_not_known_earlier() -> None:
    """AUD-61: a yes that somebody entered late makes nothing permitted that was used before."""
    facts = [
        said("2025-05-01", "off", member="b"),
        said("2025-05-02", member="b", recorded="2025-07-01", scope="all"),
    ]
    assert kinds(replay(facts=facts)) == ["use-after-no"]
    early = replace(facts[1], recorded_at=facts[1].at)
    assert kinds(replay(facts=[facts[0], early])) == []


def test_a_clearing_cannot_say_that_it_did_not_know() -> None:
    """AUD-61: the entries before it are heeded, whatever number it gives ([CLR-2])."""
    facts = [said("2025-05-01", "off", member="b")]
    report = replay(facts=facts, releases=[release(ledger_size=3)])
    assert kinds(report) == ["use-after-no"]


def test_a_clearing_cannot_be_for_a_time_that_has_passed() -> None:
    """AUD-61: it is asked for its own time at the earliest ([CLR-1])."""
    facts = [said("2025-05-01", "off", member="b")]
    report = replay(facts=facts, releases=[release(at=day("2025-04-01"))])
    assert kinds(report) == ["use-after-no"]


def test_a_clearing_for_later_is_asked_for_later() -> None:
    """AUD-61."""
    facts = [replace(fact("closed", "2025-07-01", member="b"), recorded_at=day("2025-05-01"))]
    assert kinds(replay(facts=facts)) == []
    assert kinds(replay(facts=facts, releases=[release(at=day("2025-07-02"))])) == [
        "use-after-no"
    ]


def test_a_release_without_a_clearing_is_asked_by_its_own_entry() -> None:
    """AUD-61, AUD-67: and that it has none is found."""
    facts = [said("2025-05-31", "off", member="b")]
    report = replay(facts=facts, releases=[release(cleared=False)])
    assert sorted(kinds(report)) == ["bytes-without-entry", "use-after-no"]


def test_a_revision_is_asked_by_what_it_says_that_it_heeds() -> None:
    """AUD-62: who said no after that is to go with the next."""
    facts = [said("2025-06-02", "off", member="a"), said("2025-06-04", "off", member="b")]
    rest = revised(*POSTS[1:], size=20)
    report = replay(
        facts=facts,
        releases=[release(), rest],
        says=[due("2025-06-03"), done("2025-06-06")],
        question=ReplayQuestion(overdue=1000),
    )
    assert kinds(report) == []
    late = replay(
        facts=facts,
        releases=[release(), revised(*POSTS[1:], size=24)],
        # The second is a public entry that it heeds, and is later than the no.
        says=[due("2025-06-03"), due("2025-06-05", name="corpus-3"), done("2025-06-06")],
        question=ReplayQuestion(overdue=1000),
    )
    assert [(one.kind, one.revision) for one in late.findings] == [("use-after-no", 2)]


def test_a_revision_is_asked_for_when_it_was_decided() -> None:
    """AUD-62: it may take days to write; but what a party said before, and it heeds, it is asked about."""
    closing = replace(fact("closed", "2025-06-04", member="b"), recorded_at=day("2025-06-02"))
    says = [
        due("2025-06-05", at="2025-06-03"),
        done("2025-06-07"),
    ]
    question = ReplayQuestion(overdue=1000)
    rest = revised(*POSTS[1:], on="2025-06-06", size=21)
    report = replay(facts=[closing], releases=[release(), rest], says=says, question=question)
    assert report.findings == ()
    heeded = replay(
        facts=[said("2025-06-04", "off", member="b")],
        releases=[release(), rest],
        says=says,
        question=question,
    )
    assert [(one.kind, one.revision) for one in heeded.findings] == [("use-after-no", 2)]


def test_a_revision_that_keeps_what_was_due_is_found() -> None:
    """AUD-62."""
    facts = [said("2025-06-02", "off", member="b")]
    report = replay(
        facts=facts,
        releases=[release(), revised(*POSTS[:2])],
        says=[due("2025-06-03"), done("2025-06-06")],
    )
    one = only(report)
    assert (one.kind, one.revision, one.records) == ("use-after-no", 2, ("p2",))
    assert (
        one.what
        == "release `corpus` became revision 2, but 1 record of it is refused: opted-out"
    )


def test_a_revision_never_knows_less_than_the_one_before() -> None:
    """AUD-62."""
    facts = [said("2025-05-02", "off", member="b")]
    rest = revised(*POSTS[1:], size=2)
    report = replay(
        facts=facts,
        releases=[release(*POSTS[1:]), rest],
        says=[due("2025-06-03", records=2), done("2025-06-05")],
    )
    assert [one.revision for one in report.findings if one.kind == "use-after-no"] == [1, 2]


def test_a_use_is_asked_for_who_got_it() -> None:
    """AUD-63: not for whom it was made."""
    message = post("m1", "a", category="inmail", recipients=("b",))
    facts = [
        fact("agreement", "2024-01-01", "subscription", member="b"),
        said("2024-10-01", member="a"),
        said("2024-10-01", member="b"),
    ]
    report = replay(
        facts=facts,
        releases=[release(*POSTS, message)],
        says=[handed(LATER, to="lab"), acknowledged(LATER)],
    )
    assert [(one.kind, one.records) for one in report.findings] == [
        ("used-without-authority", ()),
        ("promise-broken", ("m1",)),
    ]
    assert "made for `self`" in report.findings[0].what


def test_of_rows_that_are_gone_what_is_left_of_them_is_asked() -> None:
    """AUD-71."""
    facts = [said("2025-05-30", "off", member="b")]
    report = replay(
        facts=facts,
        releases=[release(gone=True), revised(POSTS[0], POSTS[1])],
        says=[due("2025-06-03"), done("2025-06-06")],
    )
    assert [
        (one.revision, one.records) for one in report.findings if one.kind == "use-after-no"
    ] == [
        (1, ("p2",)),
        (2, ("p2",)),
    ]
    assert gap(report, "rows-gone").records == 1
    assert report.figures["missing"] == 1


def test_without_all_rows_it_is_not_said_that_nothing_is_wrong() -> None:
    """AUD-71, AUD-73."""
    report = replay(
        releases=[release(gone=True), revised(POSTS[0], POSTS[1])],
        says=[due("2025-06-03"), done("2025-06-06")],
    )
    assert (report.answer, report.findings) == ("cannot-be-told", ())
    unseen = replay(releases=[release(gone=True)])
    assert (unseen.answer, unseen.figures["records"]) == ("cannot-be-told", 0)
    assert gap(unseen, "rows-gone").records == 3


def test_a_set_that_became_no_release_is_decided_where_it_is_shown() -> None:
    """AUD-60, AUD-61, AUD-73."""
    made = evidence_of(facts=[said("2025-05-01", "off", member="b")])
    without = tuple(one for one in made.log.public if not isinstance(one.says, CreatedRelease))
    unseen = replace(made, log=replace(made.log, public=without))
    report = answer_replay(unseen, ReplayQuestion())
    assert (report.answer, report.findings) == ("cannot-be-told", ())
    assert gap(report, "not-shown").records == 3

    shown = EvidenceWithSet(**{one.name: getattr(unseen, one.name) for one in fields(unseen)})
    seen = answer_replay(shown, ReplayQuestion())
    assert (only(seen).kind, only(seen).records) == ("use-after-no", ("p2", "p3"))
    assert only(seen).what.startswith("set `corpus-clearing` was cleared for `self`")
    assert [one.kind for one in seen.not_covered] == ["not-logged"]


class EvidenceWithSet(MadeEvidence):
    """Evidence in which the set of the release is shown."""

    sets = ("corpus-clearing",)

    def rows(
        self, release: str, revision: int, columns: Collection[str] = COLUMNS
    ) -> Iterator[Rows]:
        assert release == "set/corpus-clearing"
        yield from super().rows("corpus", revision, columns)


# What is looked up among the rows


def test_a_record_has_the_reasons_of_what_it_quotes() -> None:
    """AUD-60: among the records of its revision."""
    rows = (*POSTS, post("q1", "a", quotes=("q2",)), post("q2", "a", quotes=("p2",)))
    report = replay(facts=[said("2025-05-01", "off", member="b")], releases=[release(*rows)])
    assert only(report).records == ("p2", "p3", "q1", "q2")


def test_what_is_quoted_and_not_there_refuses() -> None:
    """AUD-60: what a release quotes is in it, or it may not be in it."""
    report = replay(releases=[release(post("q1", quotes=("elsewhere",)))])
    assert (only(report).reasons, only(report).records) == (("unknown-quote",), ("q1",))


def test_an_id_that_stands_twice_refuses_both() -> None:
    """AUD-60."""
    report = replay(releases=[release(post("p1"), post("p1", "b"), post("p2"))])
    assert (only(report).reasons, len(report.items)) == (("duplicate-record",), 2)


def test_rows_are_looked_up_in_every_file_and_of_numbers_too() -> None:
    """AUD-60."""
    rows = [
        [post(1, 7, quotes=(3,))],
        [post(2, 7)],
        [post(3, 8)],
    ]
    report = replay(
        members=(7, 8),
        facts=[said("2025-05-01", "off", member=8)],
        releases=[release(files=rows)],
        ids="int",
    )
    assert only(report).records == (1, 3)
    assert [(one["file"], one["row"]) for one in report.items] == [
        ("part-000000.parquet", 0),
        ("part-000002.parquet", 0),
    ]


# Policies that are dated back


def _dated_back() -> dict[str, object]:
    return {
        **policy(
            version="2025-05-20",
            settings=switch(explicit_only=[]),
            effective_at="2024-09-18T00:00:00Z",
        ),
        "published_at": "2025-05-20T00:00:00Z",
    }


def test_a_version_that_is_dated_back_is_found() -> None:
    """AUD-66."""
    report = replay(versions=[POLICY, policy(version="x", published_at="2025-07-01T00:00:00Z")])
    assert kinds(report) == ["back-dated-policy"]
    assert only(report).records == ()
    assert "2024-09-18T00:00:00Z" in only(report).what


def test_what_rests_on_a_version_that_is_dated_back_is_told_apart() -> None:
    """AUD-66."""
    message = post("m1", "a", category="inmail", recipients=("b",))
    rows = (*POSTS, message)
    versions = [POLICY, _dated_back()]
    report = replay(versions=versions, releases=[release(*rows)])
    assert [(one.kind, one.records) for one in report.findings] == [
        ("back-dated-policy", ()),
        ("back-dated-policy", ("m1",)),
    ]
    also_no = replay(
        versions=versions,
        releases=[release(*rows)],
        facts=[said("2025-05-25", "off", member="b")],
    )
    kept = {one.kind: one.records for one in also_no.findings if one.records}
    assert kept["use-after-no"] == ("m1", "p2", "p3")
    assert "back-dated-policy" not in kept


# Who is not known


@pytest.mark.parametrize("kind", ["private-facts", "erased"])
def test_of_whom_nothing_is_shown_nothing_is_found(kind: str) -> None:
    """AUD-72: where something of members is not shown."""
    rows = (*POSTS, post("p4", "d"), post("q", "a", quotes=("p4",)))
    missing = Gap(kind=kind, what="something")
    report = replay(releases=[release(*rows)], gaps=[missing])
    assert (report.answer, report.findings) == ("cannot-be-told", ())
    assert report.figures["untold"] == 2
    whole = replay(releases=[release(*rows)])
    assert only(whole).reasons == ("unknown-party",)


def test_what_is_certain_refuses_beside_what_is_not() -> None:
    """AUD-72."""
    message = post("m1", "b", category="inmail", recipients=("d",))
    report = replay(
        facts=[said("2025-05-01", "off", member="b")],
        releases=[release(message, post("m2", "d"))],
        gaps=[Gap(kind="erased", what="something", members=1)],
    )
    one = next(one for one in report.findings if one.kind == "use-after-no")
    assert (one.reasons, one.records) == (("opted-out",), ("m1",))
    assert report.figures["untold"] == 1


def test_a_member_of_whom_an_entry_cannot_be_read_is_not_decided() -> None:
    """AUD-72: what it says may refuse, and may permit."""
    unread = Fact(
        member="b",
        fact="setting",
        value="off",
        at=day("2025-05-01"),
        recorded_at=day("2025-05-01"),
        detail={"setting": UNREADABLE},
    )
    report = replay(facts=[unread])
    assert (report.answer, report.findings) == ("cannot-be-told", ())
    assert gap(report, "private-facts").records == 2
    merged = replay(
        facts=[replace(unread, member="x"), fact("merged", "2025-05-02", "b", member="x")],
    )
    assert gap(merged, "private-facts").records == 2


# Questions


def test_only_some_releases_are_asked() -> None:
    facts = [said("2025-05-01", "off", member="b")]
    releases = [release(), release(release="other")]
    both = replay(facts=facts, releases=releases)
    assert [one.release for one in both.findings] == ["corpus", "other"]
    one = replay(facts=facts, releases=releases, question=ReplayQuestion(releases=("other",)))
    assert [one.release for one in one.findings] == ["other"]
    assert one.asked["releases"] == ["other"]


def test_a_release_that_there_is_not_is_an_error() -> None:
    with pytest.raises(InputError, match="no release `nothing`"):
        replay(question=ReplayQuestion(releases=("nothing",)))


def test_the_same_question_has_the_same_answer() -> None:
    facts = [said("2025-05-01", "off", member="b")]
    assert replay(facts=facts) == replay(facts=facts)
