# SPDX-License-Identifier: Apache-2.0
"""No hidden number of a card can be told to be under 5: an attacker who solves for it cannot (REL-41, REL-42).

The attacker here is a linear programme of its own, and shares nothing with the code that hides: it knows all that is
shown, the totals that the log says, what the table itself has, and that a hidden number is there for a reason.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np
from hypothesis import example, given, strategies as st
from scipy.optimize import LinearConstraint, milp
from tests.unit.release.papers.made_papers import Refused, summary_of

from privity.release.papers.figures import Figures, figures_of
from privity.release.papers.hiding import LEAST, hide_line
from privity.release.summary import Summary

CATEGORIES = ("inmail", "post", "comment", "profile")
REASONS = ("opted-out", "minor", "forbidden", "no-notice")
PLACES = ("US", "BR", "FR", "(record)")

few = st.integers(1, 9)
some = st.one_of(few, few, st.integers(10, 300))
refusals = st.lists(
    st.tuples(
        st.sampled_from(CATEGORIES),
        # Mostly one reason: then a column's numbers add up to its records, and give most away.
        st.one_of(
            st.sampled_from(REASONS).map(lambda one: (one,)),
            st.sets(st.sampled_from(REASONS), min_size=1).map(lambda one: tuple(sorted(one))),
        ),
        st.sampled_from(PLACES),
        some,
    ),
    max_size=14,
)
permits = st.dictionaries(st.sampled_from(CATEGORIES), st.one_of(st.just(0), some))


def known(value: int | None) -> bool:
    return value is not None


class Attacker:
    """What can be concluded of the refused records from a card and the log's totals."""

    def __init__(self, figures: Figures, summary: Summary) -> None:
        self.categories = [one.category for one in figures.categories]
        self.reasons = [one.reason for one in figures.reasons]
        self.width = len(self.categories)
        self.count = self.width * (1 + len(self.reasons))
        self.rows: list[tuple[Any, float, float]] = []
        self.low = np.zeros(self.count)
        self.high = np.full(self.count, float(summary.refused))
        refused = {one.category: one.refused for one in figures.categories}
        self.rows.append(
            (self.sum_of(self.column(name) for name in refused), *2 * [summary.refused])
        )
        nothing = not any(map(known, refused.values()))
        for name, number in refused.items():
            self.say(self.column(name), number, least=0 if nothing else 1)
        for line in figures.reasons:
            for name in self.categories:
                pooled = refused[name] is None
                number = line.by_category.get(name, 0)
                self.say(self.cell(line.reason, name), number, least=0 if pooled else 1)
                within = self.sum_of([self.column(name)]) - self.sum_of(
                    [self.cell(line.reason, name)]
                )
                self.rows.append((within, 0, np.inf))
            whole = self.sum_of(self.cell(line.reason, name) for name in self.categories)
            bounds = (1, np.inf) if line.records is None else 2 * (line.records,)
            self.rows.append((whole, *bounds))
        for name in self.categories if figures.reasons else ():
            reasons = self.sum_of(self.cell(one, name) for one in self.reasons)
            self.rows.append((reasons - self.sum_of([self.column(name)]), 0, np.inf))

    def column(self, category: str) -> int:
        return self.categories.index(category)

    def cell(self, reason: str, category: str) -> int:
        return self.width * (1 + self.reasons.index(reason)) + self.column(category)

    def sum_of(self, places: Any) -> Any:
        row = np.zeros(self.count)
        row[list(places)] = 1
        return row

    def say(self, place: int, number: int | None, *, least: int) -> None:
        self.low[place] = least if number is None else number
        if number is not None:
            self.high[place] = number

    def most(self, places: Any) -> float:
        """The most that these numbers can come to."""
        matrix, low, high = zip(*self.rows, strict=True)
        found = milp(
            -self.sum_of(places),
            constraints=LinearConstraint(np.array(matrix), low, high),
            integrality=np.ones(self.count),
            bounds=(self.low, self.high),
            options={
                "presolve": False
            },  # with it, HiGHS misses the best of some small programmes
        )
        assert found.success, found.message
        return -found.fun


def few_hidden(
    figures: Figures, summary: Summary
) -> Iterator[tuple[str, list[tuple[str, str]]]]:
    """Name what is hidden and few in truth: the cells that make it up, a reason of `` is the records themselves."""
    for one in figures.categories:
        records, permitted = summary.by_category[one.category]
        if 0 < records - permitted < LEAST:
            assert one.refused is None
            yield one.category, [("", one.category)]
    for line in figures.reasons:
        truth = {
            name: by.get(line.reason, 0) for name, by in summary.reasons_by_category.items()
        }
        for name, number in truth.items():
            if 0 < number < LEAST:
                assert line.by_category[name] is None
                yield f"{line.reason} of {name}", [(line.reason, name)]
        if 0 < sum(truth.values()) < LEAST:
            assert line.records is None
            yield line.reason, [(line.reason, one.category) for one in figures.categories]


@given(permits, refusals)
@example(
    {},
    [
        ("post", ("opted-out",), "US", 50),
        ("post", ("minor",), "US", 50),
        ("inmail", ("opted-out",), "US", 2),
        ("inmail", ("minor",), "US", 3),
    ],
)
@example({"post": 3}, [("post", ("opted-out",), "US", 3)])
@example({}, [("post", ("opted-out",), "US", 2), ("inmail", ("opted-out",), "US", 3)])
def test_nobody_can_tell_that_a_hidden_number_is_under_five(
    permitted: Mapping[str, int], refused: list[Refused]
) -> None:
    summary = summary_of(permitted, refused)
    figures = figures_of(summary)
    if summary.refused < LEAST:
        # The log itself says how few they are; the card says nothing more of them.
        assert not figures.reasons
        assert not figures.places
        assert not any(one.refused for one in figures.categories)
        return
    attacker = Attacker(figures, summary)
    for named, cells in few_hidden(figures, summary):
        places = [
            attacker.cell(reason, category) if reason else attacker.column(category)
            for reason, category in cells
        ]
        assert attacker.most(places) >= LEAST, named


@given(permits, refusals)
def test_nor_of_what_was_permitted_nor_of_a_jurisdiction(
    permitted: Mapping[str, int], refused: list[Refused]
) -> None:
    summary = summary_of(permitted, refused)
    figures = figures_of(summary)
    yes = {name: number for name, (_, number) in summary.by_category.items()}
    shown = {one.category: one.permitted for one in figures.categories}
    if summary.permitted >= LEAST:
        check_line(yes, shown)
    for line in figures.places:
        truth = dict.fromkeys(line.by_place, 0)
        for cell in summary.cells:
            if cell.reason == line.reason:
                truth[cell.jurisdiction] += cell.records
        check_line(truth, line.by_place)


def check_line(truth: Mapping[str, int], shown: Mapping[str, int | None]) -> None:
    """Check what is hidden of numbers whose sum somebody knows."""
    hidden = [name for name, number in shown.items() if number is None]
    assert all(shown[name] == number for name, number in truth.items() if name not in hidden)
    assert not any(0 < number < LEAST for number in shown.values() if number is not None)
    least = 0 if len(hidden) == len(shown) else 1
    together = sum(truth[name] for name in hidden)
    for name in hidden:
        if 0 < truth[name] < LEAST:
            assert together - least * (len(hidden) - 1) >= LEAST


@given(permits, refusals)
def test_no_number_from_one_to_four_is_shown_nor_one_that_is_a_difference_of_shown_ones(
    permitted: Mapping[str, int], refused: list[Refused]
) -> None:
    figures = figures_of(summary_of(permitted, refused))
    lines = [
        (figures.records, figures.permitted, figures.refused),
        *((one.records, one.permitted, one.refused) for one in figures.categories),
    ]
    for line in lines:
        assert not any(number is not None and 0 < number < LEAST for number in line)
        # Two of three would give the third.
        assert sum(number is None for number in line) != 1
    for row in figures.reasons:
        numbers = (row.records, *row.by_category.values())
        assert not any(number is not None and 0 < number < LEAST for number in numbers)


@given(permits, refusals)
@example({"comment": 0}, [("post", ("opted-out",), "US", 5)])
@example(
    {"inmail": 0, "post": 0, "comment": 0},
    [
        ("inmail", ("opted-out",), "US", 1),
        ("inmail", ("opted-out",), "US", 3),
        ("post", ("opted-out",), "US", 1),
    ],
)
def test_what_is_shown_is_true(permitted: Mapping[str, int], refused: list[Refused]) -> None:
    summary = summary_of(permitted, refused)
    figures = figures_of(summary)
    for one in figures.categories:
        records, yes = summary.by_category[one.category]
        assert one.records in {None, records}
        assert one.permitted in {None, yes}
        assert one.refused in {None, records - yes}
    for line in figures.reasons:
        assert line.records in {None, summary.reasons[line.reason]}
        for name, number in line.by_category.items():
            # A category of which nothing was refused has no reasons.
            truth = summary.reasons_by_category.get(name, {}).get(line.reason, 0)
            assert number in {None, truth}


@given(st.dictionaries(st.sampled_from("abcdef"), st.one_of(st.just(0), some)))
def test_a_line_hides_no_more_than_it_must(counts: dict[str, int]) -> None:
    hidden = hide_line(counts)
    if not any(0 < number < LEAST for number in counts.values()):
        assert hidden == frozenset()
    elif hidden is not None:
        assert len(hidden) > 1
        assert all(counts[name] for name in hidden)
