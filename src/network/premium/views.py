# SPDX-License-Identifier: Apache-2.0
"""The page of Premium."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from network.accounts.asking import Asking
from network.messaging.conversations import CREDITS, credits_left
from network.premium.periods import accepted_version, begin, current, end, offer


@require_http_methods(["GET", "HEAD", "POST"])
def premium(request: Asking) -> HttpResponse:
    """Show what Premium is, and accept its agreement or end it.

    What is accepted is what the page showed: where another version is in force by then, that one is shown first.
    """
    offered = offer()
    if request.method == "POST":
        if "end" in request.POST:
            end(request.user)
            messages.success(request, _("Premium has ended."))
        elif "accept" in request.POST:
            if offered.promises and request.POST["accept"] == offered.source:
                begin(request.user, offered)
                messages.success(request, _("You are Premium now."))
            else:
                messages.warning(
                    request,
                    _("The agreement has another version now. Read it before you accept it."),
                )
        return redirect("premium")
    period = current(request.user)
    return render(
        request,
        "network/premium.html",
        {
            "period": period,
            "accepted": None if period is None else accepted_version(period),
            "offered": offered,
            "credits": CREDITS,
            "left": credits_left(request.user),
        },
    )
