# SPDX-License-Identifier: Apache-2.0
"""Random worlds are the same for the same seed, read without an error, and reach every reason."""

from __future__ import annotations

from collections import Counter

import pyarrow as pa
import pytest

from privity.decide.one import decide
from privity.decide.request import Decision, Request, world
from privity.policy.parse import version_from
from privity.policy.versions import history
from privity.testing.worlds import RandomWorld, facts_of, random_world, to_arrow
from privity.vocabulary.terms import DECIDED, OBLIGATIONS


def decided(made: RandomWorld, request: Request) -> list[Decision]:
    versions = history(version_from(one) for one in made.policies)
    found = world(versions, facts_of(made.facts), request.known, made.records)
    return [decide(record, request, found) for record in made.records]


def test_the_same_seed_makes_the_same_world() -> None:
    assert random_world(7, records=40) == random_world(7, records=40)
    assert random_world(7, records=40) != random_world(8, records=40)


def test_worlds_reach_every_reason_and_obligation_and_permit_a_fair_share() -> None:
    reasons: Counter[str] = Counter()
    obligations: Counter[str] = Counter()
    shares = []
    for seed in range(60):
        made = random_world(seed, records=40, ids="int" if seed % 2 else "string")
        found = [one for request in made.requests for one in decided(made, request)]
        reasons.update(reason for one in found for reason in one.reasons)
        obligations.update(name for one in found for name in one.obligations)
        shares.append(sum(one.permit for one in found) / len(found))
    assert set(reasons) == set(DECIDED)
    assert set(obligations) == set(OBLIGATIONS)
    assert sum(share >= 0.15 for share in shares) >= len(shares) / 4
    assert sum(share == 0 for share in shares) >= len(shares) / 10


@pytest.mark.parametrize("ids", ["string", "int"])
def test_records_make_a_table_in_the_schema_of_a_source(ids: str) -> None:
    made = random_world(3, records=80, ids="int" if ids == "int" else "string")
    table = to_arrow(made.records, made.ids)
    id_type = pa.int64() if ids == "int" else pa.string()
    assert table.schema.field("author").type == id_type
    assert table.schema.field("created_at").type == pa.timestamp("us", tz="UTC")
    assert table.num_rows == len(made.records)
    assert table["record_id"].to_pylist() == [one.record_id for one in made.records]
    assert [tuple(one) for one in table["quotes"].to_pylist()] == [
        one.quotes for one in made.records
    ]
