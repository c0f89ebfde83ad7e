# SPDX-License-Identifier: Apache-2.0
"""Records and facts that are at hand in memory, checked as those of files are (docs/python.md).

Gives them the columns and types that deciding takes, or says in one line what does not fit. What they
mean is decided elsewhere.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any, Final

import pyarrow as pa
import pyarrow.parquet as pq

from privity.canonical.encode import encode
from privity.canonical.instants import Instant, seconds_of
from privity.errors import InputError, UnavailableError, Where
from privity.members.files import COLUMNS as FACT_COLUMNS
from privity.release.working import make_working_folder
from privity.sources import misnamed
from privity.sources.binding import NATIVE, Binding
from privity.sources.columns import NAMES, IdChoice, Ids, MisfitError
from privity.sources.native import open_records, remove_with
from privity.sources.parquet import ParquetRecords
from privity.sources.reshape import reshape
from privity.vocabulary.terms import unknown

_RECORDS: Final = "<records>"
_FACTS: Final = "<facts>"
_ROWS: Final = 1 << 16
_WRITTEN: Final = ("fact", "at", "recorded_at")
_TIMES: Final = ("at", "recorded_at")
_HINTS: Final = {
    "records/missing-column": "give the column that is meant this name",
    misnamed.CODE: "give it this name, or put a column of this name beside it: an empty list, or `personal`",
}


def records_table(batch: pa.RecordBatch | pa.Table) -> pa.Table:
    """Give records the columns and types of the records schema; payload is left out.

    Args:
        batch: Records; `recipients`, `capacity` and `quotes` may be missing.

    Raises:
        InputError: A column is missing or does not fit.
    """
    if not isinstance(batch, pa.Table | pa.RecordBatch):
        raise InputError(
            f"`{type(batch).__name__}` is no batch, expected an Arrow table or record batch",
            code="records/column-type",
            hint="make one of it: `pyarrow.Table.from_pandas(…)`, or `pyarrow.Table.from_pylist(…)`",
        )
    table = pa.Table.from_batches([batch]) if isinstance(batch, pa.RecordBatch) else batch
    try:
        how = reshape(table.schema, NATIVE)
        ids = Ids(
            record=IdChoice(how.record_kinds).settled, member=IdChoice(how.member_kinds).settled
        )
        return how.table(table, ids, NAMES)
    except MisfitError as error:
        raise InputError(
            error.message,
            code=error.code,
            # There is no binding here, of which the hints for files speak.
            hint=_HINTS.get(error.code),
            where=Where(file=_RECORDS, row=error.row),
        ) from error


def put_in_files(
    given: Sequence[pa.Table | pa.RecordBatch | pa.RecordBatchReader],
    binding: Sequence[Binding] | None,
) -> list[ParquetRecords]:
    """Write records that are in memory into a working folder, and open them there; it goes with the last of them.

    Raises:
        InputError: A column is missing or does not fit.
        UnavailableError: There is no room.
    """
    working = make_working_folder()
    try:
        paths = [
            _put_in_file(one, working.path / f"{number:04}.parquet")
            for number, one in enumerate(given)
        ]
        found = open_records(paths, binding=binding, staging=working.path)
    except BaseException:
        working.remove()
        raise
    for number, one in enumerate(found):
        one.name = _RECORDS if len(found) == 1 else f"<records {number}>"
    remove_with(found, working)
    return found


def _put_in_file(one: pa.Table | pa.RecordBatch | pa.RecordBatchReader, path: Path) -> Path:
    """Write records as they come, so that a stream need not fit into memory."""
    batches = (
        [one]
        if isinstance(one, pa.RecordBatch)
        else one
        if isinstance(one, pa.RecordBatchReader)
        else one.to_batches()
    )
    try:
        with pq.ParquetWriter(path, one.schema, compression="lz4") as writer:
            for batch in batches:
                writer.write_batch(batch, row_group_size=_ROWS)
    except OSError as error:
        raise UnavailableError(
            f"records in memory cannot be put into a file: {error}",
            code="records/staging",
            hint="point TMPDIR at a disk with room for the source",
        ) from error
    return path


def fact_batches(facts: pa.Table) -> Sequence[pa.RecordBatch]:
    """Give the batches of a table of facts.

    Raises:
        InputError: A column is missing, or holds times without a zone.
    """
    for name in FACT_COLUMNS:
        if facts.column_names.count(name) != 1:
            what = "stands twice" if name in facts.column_names else "is missing"
            raise InputError(
                f"column `{name}` {what}, expected each column of a fact once",
                code="facts/columns",
                where=Where(file=_FACTS),
            )
    for name in _TIMES:
        kind = facts.schema.field(name).type
        if not (pa.types.is_timestamp(kind) and kind.tz):
            raise InputError(
                f"column `{name}` is {kind}, expected timestamps with a zone",
                code="facts/column-type",
                where=Where(file=_FACTS),
            )
    kind = facts.schema.field("member").type
    if pa.types.is_floating(kind):
        raise _float_member(Where(file=_FACTS))
    batches: Sequence[pa.RecordBatch] = facts.to_batches()
    return batches


def fact_rows(facts: Iterable[Mapping[str, Any]]) -> Iterator[Mapping[str, Any]]:
    """Give facts that are rows of plain values; of instants, aware datetimes do too.

    Raises:
        InputError: A key is missing, or a fact is no mapping.
    """
    for number, fact in enumerate(facts):
        where = Where(file=_FACTS, row=number)
        if not isinstance(fact, Mapping):
            raise InputError(
                f"`{type(fact).__name__}` is no fact, expected a mapping",
                code="facts/columns",
                where=where,
            )
        for name in _WRITTEN:
            if fact.get(name) is None:
                raise InputError(
                    f"a fact without `{name}`, expected it", code="facts/columns", where=where
                )
        for name in fact:
            if name not in FACT_COLUMNS:
                error = unknown("key", name, FACT_COLUMNS)
                raise InputError(
                    error.message, code="facts/columns", hint=error.hint, where=where
                )
        member, detail = fact.get("member"), fact.get("detail")
        if isinstance(member, float):
            raise _float_member(where)
        yield {
            **fact,
            # Nobody is the platform, whether ids are text or numbers.
            "member": None if member == "" else member,
            "detail": encode(detail).decode() if isinstance(detail, Mapping) else detail,
            **{name: _instant(fact[name]) for name in _TIMES},
        }


def _float_member(where: Where) -> InputError:
    return InputError(
        "`member` is a number with a fraction, expected text or a whole number",
        code="facts/column-type",
        hint="make whole numbers of them, or text, before",
        where=where,
    )


def _instant(value: Instant | str | datetime) -> Instant | str:
    return seconds_of(value) if isinstance(value, datetime) else value
