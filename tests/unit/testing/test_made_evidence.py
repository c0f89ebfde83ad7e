# SPDX-License-Identifier: Apache-2.0
"""Made evidence decides what the worlds that it is made of decide."""

from __future__ import annotations

import hypothesis
import pytest
from hypothesis import strategies

from privity.canonical.instants import parse_instant
from privity.decide.one import decide
from privity.decide.request import Record, world
from privity.entries.claims import Given, readings
from privity.entries.clearing import CommittedClearing, PreparedClearing
from privity.entries.genesis import GenesisEntry
from privity.entries.release import CreatedRelease
from privity.members.facts import Fact
from privity.policy.parse import version_from
from privity.testing.evidence import MadeRelease, made_evidence
from privity.testing.worlds import facts_of, random_world

NOON = parse_instant("2025-01-01T12:00:00Z")


def fact(name: str, member: str = "ada", day: int = 0, value: str = "") -> Fact:
    at = NOON + day * 86400
    return Fact(member=member, fact=name, at=at, recorded_at=at, value=value)


def test_entries_stand_in_the_order_of_their_times() -> None:
    release = MadeRelease(
        release="corpus",
        time=NOON + 3 * 86400,
        files=[
            [Record(record_id="p", category="post", created_at=NOON, author="ada")],
        ],
    )
    evidence = made_evidence(facts=[fact("closed", day=2), fact("joined")], releases=[release])
    kinds = [type(one.says) for one in evidence.log.public]
    assert kinds == [GenesisEntry, PreparedClearing, CommittedClearing, CreatedRelease]
    assert [one.entry for one in evidence.log.public] == [0, 3, 4, 5]
    assert evidence.log.private == 2
    assert [one.fact.fact for one in evidence.told(["ada"], 6)] == ["joined", "closed"]
    assert [one.fact.fact for one in evidence.told(["ada"], 2)] == ["joined"]
    assert evidence.revisions("corpus") == (1,)
    (rows,) = evidence.rows("corpus", 1)
    assert rows.table.column("created_at").to_pylist() == [NOON]
    (some,) = evidence.rows("corpus", 1, ["category"])
    assert some.table.column_names == ["category"]


def test_of_a_member_also_the_accounts_merged_into_hers_are_told() -> None:
    told = [fact("joined", "a"), fact("merged", "a", 1, value="b"), fact("joined", "c")]
    evidence = made_evidence(facts=[*told, fact("merged", "b", 2, value="ada"), fact("joined")])
    assert {one.fact.member for one in evidence.told(["ada"], 9)} == {"a", "b", "ada"}
    assert {one.fact.member for one in evidence.told(["b"], 9)} == {"a", "b"}
    assert {one.fact.member for one in evidence.told(None, 9)} == {"a", "b", "c", "ada"}
    # Entry 4 is the merge of a into b: before it nobody knew.
    assert {one.fact.member for one in evidence.told(["b"], 4)} == set()
    assert {one.fact.member for one in evidence.told(["ada"], 4)} == {"ada"}


@pytest.mark.parametrize("ids", ["string", "int"])
@hypothesis.given(seed=strategies.integers(0, 10_000))
@hypothesis.settings(max_examples=10, deadline=None)
def test_what_is_accepted_decides_as_the_world_that_it_is_made_of(seed: int, ids: str) -> None:
    made = random_world(seed, records=40, ids=ids)  # type: ignore[arg-type]  # one of the two
    facts = facts_of(made.facts)
    versions = [version_from(one) for one in made.policies]
    evidence = made_evidence(versions=versions, facts=facts)
    request = made.requests[0]
    people = {one for row in made.records for one in (row.author, *row.recipients)}
    parties = {one for one in people if one is not None}
    given = evidence.given(parties, evidence.log.checkpoint.size)
    plain = Given(facts=tuple(facts), versions=tuple(versions))
    decided = []
    for one in (given, plain):
        (read,) = readings(one.known(request.known), request.at)
        lines = world(read.policy, read.facts, request.known, made.records)
        decided.append([decide(row, request, lines) for row in made.records])
    assert decided[0] == decided[1]
