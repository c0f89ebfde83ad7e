# SPDX-License-Identifier: Apache-2.0
"""The pages of leaving, and of taking a copy along."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import messages
from django.contrib.auth import logout
from django.core.exceptions import ValidationError
from django.http import HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _, gettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_safe

from network.accounts.asking import Asking
from network.accounts.closing import close, copy_of
from network.accounts.forms import LONGEST_PASSWORD
from network.accounts.guessing import shows_it_is_hers
from network.accounts.models import Account


class CloseForm(forms.Form):
    """Who closes an account shows that it is hers."""

    password = forms.CharField(
        label=gettext_lazy("Your password"),
        max_length=LONGEST_PASSWORD,
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "current-password"}),
    )

    def __init__(self, request: Asking, *arguments: Any, **named: Any) -> None:
        super().__init__(*arguments, **named)
        self._request = request

    def clean_password(self) -> str:
        """Refuse another password."""
        password: str = self.cleaned_data["password"]
        if not shows_it_is_hers(self._request, self._request.user, password):
            raise ValidationError(gettext_lazy("This is not your password."), code="other")
        return password


@sensitive_post_parameters()
@require_http_methods(["GET", "HEAD", "POST"])
def close_account(request: Asking) -> HttpResponse:
    """Close one's account."""
    form = CloseForm(request, request.POST or None)
    if request.method == "POST" and form.is_valid():
        account = Account.objects.get(pk=request.user.pk)
        close(account)
        logout(request)
        messages.success(request, _("Your account is closed."))
        return redirect("log-in")
    return render(request, "network/close.html", {"form": form})


@require_safe
@never_cache
def your_copy(request: Asking) -> HttpResponse:
    """Give a copy of what the network has of one."""
    answer = JsonResponse(copy_of(request.user), json_dumps_params={"indent": 2})
    answer.headers["Content-Disposition"] = 'attachment; filename="your-data.json"'
    return answer


@require_safe
def account(request: Asking) -> HttpResponse:
    """Show what can be done with one's account."""
    return render(request, "network/account.html")
