# SPDX-License-Identifier: Apache-2.0
"""Ids of members and records, as integers or as strings: the same numbers both times.

Neither kind is dense or in order: records' numbers are scattered over 2**44, members' over a range
eight times their count (as of sign-ups that did not last), so that no table by id comes for free.
"""

from __future__ import annotations

from typing import Final, Literal, cast

import numpy as np
import numpy.typing as npt
import pyarrow as pa

Kind = Literal["int", "string"]
Numbers = npt.NDArray[np.int64]

KINDS: Final[tuple[Kind, ...]] = ("int", "string")
MEMBER_DIGITS: Final = 10
RECORD_DIGITS: Final = 14

_MEMBERS_FROM: Final = 1_000_000_000
_GAP: Final = 8
_RECORD_BITS: Final = 44
_ODD: Final = 0x9E3779B97F5  # odd: a bijection modulo any power of two


def member_numbers(indices: Numbers) -> Numbers:
    """Give each member's number: distinct, one somewhere in the lower half of each gap."""
    return _MEMBERS_FROM + indices * _GAP + scatter(indices, 16) % (_GAP // 2)


def stranger_numbers(indices: Numbers) -> Numbers:
    """Give numbers that no member has, from the upper half of the gaps."""
    return member_numbers(indices) + _GAP // 2


def record_numbers(indices: Numbers) -> Numbers:
    """Give each record's number: distinct for indices below 2**44, and scattered."""
    return scatter(indices, _RECORD_BITS)


def scatter(indices: Numbers, bits: int) -> Numbers:
    """Map indices one to one onto other numbers below 2**bits."""
    mask = np.uint64((1 << bits) - 1)
    return ((indices.astype(np.uint64) * np.uint64(_ODD)) & mask).astype(np.int64)


def member_ids(
    numbers: Numbers, kind: Kind, present: npt.NDArray[np.bool_] | None = None
) -> pa.Array:
    """Turn members' numbers into an Arrow column of ids, null where not `present`."""
    return _column(numbers, kind, "m", MEMBER_DIGITS, present)


def record_ids(numbers: Numbers, kind: Kind) -> pa.Array:
    """Turn records' numbers into an Arrow column of ids."""
    return _column(numbers, kind, "r", RECORD_DIGITS, None)


def _column(
    numbers: Numbers,
    kind: Kind,
    letter: str,
    digits: int,
    present: npt.NDArray[np.bool_] | None,
) -> pa.Array:
    if kind == "int":
        return pa.array(numbers, pa.int64(), mask=None if present is None else ~present)
    width = 1 + digits
    text = np.empty((len(numbers), width), np.uint8)
    text[:, 0] = ord(letter)
    rest = numbers
    for place in range(width - 1, 0, -1):
        rest, digit = np.divmod(rest, 10)
        text[:, place] = digit + ord("0")
    if present is None or present.all():
        return _strings(np.arange(len(numbers) + 1) * width, text, None)
    offsets = np.concatenate(([0], np.cumsum(present * width)))
    return _strings(offsets, text[present], present)


def _strings(
    offsets: Numbers, text: npt.NDArray[np.uint8], present: npt.NDArray[np.bool_] | None
) -> pa.Array:
    valid = None
    if present is not None:
        valid = pa.py_buffer(np.packbits(present, bitorder="little"))
    column = pa.StringArray.from_buffers(
        len(offsets) - 1,
        pa.py_buffer(offsets.astype(np.int32)),
        pa.py_buffer(np.ascontiguousarray(text)),
        valid,
    )
    return cast("pa.Array", column)
