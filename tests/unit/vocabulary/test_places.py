# SPDX-License-Identifier: Apache-2.0
"""Places: ISO codes and the dated groups EU and EEA (VOC-20 to VOC-23)."""

from __future__ import annotations

import pytest

from privity.canonical.instants import Instant, parse_instant
from privity.vocabulary.places import (
    EEA,
    EU,
    Span,
    changes,
    codes,
    in_place,
    is_code,
    members,
    place_name,
    unknown_place,
)


def day(text: str) -> Instant:
    return parse_instant(f"{text}T00:00:00Z")


def test_the_codes_are_the_assigned_ones() -> None:
    """VOC-20."""
    assert len(codes()) == 249
    assert {"GB", "NO", "HK", "CN", "CH"} <= codes()
    for none in ("UK", "EL", "EU", "XK", "AN", "gb", "GBR", ""):
        assert not is_code(none)


@pytest.mark.parametrize(
    ("code", "group", "first", "last"),
    [
        ("DE", EU, "1958-01-01", None),
        ("GB", EU, "1973-01-01", "2020-12-31"),
        ("GB", EEA, "1973-01-01", "2020-12-31"),
        ("SE", EU, "1995-01-01", None),
        ("SE", EEA, "1994-01-01", None),
        ("HR", EU, "2013-07-01", None),
        ("HR", EEA, "2013-07-01", None),
        ("IS", EEA, "1994-01-01", None),
        ("NO", EEA, "1994-01-01", None),
        ("LI", EEA, "1995-05-01", None),
    ],
)
def test_membership_is_a_half_open_time(
    code: str, group: str, first: str, last: str | None
) -> None:
    """VOC-21, VOC-22."""
    assert not in_place(code, group, day(first) - 1)
    assert in_place(code, group, day(first))
    if last is None:
        assert in_place(code, group, day("2100-01-01"))
    else:
        end = day(last) + 86_400
        assert in_place(code, group, end - 1)
        assert not in_place(code, group, end)


@pytest.mark.parametrize("code", ["IS", "NO", "LI"])
def test_the_eea_states_that_are_not_of_the_eu(code: str) -> None:
    """VOC-22."""
    assert not in_place(code, EU, day("2024-01-01"))


@pytest.mark.parametrize("code", ["CH", "HK", "CN", "US"])
def test_others_are_in_neither_group(code: str) -> None:
    """VOC-23."""
    assert not in_place(code, EU, day("2024-01-01"))
    assert not in_place(code, EEA, day("2024-01-01"))
    assert changes(code) == ()


def test_whoever_is_in_the_eu_is_in_the_eea() -> None:
    """VOC-22."""
    for code, span in members()[EU].items():
        wider = members()[EEA][code]
        assert wider.start <= span.start
        assert wider.end == span.end


def test_a_code_is_its_own_place() -> None:
    """VOC-23."""
    assert in_place("HK", "HK", 0)
    assert not in_place("HK", "CN", 0)


def test_changes_are_the_entries_and_exits_of_a_code() -> None:
    """VOC-21."""
    assert changes("GB") == (day("1973-01-01"), day("2021-01-01"))
    assert changes("SE") == (day("1994-01-01"), day("1995-01-01"))


def test_a_span_holds_its_start_and_not_its_end() -> None:
    """VOC-21."""
    assert [at in Span(1, 3) for at in range(4)] == [False, True, True, False]


@pytest.mark.parametrize(
    ("place", "name"),
    [
        ("EU", "European Union (EU)"),
        ("EEA", "European Economic Area (EEA)"),
        ("GB", "United Kingdom"),
        ("TW", "Taiwan"),
        ("HK", "Hong Kong"),
        ("exempt", "exempt"),
    ],
)
def test_a_place_has_the_name_that_people_use(place: str, name: str) -> None:
    assert place_name(place) == name


def test_an_unknown_place_names_the_one_meant_or_says_what_a_place_is() -> None:
    """VOC-20."""
    error = unknown_place("UK")
    assert (error.message, error.hint) == ("unknown place `UK`, expected `GB`", "write `GB`")
    assert unknown_place("EEAA", ["mine"]).hint == "write `EEA`"
    assert unknown_place("mien", ["mine"]).hint == "write `mine`"
    other = unknown_place("Atlantis")
    assert other.hint is None
    assert other.message.endswith("such as `GB`, or `EU` or `EEA`")
