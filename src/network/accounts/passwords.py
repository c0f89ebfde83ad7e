# SPDX-License-Identifier: Apache-2.0
"""Change a password: who does it shows that the account is hers, and every other browser is logged out."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.contrib.auth.forms import PasswordChangeForm
from django.contrib.auth.views import PasswordChangeView
from django.core.validators import MaxLengthValidator
from django.http import HttpResponse
from django.urls import reverse_lazy
from django.utils.translation import gettext as _

from network.accounts.forms import LONGEST_PASSWORD


class ChangeForm(PasswordChangeForm):
    """The old password, and the new one twice."""

    def __init__(self, *arguments: Any, **named: Any) -> None:
        super().__init__(*arguments, **named)
        for name in ("new_password1", "new_password2"):
            field: Any = self.fields[name]
            field.validators.append(MaxLengthValidator(LONGEST_PASSWORD))
            field.help_text = _("At least 12 characters.") if name == "new_password1" else ""


class ChangeView(PasswordChangeView):
    """The page."""

    http_method_names = ["get", "head", "post"]
    form_class = ChangeForm
    template_name = "network/password.html"
    success_url = reverse_lazy("account")

    def form_valid(self, form: Any) -> HttpResponse:
        """Change it, and say what came of it."""
        answer = super().form_valid(form)
        messages.success(
            self.request,
            _("Your password is changed. Every other browser that was logged in no longer is."),
        )
        return answer
