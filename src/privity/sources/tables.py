# SPDX-License-Identifier: Apache-2.0
"""A platform's tables, batch by batch as they are: Parquet, JSON lines and CSV.

No column is given a meaning here: text stays text, and an empty cell is an empty place. Each batch can
say where a row of it lies.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Final

import pyarrow as pa

from privity.errors import InputError, Where
from privity.sources.cells import CellReader
from privity.sources.columns import MisfitError
from privity.sources.lines import LineReader
from privity.sources.native import CELLS, PARQUET, decompressed, ending_of
from privity.sources.parquet import open_part

_MOST_ROWS: Final = 1 << 17
_READ_AHEAD: Final = 1 << 20


@dataclass(frozen=True, slots=True)
class TableBatch:
    """Some rows of a table.

    Attributes:
        file: The file, as the user gave it.
        table: All columns of the file.
        place: Says where a row lies.
        untyped: Whether all is text for want of types.
    """

    file: str
    table: pa.Table
    place: Callable[[int], Where]
    untyped: bool = False

    def error(self, misfit: MisfitError) -> InputError:
        """Turn what does not fit into an error that says where."""
        where = Where(file=self.file) if misfit.row is None else self.place(misfit.row)
        return InputError(misfit.message, code=misfit.code, hint=misfit.hint, where=where)


def read_table_file(path: Path, ids: Collection[str] = ()) -> Iterator[TableBatch]:
    """Read a table in batches of bounded size.

    Args:
        path: The table.
        ids: Columns of ids, in which no list and no object stands for its text.

    Raises:
        InputError: The file cannot be read as a table.
    """
    name = str(path)
    ending = ending_of(path, name)
    try:
        if not path.stat().st_size:
            raise InputError(
                "the file is empty (0 bytes), expected a table",
                code="records/empty-file",
                where=Where(file=name),
            )
        if ending == PARQUET:
            yield from _parquet(path, name)
            return
    except FileNotFoundError as error:
        raise InputError(
            f"cannot read the table: {error.strerror}",
            code="records/unreadable",
            where=Where(file=name),
        ) from error
    with decompressed(path, name) as stream:
        batches = (
            CellReader(name=name, lists=(), mapped=None).read(stream)
            if ending == CELLS
            else LineReader(name=name, lists={}, mapped=ids, needed=()).read(stream)
        )
        for batch in batches:
            yield TableBatch(
                name, batch.table, partial(_line, name, batch.lines), untyped=ending == CELLS
            )


def _line(name: str, lines: Sequence[int], row: int) -> Where:
    return Where(file=name, line=lines[row])


def _row(name: str, before: int, row: int) -> Where:
    return Where(file=name, row=before + row)


def _parquet(path: Path, name: str) -> Iterator[TableBatch]:
    part = open_part(path, name)
    before = 0
    try:
        with part.open(buffer=_READ_AHEAD) as file:
            for batch in file.iter_batches(_MOST_ROWS, use_threads=False):
                table = pa.Table.from_batches([batch])
                yield TableBatch(name, table, partial(_row, name, before))
                before += batch.num_rows
    except (OSError, pa.ArrowException) as error:
        raise InputError(
            f"the table is damaged after row {before} ({' '.join(str(error).split())})",
            code="records/damaged",
            where=Where(file=name),
        ) from error
