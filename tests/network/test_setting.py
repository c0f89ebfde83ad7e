# SPDX-License-Identifier: Apache-2.0
"""A member is told before anything is used, chooses, and what the page says is what is enforced."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from tests.network.conftest import PASSWORD, GoTo, Join
from tests.network.reading import read_notice
from tests.property.recorded import policy_said, record_at

import privity
from privity.app.workspace.opening import open_workspace
from privity.canonical.encode import encode
from privity.canonical.instants import parse_instant
from privity.testing.plain import NOTICE, POLICY, SETTING

if TYPE_CHECKING:
    from django.test import Client

AI = "/settings/ai/"


def member() -> int:
    from network.accounts.models import Account  # noqa: PLC0415 - Django is set up by now

    found: int = Account.objects.get(name="Ana Ruiz").member
    return found


def standing(network: Path) -> Any:
    """How it stands on the ledger, at the time of its newest entry."""
    with privity.open_workspace(network / "ledger") as workspace:
        (found,) = workspace.standings(member(), purpose="genai-training")
    return found


def is_permitted(network: Path, at: str) -> bool:
    post = {"record_id": 1, "category": "post", "created_at": at, "author": member()}
    with privity.open_workspace(network / "ledger") as workspace:
        return workspace.decide(
            post, purpose="genai-training", recipient="self", at="2026-01-01T00:00:00Z"
        ).permit


@pytest.fixture
def told(join: Join, go_to: GoTo) -> Client:
    """Ana, who read the notice on the first of October."""
    browser = join()
    go_to("2024-10-01T00:00:00+00:00")
    read_notice(browser)
    return browser


def test_a_notice_stands_before_the_next_page_once_it_holds(
    join: Join, go_to: GoTo, network: Path
) -> None:
    ana = join()
    assert ana.get("/people/").status_code == 200
    go_to("2024-09-18T00:00:00+00:00")
    answer = ana.get("/people/")
    assert (answer.status_code, answer.headers["Location"]) == (
        302,
        "/notice/?next=%2Fpeople%2F",
    )
    page = ana.get(answer.headers["Location"]).content
    assert NOTICE.encode() in page
    assert b"Data for Generative AI Improvement" in page
    done = ana.post("/notice/", {"next": "/people/"})
    assert done.headers["Location"] == "/people/"
    # In her own zone, as every other time on her pages.
    assert b"until 17 October 2024, 20:00 EDT" in ana.get("/people/").content
    assert not standing(network).waits


def test_where_silence_is_a_no_nobody_is_given_a_time_to_object(
    join: Join, go_to: GoTo, network: Path
) -> None:
    rohan = join(country="IN")
    go_to("2024-10-01T00:00:00+00:00")
    read_notice(rohan)
    assert standing(network).silence == "off"
    assert b"before anything of yours is used" not in rohan.get("/people/").content


@pytest.mark.parametrize(
    "next_page", ["https://elsewhere.example/", "//elsewhere.example/", "javascript:alert(1)"]
)
def test_a_notice_leads_to_no_other_site(join: Join, go_to: GoTo, next_page: str) -> None:
    ana = join()
    go_to("2024-10-01T00:00:00+00:00")
    assert read_notice(ana, next_page).headers["Location"] == "/"


def test_silence_is_said_to_be_silence(told: Client) -> None:
    page = told.get(AI).content
    assert b"You have not chosen: our default is on" in page
    assert b"31 October 2024" in page or b"30 October 2024" in page


def test_a_no_is_shown_and_enforced(told: Client, network: Path, go_to: GoTo) -> None:
    assert is_permitted(network, "2025-06-01T00:00:00Z")
    go_to("2024-11-01T00:00:00+00:00")
    told.post(AI, {"setting": SETTING, "choice": "off"})
    assert b"You said no on" in told.get(AI).content
    assert not is_permitted(network, "2025-06-01T00:00:00Z")


def test_a_yes_says_how_far_it_reaches(told: Client, network: Path, go_to: GoTo) -> None:
    go_to("2024-11-01T00:00:00+00:00")
    told.post(AI, {"setting": SETTING, "choice": "on"})
    assert b"It covers what you write from then on" in told.get(AI).content
    assert not is_permitted(network, "2024-10-15T00:00:00Z")
    go_to("2024-11-02T00:00:00+00:00")
    told.post(AI, {"setting": SETTING, "choice": "on", "older": "on"})
    assert b"It covers what you wrote before, too" in told.get(AI).content
    assert is_permitted(network, "2024-10-15T00:00:00Z")


def test_an_objection_stands_whatever_the_switch_says(
    told: Client, network: Path, go_to: GoTo
) -> None:
    go_to("2024-11-01T00:00:00+00:00")
    told.post(AI, {"setting": SETTING, "object": "1"})
    go_to("2024-11-02T00:00:00+00:00")
    told.post(AI, {"setting": SETTING, "choice": "on", "older": "on"})
    assert b"You objected" in told.get(AI).content
    assert not is_permitted(network, "2025-06-01T00:00:00Z")
    go_to("2024-11-03T00:00:00+00:00")
    told.post(AI, {"setting": SETTING, "withdraw": "1"})
    assert b"You objected" not in told.get(AI).content
    assert is_permitted(network, "2025-06-01T00:00:00Z")


def test_a_browser_that_signals_a_no_is_heeded_once(
    told: Client, network: Path, go_to: GoTo
) -> None:
    go_to("2024-11-01T00:00:00+00:00")
    told.get("/people/", headers={"Sec-GPC": "1"})
    found = standing(network)
    assert (found.choice.value, found.choice.detail["method"]) == ("off", "signal")
    assert b"Your browser signalled a no" in told.get(AI, headers={"Sec-GPC": "1"}).content
    go_to("2024-11-02T00:00:00+00:00")
    told.post(AI, {"setting": SETTING, "choice": "on"})
    told.get("/people/", headers={"Sec-GPC": "1"})
    assert standing(network).choice.value == "on"  # her own later word stands


def test_who_lives_where_all_are_exempt_sees_why_there_is_no_switch(
    join: Join, go_to: GoTo
) -> None:
    dora = join(name="Dora Klein", email="dora@example.com", country="DE")
    go_to("2024-10-01T00:00:00+00:00")
    page = dora.get(AI).content
    assert b"exempts everybody" in page
    assert b'name="choice"' not in page
    # Nothing is announced to her, until she moves to where it is about her.
    assert dora.get("/people/").status_code == 200
    moved = {"name": "Dora Klein", "country": "US", "zone": "UTC", "headline": "", "about": ""}
    assert dora.post("/profile/", moved).status_code == 302
    assert dora.get("/people/").headers["Location"].startswith("/notice/")


def move(browser: Client, country: str) -> None:
    said = {"name": "Ana Ruiz", "country": country, "zone": "UTC", "headline": "", "about": ""}
    assert browser.post("/profile/", said).status_code == 302


def test_a_yes_is_taken_back_where_all_are_exempt_too(
    told: Client, network: Path, go_to: GoTo
) -> None:
    go_to("2024-11-01T00:00:00+00:00")
    told.post(AI, {"setting": SETTING, "choice": "on", "older": "on"})
    go_to("2024-11-02T00:00:00+00:00")
    move(told, "DE")
    page = told.get(AI).content.decode()
    assert "exempts everybody" in page
    assert "You said yes on" in page
    assert "Take my yes back" in page
    assert "I object" in page
    assert 'value="on"' not in page
    go_to("2024-11-03T00:00:00+00:00")
    told.post(AI, {"setting": SETTING, "choice": "off"})
    page = told.get(AI).content.decode()
    assert "You said no on" in page
    assert "Take my yes back" not in page
    go_to("2024-11-04T00:00:00+00:00")
    move(told, "US")
    assert not is_permitted(network, "2024-10-15T00:00:00Z")
    assert not is_permitted(network, "2025-06-01T00:00:00Z")


def test_who_is_exempt_or_too_young_objects_and_withdraws_it(join: Join, go_to: GoTo) -> None:
    dora = join(name="Dora Klein", email="dora@example.com", country="DE")
    kim = join(name="Kim Lee", email="kim@example.com", birth_date="2008-01-01")
    for month, browser in (("10", dora), ("11", kim)):
        go_to(f"2024-{month}-01T00:00:00+00:00")
        page = browser.get(AI).content
        assert b"not used" in page
        assert b"I object" in page
        browser.post(AI, {"setting": SETTING, "object": "1"})
        page = browser.get(AI).content
        assert b"You objected." in page
        assert b"Withdraw my objection" in page
        go_to(f"2024-{month}-02T00:00:00+00:00")
        browser.post(AI, {"setting": SETTING, "withdraw": "1"})
        assert b"You objected." not in browser.get(AI).content


def test_what_the_page_says_is_what_the_policy_says(told: Client) -> None:
    page = told.get(AI).content.decode()
    assert "What it covers, and whom" in page
    assert "Only after you yourself said yes" in page
    assert "made from version 2024-09-18" in page


def test_nobody_sets_what_is_no_setting(told: Client) -> None:
    assert told.post(AI, {"setting": "another", "choice": "off"}).status_code == 404
    assert told.post(AI, {"setting": SETTING}).status_code == 404
    assert told.post(AI, {"setting": SETTING, "choice": "perhaps"}).status_code == 404


def test_a_signal_does_not_take_back_a_later_word_in_another_browser(
    told: Client, network: Path, go_to: GoTo
) -> None:
    go_to("2024-11-01T00:00:00+00:00")
    told.get("/people/", headers={"Sec-GPC": "1"})
    go_to("2024-11-02T00:00:00+00:00")
    told.post(AI, {"setting": SETTING, "choice": "on"})
    told.post("/log-out/")
    go_to("2024-11-03T00:00:00+00:00")
    told.post("/log-in/", {"username": "ana@example.com", "password": PASSWORD})
    told.get("/people/", headers={"Sec-GPC": "1"})
    assert standing(network).choice.value == "on"


def test_a_signal_takes_back_a_yes_that_was_said_without_it(
    told: Client, network: Path, go_to: GoTo
) -> None:
    go_to("2024-11-01T00:00:00+00:00")
    told.post(AI, {"setting": SETTING, "choice": "on"})
    go_to("2024-11-02T00:00:00+00:00")
    told.get("/people/", headers={"Sec-GPC": "1"})
    assert standing(network).choice.value == "off"


def test_what_is_said_of_a_signal_fits_what_holds(told: Client, go_to: GoTo) -> None:
    signals = {"Sec-GPC": "1"}

    def seen() -> tuple[bool, bool]:
        page = told.get(AI, headers=signals).content
        return b"is entered as one" in page, b"your word stands" in page

    go_to("2024-11-01T00:00:00+00:00")
    assert seen() == (True, False)
    go_to("2024-11-02T00:00:00+00:00")
    told.post(AI, {"setting": SETTING, "choice": "on"}, headers=signals)
    assert seen() == (False, True)
    go_to("2024-11-03T00:00:00+00:00")
    told.post(AI, {"setting": SETTING, "object": "1"}, headers=signals)
    assert seen() == (False, False)
    told.post(AI, {"setting": SETTING, "choice": "off"}, headers=signals)
    go_to("2024-11-04T00:00:00+00:00")
    told.post(AI, {"setting": SETTING, "withdraw": "1"}, headers=signals)
    assert seen() == (False, False)
    told.post(AI, {"setting": SETTING, "choice": "on"}, headers=signals)
    move(told, "DE")
    assert seen() == (False, False)


def test_who_says_two_things_in_one_second_is_told_which_stands(
    told: Client, network: Path, go_to: GoTo
) -> None:
    outdone = b"What you said in the same second protects more, and stands."
    ways = (
        {"setting": SETTING, "choice": "on"},
        {"setting": SETTING, "choice": "on", "older": "on"},
        {"setting": SETTING, "withdraw": "1"},
    )
    before = ({"choice": "off"}, {"choice": "on"}, {"object": "1"})
    for month, (way, first) in enumerate(zip(ways, before, strict=True), 1):
        go_to(f"2025-0{month}-01T00:00:00+00:00")
        told.post(AI, {"setting": SETTING, **first})
        told.get(AI)
        go_to(f"2025-0{month}-01T00:00:00+00:00")
        told.post(AI, way)
        page = told.get(AI).content
        assert b" entered." in page or b"withdrawn" in page
        assert outdone in page, way
        go_to(f"2025-0{month}-02T00:00:00+00:00")
        told.post(AI, way)
        assert outdone not in told.get(AI).content
    found = standing(network)
    assert found.covers_older
    assert found.objection is None


def test_no_kind_of_reading_goes_round_the_notice(join: Join, go_to: GoTo) -> None:
    ana = join()
    go_to("2024-10-01T00:00:00+00:00")
    for headers in ({}, {"Accept": "application/json"}, {"X-Requested-With": "XMLHttpRequest"}):
        for path in ("/", "/?page=2", "/people/", "/privacy/", "/privacy/check/check.json"):
            for ask in (ana.get, ana.head):
                answer = ask(path, headers=headers)
                assert answer.headers["Location"].startswith("/notice/"), path
    piece = ana.get("/?page=2", headers={"HX-Request": "true"})
    assert (piece.headers["HX-Redirect"], piece.content) == ("/notice/", b"")


def test_what_was_typed_before_the_notice_is_kept_and_not_used(
    join: Join, network: Path, go_to: GoTo
) -> None:
    ana = join()
    go_to("2024-10-01T00:00:00+00:00")
    answer = ana.post("/", {"text": "half an hour of typing"})
    assert ana.get(answer.headers["Location"]).headers["Location"].startswith("/notice/")
    read_notice(ana)
    assert b"half an hour of typing" in ana.get("/").content
    assert not is_permitted(network, "2024-10-01T00:00:00Z")


def test_what_was_not_shown_did_not_reach_anybody(
    join: Join, network: Path, go_to: GoTo
) -> None:
    ana = join()
    go_to("2024-10-01T00:00:00+00:00")
    answer = ana.post("/notice/", {"next": "/people/"})
    assert answer.headers["Location"] == "/notice/?next=%2Fpeople%2F"
    assert ana.get("/people/").headers["Location"] == "/notice/?next=%2Fpeople%2F"
    # The page is open while another version comes, which tells by the same notice.
    ana.get("/notice/")
    publish(network, "2024-10-02T00:00:00Z")
    go_to("2024-10-03T00:00:00+00:00")
    assert ana.post("/notice/").headers["Location"].startswith("/notice/")
    assert ana.get("/people/").headers["Location"].startswith("/notice/")
    assert read_notice(ana).headers["Location"] == "/"
    assert not standing(network).waits


def test_a_setting_without_a_notice_is_said_to_open_nothing(
    told: Client, network: Path, go_to: GoTo
) -> None:
    """As the case's was in August 2024: on by default, and nobody was told."""
    setting = dict(POLICY["settings"][SETTING])
    del setting["notice"]
    publish(network, "2024-10-02T00:00:00Z", settings={SETTING: setting}, notices={})
    go_to("2025-01-01T00:00:00+00:00")
    page = told.get(AI).content.decode()
    assert "nothing is used yet" in page
    assert "there is no notice of it" in page
    assert "It counts from" not in page
    assert not is_permitted(network, "2025-01-01T00:00:00Z")


def publish(network: Path, at: str, **changes: Any) -> None:
    """Publish a version that says the same but for what changes."""
    said = {**POLICY, "version": "later", "published_at": at, "effective_at": at, **changes}
    text, instant = encode(said), parse_instant(at)
    with open_workspace(network / "ledger", now=instant) as workspace:
        record_at(workspace, instant, [policy_said(text)], [text])
