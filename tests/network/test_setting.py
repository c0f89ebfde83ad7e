# SPDX-License-Identifier: Apache-2.0
"""A member is told before anything is used, chooses, and what the page says is what is enforced."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from tests.network.conftest import GoTo, Join

import privity
from privity.testing.plain import NOTICE, SETTING

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
    browser.post("/notice/")
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
    rohan.post("/notice/")
    assert standing(network).silence == "off"
    assert b"before anything of yours is used" not in rohan.get("/people/").content


@pytest.mark.parametrize(
    "next_page", ["https://elsewhere.example/", "//elsewhere.example/", "javascript:alert(1)"]
)
def test_a_notice_leads_to_no_other_site(join: Join, go_to: GoTo, next_page: str) -> None:
    ana = join()
    go_to("2024-10-01T00:00:00+00:00")
    assert ana.post("/notice/", {"next": next_page}).headers["Location"] == "/"


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


def test_what_the_page_says_is_what_the_policy_says(told: Client) -> None:
    page = told.get(AI).content.decode()
    assert "What it covers, and whom" in page
    assert "Only after you yourself said yes" in page
    assert "made from version 2024-09-18" in page


def test_nobody_sets_what_is_no_setting(told: Client) -> None:
    assert told.post(AI, {"setting": "another", "choice": "off"}).status_code == 404
    assert told.post(AI, {"setting": SETTING}).status_code == 404
    assert told.post(AI, {"setting": SETTING, "choice": "perhaps"}).status_code == 404
