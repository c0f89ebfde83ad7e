# SPDX-License-Identifier: Apache-2.0
"""Who does the same twice at once, or two things that exclude one another, gets what one after the other would give.

Everything here is committed, and each request has a thread and a connection of its own.
"""

from __future__ import annotations

import shutil
import threading
from collections.abc import Callable, Iterator
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from tests.network.conftest import ANA, PASSWORD, beside_a_browser, found_ledger
from tests.network.reading import accepting, become_premium, read_notice

import privity

if TYPE_CHECKING:
    from django.test import Client

AT_ONCE = 6


@pytest.fixture
def people(site: Path) -> Iterator[dict[str, Any]]:
    """Ana and Ben, who read the notice, in a network that keeps what is written to it until the test is over."""
    from django.core.management import call_command  # noqa: PLC0415 - Django is set up by now
    from django.test import Client  # noqa: PLC0415 - likewise

    from network import clock  # noqa: PLC0415 - likewise
    from network.accounts.models import Account  # noqa: PLC0415 - likewise
    from privity.web import desk  # noqa: PLC0415 - likewise

    shutil.rmtree(site / "ledger", ignore_errors=True)
    found_ledger(site / "ledger")
    clock.set_to(datetime.fromisoformat("2024-09-02T12:00:00+00:00"))
    with beside_a_browser():
        try:
            for name, email in (("Ana Ruiz", "ana"), ("Ben Okafor", "ben")):
                said = {**ANA, "name": name, "email": f"{email}@example.com"}
                assert Client().post("/join/", said).status_code == 302
            # Premium is promised something from the 18th on.
            clock.set_to(datetime.fromisoformat("2024-09-19T00:00:00+00:00"))
            joined = {one.name.split()[0]: one for one in Account.objects.all()}
            for one in joined.values():
                read_notice(browser_of(one))
            yield joined
        finally:
            desk.close()
            call_command("flush", interactive=False, verbosity=0)


def browser_of(account: Any) -> Client:
    from django.test import Client  # noqa: PLC0415 - Django is set up by now

    made = Client(raise_request_exception=False)
    made.force_login(account, backend="django.contrib.auth.backends.ModelBackend")
    made.get("/account/")
    return made


def at_once(*acts: Callable[[], Any]) -> list[int]:
    """Do things in threads that begin together; gives the statuses."""
    from django.db import connections  # noqa: PLC0415 - Django is set up by now

    together = threading.Barrier(len(acts))
    statuses: list[int] = []

    def run(act: Callable[[], Any]) -> None:
        try:
            together.wait()
            statuses.append(act().status_code)
        finally:
            connections.close_all()

    threads = [threading.Thread(target=run, args=(one,)) for one in acts]
    for one in threads:
        one.start()
    for one in threads:
        one.join()
    assert len(statuses) == len(acts)
    return statuses


def posting(account: Any, path: str, said: dict[str, str]) -> list[Callable[[], Any]]:
    """The same form from as many windows as there are threads."""
    windows = [browser_of(account) for _ in range(AT_ONCE)]
    return [partial(one.post, path, said) for one in windows]


def test_one_credit_sends_one_inmail(people: dict[str, Any]) -> None:
    ana, ben = people["Ana"], people["Ben"]
    window, said = browser_of(ana), {"title": "A job", "text": "Would you?"}
    become_premium(window)
    for _ in range(4):
        window.post(f"/messages/{ben.pk}/", said)
    statuses = at_once(*posting(ana, f"/messages/{ben.pk}/", said))
    assert sorted(statuses) == [200] * (AT_ONCE - 1) + [302]
    assert ana.records.filter(category="inmail").count() == 5


def test_an_agreement_begins_once_and_ends_once(people: dict[str, Any], site: Path) -> None:
    ana = people["Ana"]
    assert set(at_once(*posting(ana, "/premium/", accepting(browser_of(ana))))) == {302}
    assert ana.periods.count() == 1
    assert agreements(site, ana) == ["subscription"]
    assert set(at_once(*posting(ana, "/premium/", {"end": "1"}))) == {302}
    assert [one.ended_at is None for one in ana.periods.all()] == [False]


def agreements(site: Path, account: Any) -> list[str]:
    with privity.open_workspace(site / "ledger") as workspace:
        state = workspace.view(account.member, purpose="genai-training").state
    return [one.value for one in state.agreements]


def test_one_form_takes_the_place_of_another(people: dict[str, Any]) -> None:
    ana = people["Ana"]
    browser_of(ana).post("/", {"text": "frist"})
    first = ana.records.get()
    statuses = at_once(*posting(ana, f"/records/{first.pk}/edit/", {"text": "first"}))
    assert sorted(statuses) == [302] + [404] * (AT_ONCE - 1)
    assert ana.records.filter(hidden_at=None).count() == 1


def test_what_is_taken_off_does_not_come_back_in_another_form(people: dict[str, Any]) -> None:
    ana = people["Ana"]
    browser_of(ana).post("/", {"text": "frist"})
    first = ana.records.get()
    offs = posting(ana, f"/records/{first.pk}/take-off/", {})[:3]
    edits = posting(ana, f"/records/{first.pk}/edit/", {"text": "first"})[:3]
    at_once(*offs, *edits)
    # Either all edits came too late, or one came first and its form is what stands there.
    edited = ana.records.filter(text="first").count()
    assert edited <= 1
    assert ana.records.filter(hidden_at=None).count() == edited


def test_two_who_ask_one_another_at_once_are_connected_once(people: dict[str, Any]) -> None:
    ana, ben = people["Ana"], people["Ben"]
    asks = [
        *posting(ana, f"/people/{ben.pk}/connect/", {})[:3],
        *posting(ben, f"/people/{ana.pk}/connect/", {})[:3],
    ]
    assert set(at_once(*asks)) == {302}
    from network.people.models import Connection  # noqa: PLC0415 - Django is set up by now

    (found,) = Connection.objects.all()
    assert found.accepted_at is not None


def test_one_address_joins_once(people: dict[str, Any]) -> None:
    from django.test import Client  # noqa: PLC0415 - Django is set up by now

    from network.accounts.models import Account  # noqa: PLC0415 - likewise

    del people
    said = {**ANA, "name": "Chi Lam", "email": "chi@example.com"}
    windows = [Client(raise_request_exception=False) for _ in range(AT_ONCE)]
    statuses = at_once(*(partial(one.post, "/join/", said) for one in windows))
    assert sorted(statuses) == [200] * (AT_ONCE - 1) + [302]
    assert Account.objects.filter(email="chi@example.com").count() == 1


def test_nothing_is_written_for_who_leaves(people: dict[str, Any]) -> None:
    ana = people["Ana"]
    windows = posting(ana, "/", {"text": "a last word"})
    leaving = browser_of(ana)
    leave = partial(leaving.post, "/account/close/", {"password": PASSWORD})
    at_once(leave, *windows[1:])
    ana.refresh_from_db()
    assert ana.closed_at is not None
    count = ana.records.count()
    # A window that was open all the time, and whose request came in before the account was closed.
    from django.core.exceptions import PermissionDenied  # noqa: PLC0415 - Django is set up by now

    from network.content.models import Category  # noqa: PLC0415 - likewise
    from network.content.writing import write  # noqa: PLC0415 - likewise

    ana.closed_at = None
    with pytest.raises(PermissionDenied):
        write(ana, Category.POST, "after all")
    with pytest.raises(PermissionDenied):
        write(people["Ben"], Category.DIRECT_MESSAGE, "are you there?", addressees=[ana])
    assert ana.records.count() == count
