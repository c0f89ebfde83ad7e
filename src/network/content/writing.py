# SPDX-License-Identifier: Apache-2.0
"""Write: the one way by which a record comes to be."""

from __future__ import annotations

from collections.abc import Iterable

from django.core.exceptions import PermissionDenied
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
        PermissionDenied: An account was closed meanwhile: nobody writes for it, or to it.
    """
    to = list(dict.fromkeys(addressees))
    if (category in PRIVATE) != bool(to):
        message = f"a {category} to {len(to)} accounts, expected somebody for a message, and else nobody"
        raise ValueError(message)
    with transaction.atomic():
        among = {author.pk, *(one.pk for one in to)}
        still_open = Account.objects.select_for_update().filter(pk__in=among, closed_at=None)
        if len(still_open) != len(among):
            raise PermissionDenied
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


def rewrite(record: Record, text: str, *, title: str = "") -> Record | None:
    """Put another form in a record's place: the new one quotes the old, which is no longer shown.

    What was agreed to of the old one so holds for the new one too, and nothing newer opens it.

    Returns:
        The new one; None where the old one is off the pages: somebody else took it off, or changed it, just now.
    """
    with transaction.atomic():
        if not hide(record):
            return None
        # What the old form quotes and shows, the new one shows. All else stands in the old form, which it quotes.
        shown = record.quotes.filter(hidden_at=None)
        later = write(
            record.author,
            Category(record.category),
            text,
            title=title,
            on=record.on,
            quotes=[*shown, record],
        )
        record.comments.update(on=later)
    return later


def hide(record: Record) -> bool:
    """Take a record off the pages; tell whether it was on them."""
    found = Record.objects.filter(pk=record.pk, hidden_at=None)
    return found.update(hidden_at=clock.today()) == 1
