# SPDX-License-Identifier: Apache-2.0
"""What is drawn, and the bounds that follow from it, counted out (AUD-80, AUD-81)."""

from __future__ import annotations

from collections import Counter
from fractions import Fraction
from itertools import combinations
from math import comb

import pytest
from scipy import stats
from tests.unit.audit.replayed import gap, post, release, replay

from privity.audit.replay import ReplayQuestion
from privity.audit.sampling import bounds_of, drawn_of, likely
from privity.errors import InputError
from privity.testing.plain import said

CONFIDENCE = Fraction(95, 100)


def chance_of(population: int, there: int, drawn: int, seen: int) -> Fraction:
    """The chance that as many are among those that are drawn, counted out."""
    ways = comb(there, seen) * comb(population - there, drawn - seen)
    return Fraction(ways, comb(population, drawn))


def test_each_set_is_drawn_as_often_as_another() -> None:
    """AUD-80: by far more draws than sets; the chance of so uneven counts is under one in a million."""
    counts = Counter(drawn_of(6, 3, seed) for seed in range(4000))
    assert set(counts) == {frozenset(one) for one in combinations(range(6), 3)}
    assert stats.chisquare(list(counts.values())).pvalue > 1e-6


def test_a_draw_can_be_made_again_by_anybody() -> None:
    """AUD-80: this very one, by the words of the specification."""
    assert drawn_of(100, 5, 7) == drawn_of(100, 5, 7)
    assert drawn_of(100, 5, 7) != drawn_of(100, 5, 8)
    assert sorted(drawn_of(100, 10, 7)) == [0, 13, 17, 23, 37, 48, 61, 65, 74, 83]
    assert drawn_of(3, 5, 1) == {0, 1, 2}


@pytest.mark.parametrize("population", [1, 2, 5, 12])
def test_likely_is_what_is_counted_out(population: int) -> None:
    """AUD-81: also where a chance is exactly the one that it is compared with."""
    for there in range(population + 1):
        for drawn in range(1, population + 1):
            exact = Fraction(0)
            for most in range(drawn + 1):
                exact += chance_of(population, there, drawn, most)
                for chance in (Fraction(1, 40), Fraction(1, 3), exact):
                    answer = likely(population, there, drawn, most=most, chance=chance)
                    assert answer == (exact > chance)


@pytest.mark.parametrize(
    ("population", "drawn"), [(9, 1), (10, 4), (23, 7), (30, 29), (16, 16)]
)
def test_the_bounds_hold_with_their_confidence(population: int, drawn: int) -> None:
    """AUD-81: whatever is there, as often as they say, or more often."""
    bounds = [bounds_of(population, drawn, wrong, CONFIDENCE) for wrong in range(drawn + 1)]
    for there in range(population + 1):
        missed = [
            chance_of(population, there, drawn, seen)
            for seen in range(drawn + 1)
            if not bounds[seen].at_least <= there <= bounds[seen].at_most
        ]
        assert sum(missed) <= 1 - CONFIDENCE


def test_bounds_are_as_narrow_as_they_can_be() -> None:
    """AUD-81: one more, or one fewer, would be too unlikely."""
    population, drawn, wrong = 1000, 100, 3
    either = (1 - CONFIDENCE) / 2
    bounds = bounds_of(population, drawn, wrong, CONFIDENCE)

    def few(there: int) -> Fraction:
        return sum(
            (chance_of(population, there, drawn, one) for one in range(wrong + 1)), Fraction(0)
        )

    def many(there: int) -> Fraction:
        return 1 - few(there) + chance_of(population, there, drawn, wrong)

    assert few(bounds.at_most) > either >= few(bounds.at_most + 1)
    assert many(bounds.at_least) > either >= many(bounds.at_least - 1)


def test_of_very_many_the_bounds_are_those_of_clopper_and_pearson() -> None:
    """AUD-81: which do not ask how many there are."""
    population, drawn, wrong = 10**9, 1000, 4
    bounds = bounds_of(population, drawn, wrong, CONFIDENCE)
    interval = stats.binomtest(wrong, drawn).proportion_ci(0.95, "exact")
    assert bounds.at_least / population == pytest.approx(interval.low, rel=1e-3)
    assert bounds.at_most / population == pytest.approx(interval.high, rel=1e-3)


def test_where_all_are_drawn_nothing_is_left_open() -> None:
    """AUD-81."""
    bounds = bounds_of(1000, 1000, 17, CONFIDENCE)
    assert (bounds.at_least, bounds.at_most) == (17, 17)


# In a replay


def test_what_was_not_drawn_is_said() -> None:
    """AUD-80, AUD-81."""
    rows = [post(f"p{number}", "ab"[number % 2]) for number in range(200)]
    releases = [release(*rows[:120]), release(*rows[120:], release="other")]
    facts = [said("2025-05-01", "off", member="b")]
    question = ReplayQuestion(sample=50, seed=3)
    report = replay(facts=facts, releases=releases, question=question)
    assert report.figures["decided"] == 50
    assert gap(report, "sampled").records == 150
    drawn = drawn_of(200, 50, 3)
    wrong = {f"p{number}" for number in drawn if number % 2}
    assert {one["record"] for one in report.items} == wrong
    least, most = report.figures["at_least"], report.figures["at_most"]
    assert isinstance(least, int)
    assert isinstance(most, int)
    assert least <= 100 <= most
    bounds = bounds_of(200, 50, len(wrong), CONFIDENCE)
    assert (least, most) == (bounds.at_least, bounds.at_most)


def test_what_is_drawn_is_decided_with_what_it_quotes() -> None:
    """AUD-80: whether that is drawn or not."""
    rows = [post("q", quotes=("p",)), *(post(f"r{number}") for number in range(20))]
    facts = [said("2025-05-01", "off", member="b")]
    for seed in range(20):
        report = replay(
            facts=facts,
            releases=[release(*rows, post("p", "b"))],
            question=ReplayQuestion(sample=2, seed=seed),
        )
        drawn = drawn_of(22, 2, seed)
        assert len(report.items) == len(drawn & {0, 21})


def test_a_sample_of_all_is_all() -> None:
    """AUD-80: then there is nothing to bound."""
    report = replay(question=ReplayQuestion(sample=3))
    assert (report.answer, report.figures["at_most"]) == ("clean", None)


def test_a_sample_that_is_clean_says_how_many_may_be_wrong() -> None:
    """AUD-81."""
    rows = [post(f"p{number}") for number in range(200)]
    report = replay(releases=[release(*rows)], question=ReplayQuestion(sample=60))
    assert report.answer == "clean"
    most = bounds_of(200, 60, 0, CONFIDENCE).at_most
    assert any(f"0 to {most} are" in one for one in report.summary)


def test_a_sample_of_nothing_is_an_error() -> None:
    with pytest.raises(InputError, match="sample of 0"):
        replay(question=ReplayQuestion(sample=0))
