# SPDX-License-Identifier: Apache-2.0
"""Weights as safetensors: the same numbers are the same bytes, so that their SHA-256 names a model.

8 bytes with the header's length, a header of JSON, the numbers; little-endian, single precision, by name. Nothing else of the
format is written or read.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from privity.canonical.decode import NoJsonError, decode
from privity.canonical.encode import encode
from privity.errors import InputError

Weights = Mapping[str, npt.NDArray[np.float32]]

_LENGTH: Final = 8
_LONGEST_HEADER: Final = 1 << 20
_ALIGNMENT: Final = 8
_TYPE: Final = "F32"
_WIDTH: Final = 4


def write_weights(weights: Weights) -> bytes:
    """Give the bytes of a file of weights."""
    header: dict[str, Any] = {}
    parts: list[bytes] = []
    offset = 0
    for name, values in sorted(weights.items()):
        data = np.ascontiguousarray(values, "<f4").tobytes()
        header[name] = {
            "dtype": _TYPE,
            "shape": list(values.shape),
            "data_offsets": [offset, offset + len(data)],
        }
        parts.append(data)
        offset += len(data)
    text = encode(header)
    text += b" " * (-len(text) % _ALIGNMENT)
    return b"".join((len(text).to_bytes(_LENGTH, "little"), text, *parts))


def read_weights(data: bytes, shapes: Mapping[str, tuple[int, ...]]) -> dict[str, Any]:
    """Read a file of weights.

    Args:
        data: Its bytes.
        shapes: The names and shapes that it must have, and no others.

    Raises:
        InputError: It has none of single precision, or others than these (`train/weights`).
    """
    size = int.from_bytes(data[:_LENGTH], "little")
    body = data[_LENGTH + size :]
    try:
        if size > _LONGEST_HEADER:
            raise _wrong("its header is too long")
        header = decode(data[_LENGTH : _LENGTH + size].decode("utf-8"))
    except (NoJsonError, UnicodeDecodeError) as error:
        raise _wrong("its header is no JSON") from error
    if not isinstance(header, dict) or set(header) - {"__metadata__"} != set(shapes):
        raise _wrong("it has other weights than this model")
    found = {}
    for name, shape in shapes.items():
        said = header[name]
        count = math.prod(shape)
        try:
            first, last = said["data_offsets"]
            fits = said["dtype"] == _TYPE and tuple(said["shape"]) == shape
        except (KeyError, TypeError, ValueError) as error:
            raise _wrong(f"`{name}` is not described") from error
        if not fits or type(first) is not int or first < 0 or last != first + count * _WIDTH:
            raise _wrong(f"`{name}` has another type or shape")
        if len(body) < last:
            raise _wrong("it is cut short")
        found[name] = np.frombuffer(body, "<f4", count, first).reshape(shape)
    return found


def _wrong(why: str) -> InputError:
    return InputError(
        f"these are no weights of this model: {why}",
        code="train/weights",
        hint="name the `model.safetensors` that `privity train demo` wrote",
    )
