# SPDX-License-Identifier: Apache-2.0
"""CSV, read strictly: a header, and as many cells in each row as it has.

Every cell is text. Where a record's column is wanted, an empty cell is an empty place, and a list is a
JSON array (`["b","c"]`) or ids with `;` between them. Payload cells stay as they are. Line numbers count
from 1 and a row is named by its first line.
"""

from __future__ import annotations

import csv
from collections.abc import Collection, Iterator, Sequence
from typing import BinaryIO, Final

import pyarrow as pa

from privity.errors import InputError, Where
from privity.sources.columns import MisfitError, shown
from privity.sources.id_lists import BRACKETS, ids_in
from privity.sources.staging import Batch

MOST_ROWS: Final = 1 << 16
MOST_CHARACTERS: Final = 32 << 20
LONGEST_CELL: Final = 256 << 20
SEPARATOR: Final = ";"


class CellReader:
    """Reads the rows of one file.

    Args:
        name: The file as the user gave it.
        lists: Columns whose cells are lists of ids.
        mapped: Columns where an empty cell is an empty place, not empty text; None is all.
    """

    def __init__(
        self, *, name: str, lists: Collection[str], mapped: Collection[str] | None
    ) -> None:
        self._name = name
        self._lists = frozenset(lists)
        self._mapped = None if mapped is None else frozenset(mapped)
        self._ended = True

    def read(self, stream: BinaryIO) -> Iterator[Batch]:
        """Give the rows of a stream in batches of bounded size, the first without rows.

        So the columns are known even where the file has a header alone.

        Raises:
            InputError: A row is not what it should be.
        """
        csv.field_size_limit(max(csv.field_size_limit(), LONGEST_CELL))
        rows: list[list[str]] = []
        lines: list[int] = []
        size = 0
        found = self._rows(stream)
        _, header = next(found)
        yield self._batch(header, [], [])
        for line, row in found:
            rows.append(row)
            lines.append(line)
            size += sum(map(len, row))
            if len(rows) >= MOST_ROWS or size >= MOST_CHARACTERS:
                yield self._batch(header, rows, lines)
                rows, lines, size = [], [], 0
        if rows:
            yield self._batch(header, rows, lines)

    def _error(
        self, message: str, line: int, code: str = "records/syntax", hint: str | None = None
    ) -> InputError:
        return InputError(
            message, code=code, hint=hint, where=Where(file=self._name, line=line)
        )

    def _decoded(self, stream: BinaryIO) -> Iterator[str]:
        """Decode line by line, so that a byte that is no UTF-8 is found in its line."""
        for number, raw in enumerate(stream, 1):
            self._ended = raw.endswith((b"\n", b"\r"))
            try:
                yield raw.decode("utf-8-sig" if number == 1 else "utf-8")
            except UnicodeDecodeError as error:
                raise self._error(
                    f"byte `0x{raw[error.start]:02x}` is no UTF-8, expected UTF-8", number
                ) from error

    def _rows(self, stream: BinaryIO) -> Iterator[tuple[int, list[str]]]:
        """Give each row with its first line, the header first, all of one length."""
        reader = csv.reader(self._decoded(stream), strict=True)
        header: list[str] | None = None
        line = 1
        while True:
            last, line = line, reader.line_num + 1
            try:
                row = next(reader)
            except StopIteration:
                if header is None:
                    raise self._error(
                        "there is no header, expected names of columns", 1
                    ) from None
                self._refuse_cut(header[-1], last)
                return
            except csv.Error as error:
                if "unexpected end" in str(error):
                    raise self._error(
                        "the file breaks off within a quoted cell that begins in this row",
                        line,
                        code="records/truncated",
                    ) from error
                raise self._error(f"no CSV: {error}", line) from error
            if not row:
                raise self._error("the line is empty, expected a row", line)
            header = header or row
            if len(row) != len(header):
                raise self._error(
                    f"the row has {len(row)} cells, expected {len(header)} as in the header",
                    line,
                )
            yield line, row

    def _refuse_cut(self, name: str, line: int) -> None:
        """Check that a last cell that says something of a record is whole: a part of it says something else.

        Raises:
            InputError: No line end comes after it.
        """
        if not self._ended and (self._mapped is None or name in self._mapped):
            raise self._error(
                f"the file breaks off within `{shown(name)}`, or has no line end after it, expected a line end",
                line,
                code="records/truncated",
                hint="if the file is whole, put a line end after its last line",
            )

    def _batch(
        self, header: Sequence[str], rows: list[list[str]], lines: Sequence[int]
    ) -> Batch:
        columns = zip(*rows, strict=True) if rows else [() for _ in header]
        arrays = [
            self._array(name, cells, lines) for name, cells in zip(header, columns, strict=True)
        ]
        return Batch(pa.table(arrays, names=list(header)), lines)

    def _array(self, name: str, cells: Sequence[str], lines: Sequence[int]) -> pa.Array:
        if name in self._lists:
            lists = [
                self._list(name, cell, line) for cell, line in zip(cells, lines, strict=True)
            ]
            return pa.array(lists, pa.list_(pa.string()))
        if self._mapped is None or name in self._mapped:
            return pa.array([cell or None for cell in cells], pa.string())
        return pa.array(cells, pa.string())

    def _list(self, name: str, cell: str, line: int) -> list[str | None]:
        text = cell.strip()
        if not text:
            return []
        if not text.startswith(BRACKETS):
            return [part.strip() or None for part in text.split(SEPARATOR)]
        try:
            return ids_in(name, text, f"ids with `{SEPARATOR}` between them")
        except MisfitError as error:
            raise self._error(error.message, line, error.code) from error
