# SPDX-License-Identifier: Apache-2.0
"""Requirements of OWASP ASVS 4.0.3, level 2, each shown by a test of its own (docs/security.md has the table)."""

from __future__ import annotations

import base64
import re
import runpy
from datetime import timedelta
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import pytest
from tests.network.conftest import ANA, PASSWORD, Join
from tests.network.test_access import addresses

if TYPE_CHECKING:
    from django.test import Client

PAGE: Final = Path(__file__).parents[2] / "docs" / "security.md"
_ROW: Final = re.compile(r"^\| (V[0-9.]+) \|.*`(test_v[0-9a-z_]+)` \|$", re.MULTILINE)
LOG_IN: Final = {"username": ANA["email"], "password": PASSWORD}
SCRIPT: Final = "<script>alert(1)</script>"


def new_browser() -> Client:
    from django.test import Client  # noqa: PLC0415 - Django is set up by now

    return Client()


def account(email: str = ANA["email"]) -> Any:
    from network.accounts.models import Account  # noqa: PLC0415 - Django is set up by now

    return Account.objects.get(email=email)


@pytest.fixture
def secured(network: Path, monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    """The settings of a site that is served by HTTPS, read anew."""
    del network
    monkeypatch.setenv("NETWORK_SECURE", "1")
    settings = import_module("network.settings")
    read = runpy.run_path(str(settings.__file__))
    return {name: value for name, value in read.items() if name.isupper()}


# --- V2 authentication ---


@pytest.mark.parametrize(("length", "taken"), [(11, False), (12, True)])
def test_v2_1_1(stranger: Client, length: int, taken: bool) -> None:  # noqa: FBT001 - a case
    password = "qzxw vkjm plfd"[:length]
    assert (stranger.post("/join/", {**ANA, "password": password}).status_code == 302) is taken


@pytest.mark.parametrize(("length", "taken"), [(64, True), (128, True), (129, False)])
def test_v2_1_2(stranger: Client, length: int, taken: bool) -> None:  # noqa: FBT001 - a case
    password = ("qzxw vkjm plfd " * 10)[: length - 1] + "!"
    assert (stranger.post("/join/", {**ANA, "password": password}).status_code == 302) is taken


def test_v2_1_3(stranger: Client) -> None:
    long = ("qzxw vkjm plfd " * 10)[:100] + "!"
    stranger.post("/join/", {**ANA, "password": long})
    for other in (long[:-1], long[:72], long + "!"):
        assert not account().check_password(other)
    assert account().check_password(long)


def test_v2_1_4(stranger: Client) -> None:
    password = " \N{GRINNING FACE} pàsswörd 密码 "  # noqa: S105 - of somebody who does not exist
    assert stranger.post("/join/", {**ANA, "password": password}).status_code == 302
    said = {**LOG_IN, "password": password}
    assert new_browser().post("/log-in/", said).status_code == 302
    assert (
        new_browser().post("/log-in/", {**said, "password": password.strip()}).status_code
        == 200
    )


def test_v2_1_6(join: Join) -> None:
    browser = join()
    new = {"new_password1": "another battery staple", "new_password2": "another battery staple"}
    assert (
        browser.post("/account/password/", {"old_password": "wrong", **new}).status_code == 200
    )
    assert account().check_password(PASSWORD)
    assert (
        browser.post("/account/password/", {"old_password": PASSWORD, **new}).status_code == 302
    )
    assert account().check_password("another battery staple")
    for bad in ("short", "password1234", "x" * 129):
        said = {
            "old_password": "another battery staple",
            "new_password1": bad,
            "new_password2": bad,
        }
        assert browser.post("/account/password/", said).status_code == 200


@pytest.mark.parametrize(
    "common", ["password1234", "1q2w3e4r5t6y", "administrator", "123456789987654321"]
)
def test_v2_1_7(stranger: Client, common: str) -> None:
    answer = stranger.post("/join/", {**ANA, "password": common})
    assert b"too common" in answer.content
    assert answer.status_code == 200


def test_v2_2_1(join: Join, stranger: Client) -> None:
    join()
    for _ in range(10):
        stranger.post("/log-in/", {**LOG_IN, "password": "a guess"})
    assert stranger.post("/log-in/", LOG_IN).status_code == 429
    # Nobody is locked out by what somebody else does elsewhere.
    elsewhere = new_browser()
    elsewhere.defaults["REMOTE_ADDR"] = "192.0.2.7"
    assert elsewhere.post("/log-in/", LOG_IN).status_code == 302


def test_v2_4_1(join: Join) -> None:
    join()
    join(name="Ben Okafor", email="ben@example.com")
    ana, ben = (account(one).password for one in ("ana@example.com", "ben@example.com"))
    kind, variant, _, cost, salt, _ = ana.split("$")
    assert (kind, variant) == ("argon2", "argon2id")
    memory, time, _ = (int(one.partition("=")[2]) for one in cost.split(","))
    assert memory >= 19 * 1024
    assert time >= 2
    assert len(base64.b64decode(salt + "==")) >= 16
    assert salt != ben.split("$")[4]


# --- V3 sessions ---


def test_v3_2_1(join: Join) -> None:
    join()
    browser = new_browser()
    browser.get("/log-in/")
    browser.session["planted"] = "1"
    planted = browser.session
    planted.save()
    before = planted.session_key or ""
    assert before
    browser.cookies["sessionid"] = before
    browser.post("/log-in/", LOG_IN)
    after = browser.cookies["sessionid"].value
    assert after != before
    thief = new_browser()
    thief.cookies["sessionid"] = before
    assert thief.get("/").status_code == 302


def test_v3_3_1(join: Join) -> None:
    browser = join()
    kept = browser.cookies["sessionid"].value
    browser.post("/log-out/")
    thief = new_browser()
    thief.cookies["sessionid"] = kept
    assert thief.get("/").headers["Location"].startswith("/log-in/")
    from django.conf import settings  # noqa: PLC0415 - Django is set up by now

    assert timedelta(seconds=settings.SESSION_COOKIE_AGE) <= timedelta(hours=12)


def test_v3_3_3(join: Join) -> None:
    browser, other = join(), new_browser()
    other.post("/log-in/", LOG_IN)
    assert other.get("/").status_code == 200
    new = {"new_password1": "another battery staple", "new_password2": "another battery staple"}
    browser.post("/account/password/", {"old_password": PASSWORD, **new})
    assert browser.get("/").status_code == 200
    assert other.get("/").status_code == 302


def test_v3_4_1(secured: dict[str, Any]) -> None:
    for cookie in ("SESSION", "CSRF"):
        assert secured[f"{cookie}_COOKIE_SECURE"]
        # Of this host alone (V3.4.4).
        assert secured[f"{cookie}_COOKIE_NAME"].startswith("__Host-")
        assert "_COOKIE_DOMAIN" not in secured


def test_v3_4_2(join: Join) -> None:
    cookie = join().cookies["sessionid"]
    assert cookie["httponly"]
    # Nor is it sent along where another site posts (V3.4.3).
    assert cookie["samesite"] == "Lax"


# --- V4 access control ---


def test_v4_1_2(join: Join) -> None:
    browser = join()
    before = (account().member, account().pk, account().joined_at)
    said = {"name": "Ana", "country": "US", "zone": "UTC", "headline": "x", "about": "", "member": 1,
            "is_superuser": 1, "closed_at": "2020-01-01", "joined_at": "2000-01-01", "email": "e@example.com"}  # fmt: skip
    assert browser.post("/profile/", said).status_code == 302
    assert account().headline == "x"
    assert (account().member, account().pk, account().joined_at) == before


def test_v4_2_1(join: Join) -> None:
    """tests/network/test_access.py tries every address; here is the plainest of them."""
    join().post("/", {"text": "of Ana"})
    chi = join(name="Chi Lam", email="chi@example.com")
    record = account().records.get()
    assert chi.post(f"/records/{record.pk}/edit/", {"text": "of Chi"}).status_code == 404
    assert chi.post(f"/records/{record.pk}/take-off/").status_code == 404
    assert [one.text for one in account().records.filter(hidden_at=None)] == ["of Ana"]


def test_v4_2_2(join: Join) -> None:
    from django.test import Client  # noqa: PLC0415 - Django is set up by now

    join()
    strict = Client(enforce_csrf_checks=True)
    strict.force_login(account(), backend="django.contrib.auth.backends.ModelBackend")
    for address in addresses():
        answer = strict.post(address.with_number(1), {"text": "forged", "choice": "on"})
        assert answer.status_code in {403, 404, 405}, address.name
    assert not account().records.exists()


def test_v4_3_2(join: Join) -> None:
    browser = join()
    for address in ("/static/", "/static/privity/", "/.git/config", "/network.db", "/admin/",
                    "/static/../settings.py", "/static/%2e%2e/%2e%2e/secret.key"):  # fmt: skip
        assert browser.get(address).status_code == 404, address


# --- V5 validation and encoding ---


@pytest.mark.parametrize(
    "elsewhere",
    [
        "https://evil.example/",
        "//evil.example/",
        "/\\evil.example/",
        "javascript:alert(1)",
        "https:evil.example",
    ],
)
def test_v5_1_5(join: Join, elsewhere: str) -> None:
    join()
    browser = new_browser()
    answer = browser.post("/log-in/", {**LOG_IN, "next": elsewhere})
    assert (answer.status_code, answer.headers["Location"]) == (302, "/")
    answer = browser.post("/notice/", {"next": elsewhere})
    assert (answer.status_code, answer.headers["Location"]) == (302, "/")


def test_v5_3_3(join: Join) -> None:
    browser = join(name=SCRIPT)
    browser.post("/", {"text": SCRIPT})
    browser.post("/articles/write/", {"title": SCRIPT, "text": SCRIPT})
    browser.post(
        "/profile/",
        {"name": SCRIPT, "headline": SCRIPT, "about": SCRIPT, "country": "US", "zone": "UTC"},
    )
    pages = [
        "/",
        "/people/?name=<script>alert(1)</script>",
        f"/people/{account().pk}/",
        "/account/",
        "/messages/",
    ]
    pages += [
        f"/records/{one.pk}/"
        for one in account().records.filter(hidden_at=None).exclude(category="profile")
    ]
    text = "".join(browser.get(one).content.decode() for one in pages)
    assert SCRIPT not in text
    assert text.count("&lt;script&gt;") > 4


@pytest.mark.parametrize(
    "sought", ["' OR '1'='1", '" OR 1=1 --', "x'; DROP TABLE accounts_account; --", "%", "__"]
)
def test_v5_3_4(join: Join, sought: str) -> None:
    browser = join()
    join(name="Ben Okafor", email="ben@example.com")
    answer = browser.get("/people/", {"name": sought})
    assert answer.status_code == 200
    assert b"Ben Okafor" not in answer.content
    assert account("ben@example.com").name == "Ben Okafor"


# --- V7 errors, V8 data ---


def test_v7_4_1(join: Join, monkeypatch: pytest.MonkeyPatch) -> None:
    browser = join()
    browser.raise_request_exception = False

    def fail(*_said: Any) -> Any:
        message = "SELECT password FROM accounts_account"
        raise RuntimeError(message)

    monkeypatch.setattr("network.content.views.feed_of", fail)
    answer = browser.get("/")
    assert answer.status_code == 500
    text = answer.content.decode()
    assert answer.headers["X-Request-ID"] in text
    for internal in ("SELECT", "RuntimeError", "Traceback", ".py", "Django"):
        assert internal not in text


def test_v8_2_1(join: Join) -> None:
    browser = join()
    for address in addresses():
        if address.has_number or address.is_open:
            continue
        answer = browser.get(address.with_number(0))
        assert "no-store" in answer.headers["Cache-Control"], address.name


def test_v8_3_2(join: Join) -> None:
    browser = join()
    browser.post("/", {"text": "for all"})
    assert "for all" in [one["text"] for one in browser.get("/account/copy/").json()["written"]]
    browser.post("/account/close/", {"password": PASSWORD})
    from network.accounts.models import Account  # noqa: PLC0415 - Django is set up by now

    assert not Account.objects.filter(email=ANA["email"]).exists()


# --- V11 limits, V12 files, V13 API, V14 configuration ---


def test_v11_1_4(join: Join, settings: Any) -> None:
    from privity.web.operating.limits import POSTS_A_MINUTE, REQUESTS_A_MINUTE  # noqa: PLC0415 - set up by now

    assert (POSTS_A_MINUTE, REQUESTS_A_MINUTE) == (60, 600)
    # So few that a slow machine gives none back meanwhile.
    settings.PRIVITY_POSTS_A_MINUTE, settings.PRIVITY_REQUESTS_A_MINUTE = 4, 10
    browser = join()
    assert {browser.post("/", {"text": "again"}).status_code for _ in range(5)} == {302, 429}
    assert {browser.get("/").status_code for _ in range(9)} == {200, 429}


def test_v12_1_1(join: Join) -> None:
    from django.core.files.uploadedfile import SimpleUploadedFile  # noqa: PLC0415 - set up by now

    browser = join()
    browser.raise_request_exception = False
    assert browser.post("/", {"text": "x" * (300 * 1024)}).status_code == 400
    browser.post("/", {"text": "with a file", "file": SimpleUploadedFile("a.txt", b"x" * 4096)})
    assert not [one for one in account().records.all() if one.text != "with a file"]
    answer = browser.post(
        "/", "&".join(f"a{one}=1" for one in range(101)), "application/x-www-form-urlencoded"
    )
    assert answer.status_code == 400


def test_v12_3_4(join: Join) -> None:
    answer = join().get("/account/copy/?filename=evil.bat")
    assert answer.headers["Content-Disposition"] == 'attachment; filename="your-data.json"'
    assert answer.headers["Content-Type"] == "application/json"


@pytest.mark.parametrize("method", ["PUT", "PATCH", "DELETE", "TRACE", "PROPFIND"])
def test_v13_2_1(join: Join, method: str) -> None:
    browser = join()
    browser.post("/", {"text": "stays"})
    for address in addresses():
        answer = browser.generic(method, address.with_number(account().records.get().pk))
        assert answer.status_code in {404, 405}, (address.name, method)
    assert account().records.filter(hidden_at=None).count() == 1


def test_v14_3_2(network: Path) -> None:
    from django.conf import settings  # noqa: PLC0415 - Django is set up by now

    del network
    assert settings.DEBUG is False
    answer = new_browser().get("/nothing/")
    assert b"URLconf" not in answer.content
    # Nor does a header say what is at work (V14.3.3).
    assert not {"Server", "X-Powered-By"} & set(answer.headers)


def test_v14_4_3(join: Join) -> None:
    browser = join()
    for address in ("/", "/log-in/", "/nothing/", "/privacy/"):
        answer = browser.get(address)
        policy = dict(
            one.strip().partition(" ")[::2]
            for one in answer.headers["Content-Security-Policy"].split(";")
        )
        assert policy["default-src"] == "'none'"
        assert policy["script-src"] == policy["style-src"] == "'self'"
        assert policy["frame-ancestors"] == policy["base-uri"] == "'none'"
        assert not re.search(
            r"<script(?![^>]*\bsrc=)|<style|\son\w+=|\sstyle=", answer.content.decode()
        )


def test_v14_4_4(join: Join) -> None:
    browser = join()
    for address in addresses():
        answer = browser.get(address.with_number(1))
        assert answer.headers["X-Content-Type-Options"] == "nosniff", address.name
        assert answer.headers["Referrer-Policy"] == "same-origin"
        assert answer.headers["X-Frame-Options"] == "DENY"


def test_v14_4_5(secured: dict[str, Any]) -> None:
    from django.test import override_settings  # noqa: PLC0415 - Django is set up by now

    asked = {one: value for one, value in secured.items() if one.startswith("SECURE_")}
    with override_settings(**asked):
        plain, safe = new_browser(), new_browser()
        answer = plain.get("/log-in/")
        assert (answer.status_code, answer.headers["Location"]) == (
            301,
            "https://testserver/log-in/",
        )
        said = safe.get("/log-in/", secure=True).headers["Strict-Transport-Security"]
    assert said == "max-age=31536000; includeSubDomains"


def test_v14_5_3(join: Join) -> None:
    browser = join()
    for origin in ("https://evil.example", "null"):
        answer = browser.get("/account/copy/", headers={"Origin": origin})
        assert not [one for one in answer.headers if one.startswith("Access-Control-")]


# --- the page ---


def test_the_page_names_each_test_and_no_other() -> None:
    rows = _ROW.findall(PAGE.read_text(encoding="utf-8"))
    here = sorted(one for one in globals() if re.fullmatch(r"test_v[0-9_]+", one))
    assert sorted(test for _, test in rows) == here
    assert [f"test_v{number[1:].replace('.', '_')}" for number, _ in rows] == [
        t for _, t in rows
    ]
    assert len(rows) >= 25
