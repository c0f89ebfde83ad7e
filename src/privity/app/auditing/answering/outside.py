# SPDX-License-Identifier: Apache-2.0
"""Files that came to light outside, and the platform's own records beside them: opened for an audit (docs/audit.md).

Which column has ids and which has texts is what somebody says, or found by their names. What is in a dump is matched by
`privity.audit.matching`.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from privity.app.auditing.answering.asking import Inputs, Outside, Told
from privity.audit.dumps import Dump, DumpKind, Dumps
from privity.audit.evidence import COLUMNS, AuditedLog
from privity.audit.matching import Source, match
from privity.audit.members_of_class import Wanted, choose
from privity.audit.question import ClassQuestion
from privity.entries.clearing import CommittedClearing, Inputs as Cleared
from privity.errors import InputError, Where
from privity.release.working import working_folder
from privity.sources.binding import Binding, parse_binding
from privity.sources.native import PARQUET, ending_of, open_records
from privity.sources.parquet import ParquetRecords
from privity.sources.tables import read_table_file

RECORDS: Final = "records"
KINDS: Final[tuple[DumpKind, ...]] = ("disclosed", "training")

_TEXTS: Final = ("body", "text", "content", "message")
"""Columns that are taken for the text where nobody names one and both sides have it, the first first."""
_IDS: Final = ("record_id", "id")
_MICROSECOND: Final = 1_000_000


def came_to_light(
    log: AuditedLog, inputs: Inputs, question: ClassQuestion, *, told: Told | None
) -> Dumps:
    """Match what came to light with the platform's own records.

    Raises:
        InputError: A file cannot be read, or has no column that was named (`audit/column`).
    """
    files = [one for one in inputs.outside if one.role == RECORDS]
    dumps = [one for one in inputs.outside if one.role in KINDS]
    if not dumps:
        return Dumps()
    digests = tuple(one.sha256 for one in files)
    with _opened([one.path for one in files], _bindings(inputs)) as records:
        return Dumps(
            dumps=tuple(_dump(one, inputs, records, question, told) for one in dumps),
            records=digests,
            bound=_bound(log, digests),
        )


def _bindings(inputs: Inputs) -> list[Binding] | None:
    """Give what the columns of the records mean: one for all, or one for each file."""
    one = inputs.options.get("binding")
    names = inputs.options.get("bindings", [] if one is None else [one])
    return [
        parse_binding(inputs.files[name].decode(), source=str(name)) for name in names
    ] or None


@contextmanager
def _opened(
    paths: Sequence[Path], binding: Sequence[Binding] | None
) -> Iterator[list[ParquetRecords]]:
    with working_folder() as folder:
        yield open_records(paths, binding=binding, staging=folder)


def _bound(log: AuditedLog, digests: Sequence[str]) -> int | None:
    """Give the entry of a clearing that had just these files as its input ([AUD-46])."""
    if not digests:
        return None
    inputs = Cleared.of(digests)
    for one in log.public:
        if isinstance(one.says, CommittedClearing) and one.says.inputs == inputs:
            return one.entry
    return None


def _dump(
    dump: Outside,
    inputs: Inputs,
    records: Sequence[ParquetRecords],
    question: ClassQuestion,
    told: Told | None,
) -> Dump:
    columns = _columns(dump.path)
    text = _text(inputs.options.get("text"), dump, columns, records)
    source = Source(
        tables=lambda: _rows(dump.path, [one for one in (ids, text) if one is not None]),
        id=(ids := _ids(inputs.options.get("id"), dump, columns)),
        text=text,
    )
    mine = Source(tables=lambda: _records(records, text), id="record_id", text=text)
    found = match(source, mine, told=told)
    around = None
    if question.at is not None:
        chosen = choose(found.records, Wanted.of(question))
        around = _around(records, found.records.filter(pa.array(chosen.mask)))
    return Dump(
        kind="disclosed" if dump.role == "disclosed" else "training",
        name=dump.name,
        sha256=dump.sha256,
        rows=found.rows,
        how=found.how,
        unmatched=found.unmatched,
        text=text,
        records=found.records,
        around=around,
    )


# Which columns


def _columns(path: Path) -> dict[str, bool]:
    """Give the columns of a table, and whether each may have text."""
    found: dict[str, bool] = {}
    for batch in read_table_file(path):
        for field in batch.table.schema:
            found[field.name] = found.get(field.name, False) or _is_text(field.type)
        if ending_of(path, str(path)) == PARQUET:
            break
    return found


def _is_text(kind: pa.DataType) -> bool:
    if pa.types.is_dictionary(kind):
        kind = kind.value_type
    return bool(
        pa.types.is_string(kind)
        or pa.types.is_large_string(kind)
        or pa.types.is_string_view(kind)
    )


def _ids(named: str | None, dump: Outside, columns: dict[str, bool]) -> str | None:
    if named is not None and named not in columns:
        raise _no_column(named, dump.path, columns)
    return named or next((one for one in _IDS if one in columns), None)


def _text(
    named: str | None,
    dump: Outside,
    columns: dict[str, bool],
    records: Sequence[ParquetRecords],
) -> str | None:
    """Find the column of text that both sides have ([AUD-47])."""
    both = [
        name
        for name, has_text in columns.items()
        if has_text and all(_has_text(one.schema, name) for one in records)
    ]
    if named is None:
        return next((one for one in _TEXTS if one in both), None)
    if named not in columns:
        raise _no_column(named, dump.path, columns)
    if named not in both:
        raise InputError(
            f"column `{named}` is no text of all records, expected one that is",
            code="audit/column",
            where=Where(file=records[0].name),
        )
    return named


def _has_text(schema: pa.Schema, name: str) -> bool:
    place = schema.get_field_index(name)
    return place >= 0 and name not in COLUMNS and _is_text(schema.field(place).type)


def _no_column(name: str, path: Path, columns: dict[str, bool]) -> InputError:
    listed = ", ".join(f"`{one}`" for one in sorted(columns)[:12])
    return InputError(
        f"no column `{name}`, expected one of {listed}",
        code="audit/column",
        where=Where(file=str(path)),
    )


# What is read


def _rows(path: Path, columns: Sequence[str]) -> Iterator[pa.Table]:
    """Read a dump: a line that lacks a key has nothing there."""
    for batch in read_table_file(path):
        table, rows = batch.table, batch.table.num_rows
        yield pa.table(
            {
                name: table.column(name)
                if name in table.column_names
                else pa.chunked_array([pa.nulls(rows, pa.string())])
                for name in columns
            }
            if columns
            else {"": pa.nulls(rows)}
        )


def _records(records: Sequence[ParquetRecords], text: str | None) -> Iterator[pa.Table]:
    wanted = [*COLUMNS, *(() if text is None else (text,))]
    for file in records:
        for chunk in range(file.chunks):
            yield _in_seconds(file.read(chunk, wanted))


def _in_seconds(table: pa.Table) -> pa.Table:
    """Turn instants into whole seconds; what is less than one is left out, as everywhere."""
    made = table.column("created_at").cast(pa.timestamp("us", "UTC")).combine_chunks()
    there = made.is_valid().to_numpy(zero_copy_only=False)
    numbers = pc.fill_null(made.cast(pa.int64()), 0).to_numpy(zero_copy_only=False)
    seconds = pa.array(np.floor_divide(numbers, _MICROSECOND), mask=~there)
    return table.set_column(table.column_names.index("created_at"), "created_at", seconds)


def _around(records: Sequence[ParquetRecords], mine: pa.Table) -> pa.Table:
    """Read all records that have the ids of some, or of what those quote, to any depth."""
    quotes: dict[str | int, set[str | int]] = {}
    for file in records:
        for chunk in range(file.chunks):
            table = file.read(chunk, ["record_id", "quotes"])
            quoting = pc.greater(pc.list_value_length(table.column("quotes")), 0)
            for row in table.filter(quoting).to_pylist():
                known = quotes.setdefault(row["record_id"], set())
                known.update(one for one in row["quotes"] if one is not None)
    wanted = set(mine.column("record_id").to_pylist())
    waiting = list(wanted)
    while waiting:
        fresh = quotes.get(waiting.pop(), set()) - wanted
        wanted |= fresh
        waiting += fresh
    if not wanted:
        # Where nothing matched, nobody knows of which kind the ids are.
        return mine.select(list(COLUMNS))
    ids = pa.array(list(wanted), mine.schema.field("record_id").type)
    found = [
        table.filter(pc.is_in(table.column("record_id"), value_set=ids))
        for table in _records(records, None)
    ]
    return pa.concat_tables(
        [mine.select(list(COLUMNS)).slice(0, 0), *found], promote_options="permissive"
    )
