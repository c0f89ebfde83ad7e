# SPDX-License-Identifier: Apache-2.0
"""Lists of ids that are written as text: a JSON array, or ids with a separator between them (docs/sources.md).

An empty part is an empty place, and no text at all no list.
"""

from __future__ import annotations

from typing import Any, Final

import pyarrow as pa
import pyarrow.compute as pc

from privity.canonical.decode import NoJsonError, decode
from privity.sources.columns import MisfitError, shown

BRACKETS: Final = ("[", "{")
"""How JSON begins that is more than one value, and so no id."""

_JSON: Final = r"^\s*[\[{]"


def ids_in(name: str, text: str, expected: str) -> list[str | None]:
    """Give the ids of a JSON array as text.

    Args:
        name: The platform's column.
        text: The array.
        expected: What else could stand there, for the message.

    Raises:
        MisfitError: It is none, or has something that is no id.
    """
    try:
        values = decode(text)
    except NoJsonError as error:
        raise _no_array(name, text, expected) from error
    if not isinstance(values, list):
        raise _no_array(name, text, expected)
    return [_id(name, value) for value in values]


def _no_array(name: str, text: str, expected: str) -> MisfitError:
    return MisfitError(
        f'`{shown(text)}` in `{name}` is no JSON array, expected one such as `["b","c"]`, or {expected}',
        code="records/value",
    )


def _id(name: str, value: Any) -> str | None:
    if value is None or isinstance(value, str):
        return value or None
    if isinstance(value, int) and not isinstance(value, bool):
        return str(value)
    if isinstance(value, float) and value.is_integer():
        return f"{int(value)}.0"  # as in a cell of its own; whoever reads it judges it
    raise MisfitError(
        f"`{shown(value)}` in `{name}` is no id, expected text or a whole number",
        code="records/value",
    )


def lists_of_text(name: str, array: pa.Array, separator: str | None) -> pa.Array:
    """Give the lists that texts are; without a separator, what is no JSON is one id.

    Raises:
        MisfitError: A text is JSON, and no array of ids.
    """
    lists = singles(array) if separator is None else _split(array, separator)
    json = pc.fill_null(pc.match_substring_regex(array, pattern=_JSON), fill_value=False)
    if not pc.any(json, min_count=0).as_py():
        return lists
    expected = "one id" if separator is None else f"ids with `{separator}` between them"
    made = lists.to_pylist()
    for row in pc.indices_nonzero(json).to_pylist():
        try:
            made[row] = ids_in(name, array[row].as_py(), expected)
        except MisfitError as error:
            error.row = row
            raise
    return pa.array(made, pa.list_(pa.string()))


def _split(array: pa.Array, separator: str) -> pa.Array:
    trimmed = pc.utf8_trim_whitespace(array)
    given = pc.if_else(pc.equal(trimmed, ""), pa.scalar(None, pa.string()), trimmed)
    lists = pc.split_pattern(given, separator)
    parts = pc.utf8_trim_whitespace(lists.flatten())
    places = pc.if_else(pc.equal(parts, ""), pa.scalar(None, pa.string()), parts)
    lengths = pc.fill_null(pc.list_value_length(lists), 0)
    offsets = pa.concat_arrays(
        [pa.array([0], pa.int32()), pc.cumulative_sum(lengths).cast(pa.int32())]
    )
    return pa.ListArray.from_arrays(offsets, places)


def singles(array: pa.Array) -> pa.Array:
    """Give lists of one; an empty place is an empty list: it names nobody."""
    if pa.types.is_dictionary(array.type):
        array = array.dictionary_decode()
    ends = pc.cumulative_sum(array.is_valid().cast(pa.int32()))
    offsets = pa.concat_arrays([pa.array([0], pa.int32()), ends])
    return pa.ListArray.from_arrays(offsets, array.drop_null())
