# SPDX-License-Identifier: Apache-2.0
"""Reading `card.json` back: values of one type each, and nothing that writing would not give.

The file lies beside the release, so that a later revision's papers say the same of the making. It is signed, and read
as strictly as if it were not.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Protocol, TypeVar

from privity.canonical.encode import encode
from privity.errors import VerificationError
from privity.release.papers.hiding import is_few

Count = int | None
"""A number of records; None where it is hidden."""

Value = TypeVar("Value", bound="Written")


class Written(Protocol):
    """What has one form as JSON."""

    def to_json(self) -> dict[str, Any]:
        """Give it as JSON."""
        ...


def strictly(parse: Callable[[Any], Value], found: object) -> Value:
    """Read a value that gives the same JSON again.

    Raises:
        VerificationError: There is none (`release/card`).
    """
    try:
        made = parse(found)
        same = encode(made.to_json()) == encode(found)
    except (TypeError, KeyError, AttributeError, ValueError) as error:
        raise _wrong() from error
    if not same:
        raise _wrong()
    return made


def text(found: object) -> str:
    """Give a text."""
    if not isinstance(found, str):
        raise TypeError
    return found


def texts(found: Any) -> tuple[str, ...]:
    """Give a list of texts."""
    return tuple(text(one) for one in _list(found))


def flag(found: object) -> bool:
    """Give a yes or no."""
    if not isinstance(found, bool):
        raise TypeError
    return found


def whole(found: object) -> int:
    """Give a whole number."""
    if isinstance(found, bool) or not isinstance(found, int):
        raise TypeError
    return found


def count(found: object) -> Count:
    """Give a number of records that may be shown, or None for one that may not."""
    if found is None:
        return None
    number = whole(found)
    if number < 0 or is_few(number):
        raise ValueError
    return number


def counts(found: Any) -> dict[str, Count]:
    """Give numbers of records by name."""
    return {text(name): count(number) for name, number in found.items()}


def _list(found: Any) -> list[Any]:
    if not isinstance(found, list):
        raise TypeError
    return found


def _wrong() -> VerificationError:
    return VerificationError(
        "these are no numbers and terms of a card, expected what a release is made with, to the byte",
        code="release/card",
        hint="get the release anew",
    )
