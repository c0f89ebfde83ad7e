# SPDX-License-Identifier: Apache-2.0
"""What the hand-made cases do not show of the rule for one record, step by step of specs/decision.md."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from privity.canonical.instants import parse_instant
from privity.decide.case import make_case, parties
from privity.decide.one import decide
from privity.decide.request import Record, Request, world
from privity.policy.parse import version_from
from privity.policy.versions import history
from privity.testing.plain import AT, POST, ask, fact, policy, register, said, switch, told
from privity.testing.vectors import read_vectors
from privity.vocabulary.terms import CATEGORIES, PURPOSES

PLAIN = Request(purpose="genai-training", recipient="self", at=AT, known=AT)


def test_the_plain_world_is_the_first_of_the_cases(repository: Path) -> None:
    case = read_vectors(repository / "tests" / "vectors" / "decide.json")[0]
    versions = history([version_from(policy())])
    assert case.id == "permit-default"
    assert ask().permit
    assert case.request == PLAIN
    assert case.records == (POST,)
    assert sorted(case.facts, key=repr) == sorted([*register(), *told()], key=repr)
    assert case.policy == versions


def test_a_decision_is_a_value_with_sorted_reasons() -> None:  # [DEC-1]
    found = ask(
        replace(POST, author=None, created_at=None, category="haiku", capacity="seat:acme"),
        purpose="world-peace",
        recipient="nobody",
        policies=[],
    )
    assert not found.permit
    assert found.reasons == tuple(sorted(found.reasons))
    assert set(found.reasons) == {
        "no-parties",
        "bad-time",
        "unknown-category",
        "unknown-purpose",
        "unknown-recipient",
        "no-policy",
        "enterprise-seat",
    }
    assert found.obligations == ()


def test_nothing_known_at_all_refuses() -> None:  # [DEC-1]
    request = Request(purpose="genai-training", recipient="self", at=0, known=0)
    found = decide(POST, request, world(history([]), [], 0))
    assert set(found.reasons) == {"bad-time", "no-policy", "unknown-party", "unknown-recipient"}


def test_a_permit_carries_its_obligations_sorted() -> None:  # [DEC-90]
    obligations = [{"do": ["redact-contact", "expires"]}, {"do": ["drop-quotes", "expires"]}]
    found = ask(policies=[policy(obligations=obligations)])
    assert found.permit
    assert found.obligations == ("drop-quotes", "expires", "redact-contact")


def test_obligations_bite_by_overlap_and_come_from_the_version_in_force() -> None:  # [DEC-90]
    rules = [
        {"do": ["expires"], "categories": ["article"]},
        {"do": ["drop-quotes"], "categories": ["content"], "purposes": ["model-training"]},
        {"do": ["pseudonymise"], "recipients": ["third-party"]},
    ]
    assert ask(policies=[policy(obligations=rules)]).obligations == ("drop-quotes",)
    later = policy(
        version="2",
        published_at="2025-03-01T00:00:00Z",
        effective_at="2025-03-01T00:00:00Z",
        obligations=None,
    )
    assert ask(policies=[policy(obligations=rules), later]).obligations == ()


def test_a_refused_record_carries_no_obligations() -> None:  # [DEC-90]
    found = ask(policies=[policy(obligations=[{"do": ["expires"]}])], without=["notice"])
    assert found.reasons == ("no-notice",)
    assert found.obligations == ()


# What is known: [DEC-2]


def test_a_version_published_after_known_does_not_exist() -> None:
    later = policy(
        version="2",
        published_at="2025-05-01T00:00:00Z",
        effective_at="2024-10-01T00:00:00Z",
        settings={},
    )
    before = parse_instant("2025-04-30T23:59:59Z")
    assert ask(policies=[policy(), later], known=before).permit  # [DEC-2]
    assert ask(policies=[policy(), later]).reasons == ("no-ground",)


def test_a_fact_recorded_after_known_does_not_exist_for_the_platform_either() -> None:
    order = fact("order", "2025-01-01", "o", member=None, recorded="2025-07-01")
    assert ask(facts=[order]).permit  # [DEC-2]
    assert not ask(facts=[order], known=order.recorded_at).permit


def test_later_knowledge_may_refuse_what_was_permitted_and_the_other_way_round() -> None:
    off = said("2025-03-01", "off", recorded="2025-08-01")
    assert ask(facts=[off]).permit
    assert ask(facts=[off], known=off.recorded_at).reasons == ("opted-out",)


# Quotes and duplicates: [DEC-3], [DEC-4]


def chain(length: int, last: Record) -> list[Record]:
    """Records of which each quotes the next."""
    made = [
        replace(POST, record_id=f"q{number}", quotes=(f"q{number + 1}",))
        for number in range(length)
    ]
    return [*made, replace(last, record_id=f"q{length}")]


def test_reasons_join_through_fifty_quotations() -> None:  # [DEC-3]
    last = replace(POST, category="credentials", quotes=("nowhere",))
    records = chain(50, last)
    expected = ("forbidden", "no-ground", "unknown-quote")
    assert ask(records[0], records=records).reasons == expected
    assert ask(records[0], records=chain(50, POST)).permit


def test_obligations_join_through_quotations() -> None:  # [DEC-3]
    rules = [{"do": ["expires"], "categories": ["article"]}]
    records = chain(3, replace(POST, category="article"))
    found = ask(records[0], records=records, policies=[policy(obligations=rules)])
    assert found.obligations == ("expires",)


def test_a_ring_gives_all_its_records_the_same_reasons() -> None:  # [DEC-3]
    ring = [
        replace(POST, record_id="x", quotes=("y",)),
        replace(POST, record_id="y", quotes=("z",), created_at=None),
        replace(POST, record_id="z", quotes=("x", "z"), capacity="seat:acme"),
    ]
    for one in ring:
        assert ask(one, records=ring).reasons == ("bad-time", "enterprise-seat")


def test_a_lost_quotation_is_an_unknown_one() -> None:  # [DEC-29]
    assert ask(replace(POST, quotes=(None,))).reasons == ("unknown-quote",)
    assert ask(replace(POST, quotes=("r9",))).reasons == ("unknown-quote",)


def test_a_record_may_be_asked_that_is_not_in_the_run() -> None:
    other = replace(POST, record_id="other")
    assert ask(other, records=[]).permit
    assert ask(replace(other, quotes=("other",)), records=[]).reasons == ("unknown-quote",)


def test_who_quotes_an_id_that_stands_twice_is_refused_with_all_their_reasons() -> None:
    twice = [replace(POST, record_id="q"), replace(POST, record_id="q", category="credentials")]
    quoter = replace(POST, quotes=("q",))
    found = ask(quoter, records=[quoter, *twice])
    assert found.reasons == ("duplicate-record", "forbidden", "no-ground")  # [DEC-4]


# What is looked up first: [DEC-10] to [DEC-16]


def test_a_record_made_at_the_instant_of_use_has_a_time() -> None:  # [DEC-10]
    assert "bad-time" not in ask(replace(POST, created_at=AT)).reasons
    late = ask(replace(POST, created_at=AT + 1))
    assert "bad-time" in late.reasons  # [DEC-21]


def test_the_version_in_force_has_the_latest_start_and_of_equal_ones_the_later_published() -> (
    None
):
    pending = policy(
        version="2",
        published_at="2024-12-01T00:00:00Z",
        effective_at="2025-03-01T00:00:00Z",
        settings={},
    )
    equal = policy(
        version="3",
        published_at="2025-03-01T00:00:00Z",
        effective_at="2025-01-01T00:00:00Z",
    )
    before = parse_instant("2025-02-28T23:59:59Z")
    assert ask(policies=[policy(), pending], at=before).permit  # [DEC-11]
    assert ask(policies=[policy(), pending]).reasons == ("no-ground",)
    assert "no-ground" not in ask(policies=[policy(), pending, equal]).reasons


def test_what_overlaps_bites_and_what_contains_governs() -> None:  # [DEC-12], [DEC-16]
    wide, narrow = ["model-training"], ["genai-training"]
    forbid = [{"id": "no", "purposes": narrow}]
    purpose = "model-training"
    widely = [policy(settings=switch(purposes=wide), forbid=forbid)]
    assert ask(policies=widely, purpose=purpose).reasons == ("forbidden",)
    narrowly = [policy(settings=switch(purposes=narrow), forbid=forbid)]
    assert ask(policies=narrowly, purpose=purpose).reasons == ("forbidden", "no-ground")


@pytest.mark.parametrize("purpose", tuple(PURPOSES))
def test_no_setting_governs_what_its_list_does_not_contain(purpose: str) -> None:  # [DEC-27]
    found = ask(purpose=purpose)
    assert ("no-ground" in found.reasons) is (purpose != "genai-training")


def test_a_setting_governs_from_the_instant_it_is_live() -> None:  # [DEC-16]
    at = AT
    live = policy(settings=switch(live_from="2025-06-01T00:00:00Z"))
    assert "no-ground" not in ask(policies=[live]).reasons
    assert "no-ground" in ask(policies=[live], at=at - 1).reasons


def test_who_the_parties_are() -> None:  # [DEC-15]
    everyone, author = {"a", "b", "c"}, {"a"}
    asked_of_all = {"message", "private-message", "inmail", "direct-message", "content"}
    for category in (*CATEGORIES, "haiku", None):
        record = replace(POST, category=category, recipients=("b", "c", None, ""))
        case = make_case(record, PLAIN, world(history([]), [], AT))
        expected = (
            everyone if category in asked_of_all | {"haiku"} or category is None else author
        )
        assert parties(case) == expected, category


def test_who_writes_to_oneself_is_one_party() -> None:  # [DEC-15]
    inmail = replace(POST, category="inmail", recipients=("a",))
    assert ask(inmail, facts=[said("2024-10-01", scope="all")]).permit


# The record: [DEC-20] to [DEC-29]


@pytest.mark.parametrize(
    ("changes", "refused"),
    [
        ({"author": None}, True),
        ({"author": ""}, True),
        ({"recipients": (None,)}, True),
        ({"recipients": ("",)}, True),
        ({"category": "inmail"}, True),
        ({"category": "message"}, True),
        ({"category": "group-message"}, False),
        ({"category": "content"}, False),
        ({"category": "profile"}, False),
        ({"category": "haiku"}, False),
    ],
)
def test_a_record_belongs_to_somebody(changes: dict[str, Any], *, refused: bool) -> None:
    assert ("no-parties" in ask(replace(POST, **changes)).reasons) is refused  # [DEC-20]


@pytest.mark.parametrize("category", [None, "", "haiku", "POST"])
def test_a_category_is_a_term_of_the_vocabulary(category: str | None) -> None:
    assert ask(replace(POST, category=category)).reasons == ("unknown-category",)  # [DEC-22]


def test_where_a_term_is_unknown_little_else_is_asked() -> None:  # [DEC-14]
    facts = [
        fact("closed", "2025-05-01"),
        fact("deceased", "2025-05-01"),
        fact("objection", "2025-05-01", setting="cookies"),
        fact("order", "2025-05-01", "o", member=None),
    ]
    assert ask(facts=facts, without=["jurisdiction"], purpose="world-peace").reasons == (
        "account-closed",
        "deceased",
        "unknown-jurisdiction",
        "unknown-purpose",
    )  # [DEC-23]


def test_the_register_is_asked_at_the_instant_of_use() -> None:  # [DEC-13], [DEC-24]
    ended = fact("recipient-ended", "2025-06-01", "self", member=None)
    again = fact("recipient", "2025-06-01", "self", member=None, role="controller")
    before = AT - 1
    assert ask(facts=[ended]).reasons == ("unknown-recipient",)
    assert ask(facts=[ended], at=before).permit
    assert ask(facts=[ended, again]).reasons == ("unknown-recipient",)


def test_without_a_policy_no_setting_is_asked() -> None:  # [DEC-25]
    stray = fact("setting", "2025-01-01", "off", setting="cookies")
    assert ask(facts=[stray], policies=[]).reasons == ("no-policy",)


@pytest.mark.parametrize(
    ("detail", "contains"),
    [
        ({}, True),
        ({"purposes": ["model-training"], "categories": ["public-content"]}, True),
        ({"categories": ["article"]}, False),
        ({"purposes": ["safety"]}, False),
        ({"recipients": ["affiliate"]}, False),
        ({"purposes": []}, False),
        ({"categories": ["content", "haiku"]}, False),
    ],
)
def test_a_seat_needs_an_instruction_that_contains_the_request(
    detail: dict[str, Any], *, contains: bool
) -> None:
    wide = {
        "purposes": ["genai-training"],
        "categories": ["content"],
        "recipients": ["controller"],
    }
    given = fact("seat-instruction", "2024-01-01", "acme", member=None, **{**wide, **detail})
    seat = replace(POST, capacity="seat:acme")
    assert ask(seat, facts=[given]).permit is contains  # [DEC-26]
    del wide["purposes"]
    short = replace(given, detail=wide)
    assert ask(seat, facts=[short]).reasons == ("enterprise-seat",)


@pytest.mark.parametrize("capacity", ["seat:globex", "seat:", "seat", "acme", "", "Personal"])
def test_a_capacity_is_personal_or_a_seat_of_a_customer_that_instructed(capacity: str) -> None:
    given = fact(
        "seat-instruction",
        "2024-01-01",
        "acme",
        member=None,
        purposes=["genai-training"],
        categories=["content"],
        recipients=["controller"],
    )
    refused = ask(replace(POST, capacity=capacity), facts=[given])
    assert refused.reasons == ("enterprise-seat",)  # [DEC-26]


def test_a_rule_that_forbids_needs_no_list() -> None:  # [DEC-28]
    assert ask(policies=[policy(forbid=[{"id": "all"}])]).reasons == ("forbidden",)


def test_members_and_records_may_have_integers_for_ids() -> None:
    facts = told(7)
    first = replace(POST, record_id=1, author=7)
    second = replace(POST, record_id=2, author=7, quotes=(1,), recipients=(0,))
    for one in (first, second):
        assert ask(one, records=[first, second], facts=facts).permit


def test_two_parties_are_asked_alike() -> None:
    inmail = replace(POST, category="inmail", recipients=("b",))
    facts = [
        *told("b"),
        said("2024-10-01", member="b", scope="all"),
        said("2024-10-01", scope="all"),
    ]
    assert ask(inmail, facts=facts).permit
    swapped = replace(inmail, author="b", recipients=("a",))
    closed = fact("closed", "2025-05-01")
    assert ask(inmail, facts=[*facts, closed]).reasons == ("account-closed",)
    assert ask(swapped, facts=[*facts, closed]).reasons == ("account-closed",)
