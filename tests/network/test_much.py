# SPDX-License-Identifier: Apache-2.0
"""Much is there: a page shows a part of it, and asks the database no more often than where there is little."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest
from tests.network.conftest import GoTo, Join
from tests.network.reading import read_notice

if TYPE_CHECKING:
    from django.test import Client

BEGUN = datetime(2024, 9, 3, tzinfo=UTC)
OTHERS, EACH = 45, 12
ASKED: dict[str, int] = {
    "/": 7, "/?page=2": 7, "/records/{post}/": 5, "/records/{post}/quote/": 4, "/records/{post}/edit/": 3,
    "/messages/": 10, "/messages/{friend}/": 9, "/messages/{message}/forward/": 6,
    "/people/": 6, "/people/?name=Other&page=2": 6, "/people/{me}/": 6, "/people/{friend}/": 7,
    "/profile/": 3, "/premium/": 4, "/account/": 2, "/account/password/": 2, "/account/close/": 2,
    "/account/copy/": 8, "/settings/ai/": 2,
    "/privacy/": 2, "/privacy/records/": 7, "/privacy/records/?page=2": 7,
    "/privacy/records/{post}/": 6, "/privacy/records/{message}/": 6, "/privacy/records/{edited}/": 6,
    "/privacy/releases/": 3, "/privacy/receipts/": 2, "/privacy/check/": 2, "/privacy/check/check.json": 2,
    "/privacy/policy/": 2, "/privacy/questions/": 2, "/privacy/log/": 2,
}  # fmt: skip
"""Each page, and how often it may ask the network's database: who is logged in is two of them."""


@pytest.fixture
def ana(join: Join, go_to: GoTo) -> Client:
    """Ana, who read the notice."""
    browser = join()
    go_to("2024-10-01T00:00:00+00:00")
    read_notice(browser)
    go_to("2024-12-01T00:00:00+00:00")
    return browser


def somebody(name: str) -> Any:
    from network.accounts.models import Account  # noqa: PLC0415 - Django is set up by now

    return Account.objects.get(name=name)


def befriend(others: int, begin: int = 0) -> list[Any]:
    """Give Ana friends who were never logged in."""
    from network.accounts.models import Account  # noqa: PLC0415 - Django is set up by now
    from network.people.models import Connection  # noqa: PLC0415 - likewise

    ana = somebody("Ana Ruiz")
    made = Account.objects.bulk_create(
        Account(
            email=f"other{one}@example.com", name=f"Other {one:03}",
            country="US", member=5_000 + one, joined_at=BEGUN,
        )
        for one in range(begin, begin + others)
    )  # fmt: skip
    Connection.objects.bulk_create(
        Connection(asker=ana, asked=one, asked_at=BEGUN, accepted_at=BEGUN)
        if one.pk % 2
        else Connection(asker=one, asked=ana, asked_at=BEGUN, accepted_at=BEGUN)
        for one in made
    )
    return made


def write(others: list[Any], each: int) -> None:
    """Have Ana and her friends post, quote, comment, edit, and write to one another, so often each."""
    from network.content.models import Category, Record  # noqa: PLC0415 - Django is set up by now
    from network.content.writing import rewrite, write as keep  # noqa: PLC0415 - likewise

    ana = somebody("Ana Ruiz")
    first = Record.objects.filter(text="the first").first() or keep(
        ana, Category.POST, "the first"
    )
    for other in others:
        for one in range(each):
            post = keep(other, Category.POST, f"post {one}")
            keep(ana, Category.POST, f"quoting {one}", quotes=[post])
            keep(other, Category.COMMENT, f"comment {one} of {other.name}", on=first)
            sent = keep(ana, Category.DIRECT_MESSAGE, f"to {one}", addressees=[other])
            keep(other, Category.DIRECT_MESSAGE, f"from {one}", addressees=[ana], quotes=[sent])
    edited = keep(ana, Category.ARTICLE, "form 0", title="edited")
    for one in range(each):
        again = rewrite(edited, f"form {one + 1}", title="edited")
        assert again is not None
        edited = again


def addresses() -> dict[str, str]:
    """Give every page of hers with its numbers filled in."""
    from network.content.models import Category, Record  # noqa: PLC0415 - Django is set up by now

    ana = somebody("Ana Ruiz")
    numbers = {
        "me": ana.pk,
        "friend": somebody("Other 000").pk,
        "post": Record.objects.get(text="the first").pk,
        "message": Record.objects.filter(
            author=ana, category=Category.DIRECT_MESSAGE, hidden_at=None
        )[0].pk,
        "edited": Record.objects.filter(category=Category.ARTICLE, hidden_at=None)[0].pk,
    }
    return {one: one.format(**numbers) for one in ASKED}


def asked_by(browser: Client, address: str) -> list[str]:
    """Give what a page asks the database."""
    from django.db import connection  # noqa: PLC0415 - Django is set up by now
    from django.test.utils import CaptureQueriesContext  # noqa: PLC0415 - likewise

    with CaptureQueriesContext(connection) as captured:
        answer = browser.get(address)
    assert answer.status_code == 200, address
    if not address.startswith(("/account/copy", "/privacy/check/check.json")):
        assert len(answer.content) < 100_000, (address, len(answer.content))
    return [one["sql"] for one in captured.captured_queries]


def test_no_page_asks_the_database_oftener_where_there_is_much(ana: Client) -> None:
    few = befriend(1)
    write(few, 1)
    little = {one: asked_by(ana, address) for one, address in addresses().items()}
    write(befriend(OTHERS, begin=1), 1)
    write(few, EACH)
    much = {one: asked_by(ana, address) for one, address in addresses().items()}
    grown = {one: much[one] for one in ASKED if len(much[one]) > ASKED[one]}
    assert not grown, {
        one: (len(little[one]), len(found), found) for one, found in grown.items()
    }


def test_who_reads_again_writes_nothing(ana: Client) -> None:
    write(befriend(1), 1)
    pages = addresses().values()
    for address in pages:
        ana.get(address)
    asked = [sql for address in pages for sql in asked_by(ana, address)]
    assert len(asked) > len(ASKED)
    assert [sql for sql in asked if not sql.lstrip().startswith("SELECT")] == []


def text_of(browser: Client, address: str) -> str:
    text: str = browser.get(address).content.decode()
    return text


def test_conversations_are_shown_page_by_page_the_newest_first(
    ana: Client, go_to: GoTo
) -> None:
    from network.content.models import Category  # noqa: PLC0415 - Django is set up by now
    from network.content.writing import write as keep  # noqa: PLC0415 - likewise

    me, others = somebody("Ana Ruiz"), befriend(25)
    for place, other in enumerate(others):
        at = BEGUN + timedelta(hours=place)
        go_to(at.isoformat())
        keep(me, Category.DIRECT_MESSAGE, f"I to {other.name}", addressees=[other])
        keep(other, Category.DIRECT_MESSAGE, f"{other.name} to me", addressees=[me])
    first, second = text_of(ana, "/messages/"), text_of(ana, "/messages/?page=2")
    shown = [one.name for one in others if f"{one.name} to me" in first]
    assert shown == [one.name for one in others[5:]]
    assert first.index("Other 024 to me") < first.index("Other 005 to me")
    assert "I to" not in first  # of two of one instant it is the later one
    assert [one.name for one in others if f"{one.name} to me" in second] == [
        one.name for one in others[:5]
    ]
    assert first.count('class="tag wait"') == 20
    ana.get(f"/messages/{others[-1].pk}/")
    assert text_of(ana, "/messages/").count('class="tag wait"') == 19


def test_of_a_long_talk_the_newest_is_shown_and_what_was_before_is_reached(
    ana: Client,
) -> None:
    (other,) = befriend(1)
    write([other], EACH)
    address = f"/messages/{other.pk}/"
    newest = text_of(ana, address)
    assert newest.index(f"to {EACH - 1}") < newest.index(f"from {EACH - 1}")
    assert "to 0<" not in newest
    assert "Earlier messages" in newest
    last = text_of(ana, f"{address}?page=3")
    assert "to 0<" in last
    assert "Earlier messages" not in last
    assert "The newest messages" in last


def test_of_many_comments_the_newest_are_shown_and_those_before_are_reached(
    ana: Client,
) -> None:
    write(befriend(25), 1)
    address = addresses()["/records/{post}/"]
    newest, before = text_of(ana, address), text_of(ana, f"{address}?page=2")
    assert newest.index("comment 0 of Other 005") < newest.index("comment 0 of Other 024")
    assert "of Other 004" not in newest
    assert "Earlier comments" in newest
    assert "comment 0 of Other 000" in before
    assert "of Other 005" not in before


def test_connections_are_shown_page_by_page(ana: Client) -> None:
    befriend(25)
    first, second = text_of(ana, "/people/"), text_of(ana, "/people/?page=2")
    assert "Other 019" in first
    assert "Other 020" not in first
    assert "Other 020" in second
    assert "Further connections" in first
    assert "Further connections" not in second


@pytest.mark.parametrize("wanted", ["0", "-1", "x", "", "9" * 400, "\u0661", "1e3", "999999"])
def test_a_page_that_there_is_not_is_the_first(ana: Client, wanted: str) -> None:
    from urllib.parse import urlencode  # noqa: PLC0415 - beside its one use

    ana.post("/", {"text": "the only one"})
    shown = text_of(ana, f"/?{urlencode({'page': wanted})}")
    assert "the only one" in shown
