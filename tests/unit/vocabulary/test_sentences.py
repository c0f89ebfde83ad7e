# SPDX-License-Identifier: Apache-2.0
"""A text is a plain string to whoever does not look, and keeps what it is made of."""

from __future__ import annotations

import copy
import json
import pickle
from typing import Any

import pytest
from hypothesis import given, strategies as st

from privity.canonical.encode import encode
from privity.canonical.instants import parse_instant
from privity.vocabulary.places import country_in, place_name
from privity.vocabulary.sentences import (
    By,
    Country,
    Day,
    Listing,
    Sentence,
    To,
    day,
    listed,
    say,
    say_count,
    span,
    upper_first,
    whole_day,
)

MADE = [
    say("plain, with {braces} in it"),
    say("until {day}", day=day(0)),
    say_count("{count} day", "{count} days", count=2),
    upper_first(say("{who}: yes", who="ana")),
    day(86_399),
    listed(["a", "b"]),
    listed(["a and b", "c"]),
    Listing(["a", "b", "c"], By.SEMICOLON_OR),
    place_name("DE"),
]


def pickled(text: str) -> Any:
    return pickle.loads(pickle.dumps(text))  # noqa: S301 - of our own making


def parts(text: Any) -> dict[str, Any]:
    return {name: getattr(text, name) for name in type(text).__slots__}


@pytest.mark.parametrize("made", MADE, ids=str)
@pytest.mark.parametrize(
    "copied", [copy.copy, copy.deepcopy, pickled], ids=lambda one: one.__name__
)
def test_a_copy_has_all_of_it(made: str, copied: Any) -> None:
    again = copied(made)
    assert again == made
    assert type(again) is type(made)
    assert parts(again) == parts(made)


@pytest.mark.parametrize("made", MADE, ids=str)
def test_it_is_text_to_everybody_else(made: str) -> None:
    plain = "".join(made)
    assert type(plain) is str
    assert (made, hash(made)) == (plain, hash(plain))
    assert json.dumps(made) == json.dumps(plain)
    assert encode({"text": made}) == encode({"text": plain})
    assert type(f"{made}") is str


@pytest.mark.parametrize(
    ("made", "text"),
    [
        (say("{count} seconds", count=1), "1 seconds"),
        (span(86_400), "1 day"),
        (span(30 * 86_400), "30 days"),
        (span(3_600), "1 hour"),
        (span(120), "2 minutes"),
        (span(7), "7 seconds"),
        (upper_first(say("{who}: yes", who="ana")), "Ana: yes"),
        (listed([]), ""),
        (listed(["a"]), "a"),
        (listed(["a", "b", "c"]), "a, b and c"),
        (listed(["a, b", "c"]), "a, b; c"),
        (Listing(["a", "b", "c"], By.OR), "a or b or c"),
        (Listing(["a", "b"], By.SEMICOLON_OR), "a; or b"),
    ],
)
def test_it_reads_as_english(made: str, text: str) -> None:
    assert made == text


@pytest.mark.parametrize(
    ("at", "text", "to"),
    [
        ("2024-09-18T00:00:00Z", "18 September 2024", To.DAY),
        ("2024-09-18T09:05:00Z", "18 September 2024, 09:05 UTC", To.MINUTE),
        ("2024-09-18T09:05:07Z", "18 September 2024, 09:05:07 UTC", To.SECOND),
    ],
)
def test_a_day_has_its_time_where_it_is_not_midnight(at: str, text: str, to: To) -> None:
    made = day(parse_instant(at))
    assert isinstance(made, Day)
    assert (made, made.to, made.instant) == (text, to, parse_instant(at))
    assert whole_day(parse_instant(at)) == "18 September 2024"


@given(value=st.text(), other=st.text())
def test_what_stands_in_a_place_is_taken_as_it_is(value: str, other: str) -> None:
    assert say("{a} – {b}", a=value, b=other) == f"{value} – {other}"
    assert say(value) == value


def test_a_text_without_values_is_a_template_too() -> None:
    made = say("no")
    assert isinstance(made, Sentence)
    assert (made.template, dict(made.values), made.many) == ("no", {}, None)


def test_countries_have_names_in_other_languages() -> None:
    germany = place_name("DE")
    assert isinstance(germany, Country)
    assert (germany, germany.code) == ("Germany", "DE")
    assert country_in(germany, "de") == "Deutschland"
    assert country_in(germany, "pt_BR") == "Alemanha"
    assert country_in(germany, "xx") == "Germany"
