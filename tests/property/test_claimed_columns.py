# SPDX-License-Identifier: Apache-2.0
"""Claims of many members at once are read as those of each are."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from random import Random

import numpy as np
import pyarrow as pa
from hypothesis import given, settings, strategies

from privity.canonical.encode import encode
from privity.canonical.instants import Instant
from privity.members.claimed_columns import HELD, columns_by_entry
from privity.members.claims import facts_by_entry
from privity.members.columns import coded
from privity.members.facts import Fact
from privity.members.timeline import Timeline, timelines
from privity.testing.worlds import RandomWorld, facts_of, worlds

Stated = tuple[object, ...]


def one_row(fact: Fact) -> pa.RecordBatch:
    stamp = pa.timestamp("us", tz="UTC")
    kind = pa.int64() if isinstance(fact.member, int) else pa.string()
    detail = encode(dict(fact.detail)).decode()
    return pa.RecordBatch.from_arrays(
        [
            pa.array([fact.member], kind),
            pa.array([fact.fact]),
            pa.array([fact.value]),
            pa.array([fact.at * 1_000_000]).cast(stamp),
            pa.array([fact.recorded_at * 1_000_000]).cast(stamp),
            pa.array([detail]),
        ],
        names=["member", "fact", "value", "at", "recorded_at", "detail"],
    )


def stated(held: Sequence[Fact], edges: Iterable[Instant]) -> set[Stated]:
    """What timelines of these facts come to: all but jurisdictions as they are, and where each was when."""
    found: set[Stated] = {
        (one.member, one.fact, one.value, one.at, one.recorded_at, str(one.detail))
        for one in held
        if one.fact != "jurisdiction"
    }
    for member, timeline in timelines(held, 1 << 60).items():
        found |= {(member, edge, *where) for edge in edges for where in places(timeline, edge)}
    return found


def places(timeline: Timeline, at: Instant) -> set[tuple[str, str]]:
    return {(one.value, one.evidence) for one in timeline.at(at).jurisdictions}


@settings(max_examples=60)
@given(worlds(records=1), strategies.integers(0, 2**32))
def test_members_are_read_together_as_one_by_one(world: RandomWorld, seed: int) -> None:
    random = Random(seed)
    facts = sorted((one for one in facts_of(world.facts) if one.member is not None), key=str)
    instants = sorted({one.at for one in facts} | {one.recorded_at for one in facts})
    together = random.choice(instants)
    share, odd = random.choice([0.0, 0.3, 0.9, 1.0]), random.choice([0.0, 0.02, 0.3, 1.0])
    entered: list[Instant] = []
    for fact in facts:
        if random.random() < odd:
            since = random.choice([*instants, fact.recorded_at, fact.at + 1])
            entered.append(since if random.random() < share else HELD)
        elif fact.recorded_at <= together:
            entered.append(together)  # with a baseline
        else:
            # By itself, at once or later.
            entered.append(fact.recorded_at if fact.recorded_at > fact.at else HELD)
    told = [
        one if since == HELD else replace(one, recorded_at=min(one.recorded_at, since))
        for one, since in zip(facts, entered, strict=True)
    ]
    pairs = list(zip(told, entered, strict=True))
    plain = facts_by_entry(
        [one for one, since in pairs if since == HELD],
        [(one, since) for one, since in pairs if since != HELD],
    )
    numbers = coded(map(one_row, told))
    columns = columns_by_entry(numbers, np.array(entered, np.int64))
    many = [fact for index in range(columns.members) for fact in columns.of_member(index)]
    edges = {one.at for one in (*many, *plain)}
    assert stated(many, edges) == stated(plain, edges)
