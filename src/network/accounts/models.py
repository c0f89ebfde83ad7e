# SPDX-License-Identifier: Apache-2.0
"""An account: how somebody logs in, and which member that is on the ledger."""

from __future__ import annotations

from typing import ClassVar

from django.contrib.auth.models import AbstractBaseUser, BaseUserManager
from django.db import models
from django.utils.translation import gettext_lazy as _

FIRST_MEMBER = 1_000_000_000
"""The smallest id that a new member gets: those whom a baseline told of have smaller ones."""
LAST_MEMBER = (1 << 53) - 1
"""The largest: every number up to here is one in JavaScript, too."""


class AccountManager(BaseUserManager["Account"]):
    """Finds accounts."""

    def get_by_natural_key(self, username: str | None) -> Account:
        """Find an account by its address, however that is written."""
        return self.get(email=(username or "").lower())


class Account(AbstractBaseUser):
    """An account.

    Attributes:
        email: The address that its owner logs in by; empty once it is closed.
        name: How others see its owner.
        headline: What its owner says to be, in a line.
        about: More of it.
        country: Where its owner says to live, an ISO code.
        zone: The zone that times are shown in.
        language: The language of the pages, or nothing: the one that the browser asks for.
        member: Its owner's id on the ledger.
        joined_at: When it was made.
        closed_at: When it was closed, or None.
    """

    email = models.EmailField(_("e-mail"), unique=True, null=True)
    name = models.CharField(_("name"), max_length=80)
    headline = models.CharField(_("headline"), max_length=120, blank=True)
    about = models.TextField(_("about you"), max_length=2000, blank=True)
    country = models.CharField(_("country"), max_length=2)
    zone = models.CharField(_("time zone"), max_length=40, default="UTC")
    language = models.CharField(_("language"), max_length=10, blank=True)
    member = models.BigIntegerField(unique=True, editable=False)
    joined_at = models.DateTimeField(editable=False)
    closed_at = models.DateTimeField(null=True, editable=False)

    objects: ClassVar[AccountManager] = AccountManager()

    USERNAME_FIELD = "email"
    REQUIRED_FIELDS: ClassVar[list[str]] = ["name", "country"]

    def __str__(self) -> str:
        """Give the name."""
        return self.name

    @property
    def is_active(self) -> bool:  # type: ignore[override]  # Django has an attribute there
        """Whether its owner may log in."""
        return self.closed_at is None
