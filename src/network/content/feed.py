# SPDX-License-Identifier: Apache-2.0
"""What somebody finds on the pages: never more than is meant for her."""

from __future__ import annotations

from django.db.models import Count, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import Coalesce

from network.accounts.models import Account
from network.content.models import Category, Record
from network.people.circle import connected


def shown() -> QuerySet[Record]:
    """Give the posts and articles that everybody may read, the newest first."""
    # Asked for each record that is given, and not for all that a page is cut from.
    said = (
        Record.objects.filter(on=OuterRef("pk"), hidden_at=None, author__closed_at=None)
        .order_by()
        .values("on")
        .annotate(many=Count("pk"))
        .values("many")
    )
    return (
        Record.objects.filter(
            category__in=(Category.POST, Category.ARTICLE),
            hidden_at=None,
            author__closed_at=None,
        )
        .select_related("author")
        .prefetch_related("quotes__author")
        .annotate(said=Coalesce(Subquery(said), 0))
        .order_by("-created_at", "-id")
    )


def feed_of(account: Account) -> QuerySet[Record]:
    """Give what somebody and her connections wrote, the newest first."""
    circle = Account.objects.filter(
        Q(pk=account.pk) | Q(pk__in=connected(account).values("pk"))
    )
    return shown().filter(author__in=circle.values("pk"))


def comments_on(record: Record) -> QuerySet[Record]:
    """Give what was said about a record, the newest first."""
    return (
        Record.objects.filter(on=record, hidden_at=None, author__closed_at=None)
        .select_related("author")
        .order_by("-created_at", "-id")
    )


def own(account: Account) -> QuerySet[Record]:
    """Give what somebody wrote to everybody and may change."""
    return Record.objects.filter(
        author=account,
        hidden_at=None,
        category__in=(Category.POST, Category.ARTICLE, Category.COMMENT),
    )
