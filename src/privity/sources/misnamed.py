# SPDX-License-Identifier: Apache-2.0
"""Columns that have another name than a record's: which may be meant, and how to say so (docs/sources.md).

A column that may be left out permits where it is left out: no seat, nothing quoted, nobody addressed. So it is not
left out where another column may be meant for it. Looks at names alone.
"""

from __future__ import annotations

import difflib
import re
import unicodedata
from collections.abc import Collection, Iterable, Sequence
from functools import lru_cache
from typing import Final

import pyarrow as pa
import pyarrow.compute as pc

from privity.canonical.encode import encode
from privity.sources.binding import Binding, Origin
from privity.sources.columns import BY_NAME, MisfitError, shown

CODE: Final = "records/misnamed-column"

_MOST_LISTED: Final = 20
# Each word in its other number, too.
_WORDS: Final = {
    "recipients": ("recipients", "recipient"),
    "capacity": ("capacity", "capacities"),
    "quotes": ("quotes", "quote"),
}
# What a record has where it has none of it, as TOML.
NONE: Final = {"recipients": "[]", "capacity": '"personal"', "quotes": "[]"}
_LETTERS_FOR_AN_EDIT: Final = 4


@lru_cache(maxsize=4096)
def meant_for(name: str, column: str) -> bool:
    """Tell whether a name may be meant for a column that may be left out.

    It may where only letters and digits count, without their case and accents, and without an `id` or `ids` at the end, and it is then the
    column's name in either number, but for one edit for each four of its letters: a letter more, less or
    changed, or two neighbours that changed places.
    """
    seen = "".join(
        one for one in unicodedata.normalize("NFKD", name).casefold() if one.isalnum()
    )
    for ending in ("", "id", "ids"):
        if not seen.endswith(ending):
            continue
        for word in _WORDS[column]:
            if _within(seen.removesuffix(ending), word, len(word) // _LETTERS_FOR_AN_EDIT):
                return True
    return False


def _within(one: str, other: str, most: int) -> bool:
    """Tell whether no more than `most` edits lie between two words."""
    if abs(len(one) - len(other)) > most:
        return False
    before: list[int] = []
    row = list(range(len(other) + 1))
    for i, letter in enumerate(one, 1):
        before, above, row = row, before, [i]
        for j, mine in enumerate(other, 1):
            edits = min(before[j] + 1, row[j - 1] + 1, before[j - 1] + (letter != mine))
            if i > 1 and j > 1 and (letter, one[i - 2]) == (other[j - 2], mine):
                edits = min(edits, above[j - 2] + 1)
            row.append(edits)
    return row[-1] <= most


def misnamed(names: Iterable[str], lacking: Collection[str]) -> tuple[str, str] | None:
    """Give the first of some names that may be meant for a column that is lacking, and that column.

    Args:
        names: Names that are no part of a record yet.
        lacking: Names of columns of a record; those that may not be left out are passed over.
    """
    asked = [column for column in _WORDS if column in lacking]
    return next(
        (
            (name, column)
            for name in names
            if name not in BY_NAME
            for column in asked
            if meant_for(name, column)
        ),
        None,
    )


def said(name: str, column: str) -> str:
    """Say in one line that a name may be meant for a column."""
    return (
        f"column `{shown(name)}` may be meant for `{column}`, which is missing, expected `{column}`, or to be "
        "told what it is"
    )


def refuse_misnamed(names: Iterable[str], origins: Collection[str]) -> None:
    """Check that no column is meant for one that was left out.

    Args:
        names: The platform's columns that nothing of a record comes from.
        origins: The columns of a record that come from somewhere.

    Raises:
        MisfitError: One may be.
    """
    found = misnamed(names, BY_NAME.keys() - origins)
    if found is not None:
        raise MisfitError(said(*found), code=CODE, hint=_either_way(*found))


def refuse_other_keys(lines: pa.Table, binding: Binding, keys: Collection[str]) -> None:
    """Check, where each line has keys of its own, that no line has a key that is meant for one that it lacks.

    Args:
        lines: They have every column of a record that the binding says nothing of.
        binding: What columns mean.
        keys: The keys that some line had so far.

    Raises:
        MisfitError: A line may have one.
    """
    for column in _WORDS:
        origin = binding.origins.get(column)
        if origin is not None and not (origin.absent and origin.columns == (column,)):
            continue  # it stands where it is meant; that a file may lack it says nothing of lines
        for name in lines.column_names:
            if name in BY_NAME or not meant_for(name, column):
                continue
            lost = pc.and_(lines.column(column).is_null(), lines.column(name).is_valid())
            row = int(pc.index(lost, value=True).as_py())
            if row >= 0:
                hint = (
                    f"write `{column}` in every line, or say in a binding, under [columns], that it stands "
                    f'where it is meant: {column} = "{column}"'
                    if column in keys
                    else _either_way(name, column)
                )
                raise MisfitError(said(name, column), code=CODE, hint=hint, row=row)


def _either_way(name: str, column: str) -> str:
    """Give the hint that says both: that a name is meant for a column, and that it is not."""
    return (
        f"say in a binding, under [columns], that it is: {column} = {_toml(name)}, or what every record has: "
        f"{column} = {{constant = {NONE[column]}}}"
    )


def missing(column: str, origin: Origin, names: Sequence[str]) -> MisfitError:
    """Make the error of a column of a record whose origin is not there.

    Args:
        column: The record's column.
        origin: Where it should come from.
        names: The platform's columns.
    """
    lost = next(name for name in origin.columns if name not in names)
    near = _near(lost, names, column)
    named = _toml(near) if near else '"…"'
    if len(origin.columns) > 1:
        listed = ", ".join(named if one == lost else _toml(one) for one in origin.columns)
        said = f"{{columns = [{listed}], …}}"
    elif origin == Origin(columns=(lost,), one=origin.one):
        said = named
    else:
        said = f"{{column = {named}, …}}"
    return _missing(lost, near, names, f"{column} = {said}")


def missing_payload(lost: str, binding: Binding, names: Sequence[str]) -> MisfitError:
    """Make the error of a column that should pass through and is not there."""
    near = _near(lost, names)
    named = _toml(near) if near else '"…"'
    found = binding.payload or {}
    said = {name: named if one == lost else _toml(one) for name, one in found.items()}
    turned = [
        name for name, one in found.items() if one == lost and name in names and name != one
    ]
    if turned:
        # What it gets was written where it comes from.
        return _missing(
            lost, turned[0], names, f"payload = {{{_toml(lost)} = {_toml(turned[0])}}}"
        )
    if all(name == one for name, one in found.items()):
        return _missing(lost, near, names, f"payload = [{', '.join(said.values())}]")
    pairs = ", ".join(f"{_toml(name)} = {column}" for name, column in said.items())
    return _missing(lost, near, names, f"payload = {{{pairs}}}")


def _missing(lost: str, near: str | None, names: Sequence[str], say: str) -> MisfitError:
    if not names:
        return MisfitError(
            f"column `{lost}` is missing, and there are no columns at all",
            code="records/missing-column",
        )
    listed = ", ".join(f"`{shown(one)}`" for one in names[:_MOST_LISTED])
    more = ", …" if len(names) > _MOST_LISTED else ""
    return MisfitError(
        f"column `{lost}` is missing, the columns are {listed}{more}",
        code="records/missing-column",
        hint=f"if `{shown(near)}` is meant, say so in a binding: {say}"
        if near
        else f"say in a binding which column it is: {say}",
    )


def _near(lost: str, names: Sequence[str], column: str | None = None) -> str | None:
    """Give the name that is nearest; another column of a record is not meant."""
    free = [one for one in names if one not in BY_NAME or one == column]
    # Of two that differ in the ending alone, the nearer one as a whole.
    free.sort(key=lambda one: difflib.SequenceMatcher(None, one, lost).ratio())
    stems = {_stem(one): one for one in free}
    found = difflib.get_close_matches(_stem(lost), stems, n=1, cutoff=0.5)
    return stems[found[0]] if found else None


def _stem(name: str) -> str:
    """Give a name without the ending that names of all kinds of ids, and of times, have in common."""
    return re.sub(r"(?i)(?<=.)_(ids?|at)$", "", name)


def _toml(text: str) -> str:
    return encode(text).decode("utf-8")
