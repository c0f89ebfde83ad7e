# SPDX-License-Identifier: Apache-2.0
"""A notice stands before the next page until it was read.

Whoever is logged in and was not told yet of what the policy in force does gets the notice's own page, once it holds. A
form that she sent goes through first, so that nothing she typed is lost; what it shows is shown after the notice, and
nothing that she wrote without it is used. A browser that signals Global Privacy Control is heeded on the way: it is a
no, entered once.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django_htmx.http import HttpResponseClientRedirect

from network import clock
from network.accounts.models import Account
from network.privacy.choosing import signal, signalled, standings

GPC = "Sec-GPC"
"""The header by which a browser says that its owner does not want to be used (W3C Global Privacy Control)."""
_HEEDED = "gpc_heeded"
_OPEN = frozenset({"notice", "log-out", "setting", "close-account", "your-copy"})
"""The pages that somebody reaches without having read it: what she may always do."""


class NoticeMiddleware:
    """Puts a notice first.

    Args:
        answer: What answers the request.
    """

    def __init__(self, answer: Callable[[HttpRequest], HttpResponse]) -> None:
        self._answer = answer

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Answer a request."""
        return self._answer(request)

    def process_view(
        self,
        request: HttpRequest,
        view: Callable[..., HttpResponse],
        arguments: Any,
        named: Any,
    ) -> HttpResponse | None:
        """Give the notice in place of a page, where somebody was not told."""
        del arguments, named
        if not getattr(view, "login_required", True):
            # What everybody may read, the policy that a notice speaks of before all, nobody reads the notice for first.
            return None
        account = request.user
        if not isinstance(account, Account):
            return None
        signals = request.headers.get(GPC) == "1" and not request.session.get(_HEEDED)
        match = request.resolver_match
        is_page = request.method in {"GET", "HEAD"}
        asks = is_page and match is not None and match.view_name not in _OPEN
        if not signals and not asks:
            return None
        found = standings(account)
        if signals:
            heed(account, found)
            request.session[_HEEDED] = True
        if asks and any(is_due(one) for one in found):
            return _first(request)
        return None


def _first(request: HttpRequest) -> HttpResponse:
    """Lead to the notice: a script that asked for a piece of a page has the browser go there."""
    if getattr(request, "htmx", False):
        return HttpResponseClientRedirect(reverse("notice"))
    return redirect(f"{reverse('notice')}?{urlencode({'next': request.path})}")


def heed(account: Account, found: tuple[Any, ...]) -> None:
    """Enter the no that a browser signals, for every setting in which no no stands.

    A yes that somebody said after her browser had signalled is her own later word, in whatever browser she comes back.
    """
    open_ones = [one for one in found if one.choice is None or one.choice.value != "off"]
    heeded = signalled(account) if any(one.choice for one in open_ones) else frozenset()
    for one in open_ones:
        if one.choice is None or one.setting not in heeded:
            signal(account, one.setting)


def is_due(standing: Any) -> bool:
    """Tell whether a notice is to be read now: it holds, did not reach its reader, and is about her.

    Of whom nothing may be used, because of where she lives or how young she is, nothing is announced to her; when that ends, it is.
    """
    holds = standing.begins is not None and standing.begins <= clock.now()
    return bool(standing.waits and holds and not standing.exempt and not standing.young)
