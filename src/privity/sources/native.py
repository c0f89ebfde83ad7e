# SPDX-License-Identifier: Apache-2.0
"""Records from a platform's files: Parquet, JSON lines and CSV, and from its databases (docs/sources.md).

Decides which format a file has and that all files of a run agree on what an id is. JSON lines and CSV,
compressed or not, and the rows of a query are staged as Parquet first; Parquet is read where it lies. Nothing here knows what is
permitted.
"""

from __future__ import annotations

import gzip
import io
import weakref
import zlib
from collections.abc import Collection, Iterator, Sequence
from contextlib import contextmanager
from itertools import chain
from pathlib import Path
from typing import BinaryIO, Final, cast

import pyarrow as pa

from privity.errors import InputError, UnavailableError, Where
from privity.release.working import WorkingFolder, make_working_folder
from privity.sources.binding import NATIVE, Binding
from privity.sources.cells import CellReader
from privity.sources.columns import BY_NAME, COLUMNS, IdChoice, Ids, MisfitError, shown
from privity.sources.files import files_of_each
from privity.sources.lacking import Source, refuse_in_path, refuse_in_some
from privity.sources.lines import LineReader
from privity.sources.misnamed import refuse_other_keys
from privity.sources.parquet import ParquetRecords, Stamp, open_part
from privity.sources.reshape import reshape
from privity.sources.sql import ENDING as QUERY, ROW, RowReader, asked, load_query
from privity.sources.staging import Batch, Staging

PARQUET: Final = (".parquet", ".pq")
LINES: Final = (".jsonl", ".ndjson")
CELLS: Final = (".csv",)
GZIP: Final = ".gz"
ZSTD: Final = ".zst"
_COMPRESSED: Final = (GZIP, ZSTD)


def open_records(
    paths: Sequence[Path],
    *,
    binding: Binding | Sequence[Binding] | None = None,
    staging: Path | None = None,
) -> list[ParquetRecords]:
    """Open the records of one run.

    Args:
        paths: Files, or folders whose files are taken in the order of their names. A folder's files
            that begin with `.` or `_` are passed over.
        binding: What the platform's columns mean; several, one for each of the paths. None where they have a record's
            own names.
        staging: An existing folder for what must be converted first; its owner empties it. None makes
            one that lasts as long as the records.

    Returns:
        One source for each file, in order; all with the same kinds of id.

    Raises:
        InputError: A file cannot be read as records, is given twice, lacks a column that its path or another file has, or has
            other ids than the rest; there are as many bindings as neither (`binding/count`), or one and nothing that it is
            of (`binding/query`).
        UnavailableError: There is no room to stage.
    """
    files = _with_bindings(files_of_each(paths), binding)
    if (
        binding is not None
        and files
        and all(ending_of(path, name) == QUERY for path, name, _ in files)
    ):
        raise InputError(
            "there is a binding, and every source is a query, which says itself what its columns mean",
            code="binding/query",
            hint="put it into the query’s own file, as `[columns]`",
            where=Where(file=files[0][1]),
        )
    working = None
    if staging is None and any(ending_of(path, name) != PARQUET for path, name, _ in files):
        working = make_working_folder()
        staging = working.path
    try:
        opened = [
            _open(path, name, one, staging, f"{number:04d}")
            for number, (path, name, one) in enumerate(files)
        ]
        refuse_in_some([source for _, source in opened])
        found = [records for records, _ in opened]
        _settle_ids(found, [source.binding for _, source in opened])
    except BaseException:
        if working is not None:
            working.remove()
        raise
    if working is not None:
        remove_with(found, working)
    return found


def _with_bindings(
    each: Sequence[Sequence[tuple[Path, str]]], binding: Binding | Sequence[Binding] | None
) -> list[tuple[Path, str, Binding]]:
    """Give each file with its binding, in order; `each` has the files of each path."""
    bindings = [binding] if isinstance(binding, Binding) else binding or [NATIVE]
    if len(bindings) == 1:
        bindings = [bindings[0]] * len(each)
    check_count(bindings, each)
    return [
        (path, name, one)
        for files, one in zip(each, bindings, strict=True)
        for path, name in files
    ]


def check_count(bindings: Sequence[object], records: Sequence[object]) -> None:
    """Check that there is a binding for each of some records.

    Raises:
        InputError: There are more, or fewer (`binding/count`).
    """
    if len(bindings) != len(records):
        raise InputError(
            f"{len(bindings)} bindings for {len(records)} of records, expected one for all of them, or one for each",
            code="binding/count",
            hint="each is of the records at its place: the first of the first, and so on",
        )


def remove_with(found: Sequence[ParquetRecords], working: WorkingFolder) -> None:
    """Remove a working folder once the last of the sources in it is gone."""
    left = len(found)

    def gone() -> None:
        nonlocal left
        left -= 1
        if not left:
            working.remove()

    for one in found:
        weakref.finalize(one, gone)


def ending_of(path: Path, name: str) -> tuple[str, ...]:
    """Tell a file's format by its ending: `PARQUET`, `LINES`, `CELLS` or `QUERY`.

    Raises:
        InputError: Records and tables do not come in files of this ending, or there is none of this name.
    """
    suffixes = [suffix.lower() for suffix in path.suffixes]
    if tuple(suffixes[-2:]) == QUERY:
        return QUERY
    formats: tuple[tuple[str, ...], ...] = (PARQUET, LINES, CELLS)
    if suffixes and suffixes[-1] in _COMPRESSED:
        suffixes.pop()
        formats = (LINES, CELLS)
    for one in formats:
        if suffixes and suffixes[-1] in one:
            return one
    if not path.exists():
        raise InputError(
            "there is no such file or folder, expected records or a table",
            code="records/unreadable",
            where=Where(file=name),
        )
    raise InputError(
        f"`{path.name}` has no known ending, expected `.parquet`, `.jsonl`, `.csv`, one of the last two "
        "with `.gz` or `.zst`, or `.sql.toml`",
        code="records/format",
        where=Where(file=name),
    )


def _open(
    path: Path, name: str, binding: Binding, folder: Path | None, stem: str
) -> tuple[ParquetRecords, Source]:
    found = ending_of(path, name)
    try:
        stamp = Stamp.of(path)
        with path.open("rb"):
            pass
    except OSError as error:
        raise InputError(
            f"cannot read the records: {error.strerror}",
            code="records/unreadable",
            where=Where(file=name),
        ) from error
    if found == PARQUET:
        return _open_parquet(path, name, binding, stamp)
    assert folder is not None  # noqa: S101 - `open_records` makes one where a file needs it
    if found == QUERY:
        return _open_query(path, name, folder / stem, stamp)
    if not stamp.size:
        raise InputError(
            "the file is empty (0 bytes), expected "
            + ("a header" if found == CELLS else "a JSON object a line"),
            code="records/empty-file",
            hint="give no records as Parquet without rows, or as a CSV header alone",
            where=Where(file=name),
        )
    staging = Staging(
        folder=folder, stem=stem, name=name, binding=binding, untyped=found == CELLS
    )
    columns = _stage(staging, path, name, binding)
    return _with_source(staging.records(path, stamp), binding, columns, keyed=found == LINES)


def _with_source(
    records: ParquetRecords,
    binding: Binding,
    columns: Collection[str],
    *,
    keyed: bool = False,
    asked: bool = False,
) -> tuple[ParquetRecords, Source]:
    """Give staged records with what was seen of their source, once its path has no column that it lacks."""
    refuse_in_path(records.path, records.name, binding, columns)
    return records, Source(
        name=records.name,
        binding=binding,
        columns=columns,
        rows=records.rows,
        keyed=keyed,
        asked=asked,
    )


def _open_parquet(
    path: Path, name: str, binding: Binding, stamp: Stamp
) -> tuple[ParquetRecords, Source]:
    part = open_part(path, name)
    columns = part.schema.names
    refuse_in_path(path, name, binding, columns)  # says more than that a column is missing
    try:
        how = reshape(part.schema, binding)
    except MisfitError as error:
        raise _misfit(error, name) from error
    records = ParquetRecords(
        name=name, path=path, stamp=stamp, parts=[part], reshape=how, binding=binding.sha256
    )
    return records, Source(name=name, binding=binding, columns=columns, rows=records.rows)


def _open_query(
    path: Path, name: str, stem: Path, stamp: Stamp
) -> tuple[ParquetRecords, Source]:
    query = load_query(path, name=name)
    staging = Staging(
        folder=stem.parent, stem=stem.name, name=name, binding=query.binding, untyped=False
    )
    lists, mapped = _bound(query.binding)
    whole = _whole(query.binding)
    with asked(query) as answer:
        reader = RowReader(name=name, columns=answer.columns, lists=lists)
        table = LineReader(
            name=name, lists=lists, mapped=mapped, needed=answer.columns, unit=ROW, whole=whole
        )
        empty = pa.table({column: pa.nulls(0) for column in answer.columns})
        staging.add_all([Batch(empty, (), ROW)])
        staging.add_all(table.batches(reader.objects(answer.rows)))
    records = staging.records(path, stamp, reader.sha256)
    return _with_source(records, query.binding, answer.columns, asked=True)


def _misfit(error: MisfitError, name: str, line: int | None = None) -> InputError:
    return InputError(
        error.message, code=error.code, hint=error.hint, where=Where(file=name, line=line)
    )


def _whole(binding: Binding) -> set[str]:
    """Give the platform's columns whose ids are read as whole numbers."""
    return {
        name
        for origin in binding.origins.values()
        if origin.id_kind == "integer"
        for name in origin.columns
    }


def _bound(binding: Binding) -> tuple[dict[str, str], set[str]]:
    """Give the platform's columns that are lists of ids, with the record's, and all that become a record's."""
    origins = {column.name: binding.origin(column) for column in COLUMNS}
    mapped = {name for origin in origins.values() for name in origin.columns}
    lists = {
        name: column.name
        for column in COLUMNS
        if column.role == "ids" and origins[column.name].separator is None
        for name in origins[column.name].columns
    }
    return lists, mapped


def _stage(staging: Staging, path: Path, name: str, binding: Binding) -> Collection[str]:
    """Stage a file of text, and give the platform's columns that it has."""
    lists, mapped = _bound(binding)
    with decompressed(path, name) as stream:
        if ending_of(path, name) == CELLS:
            batches = CellReader(name=name, lists=lists, mapped=mapped).read(stream)
            header = next(batches)
            staging.add_all(chain([header], batches))
            return list(header.table.column_names)
        needed = sorted({*mapped, *(binding.payload or {}).values()})
        whole = _whole(binding)
        reader = LineReader(name=name, lists=lists, mapped=mapped, needed=needed, whole=whole)
        staging.add_all(_with_keys(reader, stream, binding, name))
        return reader.keys


def _with_keys(
    reader: LineReader, stream: BinaryIO, binding: Binding, name: str
) -> Iterator[Batch]:
    """Give the batches; at the end, check that some line had every key that records need."""
    for batch in reader.read(stream):
        try:
            refuse_other_keys(batch.table, binding, reader.keys)
        except MisfitError as error:
            raise _misfit(error, name, batch.lines[error.row or 0]) from error
        yield batch
    try:
        reshape(pa.schema([(key, pa.null()) for key in reader.keys]), binding)
    except MisfitError as error:
        raise _misfit(error, name) from error


@contextmanager
def decompressed(path: Path, name: str) -> Iterator[BinaryIO]:
    """Open a file for reading, decompressed by its ending.

    Raises:
        InputError: It is cut short or damaged.
        UnavailableError: The disk cannot be read on.
    """
    ending = path.suffix.lower()
    try:
        if ending == GZIP:
            with gzip.open(path, "rb") as packed:
                yield cast("BinaryIO", packed)
        elif ending == ZSTD:
            with (
                pa.OSFile(str(path)) as raw,
                pa.CompressedInputStream(raw, "zstd") as packed,
                io.BufferedReader(packed) as stream,
            ):
                yield cast("BinaryIO", stream)
        else:
            with path.open("rb") as plain:
                yield plain
    except (EOFError, zlib.error, OSError) as error:
        if isinstance(error, OSError) and error.errno is not None:
            raise UnavailableError(
                f"cannot read on: {error.strerror}",
                code="records/unavailable",
                where=Where(file=name),
            ) from error
        raise InputError(
            f"the compressed file is cut short or damaged ({' '.join(str(error).split())})",
            code="records/truncated",
            where=Where(file=name),
        ) from error


def _settle_ids(found: Sequence[ParquetRecords], bindings: Sequence[Binding]) -> None:
    """Make all sources have the same kinds of id, or say which two differ."""
    both = list(zip(found, bindings, strict=True))
    record = _agreed("records", [(one.record_ids, one.name, binding) for one, binding in both])
    member = _agreed("members", [(one.member_ids, one.name, binding) for one, binding in both])
    for one in found:
        one.set_ids(Ids(record=record.settled, member=member.settled))


def _agreed(whose: str, each: Sequence[tuple[IdChoice, str, Binding]]) -> IdChoice:
    """Give what the ids of all sources can be: of each what its own can be, its name, and its binding."""
    agreed = IdChoice()
    for number, (own, name, binding) in enumerate(each):
        before, agreed = agreed, agreed.agreed(own)
        if not agreed.kinds:
            # Numbers can be read as text, and not the other way round.
            numbers = own.settled == "integer"
            other = next(one for one in each[:number] if not one[0].kinds & own.kinds)
            raise InputError(
                f"ids of {whose} are {own.said} here and {before.said} in `{other[1]}`, expected one kind in all sources",
                code="records/mixed-ids",
                hint=f"read them as text; in the binding of `{name if numbers else other[1]}`, under [columns]: "
                f"{_as_text(whose, binding if numbers else other[2])}",
                where=Where(file=name),
            )
    return agreed


def _as_text(whose: str, binding: Binding) -> str:
    """Say how a binding says that ids are text."""
    key, lists = ("record_id", "quotes") if whose == "records" else ("author", "recipients")
    column = next(iter(binding.origin(BY_NAME[key]).columns), "…")
    return f'{key} = {{column = "{shown(column)}", as = "string"}}, and so of `{lists}` where it is there'
