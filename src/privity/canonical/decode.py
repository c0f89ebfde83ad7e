# SPDX-License-Identifier: Apache-2.0
"""Strict JSON in: what `encode` could have written, and nothing that two readers take differently.

No key stands twice, every number is finite, nothing follows the value. RFC 8259 leaves these open; here
they are errors. `decode_canonical` takes nothing but the very bytes that `encode_canonical` writes.
"""

from __future__ import annotations

import json
import math
from typing import Any, Final, NoReturn

from privity.canonical.encode import NotCanonicalError, encode_canonical

_MOST_SHOWN: Final = 60


class NoJsonError(ValueError):
    """A text that is no JSON.

    Attributes:
        message: What is wrong, as the end of a sentence that begins with "no JSON: ".
        column: Where, from 1, or None.
        cut_short: Whether the text ends before its value does.
    """

    def __init__(
        self, message: str, *, column: int | None = None, cut_short: bool = False
    ) -> None:
        super().__init__(message)
        self.message = message
        self.column = column
        self.cut_short = cut_short


def decode(text: str) -> Any:
    """Read one JSON value.

    Raises:
        NoJsonError: The text is none, or more than one, or says something twice.
    """
    try:
        return _DECODER.decode(text)
    except json.JSONDecodeError as error:
        raise NoJsonError(
            error.msg[:1].lower() + error.msg[1:],
            column=error.colno,
            cut_short=error.pos >= len(text.rstrip()) or "Unterminated" in error.msg,
        ) from error
    except RecursionError as error:
        raise NoJsonError("the value is nested too deep") from error
    except NoJsonError:
        raise
    except ValueError as error:
        # Python refuses whole numbers of thousands of digits.
        raise NoJsonError("a number has too many digits") from error


def decode_canonical(data: bytes) -> Any:
    """Read one value from its canonical bytes, so that `encode_canonical` of it gives `data` again.

    Raises:
        NotCanonicalError: The bytes are no JSON, or other bytes would say the same: a blank, keys in another
            order or twice, another escape; or the value is outside the subset: a float, a large integer.
    """
    try:
        text = data.decode("utf-8")
        value = _PLAIN.decode(text)
    except UnicodeDecodeError as error:
        raise NotCanonicalError(f"byte {error.start} is not UTF-8") from error
    except (ValueError, RecursionError) as error:
        raise NotCanonicalError(_what_is_wrong(data.decode("utf-8"))) from error
    # What was lost in reading (a key that stood twice, a blank, an order) shows in the bytes.
    if encode_canonical(value) != data:
        raise NotCanonicalError(_what_is_wrong(text))
    return value


def _what_is_wrong(text: str) -> str:
    """Say why a text is refused; only a text that is refused is read this slowly."""
    try:
        decode(text)
    except NoJsonError as error:
        return error.message
    return "it has blanks, keys out of order, or a text or number in another spelling"


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        names = [name for name, _ in pairs]
        twice = next(name for name in names if names.count(name) > 1)
        raise NoJsonError(f"key `{twice[:_MOST_SHOWN]}` stands twice")
    return found


def _refuse_constant(word: str) -> NoReturn:
    raise NoJsonError(f"`{word}` is no JSON number")


def _finite(text: str) -> float:
    value = float(text)
    if not math.isfinite(value):
        raise NoJsonError(f"`{text[:_MOST_SHOWN]}` is out of the range of numbers")
    return value


_DECODER: Final = json.JSONDecoder(
    object_pairs_hook=_unique, parse_constant=_refuse_constant, parse_float=_finite
)
# Quicker than the strict one, whose findings the comparison of bytes makes anyway.
_PLAIN: Final = json.JSONDecoder()
