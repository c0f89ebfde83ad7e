# SPDX-License-Identifier: Apache-2.0
"""Values that remember answer as those that they stand for, and hold no more than they may."""

from __future__ import annotations

from dataclasses import replace

from tests.unit.decide.test_explain_member import AT, NOTICE, believed, fact, instant

from privity.decide.one import decide
from privity.decide.remembered import RememberedTimeline, remembered
from privity.decide.request import Record, Request
from privity.members.timeline import Timeline

ASKED = Request(purpose="genai-training", recipient="self", at=AT, known=AT)


def test_a_world_that_remembers_decides_the_same_in_both_readings() -> None:
    world = believed(NOTICE)
    world = replace(world, by_entry=believed())
    for made in ("2023-12-31", "2024-01-15", "2024-03-01", "2025-05-31"):
        record = Record(record_id="1", category="post", created_at=instant(made), author="a")
        expected = decide(record, ASKED, world)
        asked = remembered(world)
        assert [decide(record, ASKED, asked) for _ in range(2)] == [expected] * 2


def test_a_timeline_forgets_states_before_they_are_too_many() -> None:
    begins = instant("2024-01-01")
    flips = tuple(
        replace(fact("setting", "2024-01-01", "on"), at=begins + number)
        for number in range(3000)
    )
    line, plain = RememberedTimeline(flips), Timeline(flips)
    most = 0
    for number in range(len(flips)):
        assert line.at(begins + number).facts == plain.at(begins + number).facts
        most = max(most, sum(len(state.facts) for state in line.remembered))
    assert most < 1 << 19
    assert line.at(begins) is line.at(begins)
