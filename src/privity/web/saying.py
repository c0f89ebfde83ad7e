# SPDX-License-Identifier: Apache-2.0
"""Say the core's sentences in the language of whoever looks, by Django's catalogues (docs/web.md).

A sentence is translated by its template, and what stands in it by what it is: another sentence, a day, a list, a country,
a number. What is in no catalogue is said in English. Instants are in the zone of whoever looks, as templates have them.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Final

from django.conf import settings
from django.utils import timezone, translation
from django.utils.formats import date_format, number_format
from django.utils.translation import get_language, gettext, to_locale

from privity.vocabulary.places import country_in
from privity.vocabulary.sentences import By, Country, Day, Listing, Sentence, To, filled

_FORMATS: Final[Mapping[To, Callable[[], str]]] = {
    To.DATE: lambda: gettext("j F Y"),
    To.DAY: lambda: gettext("j F Y"),
    To.MINUTE: lambda: gettext("j F Y, H:i e"),
    To.SECOND: lambda: gettext("j F Y, H:i:s e"),
}
_JOINED: Final[Mapping[By, Callable[[], str]]] = {
    By.AND: lambda: gettext("{words} and {last}"),
    By.OR: lambda: gettext("{words} or {last}"),
    By.SEMICOLON: lambda: gettext("{words}; {last}"),
    By.SEMICOLON_OR: lambda: gettext("{words}; or {last}"),
}


def translated(text: str) -> str:
    """Say a text in the language that Django has active; a text that is not made of anything is as it is."""
    match text:
        case Sentence():
            return _sentence(text)
        case Day():
            return _day(text)
        case Listing():
            return _listing([translated(word) for word in text.words], text.by)
        case Country():
            return country_in(text, to_locale(get_language() or "en"))
        case _:
            return text


def _day(text: Day) -> str:
    moment = datetime.fromtimestamp(text.instant, UTC)
    try:
        moment = timezone.localtime(moment) if settings.USE_TZ else moment
    except OverflowError:
        # The calendar's first and last day: elsewhere it is a day that there is not.
        return date_format(moment, _FORMATS[text.to]())
    # What is midnight in UTC is a time of the day elsewhere.
    begins = moment.hour == moment.minute == moment.second == 0
    to = To.MINUTE if text.to is To.DAY and not begins else text.to
    return date_format(moment, _FORMATS[to]())


def _sentence(text: Sentence) -> str:
    # The empty text is where a catalogue keeps what it says of itself.
    if not text.template:
        return text
    template = (
        translation.gettext(text.template)
        if text.many is None
        else translation.ngettext(text.template, text.many, int(text.values["count"]))
    )
    values = {name: _value(value) for name, value in text.values.items()}
    try:
        return filled(template, values, capital=text.capital)
    except (KeyError, IndexError, ValueError):
        # A translation with a place that the sentence does not have.
        return text


def _value(value: str | int) -> str:
    return translated(value) if isinstance(value, str) else number_format(value)


def _listing(words: list[str], by: By) -> str:
    if by is By.AND and len(words) > 1:
        comma = gettext(", ")
        words = [comma.join(words[:-1]), words[-1]]
    if not words:
        return ""
    said, *rest = words
    for last in rest:
        said = _JOINED[by]().format(words=said, last=last)
    return said
