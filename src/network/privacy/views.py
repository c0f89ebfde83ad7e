# SPDX-License-Identifier: Apache-2.0
"""The pages of the setting and of the notice."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any, Final
from urllib.parse import urlencode

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from network import clock
from network.accounts.asking import Asking
from network.privacy.choosing import (
    acknowledge,
    choose,
    object_to,
    standings,
    withdraw,
)
from network.privacy.told import GPC, is_due
from privity.web.desk import ask

_SEEN: Final = "notices_seen"
"""What of a session says which notices it was shown, and of which version."""


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def setting(request: Asking) -> HttpResponse:
    """Show how it stands with each setting, and take what somebody chooses."""
    found = standings(request.user)
    if request.method == "POST":
        wanted = request.POST.get("setting", "")
        if wanted not in {one.setting for one in found}:
            raise Http404
        _take(request, wanted)
        return redirect("setting")
    words = ask(lambda workspace: workspace.words())
    return render(
        request,
        "network/setting.html",
        {
            "shown": [_shown(one, words) for one in found],
            "version": None if words is None else words.shown,
            "signals": request.headers.get(GPC) == "1",
        },
    )


def _take(request: Asking, wanted: str) -> None:
    said = request.POST
    if said.get("choice") in {"on", "off"}:
        choose(request.user, wanted, said["choice"], older="older" in said)
        yes = said["choice"] == "on"
        messages.success(
            request, _("Your yes is entered.") if yes else _("Your no is entered.")
        )
    elif "object" in said:
        object_to(request.user, wanted)
        messages.success(request, _("Your objection is entered."))
    elif "withdraw" in said:
        withdraw(request.user, wanted)
        messages.success(request, _("Your objection is withdrawn."))
    else:
        raise Http404
    if _is_outdone(request, wanted):
        messages.warning(
            request,
            _("What you said in the same second protects more, and stands. Say it once more."),
        )


def _is_outdone(request: Asking, wanted: str) -> bool:
    """Tell whether what somebody just said does not hold: at a tie the one that refuses stands."""
    said = request.POST
    it = next(one for one in standings(request.user) if one.setting == wanted)
    if said.get("choice") == "on":
        is_on = it.choice is not None and it.choice.value == "on"
        return not is_on or ("older" in said and not it.covers_older)
    return "withdraw" in said and it.objection is not None


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def notice(request: Asking) -> HttpResponse:
    """Show the notices that somebody has to read, and enter that they reached her.

    What is entered is what this browser was shown: one that came meanwhile, or the same one of another version, is shown
    first.
    """
    due = [one for one in standings(request.user) if is_due(one)]
    onward = _onward(request)
    if not due:
        return redirect(onward)
    words = ask(lambda workspace: workspace.words())
    version = "" if words is None or words.shown is None else words.shown.source
    if request.method == "POST":
        seen = request.session.get(_SEEN, {})
        for one in {each.notice for each in due if seen.get(each.notice) == version}:
            acknowledge(request.user, one)
        return _after(request, onward)
    request.session[_SEEN] = {one.notice: version for one in due}
    return render(
        request,
        "network/notice.html",
        {"shown": [_shown(one, words) for one in due], "next": onward},
    )


def _after(request: Asking, onward: str) -> HttpResponse:
    """Say until when one can object, and lead on, or back to what is still to be read."""
    found = standings(request.user)
    if any(is_due(one) for one in found):
        return redirect(f"{reverse('notice')}?{urlencode({'next': onward})}")
    ends = max((_window(one) for one in found), default=0)
    if ends > clock.now():
        day = date_format(timezone.localtime(instant_of(ends)), _("j F Y, H:i e"))
        messages.info(
            request,
            _("You can object before anything of yours is used: until %(day)s.") % {"day": day},
        )
    return redirect(onward)


def _window(standing: Any) -> int:
    """Give until when somebody may object before her silence counts; 0 where it never does."""
    silent = standing.choice is None and standing.objection is None and not standing.exempt
    return int(standing.window_ends or 0) if silent and standing.silence == "on" else 0


def _onward(request: Asking) -> str:
    """Give where somebody was going: a page of this site, and none elsewhere."""
    wanted = request.POST.get("next") or request.GET.get("next") or "/"
    safe = url_has_allowed_host_and_scheme(
        wanted, allowed_hosts=None, require_https=request.is_secure()
    )
    return wanted if safe and wanted.startswith("/") else "/"


def _shown(standing: Any, words: Any) -> dict[str, Any]:
    """Put what a setting says of itself beside how it stands with somebody."""
    lines = (
        []
        if words is None
        else [
            line
            for one in words.sections
            if one.about == standing.setting
            for line in one.lines
        ]
    )
    return {
        "it": standing,
        "lines": lines,
        "closed": bool(standing.exempt) or standing.young,
        "since": None if standing.choice is None else instant_of(standing.choice.at),
        "by_signal": standing.choice is not None
        and standing.choice.detail.get("method") == "signal",
        "window_ends": None
        if standing.window_ends is None
        else instant_of(standing.window_ends),
        "told": None if standing.told is None else instant_of(standing.told.at),
        "begins": None if standing.begins is None else instant_of(standing.begins),
    }


def instant_of(seconds: int) -> datetime:
    """Give an instant as Django has instants."""
    return datetime.fromtimestamp(seconds, UTC)
