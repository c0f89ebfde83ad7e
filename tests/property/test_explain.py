# SPDX-License-Identifier: Apache-2.0
"""Explanations say what was decided: on every vector, and on random worlds."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given

from privity.canonical.encode import encode
from privity.canonical.instants import Instant
from privity.decide.case import make_case
from privity.decide.explain import explain, for_member
from privity.decide.explain.member import MemberView, Use, explain_member, leaves, registered
from privity.decide.explain.show import (
    explanation_lines,
    explanation_mapping,
    member_lines,
    member_mapping,
    view_lines,
    view_mapping,
)
from privity.decide.one import decide, party_reasons, record_reasons
from privity.decide.request import Record, Request, World, world
from privity.members.facts import MemberId
from privity.members.timeline import Timeline
from privity.policy.parse import version_from
from privity.policy.versions import history
from privity.testing.vectors import Vector, read_vectors
from privity.testing.worlds import RandomWorld, facts_of, worlds
from privity.vocabulary.reasons import ANOTHER_PARTY
from privity.vocabulary.terms import CATEGORIES

FOLDER = Path(__file__).resolve().parents[1] / "vectors"
CASES = [
    case for name in ("decide.json", "decide-more.json") for case in read_vectors(FOLDER / name)
]

# What of a record's reasons depends neither on its parties nor on the record itself.
OF_THE_REQUEST = frozenset(
    {"unknown-purpose", "unknown-recipient", "no-policy", "no-ground", "forbidden"}
)


def believed(found: RandomWorld, request: Request) -> World:
    policy = history(version_from(one) for one in found.policies)
    return world(policy, facts_of(found.facts), request.known, found.records)


@pytest.mark.parametrize("case", CASES, ids=[one.id for one in CASES])
def test_the_causes_of_a_vector_are_its_reasons(case: Vector) -> None:
    for record in case.asked_for:
        found = explain(record, case.request, case.world)
        assert found.decision == decide(record, case.request, case.world)
        assert {one.reason for one in found.causes} == set(found.decision.reasons)


@given(worlds(records=40))
def test_the_causes_of_a_record_are_its_reasons(found: RandomWorld) -> None:
    for request in found.requests:
        believing = believed(found, request)
        for record in found.records:
            explained = explain(record, request, believing)
            reasons = decide(record, request, believing).reasons
            assert {one.reason for one in explained.causes} == set(reasons)


@given(worlds(records=40, ids="string"))
def test_a_remedy_names_nobody_so_that_it_can_be_counted(found: RandomWorld) -> None:
    request = found.requests[0]
    believing = believed(found, request)
    members = set(believing.members)
    for record in found.records:
        for one in explain(record, request, believing).causes:
            assert not members & set(one.remedy.replace("`", " ").split())


@given(worlds(records=40))
def test_a_member_reads_the_same_whoever_else_refuses(found: RandomWorld) -> None:
    """What a party reads of others is one sentence, or nothing: never who, why or how many."""
    request = found.requests[0]
    believing = believed(found, request)
    for record in found.records:
        explained = explain(record, request, believing)
        for party in explained.parties:
            told = for_member(explained, party)
            others = [one for one in told.causes if one.reason is None]
            assert [one.text for one in others] in ([], [ANOTHER_PARTY])
            own = {
                one.reason
                for one in explained.causes
                if one.party == party or (one.party is None and one.via is None)
            }
            assert {one.reason for one in told.causes if one.reason is not None} <= own
            assert bool(told.causes) is not told.permit


@given(worlds(records=20))
def test_every_explanation_can_be_shown_and_encoded(found: RandomWorld) -> None:
    request = found.requests[0]
    believing = believed(found, request)
    for record in found.records:
        explained = explain(record, request, believing)
        assert explanation_lines(explained)
        assert encode(explanation_mapping(explained))
        for party in explained.parties:
            told = for_member(explained, party)
            assert member_lines(told)
            assert encode(member_mapping(told))


def instants_about(view: MemberView, timeline: Timeline) -> set[Instant]:
    """Every cut of a view and every fact of its member, with the seconds beside them."""
    cut = {fact.at for fact in timeline.facts} | {view.at}
    for use in view.uses:
        cut |= {one.start for one in use.stretches if one.start is not None}
    return {one + step for one in cut for step in (-1, 0, 1) if one + step <= view.at}


def reasons_for(
    member: MemberId, made: Instant, category: str, request: Request, believing: World
) -> set[str]:
    """What `decide.one` has against something of the member's, whoever else is party to it."""
    record = Record(record_id="", category=category, created_at=made, author=member)
    case = make_case(record, request, believing)
    own = set(record_reasons(case)) & OF_THE_REQUEST
    return own | set(party_reasons(case, believing.members.get(member, Timeline())))


@given(worlds(records=1))
def test_a_stretch_holds_for_every_instant_in_it_and_for_no_other(found: RandomWorld) -> None:
    request = found.requests[0]
    believing = believed(found, request)
    for member in sorted(believing.members, key=str)[:2]:
        view = explain_member(
            member,
            purpose=request.purpose,
            at=request.at,
            known=request.known,
            world=believing,
            recipients=[request.recipient],
            categories=["post", "inmail", "group-message"],
        )
        instants = sorted(instants_about(view, believing.members[member]))
        for use in view.uses:
            for made in instants:
                expected = reasons_for(member, made, use.category, request, believing)
                (stretch,) = (
                    one
                    for one in use.stretches
                    if (one.start is None or one.start <= made)
                    and (one.end is None or made < one.end)
                )
                assert {one.reason for one in stretch.causes} == expected
                assert stretch.permit is not bool(expected)


@given(worlds(records=1))
def test_all_recipients_together_get_what_each_gets_alone(found: RandomWorld) -> None:
    request = found.requests[0]
    believing = believed(found, request)
    member = min(believing.members, key=str)

    def uses(recipients: list[str]) -> tuple[Use, ...]:
        return explain_member(
            member,
            purpose=request.purpose,
            at=request.at,
            known=request.known,
            world=believing,
            recipients=recipients,
            categories=["post", "inmail"],
        ).uses

    platform = believing.platform.at(request.at)
    every = [*registered(platform), "nobody-known", "nobody-else"]
    assert uses(every) == tuple(use for one in every for use in uses([one]))


@given(worlds(records=1))
def test_all_categories_together_get_what_each_gets_alone(found: RandomWorld) -> None:
    request = found.requests[0]
    believing = believed(found, request)
    member = min(believing.members, key=str)

    def uses(categories: list[str]) -> tuple[Use, ...]:
        return explain_member(
            member,
            purpose=request.purpose,
            at=request.at,
            known=request.known,
            world=believing,
            recipients=[request.recipient],
            categories=categories,
        ).uses

    every = [*CATEGORIES, "unheard-of", "post"]
    assert uses(every) == tuple(use for one in every for use in uses([one]))


@given(worlds(records=1))
def test_every_view_can_be_shown_and_encoded(found: RandomWorld) -> None:
    request = found.requests[0]
    believing = believed(found, request)
    member = min(believing.members, key=str)
    view = explain_member(
        member, purpose=request.purpose, at=request.at, known=request.known, world=believing
    )
    assert {use.category for use in view.uses} in (set(leaves()), set())
    assert view_lines(view)
    assert encode(view_mapping(view))
