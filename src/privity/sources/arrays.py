# SPDX-License-Identifier: Apache-2.0
"""How Arrow arrays become the columns of a record: ids, lists of ids, text, instants.

Nothing is lost on the way: a value that has no place is refused, with the row that it is in. Works on whole arrays; a
single value is looked at only to name the bad one. What types can become what is said in `columns`.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

import pyarrow as pa
import pyarrow.compute as pc

from privity.sources.columns import INSTANT, MisfitError, is_text, shown, shown_at

# RFC 3339, with the fraction of a second that records may have and facts may not. A blank may stand for its T, as
# pandas writes it, and an offset may be of hours alone, as PostgreSQL writes it.
_INSTANT_TEXT: Final = (
    r"^\d{4}-\d{2}-\d{2}[T ]\d{2}:\d{2}:\d{2}(?:\.\d{1,9})?(?:Z|[+-]\d{2}(?::\d{2})?)$"
)
_CLOCK_TEXT: Final = r"^\d{4}-\d{2}-\d{2}[T ]\d{2}:\d{2}:\d{2}(?:\.\d{1,9})?$"
_ZONELESS: Final = r"^\d{4}-\d{2}-\d{2}(?:[T ]\d{2}:\d{2}(?::\d{2}(?:\.\d+)?)?)?$"
_BEYOND_MICROSECONDS: Final = r"(\.\d{6})\d+"
_WHOLE_NUMBER: Final = r"^(?:0|-?[1-9]\d{0,18})$"


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
            hint='say which in the binding: ambiguous = "earliest" or "latest"'
            if twice
            else None,
            row=row,
        ) from error


def _clock_of_text(name: str, array: pa.Array) -> pa.Array:
    fits = pc.fill_null(pc.match_substring_regex(array, pattern=_CLOCK_TEXT), fill_value=True)
    if not pc.all(fits, min_count=0).as_py():
        row = first_row(pc.invert(fits))
        zoned = pc.match_substring_regex(array.slice(row, 1), pattern=_INSTANT_TEXT)[0].as_py()
        raise MisfitError(
            f"`{shown_at(array, row)}` in column `{name}` is no time without a zone, expected "
            "one such as `2024-09-18 00:00:00`",
            code="records/instant",
            hint="where all times say their zone, leave `zone` out of the binding"
            if zoned
            else None,
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
            hint=f'say in a binding which: {name} = {{column = "{name}", zone = "UTC"}}'
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
        MisfitError: One has none, or an empty text.
    """
    lacking = array.is_null()
    if is_text(array.type):
        lacking = pc.or_kleene(lacking, pc.equal(array, ""))
    row = first_row(lacking)
    if row >= 0:
        raise MisfitError(
            f"`{name}` has no value, expected an id for every record",
            code="records/null-id",
            row=row,
        )
