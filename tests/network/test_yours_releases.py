# SPDX-License-Identifier: Apache-2.0
"""The page of releases and models: what of hers is where, and what became of it."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from tests.network.conftest import GoTo, Join
from tests.network.reading import read_notice
from tests.network.yours import release, take_back

from privity.testing.plain import SETTING

if TYPE_CHECKING:
    from django.test import Client

PAGE = "/privacy/releases/"


def text_of(browser: Client, address: str = PAGE) -> str:
    """What a page says, without its marks."""
    answer = browser.get(address)
    assert answer.status_code == 200
    assert "no-store" in answer.headers["Cache-Control"]
    bare = re.sub(r"<[^>]*>", " ", answer.content.decode())
    return " ".join(bare.split())


@pytest.fixture
def ana(join: Join, go_to: GoTo) -> Client:
    """Ana, who was told, said yes, and wrote two posts."""
    browser = join()
    go_to("2024-10-01T00:00:00+00:00")
    read_notice(browser)
    browser.post("/settings/ai/", {"setting": SETTING, "choice": "on", "older": "1"})
    go_to("2024-12-01T00:00:00+00:00")
    for text in ("the first", "the second"):
        assert browser.post("/", {"text": text}).status_code == 302
    return browser


def test_nobody_is_shown_anything_who_is_not_logged_in(stranger: Client) -> None:
    assert stranger.get(PAGE).headers["Location"].startswith("/log-in/")


def test_where_there_is_nothing_the_page_says_so(ana: Client) -> None:
    assert "No release has anything of yours." in text_of(ana)


def test_a_member_sees_what_is_hers_and_what_became_of_it(
    ana: Client, join: Join, network: Path, go_to: GoTo
) -> None:
    ben = join(name="Ben Okafor", email="ben@example.com")
    read_notice(ben)
    release(network, "2025-01-10T00:00:00Z")
    go_to("2025-01-11T00:00:00+00:00")
    shown = text_of(ana)
    assert "Release winter may be used" in shown
    # Two posts and her profile, if that was ever written.
    assert re.search(r"Of yours now [23] records", shown)
    assert "It made model ostrich" in shown
    assert "Taken back" not in shown
    assert "No release has anything of yours." in text_of(ben)

    ana.post("/settings/ai/", {"setting": SETTING, "choice": "off"})
    take_back(network, "2025-01-12T00:00:00Z")
    go_to("2025-01-13T00:00:00+00:00")
    shown = text_of(ana)
    assert "Of yours now 0 records" in shown
    assert "Release winter nothing of yours is left" in shown
    assert re.search(r"Taken back [23] records of yours, out of it since 1", shown)
    assert "they are to delete it by" in shown
    assert "not undone" in shown
    assert "No release has anything of yours." in text_of(ben)
    go_to("2025-06-01T00:00:00+00:00")
    assert "overdue: it was to be deleted by" in text_of(ana)
