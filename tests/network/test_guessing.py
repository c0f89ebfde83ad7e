# SPDX-License-Identifier: Apache-2.0
"""Who guesses a password waits, however she writes the address, wherever she asks, and whatever her requests bring along."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from tests.network.conftest import ANA, PASSWORD, Join

if TYPE_CHECKING:
    from django.test import Client

LOG_IN = {"username": ANA["email"], "password": PASSWORD}


def browser(place: str = "127.0.0.1", **headers: str) -> Client:
    from django.test import Client  # noqa: PLC0415 - Django is set up by now

    return Client(headers=headers, REMOTE_ADDR=place)


def guess(at: Client, username: str = ANA["email"]) -> int:
    return at.post("/log-in/", {"username": username, "password": "a guess"}).status_code


def test_an_address_is_one_however_it_is_written(join: Join) -> None:
    join()
    ways = ["ana@example.com", "ANA@example.com", " Ana@example.com", "anA@EXAMPLE.com "]
    for number in range(10):
        guess(browser(), ways[number % len(ways)])
    assert browser().post("/log-in/", LOG_IN).status_code == 429


def test_a_place_is_what_one_person_has(join: Join) -> None:
    join()
    for number in range(10):
        guess(browser(f"2001:db8:1:2::{number:x}"))
    assert browser("2001:db8:1:2:ffff::1").post("/log-in/", LOG_IN).status_code == 429
    assert browser("2001:db8:1:3::1").post("/log-in/", LOG_IN).status_code == 302


@pytest.mark.parametrize(
    "header", ["X-Forwarded-For", "X-Real-IP", "Forwarded", "Client-IP", "CF-Connecting-IP"]
)
def test_no_header_says_where_one_comes_from(join: Join, header: str) -> None:
    join()
    for number in range(10):
        guess(browser(**{header: f"192.0.2.{number}", "User-Agent": f"browser {number}"}))
    again = browser(**{header: "192.0.2.99", "User-Agent": "another"})
    assert again.post("/log-in/", LOG_IN).status_code == 429


def test_all_places_together_have_a_hundred_an_hour(join: Join) -> None:
    join()
    for number in range(24):
        assert guess(browser(f"192.0.2.{number}")) == 200
    assert browser("198.51.100.1").post("/log-in/", LOG_IN).status_code == 302
    guess(browser("192.0.2.200"))
    assert browser("198.51.100.1").post("/log-in/", LOG_IN).status_code == 429


@pytest.mark.parametrize("page", ["/account/close/", "/account/password/"])
def test_who_found_an_open_browser_guesses_no_faster(join: Join, page: str) -> None:
    found = join()
    new = {"new_password1": "another battery staple", "new_password2": "another battery staple"}
    wrong = {"password": "a guess", "old_password": "a guess", **new}
    assert [found.post(page, wrong).status_code for _ in range(9)] == [200] * 9
    assert found.post(page, wrong).status_code == 429
    right = {"password": PASSWORD, "old_password": PASSWORD, **new}
    assert found.post(page, right).status_code == 429
    assert found.get("/").status_code == 200


def test_nothing_that_was_typed_is_kept(join: Join) -> None:
    found = join()
    guess(browser(), "what i typed")
    said = {"old_password": "a guess of mine", "new_password1": "my other password", "new_password2": "x"}  # fmt: skip
    found.post("/account/password/", said)
    found.post("/log-out/")
    browser().post("/log-in/", LOG_IN)
    from axes.models import AccessAttempt, AccessFailureLog, AccessLog  # noqa: PLC0415 - set up by now

    kept: list[Any] = [
        one
        for model in (AccessAttempt, AccessFailureLog, AccessLog)
        for one in model.objects.values()
    ]
    assert len(kept) == 2
    for private in ("what i typed", "ana@", "a guess", "my other", PASSWORD, "csrf"):
        assert private not in str(kept)


def test_a_hash_costs_what_a_server_can_pay_for_whoever_comes(join: Join) -> None:
    join()
    from network.accounts.models import Account  # noqa: PLC0415 - Django is set up by now

    assert "$argon2id$v=19$m=19456,t=2,p=1$" in Account.objects.get().password
