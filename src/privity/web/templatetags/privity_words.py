# SPDX-License-Identifier: Apache-2.0
"""Words for templates: instants as times, terms by what members call them, and the core's sentences in their language."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from typing import Final

from django import template
from django.utils.html import conditional_escape
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext_noop

from privity.canonical.instants import Instant
from privity.vocabulary.sentences import By, Listing, say
from privity.vocabulary.terms import CATEGORIES, OBLIGATION_LABELS, PURPOSES, ROLES, Tree
from privity.web import saying

register = template.Library()

_ONE: Final[Mapping[str, str]] = {
    "message": gettext_noop("message"),
    "private-message": gettext_noop("private message"),
    "inmail": gettext_noop("InMail message"),
    "direct-message": gettext_noop("direct message"),
    "group-message": gettext_noop("message in a group"),
    "post": gettext_noop("post"),
    "article": gettext_noop("article"),
    "comment": gettext_noop("comment"),
}
"""What one record of a category is called; the vocabulary has what all of them are."""
_CODE: Final = re.compile(r"`([^`]*)`")


@register.filter
def instant(seconds: Instant | None) -> datetime | None:
    """Give an instant as Django has times; what the calendar does not reach is none."""
    if seconds is None:
        return None
    try:
        return datetime.fromtimestamp(seconds, UTC)
    except (OverflowError, ValueError, OSError):
        return None


@register.filter
def category(term: str) -> str:
    """Give what members call a category."""
    return _label(CATEGORIES, term)


@register.filter
def one_of(term: str) -> str:
    """Give what members call one record of a category."""
    return saying.translated(say(_ONE[term])) if term in _ONE else category(term)


@register.filter
def purpose(term: str) -> str:
    """Give what members call a purpose."""
    return _label(PURPOSES, term)


@register.filter
def role(term: str | None) -> str:
    """Give what members call a recipient's role."""
    return "" if term is None else _label(ROLES, term)


@register.filter
def obligations(terms: Iterable[str]) -> str:
    """Say all that a recipient must do."""
    return saying.translated(
        Listing([OBLIGATION_LABELS.get(term, term) for term in terms], By.SEMICOLON)
    )


@register.filter
def translated(text: str | None) -> str:
    """Say a sentence of the core's in the language of whoever looks."""
    return "" if text is None else saying.translated(text)


@register.filter
def label(text: str) -> str:
    """Say what a policy calls a setting, in the words of the site's own catalogue where it has some."""
    return saying.translated(say(text))


@register.filter
def in_code(text: str) -> SafeString:
    """Set as code what stands between backticks."""
    return mark_safe(_CODE.sub(r"<code>\1</code>", conditional_escape(text)))  # noqa: S308 - it was escaped


def _label(tree: Tree, term: str) -> str:
    return saying.translated(tree.label(term)) if term in tree else term
