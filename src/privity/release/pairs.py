# SPDX-License-Identifier: Apache-2.0
"""Whose a record is: the pairs of a record and a party of it, from the files beside a release (specs/release.md, [REL-29])."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from privity.canonical.instants import Instant
from privity.decide.many import Compiled
from privity.errors import VerificationError, Where
from privity.release.decided import whole
from privity.vocabulary.terms import CATEGORIES

Ints = npt.NDArray[np.int64]
Flags = npt.NDArray[np.bool_]

GROUP: Final = "group-message"
_ASKED_BY: Final = ("category", "created_at", "author", "recipients")
_MICROSECONDS: Final = 1_000_000


@dataclass(frozen=True, kw_only=True, slots=True)
class Audience:
    """When the addressees of a group message are its parties.

    Attributes:
        edges: Instants that ascend.
        asked: Whether they are, for what was made before the first of them, from it on, and so on.
    """

    edges: tuple[Instant, ...] = ()
    asked: tuple[bool, ...] = (False,)

    @classmethod
    def of(cls, compiled: Compiled) -> Audience:
        """Give that of a request: where there are two readings, they are where one of them asks."""
        states = compiled.states
        return cls(
            edges=tuple(int(one) for one in states.epochs),
            asked=tuple(bool(one) for one in states.group),
        )

    def of_rows(self, table: pa.Table) -> Flags:
        """Tell of which rows the addressees are parties, shape (rows)."""
        kinds = whole(table.column("category"))
        if not pa.types.is_dictionary(kinds.type):
            kinds = kinds.dictionary_encode()
        codes = kinds.indices.to_numpy(zero_copy_only=False)
        names = kinds.dictionary.to_pylist()
        everyone = np.array(
            [name != GROUP and CATEGORIES.overlaps("message", name) for name in names], np.bool_
        )
        group = np.array([name == GROUP for name in names], np.bool_)
        if not any(self.asked) or not group.any():
            plain: Flags = everyone[codes]
            return plain
        made = whole(table.column("created_at")).cast(pa.timestamp("us", tz="UTC"))
        seconds = made.cast(pa.int64()).to_numpy(zero_copy_only=False) // _MICROSECONDS
        epoch = np.searchsorted(np.array(self.edges, np.int64), seconds, side="right")
        found: Flags = everyone[codes] | (group[codes] & np.array(self.asked)[epoch])
        return found


@dataclass(frozen=True, kw_only=True, slots=True)
class PartiesFile:
    """A file of rows.

    Attributes:
        path: Where it lies.
        first: The place of its first row.
        rows: How many rows it has.
    """

    path: Path
    first: int
    rows: int


def parties_files(folder: Path, names: Iterable[str] | None = None) -> tuple[PartiesFile, ...]:
    """Give the files of a folder in the order of their names; rows are counted through them from 0.

    Args:
        folder: The folder.
        names: The files' names; None is all of them.

    Raises:
        OSError: One cannot be read.
    """
    found: list[PartiesFile] = []
    first = 0
    paths = folder.glob("part-*.parquet") if names is None else (folder / one for one in names)
    for path in sorted(paths):
        rows = int(pq.read_metadata(path).num_rows)
        found.append(PartiesFile(path=path, first=first, rows=rows))
        first += rows
    return tuple(found)


@dataclass(frozen=True, kw_only=True, slots=True)
class Parties:
    """The parties of some rows.

    Attributes:
        rows: How many rows.
        authors: Shape (rows): each row's author.
        lengths: Shape (rows): how many addressees of each are parties.
        addressees: Shape (the sum of these): they, in the order of the rows.
    """

    rows: int
    authors: pa.Array
    lengths: Ints
    addressees: pa.Array


def read_parties(file: PartiesFile, audience: Audience) -> Iterator[Parties]:
    """Read whose the rows of a file are, one row group after the other.

    Raises:
        OSError: It cannot be read.
        VerificationError: A row has a party that is nobody (`release/parties`).
    """
    columns = [one for one in _ASKED_BY if one != "created_at" or any(audience.asked)]
    with pq.ParquetFile(file.path, read_dictionary=["category"]) as opened:
        for group in range(opened.num_row_groups):
            yield parties_of_rows(
                opened.read_row_group(group, columns=columns, use_threads=False),
                audience,
                file.path,
            )


def parties_of_rows(table: pa.Table, audience: Audience, path: Path) -> Parties:
    """Give whose some rows are.

    Raises:
        VerificationError: A row has a party that is nobody (`release/parties`).
    """
    lists = whole(table.column("recipients"))
    asked = audience.of_rows(table)
    lengths = pc.fill_null(pc.list_value_length(lists), 0).to_numpy(zero_copy_only=False)
    flat = lists.flatten()
    if not asked.all():
        flat = flat.filter(pa.array(np.repeat(asked, lengths)))
    authors = whole(table.column("author"))
    if authors.null_count or flat.null_count:
        raise VerificationError(
            "a row of a release has nobody as a party, expected members alone",
            code="release/parties",
            where=Where(file=str(path)),
        )
    return Parties(
        rows=table.num_rows,
        authors=authors,
        lengths=np.where(asked, lengths, 0).astype(np.int64),
        addressees=flat,
    )


def ids_as_text(column: pa.ChunkedArray | pa.Array) -> pa.Array:
    """Give records' ids as text: an integer as its digits."""
    array = whole(column) if isinstance(column, pa.ChunkedArray) else column
    return array if array.type == pa.string() else array.cast(pa.string())
