# SPDX-License-Identifier: Apache-2.0
"""A connection: one asks, the other accepts."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Greatest, Least


class Connection(models.Model):
    """Two who are connected, or of whom one asked to be.

    Attributes:
        asker: Who asked.
        asked: Who was asked.
        asked_at: When.
        accepted_at: When it was accepted, or None.
    """

    asker = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="asked_for"
    )
    asked = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="asked_by"
    )
    asked_at = models.DateTimeField()
    accepted_at = models.DateTimeField(null=True)

    class Meta:
        """Each pair once, and nobody with oneself."""

        constraints = (
            models.UniqueConstraint(
                Least("asker", "asked"), Greatest("asker", "asked"), name="one_of_each_pair"
            ),
            models.CheckConstraint(condition=~Q(asker=F("asked")), name="not_oneself"),
        )

    def __str__(self) -> str:
        """Give its number."""
        return f"connection {self.pk}"
