# SPDX-License-Identifier: Apache-2.0
"""Read the rows of releases as they were decided, each file held to what entries commit to (specs/audit.md, part 1)."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from privity.audit.commitment import ManifestLine
from privity.audit.evidence import COLUMNS, Rows
from privity.canonical.encode import digest
from privity.entries.release import CreatedRelease, RevisedRelease
from privity.errors import UnavailableError, VerificationError

_CATEGORY = "category"
_MICROSECONDS = 1_000_000


@dataclass(frozen=True, kw_only=True, slots=True)
class Revision:
    """A revision of a release, of which there are rows that were held to its entry.

    Attributes:
        entry: The index of its entry.
        says: The entry.
        lines: The files of its table of which there are rows, as its manifest has them.
        rows: The folder with a file of rows for each.
        held: The SHA-256 of each of these files, by its name, as it was when it was held to the entry.
    """

    entry: int
    says: CreatedRelease | RevisedRelease
    lines: tuple[ManifestLine, ...]
    rows: Path
    held: Mapping[str, str]

    def read(self, columns: Collection[str] = COLUMNS) -> Iterator[Rows]:
        """Read its rows, file by file.

        Raises:
            UnavailableError: A file cannot be read (`audit/rows`).
            VerificationError: It was changed since it was held to the entry (`audit/rows-differ`).
        """
        for line in self.lines:
            data, sha256 = read_rows(self.rows / line.path, columns, encoded=True)
            if sha256 != self.held[line.path]:
                raise VerificationError(
                    f"the rows beside `{line.path}` of release `{self.says.release}` were changed meanwhile",
                    code="audit/rows-differ",
                )
            yield Rows(
                release=self.says.release,
                revision=self.says.revision,
                file=line.path,
                sha256=line.sha256,
                table=data,
            )


def read_rows(
    path: Path, columns: Collection[str] = COLUMNS, *, encoded: bool = False
) -> tuple[pa.Table, str]:
    """Read columns of rows from a file, in the types of `Rows`; gives the SHA-256 of its bytes too.

    Args:
        path: The file.
        columns: Which columns.
        encoded: Whether categories, of which there are few, stay a dictionary.

    Raises:
        UnavailableError: It cannot be read (`audit/rows`).
    """
    try:
        data = path.read_bytes()
        few = [_CATEGORY] if encoded else None
        with pq.ParquetFile(pa.BufferReader(data), read_dictionary=few) as file:
            if len({*file.schema_arrow.names}) != len(file.schema_arrow.names):
                raise pa.ArrowInvalid("two columns have one name")
            there = [
                one for one in COLUMNS if one in columns and one in file.schema_arrow.names
            ]
            table = file.read(columns=there, use_threads=False)
        return as_decided(table, encoded=encoded), digest(data)
    except (OSError, pa.ArrowException) as error:
        raise UnavailableError(
            f"the rows `{path}` cannot be read",
            code="audit/rows",
            hint="put them back from where the vault is kept",
        ) from error


def as_decided(table: pa.Table, *, encoded: bool = False) -> pa.Table:
    """Give rows in the types that audits read: instants in whole seconds, who has no capacity personal.

    Args:
        table: The rows.
        encoded: Whether categories may stay a dictionary.
    """
    made = {}
    for name in table.column_names:
        column = table.column(name)
        if pa.types.is_dictionary(column.type):
            if encoded and name == _CATEGORY:
                made[name] = column
                continue
            column = column.cast(column.type.value_type)
        if name == "created_at":
            column = _seconds(column)
        elif name == "capacity":
            column = pc.fill_null(column, "personal")
        elif name in {"recipients", "quotes"}:
            column = _lists(column)
        else:
            column = _plain(column)
        made[name] = column
    return pa.table(made)


def _seconds(column: pa.ChunkedArray) -> pa.ChunkedArray:
    return pa.chunked_array([_whole(one) for one in column.chunks], pa.int64())


def _whole(instants: pa.Array) -> pa.Array:
    # Down, also before 1970: an instant within a second is of that second.
    exact = instants.cast(pa.timestamp("us", tz="UTC")).cast(pa.int64())
    missing = exact.is_null().to_numpy(zero_copy_only=False) if exact.null_count else None
    if missing is not None:
        exact = pc.fill_null(exact, 0)
    return pa.array(np.floor_divide(exact.to_numpy(), _MICROSECONDS), mask=missing)


def _lists(column: pa.ChunkedArray) -> pa.ChunkedArray:
    if not (pa.types.is_list(column.type) or pa.types.is_large_list(column.type)):
        raise pa.ArrowTypeError("members, or records, stand in no list")
    kind = column.type.value_type
    wide = pa.int64() if pa.types.is_integer(kind) else pa.string()
    return column.cast(pa.list_(wide))


def _plain(column: pa.ChunkedArray) -> pa.ChunkedArray:
    return column.cast(pa.int64() if pa.types.is_integer(column.type) else pa.string())
