# SPDX-License-Identifier: Apache-2.0
"""Whether a statement holds, fails or cannot be told, over logs made by hand."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import pytest

from privity.audit.evidence import UNREADABLE, Gap
from privity.audit.report import Report
from privity.audit.statement import statement_of
from privity.audit.statement_answer import answer_statement
from privity.canonical.instants import parse_instant
from privity.decide.request import Record
from privity.entries.claims import Claim
from privity.entries.clearing import CommittedClearing, Inputs
from privity.entries.disclosure import AcknowledgedDisclosure, FailedDisclosure, HandedOver
from privity.entries.kinds import PublicKind
from privity.entries.release import CreatedRelease
from privity.entries.run import RunEnd, RunStart
from privity.members.facts import Fact
from privity.testing.evidence import MadeEvidence, MadeRelease, made_evidence

NOON = parse_instant("2025-01-01T12:00:00Z")
DAY = 86_400
SHA = "0" * 64


def fact(
    name: str,
    member: str | None = "ada",
    day: float = 0,
    value: str = "",
    *,
    told: float | None = None,
    **detail: str,
) -> Fact:
    at = NOON + int(day * DAY)
    late = at if told is None else NOON + int(told * DAY)
    return Fact(member=member, fact=name, at=at, recorded_at=late, value=value, detail=detail)


def lives(member: str, *places: tuple[float, str]) -> list[Fact]:
    return [
        fact("joined", member),
        *(fact("jurisdiction", member, day, code) for day, code in places),
    ]


def record(
    name: str,
    category: str | None = "post",
    day: float | None = 1,
    author: str | None = "ada",
    to: Iterable[str | None] = (),
) -> Record:
    return Record(
        record_id=name,
        category=category,
        created_at=None if day is None else NOON + int(day * DAY),
        author=author,
        recipients=tuple(to),
    )


LAB = [
    fact("recipient", None, 0, "lab", role="third-party"),
    fact("recipient", None, 0, "parent", role="affiliate"),
]


def release(name: str, day: float, *records: Record, **others: Any) -> MadeRelease:
    options: dict[str, Any] = {"recipient": "lab", **others}
    return MadeRelease(release=name, time=NOON + int(day * DAY), files=[records], **options)


def given_to(
    name: str, release: MadeRelease, day: float, recipient: str = "lab", root: bytes = b""
) -> tuple[int, PublicKind]:
    """Hand a release over: its own files, unless others are named."""
    (entry,) = [
        one.says
        for one in made((), [release]).log.public
        if isinstance(one.says, CreatedRelease)
    ]
    says = HandedOver(
        disclosure=name,
        release=entry.release,
        revision=1,
        recipient=recipient,
        files_root=root or entry.content.files_root,
        certificate=SHA,
    )
    return NOON + int(day * DAY), says


def made(
    facts: Sequence[Fact] = (), releases: Sequence[MadeRelease] = (), **others: Any
) -> MadeEvidence:
    return made_evidence(facts=[*LAB, *facts], releases=releases, **others)


def ask(
    evidence: MadeEvidence,
    members: dict[str, Any] | None = None,
    records: dict[str, Any] | None = None,
    **use: Any,
) -> Report:
    never = {"members": members, "records": records, "use": use}
    plain = {
        "statement": "s",
        "says": "We never did.",
        "never": {key: one for key, one in never.items() if one},
    }
    return answer_statement(evidence, statement_of(plain, file="s"))


PRIVATE = {"categories": ["private-message"]}


def test_nothing_done_is_ruled_out() -> None:
    """[AUD-108] Where no act is, every statement holds, as far as the log goes."""
    report = ask(made(lives("ada", (0, "FR"))))
    assert report.answer == "holds"
    assert "0 such acts" in report.summary[0]


def test_what_was_released_contradicts_that_nothing_was() -> None:
    """[AUD-105] A counter-example is named with its file, row, record and whose it is."""
    evidence = made(lives("ada", (0, "FR")), [release("corpus", 5, record("p"))])
    report = ask(evidence)
    assert report.answer == "fails"
    found, read = report.items
    assert (found["release"], found["row"], found["record"]) == ("corpus", 0, "p")
    assert found["entries"] == [evidence.log.public[-1].entry]
    assert found["parties"] == [{"member": "ada", "side": "sender", "entries": []}]
    assert read["kind"] == "read"


def test_other_categories_do_not_contradict() -> None:
    """[AUD-104] Each act is shown with why it is ruled out."""
    report = ask(made((), [release("corpus", 5, record("p"))]), records=PRIVATE)
    assert report.answer == "holds"
    assert report.tables[0].rows[0][-2:] == ("no", "none of its records is a counter-example")


@pytest.mark.parametrize("category", [None, "message", "content", "a-later-word"])
def test_a_wider_or_unknown_category_may_be_meant(category: str | None) -> None:
    """[AUD-104] What is filed as a message may be a private one."""
    report = ask(made((), [release("corpus", 5, record("p", category))]), records=PRIVATE)
    assert report.answer == "cannot-be-told"
    assert report.figures["records_not_told"] == 1
    assert report.items[0]["kind"] == "not-told"


def test_when_a_record_was_made_counts() -> None:
    """[AUD-104] And of a record without an instant it may be any."""
    before = {"before": "2025-01-03T12:00:00Z"}
    for day, answer in ((1, "fails"), (2, "holds"), (None, "cannot-be-told")):
        evidence = made((), [release("corpus", 5, record("p", day=day))])
        assert ask(evidence, records=before).answer == answer


def test_another_recipient_is_ruled_out_without_rows() -> None:
    """[AUD-103] Its role at that time; rows need not be shown."""
    gone = release("corpus", 5, record("p"), recipient="parent", gone=True)
    assert ask(made((), [gone]), recipients=["third-party"]).answer == "holds"
    assert ask(made((), [gone]), recipients=["affiliate"]).answer == "cannot-be-told"
    assert ask(made((), [gone]), recipients=["controller"]).answer == "holds"


def test_a_recipient_without_a_role_may_have_any() -> None:
    """[AUD-103] So may one with two at one instant."""
    some = release("corpus", 5, record("p"), recipient="somebody")
    report = ask(made((), [some]), recipients=["third-party"])
    assert report.answer == "cannot-be-told"
    assert "what its recipient was" in str(report.tables[0].rows[0][-1])


def test_a_role_that_was_changed_later_for_then_does_not_clear() -> None:
    """[AUD-109] By what was known then it was a third party, and no later entry takes that away."""
    changed = fact("recipient", None, 4, "lab", told=9, role="processor")
    evidence = made([changed], [release("corpus", 5, record("p"))])
    assert ask(evidence, recipients=["third-party"]).answer == "cannot-be-told"
    assert ask(evidence, recipients=["processor"]).answer == "fails"


def test_a_wider_purpose_may_be_meant() -> None:
    """[AUD-103] Training of any models may be training of generative ones; for safety it is not."""
    for purpose, answer in (
        ("genai-training", "fails"),
        ("model-training", "cannot-be-told"),
        ("safety", "holds"),
        ("a-later-word", "cannot-be-told"),
    ):
        evidence = made((), [release("corpus", 5, record("p"), purpose=purpose)])
        assert ask(evidence, purposes=["genai-training"]).answer == answer


def test_acts_are_told_apart() -> None:
    """[AUD-103] Released is not handed over, and what failed was not either, unless it was acknowledged."""
    rel = release("corpus", 5, record("p"))
    given = given_to("d", rel, 6)
    failed = (NOON + 7 * DAY, FailedDisclosure(disclosure="d"))
    taken = (NOON + 8 * DAY, AcknowledgedDisclosure(disclosure="d", acknowledgement=SHA))
    for says, answer in (
        ([], "holds"),
        ([given], "fails"),
        ([given, failed], "holds"),
        ([given, failed, taken], "fails"),
    ):
        assert ask(made((), [rel], says=says), acts=["handed-over"]).answer == answer
    assert ask(made((), [rel]), acts=["released"]).answer == "fails"


def test_a_run_counts_as_long_as_it_goes_on() -> None:
    """[AUD-103] One that began before a period and ended in it trained in it."""
    start = RunStart(
        run="r",
        recipient="lab",
        releases=(("corpus", 1),),
        ledger_size=3,
        code=SHA,
        config=SHA,
    )
    end = RunEnd(run="r", how="completed", batches=1, batches_root=bytes(32))
    rel = release("corpus", 5, record("p"))
    says = [(NOON + 6 * DAY, start), (NOON + 9 * DAY, end), given_to("d", rel, 12)]
    evidence = made((), [rel], says=says)
    for since, answer in (("2025-01-09", "fails"), ("2025-01-11", "holds")):
        use: dict[str, Any] = {"acts": ["trained"], "from": f"{since}T12:00:00Z"}
        assert ask(evidence, **use).answer == answer


def test_a_run_that_has_not_ended_may_go_on() -> None:
    """[AUD-103] It trained when it began; later it may have."""
    start = RunStart(
        run="r",
        recipient="lab",
        releases=(("corpus", 1),),
        ledger_size=3,
        code=SHA,
        config=SHA,
    )
    says = [(NOON + 6 * DAY, start), given_to("d", release("corpus", 5, record("p")), 12)]
    evidence = made((), [release("corpus", 5, record("p"))], says=says)
    for since, answer in (("2025-01-07", "fails"), ("2025-01-11", "cannot-be-told")):
        use: dict[str, Any] = {"acts": ["trained"], "from": f"{since}T00:00:00Z"}
        assert ask(evidence, **use).answer == answer


def test_a_time_that_the_log_does_not_speak_of_cannot_be_told() -> None:
    """[AUD-106] Before its first entry, and after its last; the time between can be."""
    evidence = made((), [release("corpus", 5, record("p"))])
    outside: list[dict[str, Any]] = [
        {"from": "2024-01-01T00:00:00Z"},
        {"before": "2026-01-01T00:00:00Z"},
        {"from": "2025-06-01T00:00:00Z"},
        {"before": "2024-06-01T00:00:00Z"},
    ]
    for use in outside:
        assert ask(evidence, records=PRIVATE, **use).answer == "cannot-be-told"
    report = ask(evidence, records=PRIVATE, before="2025-01-03T00:00:00Z")
    assert report.answer == "holds"
    assert report.tables[0].rows[0][-1] == "not in the time that the statement speaks of"


@pytest.mark.parametrize("gone", [True, False])
def test_rows_that_are_not_here_cannot_be_ruled_out(*, gone: bool) -> None:
    """[AUD-107] Deleted, or not shown; a release without records is ruled out all the same."""
    first = release("corpus", 5, record("p"), gone=True)
    later = [release("corpus", 6, revision=2)] if gone else []
    report = ask(made((), [first, *later]), records=PRIVATE)
    assert report.answer == "cannot-be-told"
    assert [one.kind for one in report.not_covered] == [
        "rows-gone" if gone else "not-shown",
        "not-logged",
    ]
    assert ask(made((), [release("corpus", 5, gone=True)])).answer == "holds"


def test_what_a_later_revision_still_has_the_earlier_one_had() -> None:
    """[AUD-107] Of what was deleted it cannot be told; what is left speaks for both."""
    first = release("corpus", 5, record("p"), record("q"), gone=True)
    later = release("corpus", 7, record("q", "inmail"), revision=2)
    says = [given_to("d", first, 6)]
    evidence = made((), [first, later], says=says)
    report = ask(evidence, records=PRIVATE, acts=["handed-over"])
    assert report.answer == "fails"
    assert report.items[0]["revision"] == 2
    # One of its two rows is gone.
    assert [one.records for one in report.not_covered if one.kind == "rows-gone"] == [1]
    assert "were deleted" in str(report.tables[0].rows[0][-1])
    plain = {"categories": ["article"]}
    assert ask(evidence, records=plain, acts=["handed-over"]).answer == "cannot-be-told"


def test_other_files_than_the_release_has_may_be_anything() -> None:
    """[AUD-107] A hand-over names the files that went out; that of the release itself is ruled out."""
    rel = release("corpus", 5, record("p"))
    evidence = made((), [rel], says=[given_to("d", rel, 6, root=bytes(32))])
    report = ask(evidence, records=PRIVATE)
    assert report.answer == "cannot-be-told"
    assert [row[-2] for row in report.tables[0].rows] == ["no", "cannot be told"]
    assert "other files" in str(report.tables[0].rows[1][-1])
    # Not even that it has no records is believed then.
    empty = release("corpus", 5, gone=True)
    evidence = made((), [empty], says=[given_to("d", empty, 6, root=bytes(32))])
    assert ask(evidence, acts=["handed-over"]).answer == "cannot-be-told"


def test_a_name_that_is_given_twice_hides_nothing() -> None:
    """[AUD-107] Neither a release for another purpose, nor a hand-over that failed, nor a run that ended."""
    safe = release("corpus", 5, record("p"), purpose="safety", recipient="parent")
    other = release("corpus", 6, record("q", "inmail"))
    evidence = made((), [safe, other])
    assert ask(evidence, recipients=["third-party"]).answer == "cannot-be-told"
    rel = release("corpus", 5, record("p"))
    failed = (NOON + 8 * DAY, FailedDisclosure(disclosure="d"))
    says = [given_to("d", rel, 6), given_to("d", rel, 7), failed]
    assert ask(made((), [rel], says=says), acts=["handed-over"]).answer == "fails"
    early = (NOON + int(5.5 * DAY), FailedDisclosure(disclosure="d"))
    says = [early, given_to("d", rel, 6)]
    assert ask(made((), [rel], says=says), acts=["handed-over"]).answer == "fails"


def test_a_release_that_no_entry_made_cannot_be_ruled_out() -> None:
    """[AUD-107] What was handed over may have been anything."""
    evidence = made(says=[given_to("d", release("other", 5, record("p")), 6)])
    assert ask(evidence, records=PRIVATE).answer == "cannot-be-told"


def test_a_set_without_a_release_is_said_to_be_unlogged() -> None:
    """[AUD-110] What became of it no entry says; it is no act, and it is not passed over."""
    says = CommittedClearing(
        clearing="c",
        purpose="genai-training",
        recipient="lab",
        at=NOON,
        ledger_size=1,
        inputs=Inputs.of([SHA]),
        records=1,
        permitted=1,
        manifest=SHA,
    )
    evidence = made(says=[(NOON + DAY, says)])
    report = ask(evidence)
    assert report.answer == "holds"
    assert [one.kind for one in report.not_covered] == ["not-logged", "not-logged"]
    assert report.not_covered[-1].entries == (evidence.entry_of(says),)


# Members

EU = {"in": ["EU"]}


def test_members_in_a_place_when_it_was_made_or_used() -> None:
    """[AUD-104] Either instant is enough, unless one is named."""
    moved = lives("ada", (0, "FR"), (3, "US"))
    rel = release("corpus", 5, record("p"))
    assert ask(made(moved, [rel]), EU).answer == "fails"
    assert ask(made(moved, [rel]), {**EU, "when": ["used"]}).answer == "holds"
    came = lives("ada", (0, "US"), (3, "FR"))
    assert ask(made(came, [rel]), EU).answer == "fails"
    assert ask(made(came, [rel]), {**EU, "when": ["made"]}).answer == "holds"


def test_the_entries_that_place_a_member_are_named() -> None:
    """[AUD-105] So that others can open them."""
    evidence = made(lives("ada", (0, "FR")), [release("corpus", 5, record("p"))])
    (found, _) = ask(evidence, EU).items
    told = [one.entry for one in evidence.told(["ada"], 99) if one.fact.fact == "jurisdiction"]
    assert found["parties"] == [{"member": "ada", "side": "sender", "entries": told}]


def test_one_party_must_be_all_that_is_asked() -> None:
    """[AUD-104] In the EU and paying, at one instant; not one of each."""
    ada = [*lives("ada", (0, "FR")), fact("agreement", "ada", 2, "subscription")]
    bob = [*lives("bob", (0, "US")), fact("agreement", "bob", 0, "subscription")]
    asked = {**EU, "agreement": "subscription"}
    mail = record("p", "inmail", author="ada", to=["bob"])
    rel = release("corpus", 5, mail)
    assert ask(made([*ada, *bob], [rel]), {**asked, "when": ["made"]}).answer == "holds"
    assert ask(made([*ada, *bob], [rel]), asked).answer == "fails"
    assert ask(made([*ada, *bob], [rel]), {**asked, "sides": ["receiver"]}).answer == "holds"


def test_readers_of_what_is_public_are_no_parties() -> None:
    """[AUD-104] Of a message its addressees are."""
    facts = [*lives("ada", (0, "US")), *lives("bob", (0, "FR"))]
    for category, answer in (
        ("post", "holds"),
        ("inmail", "fails"),
        ("group-message", "holds"),
    ):
        rel = release("corpus", 5, record("p", category, to=["bob"]))
        assert ask(made(facts, [rel]), EU).answer == answer


@pytest.mark.parametrize("author", [None, "", "eve"])
def test_who_is_not_told_of_may_be_anybody(author: str | None) -> None:
    """[AUD-107] An empty place, or somebody of whom no entry tells."""
    rows = [record("p", author=author), record("q")]
    evidence = made(lives("ada", (0, "US")), [release("corpus", 5, *rows)])
    report = ask(evidence, EU)
    assert report.answer == "cannot-be-told"
    assert report.figures["records_not_told"] == 1
    assert ask(evidence, EU, records=PRIVATE).answer == "holds"


def test_a_member_without_a_place_may_be_anywhere() -> None:
    """[AUD-107] Even where everything is told."""
    evidence = made(lives("ada"), [release("corpus", 5, record("p"))])
    assert ask(evidence, EU).answer == "cannot-be-told"


def test_who_joined_later_was_no_member_then() -> None:
    """[AUD-104] Nobody is in a place before joining."""
    evidence = made(
        [fact("joined", "ada", 4), fact("jurisdiction", "ada", 4, "FR")],
        [release("corpus", 5, record("p"))],
    )
    assert ask(evidence, {**EU, "when": ["made"]}).answer == "holds"
    assert ask(evidence, {**EU, "when": ["used"]}).answer == "fails"


def test_a_place_that_was_changed_later_for_then_does_not_clear() -> None:
    """[AUD-109] A move that was entered after the use, and dated before it."""
    moved = fact("jurisdiction", "ada", 0.5, "US", told=9)
    evidence = made([*lives("ada", (0, "FR")), moved], [release("corpus", 5, record("p"))])
    assert ask(evidence, EU).answer == "cannot-be-told"


def test_a_place_that_was_told_later_counts() -> None:
    """[AUD-109] What is entered later may show more."""
    moved = fact("jurisdiction", "ada", 0.5, "FR", told=9)
    evidence = made([*lives("ada", (0, "US")), moved], [release("corpus", 5, record("p"))])
    assert ask(evidence, EU).answer == "fails"


def test_what_somebody_claims_counts_by_its_claimed_time() -> None:
    """[AUD-109] A statement is about what was, not about what a gate could rely on."""
    claims = [
        Claim(fact=one, entered=NOON + 4 * DAY, by="network") for one in lives("ada", (0, "FR"))
    ]
    for attested in ("accept", "restrict"):
        evidence = made(
            (), [release("corpus", 5, record("p"))], claims=claims, attested=attested
        )
        assert ask(evidence, {**EU, "when": ["made"]}).answer == "fails"


def test_facts_that_may_be_missing_leave_nobody_certain() -> None:
    """[AUD-107] Neither in nor out; what does not rest on members is certain still."""
    facts = [*lives("ada", (0, "FR")), *lives("bob", (0, "US"))]
    rel = release("corpus", 5, record("p"), record("q", author="bob"))
    evidence = made(facts, [rel], gaps=[Gap(kind="private-facts", what="Some are not here.")])
    report = ask(evidence, EU)
    assert report.answer == "cannot-be-told"
    assert report.figures["records_not_told"] == 2
    assert ask(evidence).answer == "fails"


def test_an_entry_that_cannot_be_read_leaves_its_member_uncertain() -> None:
    """[AUD-107] And no other."""
    hidden = fact("setting", "ada", 1, "off", setting=UNREADABLE)
    facts = [*lives("ada", (0, "US")), hidden, *lives("bob", (0, "US"))]
    one = made(facts, [release("corpus", 5, record("p"))])
    assert ask(one, EU).answer == "cannot-be-told"
    other = made(facts, [release("corpus", 5, record("p", author="bob"))])
    assert ask(other, EU).answer == "holds"


def test_the_same_evidence_gives_the_same_report() -> None:
    """[AUD-111] To the byte, with whole numbers for ids too."""
    facts = lives("ada", (0, "FR"))
    reports = [
        ask(made(facts, [release("corpus", 5, record("p"), record("q"))]), EU) for _ in range(2)
    ]
    assert reports[0] == reports[1]
    assert reports[0].figures["records_against"] == 2


@pytest.mark.parametrize("gone", [True, False])
def test_a_record_counts_once_however_often_it_was_used(*, gone: bool) -> None:
    """[AUD-105], [AUD-111] In each revision, whose rows are read where they are, and in another release."""
    first = release("corpus", 5, record("p"), record("q", "inmail"), gone=gone)
    later = release("corpus", 7, record("q", "inmail"), revision=2)
    again = release("other", 8, record("q", "inmail"), record("r", "inmail", author="bob"))
    says = [given_to("d", first, 6)]
    report = ask(made((), [first, later, again], says=says), records=PRIVATE)
    assert report.answer == "fails"
    assert (report.figures["records_against"], report.figures["members"]) == (2, 2)
    assert "by 2 records of 2 members, in 4 acts" in report.summary[1]
    (counted,) = (one for one in report.tables if one.title == "Counter-examples by category")
    assert counted.rows == (("inmail", 2),)
    # A row is named once, with all that was done with it.
    places = [
        (one["release"], one["revision"], one["file"], one["row"])
        for one in report.items
        if one["kind"] == "against"
    ]
    assert len(places) == len({*places}) == (3 if gone else 4)
    named = {
        one for item in report.items if item["kind"] == "against" for one in item["entries"]
    }
    assert len(named) == 4
