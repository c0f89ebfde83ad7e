# SPDX-License-Identifier: Apache-2.0
"""One column of a platform made into a column of records, value by value, as a binding says (docs/sources.md).

Whatever does not fit is a `MisfitError` that knows its row.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from privity.sources.arrays import (
    as_ids,
    as_instants,
    as_lists,
    as_text,
    instants_of_clock,
    instants_of_counts,
    refuse_null_ids,
)
from privity.sources.binding import Origin
from privity.sources.columns import (
    INSTANT,
    Column,
    MisfitError,
    is_list,
    is_text,
    plain,
    shown,
)
from privity.sources.float_ids import in_lists, refuse_float_texts, whole_ids
from privity.sources.id_lists import lists_of_text, singles

Maker = Callable[[pa.Array], pa.Array]


def made_column(
    seen: pa.ChunkedArray,
    column: Column,
    origin: Origin,
    name: str,
    kind: pa.DataType,
    *,
    untyped: bool,
) -> pa.ChunkedArray:
    """Make a column of records of a platform's column.

    Args:
        seen: What the platform has in it.
        column: Which column of records to make.
        origin: What the binding says of it.
        name: What the platform calls its column.
        kind: The type to make.
        untyped: Whether all is text for want of types.

    Raises:
        MisfitError: A value does not fit.
    """
    read = _reading(column, origin, name, untyped=untyped)
    if read is None and seen.type == kind and not seen.null_count and is_list(kind):
        return seen  # the usual case: nothing to do, and nothing to look at
    return _over_chunks(seen, kind, _maker(column, origin, name, kind, read))


def _reading(column: Column, origin: Origin, name: str, *, untyped: bool) -> Maker | None:
    """Give what ids go through before their kind is made, or None: where they came as fractions."""
    if column.of is not None and origin.id_kind == "integer":
        return lambda array: whole_ids(name, array)
    if column.of is not None and untyped and origin.id_kind is None:
        return lambda array: refuse_float_texts(name, array, column.name)
    return None


def _maker(
    column: Column, origin: Origin, name: str, kind: pa.DataType, read: Maker | None
) -> Maker:
    """Give what turns one array of the platform's column `name` into the record's column."""
    match column.role:
        case "id":
            return lambda array: _ids(column, name, read(array) if read else array, kind)
        case "ids":
            return lambda array: _lists(origin, name, array, kind, read)
        case "text":
            return lambda array: _text(origin, name, array)
        case "instant":
            return lambda array: _instants(origin, name, array)


def _ids(column: Column, name: str, array: pa.Array, kind: pa.DataType) -> pa.Array:
    made = as_ids(name, array, kind)
    if column.name == "record_id":
        refuse_null_ids(name, made)
    return made


def _lists(
    origin: Origin, name: str, array: pa.Array, kind: pa.DataType, read: Maker | None
) -> pa.Array:
    if origin.separator is not None or is_text(plain(array.type)):
        array = lists_of_text(name, as_text(name, array), origin.separator)
    elif not is_list(array.type) and not pa.types.is_null(array.type):
        array = singles(array)
    return as_lists(name, in_lists(array, read) if read else array, kind)


def _text(origin: Origin, name: str, array: pa.Array) -> pa.Array:
    made = as_text(name, array)
    if origin.values is not None:
        made = _translated(name, made, origin)
    return pc.binary_join_element_wise(origin.prefix, made, "") if origin.prefix else made


def _instants(origin: Origin, name: str, array: pa.Array) -> pa.Array:
    if pa.types.is_dictionary(array.type):
        array = array.dictionary_decode()
    if pa.types.is_null(array.type):
        return array.cast(INSTANT)
    if origin.unit is not None:
        return instants_of_counts(name, array, origin.unit)
    if origin.zone is not None:
        return instants_of_clock(name, array, origin.zone, origin.ambiguous)
    return as_instants(name, array)


def _over_chunks(column: pa.ChunkedArray, kind: pa.DataType, make: Maker) -> pa.ChunkedArray:
    made, before = [], 0
    for chunk in column.chunks:
        try:
            made.append(make(chunk))
        except MisfitError as error:
            if error.row is not None:
                error.row += before
            raise
        before += len(chunk)
    return pa.chunked_array(made, type=kind)


def _translated(name: str, array: pa.Array, origin: Origin) -> pa.Array:
    assert origin.values is not None  # noqa: S101 - the caller has seen them
    seen = pa.array(origin.values.keys(), pa.string())
    words = pa.array(origin.values.values(), pa.string())
    made = words.take(pc.index_in(array, value_set=seen))
    if origin.keep_others:
        return pc.coalesce(made, array)
    lost = pc.and_(made.is_null(), array.is_valid())
    if pc.any(lost, min_count=0).as_py():
        row = int(pc.index(lost, value=True).as_py())
        listed = ", ".join(f"`{shown(one)}`" for one in origin.values)
        raise MisfitError(
            f"`{shown(array[row].as_py())}` in column `{name}` has no meaning in the binding, "
            f"expected one of {listed}",
            code="records/value",
            hint='add it to `values`, or keep what is not listed: otherwise = "keep"',
            row=row,
        )
    return made


def joined_lists(parts: Sequence[pa.ChunkedArray], kind: pa.DataType) -> pa.Array:
    """Join lists row by row, in the order of the parts."""
    lists = [part.combine_chunks() for part in parts]
    lengths = [pc.list_value_length(one).to_numpy() for one in lists]
    rows = np.concatenate([np.repeat(np.arange(len(length)), length) for length in lengths])
    values = pa.concat_arrays([one.flatten() for one in lists])
    offsets = np.concatenate([[0], np.cumsum(np.sum(lengths, axis=0))]).astype(np.int32)
    # Stable: within a row, the parts stay in their order.
    taken = values.take(pa.array(np.argsort(rows, kind="stable")))
    return pa.ListArray.from_arrays(pa.array(offsets), taken, type=kind)
