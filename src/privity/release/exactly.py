# SPDX-License-Identifier: Apache-2.0
"""Small files of a release are read to the byte: what this program would not write so is none.

A folder comes from anybody. Whatever stands in one of its files comes to a value, or to one error.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Protocol, TypeVar

from privity.canonical.decode import decode
from privity.errors import InputError


class Written(Protocol):
    """What gives the bytes of its file."""

    def to_bytes(self) -> bytes:
        """Give the bytes."""


_Value = TypeVar("_Value", bound=Written)


def exactly(data: bytes, parse: Callable[[Any], _Value]) -> _Value:
    """Read what `to_bytes` gives.

    Args:
        data: The bytes.
        parse: Makes the value of JSON; raises `ValueError`, `TypeError`, `KeyError` or `InputError` where it is none.

    Raises:
        ValueError: They are none, to the byte.
    """
    try:
        made = parse(decode(data.decode()))
    except (TypeError, KeyError, InputError) as error:
        raise ValueError("another value was expected") from error
    if made.to_bytes() != data:
        raise ValueError("it is written otherwise")
    return made
