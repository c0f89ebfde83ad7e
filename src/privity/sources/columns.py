# SPDX-License-Identifier: Apache-2.0
"""The columns of a record, and which types can become them (design.md part 5, "Records").

Decides which types count as an id, a list of ids, text or an instant, and refuses everything else
with one sentence. Looks at no value: that is done in `arrays`.
Does not open files and does not know categories: an unknown word is the gate's to refuse.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final, Literal

import pyarrow as pa
import pyarrow.compute as pc

from privity.vocabulary.terms import in_short

IdKind = Literal["integer", "string"]
Role = Literal["id", "ids", "text", "instant"]

INSTANT: Final = pa.timestamp("us", tz="UTC")
EITHER: Final[frozenset[IdKind]] = frozenset({"integer", "string"})
_KINDS: Final[dict[IdKind, pa.DataType]] = {"integer": pa.int64(), "string": pa.string()}


@dataclass(frozen=True, slots=True)
class Column:
    """One column of a record.

    Attributes:
        name: Its name.
        role: What its values are.
        of: Whose ids it holds, or None.
        required: Whether a source must have it.
    """

    name: str
    role: Role
    of: Literal["record", "member"] | None = None
    required: bool = False


COLUMNS: Final = (
    Column("record_id", "id", "record", required=True),
    Column("category", "text", required=True),
    Column("created_at", "instant", required=True),
    Column("author", "id", "member", required=True),
    Column("recipients", "ids", "member"),
    Column("capacity", "text"),
    Column("quotes", "ids", "record"),
)
BY_NAME: Final = {column.name: column for column in COLUMNS}
NAMES: Final = tuple(BY_NAME)


@dataclass(frozen=True, slots=True)
class Ids:
    """Which kind of id a source has, for its records and for members."""

    record: IdKind
    member: IdKind

    def type_of(self, column: Column) -> pa.DataType:
        """Give the Arrow type of a column."""
        match column.role:
            case "text":
                return pa.string()
            case "instant":
                return INSTANT
            case "id" | "ids":
                one = _KINDS[self.record if column.of == "record" else self.member]
                return pa.list_(one) if column.role == "ids" else one

    def schema(self) -> pa.Schema:
        """Give the schema of a record without payload."""
        return pa.schema([(column.name, self.type_of(column)) for column in COLUMNS])


class MisfitError(Exception):
    """A value or a column that does not fit; whoever knows the file says where.

    Attributes:
        message: What was seen and what was expected.
        code: As of `privity.errors.PrivityError`.
        hint: What to do, or None.
        row: Which row of the array it was, or None for the whole column.
    """

    def __init__(
        self, message: str, *, code: str, hint: str | None = None, row: int | None = None
    ) -> None:
        super().__init__(message)
        self.message = message
        self.code = code
        self.hint = hint
        self.row = row


def shown(value: object) -> str:
    """Give a value for a message: on one line, no longer than needed, with every blank that makes it another word."""
    return in_short(str(value))


def shown_at(array: pa.Array, row: int) -> str:
    """Give one value of an array for a message.

    As Arrow's own text, where there is one: Python has no nanoseconds, and no years beyond 9999.
    """
    if pa.types.is_temporal(array.type):
        array = array.slice(row, 1).cast(pa.string())
        row = 0
    return shown(array[row].as_py())


_TEXTS: Final = (pa.types.is_string, pa.types.is_large_string, pa.types.is_string_view)
_LISTS: Final = (
    pa.types.is_list,
    pa.types.is_large_list,
    pa.types.is_fixed_size_list,
    pa.types.is_list_view,
    pa.types.is_large_list_view,
)


def is_text(kind: pa.DataType) -> bool:
    """Tell whether a type is text in any of Arrow's forms."""
    return any(holds(kind) for holds in _TEXTS)


def is_list(kind: pa.DataType) -> bool:
    """Tell whether a type is a list in any of Arrow's forms."""
    return any(holds(kind) for holds in _LISTS)


def plain(kind: pa.DataType) -> pa.DataType:
    """Give the type of the values that a dictionary stands for."""
    return kind.value_type if pa.types.is_dictionary(kind) else kind


def named(kind: pa.DataType) -> str:
    """Name a type in words for a message."""
    kind = plain(kind)
    for holds, words in _NAMED:
        if holds(kind):
            return words
    if is_list(kind):
        return f"a list ({named(kind.value_type)})"
    return f"of type {kind}"


_NAMED: Final[tuple[tuple[Callable[[pa.DataType], bool], str], ...]] = (
    (is_text, "text"),
    (pa.types.is_boolean, "true or false"),
    (pa.types.is_integer, "a whole number"),
    (pa.types.is_floating, "a number with a fraction"),
    (pa.types.is_decimal, "a decimal number"),
    (pa.types.is_date, "a date without a time and a zone"),
    (lambda kind: pa.types.is_timestamp(kind) and kind.tz is None, "a time without a zone"),
    (pa.types.is_timestamp, "an instant"),
    (pa.types.is_time, "a time of day"),
    (pa.types.is_struct, "an object"),
    (pa.types.is_null, "empty"),
)


def as_integer(name: str, key: str) -> str:
    """Give the hint for ids that some tool turned into numbers with a fraction."""
    return (
        "if some tool made fractions of whole numbers, say so in a binding: "
        f'{key} = {{column = "{name}", as = "integer"}}'
    )


def id_kinds(
    name: str, kind: pa.DataType, key: str, read_as: IdKind | None = None
) -> frozenset[IdKind]:
    """Tell which kinds of id a type can hold.

    Args:
        name: The platform's column.
        kind: Its type.
        key: What a binding calls it.
        read_as: The kind that a binding says to read, or None.

    Raises:
        MisfitError: It can hold no id.
    """
    kind = plain(kind)
    fractional = pa.types.is_floating(kind) or _is_decimal(kind)
    if fractional and (read_as == "integer" or getattr(kind, "scale", None) == 0):
        return frozenset({"integer"})
    if pa.types.is_null(kind):
        return EITHER
    if pa.types.is_integer(kind):
        return frozenset({"integer"})
    if is_text(kind):
        return frozenset({"string"})
    raise MisfitError(
        f"column `{name}` is {named(kind)}, expected ids: text or whole numbers",
        code="records/column-type",
        hint=as_integer(name, key) if fractional else None,
    )


def _is_decimal(kind: pa.DataType) -> bool:
    """Tell whether a type is one of the decimal numbers that Parquet has; with a scale of 0 they are whole."""
    return any(holds(kind) for holds in (pa.types.is_decimal128, pa.types.is_decimal256))


def list_id_kinds(
    name: str, kind: pa.DataType, key: str, read_as: IdKind | None = None
) -> frozenset[IdKind]:
    """Tell which kinds of id a type can hold a list of; takes what `id_kinds` takes.

    Raises:
        MisfitError: It is no list, or its elements are no ids.
    """
    if pa.types.is_null(kind):
        return EITHER
    if not is_list(kind):
        raise MisfitError(
            f"column `{name}` is {named(kind)}, expected a list of ids",
            code="records/column-type",
            hint=_as_list(name, plain(kind)),
        )
    return id_kinds(name, kind.value_type, key, read_as)


def _as_list(name: str, kind: pa.DataType) -> str | None:
    """Give the hint for what is no list and may stand for one, or None."""
    if is_text(kind):
        return f'name it in a binding: {name} = {{column = "{name}", separator = ","}}'
    if pa.types.is_integer(kind):
        return f'say in a binding that each is a list of one: {name} = "{name}"'
    return None


def check_role(column: Column, kind: pa.DataType) -> None:
    """Check that text or an instant can come of a type.

    Raises:
        MisfitError: It cannot.
    """
    seen = plain(kind)
    if pa.types.is_null(seen) or is_text(seen):
        return
    if column.role == "instant":
        check_instant(column.name, seen)
        return
    raise MisfitError(
        f"column `{column.name}` is {named(seen)}, expected text", code="records/column-type"
    )


def check_instant(name: str, kind: pa.DataType, *, of_table: bool = False) -> None:
    """Check that a type holds instants: a time with its zone.

    Args:
        name: The platform's column.
        kind: Its type.
        of_table: Whether the binding is of a table of members, which says it of all its columns.

    Raises:
        MisfitError: It does not.
    """
    if pa.types.is_timestamp(kind) and kind.tz is not None:
        return
    if pa.types.is_timestamp(kind):
        say = 'zone = "UTC"'
    elif pa.types.is_integer(kind):
        say = 'unit = "s"'
    else:
        say = None
    if say is not None and not of_table:
        say = f'created_at = {{column = "{shown(name)}", {say}}}'
    raise MisfitError(
        f"column `{name}` is {named(kind)}, expected instants: a time with its zone",
        code="records/instant",
        hint=f"say in a binding what it means: {say}" if say else None,
    )


def is_zone(zone: str) -> bool:
    """Tell whether a zone is known: an offset, or a name of the IANA's database."""
    try:
        pc.assume_timezone(pa.array([0], pa.timestamp("us")), zone)
    except pa.ArrowException:
        return False
    return True


@dataclass(frozen=True, slots=True)
class IdChoice:
    """Which kinds of id the values seen so far can be.

    Attributes:
        kinds: The kinds that are possible.
        wanted: The better of two that are possible, or None.
    """

    kinds: frozenset[IdKind] = EITHER
    wanted: IdKind | None = None

    def agreed(self, other: IdChoice) -> IdChoice:
        """Give what both can be; no kind is left where they differ."""
        return IdChoice(self.kinds & other.kinds, self.wanted or other.wanted)

    @property
    def settled(self) -> IdKind:
        """The kind to make; text where nothing speaks for either."""
        if len(self.kinds) == 1:
            return next(iter(self.kinds))
        return self.wanted or "string"

    @property
    def said(self) -> str:
        """What the ids are, in words."""
        return "whole numbers" if self.settled == "integer" else "text"
