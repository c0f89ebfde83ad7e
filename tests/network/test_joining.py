# SPDX-License-Identifier: Apache-2.0
"""Whoever joins has an account on the network and is a member on the ledger; nobody else gets in."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from tests.network.conftest import ANA, PASSWORD, Join

import privity
from privity.errors import UnavailableError

if TYPE_CHECKING:
    from django.test import Client


def test_who_joins_is_logged_in_and_known_to_the_ledger(join: Join, network: Path) -> None:
    browser = join()
    assert b"Welcome, Ana Ruiz" in browser.get("/").content
    from network.accounts.models import Account  # noqa: PLC0415 - Django is set up by now

    account = Account.objects.get(email="ana@example.com")
    with privity.open_workspace(network / "ledger") as workspace:
        view = workspace.view(account.member, purpose="genai-training")
    assert view.state.joined is not None
    assert list(view.state.codes) == ["US"]
    assert view.state.birth_date == "1990-02-03"


def test_the_day_of_birth_is_kept_by_the_ledger_alone(join: Join, network: Path) -> None:
    join()
    assert b"1990-02-03" not in (network / "network.db").read_bytes()


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("email", "no address"),
        ("country", "XX"),
        ("birth_date", "2010-01-01"),
        ("birth_date", "1066-10-14"),
        ("password", "short"),
        ("password", "password1234"),
        ("zone", "Europe/Atlantis"),
        ("name", ""),
    ],
)
def test_what_does_not_fit_is_said_beside_its_field(
    stranger: Client, field: str, value: str
) -> None:
    from network.accounts.models import Account  # noqa: PLC0415 - Django is set up by now

    answer = stranger.post("/join/", {**ANA, field: value})
    assert answer.status_code == 200
    assert b"errorlist" in answer.content
    assert not Account.objects.exists()


def test_an_address_joins_once(join: Join, stranger: Client) -> None:
    join()
    answer = stranger.post("/join/", {**ANA, "email": "ANA@example.com"})
    assert b"exists already" in answer.content


def test_who_is_not_logged_in_is_asked_to(stranger: Client) -> None:
    for address in ("/", "/privacy/"):
        answer = stranger.get(address)
        assert (answer.status_code, answer.headers["Location"]) == (
            302,
            f"/log-in/?next={address}",
        )


def test_who_guesses_passwords_waits(join: Join, stranger: Client) -> None:
    join()
    tried = [
        stranger.post(
            "/log-in/", {"username": "ana@example.com", "password": f"guess {number}"}
        )
        for number in range(11)
    ]
    assert [one.status_code for one in tried[:9]] == [200] * 9
    assert tried[-1].status_code == 429
    right = stranger.post("/log-in/", {"username": "ana@example.com", "password": PASSWORD})
    assert right.status_code == 429


def test_who_was_entered_and_then_lost_is_nobody_elses_past(
    stranger: Client, join: Join, network: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from network.accounts import signing_up  # noqa: PLC0415 - Django is set up by now
    from network.accounts.models import Account  # noqa: PLC0415 - likewise
    from privity.web.desk import ask  # noqa: PLC0415 - likewise

    def entered_and_lost(question: Any) -> Any:
        ask(question)
        raise UnavailableError("the disk went away", code="ledger/disk")

    with monkeypatch.context() as patch:
        patch.setattr(signing_up, "ask", entered_and_lost)
        lost = {**ANA, "country": "DE", "birth_date": "2006-01-01"}
        assert stranger.post("/join/", lost).status_code == 503
    assert not Account.objects.exists()
    join()
    account = Account.objects.get()
    with privity.open_workspace(network / "ledger") as workspace:
        state = workspace.view(account.member, purpose="genai-training").state
    assert (list(state.codes), state.birth_date) == (["US"], "1990-02-03")


def test_a_members_number_is_drawn_and_one_in_every_browser(join: Join) -> None:
    from network.accounts.models import FIRST_MEMBER, Account  # noqa: PLC0415 - set up by now

    for name in ("ana", "ben", "chi"):
        join(email=f"{name}@example.com")
    numbers = [one.member for one in Account.objects.order_by("pk")]
    assert all(FIRST_MEMBER <= one < 1 << 53 for one in numbers)
    assert len({one - numbers[0] for one in numbers} & {0, 1, 2}) == 1


@pytest.mark.parametrize(
    ("language", "in_order"),
    [
        ("de", ["Afghanistan", "Ägypten", "Albanien", "Australien", "Österreich", "Zypern"]),
        (
            "en",
            ["Afghanistan", "Åland Islands", "Albania", "Congo", "Côte d'Ivoire", "Zimbabwe"],
        ),
    ],
)
def test_countries_are_in_the_order_in_which_one_looks_for_them(
    stranger: Client, language: str, in_order: list[str]
) -> None:
    del stranger
    from django.utils import translation  # noqa: PLC0415 - Django is set up by now

    from network.accounts.forms import countries  # noqa: PLC0415 - likewise

    with translation.override(language):
        names = [name for _, name in countries()]
    assert [one for one in names if one in in_order] == in_order
