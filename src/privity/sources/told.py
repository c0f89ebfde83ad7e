# SPDX-License-Identifier: Apache-2.0
"""What the rows of a table tell: one kind of fact, row by row, before time is given to it.

Rows that say nothing (an empty value, a `where` that does not hold, a kept-out word) are left out here, and
rows that say something else than a fact are errors.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Final

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from privity.canonical.encode import encode
from privity.errors import InputError
from privity.members.facts import check_shape, parse_detail
from privity.sources.arrays import as_ids
from privity.sources.columns import MisfitError, id_kinds
from privity.sources.float_ids import refuse_float_texts, whole_ids
from privity.sources.table_binding import FactBinding, TableBinding
from privity.sources.tables import TableBatch
from privity.sources.told_columns import (
    FOREVER,
    Micros,
    read_column,
    read_text,
    read_times,
    read_words,
)

SECOND: Final = 1_000_000

# SCD2 tables write "for ever" as a day of the year 9999.
_END_OF_TIME: Final = 253_370_764_800 * SECOND


@dataclass(frozen=True, kw_only=True, slots=True)
class Told:
    """What some rows tell of one kind of fact.

    Attributes:
        of: The kind, and where its words come from.
        member: The members' ids, or None for facts of the platform.
        value: The values, no nulls.
        detail: The details as JSON text, no nulls.
        setting: The settings that are named; empty text where there is none.
        start: When true; `timeless` where the table does not know.
        end: Until when, or `FOREVER`.
        recorded: When recorded.
        joined: When the member joined, or `FOREVER` where that is unknown.
        timeless: Whether `start` is the table's own time for want of a better one.
        rows: The row of each in its batch.
        batch: Where they come from.
    """

    of: FactBinding
    member: pa.Array | None
    value: pa.Array
    detail: pa.Array
    setting: pa.Array
    start: Micros
    end: Micros
    recorded: Micros
    joined: Micros
    timeless: bool
    rows: Micros
    batch: TableBatch


def tell(binding: TableBinding, one: FactBinding, batch: TableBatch) -> Told:
    """Read from a batch what its rows tell of one kind of fact.

    Raises:
        InputError: A row tells something that is no fact.
    """
    chosen = batch
    try:
        chosen = _chosen(one, batch)
        return _tell(binding, one, chosen)
    except MisfitError as error:
        if error.hint is not None and "zone = " in error.hint:
            error.hint = 'say in the binding which: zone = "UTC"'
        if error.hint is not None and "unit = " in error.hint:
            error.hint = 'say in the binding what is counted: unit = "s"'
        raise chosen.error(error) from error


def _chosen(one: FactBinding, batch: TableBatch) -> TableBatch:
    """Give the rows whose `where` holds; the others may say what they like."""
    if one.where_column is None:
        return batch
    text = pc.fill_null(read_text(one.where_column, batch), "")
    holds = pc.is_in(text, value_set=pa.array(one.where_values, pa.string()))
    rows = np.flatnonzero(holds.to_numpy(zero_copy_only=False))
    return TableBatch(
        batch.file,
        batch.table.take(pa.array(rows)),
        lambda row: batch.place(int(rows[row])),
        untyped=batch.untyped,
    )


def _tell(binding: TableBinding, one: FactBinding, batch: TableBatch) -> Told:
    batch = _with_ids(binding, one, batch)
    count = batch.table.num_rows
    value = (
        read_words(one.value, batch, strict=binding.kind == "changes")
        if one.value is not None
        else pa.repeat("", count)
    )
    start, has_start = _start(binding, one, batch)
    telling = value.is_valid()
    if binding.kind == "current":
        telling = pc.and_(telling, pa.array(has_start))
    end = _end(binding, batch)
    # A period that ends as it begins held for no time.
    held = ~has_start | (start != end)
    keep = np.asarray(telling.to_numpy(zero_copy_only=False), np.bool_) & held
    rows = np.flatnonzero(keep)
    _check_times(one, start, end, has_start, rows)
    taken = pa.array(rows)
    details = {key: read_words(words, batch).take(taken) for key, words in one.details.items()}
    told = Told(
        of=one,
        member=_member(binding, one, batch, rows),
        value=value.take(taken),
        detail=_details(one, details, len(rows)),
        setting=pc.fill_null(details.get("setting", pa.nulls(len(rows), pa.string())), ""),
        start=start[rows],
        end=end[rows],
        recorded=_recorded(binding, batch, rows),
        joined=_joined(binding, batch)[rows],
        timeless=binding.kind == "current" and one.at is None,
        rows=rows,
        batch=batch,
    )
    _check_shapes(told)
    return told


def _with_ids(binding: TableBinding, one: FactBinding, batch: TableBatch) -> TableBatch:
    """Read the columns of members' ids as ids: of whom the fact is, and whom a merge names."""
    table = batch.table
    names = [] if one.shape.platform or binding.member is None else [binding.member]
    if one.shape.value == "member" and one.value is not None and one.value.column is not None:
        names.append(one.value.column)
    for name in dict.fromkeys(names):
        column = read_column(name, batch)
        if binding.read_as == "integer":
            column = whole_ids(name, column)
        elif binding.read_as is None and batch.untyped:
            column = refuse_float_texts(name, column, "member")
        kinds = id_kinds(name, column.type, "member", binding.read_as)
        text = "string" in ({binding.read_as} if binding.read_as else kinds)
        made = as_ids(name, column, pa.string() if text else pa.int64())
        table = table.set_column(table.column_names.index(name), name, made)
    return replace(batch, table=table)


def _start(
    binding: TableBinding, one: FactBinding, batch: TableBatch
) -> tuple[Micros, npt.NDArray[np.bool_]]:
    column = one.at if one.at is not None else binding.start
    if isinstance(column, str):
        return read_times(binding, column, batch)
    at = column if column is not None else binding.as_of
    assert at is not None  # noqa: S101 - a current table says its time
    count = batch.table.num_rows
    return np.full(count, at * SECOND, np.int64), np.ones(count, np.bool_)


def _end(binding: TableBinding, batch: TableBatch) -> Micros:
    if binding.end is None:
        return np.full(batch.table.num_rows, FOREVER, np.int64)
    end, _ = read_times(binding, binding.end, batch)
    return np.where(end >= _END_OF_TIME, FOREVER, end)


def _check_times(
    one: FactBinding,
    start: Micros,
    end: Micros,
    has_start: npt.NDArray[np.bool_],
    rows: Micros,
) -> None:
    missing = rows[~has_start[rows]]
    if len(missing):
        raise MisfitError(
            f"a row without a time tells of `{one.fact}`, expected when",
            code="records/instant",
            row=int(missing[0]),
        )
    backward = rows[start[rows] > end[rows]]
    if len(backward):
        raise MisfitError(
            "the period ends before it begins, expected it to begin first",
            code="records/value",
            row=int(backward[0]),
        )


def _recorded(binding: TableBinding, batch: TableBatch, rows: Micros) -> Micros:
    if binding.recorded_at is None:
        assert binding.as_of is not None  # noqa: S101 - one of the two is always there
        return np.full(len(rows), binding.as_of * SECOND, np.int64)
    recorded, known = read_times(binding, binding.recorded_at, batch)
    missing = rows[~known[rows]]
    if len(missing):
        raise MisfitError(
            f"column `{binding.recorded_at}` is empty, expected when the row was recorded",
            code="records/instant",
            row=int(missing[0]),
        )
    return recorded[rows]


def _joined(binding: TableBinding, batch: TableBatch) -> Micros:
    for one in binding.facts:
        if one.fact == "joined" and isinstance(one.at, str):
            joined, _ = read_times(binding, one.at, batch)
            return joined
    return np.full(batch.table.num_rows, FOREVER, np.int64)


def _member(
    binding: TableBinding, one: FactBinding, batch: TableBatch, rows: Micros
) -> pa.Array | None:
    if one.shape.platform:
        return None
    assert binding.member is not None  # noqa: S101 - the binding has one for facts of members
    made = read_column(binding.member, batch)
    text = pa.types.is_string(made.type)
    missing = pc.equal(pc.fill_null(made, ""), "") if text else made.is_null()
    lost = rows[np.asarray(missing.to_numpy(zero_copy_only=False), np.bool_)[rows]]
    if len(lost):
        raise MisfitError(
            f"column `{binding.member}` is empty, expected a member",
            code="records/null-id",
            row=int(lost[0]),
        )
    return made.take(pa.array(rows))


def _details(one: FactBinding, details: Mapping[str, pa.Array], count: int) -> pa.Array:
    """Give the details as JSON text; each distinct combination is written once."""
    fixed = {key: list(listed) for key, listed in one.lists.items()}
    keys = list(details)
    parts = [details[key].dictionary_encode(null_encoding="encode") for key in keys]
    code = np.zeros(count, np.int64)
    for part in parts:
        code = code * max(1, len(part.dictionary)) + part.indices.to_numpy(zero_copy_only=False)
    _, first, inverse = np.unique(code, return_index=True, return_inverse=True)
    texts = []
    for row in first.tolist():
        said = {key: details[key][row].as_py() for key in keys}
        if "method" in said and said["method"] is None:
            said["method"] = "migrated"
        found = {**fixed, **{key: word for key, word in said.items() if word is not None}}
        texts.append(encode(found).decode("utf-8") if found else "")
    return pa.array(texts, pa.string()).take(pa.array(inverse))


def _check_shapes(told: Told) -> None:
    """Check each distinct combination of value and detail."""
    values, details = told.value.dictionary_encode(), told.detail.dictionary_encode()
    code = values.indices.to_numpy(zero_copy_only=False).astype(np.int64) * max(
        1, len(details.dictionary)
    ) + details.indices.to_numpy(zero_copy_only=False)
    for row in np.sort(np.unique(code, return_index=True)[1]).tolist():
        try:
            check_shape(
                told.of.fact,
                told.value[row].as_py(),
                parse_detail(told.detail[row].as_py()),
                platform=told.of.shape.platform,
            )
        except InputError as error:
            raise MisfitError(
                error.message, code=error.code, hint=error.hint, row=int(told.rows[row])
            ) from error
