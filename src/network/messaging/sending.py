# SPDX-License-Identifier: Apache-2.0
"""Send a message: whether there is a way for it is asked in the moment that it is written, and not before."""

from __future__ import annotations

from collections.abc import Iterable

from django.db import transaction

from network.accounts.models import Account
from network.content.models import Category, Record
from network.content.writing import write
from network.messaging.conversations import way_to


def send(
    author: Account,
    to: Account,
    way: Category,
    text: str,
    *,
    title: str = "",
    quotes: Iterable[Record] = (),
) -> Record | None:
    """Send a message by the way that its author was shown.

    Args:
        author: Who writes.
        to: To whom.
        way: By what kind of message: it may cost one of the month's InMails, so it is no other than she knows of.
        text: What it says.
        title: Its subject.
        quotes: The messages that it forwards.

    Returns:
        The message; None where there is no such way any more: another message took the last InMail, or they are no
        longer connected.

    Raises:
        PermissionDenied: An account was closed meanwhile.
    """
    with transaction.atomic():
        # Two messages of one author wait for one another here.
        Account.objects.select_for_update().get(pk=author.pk)
        if way_to(author, to) != way:
            return None
        return write(author, way, text, title=title, addressees=[to], quotes=quotes)
