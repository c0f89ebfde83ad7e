# SPDX-License-Identifier: Apache-2.0
"""The pages of profiles and connections."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from network.accounts.asking import Asking
from network.accounts.models import Account
from network.content.feed import shown
from network.content.paging import PAGE, part_of
from network.people.circle import accept, ask_for, between, connected
from network.people.forms import ProfileForm
from network.people.models import Connection
from network.people.moving import keep_profile

_FEWEST_LETTERS = 2
_MOST_LETTERS = 80
"""As many as a name has."""


@require_safe
def person(request: Asking, number: int) -> HttpResponse:
    """Show somebody's profile, and what she wrote to everybody."""
    other = get_object_or_404(Account, pk=number, closed_at=None)
    page = part_of(shown().filter(author=other), request.GET.get("page"))
    mine = other == request.user
    return render(
        request,
        "network/person.html",
        {
            "person": other,
            "page": page,
            "mine": mine,
            "connection": None if mine else between(request.user, other),
        },
    )


@require_http_methods(["GET", "HEAD", "POST"])
def profile(request: Asking) -> HttpResponse:
    """Change one's own profile."""
    account = Account.objects.get(pk=request.user.pk)
    form = ProfileForm(request.POST or None, instance=account)
    if request.method == "POST" and form.is_valid():
        keep_profile(account, changed=form.changed_data)
        messages.success(request, _("Your profile is changed."))
        return redirect("person", account.pk)
    return render(request, "network/write.html", {"form": form, "heading": _("Your profile")})


@require_safe
def people(request: Asking) -> HttpResponse:
    """Show one's connections, who asked for one, and find others."""
    sought = request.GET.get("name", "").strip()[:_MOST_LETTERS]
    found = (
        Account.objects.filter(name__icontains=sought, closed_at=None)
        .exclude(pk=request.user.pk)
        .order_by("name", "pk")[:PAGE]
        if len(sought) >= _FEWEST_LETTERS
        else ()
    )
    waiting = Connection.objects.filter(accepted_at=None)
    asked_of_me = waiting.filter(asked=request.user, asker__closed_at=None).select_related(
        "asker"
    )
    asked_by_me = waiting.filter(asker=request.user, asked__closed_at=None).select_related(
        "asked"
    )
    return render(
        request,
        "network/people.html",
        {
            "sought": sought,
            "found": found,
            "asked_of_me": part_of(asked_of_me.order_by("asked_at", "pk"), None),
            "asked_by_me": part_of(asked_by_me.order_by("-asked_at", "-pk"), None),
            "connected": part_of(
                connected(request.user).order_by("name", "pk"), request.GET.get("page")
            ),
        },
    )


@require_POST
def connect(request: Asking, number: int) -> HttpResponse:
    """Ask somebody to be connected."""
    other = get_object_or_404(Account, pk=number, closed_at=None)
    if other != request.user:
        ask_for(request.user, other)
        messages.success(request, _("You asked to be connected."))
    return redirect("person", other.pk)


@require_POST
def accept_asked(request: Asking, number: int) -> HttpResponse:
    """Accept what one was asked for."""
    connection = get_object_or_404(
        Connection, pk=number, asked=request.user, accepted_at=None, asker__closed_at=None
    )
    accept(connection)
    messages.success(request, _("You are connected now."))
    return redirect("people")


@require_POST
def disconnect(request: Asking, number: int) -> HttpResponse:
    """End a connection, or take back or decline what was asked."""
    found = between(request.user, get_object_or_404(Account, pk=number, closed_at=None))
    if found is not None:
        found.delete()
        messages.success(request, _("You are not connected."))
    return redirect("people")
