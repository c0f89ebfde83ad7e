# SPDX-License-Identifier: Apache-2.0
"""Every page says where among the others it is, to eyes and to screen readers."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest
from tests.network.conftest import GoTo, Join

from privity.testing.plain import SETTING

if TYPE_CHECKING:
    from django.test import Client

_CURRENT = re.compile(r'<a href="([^"]+)" aria-current="(page|true)">')


def marked(browser: Client, path: str) -> list[tuple[str, str]]:
    """Give what the navigation of a page marks, the site's before the page's own."""
    answer = browser.get(path)
    assert answer.status_code == 200, path
    return _CURRENT.findall(answer.content.decode())


@pytest.fixture
def ana(join: Join, go_to: GoTo) -> Client:
    """Ana, who was told, wrote a post and said yes; and Ben."""
    join(name="Ben Okafor", email="ben@example.com")
    browser = join()
    go_to("2024-10-01T00:00:00+00:00")
    browser.get("/notice/")
    browser.post("/notice/")
    browser.post("/", {"text": "for all"})
    browser.post("/settings/ai/", {"setting": SETTING, "choice": "on"})
    return browser


def test_a_page_of_the_navigation_is_marked_as_the_page(ana: Client) -> None:
    from network.accounts.models import Account  # noqa: PLC0415 - Django is set up by now

    you = f"/people/{Account.objects.get(name='Ana Ruiz').pk}/"
    for path in ("/", "/people/", "/messages/", you, "/account/"):
        assert marked(ana, path) == [(path, "page")]
    assert marked(ana, "/privacy/") == [("/privacy/", "page"), ("/privacy/", "page")]


def test_a_page_behind_one_is_marked_as_belonging_to_it(ana: Client) -> None:
    from network.accounts.models import Account  # noqa: PLC0415 - Django is set up by now
    from network.content.models import Record  # noqa: PLC0415 - likewise

    account = {one.name.split()[0]: one.pk for one in Account.objects.all()}
    post = Record.objects.get(text="for all").pk
    you = f"/people/{account['Ana']}/"
    behind = {
        "/articles/write/": "/",
        f"/records/{post}/": "/",
        f"/people/{account['Ben']}/": "/people/",
        f"/messages/{account['Ben']}/": "/messages/",
        "/profile/": you,
        "/settings/ai/": "/account/",
        "/premium/": "/account/",
        "/account/password/": "/account/",
        "/account/close/": "/account/",
    }
    for path, first in behind.items():
        assert marked(ana, path) == [(first, "true")], path


def test_all_of_your_data_and_ai_is_marked_as_that(ana: Client) -> None:
    from network.content.models import Record  # noqa: PLC0415 - Django is set up by now

    post = Record.objects.get(text="for all").pk
    own = {
        "records/": ("", "true"),
        f"records/{post}/": ("", "true"),
        "releases/": ("releases/", "page"),
        "receipts/": ("receipts/", "page"),
        f"receipts/settings/{SETTING}/": ("receipts/", "true"),
        "check/": ("check/", "page"),
    }
    for path, (tab, how) in own.items():
        expected = [("/privacy/", "true"), (f"/privacy/{tab}", how)]
        assert marked(ana, f"/privacy/{path}") == expected, path


def test_what_everybody_reads_is_none_of_hers(ana: Client) -> None:
    assert marked(ana, "/privacy/policy/") == [("/privacy/policy/", "page")]
    assert marked(ana, "/privacy/questions/") == [("/privacy/questions/", "page")]
    assert marked(ana, "/privacy/log/") == [("/privacy/log/", "page")]
    entry = re.search(r"/privacy/policy/(\d+)/", ana.get("/privacy/policy/").content.decode())
    assert entry is not None
    for path in (entry[0], f"{entry[0]}changes/"):
        assert marked(ana, path) == [("/privacy/policy/", "true")]


def test_who_is_not_logged_in_is_led_in(stranger: Client) -> None:
    for path in ("/join/", "/privacy/policy/"):
        shown = stranger.get(path).content.decode()
        assert '<a href="/log-in/">' in shown
        assert '<a href="/join/">' in shown
        assert "/account/" not in shown
