# SPDX-License-Identifier: Apache-2.0
"""Periods tell what held from when until when; what holds after the last of them is what refuses."""

from __future__ import annotations

import random
from pathlib import Path

import pytest
from tests.unit.sources.told_tables import PERIODS, Make, period, year

from privity.canonical.instants import format_instant, parse_instant
from privity.members.reading import read_facts
from privity.sources.from_table import facts_from_tables
from privity.sources.table_binding import parse_table_binding
from privity.sources.whole_seconds import UNKNOWN_PLACE
from privity.sources.write_facts import write_facts

MEMBERSHIPS = """\
table = "periods"
member = "id"
from = "begins"
to = "ends"
as_of = 2025-06-01T00:00:00Z
[[fact]]
fact = "joined"
"""


def test_periods_that_follow_each_other_are_choices_one_after_the_other(make: Make) -> None:
    rows = ["a," + period(2015, 2018, "1"), "a," + period(2018, None, "0")]
    told = make(PERIODS, "id,begins,ends,ai\n" + "".join(rows))
    assert [fact[1:3] for fact in told] == [("off", year(2018)), ("on", year(2015))]


def test_a_yes_that_ends_in_nothing_known_ends_in_a_no(make: Make) -> None:
    rows = ["a," + period(2015, 2018, "1"), "a," + period(2020, None, "1")]
    told = make(PERIODS, "id,begins,ends,ai\n" + "".join(rows))
    assert told == [
        ("a setting", "off", year(2018), '{"method":"migrated","setting":"s"}'),
        ("a setting", "on", year(2015), '{"method":"explicit","setting":"s"}'),
        ("a setting", "on", year(2020), '{"method":"explicit","setting":"s"}'),
    ]


def test_a_no_that_ends_in_nothing_known_stands_on(make: Make) -> None:
    told = make(PERIODS, "id,begins,ends,ai\na," + period(2015, 2018, "0"))
    assert [fact[1:3] for fact in told] == [("off", year(2015))]


def test_a_membership_whose_last_period_ends_is_a_closed_account(make: Make) -> None:
    rows = ["a," + period(2015, 2018), "a," + period(2020, 2021), "b," + period(2015, 2018)]
    told = make(MEMBERSHIPS, "id,begins,ends\n" + "".join([*rows, "b," + period(2020, None)]))
    assert [fact[:3] for fact in told if fact[0].endswith("closed")] == [
        ("a closed", "", year(2021))
    ]


def test_no_membership_undoes_a_closing_that_something_else_tells_of(make: Make) -> None:
    """To begin again is no reopening: an account that was banned in the meantime stays closed."""
    binding = f"""{MEMBERSHIPS}where = {{column = "is", is = ["active"]}}
[[fact]]
fact = "closed"
where = {{column = "is", is = ["banned"]}}
"""
    rows = ["a," + period(2015, 2018, "active"), "a," + period(2018, None, "banned")]
    told = make(
        binding, "id,begins,ends,is\n" + "".join([*rows, "a," + period(2020, None, "active")])
    )
    assert "a reopened" not in {fact[0] for fact in told}


@pytest.mark.parametrize("ends", [2018, None])
def test_the_end_of_a_suspension_reopens_no_account_that_ended(
    make: Make, ends: int | None
) -> None:
    binding = f"""{MEMBERSHIPS}where = {{column = "is", is = ["active"]}}
[[fact]]
fact = "closed"
where = {{column = "is", is = ["suspended"]}}
"""
    rows = ["a," + period(2015, ends, "active"), "a," + period(2018, 2020, "suspended")]
    told = make(binding, "id,begins,ends,is\n" + "".join(rows))
    assert ("a reopened" in {fact[0] for fact in told}) == (ends is None)


@pytest.mark.parametrize("end", ["9999-12-31T23:59:59Z", "9999-12-31T00:00:00Z", ""])
def test_a_period_without_an_end_does_not_end(make: Make, end: str) -> None:
    told = make(PERIODS, f"id,begins,ends,ai\na,{year(2015)},{end},1\n")
    assert [fact[1] for fact in told] == ["on"]


def test_a_period_of_no_time_says_nothing(make: Make) -> None:
    assert make(PERIODS, "id,begins,ends,ai\na," + period(2015, 2015, "1")) == []


def test_a_place_that_ends_in_nothing_known_is_nowhere_known(make: Make) -> None:
    binding = PERIODS.split("[[fact]]", maxsplit=1)[0] + (
        '[[fact]]\nfact = "jurisdiction"\nevidence = {column = "source"}\nvalue = {column = "country"}\n'
    )
    rows = [
        "a," + period(2015, 2018, "US", "declared"),
        "a," + period(2015, None, "US", "ip"),
        "a," + period(2018, 2019, "DE", "declared"),
    ]
    told = make(binding, "id,begins,ends,country,source\n" + "".join(rows))
    declared = '{"evidence":"declared"}'
    assert told == [
        ("a jurisdiction", "DE", year(2018), declared),
        ("a jurisdiction", "US", year(2015), declared),
        ("a jurisdiction", "US", year(2015), '{"evidence":"ip"}'),
        ("a jurisdiction", UNKNOWN_PLACE, year(2019), declared),
    ]


def test_what_is_held_side_by_side_ends_each_by_itself(make: Make) -> None:
    binding = PERIODS.split("[[fact]]", maxsplit=1)[0] + (
        '[[fact]]\nfact = "agreement"\nvalue = {column = "plan"}\n'
        '[[fact]]\nfact = "minor-suspected"\nwhere = {column = "plan", is = ["kids"]}\n'
    )
    rows = [
        "a," + period(2015, 2018, "p"),
        "a," + period(2016, 2020, "q"),
        "a," + period(2017, 2019, "p"),
        "b," + period(2015, 2018, "kids"),
    ]
    told = make(binding, "id,begins,ends,plan\n" + "".join(rows))
    ended = [fact[:3] for fact in told if fact[0].endswith(("-ended", "-cleared"))]
    assert ended == [
        ("a agreement-ended", "p", year(2019)),
        ("a agreement-ended", "q", year(2020)),
        ("b agreement-ended", "kids", year(2018)),
        ("b minor-cleared", "", year(2018)),
    ]


def holds(periods: list[tuple[int, int | None]], at: int) -> bool:
    return any(begins <= at and (ends is None or at < ends) for begins, ends in periods)


@pytest.mark.parametrize("seed", range(30))
def test_an_agreement_holds_exactly_in_its_periods(tmp_path: Path, seed: int) -> None:
    """Whatever overlaps and gaps there are: begun and ended facts give the union of the periods."""
    chance = random.Random(seed)
    periods: dict[tuple[str, str], list[tuple[int, int | None]]] = {}
    rows = ["id,begins,ends,plan\n"]
    for _ in range(30):
        member, plan = chance.choice("abc"), chance.choice("pq")
        begins = chance.randrange(2000, 2020)
        ends = chance.choice([None, *[begins + more for more in range(1, 4)] * 6])
        periods.setdefault((member, plan), []).append((begins, ends))
        rows.append(f"{member}," + period(begins, ends, plan))
    path = tmp_path / "t.csv"
    path.write_text("".join(rows))
    binding = (
        PERIODS.split("[[fact]]", maxsplit=1)[0]
        + '[[fact]]\nfact = "agreement"\nvalue = {column = "plan"}\n'
    )
    bound = parse_table_binding(binding, source="binding.toml")
    write_facts(facts_from_tables(bound, [path]), tmp_path / "facts.parquet")
    facts = [
        row for batch in read_facts(tmp_path / "facts.parquet") for row in batch.to_pylist()
    ]
    for key, held in periods.items():
        own = [row for row in facts if (row["member"], row["value"]) == key]
        for at in range(1999, 2026):
            instant = parse_instant(year(at))
            past = [row for row in own if row["at"].timestamp() <= instant]
            # At a tie the agreement stands, as in a timeline.
            last = max(
                past, key=lambda row: (row["at"], row["fact"] == "agreement"), default=None
            )
            assert (last is not None and last["fact"] == "agreement") == holds(held, at), (
                key,
                format_instant(instant),
            )
