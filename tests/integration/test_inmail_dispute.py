# SPDX-License-Identifier: Apache-2.0
"""The dispute as a running history: for each fact and trap, who could be used, when, and why not.

Facts (F) and traps (T) are those of docs/case.md; the policies, the register and the orders are those of
examples/inmail-dispute/as-promised. Members and records are made by hand here.
"""

from __future__ import annotations

import csv
import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

import privity
from privity.canonical.instants import format_instant
from privity.policy.parse import read_policies
from privity.sources.synthetic import history

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

EXAMPLE = Path(__file__).parents[2] / "examples" / "inmail-dispute" / "as-promised"
POLICIES = EXAMPLE / "policies"
SETTING = "genai-improvement"

Fact = dict[str, Any]


def platform_facts() -> list[Fact]:
    with (EXAMPLE / "platform-facts.csv").open(encoding="utf-8", newline="") as stream:
        return list(csv.DictReader(stream))


def fact(
    member: str, kind: str, value: str = "", at: str = "2015-01-01", **detail: str
) -> Fact:
    instant = at if "T" in at else f"{at}T00:00:00Z"
    return {
        "member": member,
        "fact": kind,
        "value": value,
        "at": instant,
        "recorded_at": instant,
        "detail": json.dumps(detail),
    }


def person(name: str, country: str = "US", *, told: str | None = "2024-09-19") -> list[Fact]:
    """Somebody of age under the general contract; told: when the notice reached them."""
    facts = [
        fact(name, "joined"),
        fact(name, "jurisdiction", country, evidence="declared"),
        fact(name, "birth_date", "1985-03-03"),
        fact(name, "agreement", history.USER_AGREEMENT),
    ]
    return facts if told is None else [*facts, fact(name, "notice", history.NOTICE, told)]


def premium(name: str, since: str = "2020-01-01", until: str | None = None) -> list[Fact]:
    facts = [fact(name, "agreement", history.SUBSCRIPTION, since)]
    if until is not None:
        facts.append(fact(name, "agreement-ended", history.SUBSCRIPTION, until))
    return facts


def said(
    name: str, value: str, at: str, scope: str = "future", method: str = "explicit"
) -> Fact:
    return fact(name, "setting", value, at, setting=SETTING, scope=scope, method=method)


def record(
    category: str,
    created_at: str,
    author: str = "ann",
    to: Iterable[str] = (),
    *,
    record_id: str = "r1",
    capacity: str = "personal",
    quotes: Iterable[str] = (),
) -> dict[str, Any]:
    return {
        "record_id": record_id,
        "category": category,
        "created_at": f"{created_at}T12:00:00Z",
        "author": author,
        "recipients": list(to),
        "capacity": capacity,
        "quotes": list(quotes),
    }


def reasons(
    asked: Mapping[str, Any],
    facts: Iterable[Fact],
    at: str,
    *,
    recipient: str = "network",
    purpose: str = "genai-training",
    policy: Iterable[Path] = (POLICIES,),
    records: Sequence[Mapping[str, Any]] = (),
) -> set[str]:
    """Ask the gate about one record; no reason is a permit."""
    decision = privity.decide(
        asked,
        policy=list(policy),
        facts=[*platform_facts(), *facts],
        purpose=purpose,
        recipient=recipient,
        at=at if "T" in at else f"{at}T00:00:00Z",
        records=records,
    )
    assert decision.permit == (not decision.reasons)
    return set(decision.reasons)


POST_OF_OCTOBER = record("post", "2024-10-20")
INMAIL_OF_OCTOBER = record("inmail", "2024-10-20", "ann", ["bob"])


def test_the_made_network_and_the_example_tell_the_same_history() -> None:
    made = [
        (one.fact, one.value, format_instant(one.at), json.loads(one.detail))
        for one in history.CASE_FACTS
    ]
    written = [
        (row["fact"], row["value"], row["at"], json.loads(row["detail"]))
        for row in platform_facts()
    ]
    assert made == written


# --- what the articles say ---


def test_f5_the_switch_has_its_name_and_covers_content_creating_models_only() -> None:
    versions = read_policies([POLICIES]).versions
    labels = {one.label for version in versions for one in version.settings.values()}
    assert labels == {"Data for Generative AI Improvement"}
    assert reasons(POST_OF_OCTOBER, person("ann"), "2024-12-01") == set()
    for wider in ("model-training", "processing", "personalisation"):
        assert "no-ground" in reasons(
            POST_OF_OCTOBER, person("ann"), "2024-12-01", purpose=wider
        )


def test_f7_the_quiet_setting_of_august_permits_nothing() -> None:
    post = record("post", "2024-08-20")
    assert reasons(post, person("ann", told=None), "2024-08-14T00:00:00Z") >= {"no-ground"}
    assert reasons(post, person("ann", told=None), "2024-09-17") == {"no-notice"}
    keen = [*person("ann", told=None), said("ann", "on", "2024-08-21", scope="all")]
    assert reasons(post, keen, "2024-09-17") == {"uninformed"}


def test_f7_posts_of_the_quiet_weeks_stay_out_after_the_notice() -> None:
    assert reasons(record("post", "2024-08-20"), person("ann"), "2024-12-01") == {
        "before-notice"
    }


def test_f8_the_default_is_on_for_whoever_was_told_and_let_the_window_pass() -> None:
    assert reasons(POST_OF_OCTOBER, person("ann"), "2024-12-01") == set()
    assert reasons(POST_OF_OCTOBER, person("ann", told=None), "2024-12-01") == {"no-notice"}
    early = record("post", "2024-09-25")
    assert reasons(early, person("ann"), "2024-09-26") == {"objection-window", "before-notice"}
    assert reasons(early, person("ann"), "2024-12-01") == {"before-notice"}


def test_f12_an_off_reaches_every_later_use_and_no_earlier_one() -> None:
    facts = [*person("ann"), said("ann", "off", "2024-11-05")]
    assert reasons(POST_OF_OCTOBER, facts, "2024-11-04") == set()
    assert reasons(POST_OF_OCTOBER, facts, "2024-11-06") == {"opted-out"}
    assert reasons(POST_OF_OCTOBER, facts, "2024-12-01") == {"opted-out"}


def test_f15_the_paying_members_contract_keeps_private_messages_from_third_parties() -> None:
    inmail = record("inmail", "2024-11-25", "ann", ["bob"])
    free = [*person("ann"), *person("bob")]
    paying = [*free, *premium("ann")]
    assert "agreement" not in reasons(inmail, free, "2024-12-01", recipient="lab")
    assert "agreement" in reasons(inmail, paying, "2024-12-01", recipient="lab")
    assert "agreement" not in reasons(inmail, paying, "2024-12-01", recipient="parent")
    post = record("post", "2024-11-25")
    assert "agreement" not in reasons(post, paying, "2024-12-01", recipient="lab")


def test_f15_no_recipient_gets_an_inmail_whatever_the_members_say() -> None:
    facts = [*person("ann"), *person("bob")]
    facts += [said(name, "on", "2024-10-01", scope="all") for name in ("ann", "bob")]
    for recipient in ("network", "parent", "lab"):
        found = reasons(INMAIL_OF_OCTOBER, facts, "2024-12-01", recipient=recipient)
        assert "forbidden" in found


LISTS = {
    "F24": ["CA", "DE", "GB", "CH", "HK", "CN"],
    "F25": ["DE", "GB", "NO", "CA", "HK", "CN", "CH"],
    "F26": ["GB", "NO", "DE", "CH"],
    "F27": ["GB", "CA", "DE", "NO", "CH", "HK", "CN"],
    "F28": ["DE", "GB", "CA", "CN", "CH", "HK"],
}


@pytest.mark.parametrize(
    ("source", "country"), [(source, code) for source, codes in LISTS.items() for code in codes]
)
def test_f24_to_f28_whoever_a_published_list_names_is_exempt(source: str, country: str) -> None:
    found = reasons(POST_OF_OCTOBER, person("ann", country), "2025-01-21")
    assert "jurisdiction-exempt" in found, source


@pytest.mark.parametrize(
    ("country", "since"),
    [
        ("DE", "2024-08-16"),
        ("IS", "2024-08-16"),
        ("CH", "2024-08-16"),
        ("GB", "2024-09-20"),
        ("CA", "2024-09-20"),
        ("CN", "2024-09-20"),
        ("HK", "2024-10-11"),
    ],
)
def test_f24_to_f28_each_place_is_exempt_from_its_own_day(country: str, since: str) -> None:
    before = {"GB": "2024-09-19", "CA": "2024-09-19", "CN": "2024-09-19", "HK": "2024-10-10"}
    post = record("post", "2024-08-15")
    assert "jurisdiction-exempt" in reasons(post, person("ann", country), since)
    if country in before:
        earlier = reasons(post, person("ann", country), before[country])
        assert "jurisdiction-exempt" not in earlier


def test_f26_the_shortest_list_is_not_the_whole_truth_for_hong_kong() -> None:
    post = record("post", "2024-10-05")
    hong_kong = person("ann", "HK")
    assert reasons(post, hong_kong, "2024-10-10") == set()
    stopped = reasons(post, hong_kong, "2024-10-11")
    assert stopped == {"jurisdiction-exempt", "order", "no-notice"}


def test_f29_members_in_the_united_states_and_india_are_in_scope() -> None:
    for country in ("US", "IN"):
        assert reasons(POST_OF_OCTOBER, person("ann", country), "2024-12-01") == set()


def test_f30_the_british_regulators_stop_stands_beside_the_networks_own_list() -> None:
    britain = person("ann", "GB")
    post = record("post", "2024-09-10")
    assert "order" not in reasons(post, britain, "2024-09-17T09:59:59Z")
    assert "order" in reasons(post, britain, "2024-09-17T10:00:00Z")
    assert {"order", "jurisdiction-exempt"} <= reasons(post, britain, "2024-12-01")
    later = [*britain, fact("ann", "notice", history.NOTICE, "2025-09-20")]
    after = reasons(record("post", "2025-11-20"), later, "2025-12-20")
    assert after == set()


def test_f33_the_one_who_received_the_inmail_counts_like_the_one_who_sent_it() -> None:
    inmail = record("inmail", "2024-11-25", "ann", ["bob"])
    people = [*person("ann"), *person("bob")]
    for payer in ("ann", "bob"):
        found = reasons(inmail, [*people, *premium(payer)], "2024-12-01", recipient="lab")
        assert "agreement" in found


# --- the traps ---


def test_t1_one_party_of_a_message_cannot_answer_for_the_other() -> None:
    found = reasons(INMAIL_OF_OCTOBER, [*person("ann"), *person("bob", "DE")], "2024-12-01")
    assert "jurisdiction-exempt" in found
    assert "unknown-party" in reasons(INMAIL_OF_OCTOBER, person("ann"), "2024-12-01")
    assert "no-parties" in reasons(
        record("inmail", "2024-10-20", "ann"), person("ann"), "2024-12-01"
    )


def test_t1_the_audience_of_a_group_is_not_asked() -> None:
    message = record("group-message", "2024-10-20", "ann", ["nobody-knows"])
    assert reasons(message, person("ann"), "2024-12-01") == set()


def test_t2_a_move_is_judged_at_the_writing_and_at_the_use() -> None:
    to_us = [
        *person("ann", "DE"),
        fact("ann", "jurisdiction", "US", "2024-11-01", evidence="declared"),
    ]
    to_de = [
        *person("ann"),
        fact("ann", "jurisdiction", "DE", "2024-11-01", evidence="declared"),
    ]
    assert "jurisdiction-exempt" in reasons(POST_OF_OCTOBER, to_us, "2024-12-01")
    assert "jurisdiction-exempt" in reasons(POST_OF_OCTOBER, to_de, "2024-12-01")
    assert reasons(record("post", "2024-11-10"), to_us, "2024-12-01") == set()


def test_t2_where_evidence_clashes_the_protective_place_counts() -> None:
    clash = [*person("ann"), fact("ann", "jurisdiction", "FR", "2024-01-01", evidence="ip")]
    assert "jurisdiction-exempt" in reasons(POST_OF_OCTOBER, clash, "2024-12-01")


def test_t3_authority_starts_with_what_came_last_setting_notice_delivery_or_window() -> None:
    late = person("ann", told="2024-11-10")
    assert reasons(POST_OF_OCTOBER, late, "2024-12-01") == {"before-notice"}
    assert reasons(record("post", "2024-11-23"), late, "2024-12-01") == {"before-notice"}
    assert reasons(record("post", "2024-11-24"), late, "2024-12-01") == set()
    too_early = person("ann", told="2024-09-18T09:00:00Z")
    assert reasons(POST_OF_OCTOBER, too_early, "2024-12-01") == {"no-notice"}


def test_t4_a_version_dated_back_did_not_exist_before_it_was_published(tmp_path: Path) -> None:
    text = (POLICIES / "2024-09-18.yaml").read_text("utf-8")
    text = text.replace('version: "2024-09-18"', 'version: "dated-back"')
    text = text.replace(
        "effective_at: 2024-09-18T12:00:00Z\ngroups",
        "effective_at: 2024-01-01T00:00:00Z\ngroups",
    )
    text = text.replace("published_at: 2024-09-18", "published_at: 2025-02-01")
    text = text.replace("effective_at: 2024-09-18", "effective_at: 2024-01-01")
    text = text.replace("live_from: 2024-08-15", "live_from: 2024-01-01")
    (tmp_path / "dated-back.yaml").write_text(text, "utf-8")
    both = [POLICIES, tmp_path]
    told = [*person("ann"), fact("ann", "notice", history.NOTICE, "2024-02-01")]
    spring = record("post", "2024-05-05")
    for at in ("2024-09-17", "2024-12-01"):
        assert reasons(spring, told, at, policy=both) == reasons(spring, told, at) != set()
    assert reasons(spring, told, "2025-03-01", policy=both) == {"before-notice"}


def test_t5_older_content_needs_a_yes_that_names_it() -> None:
    old = record("post", "2012-05-05")
    since_2010 = [
        one if one["fact"] != "joined" else fact("ann", "joined", at="2010-01-01")
        for one in person("ann")
    ]
    since_2010.append(fact("ann", "jurisdiction", "US", "2010-01-01", evidence="declared"))
    assert reasons(old, since_2010, "2024-12-01") == {"before-notice"}
    future = [*since_2010, said("ann", "on", "2024-10-01")]
    assert reasons(old, future, "2024-12-01") == {"before-consent"}
    everything = [*since_2010, said("ann", "on", "2024-10-01", scope="all")]
    assert reasons(old, everything, "2024-12-01") == set()


def test_t6_a_minor_is_out_whatever_the_switch_says_and_18_ratifies_nothing() -> None:
    young = [one for one in person("ann") if one["fact"] != "birth_date"]
    young += [
        fact("ann", "birth_date", "2006-11-11"),
        said("ann", "on", "2024-10-01", scope="all"),
    ]
    assert reasons(POST_OF_OCTOBER, young, "2024-11-01") == {"minor", "uninformed"}
    assert reasons(POST_OF_OCTOBER, young, "2024-12-01") == {"minor", "uninformed"}
    later = [*young, said("ann", "on", "2024-11-20", scope="all")]
    assert reasons(record("post", "2024-11-21"), later, "2024-12-01") == set()
    assert reasons(POST_OF_OCTOBER, later, "2024-12-01") == {"minor"}


def test_t6_a_reason_to_believe_is_enough() -> None:
    doubted = [*person("ann"), fact("ann", "minor-suspected", at="2024-10-01")]
    assert reasons(POST_OF_OCTOBER, doubted, "2024-12-01") == {"minor"}


def test_t7_a_closed_account_is_a_withdrawal_and_a_default_dies_with_the_member() -> None:
    assert reasons(
        POST_OF_OCTOBER, [*person("ann"), fact("ann", "closed", at="2024-11-01")], "2024-12-01"
    ) == {"account-closed"}
    dead = [*person("ann"), fact("ann", "deceased", at="2024-11-01")]
    assert reasons(POST_OF_OCTOBER, dead, "2024-12-01") == {"deceased"}
    willing = [*dead, said("ann", "on", "2024-10-01")]
    assert reasons(POST_OF_OCTOBER, willing, "2024-12-01") == set()


def test_t8_groups_are_those_of_the_day() -> None:
    day = "2024-09-18T20:00:00Z"  # the list names the EU, the EEA and Switzerland, not yet Britain
    britain = person("ann", "GB")
    assert "jurisdiction-exempt" in reasons(record("post", "2020-12-31"), britain, day)
    assert "jurisdiction-exempt" not in reasons(record("post", "2021-01-01"), britain, day)
    for country, exempt in (
        ("NO", True),
        ("LI", True),
        ("CH", True),
        ("JE", False),
        ("TR", False),
    ):
        found = reasons(record("post", "2024-01-01"), person("ann", country), day)
        assert ("jurisdiction-exempt" in found) == exempt, country


def test_t8_hong_kong_is_not_mainland_china() -> None:
    post = record("post", "2024-10-05")
    assert reasons(post, person("ann", "HK"), "2024-10-10") == set()
    assert "jurisdiction-exempt" in reasons(post, person("ann", "CN"), "2024-10-10")


def test_t8_november_2025_opens_nothing_older_and_only_to_whom_it_was_announced() -> None:
    told = [*person("ann", "DE"), fact("ann", "notice", history.NOTICE, "2025-09-20")]
    assert reasons(record("post", "2025-11-20"), told, "2025-12-20") == set()
    assert reasons(record("post", "2025-10-20"), told, "2025-12-20") == {
        "jurisdiction-exempt",
        "before-notice",
    }
    assert reasons(record("post", "2025-11-20"), person("ann", "DE"), "2025-12-20") == {
        "no-notice"
    }
    china = [*person("ann", "CN"), fact("ann", "notice", history.NOTICE, "2025-09-20")]
    assert "jurisdiction-exempt" in reasons(record("post", "2025-11-20"), china, "2025-12-20")
    assert reasons(POST_OF_OCTOBER, person("ann"), "2025-12-20") == set()


def test_t8_the_regional_notice_of_2025_gives_the_affiliate_british_publications_only() -> None:
    def european(country: str, notice: str) -> list[Fact]:
        return [
            *person("ann", country),
            fact("ann", "notice", history.NOTICE, "2025-09-20"),
            fact("ann", "agreement", notice, "2025-11-03T12:00:00Z"),
        ]

    germany = european("DE", history.REGIONAL_NOTICE)
    britain = european("GB", history.REGIONAL_NOTICE_UK)
    for category, at_home, in_britain in (
        ("post", {"agreement"}, set()),
        ("profile", {"agreement"}, {"agreement"}),
    ):
        asked = record(category, "2025-11-20")
        assert reasons(asked, germany, "2025-12-20", recipient="parent") == at_home
        assert reasons(asked, britain, "2025-12-20", recipient="parent") == in_britain
        assert reasons(asked, germany, "2025-12-20") == set()


def test_t9_publishing_a_quotation_does_not_make_the_inmail_public() -> None:
    letter = record("inmail", "2024-10-20", "ann", ["bob"], record_id="letter")
    quoting = record("post", "2024-10-21", record_id="quoting", quotes=["letter"])
    twice = record("comment", "2024-10-22", record_id="twice", quotes=["quoting"])
    lost = record("post", "2024-10-22", record_id="lost", quotes=["never-seen"])
    people = [*person("ann"), *person("bob", "DE")]
    others = [letter, quoting, twice]
    refused = reasons(letter, people, "2024-12-01")
    assert refused >= {"forbidden", "jurisdiction-exempt"}
    for quoter in (quoting, twice):
        rest = [one for one in others if one is not quoter]
        assert reasons(quoter, people, "2024-12-01", records=rest) == refused
    assert reasons(POST_OF_OCTOBER, people, "2024-12-01", records=others) == set()
    assert reasons(lost, people, "2024-12-01", records=others) == {"unknown-quote"}


def test_t10_a_seat_needs_its_employer_besides_every_person() -> None:
    instruction = {
        "member": "",
        "fact": "seat-instruction",
        "value": "acme",
        "at": "2024-10-01T00:00:00Z",
        "recorded_at": "2024-10-01T00:00:00Z",
        "detail": json.dumps(
            {
                "purposes": ["model-training"],
                "categories": ["content"],
                "recipients": ["controller"],
            }
        ),
    }
    seat = record("post", "2024-10-20", capacity="seat:acme")
    assert reasons(seat, person("ann"), "2024-12-01") == {"enterprise-seat"}
    assert reasons(seat, [*person("ann"), instruction], "2024-12-01") == set()
    against = [*person("ann"), instruction, said("ann", "off", "2024-10-05")]
    assert reasons(seat, against, "2024-12-01") == {"opted-out", "opted-out-then"}
    assert "enterprise-seat" in reasons(
        seat, [*person("ann"), instruction], "2024-12-01", recipient="parent"
    )


def test_t10_the_promise_of_the_day_a_message_was_made_outlives_the_subscription() -> None:
    inmail = record("inmail", "2024-11-25", "ann", ["bob"])
    people = [*person("ann"), *person("bob")]
    ended = [*people, *premium("ann", "2024-11-21", "2024-11-28")]
    begun_after = [*people, *premium("ann", "2024-11-28")]
    over_before = [*people, *premium("ann", "2024-01-01", "2024-11-21")]
    assert "agreement" in reasons(inmail, ended, "2024-12-01", recipient="lab")
    assert "agreement" in reasons(inmail, begun_after, "2024-12-01", recipient="lab")
    assert "agreement" not in reasons(inmail, over_before, "2024-12-01", recipient="lab")


def test_t10_the_terms_of_20_november_loosen_no_older_message() -> None:
    people = [*person("ann"), *person("bob")]
    october = reasons(INMAIL_OF_OCTOBER, people, "2024-12-05", recipient="lab")
    december = reasons(
        record("inmail", "2024-12-02", "ann", ["bob"]), people, "2024-12-05", recipient="lab"
    )
    assert october - december == {"agreement"}
    assert december == {"forbidden", "no-ground"}
    post = reasons(POST_OF_OCTOBER, people, "2024-12-05", recipient="lab")
    assert post == {"agreement", "no-ground"}
