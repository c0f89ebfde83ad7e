# SPDX-License-Identifier: Apache-2.0
"""A platform's table made into a table of records, by a binding (docs/sources.md).

Decides once, from the schema, where each column comes from and of what type it is; then turns table
after table, its values by `made_columns.py`. Whatever does not fit is a `MisfitError` that knows its row; where
that row lies in a file is said by whoever read it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import pyarrow as pa

from privity.sources.arrays import empty_lists
from privity.sources.binding import Binding, Origin
from privity.sources.columns import (
    BY_NAME,
    COLUMNS,
    EITHER,
    Column,
    IdKind,
    Ids,
    MisfitError,
    check_instant,
    check_role,
    id_kinds,
    is_list,
    is_text,
    list_id_kinds,
    named,
    plain,
)
from privity.sources.made_columns import joined_lists, made_column
from privity.sources.misnamed import NONE, missing, missing_payload, refuse_misnamed

Kinds = frozenset[IdKind]


@dataclass(frozen=True, kw_only=True, slots=True)
class Reshape:
    """How tables of one schema become tables of records.

    Attributes:
        raw: The platform's schema.
        origins: Where each column comes from; a column that the platform lacks is left out.
        payload: The platform's columns that pass through, by their names in the result, in its order.
        record_kinds: Which kinds of record id the platform's types can hold.
        member_kinds: The same for members.
        untyped: Whether all is text for want of types.
    """

    raw: pa.Schema
    origins: dict[str, Origin]
    payload: Mapping[str, str]
    record_kinds: Kinds
    member_kinds: Kinds
    untyped: bool = False

    def schema(self, ids: Ids) -> pa.Schema:
        """Give the schema of the tables that `table` makes: the record's columns, then payload."""
        payload = (
            self.raw.field(column).with_name(name) for name, column in self.payload.items()
        )
        return pa.schema([*ids.schema(), *payload])

    def sources_of(self, columns: Iterable[str]) -> list[str]:
        """Give the platform's columns that some of the result's columns are made of."""
        needed: dict[str, None] = {}
        for name in columns:
            origin = self.origins.get(name)
            if origin is not None:
                needed.update(dict.fromkeys(origin.columns))
            elif name not in BY_NAME:
                needed[self.payload.get(name, name)] = None
        return list(needed)

    def straight(self, name: str) -> str | None:
        """Give the platform's column that a column of text is without any change, or None."""
        origin = self.origins.get(name)
        if origin is None or origin.prefix or origin.values is not None:
            return None
        if len(origin.columns) != 1 or not pa.types.is_string(
            self.raw.field(origin.columns[0]).type
        ):
            return None
        return origin.columns[0]

    def table(self, raw: pa.Table, ids: Ids, columns: Sequence[str] | None = None) -> pa.Table:
        """Make records of a table that has the platform's columns.

        Args:
            raw: At least the columns that `sources_of` gives.
            ids: The kinds of id to make.
            columns: Which columns to make, in this order; None is all.

        Raises:
            MisfitError: A value does not fit.
        """
        schema = self.schema(ids)
        fields = [schema.field(name) for name in (schema.names if columns is None else columns)]
        arrays = [
            self._column(raw, BY_NAME[field.name], field.type)
            if field.name in BY_NAME
            else raw.column(self.payload[field.name])
            for field in fields
        ]
        return pa.table(arrays, schema=pa.schema(fields))

    def _column(self, raw: pa.Table, column: Column, kind: pa.DataType) -> pa.ChunkedArray:
        origin = self.origins.get(column.name)
        if origin is None or origin.nothing:
            absent = (
                empty_lists(raw.num_rows, kind)
                if column.role == "ids"
                else pa.nulls(raw.num_rows, kind)
            )
            return pa.chunked_array([absent])
        if origin.constant is not None:
            one = pa.array([origin.constant]).cast(kind)[0]
            return pa.chunked_array([pa.repeat(one, raw.num_rows)])
        if len(origin.columns) > 1:
            parts = [self._made(raw, column, name, kind) for name in origin.columns]
            return pa.chunked_array([joined_lists(parts, kind)])
        return self._made(raw, column, origin.columns[0], kind)

    def _made(
        self, raw: pa.Table, column: Column, name: str, kind: pa.DataType
    ) -> pa.ChunkedArray:
        """Make the record's column of the platform's column `name` alone."""
        origin = self.origins[column.name]
        return made_column(raw.column(name), column, origin, name, kind, untyped=self.untyped)


def reshape(raw: pa.Schema, binding: Binding, *, untyped: bool = False) -> Reshape:
    """Decide how tables of a schema become records.

    Args:
        raw: The platform's schema.
        binding: What its columns mean.
        untyped: Whether all is text for want of types, so that text may be ids of either kind.

    Raises:
        MisfitError: A column is missing, stands twice, is covered by a constant, or is of a type that cannot be
            what it should.
    """
    for name in raw.names:
        if raw.names.count(name) > 1:
            raise MisfitError(
                f"column `{name}` stands twice, expected once", code="records/column-twice"
            )
    origins = _origins(raw, binding)
    _refuse_covered(raw, origins)
    record_kinds, member_kinds = EITHER, EITHER
    for name, origin in origins.items():
        column = BY_NAME[name]
        kinds = _checked(column, origin, raw, untyped=untyped)
        if column.of == "record":
            record_kinds = _agreed(record_kinds, kinds, column, "ids of records")
        elif column.of == "member":
            member_kinds = _agreed(member_kinds, kinds, column, "ids of members")
    return Reshape(
        raw=raw,
        origins=origins,
        payload=_payload(raw, binding, origins),
        record_kinds=record_kinds,
        member_kinds=member_kinds,
        untyped=untyped,
    )


def _origins(raw: pa.Schema, binding: Binding) -> dict[str, Origin]:
    found = {}
    for column in COLUMNS:
        origin = binding.origin(column)
        if all(name in raw.names for name in origin.columns):
            found[column.name] = origin
        elif origin.absent and not {column.name, *origin.columns} & set(raw.names):
            continue  # that another file has it is seen where all are known
        elif column.name in binding.origins or column.required:
            raise missing(column.name, origin, raw.names)
    return found


def _refuse_covered(raw: pa.Schema, origins: dict[str, Origin]) -> None:
    """Check that no constant covers what the source itself says: a private message would be a post.

    Raises:
        MisfitError: One does.
    """
    used = {name for origin in origins.values() for name in origin.columns}
    for name, origin in origins.items():
        if not origin.columns and name in raw.names and name not in used:
            raise MisfitError(
                f"column `{name}` has a constant in the binding, and the source has a column `{name}`, expected "
                "one of the two",
                code="records/column-twice",
                hint=_where_lacking(name),
            )


def _where_lacking(name: str) -> str:
    """Give the hint for a column that some sources of a run have and others lack."""
    if name in NONE:
        say = f'{name} = {{column = "{name}", absent = {NONE[name]}}}'
        return f"say in the binding what it is where a source of the run lacks it: {say}"
    return f"leave `{name}` out of the binding, and write it where a source of the run lacks it"


def _payload(raw: pa.Schema, binding: Binding, origins: dict[str, Origin]) -> Mapping[str, str]:
    used = {name for origin in origins.values() for name in origin.columns}
    free = tuple(name for name in raw.names if name not in used)
    refuse_misnamed(free, origins)
    found = binding.payload
    if found is None:
        found = dict(zip(free, free, strict=True))
    for column in found.values():
        if column not in raw.names:
            raise missing_payload(column, binding, raw.names)
    for name in found:
        if name in BY_NAME:
            raise MisfitError(
                f"column `{name}` would pass through as payload and has the name of a record's column",
                code="records/column-twice",
                hint="list in the binding what passes through: payload = […]",
            )
    return found


def _checked(column: Column, origin: Origin, raw: pa.Schema, *, untyped: bool) -> Kinds:
    """Check the types of a column's origins; for ids, give the kinds that they can hold."""
    if origin.constant is not None:
        return frozenset({origin.id_kind or "string"})
    kinds = EITHER
    for name in origin.columns:
        kind = raw.field(name).type
        seen = EITHER
        match column.role:
            case "id":
                seen = id_kinds(name, kind, column.name, origin.id_kind)
            case "ids":
                seen = _list_kinds(column, origin, name, kind)
            case "text":
                _check_text(column, origin, name, kind)
            case "instant":
                _check_instant(origin, name, kind)
        if origin.id_kind is not None:
            seen = frozenset({origin.id_kind})
        elif untyped:
            seen = EITHER
        kinds = _agreed(kinds, seen, column, "its ids")
    return kinds


def _list_kinds(column: Column, origin: Origin, name: str, kind: pa.DataType) -> Kinds:
    if origin.separator is not None:
        if not is_text(plain(kind)) and not pa.types.is_null(kind):
            raise MisfitError(
                f"column `{name}` is {named(kind)}, expected text with a separator",
                code="records/column-type",
            )
        return EITHER
    of = id_kinds if origin.one and not is_list(kind) else list_id_kinds
    return of(name, kind, column.name, origin.id_kind)


def _agreed(one: Kinds, other: Kinds, column: Column, whose: str) -> Kinds:
    kinds = one & other
    if not kinds:
        raise MisfitError(
            f"column `{column.name}` has {_said(other)} where {whose} are {_said(one)} elsewhere in "
            "the file, expected one kind",
            code="records/mixed-ids",
            hint=f'say which in a binding: {column.name} = {{column = "…", as = "string"}}',
        )
    return kinds


def _said(kinds: Kinds) -> str:
    return "whole numbers" if "integer" in kinds else "text"


def _check_text(column: Column, origin: Origin, name: str, kind: pa.DataType) -> None:
    if origin.values is not None and pa.types.is_integer(plain(kind)):
        return  # codes such as 1 and 2: `values` says what they mean
    check_role(Column(name, column.role), kind)


def _check_instant(origin: Origin, name: str, kind: pa.DataType) -> None:
    seen = plain(kind)
    if is_text(seen) or pa.types.is_null(seen):
        return
    if origin.unit is not None:
        fits, expected = pa.types.is_integer(seen), f"whole numbers (`unit` is `{origin.unit}`)"
    elif origin.zone is not None:
        fits = pa.types.is_timestamp(seen) and seen.tz is None
        expected = f"times without a zone (`zone` is `{origin.zone}`)"
    else:
        check_instant(name, seen)
        return
    if not fits:
        raise MisfitError(
            f"column `{name}` is {named(seen)}, expected {expected}", code="records/instant"
        )
