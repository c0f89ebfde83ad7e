# SPDX-License-Identifier: Apache-2.0
"""What a site is operated by says how it is, and of nobody who."""

from __future__ import annotations

import io
import json
import logging
import re
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from tests.network.conftest import ANA, Join

from privity.errors import ConflictError, PrivityError, UnavailableError

if TYPE_CHECKING:
    from django.test import Client

NUMBER = re.compile(r"^[0-9a-f]{16}$")


@pytest.fixture
def lines(site: Path) -> Iterator[io.StringIO]:
    """What is logged, as a process that serves does."""
    from privity.web.operating import logs  # noqa: PLC0415 - Django is set up by now

    del site
    root = logging.getLogger()
    before, level = root.handlers[:], root.level
    stream = io.StringIO()
    logs.configure(stream)
    yield stream
    root.handlers[:] = before
    root.setLevel(level)


def said(lines: io.StringIO) -> list[dict[str, Any]]:
    return [json.loads(line) for line in lines.getvalue().splitlines()]


def front(**others: Any) -> Any:
    from privity.web.operating.front import Front  # noqa: PLC0415 - Django is set up by now

    def application(_environ: Any, start_response: Any) -> list[bytes]:
        start_response("200 OK", [])
        return [b"the site"]

    return Front(application, **others)


def ask(it: Any, path: str, **environ: str) -> tuple[int, dict[str, str], bytes]:
    got: list[Any] = []
    here = {
        "PATH_INFO": path,
        "REQUEST_METHOD": "GET",
        "REMOTE_ADDR": "127.0.0.1",
        "HTTP_HOST": "localhost:8000",
    }
    body = b"".join(it(here | environ, lambda *said: got.extend(said)))
    return int(got[0].split()[0]), dict(got[1]), body


def test_a_line_has_the_page_and_nothing_of_the_person(lines: io.StringIO, join: Join) -> None:
    browser = join()
    browser.get("/people/?name=Ben+Okafor", headers={"X-Request-ID": "ana@example.com"})
    browser.get("/messages/471147114711/")
    browser.get("/nothing/ana@example.com/")
    found = [one for one in said(lines) if one.get("event") == "answered"]
    assert [(one["page"], one["status"]) for one in found] == [
        ("join", 302),
        ("people", 200),
        ("talk", 404),
        ("none", 404),
    ]
    assert all(NUMBER.match(one["request"]) for one in found)
    for private in (
        "Ana",
        "Ben",
        "example.com",
        "471147114711",
        ANA["birth_date"],
        ANA["password"],
        "127.0.0.1",
    ):
        assert private not in lines.getvalue()


def test_who_guesses_passwords_is_not_named_by_a_library(
    lines: io.StringIO, stranger: Client
) -> None:
    for _ in range(11):
        stranger.post("/log-in/", {"username": "ana@example.com", "password": "a guess"})
    assert any(one["logger"].startswith("axes") for one in said(lines))
    assert "ana@" not in lines.getvalue()
    assert "127.0.0.1" not in lines.getvalue()


def test_what_is_raised_is_told_by_its_kind_and_places(
    lines: io.StringIO, join: Join, monkeypatch: pytest.MonkeyPatch
) -> None:
    browser = join()
    browser.raise_request_exception = False

    def fail(*_said: Any) -> Any:
        message = "the message of ana@example.com to Ben"
        raise ValueError(message)

    monkeypatch.setattr("network.content.views.feed_of", fail)
    answer = browser.get("/")
    assert answer.status_code == 500
    number = answer.headers["X-Request-ID"]
    raised, answered = said(lines)[-2:]
    assert raised["error"] == "ValueError"
    assert raised["places"][-1].startswith("fail ")
    assert raised["request"] == answered["request"] == number
    assert "ana@" not in lines.getvalue()
    page = answer.content.decode()
    assert number in page
    assert "Something went wrong here" in page
    for internal in ("ValueError", "Traceback", "ana@", "/network/"):
        assert internal not in page


@pytest.mark.parametrize(
    ("family", "code"),
    [(UnavailableError, "ledger/disk"), (ConflictError, "ledger/rolled-back")],
)
def test_without_the_ledger_nothing_is_shown_that_may_be_outdated(
    lines: io.StringIO,
    join: Join,
    monkeypatch: pytest.MonkeyPatch,
    family: type[PrivityError],
    code: str,
) -> None:
    browser = join()

    def fail(*_said: Any, **_named: Any) -> Any:
        raise family("disk of ana@example.com", code=code)

    monkeypatch.setattr("network.premium.views.offer", fail)
    answer = browser.get("/premium/")
    assert (answer.status_code, answer.headers["Retry-After"]) == (503, "5")
    assert "does not answer" in answer.content.decode()
    assert code in [one.get("code") for one in said(lines)]
    assert "ana@" not in lines.getvalue() + answer.content.decode()


def test_an_error_page_stands_without_tables(
    stranger: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    from django.contrib.sessions.backends.db import SessionStore  # noqa: PLC0415 - set up by now
    from django.db import OperationalError  # noqa: PLC0415 - likewise

    def fail(*_said: Any) -> Any:
        raise OperationalError("no such table: accounts_account")

    monkeypatch.setattr(SessionStore, "load", fail)
    stranger.raise_request_exception = False
    stranger.cookies["sessionid"] = "a" * 32
    for address in ("/", "/nothing/"):
        answer = stranger.get(address)
        assert answer.status_code in {404, 500}
        assert b"The number of this request" in answer.content
        assert b"table" not in answer.content


def test_whoever_comes_to_where_a_form_goes_gets_a_page(join: Join) -> None:
    """A browser does: when the session was over, the log-in page leads on to where the button led."""
    answer = join().get("/people/1/connect/")
    assert (answer.status_code, answer.headers["Allow"]) == (405, "POST")
    assert "press yours again" in answer.content.decode()


def test_figures_count_pages_by_name(join: Join) -> None:
    browser = join()
    browser.get("/people/471147114711/")
    _, headers, body = ask(front(), "/metrics")
    assert headers["Content-Type"].startswith("text/plain")
    text = body.decode()
    assert 'privity_requests_total{method="GET",page="person",status="404"}' in text
    assert "privity_ledger_answers 1.0" in text
    assert re.search(r"^privity_ledger_entries [1-9]", text, re.MULTILINE)
    assert "471147114711" not in text
    assert "example.com" not in text


@pytest.mark.parametrize(
    ("environ", "status"),
    [
        ({}, 200),
        ({"REMOTE_ADDR": "::1", "HTTP_HOST": "[::1]"}, 200),
        ({"REMOTE_ADDR": "192.0.2.7"}, 404),
        ({"REMOTE_ADDR": ""}, 404),
        ({"HTTP_HOST": "network.example"}, 404),
        ({"HTTP_HOST": "localhost.evil.example"}, 404),
        ({"REQUEST_METHOD": "POST"}, 405),
    ],
)
def test_figures_are_for_this_machine(
    network: Path, environ: dict[str, str], status: int
) -> None:
    del network
    assert ask(front(), "/metrics", **environ)[0] == status
    assert ask(front(metrics="nobody"), "/metrics", **environ)[0] == 404
    for_all = ask(front(metrics="everybody"), "/metrics", **environ)[0]
    assert for_all == (405 if "REQUEST_METHOD" in environ else 200)


def test_health_says_which_part_is_not_well(
    network: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    del network
    now = [0.0]
    it = front(clock=lambda: now[0])
    status, _, body = ask(it, "/healthz", REMOTE_ADDR="192.0.2.7")
    assert (status, set(json.loads(body).values())) == (200, {"ok"})
    now[0] = 61.0
    status, _, body = ask(it, "/healthz")
    assert (status, json.loads(body)["publishing"]) == (503, "late")
    it.published()
    assert ask(it, "/healthz")[0] == 200

    def fail(*_said: Any, **_named: Any) -> Any:
        raise UnavailableError("no disk", code="ledger/disk")

    monkeypatch.setattr("privity.web.desk.ask", fail)
    status, _, body = ask(it, "/healthz")
    assert (status, json.loads(body)["ledger"]) == (503, "does not answer")
    assert b"disk" not in body
    assert b"privity_ledger_answers 0.0" in ask(it, "/metrics")[2]


def test_who_comes_while_it_ends_is_sent_to_another(network: Path) -> None:
    del network
    it = front()
    assert ask(it, "/")[2] == b"the site"
    it.ending.set()
    status, headers, _ = ask(it, "/")
    assert (status, headers["Retry-After"]) == (503, "1")
    assert json.loads(ask(it, "/healthz")[2])["server"] == "ending"


def test_an_allowance_fills_up_and_holds_a_minutes_worth(site: Path) -> None:
    from privity.web.operating.limits import Allowance  # noqa: PLC0415 - Django is set up by now

    del site
    now = [0.0]
    it = Allowance(3, lambda: now[0], most=2)
    assert [it.take("ana") for _ in range(4)] == [0.0, 0.0, 0.0, 20.0]
    assert it.take("ben") == 0.0
    now[0] = 19.0
    assert it.take("ana") == pytest.approx(1.0)
    now[0] = 20.0
    assert it.take("ana") == 0.0
    now[0] = 1e6
    assert [it.take("ana") for _ in range(4)].count(0.0) == 3
    for number in range(10):
        it.take(number)
    assert len(it) == 2


def test_who_posts_too_fast_waits_and_others_do_not(join: Join, settings: Any) -> None:
    from network.accounts.models import Account  # noqa: PLC0415 - Django is set up by now

    # So few that a slow machine gives none back meanwhile; the first was spent on joining, by nobody's account.
    settings.PRIVITY_POSTS_A_MINUTE = 4
    browser = join()
    answers = [browser.post("/", {"text": str(number)}) for number in range(5)]
    assert {one.status_code for one in answers[:4]} == {302}
    assert answers[4].status_code == 429
    assert 1 <= int(answers[4].headers["Retry-After"]) <= 15
    assert Account.objects.get(email=ANA["email"]).records.count() == 4
    assert browser.get("/").status_code == 200
    # The same process, and somebody else from the same place.
    browser.cookies.clear()
    said = {"username": "ana@example.com", "password": ANA["password"]}
    assert browser.post("/log-in/", said).status_code == 302


def test_who_asks_for_pages_as_no_person_does_waits(
    stranger: Client, join: Join, settings: Any
) -> None:
    settings.PRIVITY_REQUESTS_A_MINUTE = 5
    for browser, page in ((type(stranger)(), "/privacy/policy/"), (join(), "/privacy/")):
        answers = [browser.get(page).status_code for _ in range(7)]
        assert answers[:4] == [200] * 4
        assert answers[6] == 429
    # Files that are the same for everybody cost nothing, and whoever verifies asks for many.
    reader = type(stranger)()
    assert {reader.get("/ledger/checkpoint").status_code for _ in range(20)} == {200}


@pytest.mark.parametrize(
    ("address", "place"),
    [
        ("192.0.2.7", "192.0.2.7"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("2001:db8:1:2::9", "2001:db8:1:2::/64"),
        ("", "nowhere"),
    ],
)
def test_an_address_stands_for_the_network_that_one_person_has(
    site: Path, address: str, place: str
) -> None:
    from django.test import RequestFactory  # noqa: PLC0415 - Django is set up by now

    from privity.web.operating.limits import _place_of  # noqa: PLC0415 - likewise

    del site
    assert _place_of(RequestFactory().get("/", REMOTE_ADDR=address)) == place
