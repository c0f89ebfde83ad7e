# SPDX-License-Identifier: Apache-2.0
"""Each cause names the rule, the version and the fact that decided, in words for two readers."""

from __future__ import annotations

import re
from collections.abc import Mapping
from copy import deepcopy
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from privity.canonical.instants import EARLIEST, LATEST, Instant, parse_instant
from privity.decide.explain import Cause, Explanation, explain, for_member
from privity.decide.explain.show import (
    explanation_lines,
    explanation_mapping,
    member_lines,
    member_mapping,
)
from privity.decide.explain.words import (
    BOTH,
    Moment,
    Phrase,
    day_text,
    instant_text,
    listed,
    sentences,
)
from privity.decide.request import Record, Request, world
from privity.errors import InputError
from privity.members.facts import Fact
from privity.policy.parse import version_from
from privity.policy.versions import history
from privity.testing.plain import POLICY as PLAIN, POST, day, register, told
from privity.testing.vectors import Vector, read_vectors
from privity.vocabulary.reasons import ANOTHER_PARTY
from privity.vocabulary.terms import DECIDED

FOLDER = Path(__file__).resolve().parents[2] / "vectors"
CASES = {
    case.id: case
    for name in ("decide.json", "decide-more.json")
    for case in read_vectors(FOLDER / name)
}
AT = parse_instant("2025-06-01T00:00:00Z")
POLICY: Mapping[str, Any] = {
    "policy": "genai-training",
    "version": "1",
    "controller": "network",
    "published_at": "2024-01-01T00:00:00Z",
    "effective_at": "2024-01-01T00:00:00Z",
    "notices": {"genai": {"effective_at": "2024-01-01T00:00:00Z"}},
    "settings": {
        "genai": {
            "label": "Data for AI",
            "purposes": ["genai-training"],
            "categories": ["content"],
            "recipients": ["controller"],
            "live_from": "2024-01-01T00:00:00Z",
            "default": [{"value": "on"}],
            "notice": "genai",
        }
    },
}


def fact(
    kind: str, at: str, value: str = "", *, member: str | None = "a", **detail: str
) -> Fact:
    when = parse_instant(f"{at}T00:00:00Z")
    return Fact(member=member, fact=kind, value=value, at=when, recorded_at=when, detail=detail)


STANDING = (
    fact("recipient", "2020-01-01", "self", member=None, role="controller"),
    fact("joined", "2020-01-01"),
    fact("jurisdiction", "2020-01-01", "US"),
)
YES = fact("setting", "2024-03-01", "on", setting="genai")
NOTICE = fact("notice", "2024-02-01", "genai")


def explained(
    *facts: Fact,
    policy: Mapping[str, Any] = POLICY,
    purpose: str = "genai-training",
    **made: Any,
) -> Explanation:
    record = Record(
        **{
            "record_id": "r",
            "category": "post",
            "created_at": AT - 1,
            "author": "a",
            **made,
        }
    )
    request = Request(purpose=purpose, recipient="self", at=AT, known=AT)
    versions = history([version_from(policy)])
    return explain(record, request, world(versions, [*STANDING, *facts], AT, [record]))


def only(found: Explanation) -> Cause:
    (one,) = found.causes
    return one


def vector(name: str) -> Explanation:
    case: Vector = CASES[name]
    return explain(case.asked_for[0], case.request, case.world)


# Who runs the gate


@pytest.mark.parametrize(
    ("name", "rule", "text"),
    [
        (
            "exempt-then",
            "settings.genai-improvement.exempt",
            (
                "the declared jurisdiction of member `a` when the record was made, `FR` since "
                "2015-01-01T00:00:00Z, lies in `EU` and `EEA`, which setting `genai-improvement` of "
                "version `2024-09-18` exempts"
            ),
        ),
        (
            "order-then",
            "order.o",
            (
                "order `o` of 2025-04-01T00:00:00Z stops this use in `CA`; the declared jurisdiction "
                "of member `a` when the record was made is `CA`"
            ),
        ),
        (
            "lsa-then",
            "agreements.subscription.promises.confidentiality",
            (
                "agreement `subscription` of member `a`, since 2023-01-01T00:00:00Z and in force when "
                "the record was made, promises not to: `confidentiality` in version `2024-09-18`"
            ),
        ),
        (
            "no-notice",
            "settings.genai-improvement.notice",
            (
                "member `a` has made no choice in setting `genai-improvement`, and notice "
                "`genai-2024-09` has not reached them"
            ),
        ),
        (
            "forbidden",
            "forbid.no-credentials",
            "rule `no-credentials` of version `2024-09-18` forbids this use, whatever members say",
        ),
        (
            "role-tie",
            None,
            "recipient `lab` has two roles at 2025-01-01T00:00:00Z: `affiliate` and `third-party`",
        ),
    ],
)
def test_a_cause_names_the_rule_and_says_what_holds(
    name: str, rule: str | None, text: str
) -> None:
    assert (rule, text) in [(one.rule, one.text) for one in vector(name).causes]


def test_a_cause_names_the_version_the_setting_and_the_fact() -> None:
    off = fact("setting", "2024-05-01", "off", setting="genai")
    one, _ = explained(off).causes
    assert (one.reason, one.party, one.setting, one.version) == ("opted-out", "a", "genai", "1")
    assert one.fact == off


def test_a_cause_of_a_quoted_record_says_which() -> None:
    found = vector("quote-of-quote")
    assert found.causes
    assert all(one.via is not None for one in found.causes)


def test_the_record_comes_first_then_its_parties_then_what_it_quotes() -> None:
    for case in CASES.values():
        for record in case.asked_for:
            found = explain(record, case.request, case.world)
            order = [
                (one.via is not None, one.party is not None and one.via is None)
                for one in found.causes
                if one.reason != "unknown-quote"
            ]
            assert order == sorted(order)


def test_a_fact_that_stands_twice_is_one_cause() -> None:
    off = fact("setting", "2024-05-01", "off", setting="genai")
    again = replace(off)
    assert explained(off).causes == explained(off, again).causes


def test_a_country_in_two_exempt_groups_is_one_cause() -> None:
    texts = [one.text for one in vector("exempt-then").causes]
    assert len([text for text in texts if "exempts" in text]) == 1


# What the vectors leave out


def test_a_member_who_died_where_nothing_governs() -> None:
    policy = deepcopy(dict(POLICY))
    policy["settings"]["genai"]["live_from"] = "2026-01-01T00:00:00Z"
    found = explained(fact("deceased", "2025-01-01"), policy=policy)
    assert {one.text for one in found.causes} == {
        (
            "setting `genai` of version `1` contains the request, and is live from "
            "2026-01-01T00:00:00Z only"
        ),
        (
            "member `a` died at 2025-01-01T00:00:00Z, and no setting governs in which a yes could "
            "stand"
        ),
    }


def test_a_yes_where_the_setting_names_no_notice() -> None:
    policy = deepcopy(dict(POLICY))
    del policy["settings"]["genai"]["notice"]
    assert only(explained(YES, policy=policy)).text == (
        "member `a` said yes in setting `genai` at 2024-03-01T00:00:00Z, but version `1` names no "
        "notice for it, so nobody was told"
    )


@pytest.mark.parametrize("said", [(), (YES,)], ids=["silence", "yes"])
def test_a_notice_that_the_policy_does_not_have(said: tuple[Fact, ...]) -> None:
    policy = deepcopy(dict(POLICY))
    del policy["notices"]
    text = only(explained(*said, policy=policy)).text
    assert text.endswith("version `1` has no notice `genai`, so nobody was told")


def test_a_yes_that_no_notice_preceded() -> None:
    assert only(explained(YES)).text == (
        "member `a` said yes in setting `genai` at 2024-03-01T00:00:00Z, but notice `genai` has "
        "not reached them"
    )


def test_a_yes_of_before_a_reopening() -> None:
    closed, reopened = fact("closed", "2024-04-01"), fact("reopened", "2024-05-01")
    assert only(explained(NOTICE, YES, closed, reopened)).text == (
        "member `a` said yes in setting `genai` at 2024-03-01T00:00:00Z; notice `genai` reached "
        "them at 2024-02-01T00:00:00Z, before the account was reopened at 2024-05-01T00:00:00Z, "
        "and not again"
    )
    told_again = fact("notice", "2024-06-01", "genai")
    assert only(explained(NOTICE, YES, closed, reopened, told_again)).text == (
        "member `a` said yes in setting `genai` at 2024-03-01T00:00:00Z, before the account was "
        "reopened at 2024-05-01T00:00:00Z"
    )


def test_a_record_without_a_category() -> None:
    found = explained(NOTICE, category=None)
    assert [one.text for one in found.causes] == ["the record has no category"]


def test_a_lost_quote() -> None:
    assert (
        only(explained(NOTICE, quotes=(None,))).text == "the id of a quoted record is missing"
    )


def test_a_seat_where_a_word_of_the_request_is_unknown() -> None:
    instruction = fact("seat-instruction", "2024-01-01", "acme", member=None)
    found = explained(NOTICE, instruction, purpose="peace", capacity="seat:acme")
    reasons = {one.reason for one in found.causes}
    assert reasons == set(found.decision.reasons)
    assert "unknown-purpose" in reasons


def test_a_seat_of_which_nothing_is_known_where_the_purpose_is_unknown() -> None:
    found = explained(NOTICE, purpose="peace", capacity="seat:acme")
    assert "enterprise-seat" in {one.reason for one in found.causes}


# Members


def test_a_party_reads_its_own_causes_and_one_sentence_for_all_others() -> None:
    found = vector("inmail-one-off")
    assert [one.text for one in for_member(found, "a").causes] == [ANOTHER_PARTY]
    told = for_member(found, "b").causes
    assert [one.reason for one in told] == ["opted-out", "opted-out-then"]
    assert told[0].text == (
        "You have “Data for Generative AI Improvement” switched off since 1 October 2024."
    )
    assert told[0].since == parse_instant("2024-10-01T00:00:00Z")


def test_nobody_but_a_party_is_told_anything() -> None:
    with pytest.raises(InputError, match="member `z` is no party of record `r`") as caught:
        for_member(explained(), "z")
    assert caught.value.code == "explain/no-party"


def test_in_whose_seat_it_was_written_is_told_to_the_author_alone() -> None:
    joined = (replace(one, member="b") for one in (*STANDING[1:], NOTICE))
    found = explained(
        NOTICE, *joined, category="inmail", recipients=("b",), capacity="seat:acme"
    )
    assert [one.reason for one in for_member(found, "a").causes] == ["enterprise-seat"]
    assert [one.reason for one in for_member(found, "b").causes] == [None]


def test_what_a_quoted_record_refuses_is_not_the_readers() -> None:
    quoting = Record(
        record_id="r", category="post", created_at=AT - 1, author="a", quotes=("q",)
    )
    quoted = Record(
        record_id="q", category="haiku", created_at=AT - 1, author="c", recipients=("a",)
    )
    facts = [*STANDING, NOTICE]
    request = Request(purpose="genai-training", recipient="self", at=AT, known=AT)
    believing = world(history([version_from(POLICY)]), facts, AT, [quoting, quoted])
    found = explain(quoting, request, believing)
    assert {one.via for one in found.causes} == {"q"}
    assert for_member(found, "a").causes[-1].text == ANOTHER_PARTY
    assert {one.reason for one in for_member(found, "a").causes} == {None}


def test_a_member_reads_when_of_both_moments() -> None:
    texts = [one.member_text for one in vector("exempt-now").causes]
    assert "This use is not made where you live (DE, in the EU and EEA)." in texts


# Showing


def test_lines_give_answer_rule_fact_basis_and_remedy() -> None:
    off = fact("setting", "2024-05-01", "off", setting="genai")
    told = explanation_lines(explained(off))
    assert told[:9] == [
        "record r (post, made 2025-05-31T23:59:59Z): refuse",
        "asked for genai-training by self at 2025-06-01T00:00:00Z",
        "",
        "opted-out: member `a` has setting `genai` off since 2024-05-01T00:00:00Z",
        "  rule    settings.genai of version 1",
        "  fact    setting genai off of member a, true from 2024-05-01T00:00:00Z",
        (
            "  basis   law: GDPR Art 21: right to object; law: GDPR Art 7(3): right to withdraw "
            "consent; notice: what the setting says that off means"
        ),
        "  remedy  the member's own yes in setting `genai`",
        "",
    ]


def test_a_permit_is_shown_with_its_obligations() -> None:
    policy = deepcopy(dict(POLICY))
    policy["obligations"] = [{"do": ["pseudonymise", "drop-quotes"]}]
    found = explained(NOTICE, policy=policy)
    assert explanation_lines(found)[2:] == ["with drop-quotes and pseudonymise"]
    assert explanation_mapping(found)["obligations"] == ["drop-quotes", "pseudonymise"]
    assert member_lines(for_member(found, "a")) == ["record r may be used"]


def test_a_birth_date_is_never_shown() -> None:
    policy = deepcopy(dict(POLICY))
    policy["settings"]["genai"]["minimum_age"] = 18
    found = explained(NOTICE, fact("birth_date", "2020-01-01", "2010-12-24"), policy=policy)
    assert only(found).fact is not None
    shown = "\n".join(
        [
            *explanation_lines(found),
            *member_lines(for_member(found, "a")),
            str(explanation_mapping(found)),
            str(member_mapping(for_member(found, "a"))),
        ]
    )
    assert "minor" in shown
    assert "2010" not in shown
    assert "2028" not in shown


# Words


def test_every_reason_has_sentences_and_no_other() -> None:
    assert {key.partition("/")[0] for key in sentences()} == set(DECIDED)


def test_sentences_read_as_the_house_writes_them() -> None:
    for key, one in sentences().items():
        for text in (one.operator, one.remedy):
            assert re.match(r"[a-z`]", text), key
            assert not text.endswith("."), key
        for text in filter(None, (*one.member.values(), one.member_remedy)):
            assert re.match(r"[A-Z]", text), key
            assert text.endswith("."), key
            assert "`" not in text, key
            assert "{party}" not in text, key
        assert "{party}" not in one.remedy, key
        assert set(one.member) in (
            {frozenset()},
            {frozenset({Moment.NOW}), frozenset({Moment.THEN}), BOTH},
        ), key


@pytest.mark.parametrize(
    ("instant", "day", "exact"),
    [
        (AT, "1 June 2025", "2025-06-01T00:00:00Z"),
        (EARLIEST, "the end of the calendar", "the end of the calendar"),
        (LATEST, "the end of the calendar", "the end of the calendar"),
    ],
)
def test_an_instant_reads_as_a_day_to_members(instant: Instant, day: str, exact: str) -> None:
    assert day_text(instant) == day
    assert instant_text(instant) == exact


@pytest.mark.parametrize(
    ("words", "operator", "member"),
    [
        ([], "", ""),
        (["a"], "`a`", "a"),
        (["a", "b"], "`a` and `b`", "a and b"),
        (["a", "b", "c"], "`a`, `b` and `c`", "a, b and c"),
    ],
)
def test_names_are_listed_as_in_a_sentence(
    words: list[str], operator: str, member: str
) -> None:
    assert listed(words) == Phrase(operator=operator, member=member)


# Where something is only claimed


def test_what_refuses_by_entry_alone_says_so() -> None:  # [DEC-7]
    facts = [*register(), *told()]
    joined = [replace(one, at=day("2025-05-01")) for one in facts if one.fact == "joined"]
    entered = [*(one for one in facts if one.fact != "joined"), *joined]
    versions = history([version_from(PLAIN)])
    request = Request(purpose="genai-training", recipient="self", at=AT, known=AT)
    believing = world(versions, facts, AT, [POST], by_entry=(versions, entered))
    found = explain(POST, request, believing)
    (only,) = found.causes
    assert (only.reason, only.by_entry) == ("unknown-party", True)
    assert "privity init --attested accept" in only.remedy
    assert only.text == (
        "member `a` joined at 2025-05-01T00:00:00Z, after the record was made; by entry: what is "
        "claimed permits from its entry on"
    )
    (heard,) = for_member(found, "a").causes
    assert heard.text == (
        "This was written before you joined on 1 May 2025. What happened before our ledger began "
        "is only claimed, and does not count for this."
    )
    assert explanation_mapping(found)["causes"][0]["by_entry"] is True
    plainly = explain(POST, request, world(versions, entered, AT, [POST]))
    assert [one.by_entry for one in plainly.causes] == [False]
    assert "attested accept" not in plainly.causes[0].remedy
