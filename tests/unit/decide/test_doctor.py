# SPDX-License-Identifier: Apache-2.0
"""A diagnosis counts what each reason blocks alone, and names what would supply what is missing."""

from __future__ import annotations

from collections import Counter

import pytest
from hypothesis import given, strategies

from privity.canonical.encode import encode
from privity.decide.doctor import (
    CAUTION,
    Combination,
    Count,
    Diagnosis,
    doctor,
    lines,
    mapping,
    sample,
)
from privity.decide.explain import Cause, Explanation, explain
from privity.decide.one import decide
from privity.decide.request import Decision, Request, world
from privity.policy.parse import version_from
from privity.policy.versions import history
from privity.testing.worlds import RandomWorld, facts_of, worlds
from privity.vocabulary.reasons import REASONS_BY_ID
from privity.vocabulary.terms import CATEGORIES


def combination(category: str | None, *reasons: str) -> Combination:
    return (category, frozenset(reasons))


def explained(record_id: int, category: str, *causes: tuple[str, str, str]) -> Explanation:
    """An explanation of causes, each a reason, a party and a remedy."""
    reasons = tuple(sorted({reason for reason, _, _ in causes}))
    return Explanation(
        record_id=record_id,
        category=category,
        created_at=0,
        author="a",
        parties=("a",),
        request=Request(purpose="genai-training", recipient="self", at=0, known=0),
        decision=Decision(record_id=record_id, permit=False, reasons=reasons, obligations=()),
        causes=tuple(
            Cause(reason=reason, party=party, text="", remedy=remedy, member_text="")
            for reason, party, remedy in causes
        ),
    )


COUNTS = {
    combination("post"): 60,
    combination("post", "no-notice"): 20,
    combination("article", "no-notice"): 5,
    combination("post", "no-notice", "opted-out"): 10,
    combination("inmail", "opted-out"): 3,
    combination("haiku", "unknown-category"): 1,
    combination(None, "unknown-category"): 1,
}


def test_records_are_counted_by_whether_a_reason_blocks_them_alone() -> None:
    found = doctor(COUNTS)
    assert (found.records, found.permitted, found.refused) == (100, 60, 40)
    assert [(one.reason, one.count) for one in found.blocks] == [
        ("no-notice", Count(alone=25, together=10)),
        ("opted-out", Count(alone=3, together=10)),
        ("unknown-category", Count(alone=2, together=0)),
    ]
    assert found.blocks[0].categories == (
        ("post", Count(alone=20, together=10)),
        ("article", Count(alone=5, together=0)),
    )
    assert found.blocks[0].remedy == REASONS_BY_ID["no-notice"].remedy


def test_categories_that_nobody_knows_are_one() -> None:
    (block,) = (one for one in doctor(COUNTS).blocks if one.reason == "unknown-category")
    assert block.categories == ((None, Count(alone=2, together=0)),)


def test_what_is_missing_is_counted_with_its_members() -> None:
    counts = {combination("post", "no-notice"): 2, combination("post", "no-notice", "minor"): 1}
    found = doctor(
        counts,
        [
            explained(1, "post", ("no-notice", "a", "notice `n` delivered")),
            explained(
                2,
                "post",
                ("no-notice", "a", "notice `n` delivered"),
                ("no-notice", "b", "notice `n` delivered"),
            ),
            explained(
                3, "post", ("no-notice", "c", "notice `n` delivered"), ("minor", "c", "time")
            ),
        ],
    )
    assert [(one.remedy, one.count, one.members, one.exact) for one in found.missing] == [
        ("notice `n` delivered", Count(alone=2, together=1), 3, True),
        ("time", Count(alone=0, together=1), 1, True),
    ]


def test_a_sample_stands_for_the_records_like_it() -> None:
    counts = {combination("post", "no-notice"): 300, combination("post"): 5}
    found = doctor(
        counts,
        [
            explained(1, "post", ("no-notice", "a", "notice `n` delivered")),
            explained(2, "post", ("no-notice", "b", "notice `n` delivered")),
            explained(3, "post", ("no-notice", "a", "notice `m` delivered")),
        ],
    )
    assert [(one.remedy, one.count.alone, one.exact) for one in found.missing] == [
        ("notice `n` delivered", 200, False),
        ("notice `m` delivered", 100, False),
    ]


def test_two_things_by_one_reason_are_not_missed_alone() -> None:
    found = doctor(
        {combination("post", "no-notice"): 1},
        [
            explained(
                1,
                "post",
                ("no-notice", "a", "notice `n` delivered"),
                ("no-notice", "a", "notice `m` delivered"),
            )
        ],
    )
    assert [one.count for one in found.missing] == [Count(alone=0, together=1)] * 2


def test_lines_show_what_blocks_then_what_is_missing() -> None:
    counts = {combination("post", "no-notice"): 1234, combination("post"): 1}
    found = doctor(counts, [explained(1, "post", ("no-notice", "a", "notice `n` delivered"))])
    assert lines(found) == [
        "1,235 records: 1 permitted, 1,234 refused",
        "",
        "blocked by          alone    with others",
        "no-notice           1,234              0",
        "  post              1,234              0",
        "",
        "what is missing, by 1 refusal explained",
        "no-notice: notice `n` delivered",
        "  about 1,234 records missing nothing else, at least 1 member",
        "",
        CAUTION,
    ]


def test_lines_stop_at_what_is_asked_for() -> None:
    found = doctor(
        {combination("post", "no-notice"): 3},
        [
            explained(number, "post", ("no-notice", "a", f"notice `{number}` delivered"))
            for number in range(3)
        ],
    )
    assert "and 2 more" in lines(found, most=1)
    assert "and 2 more" not in lines(found)


def test_no_records_and_no_refusals_have_nothing_missing() -> None:
    assert lines(doctor({})) == ["0 records: 0 permitted, 0 refused"]
    assert lines(doctor({combination("post"): 2})) == ["2 records: 2 permitted, 0 refused"]


def test_plain_values_say_the_same() -> None:
    found = doctor(
        {combination("post", "no-notice"): 1},
        [explained(1, "post", ("no-notice", "a", "notice `n` delivered"))],
    )
    assert mapping(found) == {
        "records": 1,
        "permitted": 0,
        "refused": 1,
        "explained": 1,
        "blocks": [
            {
                "reason": "no-notice",
                "alone": 1,
                "together": 0,
                "remedy": REASONS_BY_ID["no-notice"].remedy,
                "categories": [{"category": "post", "alone": 1, "together": 0}],
            }
        ],
        "missing": [
            {
                "reason": "no-notice",
                "remedy": "notice `n` delivered",
                "alone": 1,
                "together": 0,
                "exact": True,
                "members": 1,
            }
        ],
    }


# The sample


@pytest.mark.parametrize(
    ("records", "each", "expected"),
    [
        (3, 2, [0, 1, 2]),
        (5, 2, [0, 2, 4]),
        (9, 2, [0, 4, 8]),
        (1000, 2, [0, 256, 512, 768]),
    ],
)
def test_a_sample_is_spread_evenly(records: int, each: int, expected: list[int]) -> None:
    decided = [(number, combination("post", "minor")) for number in range(records)]
    assert sample(decided, each) == tuple(expected)


def test_what_is_permitted_is_not_explained() -> None:
    assert sample([(1, combination("post")), (2, combination("post", "minor"))]) == (2,)


@given(strategies.lists(strategies.sampled_from(list(COUNTS)), max_size=300))
def test_each_combination_has_its_share_of_the_sample(found: list[Combination]) -> None:
    each = 5
    chosen = sample(enumerate(found), each)
    assert len(set(chosen)) == len(chosen)
    for one, count in Counter(found).items():
        taken = sum(found[int(place)] == one for place in chosen)
        assert taken == 0 if not one[1] else min(count, each) <= taken <= 2 * each


@given(worlds(records=60))
def test_a_diagnosis_of_every_refusal_is_exact(found: RandomWorld) -> None:
    request = found.requests[0]
    policy = history(version_from(one) for one in found.policies)
    believed = world(policy, facts_of(found.facts), request.known, found.records)
    decisions = [(one.category, decide(one, request, believed)) for one in found.records]
    counts = Counter((name, frozenset(one.reasons)) for name, one in decisions)
    explanations = [
        explain(one, request, believed)
        for one, (_, decision) in zip(found.records, decisions, strict=True)
        if not decision.permit
    ]
    diagnosis = doctor(counts, explanations)
    assert diagnosis.records == len(found.records)
    assert diagnosis.refused == len(explanations)
    for block in diagnosis.blocks:
        assert block.count == Count(
            alone=sum(one.reasons == (block.reason,) for _, one in decisions),
            together=sum(
                block.reason in one.reasons and len(one.reasons) > 1 for _, one in decisions
            ),
        )
        pieces = [one for one in diagnosis.missing if one.reason == block.reason]
        assert all(one.exact for one in pieces)
        # What misses one thing alone has one reason alone.
        assert sum(one.count.alone for one in pieces) <= block.count.alone
        assert pieces
    assert_shown(diagnosis)


def assert_shown(diagnosis: Diagnosis) -> None:
    assert lines(diagnosis)
    assert encode(mapping(diagnosis))
    assert all(
        name is None or name in CATEGORIES
        for block in diagnosis.blocks
        for name, _ in block.categories
    )
