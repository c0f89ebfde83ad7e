# SPDX-License-Identifier: Apache-2.0
"""Source bindings: a platform's own columns mapped onto those of a record (docs/sources.md).

Decides what the binding's TOML says; strict, since a key that is passed over is a mapping that somebody
believes in. What the mapping does to data is `privity.sources.reshape`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final, Literal, cast

from privity.canonical.encode import digest
from privity.errors import InputError
from privity.sources.columns import BY_NAME, COLUMNS, Column, IdKind, is_zone
from privity.sources.toml import Table, read_binding_file, read_table
from privity.vocabulary.terms import CATEGORIES

Unit = Literal["s", "ms", "us", "ns"]
UNITS: Final = ("s", "ms", "us", "ns")
PERSONAL: Final = "personal"
SEAT: Final = "seat:"

_KEYS: Final[Mapping[str, tuple[str, ...]]] = {
    "record_id": ("column", "as"),
    "category": ("column", "values", "otherwise", "constant"),
    "created_at": ("column", "zone", "unit", "ambiguous"),
    "author": ("column", "as", "constant"),
    "recipients": ("column", "columns", "separator", "as", "constant", "absent"),
    "capacity": ("column", "values", "otherwise", "prefix", "constant", "absent"),
    "quotes": ("column", "columns", "separator", "as", "constant", "absent"),
}


@dataclass(frozen=True, kw_only=True, slots=True)
class Origin:
    """Where one column of a record comes from.

    Attributes:
        columns: The platform's columns; several only for lists, which are joined. Empty for a
            constant, and for lists that are always empty.
        constant: The one value of all records, or None.
        values: What the platform's values mean, or None to take them as they are.
        keep_others: Whether a value that `values` does not name is kept; else it is an error.
        prefix: What to put before each value.
        separator: What stands between the ids of a list written as text.
        one: Whether a single id in place of a list is a list of one.
        id_kind: The kind of id to read, or None for the column's own.
        zone: The zone of times that do not say theirs.
        unit: What whole numbers count since 1970 in UTC.
        ambiguous: Which of the two instants a time means that the clock showed twice.
        absent: Whether files that lack all of the columns have none of it, while others have them.
    """

    columns: tuple[str, ...] = ()
    constant: str | None = None
    values: Mapping[str, str] | None = None
    keep_others: bool = False
    prefix: str = ""
    separator: str | None = None
    one: bool = False
    id_kind: IdKind | None = None
    zone: str | None = None
    unit: Unit | None = None
    ambiguous: Literal["raise", "earliest", "latest"] = "raise"
    absent: bool = False

    @property
    def nothing(self) -> bool:
        """Whether every record has an empty list there."""
        return not self.columns and self.constant is None


@dataclass(frozen=True, kw_only=True, slots=True)
class Binding:
    """A platform's columns mapped onto those of a record.

    Attributes:
        origins: By column; one that is not named comes from the platform's column of its own name.
        payload: The columns to pass through, by the name that they get; None for all that are not mapped, as they are.
        source: Where it was read from, for messages.
        sha256: The SHA-256 of the text that says so, or None where nothing was read.
    """

    origins: Mapping[str, Origin] = field(default_factory=dict)
    payload: Mapping[str, str] | None = None
    source: str = ""
    sha256: str | None = None

    def origin(self, column: Column) -> Origin:
        """Give where a column comes from."""
        return self.origins.get(column.name, Origin(columns=(column.name,)))


NATIVE: Final = Binding()
"""No binding: every column has its own name."""


def load_binding(path: Path) -> Binding:
    """Read a binding from a file.

    Raises:
        InputError: It cannot be read, or is no binding.
    """
    return parse_binding(read_binding_file(path), source=str(path))


def parse_binding(text: str, *, source: str) -> Binding:
    """Read the text of a binding.

    Raises:
        InputError: It is no TOML, or says something that no binding says.
    """
    table = read_table(text, file=source)
    table.only(("columns", "payload"))
    return read_binding(table, text)


def read_binding(table: Table, text: str) -> Binding:
    """Read a binding from a table that has `columns`, and may have `payload`.

    Args:
        table: It.
        text: The whole file that it stands in.

    Raises:
        InputError: It says something that no binding says.
    """
    table.require("columns")
    columns = table.table("columns")
    assert columns is not None  # noqa: S101 - `require` has seen the key
    columns.only(tuple(BY_NAME))
    origins = {
        column.name: _origin(columns, column)
        for column in COLUMNS
        if column.name in columns.entries
    }
    return Binding(
        origins=origins,
        payload=_payload(table),
        source=table.file,
        sha256=digest(text.encode("utf-8")),
    )


def _payload(table: Table) -> Mapping[str, str] | None:
    """Read what passes through: a list of columns, or a table that gives them other names."""
    if not isinstance(table.entries.get("payload"), dict):
        names = table.texts("payload")
        return None if names is None else dict(zip(names, names, strict=True))
    renamed = table.mapping("payload")
    for name, column in (renamed or {}).items():
        if not name or not column:
            raise table.error("a name in `payload` is empty, expected that of a column")
    return renamed


def _origin(columns: Table, column: Column) -> Origin:
    if isinstance(columns.entries[column.name], str):
        return Origin(columns=(columns.needed(column.name),), one=True)
    table = columns.table(column.name)
    assert table is not None  # noqa: S101 - the caller has seen the key
    table.only(_KEYS[column.name])
    names = _names(table)
    nothing = column.role == "ids" and _nothing(table)
    constant = None if nothing else _constant(table, column)
    if (nothing or constant is not None) == bool(names):
        raise table.error(
            f"`{table.path}` names {'a column and a constant' if names else 'no column'}, expected "
            + " or ".join(
                f"`{key}`"
                for key in ("column", "columns", "constant")
                if key in _KEYS[column.name]
            )
        )
    unit = cast("Unit | None", table.choice("unit", UNITS))
    zone = table.text("zone")
    if zone is not None and not is_zone(zone):
        raise table.error(
            f"`{table.name_of('zone')}` is `{zone}`, expected a zone such as `UTC`, `+02:00` or "
            "`Europe/Berlin`"
        )
    if unit is not None and zone not in (None, "UTC"):
        raise table.error(
            f"`{table.name_of('zone')}` is `{zone}`, expected `UTC` or none beside `unit`: a count "
            "since 1970 is in UTC"
        )
    ambiguous = table.choice("ambiguous", ("error", "earliest", "latest"))
    return Origin(
        columns=names,
        constant=constant,
        values=_values(table, column),
        keep_others=table.choice("otherwise", ("error", "keep")) == "keep",
        prefix=table.text("prefix") or "",
        separator=table.text("separator"),
        one=True,
        id_kind=cast("IdKind | None", table.choice("as", ("integer", "string"))),
        zone=zone,
        unit=unit,
        ambiguous=cast(
            'Literal["raise", "earliest", "latest"]',
            "raise" if ambiguous in (None, "error") else ambiguous,
        ),
        absent=_absent(table, column, names),
    )


def _names(table: Table) -> tuple[str, ...]:
    one, several = table.text("column"), table.texts("columns")
    if one is not None and several is not None:
        raise table.error(
            f"`{table.path}` has both `column` and `columns`, expected one of them"
        )
    return (one,) if one is not None else several or ()


def _nothing(table: Table) -> bool:
    """Tell whether lists are said to be empty in every record; that is all that is constant in lists."""
    constant = table.entries.get("constant")
    if constant not in (None, []):
        raise table.error(
            f"`{table.name_of('constant')}` is `{constant}`, expected `[]`: nothing in any record"
        )
    return constant is not None


def _absent(table: Table, column: Column, names: Sequence[str]) -> bool:
    """Tell whether files may lack the columns; all that a record has then is nothing, or its own capacity."""
    if "absent" not in table.entries:
        return False
    none = [] if column.role == "ids" else PERSONAL
    if table.entries["absent"] != none:
        raise table.error(
            f"`{table.name_of('absent')}` is `{table.entries['absent']}`, expected `{none}`"
        )
    if not names:
        raise table.error(
            f"`{table.path}` has both `constant` and `absent`, expected one of them"
        )
    return True


def _constant(table: Table, column: Column) -> str | None:
    constant = table.text("constant")
    if constant is not None:
        _check_word(table, column, table.name_of("constant"), constant)
    return constant


def _values(table: Table, column: Column) -> Mapping[str, str] | None:
    values = table.mapping("values")
    if values is None:
        if "otherwise" in table.entries:
            raise table.error(f"`{table.name_of('otherwise')}` without `values`, expected both")
        return None
    if "prefix" in table.entries:
        raise table.error(
            f"`{table.path}` has both `values` and `prefix`, expected one of them"
        )
    for seen, word in values.items():
        _check_word(table, column, f"{table.name_of('values')}.{seen}", word)
    return values


def _check_word(table: Table, column: Column, name: str, word: str) -> None:
    """Check a word that the binding itself puts into records; theirs are the gate's to judge."""
    if column.name == "category":
        try:
            CATEGORIES.require(word)
        except InputError as error:
            raise table.error(f"`{name}`: {error.message}", hint=error.hint) from error
    seat = word.startswith(SEAT) and word != SEAT
    if column.name == "capacity" and word != PERSONAL and not seat:
        raise table.error(
            f"`{name}` is `{word}`, expected `{PERSONAL}` or `{SEAT}` and the customer"
        )
