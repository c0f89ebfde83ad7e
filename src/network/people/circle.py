# SPDX-License-Identifier: Apache-2.0
"""Who is connected with whom."""

from __future__ import annotations

from django.db import transaction
from django.db.models import Q, QuerySet

from network import clock
from network.accounts.models import Account
from network.people.models import Connection


def connected(account: Account) -> QuerySet[Account]:
    """Give the open accounts that somebody is connected with."""
    # By their ids: a join over both ends would go through every account there is.
    accepted = Connection.objects.filter(accepted_at__isnull=False)
    return Account.objects.filter(
        Q(pk__in=accepted.filter(asker=account).values("asked"))
        | Q(pk__in=accepted.filter(asked=account).values("asker")),
        closed_at=None,
    )


def connections_of(account: Account) -> QuerySet[Connection]:
    """Give all of somebody's connections, those too that are only asked for, the oldest first."""
    either = Q(asker=account) | Q(asked=account)
    return Connection.objects.filter(either).select_related("asker", "asked").order_by("pk")


def between(one: Account, other: Account) -> Connection | None:
    """Give the connection between two, accepted or not, or None."""
    return Connection.objects.filter(
        Q(asker=one, asked=other) | Q(asker=other, asked=one)
    ).first()


def are_connected(one: Account, other: Account) -> bool:
    """Tell whether two are connected."""
    found = between(one, other)
    return found is not None and found.accepted_at is not None


def ask_for(asker: Account, asked: Account) -> Connection:
    """Ask somebody to be connected; who was asked by the same one accepts by it.

    Raises:
        ValueError: Somebody asks for oneself.
    """
    if asker == asked:
        message = "somebody asks for a connection with oneself"
        raise ValueError(message)
    with transaction.atomic():
        found = between(asker, asked)
        if found is None:
            return Connection.objects.create(asker=asker, asked=asked, asked_at=clock.today())
        if found.asked == asker and found.accepted_at is None:
            accept(found)
        return found


def accept(connection: Connection) -> None:
    """Accept what one was asked for."""
    connection.accepted_at = clock.today()
    connection.save(update_fields=["accepted_at"])
