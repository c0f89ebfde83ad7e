# SPDX-License-Identifier: Apache-2.0
"""A workspace decides as the loose facts and versions that were recorded in it do, at their times."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from hypothesis import given, settings
from tests.property.recorded import record_world, workspace_at

from privity.app.inputs import load_facts, load_policy
from privity.app.workspace.gathered import Known
from privity.app.workspace.knowing import known
from privity.decide.bits import REASON_MASK, reasons_in
from privity.decide.many import compile_request, decide_table
from privity.decide.one import decide
from privity.decide.request import Request
from privity.entries.claims import Claim, Given
from privity.policy.parse import version_from
from privity.testing.claims import world_of
from privity.testing.worlds import RandomWorld, facts_of, to_arrow, worlds


def loose_facts(world: RandomWorld) -> list[dict[str, object]]:
    return [{**row, "member": row["member"] or None} for row in world.facts]


def by_workspace(world: RandomWorld, request: Request, found: Known) -> npt.NDArray[np.uint64]:
    compiled = compile_request(request, found.policy, found.facts, by_entry=found.by_entry)
    return decide_table(compiled, to_arrow(world.records, world.ids))


@settings(max_examples=12, deadline=None)
@given(worlds(records=60))
def test_where_claims_are_accepted_it_decides_as_loose_files_with_the_same_times(
    world: RandomWorld,
) -> None:
    table = to_arrow(world.records, world.ids)
    with workspace_at(attested="accept") as workspace:
        record_world(workspace, facts_of(world.facts), world.policies)
        for request in world.requests:
            found = known(workspace, until=request.known, at=request.at)
            assert found.by_entry is None
            loose = compile_request(
                request, load_policy(list(world.policies)), load_facts(loose_facts(world))
            )
            assert np.array_equal(
                by_workspace(world, request, found), decide_table(loose, table)
            )


@settings(max_examples=12, deadline=None)
@given(worlds(records=40))
def test_else_what_was_true_before_its_entry_is_a_claim(world: RandomWorld) -> None:
    facts = facts_of(world.facts)
    given = Given(
        facts=tuple(one for one in facts if one.at >= one.recorded_at),
        claims=tuple(
            Claim(fact=one, entered=one.recorded_at, by="network")
            for one in facts
            if one.at < one.recorded_at
        ),
        versions=tuple(map(version_from, world.policies)),
    )
    with workspace_at() as workspace:
        record_world(workspace, facts, world.policies)
        for request in world.requests:
            found = known(workspace, until=request.known, at=request.at)
            words = by_workspace(world, request, found)
            plain = world_of(given, request, world.records)
            for record, word in zip(world.records, words.tolist(), strict=True):
                expected = decide(record, request, plain)
                assert reasons_in(word & REASON_MASK) == expected.reasons
