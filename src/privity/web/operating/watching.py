# SPDX-License-Identifier: Apache-2.0
"""Each request has a number; each is counted, timed, and has a line in the log. It stands first among a site's middleware."""

from __future__ import annotations

import secrets
import time
from collections.abc import Callable
from typing import Final

from django.http import HttpRequest, HttpResponse

from privity.web.operating.figures import REQUESTS, SECONDS, UNDER_WAY
from privity.web.operating.logs import NUMBER, say

HEADER: Final = "X-Request-ID"
_METHODS: Final = frozenset({"GET", "HEAD", "POST", "OPTIONS", "PUT", "PATCH", "DELETE"})
_NUMBER_BYTES: Final = 8


class WatchMiddleware:
    """Watches requests.

    The number is ours, whatever a request says: one that was sent along would be somebody's text in the log.

    Args:
        answer: What answers the request.
    """

    def __init__(self, answer: Callable[[HttpRequest], HttpResponse]) -> None:
        self._answer = answer

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Answer a request."""
        number = secrets.token_hex(_NUMBER_BYTES)
        setattr(request, NUMBER, number)
        begun = time.perf_counter()
        with UNDER_WAY.track_inprogress():
            response = self._answer(request)
        took = time.perf_counter() - begun
        response.headers[HEADER] = number
        # The page's name, and not the address: that has numbers of people and of what they wrote.
        match = request.resolver_match
        page = (match.view_name if match is not None else None) or "none"
        method = request.method if request.method in _METHODS else "other"
        REQUESTS.labels(method, page, str(response.status_code)).inc()
        SECONDS.labels(page).observe(took)
        say(
            "answered",
            request=number,
            method=method,
            page=page,
            status=response.status_code,
            milliseconds=round(took * 1000),
        )
        return response
