# SPDX-License-Identifier: Apache-2.0
"""The formats of facts: CSV, JSON lines, Parquet and Arrow, as batches of six columns.

Decides which format a file has, that it is whole, and that it has the columns of a fact and no others.
Whether a row is a fact is decided in `privity.members.reading`.
"""

from __future__ import annotations

import csv
import difflib
import gzip
import zlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO, Final, cast

import pyarrow as pa
import pyarrow.csv as arrow_csv
import pyarrow.parquet as pq

from privity.canonical.decode import NoJsonError, decode
from privity.canonical.encode import encode
from privity.errors import InputError, Where

COLUMNS: Final = ("member", "fact", "value", "at", "recorded_at", "detail")

_CUT_UNSEEN: Final = frozenset({"member", "value"})
"""The columns of which a part may be another member, or another word."""
FROM_TABLE: Final = (
    "make facts of the table with `privity members from-table`, whose binding says"
)
"""How the hints begin that lead there."""

AS_INTEGER: Final = f'{FROM_TABLE}: member = {{column = "member", as = "integer"}}'
"""The hint for ids that some tool turned into numbers with a fraction."""

_LISTED: Final = ", ".join(f"`{name}`" for name in COLUMNS)
# In JSON lines an empty place may be left out.
_WRITTEN: Final = frozenset({"fact", "at", "recorded_at"})
_MOST_ROWS: Final = 1 << 18
_LONGEST_CELL: Final = 32 << 20
_OF_RECORDS: Final = ("record_id", "category", "created_at", "author")
# Arrow reads several blocks ahead.
_BLOCK: Final = 4 << 20


@dataclass(frozen=True, slots=True)
class Format:
    """How to read a file, without the columns that it may lack, and how to say where one of its rows is.

    Of an untyped one all is text.
    """

    read: Callable[[Path, str, frozenset[str]], Iterator[pa.RecordBatch]]
    place: Callable[[int], Where]
    untyped: bool = False


def format_of(path: Path, name: str) -> Format:
    """Tell a file's format by its ending.

    Raises:
        InputError: Facts do not come in files of this ending, or there is none of this name.
    """
    suffixes = [one.lower() for one in path.suffixes]
    packed = suffixes[-1:] == [".gz"]
    if packed:
        suffixes.pop()
    match suffixes[-1:]:
        case [".csv"]:
            return Format(
                _read_csv,
                lambda row: Where(file=name, line=_line_of_row(path, row)),
                untyped=True,
            )
        case [".jsonl" | ".ndjson"]:
            return Format(_read_lines, lambda row: Where(file=name, line=row + 1))
        case [".parquet" | ".pq"] if not packed:
            return Format(_read_parquet, lambda row: Where(file=name, row=row))
        case [".arrow" | ".feather" | ".ipc"] if not packed:
            return Format(_read_arrow, lambda row: Where(file=name, row=row))
    if not path.exists():
        raise InputError(
            "there is no such file, expected facts",
            code="facts/unreadable",
            where=Where(file=name),
        )
    raise InputError(
        f"`{path.name}` has no known ending, expected `.csv`, `.jsonl`, `.parquet` or `.arrow`",
        code="facts/format",
        where=Where(file=name),
    )


@contextmanager
def readable(path: Path, name: str) -> Iterator[None]:
    """Turn what goes wrong with a file as a whole into one line.

    Raises:
        InputError: The file is missing, empty, cut short or damaged.
    """
    where = Where(file=name)
    try:
        if not path.stat().st_size:
            raise InputError(
                "the file is empty (0 bytes), expected facts",
                code="facts/empty-file",
                where=where,
            )
        yield
    except OSError as error:
        if error.errno is not None:
            raise InputError(
                f"cannot read the facts: {error.strerror}", code="facts/unreadable", where=where
            ) from error
        raise _damaged(error, where) from error
    except (EOFError, zlib.error, pa.ArrowException) as error:
        raise _damaged(error, where) from error


def _damaged(error: BaseException, where: Where) -> InputError:
    return InputError(
        f"the file is cut short or damaged ({' '.join(str(error).split())}), expected a whole one",
        code="facts/damaged",
        where=where,
    )


def _check_names(names: list[str], where: Where, lacking: frozenset[str]) -> None:
    missing = [name for name in COLUMNS if name not in names and name not in lacking]
    others = [name for name in names if name not in COLUMNS]
    if missing and set(names) >= set(_OF_RECORDS):
        seen = ", ".join(f"`{name}`" for name in _OF_RECORDS)
        raise InputError(
            f"this has the columns of records ({seen}), expected those of facts: {_LISTED}",
            code="facts/columns",
            hint="give this file where records are asked for, and as facts what is known of members",
            where=where,
        )
    if missing:
        near = difflib.get_close_matches(missing[0], others, n=1, cutoff=0.5)
        seen = ", ".join(f"`{name}`" for name in names) or "none"
        raise InputError(
            f"column `{missing[0]}` is missing, the columns are {seen}",
            code="facts/columns",
            hint=_renamed(missing, others, near[0] if near else None),
            where=where,
        )
    if others or len(names) > len(COLUMNS):
        odd = next(name for name in names if name in others or names.count(name) > 1)
        raise InputError(
            f"column `{odd}` {'is none of a fact' if odd in others else 'stands twice'}, expected "
            f"{_LISTED}, each once",
            code="facts/columns",
            where=where,
        )


def _renamed(missing: Sequence[str], others: Sequence[str], near: str | None) -> str:
    """Give the hint for columns that are missing: another name, or a table that is none of facts."""
    ids = [name for name in others if name.lower().endswith("id")]
    if missing[0] == "member" and near is None and (ids or len(others) == 1):
        near = (*ids, *others)[0]
    rename = f"rename `{near}` to `{missing[0]}`"
    if missing[0] != "member":
        return rename if near else f'{FROM_TABLE}: member = "member"'
    member = encode(near or "…").decode("utf-8")
    say = f"{FROM_TABLE}: member = {member}"
    return f"{rename}, or {say}" if near and missing == ["member"] else say


def _read_csv(path: Path, name: str, lacking: frozenset[str]) -> Iterator[pa.RecordBatch]:
    _refuse_cut(path, name)
    try:
        reader = arrow_csv.open_csv(
            path,
            read_options=arrow_csv.ReadOptions(block_size=_BLOCK, use_threads=False),
            parse_options=arrow_csv.ParseOptions(newlines_in_values=True),
            convert_options=arrow_csv.ConvertOptions(
                column_types=dict.fromkeys(COLUMNS, pa.string()), strings_can_be_null=False
            ),
        )
        _check_names(reader.schema.names, Where(file=name, line=1), lacking)
        yield from reader
    except pa.ArrowInvalid as error:
        # Arrow is fast and does not say where; whoever made the file wants to know.
        raise _bad_row(path, name, error) from error


def _refuse_cut(path: Path, name: str) -> None:
    """Check that the last line has its end where a part of its last cell says something else than the cell.

    Instants, kinds of fact and JSON text that break off are none, and found as such.

    Raises:
        InputError: It has none.
    """
    try:
        header = next((cells for _, cells in _cells(path)), [""])
    except (csv.Error, UnicodeDecodeError):
        return  # a header that is none is told of by who reads it
    if header[-1] not in _CUT_UNSEEN:
        return
    packed = path.suffix.lower() == ".gz"
    last = b""
    with pa.input_stream(str(path), compression="gzip" if packed else None) as stream:
        if not packed:
            stream.seek(path.stat().st_size - 1)
        while block := stream.read(_BLOCK):
            last = block[-1:]
    if last not in {b"\n", b"\r"}:
        raise InputError(
            "the file breaks off within this row, or has no line end after it, expected a line end",
            code="facts/damaged",
            hint="if the file is whole, put a line end after its last line",
            where=Where(file=name, line=_line_of_row(path, None)),
        )


def _cells(path: Path) -> Iterator[tuple[int, list[str]]]:
    """Give each row that has cells with its first line, as the CSV module reads it."""
    csv.field_size_limit(max(csv.field_size_limit(), _LONGEST_CELL))
    with _text(path) as stream:
        reader = csv.reader(_decoded(stream), strict=True)
        line = 1
        for row in reader:
            if row:
                yield line, row
            line = reader.line_num + 1


def _decoded(stream: BinaryIO) -> Iterator[str]:
    """Decode line by line, so that a byte that is no UTF-8 is found in its line."""
    for number, raw in enumerate(stream):
        yield raw.decode("utf-8" if number else "utf-8-sig")


def _bad_row(path: Path, name: str, error: pa.ArrowInvalid) -> InputError:
    line, count = 0, None
    try:
        for line, row in _cells(path):
            count = count or len(row)
            if len(row) != count:
                return InputError(
                    f"the row has {len(row)} cells, expected {count} as in the header",
                    code="facts/syntax",
                    where=Where(file=name, line=line),
                )
    except (csv.Error, UnicodeDecodeError) as found:
        what = "a byte is no UTF-8" if isinstance(found, UnicodeDecodeError) else str(found)
        return InputError(
            f"no CSV: {what}", code="facts/syntax", where=Where(file=name, line=line + 1)
        )
    return _damaged(error, Where(file=name))


def _line_of_row(path: Path, row: int | None) -> int:
    """Find the line of a row, None is the last, by reading again: only an error pays for it."""
    line = 0
    try:
        for number, (place, _) in enumerate(_cells(path)):
            line = place
            if row is not None and number == row + 1:
                return line
    except (csv.Error, UnicodeDecodeError):
        # The row itself is one that breaks off; it begins on the line after the last whole one.
        return line + 1
    return line


@contextmanager
def _text(path: Path) -> Iterator[BinaryIO]:
    if path.suffix.lower() == ".gz":
        with gzip.open(path, "rb") as packed:
            yield cast("BinaryIO", packed)
    else:
        with path.open("rb") as plain:
            yield plain


def _read_parquet(path: Path, name: str, lacking: frozenset[str]) -> Iterator[pa.RecordBatch]:
    with pq.ParquetFile(path, buffer_size=1 << 20, pre_buffer=False) as file:
        names = file.schema_arrow.names
        _check_names(names, Where(file=name), lacking)
        yield from file.iter_batches(_MOST_ROWS, columns=names, use_threads=False)


def _read_arrow(path: Path, name: str, lacking: frozenset[str]) -> Iterator[pa.RecordBatch]:
    with pa.OSFile(str(path)) as source:
        magic = source.read(6)
        source.seek(0)
        if magic == b"ARROW1":
            with pa.ipc.open_file(source) as file:
                _check_names(file.schema.names, Where(file=name), lacking)
                for number in range(file.num_record_batches):
                    yield from _pieces(file.get_batch(number))
        else:
            with pa.ipc.open_stream(source) as stream:
                _check_names(stream.schema.names, Where(file=name), lacking)
                for batch in stream:
                    yield from _pieces(batch)


def _pieces(batch: pa.RecordBatch) -> Iterator[pa.RecordBatch]:
    for start in range(0, batch.num_rows, _MOST_ROWS):
        yield batch.slice(start, _MOST_ROWS)


def _read_lines(path: Path, name: str, lacking: frozenset[str]) -> Iterator[pa.RecordBatch]:
    rows: list[Mapping[str, Any]] = []
    kind: pa.DataType | None = None
    with _text(path) as stream:
        for line, text in enumerate(stream, 1):
            where = Where(file=name, line=line)
            row = _row_of_line(text, where, lacking)
            kind = _kind_of_member(row.get("member"), kind, where)
            rows.append(row)
            if len(rows) == _MOST_ROWS:
                # Nothing but facts of the platform so far: text, which holds both kinds of id.
                kind = kind or pa.string()
                yield _batch_of(rows, kind)
                rows = []
    if rows:
        yield _batch_of(rows, kind or pa.string())


def _kind_of_member(
    member: str | int | None, kind: pa.DataType | None, where: Where
) -> pa.DataType | None:
    """Settle by the first id of a file whether its ids are numbers or text; numbers fit text."""
    if member is None or kind == pa.string():
        return kind
    own = pa.int64() if isinstance(member, int) else pa.string()
    if kind is not None and own != kind:
        raise InputError(
            f"`{member}` in `member` is text and was a whole number before, expected one kind of id",
            code="facts/mixed-ids",
            where=where,
        )
    return own


def _row_of_line(raw: bytes, where: Where, lacking: frozenset[str]) -> Mapping[str, Any]:
    try:
        row = decode(raw.decode("utf-8").rstrip("\r\n"))
    except (UnicodeDecodeError, NoJsonError) as error:
        what = error.message if isinstance(error, NoJsonError) else "a byte is no UTF-8"
        column = error.column if isinstance(error, NoJsonError) else error.start + 1
        cut = isinstance(error, NoJsonError) and error.cut_short and not raw.endswith(b"\n")
        raise InputError(
            "the last line breaks off, expected a whole JSON object"
            if cut
            else f"no JSON: {what}",
            code="facts/syntax",
            where=Where(file=where.file, line=where.line, column=column),
        ) from error
    if not isinstance(row, dict):
        raise InputError(
            "the line is no JSON object, expected one", code="facts/syntax", where=where
        )
    if not row.keys() >= _WRITTEN - lacking or row.keys() - set(COLUMNS):
        _check_names(
            [*row, *(key for key in COLUMNS if key not in _WRITTEN | row.keys())],
            where,
            lacking,
        )
    for key, value in row.items():
        if key == "detail" and isinstance(value, dict):
            row[key] = encode(value).decode("utf-8")
        elif not _fits(key, value):
            member = key == "member"
            raise InputError(
                f"`{value}` in `{key}` is no text{', and no whole number' if member else ''}, expected "
                f"{'one of the two' if member else 'text'}",
                code="facts/column-type",
                hint=AS_INTEGER if member and isinstance(value, float) else None,
                where=where,
            )
    return row


def _fits(key: str, value: object) -> bool:
    if value is None or isinstance(value, str):
        return True
    whole = isinstance(value, int) and not isinstance(value, bool)
    return key == "member" and whole and -(2**63) <= cast("int", value) < 2**63


def _batch_of(rows: Sequence[Mapping[str, Any]], kind: pa.DataType) -> pa.RecordBatch:
    members = [row.get("member") for row in rows]
    if kind == pa.string():
        members = [None if one is None else str(one) for one in members]
    arrays = [pa.array(members, kind)]
    arrays += [pa.array([row.get(name) for row in rows], pa.string()) for name in COLUMNS[1:]]
    return pa.RecordBatch.from_arrays(arrays, names=list(COLUMNS))
