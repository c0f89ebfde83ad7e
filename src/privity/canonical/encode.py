# SPDX-License-Identifier: Apache-2.0
"""Canonical JSON (RFC 8785 for the values that we use) and SHA-256 of bytes and files.

Whatever is hashed, signed or written as JSON comes from here, so that equal values are equal bytes.
`encode` writes numbers that are integers or finite floats. `encode_canonical` takes the subset of RFC 8785 on
which every encoder agrees, and refuses the rest: what the ledger hashes is made with it (specs/entry.md, part 1).
"""

from __future__ import annotations

import hashlib
import json
import math
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Final

LARGEST_INTEGER: Final = (1 << 53) - 1
"""The largest integer that every reader of JSON takes exactly."""
DEEPEST: Final = 16
"""How many lists and mappings may stand in one another."""

_CHUNK: Final = 1 << 20
_ENCODER: Final = json.JSONEncoder(
    ensure_ascii=False,
    sort_keys=True,
    separators=(",", ":"),
    allow_nan=False,
    check_circular=False,  # the guard's depth ends a circle
)


class NotCanonicalError(ValueError):
    """A value, or bytes, outside the canonical subset.

    Attributes:
        message: What is wrong, as the end of a sentence that begins with "no canonical JSON: ".
    """

    def __init__(self, message: str) -> None:
        super().__init__(message)
        self.message = message


def encode(value: object) -> bytes:
    """Give the canonical JSON bytes of `value` (sorted keys, no spaces, UTF-8, no newline).

    Raises:
        TypeError: A value is not a JSON value, a key is no string, or a number is not finite.
    """
    _check(value)
    text = json.dumps(  # noqa: TID251 - this is the one encoder that the ban points to
        value, ensure_ascii=False, sort_keys=True, separators=(",", ":"), allow_nan=False
    )
    return text.encode("utf-8")


def encode_canonical(value: object) -> bytes:
    """Give the canonical bytes of a value of the subset on which all encoders agree.

    Strings, booleans, None, integers of at most `LARGEST_INTEGER` either way, lists, and mappings with
    ASCII keys, at most `DEEPEST` of them in one another.

    Raises:
        NotCanonicalError: The value is none of these; a float, say, or text that is no Unicode.
    """
    _check_subset(value, DEEPEST)
    try:
        return _ENCODER.encode(value).encode("utf-8")
    except UnicodeEncodeError as error:
        raise NotCanonicalError("a text has half of a surrogate pair") from error


def encode_pretty(value: object) -> str:
    """Give `value` as indented JSON for people, keys sorted, with a final newline."""
    _check(value)
    text = json.dumps(  # noqa: TID251 - this is the one encoder that the ban points to
        value, ensure_ascii=False, sort_keys=True, indent=2, allow_nan=False
    )
    return text + "\n"


def digest(data: bytes) -> str:
    """Give the SHA-256 of `data` in lower-case hexadecimal."""
    return hashlib.sha256(data).hexdigest()


def digest_file(path: Path) -> str:
    """Give the SHA-256 of a file's bytes in lower-case hexadecimal, read in pieces."""
    hasher = hashlib.sha256()
    with path.open("rb") as stream:
        while chunk := stream.read(_CHUNK):
            hasher.update(chunk)
    return hasher.hexdigest()


def _check_subset(value: object, depth: int) -> None:
    if isinstance(value, str) or value is None:
        return
    if isinstance(value, int):
        if not -LARGEST_INTEGER <= value <= LARGEST_INTEGER:
            raise NotCanonicalError(f"an integer is beyond {LARGEST_INTEGER}")
    else:
        _check_items(value, depth)


def _check_items(value: object, depth: int) -> None:
    if not isinstance(value, dict | list | tuple):
        raise NotCanonicalError(f"{type(value).__name__} is no value of the canonical subset")
    if not depth:
        raise NotCanonicalError(f"values stand in more than {DEEPEST} others")
    items: Iterable[object] = value
    if isinstance(value, dict):
        for key in value:
            if not (isinstance(key, str) and key.isascii()):
                raise NotCanonicalError("a key is no ASCII text")
        items = value.values()
    for item in items:
        _check_subset(item, depth - 1)


def _check(value: object) -> None:
    match value:
        case None | bool() | int() | str():
            return
        case float():
            if not math.isfinite(value):
                message = f"{value} is not a JSON number"
                raise TypeError(message)
        case Mapping():
            for key, item in value.items():
                if not isinstance(key, str):
                    message = f"key {key!r} is no string"
                    raise TypeError(message)
                _check(item)
        case Sequence() if not isinstance(value, bytes | bytearray):
            for item in value:
                _check(item)
        case _:
            message = f"{type(value).__name__} is no JSON value"
            raise TypeError(message)
