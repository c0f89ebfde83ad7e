# SPDX-License-Identifier: Apache-2.0
"""Whatever somebody types, into an address, a query or a form: no page breaks, and what she typed stays text."""

from __future__ import annotations

import json
from html.parser import HTMLParser
from itertools import cycle
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import quote, unquote_to_bytes

import pytest
from tests.network.conftest import ANA, GoTo, Join
from tests.network.reading import become_premium, read_notice
from tests.network.test_access import addresses, browser_of, is_one, shown

from privity.testing.plain import SETTING

if TYPE_CHECKING:
    from django.test import Client

HOSTILE: Final = (
    "\0", "a\0b", "\r\nSet-Cookie: a=b", "x" * 60_000, "9" * 30, "-1", "0", "٣", "1e9", "NaN", "\ud800",
    "'\"><svg/onload=alert(1)>", "{{ 7*7 }}{% now %}", "%s%n%d", "../../etc/passwd", "\u202egnp.exe",
    "\ufeff", "\x1b[31m", "__proto__", "9223372036854775808", "18446744073709551617", "%00",
)  # fmt: skip
FIELDS: Final = (
    "text", "title", "name", "headline", "about", "country", "zone", "email", "birth_date", "password", "username",
    "next", "setting", "choice", "older", "to", "page", "accept", "end", "object", "withdraw", "old_password",
    "new_password1", "new_password2",
)  # fmt: skip
MARK: Final = (
    "zqmark</title></textarea><script>alert(1)</script><img src=x onerror=alert(1)>'\"&lt;"
)


@pytest.fixture
def ana(join: Join, go_to: GoTo, settings: Any) -> Client:
    """Ana, who was told, is Premium, and types as fast as she likes."""
    settings.PRIVITY_POSTS_A_MINUTE = settings.PRIVITY_REQUESTS_A_MINUTE = 1_000_000
    browser = join()
    browser.raise_request_exception = False
    go_to("2024-10-01T00:00:00+00:00")
    read_notice(browser)
    become_premium(browser)
    return browser


def raw(text: str) -> str:
    """What a browser, or a program, sends for it in an address."""
    return quote(text.encode("utf-8", "surrogatepass"))


def test_no_query_breaks_a_page(ana: Client) -> None:
    for turn, address in enumerate(addresses()):
        path = address.with_number(1)
        for number in range(0, len(HOSTILE), 3):
            # Each page gets all values, and each of its fields others.
            page, name, onward = (
                HOSTILE[(number + turn + one) % len(HOSTILE)] for one in range(3)
            )
            answer = ana.get(f"{path}?page={raw(page)}&name={raw(name)}&next={raw(onward)}")
            assert answer.status_code < 500, (address.name, page[:40], name[:40], onward[:40])
    for path in ("/?page=", "/people/?page=", "/people/?name=", "/privacy/records/?page="):
        for value in HOSTILE:
            for headers in ({}, {"HX-Request": "true"}):
                answer = ana.get(path + raw(value), headers=headers)
                assert answer.status_code < 500, (path, value[:40])


def test_no_number_breaks_a_page(ana: Client) -> None:
    for address in addresses():
        if not address.has_number:
            continue
        for value in HOSTILE:
            path = address.with_number(raw(value))
            for ask in (ana.get, ana.post):
                assert ask(path).status_code < 500, (address.name, value[:40])


def test_no_header_breaks_a_page(ana: Client) -> None:
    paths = cycle(["/", "/privacy/policy/", "/ledger/checkpoint", "/log-in/"])
    for value in HOSTILE:
        told = unquote_to_bytes(raw(value)).decode("latin-1")
        for name in ("Accept-Language", "Cookie", "Referer", "User-Agent", "HX-Current-URL", "If-None-Match",
                     "If-Modified-Since", "Range", "Accept-Encoding", "Content-Type", "X-CSRFToken"):  # fmt: skip
            # Eleven headers and four pages: each meets each, some value or other.
            path = next(paths)
            answer = ana.get(path, headers={name: told})
            assert answer.status_code < 500, (path, name, value[:40])


def test_no_form_breaks_a_page(ana: Client, go_to: GoTo) -> None:
    from network.accounts.models import Account  # noqa: PLC0415 - Django is set up by now

    account = Account.objects.get(email=ANA["email"])
    ana.post("/", {"text": "for all"})
    for number, address in enumerate(addresses()):
        if address.name == "log-out":
            continue
        # Nothing waits for anybody who types wrong passwords all day.
        go_to(f"2024-10-{2 + number // 20:02}T{number % 20:02}:00:00+00:00")
        path, browser = address.with_number(account.pk), browser_of(account)
        if browser.post(path).status_code == 405:
            continue
        for value in HOSTILE:
            body = "&".join(f"{name}={raw(value)}" for name in FIELDS)
            answer = browser.post(path, body, "application/x-www-form-urlencoded")
            assert answer.status_code < 500, (address.name, value[:40])
        for data, kind in (
            (b"{}", "application/json"),
            (b"--x", "multipart/form-data; boundary=x"),
            (b"--x", "multipart/form-data"),
            (b"text=%ff%fe", "application/x-www-form-urlencoded"),
            (b"\xff\xfe=1", "application/x-www-form-urlencoded; charset=utf-16"),
            (b"text=1", "application/x-www-form-urlencoded; charset=nothing"),
        ):
            answer = browser.generic("POST", path, data, kind)
            assert answer.status_code < 500, (address.name, kind)
        account.refresh_from_db()
        assert account.closed_at is None


class Page(HTMLParser):
    """Finds the marks that came out of the text."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        for name, value in attrs:
            inside = f"{name}={value}"
            if name.startswith("on") or (tag == "img") or "alert" in name:
                self.found.append(inside)
            if name in {"href", "src", "action"} and "alert" in (value or "").lower():
                self.found.append(inside)

    def handle_data(self, data: str) -> None:
        if self.cdata_elem is not None and "alert" in data:
            self.found.append(data)


def test_a_mark_that_comes_out_of_the_text_is_found() -> None:
    for text in (MARK, f'<a href="javascript:{MARK}">', f"<p {MARK}>"):
        page = Page()
        page.feed(text)
        assert page.found


@pytest.fixture
def marked(ana: Client, join: Join) -> tuple[list[Client], set[int | str]]:
    """Browsers of Ana, of Ben and of nobody, where everything that can be typed is the mark; and the numbers of all of it."""
    from network.accounts.models import Account  # noqa: PLC0415 - Django is set up by now
    from network.content.models import Record  # noqa: PLC0415 - likewise
    from network.people.circle import ask_for  # noqa: PLC0415 - likewise

    ben = join(name="Ben Okafor", email="ben@example.com")
    read_notice(ben)
    one, other = (Account.objects.get(name=name) for name in ("Ana Ruiz", "Ben Okafor"))
    mine = {"name": MARK[:80], "headline": MARK, "about": MARK, "country": "US", "zone": "UTC"}
    assert ana.post(f"/messages/{other.pk}/", {"title": MARK, "text": MARK}).status_code == 302
    ask_for(one, other)
    ask_for(other, one)
    assert ana.post("/profile/", mine).status_code == 302
    ana.post("/", {"text": MARK})
    ana.post("/articles/write/", {"title": MARK, "text": MARK})
    post = one.records.get(category="post")
    ben.post(f"/records/{post.pk}/quote/", {"text": MARK})
    ben.post(f"/records/{post.pk}/", {"text": MARK})
    message = one.records.get(category="inmail")
    ben.post(f"/messages/{message.pk}/forward/", {"to": one.pk, "text": MARK})
    ana.post("/settings/ai/", {"setting": SETTING, "choice": "on"})
    numbers: set[int | str] = {
        one.pk,
        other.pk,
        SETTING,
        *Record.objects.values_list("pk", flat=True),
    }
    return [ana, ben, type(ana)()], numbers


def test_what_was_typed_stays_text_on_every_page_of_everybody(
    marked: tuple[list[Client], set[int | str]],
) -> None:
    browsers, numbers = marked
    query = f"?name={quote(MARK[:20])}&next=/{quote(MARK)}&page={quote(MARK)}"
    seen = 0
    for address in addresses():
        for number in sorted(numbers, key=str) if address.has_number else [0]:
            path = address.with_number(number)
            for browser in browsers if is_one(path) else ():
                seen += looked_at(browser.get(path + query), path)
    assert seen > 50


def looked_at(answer: Any, path: str) -> int:
    """Hold an answer to what it may have of the mark; gives how often it is there as text."""
    kind, text = answer.headers["Content-Type"].partition(";")[0], shown(answer)
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    if kind == "text/html":
        page = Page()
        page.feed(text)
        given = "attachment" in answer.headers.get("Content-Disposition", "")
        # The one file that is a program has its own, and nothing of anybody's.
        assert ("zqmark" not in text) if given else not page.found, (path, page.found)
    elif "zqmark" in text:
        # No browser reads it as a page.
        assert kind in {"application/json", "application/ld+json"}, path
        assert json.loads(text)
    return text.count("zqmark&lt;/title&gt;")


def test_a_name_can_be_read(ana: Client) -> None:
    for name in (
        "\u200b",
        "\u202eevil",
        "a\u2066b",
        "\u00ad\u00ad",
        "\u3164",
        "a\x07b",
        "a\nb",
        "...",
    ):
        said = {"name": name, "country": "US", "zone": "UTC", "headline": "", "about": ""}
        assert b"errorlist" in ana.post("/profile/", said).content, name
    for name in (
        "Ana",
        "نور",
        "דנה לוי",
        "李雷",
        "Zoë O’Hara-Łuk",
        "ヴィ",
        "क्षत्रिय",
        "\u0645\u06cc\u200c\u062e\u0648\u0627\u0647\u0645",
        "X Æ A-12",
    ):
        said = {"name": name, "country": "US", "zone": "UTC", "headline": "", "about": ""}
        assert ana.post("/profile/", said).status_code == 302, name


def test_what_is_long_makes_no_page_heavy(ana: Client, network: Path) -> None:
    del network
    for _ in range(20):
        # One word, of signs that take six bytes each in a page.
        ana.post("/articles/write/", {"title": '"' * 200, "text": '"' * 20_000})
    assert len(ana.get("/").content) < 100_000
    from network.accounts.models import Account  # noqa: PLC0415 - Django is set up by now

    you = Account.objects.get(email=ANA["email"]).pk
    assert len(ana.get(f"/people/{you}/").content) < 100_000
