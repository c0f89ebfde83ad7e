# SPDX-License-Identifier: Apache-2.0
"""The pages of messages."""

from __future__ import annotations

from typing import Final

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from network.accounts.asking import Asking
from network.accounts.models import Account
from network.content.models import Category
from network.content.paging import part_of
from network.messaging.conversations import (
    conversations,
    credits_left,
    mine,
    open_thread,
    thread,
    way_to,
)
from network.messaging.forms import ForwardForm, InMailForm, MessageForm
from network.messaging.sending import send
from network.people.circle import connected
from network.premium.periods import is_premium

_MESSAGES: Final = 10
"""How many messages a page has, which may be long."""


@require_safe
def inbox(request: Asking) -> HttpResponse:
    """Show with whom somebody talks."""
    found, page = conversations(request.user, request.GET.get("page"))
    return render(request, "network/inbox.html", {"conversations": found, "page": page})


@require_http_methods(["GET", "HEAD", "POST"])
def talk(request: Asking, number: int) -> HttpResponse:
    """Show what two wrote to one another, and take another message."""
    other = get_object_or_404(Account.objects.exclude(pk=request.user.pk), pk=number)
    way = way_to(request.user, other)
    written = thread(request.user, other)
    if other.closed_at is not None and not written.exists():
        # Who never wrote to her is not told that she was here.
        raise Http404
    form = (InMailForm if way == Category.INMAIL else MessageForm)(request.POST or None)
    if request.method == "POST" and way is not None and form.is_valid():
        said = form.cleaned_data
        if send(request.user, other, way, said["text"], title=said.get("title", "")):
            messages.success(request, _("Your message is sent."))
            return redirect("talk", other.pk)
        form.add_error(None, _not_sent())
        way = way_to(request.user, other)
    open_thread(request.user, other)
    return render(
        request,
        "network/talk.html",
        {
            "other": other,
            "written": part_of(written, request.GET.get("page"), size=_MESSAGES),
            "way": way,
            "form": form,
            # Asked where the page says something of it, which between those who are connected it does not.
            "premium": lambda: is_premium(request.user),
            "left": lambda: credits_left(request.user),
        },
    )


@require_http_methods(["GET", "HEAD", "POST"])
def forward(request: Asking, number: int) -> HttpResponse:
    """Send on a message that one wrote or got; the new one names the old."""
    record = get_object_or_404(mine(request.user), pk=number)
    form = ForwardForm(request.POST or None)
    form.fields["to"].queryset = connected(request.user).order_by("name")  # type: ignore[attr-defined]  # of a choice among rows
    if request.method == "POST" and form.is_valid():
        to = form.cleaned_data["to"]
        text = form.cleaned_data["text"] or _("Forwarded")
        if send(request.user, to, Category.DIRECT_MESSAGE, text, quotes=[record]):
            messages.success(request, _("It is forwarded."))
            return redirect("talk", to.pk)
        form.add_error(None, _not_sent())
    return render(
        request,
        "network/write.html",
        {"form": form, "heading": _("Forward this message"), "quoted": record},
    )


def _not_sent() -> str:
    return _("It was not sent: whether and how you can write to them has just changed.")
