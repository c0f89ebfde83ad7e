# SPDX-License-Identifier: Apache-2.0
"""A page that is one member's own."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.contrib.auth.views import redirect_to_login
from django.http import HttpRequest, HttpResponse
from django.views.decorators.cache import never_cache

from privity.members.facts import MemberId
from privity.web.configured import Configured, configured


class Page:
    """Who asks for a page, and what the platform says of itself.

    Args:
        request: The request.
        member: Who.
        said: What the platform says.
    """

    def __init__(self, request: HttpRequest, member: MemberId, said: Configured) -> None:
        self.request = request
        self.member = member
        self.said = said

    @property
    def purpose(self) -> str:
        """The use that members are asked about."""
        return self.said.purpose


def for_member(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """Ask whoever is not logged in to log in; give the others their page, which nobody keeps."""

    @never_cache
    @wraps(view)
    def run(request: HttpRequest, **arguments: Any) -> HttpResponse:
        said = configured()
        member = said.who(request)
        if member is None:
            return redirect_to_login(request.get_full_path())
        return view(Page(request, member, said), **arguments)

    return run
