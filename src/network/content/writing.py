# SPDX-License-Identifier: Apache-2.0
"""Write: the one way by which a record comes to be."""

from __future__ import annotations

from collections.abc import Iterable

from django.db import transaction

from network import clock
from network.accounts.models import Account
from network.content.models import PRIVATE, Addressee, Category, Record


def write(
    author: Account,
    category: Category,
    text: str,
    *,
    title: str = "",
    on: Record | None = None,
    addressees: Iterable[Account] = (),
    quotes: Iterable[Record] = (),
) -> Record:
    """Keep what somebody wrote.

    Args:
        author: Who.
        category: What kind it is.
        text: What it says.
        title: Its title or subject.
        on: For a comment, what it is about.
        addressees: For a message, who gets it; somebody at least.
        quotes: The records of which something stands in it.

    Raises:
        ValueError: A message is to nobody, or something else is to somebody.
    """
    to = list(dict.fromkeys(addressees))
    if (category in PRIVATE) != bool(to):
        message = f"a {category} to {len(to)} accounts, expected somebody for a message, and else nobody"
        raise ValueError(message)
    with transaction.atomic():
        record = Record.objects.create(
            category=category,
            created_at=clock.today(),
            author=author,
            title=title,
            text=text,
            on=on,
        )
        Addressee.objects.bulk_create(Addressee(record=record, account=one) for one in to)
        record.quotes.set(quotes)
    return record


def rewrite(record: Record, text: str, *, title: str = "") -> Record:
    """Put another form in a record's place: the new one quotes the old, which is no longer shown.

    What was agreed to of the old one so holds for the new one too, and nothing newer opens it.
    """
    with transaction.atomic():
        later = write(
            record.author,
            Category(record.category),
            text,
            title=title,
            on=record.on,
            quotes=[*record.quotes.all(), record],
        )
        record.comments.update(on=later)
        Record.objects.filter(pk=record.pk).update(hidden_at=clock.today())
    return later


def hide(record: Record) -> None:
    """Take a record off the pages."""
    Record.objects.filter(pk=record.pk, hidden_at=None).update(hidden_at=clock.today())
