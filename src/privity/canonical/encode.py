# SPDX-License-Identifier: Apache-2.0
"""Canonical JSON (RFC 8785 for the values that we use) and SHA-256 of bytes and files.

Whatever is hashed, signed or written as JSON comes from here, so that equal values are equal bytes.
Numbers are integers or finite floats; keys are strings.
"""

from __future__ import annotations

import hashlib
import json
import math
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Final

_CHUNK: Final = 1 << 20


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
