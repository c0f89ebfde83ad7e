# SPDX-License-Identifier: Apache-2.0
"""Close an account, and get a copy of what is in it."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.db import transaction

from network import clock
from network.accounts.models import Account
from network.content.models import Addressee, Record
from network.people.circle import connections_of
from network.premium.models import Period
from privity.web.desk import ask


def close(account: Account) -> None:
    """Close an account; the ledger hears of it first, and from then on nothing of it may be used.

    What was written to others stays with them. Address and password go, and nobody can log in.

    Raises:
        PrivityError: The ledger cannot be written to.
    """
    member = account.member
    ask(lambda workspace: workspace.record(member, "closed", request=f"closed-{member}"))
    with transaction.atomic():
        account.closed_at = clock.today()
        account.email = None
        account.set_unusable_password()
        account.save(update_fields=["closed_at", "email", "password"])


def copy_of(account: Account) -> dict[str, Any]:
    """Give what the network has of somebody, as plain values.

    Of messages that others wrote to her she has the text too: it was sent to her.
    """
    written = (
        Record.objects.filter(author=account)
        .prefetch_related("addressees", "quotes")
        .order_by("id")
    )
    got = (
        Addressee.objects.filter(account=account)
        .select_related("record__author")
        .order_by("record_id")
    )
    return {
        "account": {
            "member": account.member,
            "email": account.email,
            "name": account.name,
            "headline": account.headline,
            "about": account.about,
            "country": account.country,
            "zone": account.zone,
            "language": account.language,
            "joined_at": account.joined_at.isoformat(),
        },
        "written": [
            {
                "record_id": one.pk,
                "category": one.category,
                "created_at": one.created_at.isoformat(),
                "title": one.title,
                "text": one.text,
                "to": [to.name for to in one.addressees.all()],
                "on": one.on_id,
                "quotes": [quoted.pk for quoted in one.quotes.all()],
                "on_the_pages": one.hidden_at is None,
            }
            for one in written
        ],
        "received": [
            {
                "record_id": one.record.pk,
                "category": one.record.category,
                "created_at": one.record.created_at.isoformat(),
                "from": one.record.author.name,
                "title": one.record.title,
                "text": one.record.text,
                "read_at": _written(one.read_at),
            }
            for one in got
        ],
        "connections": [
            {
                "with": (one.asked if one.asker == account else one.asker).name,
                "asked_by": one.asker.name,
                "asked_at": one.asked_at.isoformat(),
                "accepted_at": _written(one.accepted_at),
            }
            for one in connections_of(account)
        ],
        "premium": [
            {
                "began_at": one.began_at.isoformat(),
                "version": one.accepted_by,
                "ended_at": _written(one.ended_at),
            }
            for one in Period.objects.filter(account=account).order_by("began_at")
        ],
    }


def _written(at: datetime | None) -> str | None:
    return None if at is None else at.isoformat()
