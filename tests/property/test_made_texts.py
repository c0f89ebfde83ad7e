# SPDX-License-Identifier: Apache-2.0
"""Whatever a member reads keeps what it is made of: nothing was put together past a template."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given

from privity.decide.analysis.changes import compare
from privity.decide.analysis.space import settled
from privity.decide.analysis.told import Told, ToldUses, tell
from privity.decide.explain import explain, for_member
from privity.decide.explain.causes import MemberCause
from privity.decide.explain.member import explain_member
from privity.decide.explain.show import by_recipients
from privity.decide.request import world
from privity.policy.parse import read_policies, version_from
from privity.policy.plain import Line, sections_of
from privity.policy.questions import questions_of
from privity.policy.versions import History, history
from privity.testing.vectors import Vector, read_vectors
from privity.testing.worlds import RandomWorld, facts_of, worlds
from privity.vocabulary.sentences import Country, Day, Listing, Sentence

ROOT = Path(__file__).resolve().parents[2]
CASES = [
    case
    for name in ("decide.json", "decide-more.json")
    for case in read_vectors(ROOT / "tests" / "vectors" / name)
]
EXAMPLES = sorted((ROOT / "examples" / "inmail-dispute").glob("*/policies"))


def is_made(text: str) -> bool:
    """Whether a text keeps what it is made of; where it is a list, each word does."""
    if isinstance(text, Listing):
        return all(is_made(word) or isinstance(word, Country | Day) for word in text.words)
    return isinstance(text, Sentence)


def of_causes(causes: tuple[MemberCause, ...]) -> Iterator[str]:
    for one in causes:
        yield one.text
        if one.member_remedy is not None:
            yield one.member_remedy


def of_lines(lines: tuple[Line, ...], ids: set[str]) -> Iterator[str]:
    for line in lines:
        if line.label and line.label not in ids:
            yield line.label
        yield from line.sentences


def of_policy(policy: History) -> Iterator[str]:
    for version in policy.versions:
        ids = {*version.agreements, *(rule.id for rule in version.forbid)}
        for section in sections_of(version, policy):
            yield section.heading
            yield from of_lines(section.lines, ids)
        for question in questions_of(version, policy):
            yield from filter(None, (question.about, question.asked))
            yield from of_lines(question.answer, ids)


def of_uses(uses: tuple[ToldUses, ...]) -> Iterator[str]:
    for one in uses:
        yield from (one.what, one.purposes, one.recipients)


def of_diff(told: Told) -> Iterator[str]:
    for change in (*told.opens, *told.closes):
        yield from of_uses(change.uses)
        yield from (change.who, *change.refused_with, *change.first)
        yield from filter(None, (change.made,))
    for burden in told.burdens:
        yield from of_uses(burden.uses)
        yield from (*burden.added, *burden.dropped)


def unmade(texts: Iterator[str]) -> list[str]:
    return [one for one in texts if not is_made(one)]


@pytest.mark.parametrize("case", CASES, ids=[one.id for one in CASES])
def test_causes_are_made_texts(case: Vector) -> None:
    for record in case.asked_for:
        found = explain(record, case.request, case.world)
        for party in found.parties:
            assert unmade(of_causes(for_member(found, party).causes)) == []


@given(worlds(records=12))
def test_what_is_said_of_random_worlds_is_made(found: RandomWorld) -> None:
    policy = history(version_from(one) for one in found.policies)
    assert unmade(of_policy(policy)) == []
    request = found.requests[0]
    believing = world(policy, facts_of(found.facts), request.known, found.records)
    for record in found.records:
        explained = explain(record, request, believing)
        for party in explained.parties:
            assert unmade(of_causes(for_member(explained, party).causes)) == []
    for member in list(believing.members)[:2]:
        view = explain_member(
            member, purpose=request.purpose, at=request.at, known=request.known, world=believing
        )
        for use in view.uses:
            for stretch in use.stretches:
                assert unmade(of_causes(stretch.causes)) == []
        assert unmade(who for who, _uses in by_recipients(view.uses)) == []


@pytest.mark.parametrize("folder", EXAMPLES, ids=[one.parent.name for one in EXAMPLES])
def test_what_versions_of_the_examples_say_and_change_is_made(folder: Path) -> None:
    policy = read_policies([folder])
    assert unmade(of_policy(policy)) == []
    for place in range(1, len(policy.versions)):
        old, new = (History(policy.versions[:end]) for end in (place, place + 1))
        at = settled(old, new)
        assert unmade(of_diff(tell(compare(old, new, at=at, known=at)))) == []


def test_texts_that_were_put_together_are_found() -> None:
    made = Sentence("no", {})
    assert unmade(iter((made, f"{made}!", made + "!"))) == ["no!", "no!"]
