# SPDX-License-Identifier: Apache-2.0
"""The columns of a record and how Arrow arrays become them (design.md part 5, "Records").

Decides which types count as an id, a list of ids, text or an instant, and refuses everything else
with one sentence. Works on whole arrays; a single value is looked at only to name the bad one.
Does not open files and does not know categories: an unknown word is the gate's to refuse.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final, Literal

import pyarrow as pa
import pyarrow.compute as pc

IdKind = Literal["integer", "string"]
Role = Literal["id", "ids", "text", "instant"]

INSTANT: Final = pa.timestamp("us", tz="UTC")
EITHER: Final[frozenset[IdKind]] = frozenset({"integer", "string"})
_KINDS: Final[dict[IdKind, pa.DataType]] = {"integer": pa.int64(), "string": pa.string()}

# RFC 3339, with the fraction of a second that records may have and facts may not.
_INSTANT_TEXT: Final = (
    r"^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(?:\.\d{1,9})?(?:Z|[+-]\d{2}:\d{2})$"
)
_CLOCK_TEXT: Final = r"^\d{4}-\d{2}-\d{2}[T ]\d{2}:\d{2}:\d{2}(?:\.\d{1,9})?$"
_ZONELESS: Final = r"^\d{4}-\d{2}-\d{2}(?:[T ]\d{2}:\d{2}(?::\d{2}(?:\.\d+)?)?)?$"
_BEYOND_MICROSECONDS: Final = r"(\.\d{6})\d+"
_WHOLE_NUMBER: Final = r"^(?:0|-?[1-9]\d{0,18})$"
_MOST_SHOWN: Final = 60


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
    """Give a value for a message: on one line, no longer than needed."""
    text = " ".join(str(value).split())
    return text if len(text) <= _MOST_SHOWN else text[:_MOST_SHOWN] + "…"


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


def id_kinds(name: str, kind: pa.DataType) -> frozenset[IdKind]:
    """Tell which kinds of id a type can hold.

    Raises:
        MisfitError: It can hold no id.
    """
    kind = plain(kind)
    if pa.types.is_null(kind):
        return EITHER
    if pa.types.is_integer(kind):
        return frozenset({"integer"})
    if is_text(kind):
        return frozenset({"string"})
    raise MisfitError(
        f"column `{name}` is {named(kind)}, expected ids: text or whole numbers",
        code="records/column-type",
    )


def list_id_kinds(name: str, kind: pa.DataType) -> frozenset[IdKind]:
    """Tell which kinds of id a type can hold a list of.

    Raises:
        MisfitError: It is no list, or its elements are no ids.
    """
    if pa.types.is_null(kind):
        return EITHER
    if not is_list(kind):
        raise MisfitError(
            f"column `{name}` is {named(kind)}, expected a list of ids",
            code="records/column-type",
            hint=f'Name it in a binding: {name} = {{column = "{name}", separator = ","}}.',
        )
    return id_kinds(name, kind.value_type)


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


def check_instant(name: str, kind: pa.DataType) -> None:
    """Check that a type holds instants: a time with its zone.

    Raises:
        MisfitError: It does not.
    """
    if pa.types.is_timestamp(kind) and kind.tz is not None:
        return
    if pa.types.is_timestamp(kind):
        say = f'{name} = {{column = "{name}", zone = "UTC"}}'
    elif pa.types.is_integer(kind):
        say = f'{name} = {{column = "{name}", unit = "s"}}'
    else:
        say = None
    raise MisfitError(
        f"column `{name}` is {named(kind)}, expected instants: a time with its zone",
        code="records/instant",
        hint=f"Say in a binding what it means: {say}." if say else None,
    )


def is_zone(zone: str) -> bool:
    """Tell whether a zone is known: an offset, or a name of the IANA's database."""
    try:
        pc.assume_timezone(pa.array([0], pa.timestamp("us")), zone)
    except pa.ArrowException:
        return False
    return True


def first_row(failing: pa.Array) -> int:
    """Give the first row where a mask is true."""
    return int(pc.index(failing, value=True).as_py())


def first_failing(array: pa.Array, convert: Callable[[pa.Array], object]) -> int:
    """Give the first row of an array that `convert` raises for, by halving."""
    low, high = 0, len(array)
    while high - low > 1:
        middle = (low + high) // 2
        try:
            convert(array.slice(low, middle - low))
        except pa.ArrowException:
            high = middle
        else:
            low = middle
    return low


def cast(name: str, array: pa.Array, to: pa.DataType, expected: str) -> pa.Array:
    """Cast an array without losing anything.

    Raises:
        MisfitError: A value has no place in the type.
    """
    if array.type == to:
        return array
    try:
        return array.cast(to)
    except pa.ArrowException as error:
        row = first_failing(array, lambda part: part.cast(to))
        raise MisfitError(
            f"`{shown_at(array, row)}` in column `{name}` has no place, expected {expected}",
            code="records/value",
            row=row,
        ) from error


def as_ids(name: str, array: pa.Array, kind: pa.DataType) -> pa.Array:
    """Turn an array into ids of one kind, empty places kept.

    Raises:
        MisfitError: A value is no such id.
    """
    if pa.types.is_integer(kind) and is_text(array.type):
        refuse_other_than_numbers(name, array)
    return cast(name, array, kind, _expected(kind))


def as_lists(name: str, array: pa.Array, kind: pa.DataType) -> pa.Array:
    """Turn an array into lists of ids of one kind; an empty place in the column is an empty list.

    Raises:
        MisfitError: A value is no such id.
    """
    if pa.types.is_integer(kind.value_type) and is_text(
        getattr(array.type, "value_type", pa.null())
    ):
        try:
            refuse_other_than_numbers(name, array.flatten())
        except MisfitError as error:
            # The row is that of a list's element; the list that holds it is what the file has.
            error.row = int(pc.list_parent_indices(array)[error.row].as_py())
            raise
    lists = cast(name, array, kind, _expected(kind.value_type))
    if not lists.null_count:
        return lists
    lengths = pc.fill_null(pc.list_value_length(lists), 0)
    ends = pc.cumulative_sum(lengths).cast(pa.int32())
    offsets = pa.concat_arrays([pa.array([0], pa.int32()), ends])
    return pa.ListArray.from_arrays(offsets, lists.flatten(), type=kind)


def _expected(kind: pa.DataType) -> str:
    return "whole numbers of 64 bits" if pa.types.is_integer(kind) else "text"


def empty_lists(count: int, kind: pa.DataType) -> pa.Array:
    """Give `count` empty lists."""
    offsets = pa.repeat(pa.scalar(0, pa.int32()), count + 1)
    return pa.ListArray.from_arrays(offsets, pa.array([], kind.value_type), type=kind)


def as_text(name: str, array: pa.Array) -> pa.Array:
    """Turn an array into text, empty places kept."""
    return cast(name, array, pa.string(), "text")


def as_instants(name: str, array: pa.Array) -> pa.Array:
    """Turn an array of instants, or of their RFC 3339 text, into microseconds in UTC, rounded down.

    Raises:
        MisfitError: A text is no instant with a zone, or an instant lies out of reach.
    """
    if array.type == INSTANT:
        return array
    if pa.types.is_dictionary(array.type):
        array = array.dictionary_decode()
    if is_text(array.type):
        return _instants_of_text(name, array.cast(pa.string()))
    if pa.types.is_timestamp(array.type) and array.type.unit == "ns":
        array = pc.floor_temporal(array, unit="microsecond")
    return cast(name, array, INSTANT, "an instant within 290,000 years of 1970")


def instants_of_counts(name: str, array: pa.Array, unit: str) -> pa.Array:
    """Turn counts of a unit since 1970 in UTC, as numbers or as their text, into instants.

    Raises:
        MisfitError: A value is no whole number, or lies out of reach.
    """
    counts = as_ids(name, array, pa.int64())
    return as_instants(name, counts.cast(pa.timestamp(unit, tz="UTC")))


def instants_of_clock(name: str, array: pa.Array, zone: str, ambiguous: str) -> pa.Array:
    """Turn times without a zone, or their text, into instants by the clock of a zone.

    Raises:
        MisfitError: A text has its own zone or is no time; the clock never showed a time, or showed
            it twice and `ambiguous` is `raise`.
    """
    if is_text(array.type):
        array = _clock_of_text(name, array.cast(pa.string()))
    if array.type.unit == "ns":
        array = pc.floor_temporal(array, unit="microsecond")
    array = cast(name, array, pa.timestamp("us"), "a time within 290,000 years of 1970")

    def placed(part: pa.Array) -> pa.Array:
        return pc.assume_timezone(part, zone, ambiguous=ambiguous, nonexistent="raise")

    try:
        return placed(array).cast(INSTANT)
    except pa.ArrowException as error:
        row = first_failing(array, placed)
        twice = "ambiguous" in str(error)
        raise MisfitError(
            f"`{shown_at(array, row)}` in column `{name}` "
            + (f"was shown twice in `{zone}`" if twice else f"never was in `{zone}`")
            + ", expected one instant",
            code="records/instant",
            hint='Say which in the binding: ambiguous = "earliest" or "latest".'
            if twice
            else None,
            row=row,
        ) from error


def _clock_of_text(name: str, array: pa.Array) -> pa.Array:
    fits = pc.fill_null(pc.match_substring_regex(array, pattern=_CLOCK_TEXT), fill_value=True)
    if not pc.all(fits, min_count=0).as_py():
        row = first_row(pc.invert(fits))
        raise MisfitError(
            f"`{shown_at(array, row)}` in column `{name}` is no time without a zone, expected "
            "one such as `2024-09-18 00:00:00`",
            code="records/instant",
            row=row,
        )
    short = pc.replace_substring_regex(array, pattern=_BEYOND_MICROSECONDS, replacement=r"\1")
    return cast(name, short, pa.timestamp("us"), "a date and a time of the calendar")


def _instants_of_text(name: str, array: pa.Array) -> pa.Array:
    fits = pc.fill_null(pc.match_substring_regex(array, pattern=_INSTANT_TEXT), fill_value=True)
    if not pc.all(fits, min_count=0).as_py():
        row = first_row(pc.invert(fits))
        text = array[row].as_py()
        zoneless = pc.match_substring_regex(pa.array([text]), pattern=_ZONELESS)[0].as_py()
        raise MisfitError(
            f"`{shown(text)}` in column `{name}` "
            + ("has no zone" if zoneless else "is no instant")
            + ", expected RFC 3339 such as `2024-09-18T00:00:00Z`",
            code="records/instant",
            hint=f'Say in a binding which: {name} = {{column = "{name}", zone = "UTC"}}.'
            if zoneless
            else None,
            row=row,
        )
    short = pc.replace_substring_regex(array, pattern=_BEYOND_MICROSECONDS, replacement=r"\1")
    return cast(name, short, INSTANT, "a date and a time of the calendar")


def refuse_other_than_numbers(name: str, array: pa.Array) -> None:
    """Check that every text is a whole number as it would be printed: `012` is another id than `12`.

    Raises:
        MisfitError: One is not.
    """
    fits = pc.fill_null(pc.match_substring_regex(array, pattern=_WHOLE_NUMBER), fill_value=True)
    if not pc.all(fits, min_count=0).as_py():
        row = first_row(pc.invert(fits))
        raise MisfitError(
            f"`{shown_at(array, row)}` in column `{name}` is no whole number, expected one",
            code="records/value",
            row=row,
        )


def whole_numbers(array: pa.Array) -> bool:
    """Tell whether every text of an array is a whole number of 64 bits as it would be printed."""
    if not pc.all(pc.match_substring_regex(array, pattern=_WHOLE_NUMBER), min_count=0).as_py():
        return False
    try:
        array.cast(pa.int64())
    except pa.ArrowException:
        return False
    return True


def refuse_null_ids(name: str, array: pa.Array) -> None:
    """Check that every record has an id.

    Raises:
        MisfitError: One has none.
    """
    if array.null_count:
        raise MisfitError(
            f"`{name}` is empty, expected an id for every record",
            code="records/null-id",
            row=first_row(array.is_null()),
        )


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
