# SPDX-License-Identifier: Apache-2.0
"""What somebody finds on the pages: never more than is meant for her."""

from __future__ import annotations

from django.db.models import Count, Q, QuerySet

from network.accounts.models import Account
from network.content.models import Category, Record
from network.people.circle import connected

PAGE = 20
"""How many records a page has."""


def shown() -> QuerySet[Record]:
    """Give the posts and articles that everybody may read."""
    return (
        Record.objects.filter(
            category__in=(Category.POST, Category.ARTICLE),
            hidden_at=None,
            author__closed_at=None,
        )
        .select_related("author")
        .prefetch_related("quotes__author")
        .annotate(
            said=Count(
                "comments",
                filter=Q(comments__hidden_at=None, comments__author__closed_at=None),
            )
        )
        .order_by("-created_at", "-id")
    )


def feed_of(account: Account) -> QuerySet[Record]:
    """Give what somebody and her connections wrote, the newest first."""
    circle = [*connected(account).values_list("pk", flat=True), account.pk]
    return shown().filter(author__in=circle)


def comments_on(record: Record) -> QuerySet[Record]:
    """Give what was said about a record, the oldest first."""
    return (
        Record.objects.filter(on=record, hidden_at=None, author__closed_at=None)
        .select_related("author")
        .order_by("created_at", "id")
    )


def own(account: Account) -> QuerySet[Record]:
    """Give what somebody wrote to everybody and may change."""
    return Record.objects.filter(
        author=account,
        hidden_at=None,
        category__in=(Category.POST, Category.ARTICLE, Category.COMMENT),
    )
