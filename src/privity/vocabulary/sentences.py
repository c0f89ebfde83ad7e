# SPDX-License-Identifier: Apache-2.0
"""Texts that keep what they are made of, so that they can be said in another language (ADR 0070).

What the core says to members it says in English, and each text is a `str` as any other. Beside its letters it has the
template and the values: who shows it to somebody of another language translates the template, and says the values as
that language says days, lists and countries. The core itself knows of no other language.

A template that is no literal at its call (`say(label)`) is data: the vocabulary's, or a policy's.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import Any, Final, Self

from privity.canonical.instants import Instant

_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_DAY: Final = 86_400
_MONTHS: Final = (
    "January February March April May June July August September October November December"
).split()


class Sentence(str):
    """A text and the template that it was made by.

    Attributes:
        template: The template, in English; without values it is the text itself.
        many: The template where the value `count` is not one, or None where nothing is counted.
        values: What stands in its places: names and numbers, and texts that are made of something themselves.
        capital: Whether its first letter is a capital, whatever it begins with.
    """

    __slots__ = ("capital", "many", "template", "values")
    template: str
    many: str | None
    values: Mapping[str, str | int]
    capital: bool

    def __new__(
        cls,
        template: str,
        values: Mapping[str, str | int],
        many: str | None = None,
        *,
        capital: bool = False,
    ) -> Self:
        """Fill the template in."""
        chosen = template if many is None or values["count"] == 1 else many
        text = filled(chosen, values, capital=capital)
        self = super().__new__(cls, text)
        self.template, self.values, self.many, self.capital = template, values, many, capital
        return self

    def __getnewargs_ex__(self) -> tuple[tuple[Any, ...], dict[str, Any]]:
        """Give what a copy is made of."""
        return (str(self.template), self.values, self.many), {"capital": self.capital}


class Day(str):
    """An instant as a day, with the time where it is shown.

    Attributes:
        instant: The instant.
        to: What is shown of it.
    """

    __slots__ = ("instant", "to")
    instant: Instant
    to: To

    def __new__(cls, text: str, instant: Instant, to: To) -> Self:
        """Keep the instant beside its text."""
        self = super().__new__(cls, text)
        self.instant, self.to = instant, to
        return self

    def __getnewargs__(self) -> tuple[Any, ...]:
        """Give what a copy is made of."""
        return str(self), self.instant, self.to


class To(StrEnum):
    """Up to what of a day's time is shown; a date has none, whatever its time is."""

    DATE = "date"
    DAY = "day"
    MINUTE = "minute"
    SECOND = "second"


class By(StrEnum):
    """By what the words of a list are joined."""

    AND = " and "
    OR = " or "
    SEMICOLON = "; "
    SEMICOLON_OR = "; or "


class Listing(str):
    """Words as a list.

    Attributes:
        words: The words.
        by: What joins the last to the others; commas part those where it is *and*.
    """

    __slots__ = ("by", "words")
    words: tuple[str, ...]
    by: By

    def __new__(cls, words: Sequence[str], by: By = By.AND) -> Self:
        """Join the words."""
        parts = (", ".join(words[:-1]), *words[-1:]) if by is By.AND else words
        self = super().__new__(cls, by.join(part for part in parts if part))
        self.words, self.by = tuple(words), by
        return self

    def __getnewargs__(self) -> tuple[Any, ...]:
        """Give what a copy is made of."""
        return self.words, self.by


class Country(str):
    """The name of a country.

    Attributes:
        code: Its ISO code.
    """

    __slots__ = ("code",)
    code: str

    def __new__(cls, text: str, code: str) -> Self:
        """Keep the code beside the name."""
        self = super().__new__(cls, text)
        self.code = code
        return self

    def __getnewargs__(self) -> tuple[Any, ...]:
        """Give what a copy is made of."""
        return str(self), self.code


def say(template: str, /, **values: str | int) -> Sentence:
    """Make a text of a template and values; without values the template is the text, whatever stands in it."""
    return Sentence(template, values)


def say_count(one: str, many: str, /, *, count: int, **values: str | int) -> Sentence:
    """Make a text of something that is counted: `{count}` in either template."""
    return Sentence(one, {"count": count, **values}, many)


def upper_first(sentence: Sentence) -> Sentence:
    """Begin a text with a capital, in whatever language it is said."""
    return Sentence(sentence.template, sentence.values, sentence.many, capital=True)


def filled(template: str, values: Mapping[str, str | int], *, capital: bool = False) -> str:
    """Fill a template in."""
    text = template.format_map(values) if values else template
    return text[:1].upper() + text[1:] if capital else text


def day(instant: Instant) -> str:
    """Write an instant as a day, with its time where it is not midnight UTC."""
    moment = _EPOCH + timedelta(seconds=instant)
    text = f"{moment.day} {_MONTHS[moment.month - 1]} {moment.year}"
    if instant % _DAY == 0:
        return Day(text, instant, To.DAY)
    if moment.second:
        return Day(f"{text}, {moment:%H:%M:%S} UTC", instant, To.SECOND)
    return Day(f"{text}, {moment:%H:%M} UTC", instant, To.MINUTE)


def whole_day(instant: Instant) -> str:
    """Write the day of an instant in UTC, without its time."""
    return Day(day(instant - instant % _DAY), instant, To.DATE)


def span(seconds: int) -> str:
    """Write a duration in whole days where it is some, otherwise in hours, minutes or seconds."""
    if seconds % _DAY == 0:
        return say_count("{count} day", "{count} days", count=seconds // _DAY)
    if seconds % 3600 == 0:
        return say_count("{count} hour", "{count} hours", count=seconds // 3600)
    if seconds % 60 == 0:
        return say_count("{count} minute", "{count} minutes", count=seconds // 60)
    return say("{count} seconds", count=seconds)


def listed(words: Sequence[str]) -> str:
    """Join words as people write a list; long ones, which may have an *and*, with semicolons."""
    long = any(" and " in word or "," in word for word in words)
    return Listing(words, By.SEMICOLON if long else By.AND)
