# SPDX-License-Identifier: Apache-2.0
"""Text formats turned into Parquet on disk, so that everything after them reads one format.

Records are checked and reshaped batch by batch, in bounded memory, while the line that each came from
is still known. A new file is begun only where a batch has other types than those before it.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import pyarrow as pa
import pyarrow.parquet as pq

from privity.errors import InputError, UnavailableError, Where
from privity.sources.arrays import whole_numbers
from privity.sources.binding import NATIVE, Binding
from privity.sources.columns import BY_NAME, COLUMNS, EITHER, IdChoice, Ids, MisfitError
from privity.sources.parquet import ParquetRecords, Part, Stamp, open_part
from privity.sources.reshape import reshape

Unit = Literal["line", "row"]
"""What a source is counted in: lines from 1, or rows from 0."""


def place_of(name: str, unit: Unit, number: int, column: int | None = None) -> Where:
    """Say where in a source something is."""
    if unit == "row":
        return Where(file=name, row=number)
    return Where(file=name, line=number, column=column)


@dataclass(frozen=True, slots=True)
class Batch:
    """Some lines of a file, or some rows of an answer.

    Attributes:
        table: The platform's columns.
        lines: The number of each row.
        unit: What these numbers count.
    """

    table: pa.Table
    lines: Sequence[int]
    unit: Unit = "line"


class Staging:
    """One source on its way into Parquet.

    Args:
        folder: Where to put the files; it exists.
        stem: How their names begin.
        name: The source as the user gave it.
        binding: What its columns mean.
        untyped: Whether every value was text, as in CSV: ids that all are whole numbers may then be
            either kind.
    """

    def __init__(
        self, *, folder: Path, stem: str, name: str, binding: Binding, untyped: bool
    ) -> None:
        self._folder = folder
        self._stem = stem
        self._name = name
        self._binding = binding
        self._untyped = untyped
        self._choices = {"record": IdChoice(), "member": IdChoice()}
        # For each, whether any id was seen, and whether all were whole numbers.
        self._any = {"record": False, "member": False}
        self._numbers = {"record": True, "member": True}
        self._paths: list[Path] = []
        self._writer: pq.ParquetWriter | None = None

    def add_all(self, batches: Iterable[Batch]) -> None:
        """Check, reshape and write batches.

        Raises:
            InputError: Something does not fit; the place says the line.
            UnavailableError: The folder cannot be written to.
        """
        try:
            for batch in batches:
                self._write(self._reshaped(batch))
        finally:
            self._close()

    def records(self, path: Path, stamp: Stamp, sha256: str | None = None) -> ParquetRecords:
        """Give the staged records of the source that lies at `path`.

        Args:
            path: The source's own file.
            stamp: What it was when it was opened.
            sha256: What the source is known by, where that is not the file's bytes.
        """
        parts = [open_part(one, self._name) for one in self._paths]
        choices = {of: self._choice(of) for of in ("record", "member")}
        return ParquetRecords(
            name=self._name,
            path=path,
            stamp=stamp,
            parts=parts,
            reshape=reshape(self._shared_schema(parts), NATIVE),
            record_ids=choices["record"],
            member_ids=choices["member"],
            sha256=sha256,
            binding=self._binding.sha256,
        )

    def _reshaped(self, batch: Batch) -> pa.Table:
        try:
            how = reshape(batch.table.schema, self._binding, untyped=self._untyped)
            self._narrow("record", IdChoice(how.record_kinds))
            self._narrow("member", IdChoice(how.member_kinds))
            table = how.table(batch.table, self._ids())
        except MisfitError as error:
            number = batch.lines[error.row or 0] if batch.lines else int(batch.unit == "line")
            raise InputError(
                error.message,
                code=error.code,
                hint=error.hint,
                where=place_of(self._name, batch.unit, number),
            ) from error
        if self._untyped:
            self._look_for_numbers(table)
        return table

    def _narrow(self, of: str, choice: IdChoice) -> None:
        before = self._choices[of]
        agreed = before.agreed(choice)
        if not agreed.kinds:
            raise MisfitError(
                f"ids of {of}s are {choice.said} here and were {before.said} before, expected one kind",
                code="records/mixed-ids",
            )
        self._choices[of] = agreed

    def _ids(self) -> Ids:
        return Ids(
            record=self._choices["record"].settled, member=self._choices["member"].settled
        )

    def _look_for_numbers(self, table: pa.Table) -> None:
        for column in COLUMNS:
            if column.of is None or len(self._choices[column.of].kinds) == 1:
                continue
            for chunk in table.column(column.name).chunks:
                values = chunk.flatten() if column.role == "ids" else chunk
                self._any[column.of] |= values.null_count < len(values)
                self._numbers[column.of] &= whole_numbers(values)

    def _choice(self, of: str) -> IdChoice:
        choice = self._choices[of]
        if len(choice.kinds) == 1 or not self._any[of]:
            return choice
        return (
            IdChoice(EITHER, "integer")
            if self._numbers[of]
            else IdChoice(frozenset({"string"}))
        )

    def _write(self, table: pa.Table) -> None:
        try:
            if self._writer is None or self._writer.schema != table.schema:
                self._close()
                path = self._folder / f"{self._stem}-{len(self._paths):04d}.parquet"
                self._writer = pq.ParquetWriter(path, table.schema, compression="lz4")
                self._paths.append(path)
            self._writer.write_table(table, row_group_size=max(table.num_rows, 1))
        except OSError as error:
            raise self._unwritable(error) from error

    def _close(self) -> None:
        writer, self._writer = self._writer, None
        if writer is not None:
            try:
                writer.close()
            except OSError as error:
                raise self._unwritable(error) from error

    def _unwritable(self, error: OSError) -> UnavailableError:
        return UnavailableError(
            f"cannot stage `{self._name}` in `{self._folder}`: {' '.join(str(error).split())}",
            code="records/staging",
            hint="point TMPDIR at a disk with room for the source",
        )

    def _shared_schema(self, parts: Sequence[Part]) -> pa.Schema:
        """Give each column the type that all parts fit in."""
        ids = self._ids()
        if not parts:
            return ids.schema()
        own = [pa.schema([f for f in part.schema if f.name not in BY_NAME]) for part in parts]
        payload = pa.unify_schemas(own, promote_options="permissive")
        return pa.schema([*ids.schema(), *payload])
