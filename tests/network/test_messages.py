# SPDX-License-Identifier: Apache-2.0
"""A message is read by its two ends and by nobody else, and both of them have a say in it."""

from __future__ import annotations

import os
import re
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from tests.network.conftest import PASSWORD, GoTo, Join
from tests.network.reading import accepting, become_premium, read_notice
from tests.network.test_setting import publish

import privity
from privity.sources.native import open_records

if TYPE_CHECKING:
    from django.test import Client

SOURCE = Path(__file__).parents[2] / "examples" / "network" / "records.sql.toml"


def account(name: str) -> Any:
    from network.accounts.models import Account  # noqa: PLC0415 - Django is set up by now

    return Account.objects.get(name=name)


@pytest.fixture
def ana(join: Join) -> Client:
    return join()


@pytest.fixture
def ben(join: Join) -> Client:
    return join(name="Ben Okafor", email="ben@example.com")


@pytest.fixture
def connected(ana: Client, ben: Client) -> tuple[Client, Client]:
    """Ana and Ben, who are connected."""
    from network.people.circle import ask_for  # noqa: PLC0415 - Django is set up by now

    ask_for(account("Ana Ruiz"), account("Ben Okafor"))
    ask_for(account("Ben Okafor"), account("Ana Ruiz"))
    return ana, ben


def test_those_who_are_connected_write_to_one_another(connected: tuple[Client, Client]) -> None:
    ana, ben = connected
    to = account("Ben Okafor").pk
    assert ana.post(f"/messages/{to}/", {"text": "Hello Ben"}).status_code == 302
    assert b"new" in ben.get("/messages/").content
    assert b"Hello Ben" in ben.get(f"/messages/{account('Ana Ruiz').pk}/").content
    assert b'class="tag wait"' not in ben.get("/messages/").content


def test_nobody_else_reads_it(connected: tuple[Client, Client], join: Join) -> None:
    ana, _ = connected
    ana.post(f"/messages/{account('Ben Okafor').pk}/", {"text": "Hello Ben"})
    chi = join(name="Chi Lam", email="chi@example.com", country="HK")
    record = account("Ana Ruiz").records.get(category="direct-message")
    for address in (
        "/messages/",
        f"/messages/{account('Ana Ruiz').pk}/",
        f"/messages/{account('Ben Okafor').pk}/",
    ):
        assert b"Hello Ben" not in chi.get(address).content
    assert chi.get(f"/messages/{record.pk}/forward/").status_code == 404
    assert chi.get(f"/records/{record.pk}/").status_code == 404
    assert chi.get(f"/records/{record.pk}/quote/").status_code == 404


def test_to_others_one_writes_by_inmail_and_with_premium(
    ana: Client, ben: Client, go_to: GoTo
) -> None:
    go_to("2024-09-19T00:00:00+00:00")
    for one in (ana, ben):
        read_notice(one)
    to = account("Ben Okafor").pk
    said = {"title": "A job", "text": "Would you?"}
    ana.post(f"/messages/{to}/", said)
    assert not account("Ana Ruiz").records.exists()
    become_premium(ana)
    for _ in range(6):
        ana.post(f"/messages/{to}/", said)
    assert account("Ana Ruiz").records.filter(category="inmail").count() == 5
    assert b"no InMail left" in ana.get(f"/messages/{to}/").content
    assert b"A job" in ben.get(f"/messages/{account('Ana Ruiz').pk}/").content


def test_credits_come_back_with_the_month(ana: Client, ben: Client, go_to: GoTo) -> None:
    del ben
    go_to("2024-09-19T00:00:00+00:00")
    read_notice(ana)
    become_premium(ana)
    to = account("Ben Okafor").pk
    for _ in range(5):
        ana.post(f"/messages/{to}/", {"title": "t", "text": "x"})
    go_to("2024-10-01T00:00:00+00:00")
    ana.post(f"/messages/{to}/", {"title": "t", "text": "x"})
    assert account("Ana Ruiz").records.count() == 6


def test_premium_is_an_agreement_on_the_ledger(ana: Client, network: Path, go_to: GoTo) -> None:
    go_to("2024-09-19T00:00:00+00:00")
    read_notice(ana)
    assert b"No use of private messages" in ana.get("/premium/").content
    become_premium(ana)
    become_premium(ana)
    member = account("Ana Ruiz").member
    with privity.open_workspace(network / "ledger") as workspace:
        state = workspace.view(member, purpose="genai-training").state
    assert [one.value for one in state.agreements] == ["subscription"]
    go_to("2024-09-20T00:00:00+00:00")
    ana.post("/premium/", {"end": "1"})
    with privity.open_workspace(network / "ledger") as workspace:
        state = workspace.view(member, purpose="genai-training").state
    assert not state.agreements


def test_premium_names_the_version_that_was_accepted(
    ana: Client, network: Path, go_to: GoTo
) -> None:
    # Nothing is promised yet, so there is nothing to accept.
    page = ana.get("/premium/").content
    assert b"has no promise of this agreement" in page
    assert b"Accept the agreement" not in page
    go_to("2024-09-19T00:00:00+00:00")
    read_notice(ana)
    assert b"holds until you end it" in ana.get("/premium/").content
    become_premium(ana)
    publish(network, "2024-09-20T00:00:00Z", agreements={})
    go_to("2024-09-21T00:00:00+00:00")
    read_notice(ana)
    shown = ana.get("/premium/").content.decode()
    assert "agreement on 18 September 2024, 20:00, by version 2024-09-18 of the policy" in shown
    found = re.search(r'href="(/privacy/policy/[0-9]+/)"', shown)
    assert found is not None
    assert b"Version 2024-09-18 of policy" in ana.get(found[1]).content
    assert b"End Premium" in ana.get("/premium/").content
    (kept,) = ana.get("/account/copy/").json()["premium"]
    assert kept["version"] == "2024-09-18"


def test_a_version_that_was_not_shown_is_not_accepted(
    ana: Client, network: Path, go_to: GoTo
) -> None:
    go_to("2024-09-19T00:00:00+00:00")
    read_notice(ana)
    shown = accepting(ana)
    publish(network, "2024-09-20T00:00:00Z")
    go_to("2024-09-21T00:00:00+00:00")
    read_notice(ana)
    said = ana.post("/premium/", shown, follow=True).content
    assert b"The agreement has another version now" in said
    assert b"Accept the agreement" in said
    assert not account("Ana Ruiz").periods.exists()
    become_premium(ana)
    assert account("Ana Ruiz").periods.get().version != shown["accept"]
    assert b"End Premium" in ana.get("/premium/").content


def test_what_was_accepted_before_versions_were_kept_names_none(ana: Client) -> None:
    from network.premium.models import Period  # noqa: PLC0415 - Django is set up by now

    Period.objects.create(
        account=account("Ana Ruiz"),
        version="subscription",
        began_at=datetime(2024, 9, 2, tzinfo=UTC),
    )
    page = ana.get("/premium/").content
    assert b"You are Premium since" in page
    assert b"You accepted its agreement" not in page
    assert ana.get("/account/copy/").json()["premium"][0]["version"] is None


def test_what_is_forwarded_is_quoted(connected: tuple[Client, Client], join: Join) -> None:
    ana, ben = connected
    ana.post(f"/messages/{account('Ben Okafor').pk}/", {"text": "between us"})
    record = account("Ana Ruiz").records.get()
    join(name="Chi Lam", email="chi@example.com", country="HK")
    chi = account("Chi Lam")
    assert ben.post(f"/messages/{record.pk}/forward/", {"to": chi.pk}).status_code == 200
    from network.people.circle import ask_for  # noqa: PLC0415 - Django is set up by now

    ask_for(account("Ben Okafor"), chi)
    ask_for(chi, account("Ben Okafor"))
    ben.post(f"/messages/{record.pk}/forward/", {"to": chi.pk})
    sent = account("Ben Okafor").records.get()
    assert list(sent.quotes.all()) == [record]


def test_the_gate_reads_the_networks_own_tables(
    connected: tuple[Client, Client], network: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    ana, ben = connected
    ana.post(f"/messages/{account('Ben Okafor').pk}/", {"text": "between us"})
    ben.post("/", {"text": "for all"})
    from django.db import connection  # noqa: PLC0415 - Django is set up by now

    copy = network / "copy.db"
    copy.unlink(missing_ok=True)
    if connection.connection is None:
        connection.connect()
    # What this test wrote is not committed: the same connection copies what it sees.
    script = "\n".join(connection.connection.iterdump())
    import sqlite3  # noqa: PLC0415 - for the copy alone

    with sqlite3.connect(copy) as target:
        target.executescript(script)
    target.close()
    monkeypatch.setitem(os.environ, "NETWORK_DATABASE", str(copy))
    (records,) = open_records([SOURCE])
    rows = {row["body"]: row for row in records.read(0).to_pylist()}
    message = rows["between us"]
    assert message["author"] == account("Ana Ruiz").member
    assert message["recipients"] == [account("Ben Okafor").member]
    with privity.open_workspace(network / "ledger") as workspace:
        workspace_decides = workspace.decide(
            message, purpose="genai-training", recipient="self"
        )
        assert not workspace_decides.permit
        assert rows["for all"]["category"] == "post"


def test_who_leaves_shows_that_the_account_is_hers(
    ana: Client, network: Path, stranger: Client
) -> None:
    member = account("Ana Ruiz").member
    assert b"not your password" in ana.post("/account/close/", {"password": "x"}).content
    assert ana.post("/account/close/", {"password": PASSWORD}).status_code == 302
    assert ana.get("/").headers["Location"].startswith("/log-in/")
    with privity.open_workspace(network / "ledger") as workspace:
        assert workspace.view(member, purpose="genai-training").state.closed is not None
    stranger.post("/log-in/", {"username": "ana@example.com", "password": PASSWORD})
    assert stranger.get("/").status_code == 302


def test_a_copy_has_what_is_ones_own(connected: tuple[Client, Client]) -> None:
    ana, ben = connected
    ana.post(f"/messages/{account('Ben Okafor').pk}/", {"text": "Hello Ben"})
    ana.post("/", {"text": "for all"})
    mine, his = ana.get("/account/copy/").json(), ben.get("/account/copy/").json()
    assert [one["text"] for one in mine["written"]] == ["Hello Ben", "for all"]
    assert [one["text"] for one in his["received"]] == ["Hello Ben"]
    assert his["written"] == []
    assert "password" not in str(mine)


def test_a_copy_has_connections_and_what_a_comment_is_about(
    connected: tuple[Client, Client], join: Join
) -> None:
    ana, ben = connected
    ana.post("/", {"text": "for all"})
    post = account("Ana Ruiz").records.get()
    ben.post(f"/records/{post.pk}/", {"text": "well said"})
    ana.post(f"/messages/{account('Ben Okafor').pk}/", {"text": "Hello Ben"})
    chi = join(name="Chi Lam", email="chi@example.com", country="HK")
    chi.post(f"/people/{account('Ana Ruiz').pk}/connect/")
    mine, his = ana.get("/account/copy/").json(), ben.get("/account/copy/").json()
    assert [(one["text"], one["on"]) for one in his["written"]] == [("well said", post.pk)]
    assert mine["written"][0]["on"] is None
    assert his["received"][0]["read_at"] is None
    ben.get(f"/messages/{account('Ana Ruiz').pk}/")
    assert ben.get("/account/copy/").json()["received"][0]["read_at"] is not None
    made = [(one["with"], one["asked_by"], one["accepted_at"]) for one in mine["connections"]]
    assert made[1:] == [("Chi Lam", "Chi Lam", None)]
    assert (made[0][0], made[0][2] is None) == ("Ben Okafor", False)
    assert [one["with"] for one in his["connections"]] == ["Ana Ruiz"]
    assert b'href="/privacy/receipts/"' in ana.get("/account/").content
