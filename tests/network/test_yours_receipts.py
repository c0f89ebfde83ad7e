# SPDX-License-Identifier: Apache-2.0
"""What a member said, as she gets it: a page, JSON-LD, and her receipt of the ledger."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from tests.network.conftest import GoTo, Join
from tests.network.reading import read_notice
from tests.network.test_yours_releases import text_of

import privity
from privity.entries.receipts import Receipt, open_receipt
from privity.testing.plain import NOTICE, SETTING

if TYPE_CHECKING:
    from django.test import Client

PAGE = "/privacy/receipts/"
ONE = f"{PAGE}settings/{SETTING}/"
FILE = f"{PAGE}settings/{SETTING}.jsonld"
LEDGER = f"{PAGE}ledger/"


@pytest.fixture
def ana(join: Join, go_to: GoTo) -> Client:
    """Ana, who was told."""
    browser = join()
    go_to("2024-10-01T00:00:00+00:00")
    read_notice(browser)
    return browser


def say(browser: Client, **said: str) -> None:
    assert browser.post("/settings/ai/", {"setting": SETTING, **said}).status_code == 302


def test_whoever_is_not_logged_in_gets_none(stranger: Client) -> None:
    for address in (PAGE, ONE, FILE, LEDGER, "/privacy/take-back/"):
        assert stranger.get(address).headers["Location"].startswith("/log-in/")


def test_who_said_nothing_has_no_receipt(ana: Client) -> None:
    assert "there is no receipt of it" in text_of(ana, PAGE)
    assert ana.get(ONE).status_code == 404
    assert ana.get(FILE).status_code == 404


def test_a_receipt_tells_what_was_said_and_that_it_has_every_field(
    ana: Client, go_to: GoTo
) -> None:
    say(ana, choice="on", older="1")
    go_to("2024-11-05T00:00:00+00:00")
    say(ana, choice="off")
    assert "no yes stands" in text_of(ana, PAGE)
    shown = text_of(ana, ONE)
    assert "Yes, also to what you wrote before" in shown
    assert "No: your yes is withdrawn" in shown
    assert "It has every field that ISO/IEC TS 27560:2023 asks for" in shown
    answer = ana.get(FILE)
    assert answer.headers["Content-Type"] == "application/ld+json"
    assert "attachment" in answer.headers["Content-Disposition"]
    made = json.loads(answer.content)
    (record,) = made["dpv:hasRecordOfActivity"]
    assert made["dct:conformsTo"]["@id"].endswith("#receipt-record")
    assert [one["@type"][0] for one in record["dpv:hasConsentStatus"]] == [
        "dpv:ConsentGiven",
        "dpv:ConsentWithdrawn",
    ]
    assert record["dpv:hasNotice"][0]["dct:identifier"] == NOTICE
    assert record["dct:identifier"] in shown


def test_a_platform_that_says_little_gives_a_receipt_that_says_what_is_missing(
    ana: Client, settings: Any
) -> None:
    settings.PRIVITY = {**settings.PRIVITY, "controller": {}}
    say(ana, choice="on")
    assert "Missing: storage_locations" in text_of(ana, ONE)
    assert "dct:conformsTo" not in json.loads(ana.get(FILE).content)


def test_the_ledgers_receipt_is_hers_and_opens(ana: Client, join: Join, network: Path) -> None:
    join(name="Ben Okafor", email="ben@example.com")
    say(ana, choice="on")
    data = ana.get(LEDGER).content
    receipt = Receipt.parse(data)
    opened = open_receipt(receipt)
    assert len(opened) == len(receipt.events)
    with privity.open_workspace(network / "ledger") as workspace:
        assert workspace.standings(receipt.member, purpose="genai-training")[0].choice


def test_of_whom_nothing_was_entered_there_is_no_receipt_of_the_ledger(
    ana: Client, settings: Any
) -> None:
    settings.PRIVITY = {**settings.PRIVITY, "member": f"{__name__}.somebody_else"}
    assert ana.get(LEDGER).headers["Location"] == PAGE
    assert "Nothing was entered of you alone" in text_of(ana, PAGE)


def somebody_else(_request: object) -> int:
    return 987_654


def test_who_takes_it_back_here_has_said_no_once(ana: Client, settings: Any) -> None:
    assert ana.get("/privacy/take-back/").headers["Location"] == "/settings/ai/"
    settings.PRIVITY = {key: one for key, one in settings.PRIVITY.items() if key != "setting"}
    assert "Data for Generative AI Improvement" in text_of(ana, "/privacy/take-back/")
    for _ in range(2):
        assert ana.post("/privacy/take-back/").headers["Location"] == "/privacy/"
    assert "You said no already" in text_of(ana, "/privacy/take-back/")
    (record,) = json.loads(ana.get(FILE).content)["dpv:hasRecordOfActivity"]
    assert [one["@type"] for one in record["dpv:hasConsentStatus"]] == [["dpv:ConsentRefused"]]
    assert record["dpv:hasConsentControl"][0]["dpv:isExercisedAt"].endswith(
        "/privacy/take-back/"
    )
