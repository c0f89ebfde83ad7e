# SPDX-License-Identifier: Apache-2.0
"""Open the network for the demo: accounts for members whom the ledger knows, what they wrote, and what they write now."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Final

from django.contrib.auth.hashers import make_password
from django.db import transaction

from network import clock
from network.accounts.models import Account
from network.content.models import Addressee, Category, Record
from network.content.writing import write
from network.demo.people import PASSWORD, Known, Place, chosen, newest_id, records_of
from network.demo.texts import ASKED, CONNECTED, PLACES, SAID
from network.people.models import Connection
from network.premium.models import Period

DOMAIN: Final = "@demo.example"
OPENED: Final = datetime.fromisoformat("2026-05-04T08:00:00+00:00")
"""When somebody opens it: the day after the demo's last step."""


def open_demo(made: Path, *, who_said_no: int | None) -> list[Account]:
    """Put the demo's accounts and what they write into empty tables, and set the clock.

    Args:
        made: The folder of the made network, whose members the ledger's baseline told of.
        who_said_no: The member who took back what she had agreed to, or None.

    Returns:
        The accounts.
    """
    with transaction.atomic():
        password = make_password(PASSWORD)
        by_name = {
            place.name.split()[0]: _account(place, known, password)
            for place, known in chosen(made, PLACES, who_said_no=who_said_no)
        }
        _bring(made, {one.member: one for one in by_name.values()})
        _connect(by_name)
        _write(by_name)
    clock.set_to(OPENED)
    return list(by_name.values())


def _account(place: Place, known: Known, password: str) -> Account:
    account = Account.objects.create(
        email=f"{place.name.split()[0].lower()}{DOMAIN}",
        password=password,
        name=place.name,
        headline=place.headline,
        country=place.country or known.countries[-1],
        zone=place.zone,
        member=known.member,
        joined_at=known.joined or OPENED,
    )
    if known.paying_since is not None:
        Period.objects.create(account=account, began_at=known.paying_since)
    return account


def _bring(made: Path, accounts: Mapping[int, Account]) -> None:
    """Bring what the members wrote before, under the ids that releases name; what quotes something else stays away."""
    brought: dict[int, Record] = {}
    addressees: list[Addressee] = []
    quoted: list[tuple[int, int]] = []
    for one in records_of(made, accounts.keys()):
        number, quotes = one["record_id"], one["quotes"] or ()
        if one["capacity"] != "personal" or not brought.keys() >= set(quotes):
            continue
        brought[number] = Record(
            pk=number,
            category=one["category"],
            created_at=one["created_at"],
            author=accounts[one["author"]],
            text=one["body"],
        )
        quoted.extend((number, other) for other in quotes)
        if one["category"] in {Category.DIRECT_MESSAGE, Category.INMAIL}:
            addressees.extend(
                Addressee(record_id=number, account=accounts[to], read_at=one["created_at"])
                for to in dict.fromkeys(one["recipients"])
            )
    Record.objects.bulk_create(brought.values(), batch_size=500)
    Addressee.objects.bulk_create(addressees, batch_size=500)
    through = Record.quotes.through
    through.objects.bulk_create(
        through(from_record_id=number, to_record_id=other) for number, other in quoted
    )
    # No id of the made network is given again: what is written from now on comes after all of them.
    somebody = next(iter(accounts.values()), None)
    if somebody is not None:
        Record.objects.create(
            pk=max(newest_id(made), 1),
            category=Category.POST,
            created_at=OPENED,
            author=somebody,
            text="-",
        ).delete()


def _connect(by_name: Mapping[str, Account]) -> None:
    pairs = [(*pair, True) for pair in CONNECTED] + [(*pair, False) for pair in ASKED]
    at = datetime.fromisoformat("2026-04-20T09:00:00+00:00")
    Connection.objects.bulk_create(
        Connection(
            asker=by_name[asker],
            asked=by_name[asked],
            asked_at=at,
            accepted_at=at if accepted else None,
        )
        for asker, asked, accepted in pairs
        if {asker, asked} <= by_name.keys()
    )


def _write(by_name: Mapping[str, Account]) -> None:
    """Have the accounts write, each thing at its time."""
    made: dict[int, Record] = {}
    for number, said in sorted(enumerate(SAID), key=lambda one: one[1].at):
        named = {said.who, said.to} - {""}
        needed = {said.on, said.quotes} - {None}
        if not (named <= by_name.keys() and needed <= made.keys()):
            continue
        clock.set_to(datetime.fromisoformat(said.at))
        made[number] = write(
            by_name[said.who],
            said.category,
            said.text,
            title=said.title,
            on=None if said.on is None else made[said.on],
            addressees=[by_name[said.to]] if said.to else (),
            quotes=() if said.quotes is None else [made[said.quotes]],
        )
