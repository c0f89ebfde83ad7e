# SPDX-License-Identifier: Apache-2.0
"""JSON lines, read strictly: one object a line, no key twice, one type for each key; rows of other sources too.

Numbers, text and truth values keep their type; a list or an object among the payload stays JSON text. A key
that a line lacks is an empty place. Line numbers count from 1.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, BinaryIO, Final

import pyarrow as pa
import pyarrow.compute as pc

from privity.canonical.decode import NoJsonError, decode
from privity.canonical.encode import encode
from privity.errors import InputError
from privity.sources.columns import as_integer, shown
from privity.sources.staging import Batch, Unit, place_of

MOST_ROWS: Final = 1 << 16
MOST_BYTES: Final = 32 << 20
LONGEST_LINE: Final = 256 << 20

_WORDS: Final[dict[type, str]] = {
    bool: "true or false",
    int: "a whole number",
    float: "a number with a fraction",
    str: "text",
    list: "a list",
    dict: "an object",
}
_EMPTY: Final = type(None)
_EXACT: Final = 1 << 53


@dataclass(frozen=True, slots=True)
class _Seen:
    """What a key held where it was first not empty.

    Attributes:
        kind: The type of its values.
        line: Where that was.
        large: Where a whole number beyond 2^53 stood, or None; such a one may not be equal to any with a fraction.
    """

    kind: type
    line: int
    large: int | None = None


class LineReader:
    """Reads the lines of one file.

    Args:
        name: The file as the user gave it.
        lists: Keys whose lists hold ids, and so stay lists, with what a binding calls them.
        mapped: Keys that become a record's, and so hold no objects, and no lists but of ids.
        needed: Keys that become columns even where no line has them.
        unit: What is counted: lines of a file, or rows that come from elsewhere.
        whole: Keys whose lists hold whole numbers that may be written with a fraction.
    """

    def __init__(
        self,
        *,
        name: str,
        lists: Mapping[str, str],
        mapped: Collection[str],
        needed: Collection[str],
        unit: Unit = "line",
        whole: Collection[str] = (),
    ) -> None:
        self._name = name
        self._unit: Unit = unit
        self._lists = lists
        self._mapped = frozenset(mapped)
        self._whole = frozenset(whole)
        self._needed = tuple(needed)
        self._seen: dict[str, _Seen] = {}
        self.keys: dict[str, None] = {}

    def read(self, stream: BinaryIO) -> Iterator[Batch]:
        """Give the lines of a stream in batches of bounded size.

        Raises:
            InputError: A line is not what it should be.
        """
        return self.batches(self._objects(stream))

    def batches(self, rows: Iterable[tuple[dict[str, Any], int]]) -> Iterator[Batch]:
        """Give rows in batches of bounded size.

        Args:
            rows: Each with about how many bytes it takes.

        Raises:
            InputError: A row is not what it should be.
        """
        some: list[dict[str, Any]] = []
        size, first = 0, int(self._unit == "line")
        for row, weight in rows:
            some.append(row)
            size += weight
            if len(some) >= MOST_ROWS or size >= MOST_BYTES:
                yield self._batch(some, first)
                first += len(some)
                some, size = [], 0
        if some:
            yield self._batch(some, first)

    def _objects(self, stream: BinaryIO) -> Iterator[tuple[dict[str, Any], int]]:
        line = 0
        while text := stream.readline(LONGEST_LINE):
            line += 1
            yield self._object(text, line), len(text)

    def _error(
        self,
        message: str,
        line: int,
        column: int | None = None,
        code: str = "records/syntax",
        hint: str | None = None,
    ) -> InputError:
        where = place_of(self._name, self._unit, line, column)
        return InputError(message, code=code, hint=hint, where=where)

    def _object(self, raw: bytes, line: int) -> dict[str, Any]:
        if len(raw) >= LONGEST_LINE:
            raise self._error(f"the line is longer than {LONGEST_LINE >> 20} MiB", line)
        ended = raw.endswith(b"\n")
        try:
            text = raw.decode("utf-8-sig" if line == 1 else "utf-8").rstrip("\r\n")
        except UnicodeDecodeError as error:
            raise self._error(
                f"byte `0x{raw[error.start]:02x}` is no UTF-8, expected UTF-8",
                line,
                error.start + 1,
            ) from error
        if not text.strip():
            raise self._error("the line is empty, expected a JSON object", line)
        try:
            value = decode(text)
        except NoJsonError as error:
            if error.cut_short and not ended:
                raise self._error(
                    f"the last line breaks off after {len(text)} characters, expected a whole JSON "
                    "object and a line end",
                    line,
                    error.column,
                    code="records/truncated",
                ) from error
            raise self._error(f"no JSON: {error.message}", line, error.column) from error
        if not isinstance(value, dict):
            raise self._error(
                f"the line is {_WORDS.get(type(value), 'null')}, expected a JSON object", line
            )
        return value

    def _batch(self, rows: Sequence[dict[str, Any]], first: int) -> Batch:
        lines = range(first, first + len(rows))
        for row in rows:
            self.keys.update(dict.fromkeys(row))
        names = list(dict.fromkeys((*self.keys, *self._needed)))
        arrays = [self._array(name, [row.get(name) for row in rows], lines) for name in names]
        return Batch(pa.table(arrays, names=names), lines, self._unit)

    def _array(self, name: str, values: list[Any], lines: Sequence[int]) -> pa.Array:
        kinds = set(map(type, values)) - {_EMPTY}
        kind = self._kind(name, values, lines, kinds)
        if kind is None:
            return pa.nulls(len(values))
        if kind is list and name in self._lists:
            return self._ids(name, values, lines)
        if kind in (list, dict):
            self._refuse_nested(name, values, lines)
            return self._made(
                name, values, lines, pa.string(), lambda one: encode(one).decode("utf-8")
            )
        if kind is float:
            return self._made(name, values, lines, pa.float64(), _exact)
        if kind is int:
            made = self._made(name, values, lines, pa.int64(), None)
            self._note_large(name, made, lines)
            return made
        return self._made(
            name, values, lines, pa.bool_() if kind is bool else pa.string(), None
        )

    def _kind(
        self, name: str, values: list[Any], lines: Sequence[int], kinds: set[type]
    ) -> type | None:
        """Give the one kind that a key holds, in this batch and in those before it."""
        seen = self._seen.get(name)
        if not kinds:
            return None if seen is None else seen.kind
        if seen is None:
            first = next(row for row, value in enumerate(values) if value is not None)
            seen = _Seen(type(values[first]), lines[first])
        for odd in kinds - {seen.kind}:
            if {odd, seen.kind} == {int, float}:
                if seen.large is not None:
                    raise self._error(
                        f"a whole number in `{name.removesuffix('[]')}` is beyond 2^53, and numbers with a fraction follow in "
                        "that key, expected one or the other",
                        seen.large,
                        code="records/value",
                    )
                seen = _Seen(float, seen.line)
            elif {odd, seen.kind} != {list, dict} or name in self._lists:
                row = next(row for row, value in enumerate(values) if type(value) is odd)
                raise self._error(
                    f"`{shown(values[row])}` in `{name.removesuffix('[]')}` is {_WORDS[odd]} and was {_WORDS[seen.kind]} "
                    f"in {self._unit} {seen.line}, expected one type",
                    lines[row],
                    code="records/mixed-ids"
                    if {odd, seen.kind} == {int, str}
                    else "records/value",
                )
        self._seen[name] = seen
        return seen.kind

    def _note_large(self, name: str, made: pa.Array, lines: Sequence[int]) -> None:
        """Remember where a number stood that may change if a later batch has fractions under its key."""
        seen = self._seen[name]
        if seen.large is None:
            large = pc.or_(pc.greater(made, _EXACT), pc.less(made, -_EXACT))
            row = pc.index(large, value=True).as_py()
            if row >= 0:
                self._seen[name] = replace(seen, large=lines[row])

    def _refuse_nested(self, name: str, values: list[Any], lines: Sequence[int]) -> None:
        """Check that nobody's id is the text of an object or a list: nobody would be found by it.

        Raises:
            InputError: The key becomes a record's.
        """
        if name in self._mapped:
            row = next(row for row, one in enumerate(values) if isinstance(one, list | dict))
            raise self._error(
                f"`{shown(values[row])}` in `{name}` is {_WORDS[type(values[row])]}, expected "
                + ("a list of ids" if name in self._lists else "text or a whole number"),
                lines[row],
                code="records/column-type",
            )

    def _ids(self, name: str, values: list[Any], lines: Sequence[int]) -> pa.Array:
        """Give lists of ids; the ids are all numbers or all text, as those of any other key."""
        places = [
            (one, line)
            for value, line in zip(values, lines, strict=True)
            if value is not None
            for one in value
        ]
        flat = [one for one, _ in places]
        kind = self._kind(
            f"{name}[]", flat, [line for _, line in places], set(map(type, flat)) - {_EMPTY}
        )
        of: dict[type | None, pa.DataType] = {
            None: pa.null(),
            int: pa.int64(),
            str: pa.string(),
        }
        if name in self._whole:
            of[float] = pa.float64()
        if kind is not None and kind not in of:
            row = next(row for row, one in enumerate(flat) if type(one) is kind)
            raise self._error(
                f"`{shown(flat[row])}` in `{name}` is {_WORDS[kind]}, expected ids: text or whole numbers",
                places[row][1],
                code="records/value",
                hint=as_integer(name, self._lists[name]) if kind is float else None,
            )
        return self._made(name, values, lines, pa.list_(of[kind]), None)

    def _made(
        self,
        name: str,
        values: list[Any],
        lines: Sequence[int],
        kind: pa.DataType,
        convert: Callable[[Any], Any] | None,
    ) -> pa.Array:
        """Make an array; where that fails, find the line whose value does not fit."""

        def make(some: list[Any]) -> pa.Array:
            if convert is not None:
                some = [None if one is None else convert(one) for one in some]
            return pa.array(some, kind)

        try:
            return make(values)
        except (ValueError, OverflowError) as error:
            for value, line in zip(values, lines, strict=True):
                try:
                    make([value])
                except (ValueError, OverflowError) as one:
                    raise self._error(
                        f"`{_printable(value)}` in `{name}` has no place, expected {_expected(one)}",
                        line,
                        code="records/value",
                    ) from error
            raise


def _expected(error: Exception) -> str:
    if isinstance(error, UnicodeEncodeError):
        return "text without half a surrogate pair"
    return "a number of 64 bits"


def _printable(value: object) -> str:
    return shown(str(value).encode("ascii", "backslashreplace").decode("ascii"))


def _exact(value: float) -> float:
    if int(value) == value and int(float(value)) != value:
        message = "no number with a fraction is equal to it"
        raise OverflowError(message)
    return float(value)
