# SPDX-License-Identifier: Apache-2.0
"""Whom a request is from, as Privity's pages ask it."""

from __future__ import annotations

from django.http import HttpRequest

from network.accounts.models import Account


def member_of(request: HttpRequest) -> int | None:
    """Give the member who is logged in, or None."""
    return request.user.member if isinstance(request.user, Account) else None
