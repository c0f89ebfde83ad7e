# SPDX-License-Identifier: Apache-2.0
"""Who refused: the bulk path's tally equals a naive recount by the plain rule."""

from __future__ import annotations

from collections import Counter
from random import Random

import numpy as np
import pytest
from hypothesis import given, strategies
from tests.property.comparison import compiled
from tests.property.recount import Pair, recount

from privity.decide.bits import BIT
from privity.decide.many import SLOTS, Compiled, Tally
from privity.decide.request import Request
from privity.testing.worlds import IdKind, RandomWorld, random_world, to_arrow, worlds


def counted(ready: Compiled, tally: Tally) -> Counter[Pair]:
    """Give the pairs of a tally."""
    names = (*SLOTS, "(unknown category)")
    found = {
        (reason, names[slot], ready.states.places[place]): int(
            tally[slot, place, bit.bit_length() - 1]
        )
        for reason, bit in BIT.items()
        for slot, place in np.argwhere(tally[:, :, bit.bit_length() - 1]).tolist()
    }
    assert int(tally.sum()) == sum(found.values())
    return Counter(found)


def check(made: RandomWorld, request: Request) -> int:
    ready = compiled(made.policies, made.facts, request)
    tally = ready.empty_tally()
    ready.decide(to_arrow(made.records, made.ids), tally)
    expected = recount(made.policies, made.facts, made.records, request)
    assert counted(ready, tally) == expected
    return expected.total()


@pytest.mark.parametrize("ids", ["string", "int"])
def test_the_tally_is_a_naive_recount(ids: IdKind) -> None:
    pairs = 0
    for seed in range(30):
        made = random_world(seed, records=60, ids=ids)
        pairs += sum(check(made, request) for request in made.requests[:2])
    assert pairs > 2_000


@given(worlds(records=40), strategies.integers(min_value=0, max_value=3))
def test_the_tally_is_a_naive_recount_on_random_worlds(made: RandomWorld, number: int) -> None:
    check(made, made.requests[number])


@given(worlds(records=40), strategies.integers(min_value=0, max_value=2**32).map(Random))
def test_tallies_of_batches_add_up(made: RandomWorld, random: Random) -> None:
    table = to_arrow(made.records, made.ids)
    ready = compiled(made.policies, made.facts, made.requests[0])
    whole, parts = ready.empty_tally(), ready.empty_tally()
    words = ready.decide(table, whole)
    cut = random.randrange(len(made.records))
    for part in (table.slice(0, cut), table.slice(cut)):
        ready.decide(part, parts)
    assert np.array_equal(whole, parts)
    assert np.array_equal(ready.decide(table), words)
