# SPDX-License-Identifier: Apache-2.0
"""The form of one's own profile."""

from __future__ import annotations

from typing import Any

from django import forms
from django.conf import settings
from django.utils.translation import gettext_lazy as _

from network.accounts.forms import countries, zones
from network.accounts.models import Account
from network.accounts.names import a_name, one_line


class ProfileForm(forms.ModelForm):  # type: ignore[type-arg]  # it takes none when it runs
    """What others see of one, and where one lives."""

    class Meta:
        """What of an account is asked."""

        model = Account
        fields = ("name", "headline", "about", "country", "zone", "language")

    def __init__(self, *arguments: Any, **named: Any) -> None:
        super().__init__(*arguments, **named)
        self.fields["name"].validators.append(a_name)
        self.fields["headline"].validators.append(one_line)
        self.fields["country"] = forms.ChoiceField(
            label=_("Country"),
            choices=countries(),
            help_text=_(
                "If you move, say so: from then on the rules of both places protect you."
            ),
        )
        self.fields["zone"] = forms.ChoiceField(label=_("Time zone"), choices=zones())
        self.fields["language"] = forms.ChoiceField(
            label=_("Language"),
            choices=[("", _("As my browser asks")), *settings.LANGUAGES],
            required=False,
        )
