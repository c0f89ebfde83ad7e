# SPDX-License-Identifier: Apache-2.0
"""What a member said, as a record of consent and as a receipt of it (ISO/IEC TS 27560, DPV)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given, strategies as st

from privity.decide.explain.consent import Consent, Said, consents
from privity.decide.explain.consent_dpv import (
    PROFILE,
    Answerable,
    missing_fields,
    receipt_of,
    record_id,
)
from privity.decide.request import world
from privity.members.facts import Fact
from privity.policy.parse import version_from
from privity.policy.versions import history
from privity.testing.plain import AT, NOTICE, SETTING, fact, policy, said, switch

WHOLE = Answerable(
    origin="network.example/log",
    name="The network",
    address="1 Example Street",
    contact="privacy@network.example",
    storage_location="IE",
    storage_duration="the account is closed",
    exercised_at="https://network.example/settings/ai/",
    language="en",
)
JOINED = (
    fact("joined", "2015-01-01"),
    fact("jurisdiction", "2015-01-01", "US", evidence="declared"),
)
TOLD = fact("notice", "2024-09-20", NOTICE)


def asked(*facts: Fact, purpose: str = "genai-training", **keys: Any) -> tuple[Consent, ...]:
    known = world(history([version_from(policy(**keys))]), (*JOINED, *facts), AT)
    return consents("a", purpose=purpose, at=AT, world=known)


def only(*facts: Fact) -> Consent:
    (found,) = asked(*facts)
    return found


def test_silence_is_no_consent() -> None:
    assert asked() == ()
    assert asked(TOLD) == ()


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        (["on"], [Said.GIVEN]),
        (["off"], [Said.REFUSED]),
        (["on", "off"], [Said.GIVEN, Said.WITHDRAWN]),
        (["on", "on", "off"], [Said.GIVEN, Said.RENEWED, Said.WITHDRAWN]),
        (["off", "on", "unset", "off"], [Said.REFUSED, Said.GIVEN, Said.UNSET, Said.REFUSED]),
    ],
)
def test_what_is_said_follows_from_what_was_said_before(
    values: list[str], expected: list[Said]
) -> None:
    facts = [said(f"2025-01-{day:02}", value) for day, value in enumerate(values, 1)]
    found = only(*facts)
    assert [one.said for one in found.events] == expected
    assert found.is_given == (values[-1] == "on")


def test_an_objection_stands_over_a_yes_until_it_is_withdrawn() -> None:
    yes = said("2025-01-01", "on")
    no = fact("objection", "2025-01-02")
    assert not only(yes, no).is_given
    assert only(yes, no).objected
    back = fact("objection-withdrawn", "2025-01-03")
    assert only(yes, no, back).is_given
    other = fact("objection", "2025-01-02", setting="another")
    assert only(yes, other).is_given


def test_a_migrated_yes_was_never_said() -> None:
    assert asked(said("2025-01-01", "on", method="migrated")) == ()
    (event,) = only(said("2025-01-01", "off", method="signal")).events
    assert (event.said, event.method) == (Said.REFUSED, "signal")


def test_a_setting_about_another_use_is_not_shown() -> None:
    assert asked(said("2025-01-01", "on"), purpose="safety") == ()


def test_a_receipt_with_every_field_names_the_profile() -> None:
    consent = only(TOLD, said("2025-01-01", "on", scope="all"))
    assert missing_fields(consent, WHOLE) == ()
    receipt = receipt_of(consent, WHOLE)
    (record,) = receipt["dpv:hasRecordOfActivity"]
    assert receipt["dct:conformsTo"] == {"@id": f"{PROFILE}receipt-record"}
    assert record["dct:conformsTo"] == {"@id": f"{PROFILE}record"}
    assert record["dct:identifier"] == str(record_id(consent, WHOLE))
    (status,) = record["dpv:hasConsentStatus"]
    assert status["@type"] == ["dpv:ConsentGiven", "dpv:ExpressedConsent"]
    assert status["dpv:isIndicatedAtTime"]["@value"] == "2025-01-01T00:00:00Z"
    assert "before" in status["dct:description"]
    assert [one["dct:identifier"] for one in record["dpv:hasNotice"]] == [NOTICE]
    assert record["dpv:hasJurisdiction"] == [{"@id": "https://w3id.org/dpv/loc#US"}]


@pytest.mark.parametrize(
    ("lost", "field"),
    [
        ("name", "party_name"),
        ("address", "party_address"),
        ("contact", "party_contact"),
        ("storage_location", "storage_locations"),
        ("storage_duration", "retention_period"),
        ("exercised_at", "withdrawal_method"),
        ("language", "language"),
    ],
)
def test_a_receipt_that_lacks_a_field_does_not_say_that_it_conforms(
    lost: str, field: str
) -> None:
    consent = only(TOLD, said("2025-01-01", "on"))
    nothing: dict[str, Any] = {lost: None}
    lacking = replace(WHOLE, **nothing)
    assert missing_fields(consent, lacking) == (field,)
    receipt = receipt_of(consent, lacking)
    assert "dct:conformsTo" not in receipt
    assert "dct:conformsTo" not in receipt["dpv:hasRecordOfActivity"][0]


def test_a_yes_before_any_notice_lacks_the_notice() -> None:
    assert missing_fields(only(said("2025-01-01", "on")), WHOLE) == ("privacy_notice",)


def test_every_term_of_a_receipt_has_a_prefix_that_its_context_names() -> None:
    consent = only(
        TOLD,
        said("2025-01-01", "on"),
        said("2025-01-02", "off"),
        fact("objection", "2025-01-03"),
        fact("objection-withdrawn", "2025-01-04"),
    )
    receipt = receipt_of(consent, WHOLE)
    prefixes = set(receipt["@context"])
    for term in _terms(receipt):
        assert term.partition(":")[0] in {*prefixes, "https", "urn"}, term


def _terms(value: Any) -> Iterator[str]:
    if isinstance(value, dict):
        for key, inner in value.items():
            if key == "@context":
                continue
            if key in {"@id", "@type"}:
                yield from [inner] if isinstance(inner, str) else inner
            elif not key.startswith("@"):
                yield key
            yield from _terms(inner)
    elif isinstance(value, list):
        for one in value:
            yield from _terms(one)


@given(st.lists(st.sampled_from(["on", "off", "unset", "object", "withdraw"]), max_size=8))
def test_every_thing_said_is_there_once_and_in_order(values: list[str]) -> None:
    facts = []
    for day, value in enumerate(values, 1):
        on = f"2025-01-{day:02}"
        match value:
            case "object":
                facts.append(fact("objection", on, setting=SETTING))
            case "withdraw":
                facts.append(fact("objection-withdrawn", on, setting=SETTING))
            case _:
                facts.append(said(on, value))
    found = asked(*facts, settings=switch())
    assert bool(found) == bool(values)
    for one in found:
        assert [event.at for event in one.events] == [each.at for each in facts]
        assert all(before.at < after.at for before, after in pairwise(one.events))
        choices = [value for value in values if value in {"on", "off", "unset"}]
        objections = [value for value in values if value in {"object", "withdraw"}]
        objected = bool(objections) and objections[-1] == "object"
        assert one.objected == objected
        assert one.is_given == (bool(choices) and choices[-1] == "on" and not objected)
