# SPDX-License-Identifier: Apache-2.0
"""The forms of signing up and logging in."""

from __future__ import annotations

import gettext
import unicodedata
from datetime import date
from functools import cache
from typing import Any
from zoneinfo import available_timezones

import pycountry
from django import forms
from django.contrib.auth import password_validation
from django.contrib.auth.forms import AuthenticationForm
from django.core.exceptions import ValidationError
from django.utils.translation import get_language, gettext_lazy as _, to_locale

from network import clock
from network.accounts.models import Account
from network.accounts.names import a_name

YOUNGEST = 16
"""The age that one must have to join."""
LONGEST_PASSWORD = 128
"""Letters of a password: more of them only make the server work."""


def countries() -> tuple[tuple[str, str], ...]:
    """Give codes and names of all countries, by name, in the language of whoever looks."""
    return _countries_in(to_locale(get_language() or "en"))


@cache
def _countries_in(locale: str) -> tuple[tuple[str, str], ...]:
    names = gettext.translation(
        "iso3166-1", pycountry.LOCALES_DIR, languages=[locale], fallback=True
    )
    named = ((one.alpha_2, names.gettext(one.name)) for one in pycountry.countries)
    return tuple(sorted(named, key=lambda one: _as_filed(one[1])))


def _as_filed(name: str) -> str:
    """Give a name as lists are put in order: neither an accent nor a capital makes another letter."""
    parts = unicodedata.normalize("NFKD", name)
    return "".join(one for one in parts if not unicodedata.combining(one)).casefold()


@cache
def zones() -> tuple[tuple[str, str], ...]:
    """Give the zones that a place may be in."""
    named = sorted(one for one in available_timezones() if "/" in one or one == "UTC")
    return tuple((one, one.replace("_", " ")) for one in named)


def taken() -> ValidationError:
    """Give what is wrong with an address that somebody has."""
    return ValidationError(_("An account with this e-mail exists already."), code="unique")


class LogInForm(AuthenticationForm):
    """Log in by e-mail and password."""

    error_messages = {
        "invalid_login": _("No open account has this e-mail and this password."),
        "inactive": _("No open account has this e-mail and this password."),
    }


class SignUpForm(forms.ModelForm):  # type: ignore[type-arg]  # it takes none when it runs
    """Sign up."""

    birth_date = forms.DateField(
        label=_("Date of birth"),
        widget=forms.DateInput(attrs={"type": "date", "autocomplete": "bday"}),
        help_text=_("It decides what may be done with what you write. Nobody else sees it."),
    )
    password = forms.CharField(
        label=_("Password"),
        max_length=LONGEST_PASSWORD,
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
        help_text=_("At least 12 characters."),
    )

    class Meta:
        """What of an account is asked."""

        model = Account
        fields = ("name", "email", "country", "zone")
        widgets = {
            "name": forms.TextInput(attrs={"autocomplete": "name"}),
            "email": forms.EmailInput(attrs={"autocomplete": "email"}),
        }

    def __init__(self, *arguments: Any, **named: Any) -> None:
        super().__init__(*arguments, **named)
        self.fields["email"].required = True
        self.fields["name"].validators.append(a_name)
        self.fields["country"] = forms.ChoiceField(
            label=_("Country"),
            choices=[("", _("Choose one")), *countries()],
            help_text=_("Where you live. Other rules may hold there."),
        )
        self.fields["zone"] = forms.ChoiceField(
            label=_("Time zone"), choices=zones(), initial="UTC"
        )

    def clean_email(self) -> str:
        """Take an address however it is written, once."""
        email: str = self.cleaned_data["email"].lower()
        if Account.objects.filter(email=email).exists():
            raise taken()
        return email

    def clean_birth_date(self) -> date:
        """Refuse who is too young to join, and who is not born yet."""
        born: date = self.cleaned_data["birth_date"]
        today = clock.today().date()
        age = today.year - born.year - ((today.month, today.day) < (born.month, born.day))
        if age < YOUNGEST:
            raise ValidationError(_("You must be 16 to join."), code="young")
        if born.year < 1900:  # noqa: PLR2004 - a slip of the keyboard, and no age
            raise ValidationError(_("Nobody who was born then is alive."), code="old")
        return born

    def clean_password(self) -> str:
        """Refuse what is guessed at once."""
        password: str = self.cleaned_data["password"]
        password_validation.validate_password(
            password, Account(email=self.data.get("email"), name=self.data.get("name", ""))
        )
        return password
