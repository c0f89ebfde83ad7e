# SPDX-License-Identifier: Apache-2.0
"""The columns of a run: one schema for all of its sources (docs/clearing.md).

Sources have the same columns, in any order. A column that is empty in one source, or written in another form (by a
dictionary, with larger offsets), is made what it is in the others; of two types that say different things none is
guessed. Where sources are alike, which is usual, they are read as they are.
"""

from __future__ import annotations

from collections.abc import Sequence

import pyarrow as pa

from privity.errors import InputError, Where
from privity.release.reading import RecordFile


def one_schema(files: Sequence[RecordFile]) -> pa.Schema:
    """Give the columns of all sources of a run, in the order of the first.

    Raises:
        InputError: There is none, or they have different columns.
    """
    if not files:
        raise InputError("no source, expected at least one", code="clear/no-source")
    schema = files[0].schema
    for file in files[1:]:
        if not file.schema.equals(schema):
            _refuse_other_names(file, files[0])
            schema = pa.schema([_field(one, file, files[0].name) for one in schema])
    return schema


def in_one_schema(files: Sequence[RecordFile], schema: pa.Schema) -> list[RecordFile]:
    """Give the sources of a run as sources of one schema."""
    return [file if file.schema.equals(schema) else _InSchema(file, schema) for file in files]


class _InSchema:
    """A source whose columns are given in another order, and in other forms of their types: a RecordFile."""

    def __init__(self, file: RecordFile, schema: pa.Schema) -> None:
        self._file = file
        self.name = file.name
        self.schema = schema
        self.rows = file.rows
        self.chunks = file.chunks

    def rows_of(self, chunk: int) -> int:
        """Give how many records a chunk has."""
        return self._file.rows_of(chunk)

    def read(self, chunk: int, columns: Sequence[str] | None = None) -> pa.Table:
        """Read a chunk: the columns named, in that order, or all of the schema."""
        names = self.schema.names if columns is None else columns
        return self._cast(self._file.read(chunk, names))

    def read_encoded(
        self, chunk: int, columns: Sequence[str], encoded: Sequence[str]
    ) -> pa.Table:
        """Read a chunk, some columns of text as dictionaries where that saves work."""
        return self._cast(self._file.read_encoded(chunk, columns, encoded), encoded)

    def digest(self) -> str:
        """Give the SHA-256 of the file's bytes."""
        return self._file.digest()

    def _cast(self, table: pa.Table, besides: Sequence[str] = ()) -> pa.Table:
        fields = [
            table.schema.field(name) if name in besides else self.schema.field(name)
            for name in table.column_names
        ]
        return table.cast(pa.schema(fields))


def _refuse_other_names(file: RecordFile, first: RecordFile) -> None:
    """Check that a source has the columns of the first, which of them may be empty.

    Raises:
        InputError: It has one more, or one less.
    """
    for having, lacking, says in (
        (file, first, "is not in `{}`"),
        (first, file, "of `{}` is missing"),
    ):
        for one in having.schema:
            if one.name not in lacking.schema.names:
                raise InputError(
                    f"column `{one.name}` ({one.type}) {says.format(first.name)}, expected all sources of a run to "
                    "have the same columns",
                    code="clear/schema",
                    hint="list in a binding what passes through of all of them, before its [columns]: payload = […]; a source whose "
                    "columns have other names may have a binding of its own",
                    where=Where(file=file.name),
                )


def _field(field: pa.Field, file: RecordFile, first: str) -> pa.Field:
    """Give a column that holds all values of a field, and those of another source's."""
    other = file.schema.field(field.name)
    kind = _type(field.type, other.type)
    if kind is None:
        raise InputError(
            f"column `{field.name}` ({other.type}) is {field.type} in `{first}`, expected all sources of a run to "
            "have one type there",
            code="clear/schema",
            hint="write it as one type, or list in a binding what else passes through of them, before its [columns]: payload = […]",
            where=Where(file=file.name),
        )
    return pa.field(field.name, kind, nullable=field.nullable or other.nullable)


def _type(one: pa.DataType, other: pa.DataType) -> pa.DataType | None:
    """Give the type that holds the values of both, or None where they say different things."""
    if one.equals(other) or pa.types.is_null(other):
        return one
    if pa.types.is_null(one):
        return other
    plain, others = _plain(one), _plain(other)
    if pa.types.is_list(plain) and pa.types.is_list(others):
        inner = _type(plain.value_type, others.value_type)
        return None if inner is None else pa.list_(inner)
    return plain if plain.equals(others) else None


def _plain(kind: pa.DataType) -> pa.DataType:
    """Give the plainest form of a type."""
    if pa.types.is_dictionary(kind):
        return _plain(kind.value_type)
    if pa.types.is_large_list(kind):
        return pa.list_(kind.value_field)
    for forms, made in (
        ((pa.types.is_large_string, pa.types.is_string_view), pa.string()),
        ((pa.types.is_large_binary, pa.types.is_binary_view), pa.binary()),
    ):
        if any(holds(kind) for holds in forms):
            return made
    return kind
