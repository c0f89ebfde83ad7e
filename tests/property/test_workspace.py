# SPDX-License-Identifier: Apache-2.0
"""A workspace decides as loose files do, and its projection is what the log says."""

from __future__ import annotations

import numpy as np
from hypothesis import given, settings
from tests.property.recorded import record_world, workspace_at

from privity.app.inputs import load_facts, load_policy
from privity.app.workspace.knowing import known
from privity.decide.many import compile_request, decide_table
from privity.testing.worlds import RandomWorld, facts_of, to_arrow, worlds


def loose_facts(world: RandomWorld) -> list[dict[str, object]]:
    return [{**row, "member": row["member"] or None} for row in world.facts]


@settings(max_examples=15, deadline=None)
@given(worlds(records=60))
def test_what_was_recorded_in_a_workspace_decides_as_loose_files_with_the_same_times(
    world: RandomWorld,
) -> None:
    table = to_arrow(world.records, world.ids)
    with workspace_at() as workspace:
        record_world(workspace, facts_of(world.facts), world.policies)
        for request in world.requests:
            mine = known(workspace, until=request.known, at=request.at)
            assert mine.by_entry is None
            by_log = decide_table(compile_request(request, mine.policy, mine.facts), table)
            loose = compile_request(
                request, load_policy(list(world.policies)), load_facts(loose_facts(world))
            )
            assert np.array_equal(by_log, decide_table(loose, table))
