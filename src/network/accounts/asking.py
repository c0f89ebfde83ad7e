# SPDX-License-Identifier: Apache-2.0
"""A request of somebody who is logged in: what every page gets that is not open to everybody."""

from __future__ import annotations

from django.http import HttpRequest

from network.accounts.models import Account


class Asking(HttpRequest):
    """A request whose account is known; `LoginRequiredMiddleware` lets no other through."""

    user: Account
