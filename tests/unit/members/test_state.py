# SPDX-License-Identifier: Apache-2.0
"""A state answers each question by the fact that decides it."""

from __future__ import annotations

from typing import Any

import pytest

from privity.members.facts import Fact
from privity.members.state import State, is_no, is_yes
from privity.members.timeline import timelines


def fact(
    kind: str, at: int, value: str = "", *, recorded_at: int | None = None, **detail: Any
) -> Fact:
    """Make a fact of the one member that there is."""
    recorded = at if recorded_at is None else recorded_at
    return Fact(member="a", fact=kind, value=value, at=at, recorded_at=recorded, detail=detail)


def said(value: str, at: int, setting: str = "s", **detail: Any) -> Fact:
    return fact("setting", at, value, setting=setting, **detail)


def objection(at: int, **detail: Any) -> Fact:
    return fact("objection", at, **detail)


def withdrawn(at: int, **detail: Any) -> Fact:
    return fact("objection-withdrawn", at, **detail)


def state(*facts: Fact, at: int = 100) -> State:
    """The state of the one member, if it has any fact."""
    lines = timelines(facts, 1_000)
    return lines["a"].at(at) if lines else State((), None)


def when(found: Fact | None) -> int | None:
    return None if found is None else found.at


def test_a_state_is_made_of_what_was_true_by_then() -> None:  # [TIM-30]
    facts = (fact("joined", 5), fact("closed", 9))
    assert state(*facts, at=4).joined is None
    assert when(state(*facts, at=5).joined) == 5
    assert state(*facts, at=8).closed is None
    assert when(state(*facts, at=9).closed) == 9


def test_the_first_joining_and_the_first_death_count() -> None:  # [TIM-30]
    found = state(
        fact("joined", 5), fact("joined", 2), fact("deceased", 9), fact("deceased", 7)
    )
    assert when(found.joined) == 2
    assert when(found.death) == 7


def test_an_account_is_closed_until_it_is_reopened() -> None:  # [TIM-30]
    facts = (fact("closed", 2), fact("reopened", 4), fact("merged", 6, "b"))
    assert when(state(*facts, at=3).closed) == 2
    assert state(*facts, at=5).closed is None
    assert when(state(*facts, at=6).closed) == 6


@pytest.mark.parametrize(
    ("value", "no", "yes"),
    [
        ("on", False, True),
        ("unset", False, False),
        ("off", True, False),
        ("OFF", True, False),
        ("On", True, False),
        ("", True, False),
        ("maybe", True, False),
    ],
)
def test_a_value_outside_the_three_counts_as_off(value: str, *, no: bool, yes: bool) -> None:
    assert is_no(said(value, 1)) is no  # [TIM-31]
    assert is_yes(said(value, 1)) is yes


def test_nothing_said_is_neither_yes_nor_no() -> None:
    assert not is_no(None)
    assert not is_yes(None)


@pytest.mark.parametrize("method", ["signal", "migrated"])
def test_what_was_not_said_is_a_choice_only_as_a_no(method: str) -> None:  # [TIM-32]
    earlier = said("off", 1)
    assert state(earlier, said("on", 2, method=method)).choice("s") == earlier
    assert state(earlier, said("unset", 2, method=method)).choice("s") == earlier
    assert when(state(said("on", 1), said("off", 2, method=method)).choice("s")) == 2
    assert when(state(said("on", 1), said("what", 2, method=method)).choice("s")) == 2
    assert state(said("on", 1, method=method)).choice("s") is None


def test_the_latest_choice_of_the_setting_counts() -> None:  # [TIM-32]
    found = state(said("off", 1), said("on", 3), said("off", 5, "other"), said("unset", 7))
    assert when(found.choice("s")) == 7
    assert when(found.choice("other")) == 5
    assert found.choice("third") is None


def test_the_standing_run_is_the_unbroken_row_of_yeses() -> None:  # [TIM-35]
    def run(*facts: Fact) -> list[int]:
        return [one.at for one in state(*facts).standing_run("s")]

    assert run(said("on", 1), said("on", 3)) == [1, 3]
    assert run(said("on", 1), said("unset", 2), said("on", 3)) == [3]
    assert run(said("on", 1), said("off", 2, method="migrated"), said("on", 3)) == [3]
    assert run(said("on", 1), said("unset", 2, method="migrated"), said("on", 3)) == [1, 3]
    assert run(said("on", 1), said("off", 2, "other"), said("on", 3)) == [1, 3]
    assert run(said("on", 1), said("off", 3)) == []


def test_the_latest_objection_or_withdrawal_that_names_the_setting_or_none_decides() -> None:
    def stands(*facts: Fact) -> int | None:
        return when(state(*facts).objection("s"))

    assert stands(objection(1)) == 1  # [TIM-33]
    assert stands(objection(1, setting="s")) == 1
    assert stands(objection(1, setting="other")) is None
    assert stands(objection(1, setting="s"), withdrawn(2)) is None
    assert stands(objection(1), withdrawn(2, setting="s")) is None
    assert stands(objection(1), withdrawn(2, setting="other")) == 1
    assert stands(objection(1), withdrawn(2), objection(3, setting="s")) == 3
    assert stands(withdrawn(1)) is None


def test_an_unnamed_objection_is_asked_for_by_itself() -> None:
    facts = (objection(1), withdrawn(2, setting="s"), objection(3, setting="s"))
    assert when(state(*facts).objection(None)) == 1


def test_the_last_no_of_a_setting_is_its_last_off_or_objection() -> None:
    facts = (
        said("off", 1),
        said("on", 2),
        objection(3),
        withdrawn(4),
        objection(5, setting="x"),
    )
    assert when(state(*facts).last_no("s")) == 3
    assert when(state(*facts, at=2).last_no("s")) == 1
    assert when(state(said("off", 6), *facts).last_no("s")) == 6
    assert state(said("on", 1)).last_no("s") is None


def test_a_no_that_names_a_setting_nobody_knows_is_never_taken_back_by_a_yes() -> None:
    def stray(*facts: Fact) -> list[int]:
        return sorted(one.at for one in state(*facts).stray_noes(frozenset({"s"})))

    assert stray(said("off", 1, "x")) == [1]  # [TIM-34]
    assert stray(said("off", 1, "x"), said("on", 2, "x"), said("on", 3)) == [1]
    assert stray(said("off", 1, "x", method="migrated")) == [1]
    assert stray(said("on", 1, "x"), said("off", 2)) == []
    assert stray(objection(1, setting="x")) == [1]
    assert stray(objection(1, setting="x"), withdrawn(2, setting="x")) == []
    assert stray(objection(1, setting="x"), withdrawn(2)) == []
    assert stray(objection(1, setting="x"), withdrawn(2, setting="s")) == [1]
    assert stray(objection(1, setting="s"), objection(2)) == []


def test_an_unnamed_objection_does_not_hide_one_that_names_no_known_setting() -> None:
    found = state(objection(1, setting="x"), objection(2), withdrawn(3, setting="s"))
    assert found.stray_noes(frozenset({"s"}))


def test_the_latest_of_each_kind_of_evidence_counts_and_of_a_tie_all() -> None:  # [TIM-37]
    def lives(at: int, code: str, **detail: Any) -> Fact:
        return fact("jurisdiction", at, code, **detail)

    found = state(lives(1, "DE"), lives(3, "US"), lives(2, "GB", evidence="billing"))
    assert found.codes == {"US", "GB"}
    tie = state(lives(1, "DE", evidence="ip"), lives(3, "US"), lives(3, "HK"))
    assert tie.codes == {"DE", "US", "HK"}
    later = fact("jurisdiction", 3, "US", recorded_at=4)
    assert state(lives(3, "HK"), later).codes == {"US"}
    assert state().codes == frozenset()


def test_an_agreement_holds_until_it_ends() -> None:  # [TIM-38]
    facts = (
        fact("agreement", 1, "one"),
        fact("agreement", 2, "two"),
        fact("agreement-ended", 3, "one"),
        fact("agreement-ended", 4, "three"),
        fact("agreement", 5, "one"),
    )
    assert {one.value for one in state(*facts, at=2).agreements} == {"one", "two"}
    assert {one.value for one in state(*facts, at=4).agreements} == {"two"}
    assert {one.value for one in state(*facts).agreements} == {"one", "two"}


def test_a_suspicion_stands_until_it_is_cleared() -> None:  # [TIM-39]
    facts = (fact("minor-suspected", 1), fact("minor-cleared", 3))
    assert when(state(*facts, at=2).suspicion) == 1
    assert state(*facts).suspicion is None


def test_deliveries_count_from_an_instant_and_after_a_reopening() -> None:  # [TIM-36]
    facts = (
        fact("notice", 1, "n"),
        fact("notice", 4, "n"),
        fact("notice", 4, "m"),
        fact("reopened", 6),
        fact("notice", 6, "n"),
        fact("notice", 6, "n", recorded_at=7),
        fact("notice", 9, "n"),
    )
    early = state(*facts, at=5)
    assert [one.at for one in early.deliveries("n", 0)] == [1, 4]
    assert [one.at for one in early.deliveries("n", 2)] == [4]
    assert [one.order for one in state(*facts).deliveries("n", 0)] == [(6, 7), (9, 9)]


def test_at_a_tie_a_reopening_counts_after_the_yes() -> None:  # [TIM-36]
    yes, reopened = said("on", 6), fact("reopened", 6)
    assert not state(yes, reopened).after_reopening(yes)
    assert state(yes).after_reopening(yes)
    later = said("on", 7)
    assert state(later, reopened).after_reopening(later)
