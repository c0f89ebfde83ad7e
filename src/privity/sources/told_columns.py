# SPDX-License-Identifier: Apache-2.0
"""Columns of a platform's table of members, read as texts, as the words of a binding, or as instants.

An empty cell of a format without types is read as null.
"""

from __future__ import annotations

from typing import Final

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from privity.canonical.instants import FIRST_INSTANT, LAST_INSTANT
from privity.sources.arrays import as_instants, as_text, instants_of_clock, instants_of_counts
from privity.sources.columns import (
    MisfitError,
    check_instant,
    is_list,
    is_text,
    named,
    plain,
    shown,
)
from privity.sources.table_binding import TableBinding, Words
from privity.sources.tables import TableBatch

Micros = npt.NDArray[np.int64]
"""Instants in microseconds since 1970-01-01T00:00:00Z."""

FOREVER: Final = np.iinfo(np.int64).max
_FIRST: Final = FIRST_INSTANT * 1_000_000
_AFTER: Final = (LAST_INSTANT + 1) * 1_000_000
_UNIT: Final = "look at `unit` in the binding: are these milliseconds, or seconds?"
# After a time of day: a date ends like an offset of hours.
_ZONED: Final = r":\d{2}(?:\.\d+)?(?:Z|[+-]\d{2}(?::\d{2})?)$"


def read_column(name: str, batch: TableBatch) -> pa.Array:
    """Give a column as it is.

    Raises:
        MisfitError: The table lacks it.
    """
    if name not in batch.table.column_names:
        listed = ", ".join(f"`{shown(one)}`" for one in batch.table.column_names)
        raise MisfitError(
            f"column `{name}` of the binding is missing, the columns are {listed or 'none'}",
            code="records/missing-column",
        )
    column = batch.table.column(name).combine_chunks()
    if isinstance(column, pa.ChunkedArray):  # a table without rows
        column = pa.array([], column.type)
    return column.dictionary_decode() if pa.types.is_dictionary(column.type) else column


def read_text(name: str, batch: TableBatch) -> pa.Array:
    """Give a column as text, an empty cell as null."""
    column = read_column(name, batch)
    if (
        is_list(column.type)
        or pa.types.is_struct(column.type)
        or pa.types.is_binary(column.type)
    ):
        raise MisfitError(
            f"column `{name}` is {named(column.type)}, expected text, numbers, dates or true and false",
            code="records/column-type",
        )
    text = as_text(name, column)
    return pc.if_else(pc.equal(text, ""), pa.scalar(None, pa.string()), text)


def read_words(words: Words, batch: TableBatch, *, strict: bool = False) -> pa.Array:
    """Give the words of all rows; null tells nothing, which `strict` makes an error."""
    if words.constant is not None:
        return pa.repeat(words.constant, batch.table.num_rows)
    assert words.column is not None  # noqa: S101 - words come from the binding or from a column
    text = read_text(words.column, batch)
    values = words.values or {}
    if "" in values:
        text = pc.fill_null(text, "")
    if words.values is None:
        made = text
    else:
        seen, meant = (
            pa.array(values.keys(), pa.string()),
            pa.array(values.values(), pa.string()),
        )
        made = meant.take(pc.index_in(text, value_set=seen))
        if words.otherwise == "keep":
            made = pc.coalesce(made, text)
        elif words.otherwise == "error":
            _refuse_unknown(words, text, made)
    if strict and text.null_count:
        row = int(pc.index(text.is_null(), value=True).as_py())
        raise MisfitError(
            f"column `{words.column}` is empty, expected what it became",
            code="records/value",
            hint='say what an empty cell means: values = {"" = "unset"}',
            row=row,
        )
    return made


def _refuse_unknown(words: Words, text: pa.Array, made: pa.Array) -> None:
    row = int(pc.index(pc.and_(made.is_null(), text.is_valid()), value=True).as_py())
    if row >= 0:
        listed = ", ".join(f"`{shown(one)}`" for one in words.values or {})
        raise MisfitError(
            f"`{shown(text[row].as_py())}` in column `{words.column}` has no meaning in the binding, "
            f"expected one of {listed}",
            code="records/value",
            hint='add it to `values`, or pass such rows over: otherwise = "skip"',
            row=row,
        )


def read_times(
    binding: TableBinding, name: str, batch: TableBatch
) -> tuple[Micros, npt.NDArray[np.bool_]]:
    """Give a column's instants, and where there are any."""
    column = read_column(name, batch)
    kind = plain(column.type)
    if is_text(kind):
        # An empty cell of a format without types.
        column = pc.if_else(
            pc.equal(column.cast(pa.string()), ""),
            pa.scalar(None, pa.string()),
            column.cast(pa.string()),
        )
    if pa.types.is_null(kind):
        made = column.cast(pa.timestamp("us", tz="UTC"))
    elif binding.unit is not None and (pa.types.is_integer(kind) or is_text(kind)):
        made = instants_of_counts(name, column, binding.unit)
    elif binding.zone is not None and (
        not _say_theirs(column)
        if is_text(kind)
        else pa.types.is_timestamp(kind) and kind.tz is None
    ):
        made = instants_of_clock(name, column, binding.zone, "raise")
    else:
        if not is_text(kind):
            check_instant(name, kind, of_table=True)
        made = as_instants(name, column)
    counts = pc.fill_null(made.cast(pa.int64()), FOREVER).to_numpy()
    there = np.asarray(made.is_valid().to_numpy(zero_copy_only=False), np.bool_)
    _refuse_odd(binding, name, column, counts, there)
    return counts, there


def _refuse_odd(
    binding: TableBinding,
    name: str,
    column: pa.Array,
    counts: Micros,
    there: npt.NDArray[np.bool_],
) -> None:
    """Refuse what no calendar has: nobody would ever be asked about then, so that a no would count for nothing."""
    odd = there & ((counts < _FIRST) | (counts >= _AFTER))
    if odd.any():
        row = int(np.argmax(odd))
        raise MisfitError(
            f"`{shown(column.slice(row, 1).cast(pa.string())[0].as_py())}` in column `{name}` is no instant of "
            "the years 1 to 9999",
            code="records/value",
            hint=None if binding.unit is None else _UNIT,
            row=row,
        )


def _say_theirs(texts: pa.Array) -> bool:
    """Tell whether all texts say their zone."""
    return bool(pc.all(pc.match_substring_regex(texts, pattern=_ZONED), min_count=0).as_py())
