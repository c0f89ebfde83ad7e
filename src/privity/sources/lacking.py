# SPDX-License-Identifier: Apache-2.0
"""Columns that a file lacks, and that are somewhere else: in its path, or in another file (docs/sources.md).

A column that may be left out permits where it is left out: no seat, nothing quoted. So it is not left out where a
folder's name has it (`capacity=personal`), nor where other files of the run have it. Looks at names alone.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final
from urllib.parse import unquote

from privity.errors import InputError, Where
from privity.sources.binding import Binding, Origin
from privity.sources.columns import COLUMNS, Column, shown
from privity.sources.files import ways_to
from privity.sources.misnamed import NONE, meant_for

_OPTIONAL: Final = tuple(column for column in COLUMNS if not column.required)
_IN_ALL: Final = frozenset({"capacity", "quotes"})
"""Columns that permit where they are missing; a message that names nobody is refused."""
_CONSTANTS: Final = {"category": '"…"', "author": '"…"', "capacity": '"…"'} | {
    column.name: "[]" for column in _OPTIONAL if column.role == "ids"
}


@dataclass(frozen=True, kw_only=True, slots=True)
class Source:
    """What was seen of one source.

    Attributes:
        name: How the user calls it.
        binding: What its columns mean.
        columns: The platform's columns that it has.
        rows: How many records it has.
        keyed: Whether each record has keys of its own, of which one that is missing is empty.
        asked: Whether it is the answer of a query, whose columns were chosen for it alone.
    """

    name: str
    binding: Binding
    columns: Collection[str]
    rows: int
    keyed: bool = False
    asked: bool = False

    def lacks(self, column: Column) -> bool:
        """Tell whether a column of a record comes from nowhere."""
        return _lost(self.binding.origin(column), self.columns)


def _lost(origin: Origin, columns: Collection[str]) -> bool:
    return not all(name in columns for name in origin.columns)


def refuse_in_path(path: Path, name: str, binding: Binding, columns: Collection[str]) -> None:
    """Check that no part of a file's path, such as `capacity=personal`, has a column that the file lacks.

    Args:
        path: The file.
        name: How the user calls it.
        binding: What its columns mean.
        columns: The platform's columns that it has.

    Raises:
        InputError: A part has one, or may be meant for it.
    """
    parts = dict.fromkeys(part for way in ways_to(path) for part in way.parts if "=" in part)
    for column in COLUMNS if parts else ():
        origin = binding.origin(column)
        if not _lost(origin, columns):
            continue
        for part in parts:
            said = unquote(part.partition("=")[0])
            if said in (column.name, *origin.columns) or (
                not column.required and meant_for(said, column.name)
            ):
                raise InputError(
                    f"`{shown(part)}` in the path may say what `{column.name}` is, and the file has no such column, "
                    "expected it in the file",
                    code="records/column-in-path",
                    hint=_in_the_file(column),
                    where=Where(file=name),
                )


def _in_the_file(column: Column) -> str:
    write = f"write the files again with `{column.name}` as a column of theirs"
    if column.name not in _CONSTANTS:
        return write
    return (
        f"{write}, or say in a binding, under [columns], what every record has: {column.name} = "
        f"{{constant = {_CONSTANTS[column.name]}}}"
    )


def refuse_in_some(sources: Sequence[Source]) -> None:
    """Check that of the sources of which the same is said of a column all have it, or none, unless that says what it is then.

    Raises:
        InputError: Some have one and others with records lack it; or the binding names one that none has.
    """
    for column in _OPTIONAL:
        groups = [[one] for one in sources if one.asked]
        for one in sources:
            if not one.asked:
                origin = one.binding.origin(column)
                same = (some for some in groups if _says(some[0], column) == origin)
                group = next(same, None)
                if group is None:
                    groups.append(group := [])
                group.append(one)
        for group in groups:
            _refuse_in_some(group, column)


def _says(source: Source, column: Column) -> Origin | None:
    """Give what is said of a column of a source, as of others; None of the answer of a query."""
    return None if source.asked else source.binding.origin(column)


def _refuse_in_some(sources: Sequence[Source], column: Column) -> None:
    origin = sources[0].binding.origin(column)
    tables = [one for one in sources if not one.keyed]
    have = next((one for one in tables if not one.lacks(column)), None)
    lack = next((one for one in tables if one.lacks(column) and one.rows), None)
    named = " and ".join(f"`{shown(name)}`" for name in origin.columns)
    if origin.absent and all(one.lacks(column) for one in sources):
        # Else a slip in its name would leave it out everywhere.
        raise InputError(
            f"column {named} is in none of the files, expected `{column.name}` in one of them",
            code="records/missing-column",
            hint="say in the binding, under [columns], which column it is, or what every record has: "
            f"{column.name} = {{constant = {NONE[column.name]}}}",
            where=Where(file=sources[0].name),
        )
    if column.name in _IN_ALL and have is not None and lack is not None and not origin.absent:
        raise InputError(
            f"column {named} is missing here and stands in `{have.name}`, expected it in all files or in none",
            code="records/column-in-some",
            hint="write it into all files, or say in a binding, under [columns], what it is where it is missing: "
            f'{column.name} = {{column = "{column.name}", absent = {NONE[column.name]}}}',
            where=Where(file=lack.name),
        )
