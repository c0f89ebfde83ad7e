# SPDX-License-Identifier: Apache-2.0
"""What the hand-made cases do not show of the rule for one record, step by step of specs/decision.md."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from copy import deepcopy
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from privity.canonical.instants import parse_instant
from privity.decide.one import decide, make_case, parties
from privity.decide.request import Decision, Record, Request, world
from privity.members.facts import Fact, MemberId
from privity.policy.parse import version_from
from privity.policy.versions import history
from privity.testing.vectors import Vector, vector_from
from privity.testing.worlds import facts_of
from privity.vocabulary.terms import CATEGORIES, PURPOSES

PLAIN: Mapping[str, Any] = next(
    one
    for one in json.loads(
        (Path(__file__).resolve().parents[2] / "vectors" / "decide.json").read_text("utf-8")
    )
    if one["id"] == "permit-default"
)
CASE: Vector = vector_from(PLAIN)
POST = CASE.records[0]
SETTING = "genai-improvement"
NOTICE = "genai-2024-09"


def policy(**keys: Any) -> dict[str, Any]:
    """The policy of the plain case with some keys of its own; None takes one out."""
    made: dict[str, Any] = deepcopy(dict(PLAIN["policies"][0]))
    for key, value in keys.items():
        if value is None:
            del made[key]
        else:
            made[key] = value
    return made


def switch(**keys: Any) -> dict[str, Any]:
    """The policy's settings, with some keys of the one there is changed."""
    return {SETTING: {**policy()["settings"][SETTING], **keys}}


def fact(
    kind: str,
    day: str,
    value: str = "",
    *,
    member: MemberId | None = "a",
    recorded: str | None = None,
    **detail: Any,
) -> Fact:
    """Make a fact; a day is its first second."""
    at = parse_instant(f"{day}T00:00:00Z")
    recorded_at = at if recorded is None else parse_instant(f"{recorded}T00:00:00Z")
    return Fact(
        member=member, fact=kind, value=value, at=at, recorded_at=recorded_at, detail=detail
    )


def told(member: MemberId, *further: Fact) -> list[Fact]:
    """The facts of another member in good standing who was told."""
    since = "2012-01-01"
    return [
        fact("joined", since, member=member),
        fact("jurisdiction", since, "US", member=member),
        fact("birth_date", since, "1990-05-05", member=member),
        fact("notice", "2024-09-20", NOTICE, member=member),
        *further,
    ]


def yes(day: str, member: MemberId = "a", setting: str = SETTING, **detail: Any) -> Fact:
    return fact("setting", day, "on", member=member, setting=setting, **detail)


def ask(
    record: Record = POST,
    *,
    facts: Iterable[Fact] = (),
    without: Iterable[str] = (),
    policies: Iterable[Mapping[str, Any]] | None = None,
    records: Iterable[Record] | None = None,
    **request: Any,
) -> Decision:
    """Decide a record in the plain case's world, changed as said."""
    kept = [
        one for one in facts_of(PLAIN["facts"]) if one.member is None or one.fact not in without
    ]
    asked = replace(CASE.request, **request)
    given = PLAIN["policies"] if policies is None else policies
    versions = history(version_from(one) for one in given)
    run = [record] if records is None else records
    return decide(record, asked, world(versions, [*kept, *facts], asked.known, run))


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
    off = fact("setting", "2025-03-01", "off", recorded="2025-08-01", setting=SETTING)
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
    assert "bad-time" not in ask(replace(POST, created_at=CASE.request.at)).reasons
    late = ask(replace(POST, created_at=CASE.request.at + 1))
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
    assert ask(policies=[policy(), pending], at=before, known=before).permit  # [DEC-11]
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
def test_no_setting_governs_what_its_list_does_not_contain(purpose: str) -> None:  # [DEC-16]
    found = ask(purpose=purpose)
    assert ("no-ground" in found.reasons) is (purpose != "genai-training")


def test_a_setting_governs_from_the_instant_it_is_live() -> None:  # [DEC-16]
    at = CASE.request.at
    live = policy(settings=switch(live_from="2025-06-01T00:00:00Z"))
    assert "no-ground" not in ask(policies=[live]).reasons
    assert "no-ground" in ask(policies=[live], at=at - 1, known=at - 1).reasons


def test_who_the_parties_are() -> None:  # [DEC-15]
    everyone, author = {"a", "b", "c"}, {"a"}
    asked_of_all = {"message", "private-message", "inmail", "direct-message", "content"}
    for category in (*CATEGORIES, "haiku", None):
        record = replace(POST, category=category, recipients=("b", "c", None, ""))
        case = make_case(record, CASE.request, world(CASE.policy, CASE.facts, CASE.request.at))
        expected = (
            everyone if category in asked_of_all | {"haiku"} or category is None else author
        )
        assert parties(case) == expected, category


def test_who_writes_to_oneself_is_one_party() -> None:  # [DEC-15]
    inmail = replace(POST, category="inmail", recipients=("a",))
    assert ask(inmail, facts=[yes("2024-10-01", scope="all")]).permit


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
    before = CASE.request.at - 1
    assert ask(facts=[ended]).reasons == ("unknown-recipient",)
    assert ask(facts=[ended], at=before, known=before).permit
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


# A party: [DEC-30] to [DEC-39]


def test_a_party_that_joined_later_is_asked_nothing_else() -> None:  # [DEC-30]
    closed = fact("closed", "2025-05-01")
    early = replace(POST, created_at=parse_instant("2014-12-31T23:59:59Z"))
    assert ask(early, facts=[closed]).reasons == ("unknown-party",)
    joined = replace(POST, created_at=parse_instant("2015-01-01T00:00:00Z"))
    assert "account-closed" in ask(joined, facts=[closed]).reasons  # [DEC-31]


def test_an_informed_yes_before_death_stands_in_every_governing_setting() -> None:  # [DEC-32]
    dead = fact("deceased", "2025-03-01")
    assert ask(facts=[dead, yes("2024-10-01", scope="all")]).permit
    assert ask(facts=[dead, yes("2025-03-01", scope="all")]).reasons == ("deceased",)
    off = fact("setting", "2025-02-28", "off", setting=SETTING)
    assert "deceased" in ask(facts=[dead, yes("2024-10-01", scope="all"), off]).reasons


def test_an_order_of_a_group_bites_where_the_member_was_then() -> None:  # [DEC-33]
    order = fact("order", "2025-05-01", "o", member=None, jurisdictions=["EEA"])
    moved = [
        fact("jurisdiction", "2025-01-01", "NO"),
        fact("jurisdiction", "2025-03-01", "US"),
    ]
    nowhere_exempt = [policy(settings=switch(exempt=[]))]
    assert ask(facts=[order, *moved], policies=nowhere_exempt).reasons == ("order",)
    assert ask(facts=[order, *moved[1:]], policies=nowhere_exempt).permit


def test_an_agreement_binds_by_the_text_of_then_and_by_that_of_now() -> None:  # [DEC-34]
    held = fact("agreement", "2025-01-01", "subscription")
    ended = fact("agreement-ended", "2025-03-01", "subscription")
    promise = {"promises": [{"id": "all", "forbid": {"categories": ["public-content"]}}]}
    promised = policy(agreements={"subscription": promise})
    assert ask(facts=[held, ended], policies=[promised]).reasons == ("agreement",)
    assert ask(facts=[held, ended]).permit
    described = policy(agreements=None)
    assert ask(facts=[held], policies=[described]).reasons == ("agreement",)


def test_an_exemption_is_asked_of_settings_that_only_overlap() -> None:  # [DEC-35]
    also = {"feed": {**policy()["settings"][SETTING], "label": "Feed", "categories": ["post"]}}
    also["feed"] |= {"exempt": ["US"], "live_from": "2030-01-01T00:00:00Z"}
    found = ask(policies=[policy(settings={**switch(), **also})])
    assert found.reasons == ("jurisdiction-exempt",)


def test_an_objection_gives_way_to_its_withdrawal_alone() -> None:  # [DEC-36]
    objection = fact("objection", "2025-03-01", setting=SETTING)
    withdrawn = fact("objection-withdrawn", "2025-04-01")
    assert ask(facts=[objection, yes("2025-04-01", scope="all")]).reasons == ("opted-out",)
    assert ask(facts=[objection, withdrawn]).permit


def test_a_later_yes_for_everything_takes_back_the_no_of_then() -> None:  # [DEC-37]
    off = fact("setting", "2025-01-01", "off", setting=SETTING)
    assert ask(facts=[off, yes("2025-03-01", scope="all")]).permit
    assert ask(facts=[off, yes("2025-03-01")]).reasons == ("before-consent", "opted-out-then")


def test_of_age_is_from_the_first_second_of_the_birthday() -> None:  # [DEC-38]
    born = fact("birth_date", "2015-01-01", "2007-02-01")
    at_17 = replace(POST, created_at=parse_instant("2025-01-31T23:59:59Z"))
    at_18 = replace(POST, created_at=parse_instant("2025-02-01T00:00:00Z"))
    assert ask(at_17, facts=[born], without=["birth_date"]).reasons == ("minor",)
    assert ask(at_18, facts=[born], without=["birth_date"]).permit


def test_a_missing_birth_date_refuses_only_where_proof_is_asked_for() -> None:  # [DEC-38]
    proof = policy(settings=switch(age_proof="required"))
    assert ask(without=["birth_date"]).permit
    assert ask(without=["birth_date"], policies=[proof]).reasons == ("age-unknown",)


@pytest.mark.parametrize("code", ["UK", "us", "EU", "EEA", "QQ", ""])
def test_a_jurisdiction_is_an_iso_code(code: str) -> None:  # [DEC-39]
    lived = fact("jurisdiction", "2015-01-02", code)
    moved = fact("jurisdiction", "2025-03-01", "US")
    assert "unknown-jurisdiction" in ask(facts=[lived]).reasons
    assert "unknown-jurisdiction" in ask(facts=[lived, moved]).reasons


# The grant and the settings: [DEC-40] to [DEC-56]


def again(**keys: Any) -> dict[str, Any]:
    """A second version, published on 1 January 2025."""
    start = "2025-01-01T00:00:00Z"
    return policy(version="2", published_at=start, effective_at=start, **keys)


@pytest.mark.parametrize(
    "first",
    [
        pytest.param({"settings": {}}, id="no-setting"),
        pytest.param({"settings": switch(recipients=["affiliate"])}, id="recipients"),
        pytest.param({"settings": switch(categories=["article"])}, id="categories"),
        pytest.param({"settings": switch(purposes=["safety"])}, id="purposes"),
        pytest.param({"settings": switch(exempt=["US"])}, id="exempt"),
        pytest.param({"settings": switch(default=[])}, id="default"),
        pytest.param({"settings": switch(explicit_only=["content"])}, id="explicit-only"),
        pytest.param({"settings": switch(notice="other")}, id="notice"),
        pytest.param({"forbid": [{"id": "no", "categories": ["post"]}]}, id="forbid"),
    ],
)
def test_what_was_different_before_ends_the_row(first: dict[str, Any]) -> None:
    policies = [policy(**first), again()]
    late = replace(POST, created_at=parse_instant("2025-03-01T00:00:00Z"))
    reasons = ask(late, policies=policies).reasons
    assert "no-notice" in reasons  # [DEC-41], [DEC-44]
    anew = fact("notice", "2025-01-01", NOTICE)
    assert "no-notice" not in ask(late, policies=policies, facts=[anew]).reasons  # [DEC-45]


def test_a_yes_rests_on_less_than_a_default() -> None:  # [DEC-40]
    policies = [policy(settings=switch(default=[], explicit_only=["content"])), again()]
    assert ask(policies=policies, facts=[yes("2024-10-01", scope="all")]).permit


def test_when_the_setting_was_live_does_not_end_the_row() -> None:  # [DEC-40], [DEC-42]
    first = policy(settings=switch(live_from="2024-11-01T00:00:00Z"))
    policies = [first, again(settings=switch(live_from="2024-01-01T00:00:00Z"))]
    assert ask(policies=policies).permit
    older = replace(POST, created_at=parse_instant("2024-10-25T00:00:00Z"))
    assert ask(older, policies=policies).reasons == ("before-notice",)


def test_the_longest_window_of_the_row_holds() -> None:  # [DEC-43]
    first = policy(settings=switch(objection_window="P200D"))
    policies = [first, again(settings=switch(objection_window="P0D"))]
    assert ask(policies=policies).reasons == ("before-notice",)


@pytest.mark.parametrize(("days", "permits"), [(0, True), (-1, False)])
def test_a_yes_counts_from_notice_and_live_on(days: int, *, permits: bool) -> None:
    said = yes("2024-09-20", scope="all")
    said = replace(said, at=said.at + days * 86_400)
    found = ask(facts=[said])
    assert found.permit is permits  # [DEC-46]
    if not permits:
        assert found.reasons == ("uninformed",)  # [DEC-50]


def test_a_yes_for_the_future_covers_from_its_own_instant_on() -> None:  # [DEC-51]
    said = yes("2025-01-01")
    at = parse_instant("2025-01-01T00:00:00Z")
    assert ask(replace(POST, created_at=at), facts=[said]).permit
    older = ask(replace(POST, created_at=at - 1), facts=[said])
    assert older.reasons == ("before-consent",)


def test_the_first_matching_line_is_the_default_and_no_line_is_off() -> None:  # [DEC-52]
    def default(*lines: dict[str, Any]) -> bool:
        return ask(policies=[policy(settings=switch(default=list(lines)))]).permit

    assert default({"in": ["US"], "value": "on"}, {"value": "off"})
    assert not default({"value": "off"}, {"in": ["US"], "value": "on"})
    assert not default({"in": ["EU"], "value": "on"})
    assert not default()


def test_without_a_jurisdiction_now_no_default_is_asked() -> None:  # [DEC-52]
    found = ask(without=["jurisdiction", "notice"])
    assert found.reasons == ("unknown-jurisdiction",)


def test_what_wants_an_explicit_yes_is_asked_by_overlap() -> None:  # [DEC-53]
    for term in ("post", "public-content", "content"):
        found = ask(policies=[policy(settings=switch(explicit_only=[term]))])
        assert found.reasons == ("explicit-only",)
    assert ask(policies=[policy(settings=switch(explicit_only=["article"]))]).permit


def test_a_notice_that_the_policy_does_not_have_reached_nobody() -> None:  # [DEC-54]
    assert ask(policies=[policy(notices={})]).reasons == ("no-notice",)
    said = yes("2024-10-01", scope="all")
    assert ask(policies=[policy(notices={})], facts=[said]).reasons == ("uninformed",)


def test_the_window_ends_at_its_last_second() -> None:  # [DEC-55], [DEC-56]
    start = parse_instant("2024-10-20T00:00:00Z")
    made = replace(POST, created_at=start)
    assert ask(made, at=start, known=start).permit
    before = ask(replace(POST, created_at=start - 1), at=start - 1, known=start - 1)
    assert before.reasons == ("before-notice", "objection-window")
    assert ask(replace(POST, created_at=start - 1)).reasons == ("before-notice",)


def test_every_governing_setting_is_asked() -> None:  # [DEC-16], [DEC-50]
    second = {**policy()["settings"][SETTING], "label": "Second", "notice": "second"}
    policies = [policy(settings={**switch(), "second": second})]
    found = ask(policies=policies, facts=[yes("2024-10-01", scope="all", setting="second")])
    assert found.reasons == ("uninformed",)


def test_members_and_records_may_have_integers_for_ids() -> None:
    facts = [replace(one, member=7) for one in facts_of(PLAIN["facts"]) if one.member == "a"]
    first = replace(POST, record_id=1, author=7)
    second = replace(POST, record_id=2, author=7, quotes=(1,), recipients=(0,))
    for one in (first, second):
        assert ask(one, records=[first, second], facts=facts).permit


def test_two_parties_are_asked_alike() -> None:
    inmail = replace(POST, category="inmail", recipients=("b",))
    facts = [*told("b", yes("2024-10-01", "b", scope="all")), yes("2024-10-01", scope="all")]
    assert ask(inmail, facts=facts).permit
    swapped = replace(inmail, author="b", recipients=("a",))
    closed = fact("closed", "2025-05-01")
    assert ask(inmail, facts=[*facts, closed]).reasons == ("account-closed",)
    assert ask(swapped, facts=[*facts, closed]).reasons == ("account-closed",)
