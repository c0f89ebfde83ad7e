# SPDX-License-Identifier: Apache-2.0
"""Change a password: who does it shows that the account is hers, and every other browser is logged out."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.contrib.auth.forms import PasswordChangeForm
from django.contrib.auth.views import PasswordChangeView
from django.core.exceptions import ValidationError
from django.core.validators import MaxLengthValidator
from django.http import HttpRequest, HttpResponse
from django.urls import reverse_lazy
from django.utils.translation import gettext as _

from network.accounts.forms import LONGEST_PASSWORD
from network.accounts.guessing import shows_it_is_hers


class ChangeForm(PasswordChangeForm):
    """The old password, and the new one twice."""

    def __init__(self, *arguments: Any, request: HttpRequest, **named: Any) -> None:
        super().__init__(*arguments, **named)
        self._request = request
        for name in ("new_password1", "new_password2"):
            field: Any = self.fields[name]
            field.validators.append(MaxLengthValidator(LONGEST_PASSWORD))
            field.help_text = _("At least 12 characters.") if name == "new_password1" else ""

    def clean_old_password(self) -> str:
        """Refuse another password."""
        password: str = self.cleaned_data["old_password"]
        if not shows_it_is_hers(self._request, self.user, password):
            raise ValidationError(
                self.error_messages["password_incorrect"], code="password_incorrect"
            )
        return password


class ChangeView(PasswordChangeView):
    """The page."""

    http_method_names = ["get", "head", "post"]
    form_class = ChangeForm
    template_name = "network/password.html"
    success_url = reverse_lazy("account")

    def get_form_kwargs(self) -> dict[str, Any]:
        """Give the form who asks."""
        return {**super().get_form_kwargs(), "request": self.request}

    def form_valid(self, form: Any) -> HttpResponse:
        """Change it, and say what came of it."""
        answer = super().form_valid(form)
        messages.success(
            self.request,
            _("Your password is changed. Every other browser that was logged in no longer is."),
        )
        return answer
