# SPDX-License-Identifier: Apache-2.0
"""Questions about a class: read strictly, each problem named where it stands ([AUD-30], [AUD-31])."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, strategies as st
from jsonschema import Draft202012Validator

from privity.audit.acts import ACTS
from privity.audit.asked import SIDES, Period
from privity.audit.question import ClassQuestion, Exposure, parse_question, question_of, schema
from privity.errors import InputError
from privity.vocabulary.terms import CATEGORIES, PURPOSES, ROLES

SHIPPED = Path(__file__).parents[3] / "examples" / "inmail-dispute" / "claim.yaml"

TEXT = """\
class: premium-inmail
title: Premium members
members: {agreement: subscription, sides: [sender, receiver]}
records: {categories: [inmail], before: 2024-09-18T00:00:00Z}
use: {purposes: [genai-training], recipients: [third-party]}
exposure: {sum: 1000, currency: USD}
"""


def problem(text: str) -> InputError:
    with pytest.raises(InputError) as caught:
        parse_question(text, file="claim.yaml")
    return caught.value


def test_the_shipped_class_is_the_one_of_the_complaint() -> None:
    asked = parse_question(SHIPPED.read_text("utf-8"), file="claim.yaml")
    assert asked.agreement == "subscription"
    assert asked.sides == ("sender", "receiver")
    assert asked.categories == ("inmail",)
    assert asked.made == Period(end=1726617600)
    assert (asked.purposes, asked.roles) == (("genai-training",), ("third-party",))
    assert asked.exposure == Exposure(sum=1000, currency="USD", by="18 U.S.C. 2707(c)")


def test_what_is_left_out_restricts_nothing() -> None:
    text = TEXT.replace("agreement: subscription, ", "").replace(
        ", before: 2024-09-18T00:00:00Z", ""
    )
    asked = parse_question(text.rsplit("exposure", 1)[0], file="claim.yaml")
    assert asked.agreement is None
    assert asked.made == asked.used == Period()
    assert asked.acts == ACTS
    assert asked.exposure is None


MISTAKES = {
    ("members: {", "members: {side: [sender], "): ("policy/unknown-key", 3, "`sides`"),
    ("[inmail]", "[in-mail]"): ("vocabulary/unknown-category", 4, "`inmail`"),
    ("[inmail]", "[]"): ("policy/empty-list", 4, "at least one"),
    ("[third-party]", "[third-partys]"): ("vocabulary/unknown-role", 5, "`third-party`"),
    ("[genai-training]", "[genai]"): ("vocabulary/unknown-purpose", 5, "`genai-training`"),
    ("[sender, receiver]", "[author]"): ("policy/type", 3, "`sender` or `receiver`"),
    ("before: 2024-09-18T00:00:00Z", "before: 2024-09-18"): ("policy/type", 4, "an instant"),
    ("before: 2024-", "from: 2025-01-01T00:00:00Z, before: 2024-"): (
        "audit/period", 4, "an end after its beginning",
    ),
    ("sum: 1000", "sum: '1000'"): ("policy/type", 6, "a whole sum"),
    ("sum: 1000", "sum: 0"): ("policy/type", 6, "a whole sum"),
    ("sum: 1000", "sum: 1e3"): ("policy/type", 6, "a whole sum"),
    ("sum: 1000", "sum: 9999999999"): ("policy/type", 6, "a whole sum"),
    ("currency: USD", "currency: usd"): ("policy/type", 6, "`USD`"),
    ("title: Premium members\n", ""): ("policy/missing-key", 1, "`title`"),
    ("use: {", "use: {acts: [sold], "): ("policy/type", 5, "`handed-over`"),
}  # fmt: skip


@pytest.mark.parametrize(("old", "new"), MISTAKES)
def test_a_mistake_is_named_where_it_stands(old: str, new: str) -> None:
    assert old in TEXT
    code, line, said = MISTAKES[old, new]
    error = problem(TEXT.replace(old, new, 1))
    assert error.code == code
    assert error.where is not None
    assert error.where.line == line
    assert said in str(error)
    assert "question about a class" in str(error) or "`" in str(error)


def test_no_question_at_all_is_refused() -> None:
    assert problem("").code == "policy/empty"
    assert problem("- class").code == "policy/type"


names = st.from_regex(re.compile(r"[a-z][a-z0-9 -]{0,20}[a-z0-9]", re.ASCII), fullmatch=True)
instants = st.none() | st.integers(0, 4_000_000_000)


@st.composite
def questions(draw: st.DrawFn) -> ClassQuestion:
    def some(known: Any) -> Any:
        return tuple(draw(st.lists(st.sampled_from(list(known)), min_size=1, unique=True)))

    def period() -> Period:
        start, end = draw(instants), draw(instants)
        if start is not None and end is not None:
            start, end = min(start, end), max(start, end) + 1
        return Period(start=start, end=end)

    claim = Exposure(
        sum=draw(st.integers(1, 10**9)), currency="USD", by=draw(st.none() | names)
    )
    return ClassQuestion(
        name=draw(names),
        title=draw(names),
        agreement=draw(st.none() | names),
        sides=tuple(one for one in SIDES if one in some(SIDES)) or SIDES,
        categories=some(CATEGORIES),
        made=period(),
        purposes=some(PURPOSES),
        roles=some(ROLES),
        acts=tuple(one for one in ACTS if one in some(ACTS)) or ACTS,
        used=period(),
        at=draw(instants),
        known=draw(instants),
        recipient=draw(st.none() | names),
        exposure=draw(st.none() | st.just(claim)),
    )


@given(questions())
def test_a_question_is_what_its_plain_values_say(asked: ClassQuestion) -> None:
    plain = asked.to_plain()
    assert question_of(plain, file="asked") == asked
    Draft202012Validator(schema()).validate(plain)


@given(questions(), instants)
def test_a_question_asked_of_another_instant_is_else_the_same(
    asked: ClassQuestion, at: int | None
) -> None:
    assert asked.asked_of() == asked
    assert asked.asked_of(at=at) == replace(asked, at=asked.at if at is None else at)


@pytest.mark.parametrize("part", ["members", "records", "use", "exposure"])
def test_what_the_schema_refuses_the_reader_refuses_too(part: str) -> None:
    plain = parse_question(TEXT, file="claim.yaml").to_plain()
    Draft202012Validator(schema()).validate(plain)
    for broken in (
        {**plain, part: {**plain[part], "other": "word"}},
        {**plain, part: {key: ["none"] for key in plain[part]}},
        {**plain, part: {}},
    ):
        assert not Draft202012Validator(schema()).is_valid(broken)
        with pytest.raises(InputError):
            question_of(broken, file="claim.yaml")
