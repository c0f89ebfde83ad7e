# SPDX-License-Identifier: Apache-2.0
"""A record: one thing that somebody wrote, whatever kind it is, to whom, and what it quotes.

All kinds lie in one table, as the gate sees them (docs/network.md). A record is never changed: an edited one is another,
which quotes its earlier form. What its author takes off the pages stays here until the account is closed.
"""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from network.accounts.models import Account


class Category(models.TextChoices):
    """The kinds of content, by the words of Privity's vocabulary."""

    POST = "post", _("post")
    ARTICLE = "article", _("article")
    COMMENT = "comment", _("comment")
    PROFILE = "profile", _("profile")
    DIRECT_MESSAGE = "direct-message", _("direct message")
    INMAIL = "inmail", _("InMail")


PUBLIC = (Category.POST, Category.ARTICLE, Category.COMMENT, Category.PROFILE)
"""What everybody reads."""
PRIVATE = (Category.DIRECT_MESSAGE, Category.INMAIL)
"""What only its author and its addressees read."""


class Record(models.Model):
    """One thing that somebody wrote.

    Attributes:
        category: What kind it is.
        created_at: When it was made.
        author: Who wrote it.
        title: Its title or subject, for articles and InMail.
        text: What it says.
        on: For a comment, what it is about.
        addressees: For a message, who got it.
        quotes: What of other records stands in it: what was quoted or forwarded, or its own earlier form.
        hidden_at: When its author took it off the pages, or None.
    """

    category = models.CharField(max_length=16, choices=Category.choices)
    created_at = models.DateTimeField()
    author = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="records"
    )
    title = models.CharField(max_length=200, blank=True)
    text = models.TextField(max_length=20_000)
    on = models.ForeignKey(
        "self", null=True, blank=True, on_delete=models.PROTECT, related_name="comments"
    )
    addressees: models.ManyToManyField[Account, Addressee] = models.ManyToManyField(
        settings.AUTH_USER_MODEL, through="Addressee", related_name="received"
    )
    quotes = models.ManyToManyField("self", symmetrical=False, related_name="quoted_in")
    hidden_at = models.DateTimeField(null=True)

    class Meta:
        """The newest first."""

        ordering = ("-created_at", "-id")
        # What some people wrote to everybody, the newest first: every feed is cut from this.
        indexes = (
            models.Index(
                fields=["author", "category", "hidden_at", "-created_at"],
                name="record_of_author",
            ),
        )

    def __str__(self) -> str:
        """Give its kind and number, and nothing of what it says."""
        return f"{self.category} {self.pk}"


class Addressee(models.Model):
    """Somebody who got a message.

    Attributes:
        record: The message.
        account: Who got it.
        read_at: When it was opened first, or None.
    """

    record = models.ForeignKey(Record, on_delete=models.CASCADE)
    account = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT)
    read_at = models.DateTimeField(null=True)

    class Meta:
        """Each once."""

        constraints = (
            models.UniqueConstraint(fields=["record", "account"], name="addressee_once"),
        )

    def __str__(self) -> str:
        """Give its number."""
        return f"addressee {self.pk}"
