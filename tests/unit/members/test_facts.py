# SPDX-License-Identifier: Apache-2.0
"""A fact's kind, value and detail are checked strictly; what a decision reads as a no is not judged."""

from __future__ import annotations

from typing import Any

import pytest

from privity.errors import InputError, Where
from privity.members.facts import SHAPES, Fact, check_shape, parse_detail

# [TIM-2] every kind of fact, with a value and a detail that it may have.
SOUND: dict[str, tuple[str, dict[str, Any]]] = {
    "joined": ("", {}),
    "closed": ("", {}),
    "reopened": ("", {}),
    "deceased": ("", {}),
    "jurisdiction": ("US", {"evidence": "billing"}),
    "birth_date": ("1990-05-05", {}),
    "agreement": ("subscription", {}),
    "agreement-ended": ("subscription", {}),
    "notice": ("genai-2024-09", {}),
    "setting": ("on", {"setting": "genai", "method": "signal", "scope": "all"}),
    "objection": ("", {"setting": "genai"}),
    "objection-withdrawn": ("", {}),
    "merged": ("other", {}),
    "minor-suspected": ("", {}),
    "minor-cleared": ("", {}),
    "recipient": ("lab", {"role": "third-party"}),
    "recipient-ended": ("lab", {}),
    "order": ("ico", {"jurisdictions": ["GB"], "purposes": [], "recipients": ["nobody"]}),
    "order-lifted": ("ico", {}),
    "seat-instruction": ("acme", {"categories": ["content"]}),
    "seat-instruction-withdrawn": ("acme", {}),
}


def test_every_kind_has_a_sound_example() -> None:
    assert SOUND.keys() == SHAPES.keys()


@pytest.mark.parametrize("kind", SHAPES)
def test_a_sound_fact_passes(kind: str) -> None:
    value, detail = SOUND[kind]
    check_shape(kind, value, detail, platform=SHAPES[kind].platform)


@pytest.mark.parametrize("kind", SHAPES)
def test_a_member_or_none_as_the_kind_has_it(kind: str) -> None:  # [TIM-3]
    value, detail = SOUND[kind]
    with pytest.raises(InputError) as caught:
        check_shape(kind, value, detail, platform=not SHAPES[kind].platform)
    assert caught.value.code == "facts/member"
    assert f"fact `{kind}`" in caught.value.message


def test_an_unknown_kind_names_the_nearest() -> None:
    with pytest.raises(InputError) as caught:
        check_shape("objektion", "", {}, platform=False, where=Where(file="facts.csv", row=3))
    assert caught.value.code == "vocabulary/unknown-fact"
    assert "`objection`" in caught.value.message
    assert str(caught.value).startswith("facts.csv row 3: unknown fact `objektion`")


@pytest.mark.parametrize(
    ("kind", "value", "detail", "code"),
    [
        ("joined", "yes", {}, "facts/value"),
        ("objection", "genai", {}, "facts/value"),
        ("agreement", "", {}, "facts/value"),
        ("merged", "", {}, "facts/value"),
        ("birth_date", "", {}, "facts/value"),
        ("birth_date", "5 May 1990", {}, "input/date"),
        ("birth_date", "1990-02-30", {}, "input/date"),
        ("setting", "on", {}, "facts/detail"),
        ("setting", "on", {"setting": ""}, "facts/detail"),
        ("setting", "on", {"setting": 7}, "facts/detail"),
        ("setting", "on", {"setting": "genai", "method": "guess"}, "vocabulary/unknown-method"),
        ("setting", "on", {"setting": "genai", "scope": "past"}, "vocabulary/unknown-scope"),
        ("setting", "on", {"setting": "genai", "scop": "all"}, "vocabulary/unknown-detail"),
        ("joined", "", {"setting": "genai"}, "vocabulary/unknown-detail"),
        ("jurisdiction", "US", {"evidence": "horoscope"}, "vocabulary/unknown-evidence"),
        ("objection", "", {"setting": None}, "facts/detail"),
    ],
)
def test_a_fact_of_a_member_that_does_not_fit_is_refused(
    kind: str, value: str, detail: dict[str, Any], code: str
) -> None:
    with pytest.raises(InputError) as caught:
        check_shape(kind, value, detail, platform=False)
    assert caught.value.code == code
    assert "\n" not in caught.value.message


@pytest.mark.parametrize(
    ("kind", "detail", "code"),
    [
        ("recipient", {}, "facts/detail"),
        ("recipient", {"role": "friend"}, "vocabulary/unknown-role"),
        ("order", {"jurisdictions": "GB"}, "facts/detail"),
        ("order", {"jurisdictions": ["GB", 1]}, "facts/detail"),
        ("order", {"countries": ["GB"]}, "vocabulary/unknown-detail"),
        ("seat-instruction", {"purposes": {"genai-training": True}}, "facts/detail"),
        ("seat-instruction", {"jurisdictions": ["GB"]}, "vocabulary/unknown-detail"),
    ],
)
def test_a_fact_of_the_platform_that_does_not_fit_is_refused(
    kind: str, detail: dict[str, Any], code: str
) -> None:
    with pytest.raises(InputError) as caught:
        check_shape(kind, "name", detail, platform=True)
    assert caught.value.code == code


@pytest.mark.parametrize(
    ("kind", "value", "detail"),
    [
        ("setting", "maybe", {"setting": "genai"}),
        ("setting", "", {"setting": "no-such-setting"}),
        ("jurisdiction", "UK", {}),
        ("jurisdiction", "", {}),
        ("order", "o", {"jurisdictions": ["UK"], "categories": ["haiku"], "purposes": []}),
        ("seat-instruction", "acme", {"purposes": ["haiku"], "categories": []}),
    ],
)
def test_what_a_decision_reads_as_a_no_is_not_judged(  # [TIM-5]
    kind: str, value: str, detail: dict[str, Any]
) -> None:
    check_shape(kind, value, detail, platform=SHAPES[kind].platform)


def test_no_text_is_no_detail() -> None:  # [TIM-4]
    assert parse_detail("") == {}
    assert parse_detail("{}") == {}
    assert parse_detail('{"setting": "genai", "purposes": ["a"]}') == {
        "setting": "genai",
        "purposes": ["a"],
    }


@pytest.mark.parametrize(
    "text",
    [
        "{",
        "[]",
        "[" * 100_000,
        "null",
        '"setting"',
        "setting=genai",
        '{"setting": "genai", "setting": "other"}',
        '{"a": {"b": 1, "b": 2}}',
        " ",
    ],
)
def test_a_detail_is_one_object_with_every_key_once(text: str) -> None:  # [TIM-4]
    with pytest.raises(InputError) as caught:
        parse_detail(text, Where(file="facts.csv", row=0))
    assert caught.value.code == "facts/detail"
    assert caught.value.where == Where(file="facts.csv", row=0)


def test_a_long_detail_is_cut_in_the_message() -> None:
    with pytest.raises(InputError) as caught:
        parse_detail("x" * 1000)
    assert len(caught.value.message) < 200


def test_a_fact_left_plain_is_declared_and_for_the_future() -> None:  # [TIM-1]
    fact = Fact(member="a", fact="jurisdiction", value="US", at=1, recorded_at=2)
    assert fact.order == (1, 2)
    assert fact.evidence == "declared"
    assert fact.setting is None
    assert not fact.covers_all
