# SPDX-License-Identifier: Apache-2.0
"""What another rule or date would have changed, over logs made by hand."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pytest

from privity.audit.changes import ChangedEvidence, Changes
from privity.audit.evidence import Gap
from privity.audit.question import question_of
from privity.audit.report import Report
from privity.audit.whatif_answer import answer_whatif
from privity.canonical.instants import parse_instant
from privity.decide.request import Record
from privity.errors import InputError
from privity.members.facts import Fact
from privity.policy.parse import version_from
from privity.testing.evidence import MadeEvidence, MadeRelease, made_evidence
from privity.testing.plain import AT, NOTICE, POLICY, day, fact, policy, register, switch, told


def record(name: str, author: str = "a", category: str = "post", **keys: Any) -> Record:
    return Record(
        record_id=name,
        category=category,
        created_at=parse_instant("2025-02-01T12:00:00Z"),
        author=author,
        **keys,
    )


def without(member: str, *kinds: str) -> list[Fact]:
    return [one for one in told(member) if one.fact not in kinds]


def made(
    facts: Sequence[Fact], *records: Record, versions: Any = (POLICY,), **others: Any
) -> MadeEvidence:
    release = MadeRelease(release="corpus", time=AT, files=[records[:1], records[1:]], **others)
    return made_evidence(versions=versions, facts=[*register(), *facts], releases=[release])


def compared(report: Report) -> tuple[int, int, int, int]:
    """Refused, would be refused, permitted instead, refused instead."""
    names = (
        "refused",
        "would_be_refused",
        "would_be_permitted_instead",
        "would_be_refused_instead",
    )
    return tuple(int(report.figures[name] or 0) for name in names)  # type: ignore[return-value]  # there are four names


CLASS = {
    "class": "everybody",
    "title": "Everybody",
    "members": {"sides": ["sender", "receiver"]},
    "records": {"categories": ["content"]},
    "use": {"purposes": ["genai-training"], "recipients": ["controller", "third-party"]},
    "exposure": {"sum": 1000, "currency": "USD"},
}


def test_a_longer_list_refuses_what_was_permitted() -> None:
    """[AUD-121] Had the place been exempt."""
    evidence = made([*told("a"), *without("b", "jurisdiction")], record("p"), record("q", "b"))
    report = answer_whatif(evidence, Changes(exempt=("US",)))
    assert report.answer == "compared"
    # b is refused either way: nobody knows where b lives.
    assert compared(report) == (1, 2, 0, 1)
    (item,) = report.items
    assert (item["record"], item["reasons"], item["would_be"]) == (
        "p",
        [],
        ["jurisdiction-exempt"],
    )
    assert report.tables[0].rows == (
        ("jurisdiction-exempt", 0, 1, 1),
        ("unknown-jurisdiction", 1, 1, 0),
    )


def test_a_notice_that_came_permits_what_was_refused() -> None:
    """[AUD-122] Had it reached everybody; the objection window still runs from it."""
    evidence = made(without("a", "notice"), record("p"))
    early = Changes(notices=((NOTICE, day("2024-09-20")),))
    assert compared(answer_whatif(evidence, early)) == (1, 0, 1, 0)
    late = Changes(notices=((NOTICE, day("2025-01-15")),))
    report = answer_whatif(evidence, late)
    assert compared(report) == (1, 1, 0, 0)
    assert [row[0] for row in report.tables[0].rows] == ["before-notice", "no-notice"]


def test_a_notice_that_came_later_takes_back() -> None:
    """[AUD-122] No real delivery of it counts then."""
    evidence = made(told("a"), record("p"))
    late = Changes(notices=((NOTICE, day("2025-05-20")),))
    assert compared(answer_whatif(evidence, late)) == (0, 1, 0, 1)


def test_a_notice_reaches_who_joined_later_on_joining() -> None:
    """[AUD-122] Not before."""
    facts = [fact("joined", "2025-01-20", member="a"), *without("a", "joined", "notice")]
    evidence = made(facts, record("p"))
    report = answer_whatif(evidence, Changes(notices=((NOTICE, day("2024-09-20")),)))
    # Thirty days from joining are not over when it was made.
    assert [row[:3] for row in report.tables[0].rows] == [
        ("before-notice", 0, 1),
        ("no-notice", 1, 0),
    ]


def test_a_setting_without_the_notice_would_have_had_it() -> None:
    """[AUD-122] Had it come with the setting, as in the dispute: a switch in August, a notice in September."""
    silent = policy(
        version="2024-08-15",
        published_at="2024-08-15T00:00:00Z",
        effective_at="2024-08-15T00:00:00Z",
        settings=switch(notice=None)
        and {
            name: {key: one for key, one in setting.items() if key != "notice"}
            for name, setting in switch().items()
        },
        notices=None,
    )
    moment = {"time": day("2024-10-10"), "at": day("2024-10-10")}
    post = Record(record_id="p", category="post", created_at=day("2024-10-01"), author="a")
    release = MadeRelease(release="corpus", files=[[post]], **moment)  # type: ignore[arg-type]  # both instants
    evidence = made_evidence(
        versions=[silent, POLICY],
        facts=[*register(), *without("a", "notice")],
        releases=[release],
    )
    # Told in September, thirty days are not over in October; told in August they are.
    september = Changes(notices=((NOTICE, day("2024-09-18")),))
    assert compared(answer_whatif(evidence, september)) == (1, 1, 0, 0)
    august = Changes(notices=((NOTICE, day("2024-08-15")),))
    assert compared(answer_whatif(evidence, august)) == (1, 0, 1, 0)


def test_other_policies_stand_in_place_of_those_there_were() -> None:
    """[AUD-120] Each published when it says."""
    evidence = made(told("a"), record("p"))
    forbids = policy(forbid=[{"id": "no-posts", "categories": ["post"]}])
    report = answer_whatif(evidence, Changes(versions=(version_from(forbids),)))
    assert compared(report) == (0, 1, 0, 1)
    later = policy(published_at="2025-07-01T00:00:00Z")
    report = answer_whatif(evidence, Changes(versions=(version_from(later),)))
    assert report.tables[0].rows == (("no-policy", 0, 1, 1),)


def test_another_instant_is_asked_as_it_is_known_then() -> None:
    """[AUD-123] An earlier one as at the use, a later one with what came after."""
    evidence = made_evidence(
        versions=[POLICY],
        facts=[*register(), *told("a"), fact("closed", "2025-07-01", member="a")],
        releases=[MadeRelease(release="corpus", time=AT, files=[[record("p")]])],
        says=[],
    )
    early = Changes(at=day("2025-01-15"))
    assert [row[0] for row in answer_whatif(evidence, early).tables[0].rows] == ["bad-time"]
    assert compared(answer_whatif(evidence, Changes(at=day("2025-06-15")))) == (0, 0, 0, 0)
    late = answer_whatif(evidence, Changes(at=day("2025-08-01")))
    assert [row[0] for row in late.tables[0].rows] == ["account-closed"]


def test_the_sum_is_asked_for_the_people_whose_records_are_refused() -> None:
    """[AUD-124] For what was used, for what is refused, and for what would be."""
    people = [*told("a"), *without("b", "notice"), *told("c")]
    evidence = made(people, record("p"), record("q", "b"), record("r", "c"))
    report = answer_whatif(
        evidence, Changes(exempt=("US",)), question=question_of(CLASS, file="q")
    )
    named = ("exposure_used", "exposure_refused", "exposure_would_be", "people_used")
    assert [report.figures[name] for name in named] == [3000, 1000, 3000, 3]
    assert compared(report) == (1, 3, 0, 2)


def test_only_rows_of_the_class_are_decided() -> None:
    """[AUD-120] Over files, by their places."""
    evidence = made(
        [*told("a"), *told("b")], record("p"), record("q", "b", "article"), record("r", "b")
    )
    posts = {**CLASS, "records": {"categories": ["article"]}}
    report = answer_whatif(
        evidence, Changes(exempt=("US",)), question=question_of(posts, file="q")
    )
    assert compared(report) == (0, 1, 0, 1)
    assert report.items[0]["record"] == "q"
    assert report.figures["decisions"] == 1


def test_what_was_used_for_others_is_not_asked() -> None:
    """[AUD-120] The question says for whom."""
    evidence = made(told("a"), record("p"))
    others = {**CLASS, "use": {**CLASS["use"], "recipients": ["third-party"]}}  # type: ignore[dict-item]  # a mapping
    report = answer_whatif(
        evidence, Changes(exempt=("US",)), question=question_of(others, file="q")
    )
    assert (report.figures["uses"], report.figures["decisions"]) == (0, 0)


def test_of_who_is_not_told_of_nothing_is_compared() -> None:
    """[AUD-125] It is said, where facts may be missing."""
    release = MadeRelease(release="corpus", time=AT, files=[[record("p")]])
    evidence = made_evidence(
        versions=[POLICY],
        facts=register(),
        releases=[release],
        gaps=[Gap(kind="private-facts", what="Some are not here.")],
    )
    report = answer_whatif(evidence, Changes(exempt=("US",)))
    assert compared(report) == (0, 0, 0, 0)
    assert [one.kind for one in report.not_covered] == [
        "private-facts",
        "private-facts",
        "not-logged",
    ]


def test_rows_that_are_not_here_are_not_decided() -> None:
    """[AUD-125] It is said."""
    report = answer_whatif(made(told("a"), record("p"), gone=True), Changes(exempt=("US",)))
    assert compared(report) == (0, 0, 0, 0)
    assert "not-shown" in {one.kind for one in report.not_covered}


@pytest.mark.parametrize(
    "keys",
    [{}, {"notices": ((NOTICE, 1), (NOTICE, 2))}],
)
def test_what_would_be_otherwise_must_be_said_once(keys: Any) -> None:
    """[AUD-120] Nothing, or two things at once, is no question."""
    with pytest.raises(InputError) as caught:
        Changes(**keys)
    assert caught.value.code == "audit/whatif"


def test_a_notice_must_be_one() -> None:
    """[AUD-122] The nearest is named."""
    with pytest.raises(InputError) as caught:
        ChangedEvidence(made(told("a"), record("p")), Changes(notices=(("genai-2024", 1),)))
    assert caught.value.code == "audit/unknown-notice"
    assert caught.value.hint == f"did you mean `{NOTICE}`?"


def test_evidence_that_is_not_otherwise_is_the_same() -> None:
    """[AUD-120] What is not changed is as it was: members, rows, gaps."""
    evidence = made(told("a"), record("p"))
    changed = ChangedEvidence(evidence, Changes(at=AT))
    assert list(changed.told(None, 99)) == list(evidence.told(None, 99))
    assert changed.given({"a"}, 99) == evidence.given({"a"}, 99)
    assert changed.revisions("corpus") == (1,)
    assert len(list(changed.rows("corpus", 1))) == 2


def test_the_same_evidence_gives_the_same_report() -> None:
    """[AUD-126] To the byte."""
    reports = [
        answer_whatif(made(told("a"), record("p"), record("q")), Changes(exempt=("US",)))
        for _ in range(2)
    ]
    assert reports[0] == reports[1]
