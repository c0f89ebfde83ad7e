# SPDX-License-Identifier: Apache-2.0
"""The columns of a release as a Delta table can have them (specs/release.md, part 1).

A table format that every tool reads knows fewer types than Arrow: no unsigned numbers, no dictionaries, no instants but
those of microseconds in UTC. What has a type that holds every value is written as that type; what has none refuses
the release, before anything is decided.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final

import pyarrow as pa

from privity.errors import InputError

_FORBIDDEN: Final = frozenset(" ,;{}()\n\t=")
_WIDER: Final = {
    pa.uint8(): pa.int16(),
    pa.uint16(): pa.int32(),
    pa.uint32(): pa.int64(),
    pa.uint64(): pa.decimal128(20, 0),
    pa.float16(): pa.float32(),
    pa.date64(): pa.date32(),
}
_SAME: Final = frozenset(
    (
        pa.bool_(), pa.int8(), pa.int16(), pa.int32(), pa.int64(), pa.float32(), pa.float64(),
        pa.string(), pa.binary(), pa.date32(),
    )
)  # fmt: skip
_INSTANT: Final = pa.timestamp("us", tz="UTC")
_LOCAL: Final = pa.timestamp("us")


@dataclass(frozen=True, slots=True)
class Shape:
    """What becomes of the columns of a run.

    Attributes:
        schema: The columns as they are written.
    """

    schema: pa.Schema

    def change(self, table: pa.Table) -> pa.Table:
        """Give rows in this schema.

        Raises:
            InputError: A value does not fit, such as an instant finer than a microsecond (`release/inexact`).
        """
        if table.schema.equals(self.schema):
            return table
        columns = [
            self._column(field, column)
            for field, column in zip(self.schema, table.columns, strict=True)
        ]
        return pa.table(columns, schema=self.schema)

    def _column(self, field: pa.Field, column: pa.ChunkedArray) -> pa.ChunkedArray:
        if column.type == field.type:
            return column
        try:
            return column.cast(field.type)
        except pa.ArrowInvalid as error:
            raise InputError(
                f"column `{field.name}` ({column.type}) has a value that {field.type} cannot hold exactly",
                code="release/inexact",
                hint="round it upstream: a table has instants of microseconds",
            ) from error


def shape_of(schema: pa.Schema) -> Shape:
    """Give what is written of columns.

    Args:
        schema: Those of the records, after the obligations.

    Raises:
        InputError: A column has a type that a table does not know (`release/type`), or a name that
            one cannot have (`release/column`).
    """
    seen: dict[str, str] = {}
    for name in schema.names:
        if not name or _FORBIDDEN & set(name):
            raise InputError(
                f"column `{name}` has a name that a table cannot have, expected none of the signs "
                "` ,;{}()=`, tabulators and line ends",
                code="release/column",
                hint="rename it in the binding",
            )
        if name.lower() in seen:
            raise InputError(
                f"columns `{seen[name.lower()]}` and `{name}` have the same name but for upper case, and a "
                "table does not tell them apart",
                code="release/column",
                hint="rename one in the binding",
            )
        seen[name.lower()] = name
    return Shape(pa.schema([_field(one.name, one) for one in schema]))


def _field(column: str, field: pa.Field) -> pa.Field:
    return pa.field(field.name, _type(column, field.type), field.nullable)


def _type(column: str, kind: pa.DataType) -> pa.DataType:
    """Give the type that holds every value of another."""
    if kind in _SAME:
        return kind
    if kind in _WIDER:
        return _WIDER[kind]
    for fits, made in _MADE:
        if fits(kind):
            return made(column, kind)
    raise InputError(
        f"column `{column}` is {kind}, which a table does not know",
        code="release/type",
        hint="write it upstream as text, a number or an instant, or leave the column out",
    )


def _decimal(column: str, kind: pa.DataType) -> pa.DataType:
    if kind.precision > pa.decimal128(38, 0).precision or not 0 <= kind.scale <= kind.precision:
        raise InputError(
            f"column `{column}` is {kind}, expected at most 38 digits, and no scale beyond them",
            code="release/type",
            hint="write it upstream as text",
        )
    return pa.decimal128(kind.precision, kind.scale)


def _list(column: str, kind: pa.DataType) -> pa.DataType:
    return pa.list_(_field(column, kind.value_field))


def _map(column: str, kind: pa.DataType) -> pa.DataType:
    return pa.map_(_type(column, kind.key_type), _field(column, kind.item_field))


def _struct(column: str, kind: pa.DataType) -> pa.DataType:
    if not kind.num_fields:
        raise InputError(
            f"column `{column}` has a struct without fields, which a table does not know",
            code="release/type",
        )
    return pa.struct([_field(column, kind.field(at)) for at in range(kind.num_fields)])


_Fits = Callable[[pa.DataType], bool]
_Made = Callable[[str, Any], pa.DataType]

_MADE: Final[tuple[tuple[_Fits, _Made], ...]] = (
    (pa.types.is_dictionary, lambda column, kind: _type(column, kind.value_type)),
    (pa.types.is_timestamp, lambda _column, kind: _LOCAL if kind.tz is None else _INSTANT),
    (pa.types.is_large_string, lambda _column, _kind: pa.string()),
    (pa.types.is_string_view, lambda _column, _kind: pa.string()),
    (pa.types.is_large_binary, lambda _column, _kind: pa.binary()),
    (pa.types.is_binary_view, lambda _column, _kind: pa.binary()),
    (pa.types.is_fixed_size_binary, lambda _column, _kind: pa.binary()),
    (pa.types.is_decimal, _decimal),
    (pa.types.is_map, _map),
    (pa.types.is_list, _list),
    (pa.types.is_large_list, _list),
    (pa.types.is_list_view, _list),
    (pa.types.is_large_list_view, _list),
    (pa.types.is_fixed_size_list, _list),
    (pa.types.is_struct, _struct),
    (
        lambda kind: isinstance(kind, pa.BaseExtensionType),
        lambda column, kind: _type(column, kind.storage_type),
    ),
)
