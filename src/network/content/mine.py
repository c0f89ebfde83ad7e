# SPDX-License-Identifier: Apache-2.0
"""What is somebody's own, as Privity's pages ask it: what she wrote, and what was written to her."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from django.db.models import Prefetch, Q, QuerySet
from django.db.models.expressions import RawSQL
from django.http import HttpRequest

from network.accounts.models import Account
from network.content.models import Record


def ids_of(request: HttpRequest) -> Sequence[str]:
    """Give the ids of everything that somebody is a party of, the newest first."""
    return [str(one) for one in _mine(request).values_list("pk", flat=True)]


def some_of(request: HttpRequest, wanted: Sequence[str]) -> Sequence[Mapping[str, Any]]:
    """Give some of them, as the gate sees them, and all that they quote, to any depth; what is not hers is left out.

    What one says, by which she knows it again, is given of hers alone: what they quote may be somebody else's.

    Args:
        request: Who asks.
        wanted: The ids, as they came.
    """
    numbers = [int(one) for one in wanted if _is_number(one)]
    hers = list(_mine(request).filter(pk__in=numbers).values_list("pk", flat=True))
    found = (
        Record.objects.filter(pk__in=_with_quoted(hers))
        .select_related("author")
        .only("category", "created_at", "title", "text", "author__member")
        .prefetch_related(
            Prefetch("addressees", Account.objects.only("member")),
            Prefetch("quotes", Record.objects.only("pk")),
        )
    )
    said = set(hers)
    return [_columns(one, said=one.pk in said) for one in found] if hers else []


def _is_number(text: str) -> bool:
    return text.isascii() and text.isdigit() and len(text) < len(str(1 << 63))


def _with_quoted(numbers: Sequence[int]) -> RawSQL:
    """Give records and all that they quote: in one question, however often something was edited."""
    begun = ", ".join("(%s)" for _ in numbers)
    quoted = f"""
        WITH RECURSIVE quoted(id) AS (
            VALUES {begun}
            UNION
            SELECT quote.to_record_id FROM content_record_quotes AS quote
            JOIN quoted ON quote.from_record_id = quoted.id
        )
        SELECT id FROM quoted
    """  # noqa: S608 - there are as many places as numbers, and nothing of anybody's
    return RawSQL(quoted, numbers)  # noqa: S611 - likewise


def _mine(request: HttpRequest) -> QuerySet[Record]:
    account = request.user
    if not isinstance(account, Account):
        return Record.objects.none()
    # What came to her is asked for by its ids: a join would give a message to many of hers many times.
    received = Record.objects.filter(addressees=account).values("pk")
    return Record.objects.filter(Q(author=account) | Q(pk__in=received))


def _columns(record: Record, *, said: bool) -> Mapping[str, Any]:
    columns = {
        "record_id": str(record.pk),
        "category": record.category,
        "created_at": record.created_at,
        "author": record.author.member,
        "recipients": [one.member for one in record.addressees.all()],
        "quotes": [str(one.pk) for one in record.quotes.all()],
    }
    return {**columns, "text": record.title or record.text} if said else columns
