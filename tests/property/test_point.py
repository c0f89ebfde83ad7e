# SPDX-License-Identifier: Apache-2.0
"""Point decisions on compiled states give the reasons that the plain rule gives."""

from __future__ import annotations

from typing import Literal

import pytest

from privity.decide.case import make_case
from privity.decide.many import compile_request
from privity.decide.one import own_reasons
from privity.decide.point import reasons_of
from privity.decide.request import world
from privity.members.columns import columns_of
from privity.policy.parse import version_from
from privity.policy.versions import history
from privity.testing.worlds import facts_of, random_world


@pytest.mark.parametrize("ids", ["string", "int"])
@pytest.mark.parametrize("seed", range(12))
def test_a_point_decision_gives_the_reasons_of_the_rule(
    seed: int, ids: Literal["string", "int"]
) -> None:
    made = random_world(seed, records=60, ids=ids)
    policy = history(version_from(one) for one in made.policies)
    columns = columns_of(made.facts)
    for request in made.requests:
        ready = compile_request(request, policy, columns)
        lines = world(policy, facts_of(made.facts), request.known)
        for record in made.records:
            expected = tuple(sorted(own_reasons(make_case(record, request, lines))))
            assert reasons_of(ready, record) == expected
