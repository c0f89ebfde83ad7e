# SPDX-License-Identifier: Apache-2.0
"""What somebody may read of messages, and to whom she may write."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from django.db.models import Q, QuerySet

from network import clock
from network.accounts.models import Account
from network.content.models import PRIVATE, Addressee, Category, Record
from network.people.circle import are_connected
from network.premium.periods import is_premium

CREDITS: Final = 5
"""How many InMails a month Premium has."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Conversation:
    """What two wrote to one another.

    Attributes:
        other: Whom somebody talks with.
        newest: The newest message.
        unread: Whether there is one that was not opened.
    """

    other: Account
    newest: Record
    unread: bool


def mine(account: Account) -> QuerySet[Record]:
    """Give the messages that somebody wrote or got, the newest first."""
    return (
        Record.objects.filter(Q(author=account) | Q(addressees=account), category__in=PRIVATE)
        .select_related("author")
        .prefetch_related("addressees", "quotes__author")
        .distinct()
    )


def conversations(account: Account) -> Iterator[Conversation]:
    """Give with whom somebody talks, the newest first."""
    unread = set(
        Addressee.objects.filter(account=account, read_at=None).values_list(
            "record_id", flat=True
        )
    )
    seen: dict[int, Conversation] = {}
    waiting: dict[int, bool] = {}
    for record in mine(account):
        others = [one for one in (record.author, *record.addressees.all()) if one != account]
        for other in others:
            waiting[other.pk] = waiting.get(other.pk, False) or record.pk in unread
            seen.setdefault(other.pk, Conversation(other=other, newest=record, unread=False))
    for pk, one in seen.items():
        yield Conversation(other=one.other, newest=one.newest, unread=waiting[pk])


def thread(account: Account, other: Account) -> QuerySet[Record]:
    """Give what two wrote to one another, the oldest first."""
    return (
        mine(account)
        .filter(Q(author=other) | Q(author=account, addressees=other))
        .order_by("created_at", "id")
    )


def open_thread(account: Account, other: Account) -> None:
    """Mark as read what somebody got from another."""
    Addressee.objects.filter(account=account, record__author=other, read_at=None).update(
        read_at=clock.today()
    )


def way_to(account: Account, other: Account) -> Category | None:
    """Say by what kind of message somebody may write to another, or None: by none."""
    if account == other or not other.is_active:
        return None
    if are_connected(account, other):
        return Category.DIRECT_MESSAGE
    if is_premium(account) and credits_left(account):
        return Category.INMAIL
    return None


def credits_left(account: Account) -> int:
    """Give how many InMails somebody may still write this month."""
    used = Record.objects.filter(
        author=account, category=Category.INMAIL, created_at__gte=_month(clock.today())
    ).count()
    return max(0, CREDITS - used)


def _month(now: datetime) -> datetime:
    return now.replace(day=1, hour=0, minute=0, second=0, microsecond=0)
