# SPDX-License-Identifier: Apache-2.0
"""No member sees or changes what is another's: tried for every address that there is.

The addresses are read from the site itself, and each is asked with the number of everything that somebody else has. So
a new address is tried here on the day that it comes.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import pytest
from tests.network.conftest import GoTo, Join
from tests.network.reading import accepting

import privity

if TYPE_CHECKING:
    from django.test import Client

MESSAGE, HIDDEN, ASKED, NOTHING = 900_001, 900_002, 900_003, 900_404
"""Numbers that nothing else has: of a message, of what was taken off the pages, of what somebody was asked, of nothing."""
SECRETS: Final = ("between Ana and Ben", "what Ana took off", "ana@example.com")
SETTING: Final = "genai-improvement"
OPEN: Final = frozenset({"join", "log-in", "privity:verifier"})
"""The pages that are open to everybody who comes, beside the public ones."""
OPEN_OF_PRIVITY: Final = "privity.web.public"
"""Where Privity's public pages are."""
SAFE: Final = frozenset({200, 301, 302, 304, 400, 404, 405})

_MADE_ANEW: Final = re.compile(r"[A-Za-z0-9]{64}|[0-9a-f]{16}")
"""The token of a form, and the number of a request."""


@dataclass(frozen=True)
class Address:
    """A pattern of the site: its name, how it is asked, and what answers it."""

    name: str
    route: str
    answers: Any

    def with_number(self, number: int | str) -> str:
        """The address, with one value in every place."""
        return "/" + re.sub(r"<[^>]+>", str(number), self.route)

    @property
    def has_number(self) -> bool:
        return "<" in self.route

    @property
    def is_open(self) -> bool:
        return getattr(self.answers, "login_required", True) is False


def is_one(address: str) -> bool:
    """Whether something answers there: not each value fits in each place."""
    from django.urls import Resolver404, resolve  # noqa: PLC0415 - Django is set up by now

    try:
        resolve(address)
    except Resolver404:
        return False
    return True


def addresses() -> list[Address]:
    from django.urls import URLPattern, URLResolver, get_resolver  # noqa: PLC0415 - Django is set up by now

    def walk(patterns: Any, route: str, space: str) -> Iterator[Address]:
        for one in patterns:
            here = route + str(one.pattern)
            if isinstance(one, URLResolver):
                name = f"{space}{one.namespace}:" if one.namespace else space
                yield from walk(one.url_patterns, here, name)
            elif isinstance(one, URLPattern):
                yield Address(f"{space}{one.name}", here, one.callback)

    found = list(walk(get_resolver().url_patterns, "", ""))
    assert len(found) > 30
    return found


@pytest.fixture
def people(join: Join, go_to: GoTo, network: Path) -> dict[str, Any]:
    """Ana, who said yes, has a message, something that she took off, and somebody who asked her; Ben; and Chi, who has nothing.

    All of them read the notice: before it, every page would only lead there.
    """
    from network import clock  # noqa: PLC0415 - Django is set up by now
    from network.accounts.models import Account  # noqa: PLC0415 - likewise
    from network.content.models import Addressee, Record  # noqa: PLC0415 - likewise
    from network.people.models import Connection  # noqa: PLC0415 - likewise

    others = (("Ben Okafor", "ben"), ("Chi Lam", "chi"), ("Dan Roe", "dan"))
    browsers = [join(name=name, email=f"{email}@example.com") for name, email in others]
    browser = join()
    go_to("2024-12-01T00:00:00+00:00")
    for one in (*browsers, browser):
        assert one.get("/notice/").status_code == 200
        assert one.post("/notice/", {"next": "/"}).status_code == 302
        assert one.get("/").status_code == 200
    for where, form in (
        ("/premium/", accepting(browser)),
        ("/settings/ai/", {"setting": SETTING, "choice": "on"}),
        ("/", {"text": "for all"}),
    ):
        assert browser.post(where, form).status_code == 302, where
    account = {one.name.split()[0]: one for one in Account.objects.all()}
    now = clock.today()
    message = Record.objects.create(
        pk=MESSAGE,
        category="direct-message",
        created_at=now,
        author=account["Ana"],
        text=SECRETS[0],
    )
    Addressee.objects.create(record=message, account=account["Ben"])
    Record.objects.create(
        pk=HIDDEN,
        category="post",
        created_at=now,
        hidden_at=now,
        author=account["Ana"],
        text=SECRETS[1],
    )
    Connection.objects.create(
        pk=ASKED, asker=account["Dan"], asked=account["Ana"], asked_at=now
    )
    Connection.objects.create(
        asker=account["Ana"], asked=account["Ben"], asked_at=now, accepted_at=now
    )
    with privity.open_workspace(network / "ledger") as workspace:
        (said,) = workspace.standings(account["Ana"].member, purpose="genai-training")
    assert said.choice is not None
    assert said.choice.value == "on"
    return account


def browser_of(account: Any) -> Client:
    """A browser of its own for each request, so that no limit hides what is behind it."""
    from django.test import Client  # noqa: PLC0415 - Django is set up by now

    made = Client(raise_request_exception=False)
    if account is not None:
        made.force_login(account, backend="django.contrib.auth.backends.ModelBackend")
    return made


def typed(people: dict[str, Any]) -> dict[str, Any]:
    """What somebody types who wants what is Ana's."""
    ana = people["Ana"]
    return {
        "text": "x", "title": "x", "name": "x", "headline": "x", "country": "DE", "zone": "UTC",
        "to": ana.pk, "account": ana.pk, "member": ana.member, "number": MESSAGE, "pk": ana.pk,
        "author": ana.pk, "setting": SETTING, "choice": "off", "accept": "1", "password": "x",
        "username": "x", "email": "ana@example.com", "next": "https://evil.example/",
    }  # fmt: skip


def values(people: dict[str, Any]) -> list[int | str]:
    """Whatever may stand in an address and is Ana's."""
    ana = people["Ana"]
    post = ana.records.get(text="for all")
    return [MESSAGE, HIDDEN, ASKED, NOTHING, ana.pk, ana.member, post.pk, SETTING]


def state_of(people: dict[str, Any], network: Path) -> dict[str, Any]:
    """All that is Ana's, on the network and on the ledger; what Chi has to do with her is Chi's as well."""
    from django.db.models import Q  # noqa: PLC0415 - Django is set up by now

    from network.accounts.models import Account  # noqa: PLC0415 - likewise
    from network.content.models import Addressee, Record  # noqa: PLC0415 - likewise
    from network.people.models import Connection  # noqa: PLC0415 - likewise
    from network.premium.models import Period  # noqa: PLC0415 - likewise

    ana, chi = people["Ana"].pk, people["Chi"].pk
    with privity.open_workspace(network / "ledger") as workspace:
        view = workspace.view(people["Ana"].member, purpose="genai-training")
    return {
        "account": list(Account.objects.filter(pk=ana).values()),
        "records": list(Record.objects.filter(author=ana).order_by("pk").values()),
        "read": list(
            Addressee.objects.filter(record__author=ana).order_by("record_id").values()
        ),
        "connections": list(
            Connection.objects.filter(Q(asker=ana) | Q(asked=ana))
            .exclude(Q(asker=chi) | Q(asked=chi))
            .order_by("pk")
            .values()
        ),
        "premium": list(Period.objects.filter(account=ana).values()),
        "ledger": (view.state, view.uses),
    }


def shown(answer: Any) -> str:
    """The text of an answer, streamed or not."""
    data = answer.getvalue() if getattr(answer, "streaming", False) else answer.content
    text: str = data.decode("utf-8", "replace")
    return text


def likened(answer: Any, number: int) -> tuple[int, str, str]:
    """An answer without what differs between any two of them."""
    said = [answer.headers.get("Location", ""), shown(answer)]
    where, text = (_MADE_ANEW.sub("", one.replace(str(number), "")) for one in said)
    return answer.status_code, where, text


def test_no_address_shows_another_member_what_is_not_hers(people: dict[str, Any]) -> None:
    for address in addresses():
        for value in values(people) if address.has_number else (0,):
            answer = browser_of(people["Chi"]).get(address.with_number(value))
            where = f"{address.name} with {value}"
            assert answer.status_code in SAFE, (where, answer.status_code)
            for secret in SECRETS:
                assert secret not in shown(answer), where


def test_no_address_lets_another_member_change_it(
    people: dict[str, Any], network: Path
) -> None:
    before = state_of(people, network)
    for address in addresses():
        for value in values(people) if address.has_number else (0,):
            answer = browser_of(people["Chi"]).post(address.with_number(value), typed(people))
            where = f"{address.name} with {value}"
            assert answer.status_code in SAFE, (where, answer.status_code)
            for secret in SECRETS[:2]:
                assert secret not in shown(answer), where
            assert "evil.example" not in answer.headers.get("Location", ""), where
    assert state_of(people, network) == before


@pytest.mark.parametrize("number", [MESSAGE, HIDDEN, ASKED])
def test_what_is_not_hers_is_as_if_it_were_not(people: dict[str, Any], number: int) -> None:
    for address in addresses():
        if not address.has_number:
            continue
        for method in ("get", "post"):
            theirs, nothing = (
                likened(
                    getattr(browser_of(people["Chi"]), method)(address.with_number(one)), one
                )
                for one in (number, NOTHING)
            )
            assert theirs == nothing, (address.name, method)


def test_who_it_belongs_to_finds_it(people: dict[str, Any]) -> None:
    """Were the numbers above of nothing, the tests above would hold of any site."""
    seen: set[str] = set()
    differs: set[int] = set()
    for address in addresses():
        if not address.has_number:
            text = shown(browser_of(people["Ana"]).get(address.with_number(0)))
            seen |= {one for one in SECRETS if one in text}
            continue
        for number in (MESSAGE, HIDDEN, ASKED):
            for method in ("get", "post"):
                found, nothing = (
                    likened(
                        getattr(browser_of(people["Ana"]), method)(address.with_number(one)),
                        one,
                    )
                    for one in (number, NOTHING)
                )
                if found != nothing:
                    differs.add(number)
    assert seen == set(SECRETS)
    assert differs == {MESSAGE, HIDDEN, ASKED}


def test_who_is_not_logged_in_sees_what_is_meant_for_everybody(people: dict[str, Any]) -> None:
    for address in addresses():
        for value in values(people) if address.has_number else (0,):
            asked = address.with_number(value)
            answer = browser_of(None).get(asked)
            if not address.is_open and is_one(asked):
                where = answer.headers.get("Location", "")
                assert (answer.status_code, where.partition("?")[0]) == (302, "/log-in/"), asked
            for secret in SECRETS:
                assert secret not in shown(answer), asked


def test_what_is_open_to_everybody_is_known(site: Path) -> None:
    del site
    for address in addresses():
        if address.is_open:
            module = address.answers.__module__
            assert address.name in OPEN or module.startswith(OPEN_OF_PRIVITY), (
                f"{address.name} of {module} is open to everybody: put it among the public pages, or ask for a log-in"
            )


def test_nobody_else_on_the_machine_reads_tables_and_secret(join: Join, network: Path) -> None:
    join()
    for name in ("network.db", "network.db-wal", "network.db-shm", "secret.key"):
        assert (network / name).stat().st_mode & 0o077 == 0, name
