# SPDX-License-Identifier: Apache-2.0
"""The pages of signing up and logging in."""

from __future__ import annotations

from django.contrib.auth import login
from django.contrib.auth.decorators import login_not_required
from django.contrib.auth.views import LoginView
from django.db import IntegrityError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods

from network.accounts.forms import LogInForm, SignUpForm, taken
from network.accounts.signing_up import sign_up

log_in = require_http_methods(["GET", "HEAD", "POST"])(
    LoginView.as_view(
        template_name="network/log_in.html",
        authentication_form=LogInForm,
        redirect_authenticated_user=True,
    )
)


@login_not_required
@sensitive_post_parameters()
@require_http_methods(["GET", "POST"])
def join(request: HttpRequest) -> HttpResponse:
    """Sign up."""
    form = SignUpForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            account = sign_up(**form.cleaned_data)
        except IntegrityError:
            form.add_error("email", taken())
        else:
            login(request, account, backend="django.contrib.auth.backends.ModelBackend")
            return redirect("home")
    return render(request, "network/join.html", {"form": form})
