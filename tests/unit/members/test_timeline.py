# SPDX-License-Identifier: Apache-2.0
"""Timelines put a member's facts in order, and carry merges out."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import permutations
from typing import Any

import pytest

from privity.members.facts import Fact, MemberId
from privity.members.timeline import Timeline, sort_key, timelines

ALWAYS = 1_000


def fact(
    kind: str,
    at: int,
    value: str = "",
    *,
    member: MemberId | None = "a",
    recorded_at: int | None = None,
    **detail: Any,
) -> Fact:
    """Make a fact that is recorded when it is true, if nothing else is said."""
    return Fact(
        member=member,
        fact=kind,
        value=value,
        at=at,
        recorded_at=at if recorded_at is None else recorded_at,
        detail=detail,
    )


def off(at: int, member: MemberId = "a", setting: str = "s") -> Fact:
    return fact("setting", at, "off", member=member, setting=setting)


def line(facts: Iterable[Fact], member: MemberId | None = "a") -> Timeline:
    return timelines(facts, ALWAYS)[member]


def test_facts_are_ordered_by_when_they_were_true_then_by_when_they_were_recorded() -> None:
    late = fact("notice", 5, "n", recorded_at=9)
    early = fact("notice", 5, "n", recorded_at=6)
    first = fact("notice", 4, "n", recorded_at=99)
    assert line([late, early, first]).facts == (first, early, late)  # [TIM-10]


def test_what_was_recorded_later_does_not_exist() -> None:  # [TIM-10]
    facts = [fact("joined", 1), fact("closed", 2, recorded_at=6)]
    assert [one.fact for one in timelines(facts, 5)["a"].facts] == ["joined"]
    assert [one.fact for one in timelines(facts, 6)["a"].facts] == ["joined", "closed"]


def test_a_fact_that_is_true_later_may_be_known_before() -> None:
    known = timelines([fact("closed", 9, recorded_at=1)], 1)["a"]
    assert known.at(8).closed is None
    assert known.at(9).closed is not None


# [TIM-11] at a tie the fact that refuses comes last.
@pytest.mark.parametrize(
    ("permits", "refuses"),
    [
        (fact("setting", 5, "on", setting="s"), off(5)),
        (fact("setting", 5, "on", setting="s"), fact("setting", 5, "unset", setting="s")),
        (fact("setting", 5, "unset", setting="s"), off(5)),
        (fact("setting", 5, "unset", setting="s"), fact("setting", 5, "OFF", setting="s")),
        (
            fact("setting", 5, "on", setting="s", scope="all"),
            fact("setting", 5, "on", setting="s"),
        ),
        (fact("reopened", 5), fact("closed", 5)),
        (fact("reopened", 5), fact("merged", 5, "b")),
        (fact("objection-withdrawn", 5), fact("objection", 5)),
        (fact("agreement-ended", 5, "g"), fact("agreement", 5, "g")),
        (fact("minor-cleared", 5), fact("minor-suspected", 5)),
        (
            fact("order-lifted", 5, "o", member=None),
            fact("order", 5, "o", member=None),
        ),
        (
            fact("recipient", 5, "r", member=None, role="affiliate"),
            fact("recipient-ended", 5, "r", member=None),
        ),
        (
            fact("seat-instruction", 5, "c", member=None),
            fact("seat-instruction-withdrawn", 5, "c", member=None),
        ),
    ],
    ids=lambda one: f"{one.fact}-{one.value or one.detail}",
)
def test_at_a_tie_the_fact_that_refuses_comes_last(permits: Fact, refuses: Fact) -> None:
    for facts in ([permits, refuses], [refuses, permits]):
        assert line(facts, permits.member).facts == (permits, refuses)


def test_a_tie_is_of_both_times() -> None:
    no = fact("setting", 5, "off", recorded_at=6, setting="s")
    yes = fact("setting", 5, "on", recorded_at=7, setting="s")
    assert line([no, yes]).facts == (no, yes)


def test_the_order_of_the_input_never_matters() -> None:
    facts = [
        off(5),
        fact("setting", 5, "on", setting="s"),
        fact("setting", 5, "on", setting="s", scope="all"),
        fact("notice", 5, "n"),
        fact("notice", 5, "m"),
    ]
    ordered = tuple(sorted(facts, key=sort_key))
    assert all(line(given).facts == ordered for given in permutations(facts))  # [TIM-10]


def test_a_birth_date_holds_at_all_times_and_the_youngest_counts() -> None:  # [TIM-12]
    found = line([fact("birth_date", 90, "1980-01-01"), fact("birth_date", 5, "1990-01-01")])
    assert found.birth_date == "1990-01-01"
    assert found.at(1).birth_date == "1990-01-01"
    assert line([fact("joined", 1)]).birth_date is None


def test_facts_without_a_member_are_the_platforms() -> None:
    found = timelines([fact("order", 1, "o", member=None), fact("joined", 1, member="")], 5)
    assert [one.fact for one in found[None].facts] == ["order"]


# Merges: [TIM-20] to [TIM-22]


def merged(at: int, member: MemberId, into: MemberId, recorded_at: int | None = None) -> Fact:
    return fact("merged", at, str(into), member=member, recorded_at=recorded_at)


def test_an_account_is_closed_when_it_is_merged_away() -> None:  # [TIM-20]
    found = line([fact("joined", 1), merged(5, "a", "b")])
    assert found.at(4).closed is None
    assert found.at(5).closed is not None


def test_a_no_that_stands_becomes_a_no_of_the_other_account_at_the_merge() -> None:  # [TIM-21]
    found = line([off(2, "old"), merged(5, "old", "a")])
    assert found.at(4).choice("s") is None
    choice = found.at(5).choice("s")
    assert choice is not None
    assert (choice.value, choice.at, choice.member) == ("off", 5, "a")


def test_a_no_that_was_taken_back_before_does_not_pass() -> None:
    yes = fact("setting", 3, "on", member="old", setting="s")
    withdrawn = fact("objection-withdrawn", 3, member="old")
    facts = [off(2, "old"), yes, fact("objection", 2, member="old"), withdrawn]
    found = timelines([*facts, merged(5, "old", "a")], ALWAYS)
    assert "a" not in found


def test_a_no_said_after_the_merge_stays_where_it_was_said() -> None:
    assert "a" not in timelines([off(6, "old"), merged(5, "old", "a")], ALWAYS)


def test_a_value_outside_the_three_passes_as_off() -> None:
    maybe = fact("setting", 2, "maybe", member="old", setting="s", method="migrated")
    choice = line([maybe, merged(5, "old", "a")]).at(5).choice("s")
    assert choice is not None
    assert choice.value == "off"


def test_an_unnamed_objection_passes_whole() -> None:  # [TIM-21]
    facts = [
        fact("objection", 2, member="old"),
        fact("objection-withdrawn", 3, member="old", setting="s"),
        merged(5, "old", "a"),
    ]
    state = line(facts).at(5)
    assert state.objection("s") is not None
    assert state.objection("other") is not None


def test_other_facts_do_not_pass() -> None:
    facts = [
        fact("jurisdiction", 1, "DE", member="old"),
        fact("agreement", 1, "g", member="old"),
        fact("birth_date", 1, "2015-01-01", member="old"),
        fact("setting", 1, "on", member="old", setting="s"),
        merged(5, "old", "a"),
    ]
    assert "a" not in timelines(facts, ALWAYS)


def test_a_chain_follows_in_the_order_of_time() -> None:  # [TIM-22]
    onward = timelines([off(1, "x"), merged(3, "x", "y"), merged(5, "y", "z")], ALWAYS)
    assert onward["z"].at(5).choice("s") is not None
    before = timelines([off(1, "x"), merged(5, "x", "y"), merged(3, "y", "z")], ALWAYS)
    assert "z" not in before


@pytest.mark.parametrize("names", list(permutations("xyz")))
def test_at_one_instant_a_chain_holds_whatever_its_names(names: tuple[str, str, str]) -> None:
    first, second, third = names
    facts = [off(1, first), merged(5, first, second), merged(5, second, third)]
    assert timelines(facts, ALWAYS)[third].at(5).choice("s") is not None  # [TIM-22]


def test_a_ring_of_merges_shares_its_noes_and_ends() -> None:  # [TIM-22]
    ring = [merged(5, "x", "y"), merged(5, "y", "z"), merged(5, "z", "x")]
    nos = [off(1, "x", "one"), off(1, "y", "two"), fact("objection", 1, member="z")]
    found = timelines([*ring, *nos], ALWAYS)
    for member in "xyz":
        state = found[member].at(5)
        assert state.choice("one") is not None
        assert state.choice("two") is not None
        assert state.objection(None) is not None


def test_an_account_merged_into_itself_is_closed_and_keeps_its_noes() -> None:
    found = line([off(1), merged(5, "a", "a")])
    assert found.at(5).closed is not None
    assert found.at(5).choice("s") is not None


def test_a_merge_that_is_not_yet_known_passes_nothing() -> None:
    facts = [off(1, "old"), merged(5, "old", "a", recorded_at=9)]
    assert "a" not in timelines(facts, 8)
    assert "a" in timelines(facts, 9)


def test_an_integer_id_is_found_by_its_digits() -> None:
    facts = [off(1, 7), fact("joined", 1, member=8), merged(5, 7, 8)]
    assert timelines(facts, ALWAYS)[8].at(5).choice("s") is not None
