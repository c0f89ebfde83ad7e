# SPDX-License-Identifier: Apache-2.0
"""Small files of records, and what became of them."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from tests.unit.sources.told_tables import Fact, Make, made

from privity.errors import InputError
from privity.sources.binding import parse_binding
from privity.sources.native import open_records
from privity.sources.parquet import ParquetRecords

INSTANT = pa.timestamp("us", tz="UTC")
RECORD: Mapping[str, Any] = {
    "record_id": "r1",
    "category": "post",
    "created_at": "2024-09-18T00:00:00Z",
    "author": "ana",
    "recipients": [],
    "capacity": "personal",
    "quotes": [],
}

Content = Any
"""What to put into a file: text, bytes, or a table as Parquet."""
Read = Callable[..., pa.Table]
Problem = Callable[..., InputError]


def lines(*records: Mapping[str, Any]) -> str:
    """JSON lines of records that are like `RECORD` but for what is said."""
    return "".join(json.dumps({**RECORD, **record}) + "\n" for record in records)


def bare_lines(*records: Mapping[str, Any]) -> str:
    """JSON lines of records like `RECORD` without the columns that may be left out, but for what is said."""
    needed = {name: RECORD[name] for name in ("record_id", "category", "created_at", "author")}
    return "".join(json.dumps({**needed, **record}) + "\n" for record in records)


def columns(**others: Any) -> pa.Table:
    """Two records as a table, like `RECORD` but for what is said; None leaves a column out."""
    table = {
        "record_id": ["r1", "r2"],
        "category": ["post", "post"],
        "created_at": pa.array([0, 1], INSTANT),
        "author": ["ana", "ben"],
        **others,
    }
    return pa.table({name: values for name, values in table.items() if values is not None})


def whole(records: Iterable[ParquetRecords], names: list[str] | None = None) -> pa.Table:
    """All chunks of all sources as one table that holds together."""
    sources = list(records)
    tables = [one.read(chunk, names) for one in sources for chunk in range(one.chunks)]
    table = pa.concat_tables(tables) if tables else sources[0].schema.empty_table()
    table.validate(full=True)
    return table


@pytest.fixture
def put(tmp_path: Path) -> Callable[[str, Content], Path]:
    """Write a file into a folder of the test's own."""

    def write(name: str, content: Content) -> Path:
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        if isinstance(content, str):
            path.write_text(content, encoding="utf-8")
        elif isinstance(content, bytes):
            path.write_bytes(content)
        else:
            pq.write_table(content, path)
        return path

    return write


@pytest.fixture
def read(put: Callable[[str, Content], Path]) -> Read:
    """Write one file and read it back as records."""

    def run(name: str, content: Content, binding: str | None = None) -> pa.Table:
        bound = None if binding is None else parse_binding(binding, source="binding.toml")
        return whole(open_records([put(name, content)], binding=bound))

    return run


@pytest.fixture
def problem(read: Read, tmp_path: Path) -> Problem:
    """The one error of a file, with its place relative to the test's folder."""

    def run(name: str, content: Content, binding: str | None = None) -> InputError:
        with pytest.raises(InputError) as caught:
            read(name, content, binding)
        error = caught.value
        assert "\n" not in str(error)
        error.args = (str(error).replace(f"{tmp_path}/", ""),)
        return error

    return run


@pytest.fixture
def make(tmp_path: Path) -> Make:
    """Make facts of one CSV table: member and kind, value, at and detail, in order."""

    def run(binding: str, text: str) -> list[Fact]:
        path = tmp_path / "t.csv"
        path.write_text(text)
        return made(binding, path)

    return run
