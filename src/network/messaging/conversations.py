# SPDX-License-Identifier: Apache-2.0
"""What somebody may read of messages, and to whom she may write."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from django.db.models import Max, Q, QuerySet

from network import clock
from network.accounts.models import Account
from network.content.models import PRIVATE, Addressee, Category, Record
from network.content.paging import Part, part_of
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
        Record.objects.filter(Q(author=account) | Q(pk__in=_to(account)), category__in=PRIVATE)
        .select_related("author")
        .prefetch_related("addressees", "quotes__author")
    )


def conversations(account: Account, wanted: str | None) -> tuple[list[Conversation], Part[int]]:
    """Give with whom somebody talks, the newest first, as much as a page shows.

    Args:
        account: Who.
        wanted: The page's number, as it came.

    Returns:
        The conversations, and the page that they are.
    """
    private = Addressee.objects.filter(record__category__in=PRIVATE)
    got = private.filter(account=account).values_list("record__author")
    sent = private.filter(record__author=account).values_list("account")
    unread = {other for (other,) in got.filter(read_at=None).distinct()}
    last: dict[int, datetime] = {}
    newest_of = Max("record__created_at")
    for other, at in (*got.annotate(at=newest_of), *sent.annotate(at=newest_of)):
        last[other] = max(at, last.get(other, at))
    page = part_of(sorted(last, key=lambda one: (last[one], one), reverse=True), wanted)
    people = Account.objects.in_bulk(page.rows)
    newest: dict[int, Record] = {}
    for record in mine(account).filter(created_at__in={last[one] for one in page}):
        others = record.addressees.all() if record.author == account else (record.author,)
        for other in others:
            # The newest stands first: of two of one instant it is the later one.
            if last.get(other.pk) == record.created_at:
                newest.setdefault(other.pk, record)
    return [
        Conversation(other=people[one], newest=newest[one], unread=one in unread)
        for one in page
    ], page


def thread(account: Account, other: Account) -> QuerySet[Record]:
    """Give what two wrote to one another, the newest first."""
    return (
        Record.objects.filter(
            Q(author=other, pk__in=_to(account)) | Q(author=account, pk__in=_to(other)),
            category__in=PRIVATE,
        )
        .select_related("author")
        .prefetch_related("quotes__author")
    )


def _to(account: Account) -> QuerySet[Addressee, Any]:
    """Give the numbers of what came to somebody. A join over both ends would go through everything there is."""
    return Addressee.objects.filter(account=account).values("record")


def open_thread(account: Account, other: Account) -> None:
    """Mark as read what somebody got from another."""
    fresh = Addressee.objects.filter(account=account, record__author=other, read_at=None)
    # Who reads it again writes nothing, and so waits for nobody who does.
    if fresh.exists():
        fresh.update(read_at=clock.today())


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
