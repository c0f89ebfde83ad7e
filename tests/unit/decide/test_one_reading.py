# SPDX-License-Identifier: Apache-2.0
"""The other reading is left out where nothing more is refused by it, and nowhere else."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import pytest
from tests.unit.decide.test_explain_member import AT, NOTICE, STANDING, believed, fact

from privity.decide.explain.reading import without_the_same
from privity.decide.request import World
from privity.members.facts import Fact
from privity.members.timeline import Timeline, sort_key


def stop(day: str, **detail: Any) -> Fact:
    return replace(fact("order", day, "stop", member=None), detail=detail)


def recipient(day: str, value: str, role: str) -> Fact:
    return fact("recipient", day, value, member=None, role=role)


def both(first: Sequence[Fact], other: Sequence[Fact]) -> World:
    """A world that has these facts of the platform in one reading and those in the other."""
    plain = believed()
    lines = [Timeline(tuple(sorted(facts, key=sort_key))) for facts in (first, other)]
    return replace(plain, platform=lines[0], by_entry=replace(plain, platform=lines[1]))


def seat(day: str, **detail: Any) -> Fact:
    said = fact("seat-instruction", day, "customer", member=None)
    return replace(said, detail={"purposes": ["model-training"], **detail})


SELF = recipient("2020-01-01", "self", "controller")
GB = stop("2024-06-01", jurisdictions=["GB"])


@pytest.mark.parametrize(
    ("first", "other"),
    [
        ([SELF], [SELF]),
        ([SELF], [recipient("2025-01-01", "self", "controller")]),
        ([SELF, GB], [SELF, stop("2025-01-01", jurisdictions=["GB"])]),
        ([SELF], [SELF, recipient("2025-07-01", "lab", "third-party")]),
        ([SELF, seat("2024-06-01")], [SELF, seat("2025-01-01")]),
        ([SELF, GB], [SELF, GB, replace(GB, value="again")]),
    ],
    ids=[
        "same",
        "registered later",
        "ordered later",
        "after the use",
        "seats",
        "stopped twice",
    ],
)
def test_what_comes_to_the_same_is_left_out(first: list[Fact], other: list[Fact]) -> None:
    assert without_the_same(both(first, other), AT) == replace(
        both(first, other), by_entry=None
    )


@pytest.mark.parametrize(
    ("first", "other"),
    [
        ([SELF], []),
        ([SELF], [recipient("2020-01-01", "self", "affiliate")]),
        ([SELF], [SELF, recipient("2020-01-01", "self", "affiliate")]),
        ([SELF], [SELF, recipient("2025-01-01", "lab", "third-party")]),
        ([SELF], [SELF, GB]),
        ([SELF, GB], [SELF, stop("2024-06-01", jurisdictions=["GB", "US"])]),
        ([SELF, GB], [SELF, stop("2024-06-01", jurisdictions=["GB"], categories=["post"])]),
        ([SELF], [SELF, seat("2024-06-01")]),
        ([SELF, seat("2024-06-01")], [SELF, seat("2024-06-01", categories=["post"])]),
        (
            [SELF, seat("2024-06-01")],
            [SELF, replace(seat("2024-06-01"), fact="seat-instruction-withdrawn")],
        ),
    ],
    ids=[
        "unregistered",
        "role",
        "two roles",
        "recipient",
        "order",
        "places",
        "scope",
        "seat",
        "instruction",
        "withdrawn",
    ],
)
def test_what_differs_of_the_platform_stays(first: list[Fact], other: list[Fact]) -> None:
    assert without_the_same(both(first, other), AT) == both(first, other)


def test_what_differs_of_a_member_stays() -> None:
    world = replace(believed(), by_entry=believed(NOTICE))
    assert without_the_same(world, AT) == world


def test_what_differs_of_the_policy_stays() -> None:
    world = replace(believed(), by_entry=believed(settings={}))
    assert without_the_same(world, AT) == world


def test_of_one_reading_there_is_nothing_to_leave_out() -> None:
    assert without_the_same(believed(*STANDING), AT) == believed(*STANDING)
