# SPDX-License-Identifier: Apache-2.0
"""What is answered about a class is what a plain count of objects comes to, and hiding evidence hides no use ([AUD-37])."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import pytest
from hypothesis import given, strategies as st

from privity.audit import class_parties
from privity.audit.asked import SIDES, Period
from privity.audit.class_report import answer_class
from privity.audit.evidence import Gap
from privity.audit.question import ClassQuestion
from privity.audit.report import Report
from privity.decide.request import Record
from privity.entries.disclosure import HandedOver
from privity.entries.release import CreatedRelease, RevisedRelease
from privity.members.facts import Fact
from privity.members.timeline import timelines
from privity.testing.evidence import MadeEvidence, MadeRelease, made_evidence
from privity.testing.worlds import IdKind
from privity.vocabulary.terms import CATEGORIES

MEMBERS = tuple(range(1, 7))
ENTERED = 1_000
"""From here on releases are made; facts and records are older."""
ROLES = {"lab": "third-party", "parent": "affiliate"}
KINDS = ("agreement", "agreement", "agreement-ended", "merged", "joined")


@dataclass(frozen=True, kw_only=True)
class Told:
    facts: tuple[Fact, ...]
    releases: tuple[MadeRelease, ...]
    hand_overs: tuple[tuple[int, HandedOver], ...]
    ids: IdKind

    def evidence(self, **changed: Any) -> MadeEvidence:
        given = {"facts": self.facts, "releases": self.releases, "ids": self.ids, **changed}
        roots = {
            (one.says.release, one.says.revision): one.says.content.files_root
            for one in made_evidence(**given).log.public
            if isinstance(one.says, CreatedRelease | RevisedRelease)
        }
        says = [
            (time, replace(one, files_root=roots[one.release, one.revision]))
            for time, one in self.hand_overs
        ]
        return made_evidence(**given, says=says)


@st.composite
def worlds(draw: st.DrawFn) -> Told:
    ids: IdKind = draw(st.sampled_from(["string", "int"]))
    typed: Callable[[int], Any] = str if ids == "string" else int
    instants = st.integers(0, 40)

    def fact() -> Fact:
        kind, at = draw(st.sampled_from(KINDS)), draw(instants)
        whose = draw(st.sampled_from(MEMBERS))
        values = {
            "agreement": ["gold", "gold", "gold", "basic"],
            "agreement-ended": ["gold", "basic"],
            "merged": [str(one) for one in MEMBERS if one != whose],
            "joined": [""],
        }
        return Fact(
            member=typed(whose),
            fact=kind,
            value=draw(st.sampled_from(values[kind])),
            at=at,
            recorded_at=draw(st.integers(at, 60)),
        )

    def record(number: int) -> Record:
        people = st.none() | st.sampled_from(MEMBERS).map(typed)
        return Record(
            record_id=typed(number),
            category=draw(st.sampled_from(["inmail", "inmail", "post", "message", None])),
            created_at=draw(st.none() | instants),
            author=typed(draw(st.sampled_from(MEMBERS))),
            recipients=tuple(draw(st.lists(people, max_size=3))),
        )

    register = tuple(
        Fact(
            member=None, fact="recipient", value=one, at=0, recorded_at=0, detail={"role": role}
        )
        for one, role in ROLES.items()
    )
    records = [record(number) for number in range(draw(st.integers(1, 8)))]
    releases: list[MadeRelease] = []
    says = []
    for number in range(draw(st.integers(1, 3))):
        name, recipient = f"r{number}", draw(st.sampled_from(["lab", "lab", "parent"]))
        kept = [one for one in records if draw(st.integers(0, 3))]
        for revision in range(1, draw(st.integers(1, 2)) + 1):
            cut = draw(st.integers(0, len(kept)))
            kept = kept if revision == 1 else kept[cut:]
            releases.append(
                MadeRelease(
                    release=name,
                    time=ENTERED + 10 * number + revision,
                    files=[kept[:2], kept[2:]],
                    recipient=recipient,
                    purpose=draw(st.sampled_from(["genai-training"] * 3 + ["safety"])),
                    revision=revision,
                    gone=draw(st.booleans()),
                )
            )
            if draw(st.booleans()):
                said = HandedOver(
                    disclosure=f"h{number}-{revision}",
                    release=name,
                    revision=revision,
                    recipient=recipient,
                    files_root=bytes(32),
                    certificate="0" * 64,
                )
                says.append((ENTERED + 500 + revision, said))
    facts = (*register, *(fact() for _ in range(draw(st.integers(2, 14)))))
    return Told(facts=facts, releases=tuple(releases), hand_overs=tuple(says), ids=ids)


questions = st.builds(
    ClassQuestion,
    name=st.just("class"),
    title=st.just("A class"),
    agreement=st.sampled_from(["gold", "gold", "basic", None]),
    sides=st.sampled_from([SIDES, ("sender",), ("receiver",)]),
    categories=st.sampled_from([("inmail",), ("message", "post")]),
    made=st.sampled_from([Period(), Period(end=20), Period(start=10, end=30)]),
    purposes=st.just(("genai-training",)),
    roles=st.sampled_from([("third-party",), ("affiliate", "third-party")]),
    acts=st.sampled_from([("released", "handed-over", "trained"), ("handed-over",)]),
)


def plainly(told: Told, asked: ClassQuestion) -> tuple[set[Any], set[Any]]:
    """The records and the members of the class, from everything that was ever in a release."""
    lines = timelines(told.facts, ENTERED)
    first = {one.release: one for one in told.releases if one.revision == 1}
    used: list[MadeRelease] = []
    for one in told.releases:
        made = first[one.release]
        if made.purpose in asked.purposes and ROLES[made.recipient] in asked.roles:
            handed = {(says.release, says.revision) for _, says in told.hand_overs}
            if "released" in asked.acts or (one.release, one.revision) in handed:
                used.append(one)
    records, members = set(), set()
    for record in (row for one in used for file in one.files for row in file):
        if record.created_at is None or record.created_at not in asked.made:
            continue
        if not any(CATEGORIES.contains(one, str(record.category)) for one in asked.categories):
            continue
        sides = {
            "sender": [record.author],
            "receiver": record.recipients
            if CATEGORIES.overlaps("message", str(record.category))
            else (),
        }
        for member in (one for side in asked.sides for one in sides[side]):
            if member is None:
                continue
            line = lines.get(member)
            held = {} if line is None else line.at(record.created_at).agreements
            if asked.agreement is None or asked.agreement in {one.value for one in held}:
                records.add(record.record_id)
                members.add(member)
    return records, members


def shown(told: Told) -> Told:
    return replace(told, releases=tuple(replace(one, gone=False) for one in told.releases))


@given(worlds(), questions)
def test_the_counts_are_those_of_a_plain_count(told: Told, asked: ClassQuestion) -> None:
    told = shown(told)
    report = answer_class(told.evidence(), asked)
    records, members = plainly(told, asked)
    assert {one["record"] for one in report.items} == records
    assert {party["member"] for one in report.items for party in one["parties"]} == members
    assert report.figures["records"] == len(records)
    assert report.figures["members"] == len(members)
    assert (report.answer == "used") == bool(records)


@given(worlds(), questions)
def test_who_shows_less_makes_no_use_disappear(told: Told, asked: ClassQuestion) -> None:
    records, _ = plainly(told, asked)
    report = answer_class(told.evidence(), asked)
    assert {one["record"] for one in report.items} <= records
    if records:
        assert report.answer in {"used", "cannot-be-told"}


@given(worlds(), questions, st.sampled_from(MEMBERS))
def test_who_was_erased_may_have_been_of_the_class(
    told: Told, asked: ClassQuestion, erased: int
) -> None:
    told = shown(told)
    if not plainly(told, asked)[0]:
        return
    # The others are told of, so that they can be told from who is not.
    there = [
        Fact(member=one, fact="joined", at=0, recorded_at=0)
        for one in {fact.member for fact in told.facts} - {None}
    ]
    left = [one for one in (*told.facts, *there) if str(one.member) != str(erased)]
    gap = Gap(kind="erased", what="A member was erased.", members=1)
    report = answer_class(told.evidence(facts=left, gaps=[gap]), asked)
    assert report.answer in {"used", "cannot-be-told"}


@given(worlds(), questions)
def test_the_same_evidence_gives_the_same_report(told: Told, asked: ClassQuestion) -> None:
    def answer(threads: int) -> Report:
        return answer_class(told.evidence(), asked, threads=threads)

    few = answer(1)
    assert answer(3) == few
    with pytest.MonkeyPatch.context() as patch:
        # Where parties are too many to be asked for by name, what is told of everybody is read.
        patch.setattr(class_parties, "FEW", 0)
        assert answer(2) == few
