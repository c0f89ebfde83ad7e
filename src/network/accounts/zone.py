# SPDX-License-Identifier: Apache-2.0
"""Times are shown in the zone of whoever looks, and words in the language that she chose."""

from __future__ import annotations

from collections.abc import Callable
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.utils import timezone, translation

from network.accounts.models import Account


class ZoneMiddleware:
    """Sets the zone for one request, and the language where somebody chose one.

    Stands behind Django's own middleware for languages, which takes the browser's, and names on the way out which was spoken.

    Args:
        answer: What answers the request.
    """

    def __init__(self, answer: Callable[[HttpRequest], HttpResponse]) -> None:
        self._answer = answer

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Answer a request."""
        chosen = getattr(request.user, "language", "")
        if chosen in dict(settings.LANGUAGES):
            translation.activate(chosen)
        with timezone.override(_zone(request)):
            return self._answer(request)


def _zone(request: HttpRequest) -> ZoneInfo:
    name = request.user.zone if isinstance(request.user, Account) else "UTC"
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError):
        return ZoneInfo("UTC")
