# SPDX-License-Identifier: Apache-2.0
"""Answers about a class, on evidence made for each rule ([AUD-32], [AUD-33], [AUD-34], [AUD-35], [AUD-36], [AUD-37], [AUD-38], [AUD-39])."""

from __future__ import annotations

from dataclasses import dataclass, fields, replace
from typing import Any

import pytest

from privity.audit.asked import Period
from privity.audit.class_report import answer_class
from privity.audit.evidence import UNREADABLE, Gap
from privity.audit.question import ClassQuestion, Exposure
from privity.audit.report import Report
from privity.audit.rows_held import LOOSE
from privity.canonical.instants import parse_instant
from privity.decide.request import Record
from privity.entries.disclosure import (
    AcknowledgedDisclosure,
    FailedDisclosure,
    HandedOver,
)
from privity.entries.release import CreatedRelease, RevisedRelease
from privity.entries.run import RunStart
from privity.errors import VerificationError
from privity.members.facts import Fact
from privity.testing.evidence import MadeEvidence, MadeRelease, made_evidence

DAY = 86_400
RIGHT = bytes(32)
"""In place of the root over a release's files, which is not known before it is made."""
NOON = parse_instant("2024-06-01T12:00:00Z")
USED = NOON + 100 * DAY

ASKED = ClassQuestion(
    name="premium",
    title="Premium members",
    agreement="subscription",
    categories=("inmail",),
    made=Period(end=NOON + 50 * DAY),
    purposes=("genai-training",),
    roles=("third-party",),
    exposure=Exposure(sum=1000, currency="USD"),
)


def fact(name: str, member: str | None, day: int = 0, value: str = "", **detail: str) -> Fact:
    at = NOON + day * DAY
    return Fact(member=member, fact=name, value=value, at=at, recorded_at=at, detail=detail)


def inmail(name: str, author: str, *to: str, day: int = 10, category: str = "inmail") -> Record:
    made = NOON + day * DAY
    return Record(
        record_id=name, category=category, created_at=made, author=author, recipients=to
    )


def joined(*members: str) -> list[Fact]:
    return [fact("joined", one, -900) for one in members]


FACTS = [
    *joined("ada", "ben", "cleo", "dan"),
    fact("recipient", None, -900, "lab", role="third-party"),
    fact("recipient", None, -900, "parent", role="affiliate"),
    fact("agreement", "ada", 0, "subscription"),
    fact("agreement-ended", "ada", 20, "subscription"),
    fact("agreement", "ben", 5, "subscription"),
    fact("agreement", "cleo", 0, "basic"),
]


def evidence(
    *records: Record,
    facts: list[Fact] | None = None,
    says: Any = (),
    gaps: Any = (),
    more: Any = (),
    **release: Any,
) -> MadeEvidence:
    made = MadeRelease(
        **{"release": "corpus", "time": USED, "files": [records], "recipient": "lab", **release}
    )
    given: dict[str, Any] = {
        "facts": FACTS if facts is None else facts,
        "releases": [made, *more],
    }
    roots = {
        (one.says.release, one.says.revision): one.says.content.files_root
        for one in made_evidence(**given).log.public
        if isinstance(one.says, CreatedRelease | RevisedRelease)
    }
    said = [
        (time, replace(one, files_root=roots[one.release, one.revision]))
        if isinstance(one, HandedOver) and one.files_root == RIGHT
        else (time, one)
        for time, one in says
    ]
    return made_evidence(**given, says=said, gaps=gaps)


def answer(*records: Record, question: ClassQuestion = ASKED, **made: Any) -> Report:
    return answer_class(evidence(*records, **made), question)


def found(report: Report) -> list[str]:
    return [str(one["record"]) for one in report.items]


def handed(revision: int = 1, name: str = "hand-1", root: bytes = RIGHT) -> HandedOver:
    return HandedOver(
        disclosure=name,
        release="corpus",
        revision=revision,
        recipient="lab",
        files_root=root,
        certificate="0" * 64,
    )


def test_a_record_counts_where_a_party_held_the_agreement_when_it_was_made() -> None:
    report = answer(
        inmail("during", "ada", "dan", day=19),
        inmail("at-the-end", "ada", "dan", day=20),
        inmail("at-the-beginning", "dan", "ben", day=5),
        inmail("before", "dan", "ben", day=4),
        inmail("other-agreement", "cleo", "dan"),
    )
    assert report.answer == "used"
    assert found(report) == ["during", "at-the-beginning"]
    assert report.figures["records"] == 2
    assert report.figures["members"] == report.figures["people"] == 2
    assert report.figures["senders"] == report.figures["receivers"] == 1
    assert report.figures["exposure"] == 2000
    assert report.figures["first_made"] == "2024-06-06T12:00:00Z"
    assert report.figures["last_made"] == "2024-06-20T12:00:00Z"


def test_category_and_period_are_asked_of_each_record() -> None:
    report = answer(
        inmail("in", "ada", day=1),
        inmail("late", "ben", day=50),
        inmail("post", "ada", category="post"),
        inmail("direct", "ada", category="direct-message"),
    )
    assert found(report) == ["in"]
    wide = answer(
        inmail("in", "ada"),
        inmail("direct", "ada", category="direct-message"),
        inmail("post", "ada", category="post"),
        question=replace(ASKED, categories=("private-message",)),
    )
    assert found(wide) == ["in", "direct"]


def test_only_the_sides_that_are_asked_about_count() -> None:
    records = [inmail("sent", "ada", "dan"), inmail("got", "dan", "ada")]
    assert found(answer(*records, question=replace(ASKED, sides=("sender",)))) == ["sent"]
    assert found(answer(*records, question=replace(ASKED, sides=("receiver",)))) == ["got"]


def test_readers_of_what_is_published_are_no_party() -> None:
    post = inmail("post", "dan", "ada", category="post")
    assert answer(post, question=replace(ASKED, categories=("post",))).answer == "not-used"


def test_without_an_agreement_everybody_is_meant() -> None:
    report = answer(
        inmail("one", "dan", "cleo"), question=replace(ASKED, agreement=None, exposure=None)
    )
    assert report.figures["members"] == 2
    assert "exposure" not in report.figures
    assert "agreement" not in report.items[0]["parties"][0]


def test_the_evidence_of_a_record_says_where_it_is_and_why_it_counts() -> None:
    made = evidence(
        inmail("other", "dan"), inmail("one", "dan", "ada", "ben"), says=[(USED + 5, handed())]
    )
    (item,) = answer_class(made, ASKED).items
    begun = [one.entry for one in made.everything if one.fact.value == "subscription"]
    assert item["row"] == 1
    assert item["file"] == "part-000000.parquet"
    assert item["release"] == "corpus"
    assert [one["act"] for one in item["acts"]] == ["released", "handed-over"]
    assert [one["entry"] for one in item["acts"]] == [
        one.entry for one in made.log.public if one.time >= USED
    ][2:]
    assert [(one["member"], one["side"]) for one in item["parties"]] == [
        ("ada", "receiver"), ("ben", "receiver"),
    ]  # fmt: skip
    assert [one["agreement"]["entry"] for one in item["parties"]] == [begun[0], begun[1]]


def test_what_is_for_another_recipient_or_purpose_is_no_such_use() -> None:
    record = inmail("one", "ada")
    assert answer(record, recipient="parent").answer == "not-used"
    assert answer(record, purpose="safety").answer == "not-used"
    early = replace(ASKED, used=Period(end=USED))
    assert answer(record, question=early).answer == "not-used"


def test_every_other_act_is_named_with_why_it_is_no_such_use() -> None:
    other = MadeRelease(
        release="other",
        time=USED + 1,
        files=[[inmail("one", "ada")]],
        purpose="safety",
        recipient="parent",
    )
    report = answer(inmail("one", "ada"), recipient="parent", more=[other])
    (table,) = [one for one in report.tables if one.title == "What else was done"]
    assert [(row[3], row[-1]) for row in table.rows] == [
        ("corpus", "another recipient"), ("other", "another purpose, another recipient"),
    ]  # fmt: skip
    assert report.figures["acts"] == 2
    assert report.figures["acts_in_question"] == 0


def test_a_wider_purpose_may_be_the_one_that_is_asked_about() -> None:
    report = answer(inmail("one", "ada"), purpose="model-training")
    assert report.answer == "cannot-be-told"
    assert report.figures["records_not_told"] == 1
    assert report.figures["records"] == 0


def test_the_role_is_asked_of_then_and_of_what_is_known_now() -> None:
    left = fact("recipient", None, 0, "parent", role="third-party")
    late = replace(left, recorded_at=USED + DAY)
    assert (
        answer(inmail("one", "ada"), recipient="parent", facts=[*FACTS, late]).answer == "used"
    )
    unknown = answer(inmail("one", "ada"), recipient="stranger")
    assert unknown.answer == "cannot-be-told"


def test_hand_overs_and_runs_count_by_themselves() -> None:
    run = RunStart(
        run="run-1",
        recipient="lab",
        releases=(("corpus", 1),),
        ledger_size=1,
        code="0" * 64,
        config="0" * 64,
    )
    says = [(USED + 1, handed()), (USED + 2, run)]
    made = evidence(inmail("one", "ada"), says=says)
    report = answer_class(made, ASKED)
    acts = report.tables[0]
    assert [row[2] for row in acts.rows] == ["released", "handed-over", "trained"]
    assert [row[10] for row in acts.rows] == [1, 1, 1]
    assert report.figures["records"] == 1
    only = answer_class(made, replace(ASKED, acts=("trained",)))
    assert [row[2] for row in only.tables[0].rows] == ["trained"]


def test_a_hand_over_that_failed_is_none_unless_it_was_acknowledged() -> None:
    asked = replace(ASKED, acts=("handed-over",))
    failed = (USED + 2, FailedDisclosure(disclosure="hand-1"))
    got = (
        USED + 3,
        AcknowledgedDisclosure(disclosure="hand-1", acknowledgement="0" * 64),
    )
    record = inmail("one", "ada")
    gone = answer(record, question=asked, says=[(USED + 1, handed()), failed])
    assert gone.answer == "not-used"
    out = answer(record, question=asked, says=[(USED + 1, handed()), failed, got])
    assert out.answer == "used"


def test_rows_that_were_taken_back_are_said_to_be_gone() -> None:
    again = MadeRelease(
        release="corpus", time=USED + DAY, files=[[inmail("dull", "dan")]], revision=2
    )
    report = answer(inmail("dull", "dan"), inmail("one", "ada"), gone=True, more=[again])
    assert report.answer == "cannot-be-told"
    (gap,) = [one for one in report.not_covered if one.kind == "rows-gone"]
    assert gap.records == 1
    whole = answer(inmail("dull", "dan"), inmail("dull-2", "dan"), gone=False, more=[again])
    assert whole.answer == "not-used"


def test_of_a_later_revision_every_row_was_in_the_earlier_one() -> None:
    again = MadeRelease(
        release="corpus", time=USED + DAY, files=[[inmail("one", "ada")]], revision=2
    )
    says = [(USED + 1, handed()), (USED + 2 * DAY, handed(2, "hand-2"))]
    made = evidence(
        inmail("one", "ada"), inmail("two", "ben"), gone=False, more=[again], says=says
    )
    report = answer_class(made, replace(ASKED, acts=("handed-over",)))
    assert [(row[3], row[10]) for row in report.tables[0].rows] == [
        ("hand-1", 2),
        ("hand-2", 1),
    ]
    assert {one["record"]: one["revision"] for one in report.items} == {"one": 2, "two": 1}
    assert {one["record"]: len(one["acts"]) for one in report.items} == {"one": 2, "two": 1}
    assert report.figures["records"] == 2
    gone = evidence(
        inmail("one", "ada"), inmail("two", "ben"), gone=True, more=[again], says=says
    )
    assert answer_class(gone, ASKED).figures["records"] == 1


def test_a_release_of_which_nothing_is_here_cannot_be_told() -> None:
    report = answer(inmail("one", "ada"), gone=True)
    assert report.answer == "cannot-be-told"
    (gap,) = [one for one in report.not_covered if one.kind == "not-shown"]
    assert gap.records == 1
    assert answer(inmail("one", "ada"), gone=True, recipient="parent").answer == "not-used"


@pytest.mark.parametrize("kind", ["private-facts", "erased", "unread"])
def test_of_whom_nothing_is_told_may_have_been_of_the_class(kind: str) -> None:
    gap = Gap(kind=kind, what="Something of members is not here.")
    record = inmail("one", "erased", "dan")
    report = answer(record, gaps=[gap])
    assert report.answer == "cannot-be-told"
    assert report.figures["records_not_told"] == 1
    assert answer(inmail("one", "dan", "cleo"), gaps=[gap]).answer == "not-used"
    # Where nothing is hidden of anybody, who is not told of is no member.
    assert answer(record).answer == "not-used"


def test_a_member_of_whom_an_entry_cannot_be_read_may_have_held_it() -> None:
    unread = fact("setting", "dan", 1, "off", setting=UNREADABLE)
    report = answer(inmail("one", "dan"), facts=[*FACTS, unread])
    assert report.answer == "cannot-be-told"
    assert answer(inmail("one", "cleo"), facts=[*FACTS, unread]).answer == "not-used"


@pytest.mark.parametrize(
    "record",
    [
        inmail("wider", "ada", category="message"),
        inmail("unknown", "ada", category="letter"),
        replace(inmail("none", "ada"), category=None),
        replace(inmail("timeless", "ada"), created_at=None),
    ],
    ids=lambda one: one.record_id,
)
def test_a_record_of_which_too_little_is_said_may_be_of_the_class(record: Record) -> None:
    report = answer(record)
    assert report.answer == "cannot-be-told"
    assert report.figures["records_not_told"] == 1
    assert answer(replace(record, author="dan")).answer == "not-used"


def test_rows_that_nothing_holds_to_the_log_prove_no_absence() -> None:
    made = evidence(inmail("one", "dan"))
    created = made.log.public[-1].entry
    about = Gap(kind="not-bound", what="These rows are not held.", entries=(created,))
    other = Gap(kind="not-bound", what="Others are not held.", entries=(0,))
    assert answer(inmail("one", "dan"), gaps=[about]).answer == "cannot-be-told"
    assert answer(inmail("one", "dan"), gaps=[other]).answer == "not-used"
    quotes = replace(about, what=f"{LOOSE} of a release that nothing holds")
    assert answer(inmail("one", "dan"), gaps=[quotes]).answer == "not-used"


def test_what_was_handed_over_instead_of_a_release_may_be_anything() -> None:
    asked = replace(ASKED, acts=("handed-over",))
    other = handed(root=bytes([1]) * 32)
    report = answer(inmail("one", "ada"), question=asked, says=[(USED + 1, other)])
    assert report.answer == "cannot-be-told"
    assert report.figures["records_not_told"] == 1
    (gap,) = [one for one in report.not_covered if one.kind == "not-bound"]
    assert "other files" in gap.what


def test_fewer_rows_than_the_entry_says_prove_no_absence() -> None:
    made = evidence(inmail("dull", "dan"), inmail("one", "ada"))
    (rows,) = made.made["corpus", 1]
    fewer = replace(made, made={("corpus", 1): (replace(rows, table=rows.table.slice(0, 1)),)})
    report = answer_class(fewer, ASKED)
    assert report.answer == "cannot-be-told"
    (gap,) = [one for one in report.not_covered if one.kind == "not-shown"]
    assert gap.records == 1


def test_rows_that_are_not_what_the_entry_says_are_no_rows() -> None:
    @dataclass(frozen=True, kw_only=True)
    class Changed(MadeEvidence):
        def rows(self, *_: Any, **__: Any) -> Any:
            raise VerificationError("changed", code="audit/rows-differ")

    made = evidence(inmail("one", "ada"))
    changed = Changed(**{one.name: getattr(made, one.name) for one in fields(made)})
    report = answer_class(changed, ASKED)
    assert report.answer == "cannot-be-told"
    (gap,) = [one for one in report.not_covered if one.kind == "not-bound"]
    assert "audit/rows-differ" in gap.what


def test_merged_accounts_are_one_person() -> None:
    merges = [fact("merged", "ada", 60, "ben"), fact("merged", "cleo", 61, "dan")]
    report = answer(inmail("one", "ada"), inmail("two", "ben"), facts=[*FACTS, *merges])
    assert report.figures["members"] == 2
    assert report.figures["people"] == 1
    assert report.figures["exposure"] == 1000


def test_records_and_members_count_once_however_often_they_are_used() -> None:
    other = MadeRelease(
        release="again", time=USED + DAY, files=[[inmail("one", "ada")]], recipient="lab"
    )
    report = answer(inmail("one", "ada"), more=[other])
    assert report.figures["records"] == report.figures["members"] == 1
    assert report.figures["acts_with_records"] == 2
    assert [one["release"] for one in report.items] == ["corpus", "again"]


def test_the_evidence_is_listed_up_to_a_number_and_the_rest_counted() -> None:
    made = evidence(*(inmail(f"r{number}", "ada") for number in range(7)))
    report = answer_class(made, ASKED, most=3)
    assert found(report) == ["r0", "r1", "r2"]
    assert report.figures["items_left_out"] == 4
    assert report.figures["records"] == 7


def test_what_nobody_logged_is_always_said() -> None:
    for report in (answer(inmail("one", "ada")), answer(inmail("one", "dan"))):
        assert [one.kind for one in report.not_covered].count("not-logged") == 1


def test_an_end_that_is_dated_back_after_a_use_takes_nothing_away() -> None:
    """[AUD-33] Who is said after the use to have ended it before may have held it."""
    made = MadeRelease(release="r", time=USED, files=[[inmail("r1", "ada")]], recipient="lab")
    held = [
        *joined("ada"),
        fact("recipient", None, -900, "lab", role="third-party"),
        fact("agreement", "ada", 0, "subscription"),
    ]
    ended = fact("agreement-ended", "ada", 1, "subscription")
    told = {"after": replace(ended, recorded_at=USED + DAY), "before": ended}
    answers = {
        when: answer_class(made_evidence(facts=[*held, one], releases=[made]), ASKED).answer
        for when, one in told.items()
    }
    assert answers == {"after": "cannot-be-told", "before": "not-used"}
