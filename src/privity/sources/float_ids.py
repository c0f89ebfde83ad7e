# SPDX-License-Identifier: Apache-2.0
"""Ids that some tool turned into numbers with a fraction, as pandas does where a column has empty places.

`471.0` is nobody's id: as text it is another than `471`, and nothing would be found by it. So it is refused until a
binding says that ids are whole numbers; then those are taken that a number of its type holds exactly, as it holds
no neighbour of theirs: 16777217 stored in 32 bits is 16777216, which is somebody else.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

import pyarrow as pa
import pyarrow.compute as pc

from privity.sources.arrays import first_row
from privity.sources.columns import MisfitError, as_integer, is_text, shown_at

_FLOAT_TEXT: Final = r"^-?\d+\.0$"
_WHOLE_TEXT: Final = r"^(0|-?[1-9]\d{0,15})\.0$"
# How many bits of a whole number fit, by the width of the type.
_BITS: Final = {16: 11, 32: 24, 64: 53}
_OF_TEXT: Final = 53


def whole_ids(name: str, array: pa.Array) -> pa.Array:
    """Turn ids with a fraction of zero into whole numbers, numbers and text; all else stays as it is.

    Raises:
        MisfitError: A number has another fraction, or is too large to be exact.
    """
    if pa.types.is_floating(array.type):
        bits = _BITS[array.type.bit_width]
        numbers = array.cast(pa.float64())
        exact = pc.and_(
            pc.equal(numbers, pc.floor(numbers)), pc.less(pc.abs(numbers), float(1 << bits))
        )
        _refuse_inexact(name, array, exact, bits)
        return numbers.cast(pa.int64())
    if not is_text(array.type) or not pc.any(pc.ends_with(array, ".0"), min_count=0).as_py():
        return array
    texts = array.cast(pa.string())
    found = pc.match_substring_regex(texts, pattern=_WHOLE_TEXT)
    without = pc.replace_substring_regex(texts, pattern=_WHOLE_TEXT, replacement=r"\1")
    numbers = pc.if_else(found, without, pa.scalar(None, pa.string())).cast(pa.int64())
    _refuse_inexact(name, texts, pc.less(pc.abs(numbers), 1 << _OF_TEXT), _OF_TEXT)
    return pc.if_else(found, without, texts)


def _refuse_inexact(name: str, array: pa.Array, exact: pa.Array, bits: int) -> None:
    lost = pc.invert(pc.fill_null(exact, fill_value=True))
    if pc.any(lost, min_count=0).as_py():
        row = first_row(lost)
        raise MisfitError(
            f"`{shown_at(array, row)}` in column `{name}` is no whole number below 2^{bits}, expected one: no other is "
            f"exact {_where(array)}",
            code="records/value",
            row=row,
        )


def _where(array: pa.Array) -> str:
    if pa.types.is_floating(array.type) and array.type.bit_width < max(_BITS):
        return f"in a column of {array.type.bit_width} bits with a fraction"
    return "with a fraction"


def refuse_float_texts(name: str, array: pa.Array, key: str) -> pa.Array:
    """Check that no text without a type is a number with a fraction of zero; gives the texts back.

    Args:
        name: The platform's column.
        array: Its values.
        key: What a binding calls it.

    Raises:
        MisfitError: One is.
    """
    if is_text(array.type) and pc.any(pc.ends_with(array, ".0"), min_count=0).as_py():
        found = pc.fill_null(
            pc.match_substring_regex(array, pattern=_FLOAT_TEXT), fill_value=False
        )
        row = first_row(found)
        if row >= 0:
            raise MisfitError(
                f"`{shown_at(array, row)}` in column `{name}` is a number with a fraction, expected ids: text or whole "
                "numbers",
                code="records/value",
                hint=as_integer(name, key),
                row=row,
            )
    return array


def in_lists(array: pa.Array, change: Callable[[pa.Array], pa.Array]) -> pa.Array:
    """Change the ids in lists; an empty place in the column is an empty list.

    Raises:
        MisfitError: As `change`; its row is that of the list.
    """
    if pa.types.is_null(array.type):
        return array
    try:
        values = change(array.flatten())
    except MisfitError as error:
        if error.row is not None:
            error.row = int(pc.list_parent_indices(array)[error.row].as_py())
        raise
    lengths = pc.fill_null(pc.list_value_length(array), 0).cast(pa.int32())
    offsets = pa.concat_arrays([pa.array([0], pa.int32()), pc.cumulative_sum(lengths)])
    return pa.ListArray.from_arrays(offsets, values)
