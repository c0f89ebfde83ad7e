# SPDX-License-Identifier: Apache-2.0
"""Records and ids that are plain values of Python, read as those of files are (docs/python.md).

Libraries of tables hand out values of their own: numbers with a type, arrays for lists, marks for what is missing. An id
that is none, such as the `471.0` that a column with gaps makes of 471, would be nobody's: that is an error here too.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from datetime import datetime
from math import isnan
from numbers import Integral
from typing import Any, Final

from privity.errors import InputError
from privity.members.facts import MemberId
from privity.sources import misnamed
from privity.sources.columns import NAMES

_REQUIRED: Final = ("record_id", "category", "created_at", "author")
_LISTS: Final = ("recipients", "quotes")
_FRACTION: Final = re.compile(r"-?\d+\.0")
_LOWEST: Final = -(1 << 63)
_PARTS: Final = re.compile(r"(?<=:\d\d)\.\d+")


def read_row(row: Mapping[str, Any]) -> dict[str, Any]:
    """Give a record's columns as plain values; what is missing is None, and lists are tuples.

    Raises:
        InputError: A column is missing or misnamed, or holds what none of its kind is.
    """
    if not isinstance(row, Mapping):
        raise InputError(
            f"`{type(row).__name__}` is no record, expected a mapping of its columns by name",
            code="records/column-type",
        )
    for name in _REQUIRED:
        if name not in row:
            raise InputError(
                f"a record without `{name}`, expected it", code="records/missing-column"
            )
    said = {name: None if _is_missing(row.get(name)) else row[name] for name in NAMES}
    found = misnamed.misnamed(row, [name for name in NAMES if said[name] is None])
    if found is not None:
        raise InputError(
            misnamed.said(*found),
            code=misnamed.CODE,
            hint=f"give it this name, or say `{found[1]}` beside it: an empty list, or `personal`",
        )
    if said["record_id"] is None or said["record_id"] == "":
        raise InputError("a record without an id, expected one", code="records/null-id")
    return {
        **said,
        "record_id": read_id(said["record_id"], "record_id"),
        "created_at": _whole_seconds(said["created_at"]),
        "author": _read_place(said["author"], "author"),
        **{name: _read_list(said[name], name) for name in _LISTS},
    }


def read_id(value: Any, name: str) -> MemberId:
    """Give an id as text or as a whole number.

    Args:
        value: Text, or a number of whatever library.
        name: What it is the id of, for the message; the id itself is in none.

    Raises:
        InputError: It is neither.
    """
    if isinstance(value, str):
        return str(value)
    whole = isinstance(value, Integral) and not isinstance(value, bool)
    if whole and _LOWEST <= int(value) < -_LOWEST:
        return int(value)
    raise _no_id(name, f"`{type(value).__name__}`")


def read_member(value: Any) -> MemberId:
    """Give the id of a member of whom something is to be recorded.

    Among records, text such as `471.0` is nobody, whom nothing permits. What is recorded of nobody may be a no.

    Raises:
        InputError: It is no id, or is written as a number with a fraction.
    """
    if isinstance(value, str) and _FRACTION.fullmatch(value):
        raise _no_id("member", "a number with a fraction")
    return read_id(value, "member")


def _no_id(name: str, seen: str) -> InputError:
    return InputError(
        f"`{name}` is {seen}, expected an id: text, or a whole number of 64 bits",
        code="records/column-type",
        hint="of `471.0` make `471`",
    )


def _read_place(value: Any, name: str) -> MemberId | None:
    """Give the id of an author or addressee; None names nobody."""
    return None if _is_missing(value) or value == "" else read_id(value, name)


def _read_list(values: Any, name: str) -> tuple[MemberId | None, ...]:
    if values is None:
        return ()
    if isinstance(values, str | bytes | Mapping) or not isinstance(values, Iterable):
        what = "text" if isinstance(values, str) else f"`{type(values).__name__}`"
        raise InputError(
            f"`{name}` is {what}, expected a list of ids", code="records/column-type"
        )
    return tuple(_read_place(one, name) for one in values)


def _whole_seconds(value: Any) -> Any:
    """Cut off what is finer than a second, as of a file."""
    if isinstance(value, datetime):
        return value.replace(microsecond=0)
    return _PARTS.sub("", value) if isinstance(value, str) else value


def _is_missing(value: Any) -> bool:
    """Tell whether a value is None, or what a library of tables writes in its place."""
    if isinstance(value, float):
        return isnan(value)
    return value is None or type(value).__name__ in {"NAType", "NaTType"}
