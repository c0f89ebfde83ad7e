# SPDX-License-Identifier: Apache-2.0
"""What is somebody's own, as Privity's pages ask it: what she wrote, and what was written to her."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from django.db.models import Q, QuerySet
from django.http import HttpRequest

from network.accounts.models import Account
from network.content.models import Record


def ids_of(request: HttpRequest) -> Sequence[str]:
    """Give the ids of everything that somebody is a party of, the newest first."""
    return [str(one) for one in _mine(request).values_list("pk", flat=True)]


def one_of(request: HttpRequest, wanted: str) -> Sequence[Mapping[str, Any]]:
    """Give one of them, as the gate sees it, and all that it quotes, to any depth; none where it is not hers."""
    if not (wanted.isascii() and wanted.isdigit() and len(wanted) < len(str(1 << 63))):
        return ()
    waiting = list(_mine(request).filter(pk=int(wanted)).values_list("pk", flat=True))
    seen = set(waiting)
    found = []
    while waiting:
        some = Record.objects.filter(pk__in=waiting).select_related("author")
        waiting = []
        for record in some.prefetch_related("addressees", "quotes"):
            found.append(_columns(record))
            fresh = {one.pk for one in record.quotes.all()} - seen
            seen |= fresh
            waiting += sorted(fresh)
    return found


def _mine(request: HttpRequest) -> QuerySet[Record]:
    account = request.user
    if not isinstance(account, Account):
        return Record.objects.none()
    # What came to her is asked for by its ids: a join would give a message to many of hers many times.
    received = Record.objects.filter(addressees=account).values("pk")
    return Record.objects.filter(Q(author=account) | Q(pk__in=received))


def _columns(record: Record) -> Mapping[str, Any]:
    return {
        "record_id": str(record.pk),
        "category": record.category,
        "created_at": record.created_at,
        "author": record.author.member,
        "recipients": [one.member for one in record.addressees.all()],
        "quotes": [str(one.pk) for one in record.quotes.all()],
    }
