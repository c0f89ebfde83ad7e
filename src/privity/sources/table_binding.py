# SPDX-License-Identifier: Apache-2.0
"""Table bindings: what the columns of a platform's table say about members (docs/members.md).

Decides what the binding's TOML says, strictly. In a `[[fact]]`, text is what it says and `{column = …}` is
what a column says. Nothing is guessed: how a setting was said, and since when, is either in the table or
unknown.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, Literal, cast

from privity.canonical.instants import Instant
from privity.errors import InputError
from privity.members.facts import LISTS, SHAPES, Shape, check_shape
from privity.sources.binding import UNITS, Unit
from privity.sources.columns import IdKind, is_zone
from privity.sources.toml import Table, read_binding_file, read_table
from privity.vocabulary.terms import unknown

TableKind = Literal["current", "periods", "changes"]
KINDS: Final[Mapping[TableKind, str]] = {
    "current": "what holds now, one row for each member",
    "periods": "what held from when until when, a row for each period",
    "changes": "what became of something and when, a row for each change",
}

_TIMES: Final[Mapping[TableKind, tuple[str, ...]]] = {
    "current": (),
    "periods": ("from", "to"),
    "changes": ("at",),
}
_ALWAYS: Final = ("table", "fact", "member", "zone", "unit", "as_of", "recorded_at")
_LISTED: Final = ("jurisdictions", *LISTS)


@dataclass(frozen=True, kw_only=True, slots=True)
class Words:
    """Where a text of a fact comes from: the binding itself, or a column.

    Attributes:
        constant: The text, or None.
        column: The column, or None.
        values: What its values mean, or None to take them as they are; the key `""` is an empty cell.
        otherwise: What a value is that `values` does not name: an error, kept as it is, or no fact.
    """

    constant: str | None = None
    column: str | None = None
    values: Mapping[str, str] | None = None
    otherwise: Literal["error", "keep", "skip"] = "error"


@dataclass(frozen=True, kw_only=True, slots=True)
class FactBinding:
    """One kind of fact that each row of a table may tell of.

    Attributes:
        fact: Its kind, a key of `SHAPES`.
        value: Where its value comes from, or None where the kind has none.
        at: A column that says when it was true, an instant, or None for the table's own time.
        details: Where each key of its detail comes from.
        lists: Details that are lists, as they are.
        where_column: A column that must have one of `where_values` for the row to tell it, or None.
        where_values: Those values.
        path: The name of the `[[fact]]`, for messages.
    """

    fact: str
    value: Words | None
    at: str | Instant | None
    details: Mapping[str, Words]
    lists: Mapping[str, tuple[str, ...]]
    where_column: str | None
    where_values: tuple[str, ...]
    path: str

    @property
    def shape(self) -> Shape:
        """What a fact of this kind looks like."""
        return SHAPES[self.fact]


@dataclass(frozen=True, kw_only=True, slots=True)
class TableBinding:
    """What a table says.

    Attributes:
        kind: How the table keeps time.
        member: The column of the member's id, or None in a table of the platform's own facts.
        read_as: The kind of id to read, or None for the column's own.
        start: The column of a period's beginning, or of a change's time; None in a current table.
        end: The column of a period's end, or None.
        zone: The zone of times that do not say theirs, or None.
        unit: What whole numbers count since 1970 in UTC, or None.
        as_of: When the table was as it is, or None.
        recorded_at: The column that says when a row was recorded, or None: then it is `as_of`.
        facts: What each row may tell.
        source: Where the binding was read from.
    """

    kind: TableKind
    member: str | None
    read_as: IdKind | None
    start: str | None
    end: str | None
    zone: str | None
    unit: Unit | None
    as_of: Instant | None
    recorded_at: str | None
    facts: tuple[FactBinding, ...]
    source: str

    @property
    def ids(self) -> frozenset[str]:
        """The columns of members' ids: of whom facts are, and whom merges name."""
        merged = {
            one.value.column
            for one in self.facts
            if one.shape.value == "member" and one.value is not None
        }
        return frozenset(name for name in (self.member, *merged) if name is not None)


def load_table_binding(path: Path) -> TableBinding:
    """Read a binding from a file.

    Raises:
        InputError: It cannot be read, or is no binding.
    """
    return parse_table_binding(read_binding_file(path), source=str(path))


def parse_table_binding(text: str, *, source: str) -> TableBinding:
    """Read the text of a binding.

    Raises:
        InputError: It is no TOML, or says something that no binding says.
    """
    table = read_table(text, file=source)
    table.require("table")
    kind = cast("TableKind", table.choice("table", KINDS))
    table.only((*_ALWAYS, *_TIMES[kind]))
    facts = tuple(_fact(one, kind) for one in table.tables("fact"))
    if not facts:
        raise table.error("no `[[fact]]`, expected at least one")
    member, read_as = _member(table)
    if member is None and not all(one.shape.platform for one in facts):
        table.require("member")
    times = [table.needed(key) for key in _TIMES[kind]]
    zone, as_of, recorded_at = (
        table.text("zone"),
        table.instant("as_of"),
        table.text("recorded_at"),
    )
    if zone is not None and not is_zone(zone):
        raise table.error(
            f"`zone` is `{zone}`, expected a zone such as `UTC` or `Europe/Berlin`"
        )
    if as_of is None and (kind == "current" or recorded_at is None):
        raise table.error(
            "`as_of` is missing, expected when the table was as it is"
            + (
                ""
                if kind == "current"
                else ", or `recorded_at`, the column that says when a row was written"
            ),
        )
    return TableBinding(
        kind=kind,
        member=member,
        read_as=read_as,
        start=times[0] if times else None,
        end=times[1] if len(times) > 1 else None,
        zone=zone,
        unit=cast("Unit | None", table.choice("unit", UNITS)),
        as_of=as_of,
        recorded_at=recorded_at,
        facts=facts,
        source=source,
    )


def _member(table: Table) -> tuple[str | None, IdKind | None]:
    if not isinstance(table.entries.get("member"), dict):
        return table.text("member"), None
    inner = table.table("member")
    assert inner is not None  # noqa: S101 - the key is there
    inner.only(("column", "as"))
    read_as = inner.choice("as", ("integer", "string"))
    return inner.needed("column"), cast("IdKind | None", read_as)


def _fact(table: Table, kind: TableKind) -> FactBinding:
    name = table.needed("fact")
    if name not in SHAPES:
        error = unknown("fact", name, SHAPES)
        raise table.error(f"`{table.path}`: {error.message}", hint=error.hint)
    shape = SHAPES[name]
    details = shape.required + shape.optional
    table.only(
        ("fact", "where", *details)
        + (("value",) if shape.value != "none" else ())
        + (("at",) if kind == "current" else ())
    )
    for key in shape.required:
        table.require(key)
    if shape.value in ("text", "member", "date"):
        table.require("value")
    words = {
        key: _words(table, key)
        for key in details
        if key in table.entries and key not in _LISTED
    }
    if name == "setting":
        table.require("value")
        # How it was said is not known unless the table says so; a yes is then passed over.
        words.setdefault("method", Words(constant="migrated"))
    lists = {key: listed for key in _LISTED if (listed := table.texts(key)) is not None}
    where = table.table("where")
    if where is not None:
        where.only(("column", "is"))
        where.require("is")
    made = FactBinding(
        fact=name,
        value=_words(table, "value") if "value" in table.entries else None,
        at=_at(table),
        details=words,
        lists=lists,
        where_column=where.needed("column") if where is not None else None,
        where_values=(where.texts("is") or ()) if where is not None else (),
        path=table.path,
    )
    _check_constants(table, made)
    return made


def _words(table: Table, key: str) -> Words:
    if isinstance(table.entries[key], str):
        return Words(constant=table.needed(key))
    inner = table.table(key)
    assert inner is not None  # noqa: S101 - the caller has seen the key
    inner.only(("column", "values", "otherwise"))
    values = inner.mapping("values")
    otherwise = inner.choice("otherwise", ("error", "keep", "skip"))
    if values is None and otherwise is not None:
        raise inner.error(f"`{inner.name_of('otherwise')}` without `values`, expected both")
    return Words(
        column=inner.needed("column"),
        values=values,
        otherwise=cast('Literal["error", "keep", "skip"]', otherwise or "error"),
    )


def _at(table: Table) -> str | Instant | None:
    value = table.entries.get("at")
    return table.text("at") if value is None or isinstance(value, str) else table.instant("at")


def _check_constants(table: Table, made: FactBinding) -> None:
    """Check what the binding itself puts into facts: every combination of its own words."""
    detail: dict[str, Any] = {key: list(listed) for key, listed in made.lists.items()}
    for key in made.shape.required:
        detail.setdefault(key, "controller" if key == "role" else "?")
    sample = {"date": "2000-01-01", "none": ""}.get(made.shape.value, "?")
    values = _own(made.value) or (sample,)
    for key, words in made.details.items():
        for word in _own(words):
            _check(table, made, values[0], {**detail, key: word})
    for value in values:
        _check(table, made, value, detail)


def _own(words: Words | None) -> tuple[str, ...]:
    if words is None:
        return ()
    if words.constant is not None:
        return (words.constant,)
    return tuple((words.values or {}).values())


def _check(table: Table, made: FactBinding, value: str, detail: Mapping[str, Any]) -> None:
    try:
        check_shape(made.fact, value, detail, platform=made.shape.platform)
    except InputError as error:
        raise table.error(f"`{table.path}`: {error.message}", hint=error.hint) from error
