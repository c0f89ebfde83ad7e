# SPDX-License-Identifier: Apache-2.0
"""Columns as a table can have them: every value is kept, or the release is refused (specs/release.md, part 1)."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Any

import pyarrow as pa
import pytest

from privity.errors import InputError
from privity.release.shape import shape_of

UTC = dt.UTC
WRITTEN: list[tuple[Any, pa.DataType, pa.DataType, Any]] = [
    (255, pa.uint8(), pa.int16(), 255),
    (65535, pa.uint16(), pa.int32(), 65535),
    (2**32 - 1, pa.uint32(), pa.int64(), 2**32 - 1),
    (2**64 - 1, pa.uint64(), pa.decimal128(20, 0), Decimal(2**64 - 1)),
    (1.5, pa.float16(), pa.float32(), 1.5),
    ("word", pa.dictionary(pa.int8(), pa.string()), pa.string(), "word"),
    ("word", pa.large_string(), pa.string(), "word"),
    ("word", pa.string_view(), pa.string(), "word"),
    (b"ab", pa.binary(2), pa.binary(), b"ab"),
    (b"ab", pa.large_binary(), pa.binary(), b"ab"),
    ([1], pa.large_list(pa.uint8()), pa.list_(pa.int16()), [1]),
    ([1, 2], pa.list_(pa.uint8(), 2), pa.list_(pa.int16()), [1, 2]),
    (
        ["word"],
        pa.list_(pa.dictionary(pa.int8(), pa.string())),
        pa.list_(pa.string()),
        ["word"],
    ),
    (
        {"x": 7},
        pa.struct([("x", pa.uint8())]),
        pa.struct([("x", pa.int16())]),
        {"x": 7},
    ),
    (
        [("a", 7)],
        pa.map_(pa.string(), pa.uint8()),
        pa.map_(pa.string(), pa.int16()),
        [("a", 7)],
    ),
    (
        dt.datetime(2025, 1, 1, 1, tzinfo=UTC),
        pa.timestamp("s", "Europe/Rome"),
        pa.timestamp("us", "UTC"),
        dt.datetime(2025, 1, 1, 1, tzinfo=UTC),
    ),
    (
        dt.datetime(2025, 1, 1),  # noqa: DTZ001 - a time without a zone is the example
        pa.timestamp("ms"),
        pa.timestamp("us"),
        dt.datetime(2025, 1, 1),  # noqa: DTZ001 - as above
    ),
    (dt.date(2025, 1, 1), pa.date64(), pa.date32(), dt.date(2025, 1, 1)),
    (Decimal("1.50"), pa.decimal32(5, 2), pa.decimal128(5, 2), Decimal("1.50")),
]


@pytest.mark.parametrize(("value", "kind", "written", "read"), WRITTEN, ids=str)
def test_a_type_that_a_table_does_not_know_is_written_as_one_that_holds_every_value(
    value: Any, kind: pa.DataType, written: pa.DataType, read: Any
) -> None:
    """REL-8."""
    table = pa.table({"a": pa.array([value, None], kind)})
    shape = shape_of(table.schema)
    assert shape.schema.field("a").type == written
    assert shape.change(table)["a"].to_pylist() == [read, None]


@pytest.mark.parametrize(
    "kind",
    [
        pa.time32("s"),
        pa.time64("us"),
        pa.duration("s"),
        pa.month_day_nano_interval(),
        pa.null(),
        pa.struct([]),
        pa.decimal256(60, 0),
        pa.list_(pa.duration("s")),
        pa.struct([("x", pa.struct([("y", pa.time32("s"))]))]),
    ],
    ids=str,
)
def test_what_no_type_holds_refuses_the_release(kind: pa.DataType) -> None:
    """REL-8."""
    with pytest.raises(InputError) as caught:
        shape_of(pa.schema([("when", kind)]))
    assert caught.value.code == "release/type"
    assert "`when`" in caught.value.message


@pytest.mark.parametrize("name", ["a b", "a,b", "a=b", "", "a\nb"])
def test_a_name_that_a_table_cannot_have_refuses_the_release(name: str) -> None:
    """REL-8."""
    with pytest.raises(InputError) as caught:
        shape_of(pa.schema([(name, pa.string())]))
    assert caught.value.code == "release/column"


def test_names_that_differ_in_upper_case_alone_refuse_the_release() -> None:
    """REL-8."""
    with pytest.raises(InputError) as caught:
        shape_of(pa.schema([("body", pa.string()), ("Body", pa.string())]))
    assert caught.value.code == "release/column"


def test_an_instant_that_is_finer_than_a_microsecond_is_not_rounded() -> None:
    """REL-8."""
    table = pa.table({"at": pa.array([1_000, 1_001], pa.timestamp("ns", "UTC"))})
    shape = shape_of(table.schema)
    assert shape.change(table.slice(0, 1))["at"].to_pylist() == [
        dt.datetime(1970, 1, 1, 0, 0, 0, 1, tzinfo=UTC)
    ]
    with pytest.raises(InputError) as caught:
        shape.change(table)
    assert caught.value.code == "release/inexact"
    assert "`at`" in caught.value.message


def test_columns_that_a_table_knows_are_left_as_they_are() -> None:
    """REL-8."""
    table = pa.table({"a": pa.array([1], pa.int64()), "b": ["x"], "c": [["y"]]})
    assert shape_of(table.schema).change(table) is table
