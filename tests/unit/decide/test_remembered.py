# SPDX-License-Identifier: Apache-2.0
"""Values that remember answer as those that they stand for, and hold no more than they may."""

from __future__ import annotations

from dataclasses import replace

import pytest
from tests.unit.decide.test_explain_member import AT, NOTICE, SETTING, believed, fact, instant

from privity.decide.explain.member import explain_member
from privity.decide.one import decide
from privity.decide.remembered import RememberedTimeline, remembered
from privity.decide.request import Record, Request
from privity.members.facts import SHAPES
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


SAID = (
    fact("objection", "2024-01-05"),
    fact("objection-withdrawn", "2024-01-06"),
    fact("notice", "2024-02-01", "genai"),
)


@pytest.mark.parametrize("name", [*SHAPES, "all", "last", "choices", "codes"])
def test_a_setting_may_have_the_name_of_a_kind_of_fact(name: str) -> None:
    said = (*SAID, fact("setting", "2024-03-01", "on", setting=name))
    world = believed(*said, settings={name: SETTING})
    record = Record(
        record_id="1", category="post", created_at=instant("2024-04-01"), author="a"
    )
    assert decide(record, ASKED, remembered(world)) == decide(record, ASKED, world)
    view = explain_member("a", purpose="genai-training", at=AT, known=AT, world=world)
    assert any(use.permitted for use in view.uses)


@pytest.mark.parametrize("kind", SHAPES)
def test_no_question_is_answered_with_the_answer_of_another(kind: str) -> None:
    facts = (*SAID, fact("setting", "2024-03-01", "off", setting=kind))
    plain = Timeline(facts).at(AT)
    for _ in range(2):
        state = RememberedTimeline(facts).at(AT)
        for one in (state, state):
            assert one.all(kind) == plain.all(kind)
            assert one.all("objection", kind) == plain.all("objection", kind)
            assert one.last(kind) == plain.last(kind)
            assert one.choices(kind) == plain.choices(kind)
            assert one.standing_run(kind) == plain.standing_run(kind)
            assert one.objection(kind) == plain.objection(kind)
            assert one.last_no(kind) == plain.last_no(kind)


def test_answers_are_forgotten_before_they_are_too_many() -> None:
    state = RememberedTimeline(SAID).at(AT)
    first = state.all("notice")
    assert state.all("notice") is first
    for number in range(1 << 14):
        assert state.last_no(str(number)) == SAID[0]
    assert state.all("notice") == first
    assert state.all("notice") is not first
