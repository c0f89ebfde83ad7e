# SPDX-License-Identifier: Apache-2.0
"""Take policy, facts and records in whatever form the caller has them."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from itertools import chain
from pathlib import Path
from typing import Any, Final, TypeAlias, cast

import pyarrow as pa

from privity.app.at_hand import fact_batches, fact_rows, put_in_files
from privity.app.rows import read_row
from privity.canonical.encode import digest_file
from privity.canonical.instants import Instant, parse_instant, seconds_of
from privity.decide.request import Record, Request
from privity.errors import InputError, Where
from privity.members.columns import FactColumns, columns_of, fact_columns
from privity.members.facts import Fact, MemberId
from privity.members.reading import read_facts
from privity.policy.grammar import SHA256
from privity.policy.model import Version
from privity.policy.parse import policy_files, read_policies, version_from
from privity.policy.versions import History, history
from privity.release.reading import RecordFile
from privity.sources.binding import NATIVE, Binding, load_binding
from privity.sources.columns import NAMES
from privity.sources.native import open_records

PathLike: TypeAlias = str | Path
Policy: TypeAlias = (
    History
    | PathLike
    | Mapping[str, Any]
    | Sequence[PathLike]
    | Sequence[Version]
    | Sequence[Mapping[str, Any]]
)
"""Versions read already, files or folders, or versions as plain mappings."""

Facts: TypeAlias = (
    FactColumns | PathLike | Sequence[PathLike] | pa.Table | Sequence[Mapping[str, Any]]
)
"""Facts read already, a file or several, an Arrow table, or rows as plain mappings."""

When: TypeAlias = Instant | str | datetime
"""Seconds since 1970, text such as `2024-09-18T00:00:00Z`, or a datetime with a zone."""

InMemory: TypeAlias = pa.Table | pa.RecordBatch | pa.RecordBatchReader
"""Records in memory, or as a stream of batches that is read once."""

Sources: TypeAlias = (
    Sequence[PathLike] | Sequence[RecordFile] | Sequence[InMemory] | PathLike | InMemory
)
"""Files or folders of records, sources that are open already, or Arrow tables, batches and readers."""

Bindings: TypeAlias = Binding | PathLike | Sequence[Binding | PathLike | None] | None
"""What the columns of sources mean: one for all, or one for each; None where they have a record's own names."""

_MICROSECONDS: Final = 1_000_000
_WHOLE_NUMBER: Final = re.compile(r"0|-?[1-9][0-9]{0,18}")


def sha256_of(given: PathLike, *, what: str = "it", code: str = "release/digest") -> str:
    """Give the SHA-256 of a file in hexadecimal, or what is one already.

    Args:
        given: The file, or 64 digits in lower case.
        what: What it is called where it cannot be read.
        code: The code of that error.

    Raises:
        InputError: It is neither.
    """
    text = str(given)
    if SHA256.fullmatch(text):
        return text
    try:
        return digest_file(Path(given))
    except OSError as error:
        raise InputError(
            f"{what} cannot be read: {error.strerror}",
            code=code,
            hint="name a file, or the SHA-256 of one as 64 digits in lower case",
            where=Where(file=text),
        ) from error


def instant(value: When) -> Instant:
    """Read an instant.

    Raises:
        InputError: It is none.
    """
    if isinstance(value, str):
        return parse_instant(value)
    if isinstance(value, datetime):
        return seconds_of(value)
    if isinstance(value, bool) or not isinstance(value, int):
        raise InputError(
            f"`{value}` is no instant, expected whole seconds since 1970, or text such as "
            "`2024-09-18T00:00:00Z`",
            code="input/instant",
        )
    return value


def request(purpose: str, recipient: str, at: When, known: When | None) -> Request:
    """Make a request; `known` is `at` unless it is said."""
    used = instant(at)
    return Request(
        purpose=purpose,
        recipient=recipient,
        at=used,
        known=used if known is None else instant(known),
    )


def load_policy(policy: Policy) -> History:
    """Read policy versions.

    Raises:
        InputError: A file cannot be read, or does not check.
    """
    if isinstance(policy, History):
        return policy
    if isinstance(policy, str | Path):
        return read_policies([Path(policy)])
    if isinstance(policy, Mapping):
        return history([version_from(policy)])
    if all(isinstance(one, str | Path) for one in policy):
        return read_policies([Path(str(one)) for one in policy])
    return history(
        one if isinstance(one, Version) else version_from(one)  # type: ignore[arg-type] # paths are gone
        for one in policy
    )


def load_facts(facts: Facts) -> FactColumns:
    """Read facts into columns.

    Raises:
        InputError: A file cannot be read, or a fact is not well formed.
    """
    if isinstance(facts, FactColumns):
        return facts
    if (paths := _paths(facts)) is not None:
        return fact_columns(chain.from_iterable(map(read_facts, paths)))
    if isinstance(facts, pa.Table | pa.RecordBatch):
        return fact_columns(fact_batches(pa.table(facts)))
    return columns_of(fact_rows(cast("Sequence[Mapping[str, Any]]", facts)))


def _paths(facts: Any) -> list[Path] | None:
    """Give the files that facts are in; None where they are in none."""
    if isinstance(facts, str | Path):
        return [Path(facts)]
    given = list(facts) if isinstance(facts, list | tuple) else []
    if given and all(isinstance(one, str | Path) for one in given):
        return [Path(one) for one in given]
    return None


def facts_of(columns: FactColumns) -> Iterator[Fact]:
    """Give all facts one by one, for the plain rule."""
    yield from columns.platform
    for index in range(columns.members):
        yield from columns.of_member(index)


def record_of(row: Mapping[str, Any], facts: FactColumns) -> Record:
    """Read a record given as a mapping; its instant is text, seconds or an aware datetime.

    Its members' ids are read as the facts have them: as text, or as integers.

    Raises:
        InputError: A column is missing or is none of a record's types.
    """
    said = read_row(row)
    created_at, capacity = said["created_at"], said["capacity"]
    return Record(
        record_id=said["record_id"],
        category=said["category"],
        created_at=None if created_at is None else instant(created_at),
        author=_member(said["author"], facts),
        recipients=tuple(_member(one, facts) for one in said["recipients"]),
        # Only what is missing is personal: empty text is a capacity that nobody knows.
        capacity="personal" if capacity is None else capacity,
        quotes=said["quotes"],
    )


def _member(value: MemberId | None, facts: FactColumns) -> MemberId | None:
    if value is None:
        return None
    if pa.types.is_string(facts.ids.type):
        return str(value)
    # Text that is no number as it is written, such as `07`, is nobody's id among numbers.
    return int(value) if _WHOLE_NUMBER.fullmatch(str(value)) else value


def records_of(tables: Iterable[pa.Table], facts: FactColumns) -> Iterator[Record]:
    """Read records of tables in the records schema."""
    for table in tables:
        columns = [name for name in table.column_names if name in NAMES]
        told = table.select(columns)
        if "created_at" in columns:
            place = columns.index("created_at")
            told = told.set_column(place, "created_at", _seconds(told.column(place)))
        for row in told.to_pylist():
            yield record_of(row, facts)


def _seconds(instants: pa.ChunkedArray) -> pa.Array:
    """Give whole seconds, not dates of a calendar: milliseconds that were read as seconds are in none of its years."""
    micros = instants.cast(pa.timestamp("us", tz="UTC")).cast(pa.int64()).to_pylist()
    seconds = [None if one is None else one // _MICROSECONDS for one in micros]
    return pa.array(seconds, pa.int64())


def describe(paths: Iterable[Path]) -> list[dict[str, str]]:
    """Give name and SHA-256 of files."""
    return [{"name": str(path), "sha256": digest_file(path)} for path in paths]


def describe_inputs(policy: Policy, facts: Facts) -> dict[str, Any]:
    """Describe where policy and facts came from; what was given in memory has no digest."""
    described: dict[str, Any] = {}
    if isinstance(policy, str | Path):
        described["policy_files"] = describe(policy_files([Path(policy)]))
    elif not isinstance(policy, History | Mapping) and all(
        isinstance(one, str | Path) for one in policy
    ):
        described["policy_files"] = describe(policy_files([Path(str(one)) for one in policy]))
    if (paths := _paths(facts)) is not None:
        described["fact_files"] = describe(paths)
    return described


def _bound(binding: Any) -> Sequence[Binding] | None:
    """Read what `Bindings` allows, given by whoever checks no types."""
    if binding is None:
        return None
    if isinstance(binding, Binding | str | Path):
        return [_one_bound(binding)]
    if not isinstance(binding, list | tuple):
        raise _no_binding(binding)
    return [_one_bound(one) for one in binding]


def _one_bound(one: Any) -> Binding:
    if one is None:
        return NATIVE
    if isinstance(one, str | Path):
        return load_binding(Path(one))
    if not isinstance(one, Binding):
        raise _no_binding(one)
    return one


def _no_binding(given: object) -> InputError:
    return InputError(
        f"`{type(given).__name__}` is no binding, expected one, its file, or a list of them",
        code="input/binding",
    )


def open_sources(sources: Sources, binding: Bindings = None) -> Sequence[RecordFile]:
    """Open files and folders of records; sources that are open already are given back.

    Arrow tables, batches and readers are written into a working folder first, which lasts as long as the sources.

    Raises:
        InputError: A file or the binding cannot be read, or a source is none.
        UnavailableError: There is no room for the working folder.
    """
    bound = _bound(binding)
    given: list[Any] = [sources]
    if isinstance(sources, Sequence) and not isinstance(sources, str):
        given = list(sources)
    if all(isinstance(one, str | Path) for one in given):
        return open_records([Path(one) for one in given], binding=bound)
    if all(isinstance(one, InMemory) for one in given):
        return put_in_files(given, bound)
    for one in given:
        if not callable(getattr(one, "read", None)):
            raise InputError(
                f"`{type(one).__name__}` is no source beside the others, expected paths, opened sources, or Arrow "
                "tables, batches or readers, of one kind",
                code="input/sources",
            )
    if bound is not None:
        raise InputError(
            "there is a binding, and the sources are opened already, by what was said of them then",
            code="input/binding",
            hint="give it to `open_records`",
        )
    return given
