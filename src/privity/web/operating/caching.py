# SPDX-License-Identifier: Apache-2.0
"""What says nothing of caching is kept by nobody: a page of somebody is stored neither on the way nor in the browser."""

from __future__ import annotations

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse
from django.utils.cache import add_never_cache_headers


class NoStoreMiddleware:
    """Forbids to store; a page that is for everybody says so itself.

    Args:
        answer: What answers the request.
    """

    def __init__(self, answer: Callable[[HttpRequest], HttpResponse]) -> None:
        self._answer = answer

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Answer a request."""
        response = self._answer(request)
        if not response.has_header("Cache-Control"):
            add_never_cache_headers(response)
        return response
