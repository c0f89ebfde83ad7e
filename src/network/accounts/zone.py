# SPDX-License-Identifier: Apache-2.0
"""Times are shown in the zone of whoever looks."""

from __future__ import annotations

from collections.abc import Callable
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from django.http import HttpRequest, HttpResponse
from django.utils import timezone

from network.accounts.models import Account


class ZoneMiddleware:
    """Sets the zone for one request.

    Args:
        answer: What answers the request.
    """

    def __init__(self, answer: Callable[[HttpRequest], HttpResponse]) -> None:
        self._answer = answer

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Answer a request."""
        with timezone.override(_zone(request)):
            return self._answer(request)


def _zone(request: HttpRequest) -> ZoneInfo:
    name = request.user.zone if isinstance(request.user, Account) else "UTC"
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError):
        return ZoneInfo("UTC")
