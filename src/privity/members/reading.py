# SPDX-License-Identifier: Apache-2.0
"""Facts from files to Arrow: CSV, JSON lines, Parquet and Arrow (design.md part 5, "Facts").

Decides whether every row is a fact: its columns, its instants, and that its kind, value and detail fit
each other. Each distinct combination of those three is checked once, so that ten million facts take
seconds, in bounded memory. What a fact means is not known here; a value of a setting, a jurisdiction or an
order that nobody knows is let through, since a decision reads it as a no.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Final

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from privity.canonical.instants import FIRST_INSTANT, LAST_INSTANT, Instant, format_instant
from privity.errors import InputError, Where
from privity.members.facts import check_shape, parse_detail
from privity.members.files import AS_INTEGER, COLUMNS, FROM_TABLE, format_of, readable

INSTANT: Final = pa.timestamp("us", tz="UTC")

_NONE: Final[frozenset[str]] = frozenset()
_RECORDED_AT: Final = frozenset({"recorded_at"})

_INSTANT_TEXT: Final = r"^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(?:\.0+)?(?:Z|[+-]\d{2}:\d{2})$"
_CLOCK_TEXT: Final = r"^\d{4}-\d{2}-\d{2}[T ]\d{2}:\d{2}:\d{2}(?:\.\d{1,9})?$"
_FLOAT_TEXT: Final = r"^-?\d+\.0$"
_ZONE: Final = f'write its zone, as `Z` for UTC, or {FROM_TABLE}: zone = "UTC"'
_ZEROS: Final = r"\.0+"
_SHORTEST: Final = len("2024-09-18T00:00:00Z")
_MICROSECONDS: Final = 1_000_000


def read_facts(path: Path, *, recorded_at: Instant | None = None) -> Iterator[pa.RecordBatch]:
    """Read the facts of a file, batch by batch.

    Args:
        path: A file that ends in `.csv`, `.jsonl`, `.parquet` or `.arrow`; the first two also with
            `.gz`.
        recorded_at: What a row without its own counts as, and every row of a file without this column; None
            is nothing, and each must have one.

    Yields:
        Batches of the columns of `COLUMNS`: member (string or int64; null or empty for the platform),
        fact, value and detail (string, no nulls), at and recorded_at (timestamp[us, UTC], whole
        seconds, no nulls).

    Raises:
        InputError: The file cannot be read, or a row is no fact; the place says its line or row.
    """
    name = str(path)
    source = format_of(path, name)
    checks = _Checks(recorded_at, untyped=source.untyped)
    before = 0
    with readable(path, name):
        for batch in source.read(path, name, _NONE if recorded_at is None else _RECORDED_AT):
            try:
                yield checks.checked(batch)
            except _RowError as error:
                row = None if error.row is None else before + error.row
                where = Where(file=name) if row is None else source.place(row)
                found = error.error
                raise InputError(
                    found.message, code=found.code, hint=found.hint, where=where
                ) from error
            before += batch.num_rows


class _RowError(Exception):
    """A row of a batch that is no fact; None is a whole column."""

    def __init__(self, error: InputError, row: int | None) -> None:
        super().__init__(error.message)
        self.error = error
        self.row = row


class _Checks:
    """Checks the rows of one file, each distinct combination of kind, value and detail once."""

    def __init__(self, recorded_at: Instant | None, *, untyped: bool) -> None:
        self._recorded_at = recorded_at
        self._untyped = untyped
        self._fitting: set[tuple[str, str, str, bool]] = set()

    def checked(self, batch: pa.RecordBatch) -> pa.RecordBatch:
        """Give the batch in the types of `read_facts`.

        Raises:
            _RowError: A row is no fact.
        """
        columns = {name: batch.column(name) for name in batch.schema.names}
        if self._recorded_at is not None:
            columns["recorded_at"] = _filled(
                columns.get("recorded_at", pa.nulls(batch.num_rows)), self._recorded_at
            )
        made = {
            "member": _members(columns["member"]),
            **{name: _words(name, columns[name]) for name in ("fact", "value", "detail")},
            **{name: _instants(name, columns[name]) for name in ("at", "recorded_at")},
        }
        if self._untyped:
            _refuse_floats(made["member"])
        self._check_kinds(made)
        return pa.RecordBatch.from_arrays([made[name] for name in COLUMNS], names=list(COLUMNS))

    def _check_kinds(self, columns: Mapping[str, pa.Array]) -> None:
        platform = _is_platform(columns["member"])
        parts = [columns[name].dictionary_encode() for name in ("fact", "value", "detail")]
        words = [part.dictionary.to_pylist() for part in parts]
        code = platform.astype(np.int64)
        for part in parts:
            code = code * max(1, len(part.dictionary)) + part.indices.to_numpy()
        distinct, first = np.unique(code, return_index=True)
        # In the order of the rows, so that the first bad one is named.
        for place in np.argsort(first).tolist():
            row = int(first[place])
            rest, detail = divmod(int(distinct[place]), len(words[2]))
            rest, value = divmod(rest, len(words[1]))
            side, fact = divmod(rest, len(words[0]))
            key = (words[0][fact], words[1][value], words[2][detail], bool(side))
            if key not in self._fitting:
                _check_kind(key, row)
                if self._untyped and key[0] == "merged" and re.match(_FLOAT_TEXT, key[1]):
                    raise _RowError(_float("value", key[1]), row)
                self._fitting.add(key)


def _check_kind(key: tuple[str, str, str, bool], row: int) -> None:
    fact, value, detail, platform = key
    try:
        check_shape(fact, value, parse_detail(detail), platform=platform)
    except InputError as error:
        raise _RowError(error, row) from error


def _is_platform(member: pa.Array) -> npt.NDArray[np.bool_]:
    missing = member.is_null()
    if pa.types.is_string(member.type):
        missing = pc.or_(missing, pc.fill_null(pc.equal(member, ""), fill_value=True))
    return np.asarray(missing.to_numpy(zero_copy_only=False), np.bool_)


def _plain(array: pa.Array) -> pa.Array:
    return array.dictionary_decode() if pa.types.is_dictionary(array.type) else array


def _is_text(kind: pa.DataType) -> bool:
    texts = (
        pa.types.is_string,
        pa.types.is_large_string,
        pa.types.is_string_view,
        pa.types.is_null,
    )
    return any(holds(kind) for holds in texts)


def _mistyped(
    name: str, kind: pa.DataType, expected: str, hint: str | None = None
) -> _RowError:
    return _RowError(
        InputError(
            f"column `{name}` is of type {kind}, expected {expected}",
            code="facts/column-type",
            hint=hint,
        ),
        None,
    )


def _refuse_floats(members: pa.Array) -> None:
    """Check that no text without a type is an id that some tool made a fraction of: it would be nobody's."""
    if not pc.any(pc.ends_with(members, ".0"), min_count=0).as_py():
        return
    found = pc.match_substring_regex(members, pattern=_FLOAT_TEXT)
    row = int(pc.index(found, value=True).as_py())
    if row >= 0:
        raise _RowError(_float("member", members[row].as_py()), row)


def _float(name: str, seen: str) -> InputError:
    return InputError(
        f"`{seen}` in `{name}` is a number with a fraction, expected an id: text or a whole number",
        code="facts/column-type",
        hint=AS_INTEGER,
    )


def _members(array: pa.Array) -> pa.Array:
    array = _plain(array)
    if _is_text(array.type):
        return array.cast(pa.string())
    if not pa.types.is_integer(array.type):
        fractional = pa.types.is_floating(array.type) or pa.types.is_decimal(array.type)
        hint = AS_INTEGER if fractional else None
        raise _mistyped("member", array.type, "text or whole numbers", hint)
    try:
        return array.cast(pa.int64())
    except pa.ArrowInvalid as error:
        row = int(
            pc.index(pc.greater(array, pa.scalar(2**63 - 1, array.type)), value=True).as_py()
        )
        raise _RowError(
            InputError(
                f"`{array[row].as_py()}` in `member` has no place, expected a whole number of 64 bits",
                code="facts/column-type",
            ),
            row,
        ) from error


def _words(name: str, array: pa.Array) -> pa.Array:
    array = _plain(array)
    if not _is_text(array.type):
        raise _mistyped(name, array.type, "text")
    return pc.fill_null(array.cast(pa.string()), "")


def _filled(array: pa.Array, instant: Instant) -> pa.Array:
    """Put an instant where there is none."""
    array = _plain(array)
    if not _is_text(array.type):
        if array.null_count and pa.types.is_timestamp(array.type):
            return array.fill_null(
                pa.scalar(instant, pa.timestamp("s", tz="UTC")).cast(array.type)
            )
        return array
    texts = array.cast(pa.string())
    empty = pc.fill_null(pc.equal(texts, ""), fill_value=True)
    return pc.if_else(empty, format_instant(instant), texts)


def _instants(name: str, array: pa.Array) -> pa.Array:
    array = _plain(array)
    if _is_text(array.type):
        made = _instants_of_text(name, array.cast(pa.string()))
    elif pa.types.is_timestamp(array.type) and array.type.tz is not None:
        try:
            made = array.cast(INSTANT)
        except pa.ArrowInvalid:
            # Nanoseconds that are no whole microsecond: a fraction, which the check below refuses.
            made = pc.floor_temporal(array, unit="microsecond").cast(INSTANT)
            _refuse(
                name,
                array,
                pc.not_equal(made.cast(array.type), array),
                "a fraction of a second",
            )
    else:
        hint = _ZONE if pa.types.is_timestamp(array.type) else None
        raise _mistyped(name, array.type, "instants: a time with its zone", hint)
    if made.null_count:
        _refuse(name, array, made.is_null(), "no instant")
    counts = made.cast(pa.int64()).to_numpy()
    fraction = counts % _MICROSECONDS != 0
    if fraction.any():
        _refuse(name, array, pa.array(fraction), "a fraction of a second")
    odd = (counts < FIRST_INSTANT * _MICROSECONDS) | (counts > LAST_INSTANT * _MICROSECONDS)
    if odd.any():
        _refuse(name, array, pa.array(odd), "no instant of the years 1 to 9999")
    return made


def _refuse(name: str, array: pa.Array, failing: pa.Array, what: str) -> None:
    row = int(pc.index(failing, value=True).as_py())
    if row < 0:
        return
    # As Arrow's own text: Python has no nanoseconds, and no years beyond 9999.
    seen = array.slice(row, 1).cast(pa.string())[0].as_py()
    shown = "nothing" if not seen else f"`{seen}`"
    naive = _is_text(array.type) and re.match(_CLOCK_TEXT, seen or "")
    raise _RowError(
        InputError(
            f"{shown} in `{name}` is {what}, expected RFC 3339 with a zone and whole seconds such as "
            "`2024-09-18T00:00:00Z`",
            code="facts/instant",
            hint=_ZONE if naive else None,
        ),
        row,
    )


def _instants_of_text(name: str, array: pa.Array) -> pa.Array:
    """Read instants; what Arrow reads and RFC 3339 does not have is refused."""
    if not _all_plain(array):
        fits = pc.fill_null(
            pc.match_substring_regex(array, pattern=_INSTANT_TEXT), fill_value=False
        )
        _refuse(name, array, pc.invert(fits), "no instant")
        array = pc.replace_substring_regex(array, pattern=_ZEROS, replacement="")
    try:
        return array.cast(INSTANT)
    except pa.ArrowInvalid:
        for row, one in enumerate(array):
            try:
                pa.array([one.as_py()]).cast(INSTANT)
            except pa.ArrowInvalid:
                failing = pa.array(np.arange(len(array)) == row)
                _refuse(name, array, failing, "no instant")
        raise


def _all_plain(array: pa.Array) -> bool:
    """Tell whether every text has the form `2024-09-18T00:00:00Z`; the usual case, seen at once."""
    if array.null_count or not len(array):
        return not len(array)
    lengths = pc.binary_length(array)
    if pc.min(lengths).as_py() != _SHORTEST or pc.max(lengths).as_py() != _SHORTEST:
        return False
    _, offsets, data = array.buffers()
    start = np.frombuffer(offsets, np.int32)[array.offset]
    text = np.frombuffer(data, np.uint8)[start : start + len(array) * _SHORTEST]
    marks = text.reshape(len(array), _SHORTEST)
    return bool((marks[:, 10] == ord("T")).all() and (marks[:, 19] == ord("Z")).all())
