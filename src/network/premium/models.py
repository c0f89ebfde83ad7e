# SPDX-License-Identifier: Apache-2.0
"""A period of Premium."""

from __future__ import annotations

from typing import Final

from django.conf import settings
from django.db import models

AGREEMENT: Final = "subscription"
"""The agreement's id, as the policy's versions have it."""


class Period(models.Model):
    """From when to when somebody was Premium.

    Attributes:
        account: Who.
        version: The version of the policy by whose words the agreement was accepted; what is older has the agreement's id.
        began_at: From when.
        ended_at: To when, or None while it goes on.
    """

    account = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="periods"
    )
    version = models.CharField(max_length=200, blank=True)
    began_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)

    class Meta:
        """One at a time."""

        constraints = (
            models.UniqueConstraint(
                fields=["account"],
                condition=models.Q(ended_at=None),
                name="one_period_at_a_time",
            ),
        )

    def __str__(self) -> str:
        """Give its number."""
        return f"period {self.pk}"

    @property
    def accepted_by(self) -> str | None:
        """The policy's version by which it was accepted, or None where that was not kept."""
        return self.version if self.version not in {"", AGREEMENT} else None
