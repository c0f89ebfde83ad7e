# SPDX-License-Identifier: Apache-2.0
"""The forms of messages."""

from __future__ import annotations

from django import forms
from django.utils.translation import gettext_lazy as _

from network.accounts.models import Account
from network.accounts.names import one_line

_LONGEST = 8_000


class MessageForm(forms.Form):
    """A message."""

    text = forms.CharField(
        label=_("Message"), max_length=_LONGEST, widget=forms.Textarea(attrs={"rows": 3})
    )


class InMailForm(MessageForm):
    """An InMail, which has a subject."""

    title = forms.CharField(label=_("Subject"), max_length=200, validators=[one_line])
    field_order = ("title", "text")


class ForwardForm(forms.Form):
    """Forward a message to somebody one is connected with."""

    to: forms.ModelChoiceField[Account] = forms.ModelChoiceField(queryset=None, label=_("To"))
    text = forms.CharField(
        label=_("What you say to it"),
        max_length=_LONGEST,
        required=False,
        widget=forms.Textarea(attrs={"rows": 2}),
    )
