# SPDX-License-Identifier: Apache-2.0
"""The demo gives members of its made network log-ins: they are the ledger's members, and what they wrote has the releases' ids."""

from __future__ import annotations

import re
from io import StringIO
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pyarrow.parquet as pq
import pytest
from tests.network.conftest import GoTo

from privity.app.demo import DATES
from privity.sources.synthetic.network import make_network

if TYPE_CHECKING:
    from django.test import Client

RECORDS = 20_000


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What `privity demo` leaves, as far as it is asked for: the made network, and who said no."""
    out = tmp_path_factory.mktemp("demo")
    make_network(out / "network", members=3_000, records=RECORDS, seed=1, until=DATES[-1][1])
    (out / "asked").mkdir()
    (out / "asked" / "who-said-no").write_text("380", "ascii")
    return out


@pytest.fixture
def opened(made: Path, go_to: GoTo, settings: Any) -> str:
    """The network, opened for the demo; gives what the command printed."""
    from django.core.management import call_command  # noqa: PLC0415 - Django is set up by now

    go_to("2026-05-01T00:00:00+00:00")
    settings.NETWORK_DEMO = True
    said = StringIO()
    call_command("demo", of=made, stdout=said)
    return said.getvalue()


def facts_of(made: Path, member: int) -> list[tuple[str, str]]:
    table = pq.read_table(made / "network" / "facts.parquet", filters=[("member", "=", member)])
    return list(zip(table["fact"].to_pylist(), table["value"].to_pylist(), strict=True))


def test_log_ins_are_of_members_whom_the_ledger_knows(opened: str, made: Path) -> None:
    from network.accounts.models import Account  # noqa: PLC0415 - Django is set up by now

    accounts = list(Account.objects.all())
    assert len(accounts) == 20
    assert len({one.country for one in accounts}) >= 10
    assert all((one.email or "nobody") in opened for one in accounts)
    for one in accounts:
        facts = facts_of(made, one.member)
        assert ("jurisdiction", one.country) in facts, one.name
        premium = ("agreement", "subscription") in facts and one.periods.exists()
        assert premium == ("Premium" in one.headline), one.name
        assert (one.member > 2_000) == (one.headline == "Has a notice to read first"), one.name


def test_what_they_wrote_before_has_the_ids_that_releases_name(opened: str, made: Path) -> None:
    del opened
    from network.content.models import Record  # noqa: PLC0415 - Django is set up by now

    table = pq.read_table(made / "network" / "records").to_pylist()
    by_id = {one["record_id"]: one for one in table}
    before = list(Record.objects.filter(pk__lte=RECORDS).select_related("author"))
    assert len(before) > 100
    for one in before:
        told = by_id[one.pk]
        assert (one.author.member, one.category, one.text) == (
            told["author"],
            told["category"],
            told["body"],
        )
        assert sorted(one.quotes.values_list("pk", flat=True)) == sorted(set(told["quotes"]))
        to = one.addressees.values_list("member", flat=True)
        assert sorted(to) == sorted(set(told["recipients"]))
    written = Record.objects.filter(pk__gt=RECORDS)
    assert {one.created_at.year for one in written} == {2026}
    assert written.filter(category="inmail").exists()
    assert not Record.objects.filter(text="-").exists()


def test_their_log_ins_stand_on_the_page_in_the_demo_only(
    opened: str, stranger: Client, settings: Any
) -> None:
    assert "common ground demo" in opened
    page = stranger.get("/log-in/").content
    assert b"maya@demo.example" in page
    assert b"common ground demo" in page
    settings.NETWORK_DEMO = False
    page = stranger.get("/log-in/").content
    assert b"demo.example" not in page
    assert b"common ground demo" not in page


def test_they_log_in_and_find_something_to_read(opened: str, stranger: Client) -> None:
    del opened
    said = {"username": "maya@demo.example", "password": "common ground demo"}
    assert stranger.post("/log-in/", said).headers["Location"] == "/"
    page = stranger.get("/").content
    assert b"Welcome, Maya Brooks" in page
    assert b"That is how asking looks" in page
    assert b"Daniel Ortega" in stranger.get("/messages/").content
    assert b"Ananya Rao" in stranger.get("/people/").content


def test_an_address_is_pressed_to_log_in_as_whom_it_names(
    opened: str, stranger: Client, go_to: GoTo
) -> None:
    del opened
    go_to("2026-05-04T00:00:00+00:00")
    page = stranger.get("/log-in/?next=/people/").content.decode()
    form = page.split('value="robin@demo.example"')[1].split("</form>")[0]
    said = dict(re.findall(r'name="(\w+)" value="([^"]*)"', form))
    answer = stranger.post("/log-in/", {**said, "username": "robin@demo.example"})
    assert answer.headers["Location"] == "/people/"
    assert "_auth_user_id" in stranger.session


def test_it_is_opened_once(opened: str, made: Path) -> None:
    from django.core.management import call_command  # noqa: PLC0415 - Django is set up by now

    from network.content.models import Record  # noqa: PLC0415 - likewise

    before = Record.objects.count()
    again = StringIO()
    call_command("demo", of=made, stdout=again)
    assert "is open already" in again.getvalue()
    assert Record.objects.count() == before
    assert "is open already" not in opened


def test_a_demo_without_a_ledger_says_so(network: Path, tmp_path: Path) -> None:
    from django.core.management import CommandError, call_command  # noqa: PLC0415 - as above

    del network
    with pytest.raises(CommandError, match="--gate-only"):
        call_command("demo", of=tmp_path)


def test_who_does_not_say_where_the_network_lies_is_told(
    network: Path, made: Path, settings: Any
) -> None:
    from django.core.management import CommandError, call_command  # noqa: PLC0415 - as above

    settings.NETWORK_DATA = network / "nowhere"
    with pytest.raises(CommandError, match="NETWORK_DATA says where"):
        call_command("demo", of=made)
