# SPDX-License-Identifier: Apache-2.0
"""The forms of what is written to everybody."""

from __future__ import annotations

from django import forms
from django.utils.translation import gettext_lazy as _

from network.accounts.names import one_line

_LONGEST_POST = 3_000
_LONGEST_ARTICLE = 20_000
_LONGEST_COMMENT = 1_500


class PostForm(forms.Form):
    """A post."""

    text = forms.CharField(
        label=_("What do you want to say?"),
        max_length=_LONGEST_POST,
        widget=forms.Textarea(attrs={"rows": 3}),
    )


class ArticleForm(forms.Form):
    """An article."""

    title = forms.CharField(label=_("Title"), max_length=200, validators=[one_line])
    text = forms.CharField(
        label=_("Text"), max_length=_LONGEST_ARTICLE, widget=forms.Textarea(attrs={"rows": 14})
    )


class CommentForm(forms.Form):
    """A comment."""

    text = forms.CharField(
        label=_("Your comment"),
        max_length=_LONGEST_COMMENT,
        widget=forms.Textarea(attrs={"rows": 2}),
    )
