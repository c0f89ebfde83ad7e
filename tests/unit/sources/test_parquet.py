# SPDX-License-Identifier: Apache-2.0
"""Parquet is read where it lies, in bounded pieces, from any thread."""

from __future__ import annotations

import os
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from decimal import Decimal
from hashlib import sha256
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from tests.unit.sources.conftest import INSTANT, Content, Problem, Read, columns, whole

from privity.errors import ConflictError, InputError
from privity.sources import parquet
from privity.sources.binding import parse_binding
from privity.sources.native import open_records

Put = Callable[[str, Content], Path]
CANONICAL = [
    "record_id",
    "category",
    "created_at",
    "author",
    "recipients",
    "capacity",
    "quotes",
]


def test_the_columns_of_a_record_come_first_and_payload_is_untouched(read: Read) -> None:
    payload = {
        "blob": pa.array([b"\x00", None]),
        "nested": pa.array([{"a": [1]}, None]),
        "code": pa.array(["x", "y"]).dictionary_encode(),
    }
    table = read("r.parquet", columns(**payload))
    assert table.column_names == [*CANONICAL, "blob", "nested", "code"]
    assert {name: table.column(name).combine_chunks() for name in payload} == payload


@pytest.mark.parametrize(
    ("given", "kind"),
    [
        (pa.array([1, 2], pa.int8()), pa.int64()),
        (pa.array([1, 2], pa.uint64()), pa.int64()),
        (pa.array(["a", None], pa.large_string()), pa.string()),
        (pa.array(["a", "b"], pa.string_view()), pa.string()),
        (pa.array(["a", "a"]).dictionary_encode(), pa.string()),
        (pa.nulls(2), pa.string()),
    ],
)
def test_ids_of_any_width_are_read(read: Read, given: pa.Array, kind: pa.DataType) -> None:
    table = read("r.parquet", columns(author=given))
    assert table.schema.field("author").type == kind
    assert table.schema.field("recipients").type == pa.list_(kind)
    assert table.column("author").to_pylist() == given.to_pylist()


@pytest.mark.parametrize(
    "kind",
    [
        pa.list_(pa.int32()),
        pa.large_list(pa.int64()),
        pa.list_(pa.uint16()),
        pa.list_(pa.dictionary(pa.int8(), pa.int64())),
    ],
)
def test_lists_of_any_kind_are_read_and_no_list_is_an_empty_one(
    read: Read, kind: pa.DataType
) -> None:
    recipients = pa.array([[3, None], None], kind)
    table = read("r.parquet", columns(author=[1, 2], recipients=recipients))
    assert table.schema.field("recipients").type == pa.list_(pa.int64())
    assert table.column("recipients").to_pylist() == [[3, None], []]


@pytest.mark.parametrize(
    ("kind", "values"),
    [
        (pa.timestamp("s", "UTC"), [0, 1]),
        (pa.timestamp("ms", "+02:00"), [0, 1000]),
        (pa.timestamp("us", "Europe/Berlin"), [0, 1_000_000]),
        (pa.timestamp("ns", "UTC"), [999, 1_000_000_999]),
    ],
)
def test_instants_of_any_unit_and_zone_are_read(
    read: Read, kind: pa.DataType, values: list[int]
) -> None:
    table = read("r.parquet", columns(created_at=pa.array(values, kind)))
    assert table.schema.field("created_at").type == INSTANT
    assert table.column("created_at").to_pylist() == [
        datetime(1970, 1, 1, tzinfo=UTC),
        datetime(1970, 1, 1, 0, 0, 1, tzinfo=UTC),
    ]


def test_nanoseconds_before_1970_are_rounded_down(read: Read) -> None:
    table = read(
        "r.parquet", columns(created_at=pa.array([-1, None], pa.timestamp("ns", "UTC")))
    )
    assert table.column("created_at").cast(pa.int64()).to_pylist() == [-1, None]


@pytest.mark.parametrize(
    ("others", "says"),
    [
        ({"created_at": pa.array([0, 1], pa.timestamp("us"))}, "is a time without a zone"),
        ({"created_at": pa.array([0, 1], pa.date32())}, "is a date without a time and a zone"),
        ({"created_at": [0, 1]}, "is a whole number, expected instants"),
        (
            {"created_at": pa.array([0, 2**60], pa.timestamp("ms", "UTC"))},
            "expected an instant within 290,000 years of 1970",
        ),
        ({"author": [1.0, 2.0]}, "column `author` is a number with a fraction"),
        ({"author": pa.array([b"a", b"b"])}, "column `author` is of type binary"),
        ({"author": [["a"], ["b"]]}, "column `author` is a list (text)"),
        (
            {"author": pa.array([1, 2**63], pa.uint64())},
            "r.parquet row 1: `9223372036854775808`",
        ),
        ({"author": [1, 2], "recipients": [["a"], []]}, "`recipients` has text where"),
        ({"record_id": ["a", None]}, "r.parquet row 1: `record_id` has no value"),
        (
            {"record_id": [1, 2], "quotes": [["a"], []]},
            "`quotes` has text where ids of records",
        ),
        ({"recipients": ["a", "b"]}, "column `recipients` is text, expected a list of ids"),
        ({"recipients": [[1.5], []]}, "column `recipients` is a number with a fraction"),
        ({"category": [1, 2]}, "column `category` is a whole number, expected text"),
        ({"capacity": [True, False]}, "column `capacity` is true or false, expected text"),
        (
            {"author": None},
            "column `author` is missing, the columns are `record_id`, `category`",
        ),
        ({"author": None, "autor": ["a", "b"]}, "column `author` is missing"),
    ],
)
def test_a_column_that_does_not_fit_is_one_clear_error(
    problem: Problem, others: dict[str, Any], says: str
) -> None:
    assert says in problem("r.parquet", columns(**others)).args[0]


def test_no_columns_at_all_is_an_error(problem: Problem) -> None:
    assert "there are no columns at all" in problem("r.parquet", pa.table({})).args[0]


def test_no_rows_are_no_records(read: Read) -> None:
    assert read("r.parquet", columns().slice(0, 0)).num_rows == 0


def test_an_empty_file_and_no_parquet_are_told_apart(problem: Problem) -> None:
    assert "the file is empty (0 bytes)" in problem("a.parquet", b"").args[0]
    assert "does not begin with `PAR1`" in problem("b.parquet", b"record_id,author\n").args[0]


def test_a_file_that_is_cut_short_is_an_error(put: Put, problem: Problem) -> None:
    content = put("whole.parquet", columns()).read_bytes()
    assert "cut short or damaged" in problem("cut.parquet", content[:-20]).args[0]


def test_damaged_pages_are_an_error_of_their_row_group(put: Put, problem: Problem) -> None:
    path = put("bad.parquet", columns())
    pq.write_table(
        columns(body=["x" * 999, "y"]), path, compression="none", write_page_checksum=True
    )
    content = bytearray(path.read_bytes())
    content[content.index(b"xxx") + 1] = 0
    error = problem("bad.parquet", bytes(content))
    assert error.args[0].startswith("bad.parquet: row group 0 is damaged")


@pytest.fixture
def groups(put: Put) -> Path:
    """A thousand records in row groups of 300, with a payload."""
    table = pa.table(
        {
            "record_id": list(range(1000)),
            "category": ["post"] * 1000,
            "created_at": pa.array(range(1000), INSTANT),
            "author": list(range(1000)),
            "recipients": [[number] * (number % 3) for number in range(1000)],
            "body": [f"body {number}" for number in range(1000)],
        }
    )
    path = put("groups.parquet", table)
    pq.write_table(table, path, row_group_size=300)
    return path


def test_a_chunk_is_a_row_group_and_only_wanted_columns_are_read(groups: Path) -> None:
    (records,) = open_records([groups])
    assert (records.rows, records.chunks) == (1000, 4)
    assert [records.rows_of(chunk) for chunk in range(4)] == [300, 300, 300, 100]
    table = records.read(1, ["author", "quotes", "record_id"])
    assert table.column_names == ["author", "quotes", "record_id"]
    assert table.column("author").to_pylist() == list(range(300, 600))
    assert table.schema == pa.schema(
        [records.schema.field(name) for name in table.column_names]
    )
    assert records.read(3, ["capacity"]).column("capacity").to_pylist() == [None] * 100
    assert records.read(3, []).num_columns == 0


def test_an_error_in_a_later_row_group_names_the_row_of_the_file(put: Put) -> None:
    path = put("r.parquet", columns())
    table = columns(record_id=["a", None])
    pq.write_table(table, path, row_group_size=1)
    (records,) = open_records([path])
    with pytest.raises(InputError, match=r"r\.parquet row 1: `record_id` has no value"):
        records.read(1)


def test_chunks_are_read_from_any_thread(groups: Path) -> None:
    (records,) = open_records([groups])
    with ThreadPoolExecutor(8) as pool:
        tables = list(pool.map(lambda number: records.read(number % 4), range(64)))
    assert all(table.equals(tables[number % 4]) for number, table in enumerate(tables))


@pytest.mark.parametrize("order", [range(20), reversed(range(20)), [7, 3, 3, 0, 19, 7, 8]])
def test_a_large_row_group_is_read_in_pieces_in_any_order(
    groups: Path, order: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    expected = whole(open_records([groups]))
    monkeypatch.setattr(parquet, "LARGE", 100)
    size = pq.read_metadata(groups).row_group(0).total_byte_size
    monkeypatch.setattr(parquet, "_PART", size * 70 // 300)
    (records,) = open_records([groups])
    before = [0]
    for chunk in range(records.chunks):
        before.append(before[-1] + records.rows_of(chunk))
    assert records.chunks > 12
    for chunk in order:
        if chunk < records.chunks:
            table = records.read(chunk)
            assert table.equals(expected.slice(before[chunk], records.rows_of(chunk)))
    assert whole([records]).equals(expected)


def test_pieces_of_a_large_row_group_are_read_from_any_thread(
    groups: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    expected = whole(open_records([groups]))
    monkeypatch.setattr(parquet, "LARGE", 100)
    monkeypatch.setattr(parquet, "_PART", 2000)
    (records,) = open_records([groups])
    with ThreadPoolExecutor(4) as pool:
        tables = list(pool.map(records.read, range(records.chunks)))
    assert pa.concat_tables(tables).equals(expected)


def test_columns_of_text_may_be_read_as_dictionaries(put: Put) -> None:
    columns_of_text = {"category": ["post", "post"], "capacity": ["acme", None]}
    path = put("r.parquet", columns(**columns_of_text))
    wanted = ["category", "author", "capacity"]
    (records,) = open_records([path])
    table = records.read_encoded(0, wanted, ["category", "capacity"])
    assert pa.types.is_dictionary(table.schema.field("category").type)
    assert table.to_pylist() == records.read(0, wanted).to_pylist()
    binding = parse_binding(
        '[columns]\ncapacity = {column = "capacity", prefix = "seat:"}', source="binding.toml"
    )
    (bound,) = open_records([path], binding=binding)
    table = bound.read_encoded(0, wanted, ["category", "capacity"])
    assert table.column("capacity").to_pylist() == ["seat:acme", None]
    constant = parse_binding(
        '[columns]\ncapacity = {constant = "seat:x"}', source="binding.toml"
    )
    (whole_seat,) = open_records([put("c.parquet", columns())], binding=constant)
    assert (
        whole_seat.read_encoded(0, wanted, ["capacity"]).to_pylist()[0]["capacity"] == "seat:x"
    )


def test_a_file_that_changes_is_a_conflict(groups: Path, put: Put) -> None:
    (records,) = open_records([groups])
    os.utime(groups, ns=(1, 1))
    with pytest.raises(ConflictError, match="changed while it was read"):
        records.read(0)
    with pytest.raises(ConflictError):
        records.digest()
    (gone,) = open_records([put("gone.parquet", columns())])
    gone.path.unlink()
    with pytest.raises(ConflictError):
        gone.read(0)


WHOLE = pa.decimal128(38, 0)
PLACES = pa.decimal128(38, 2)


@pytest.mark.parametrize("kind", [WHOLE, pa.decimal256(40, 0)])
def test_decimal_ids_without_places_are_whole_numbers(read: Read, kind: pa.DataType) -> None:
    table = columns(
        record_id=pa.array([1, 2**63 - 1], kind),
        author=pa.array([7, None], kind),
        recipients=pa.array([[8, None], None], pa.list_(kind)),
    )
    found = read("r.parquet", table)
    assert found.column("record_id").to_pylist() == [1, 2**63 - 1]
    assert found.column("author").to_pylist() == [7, None]
    assert found.column("recipients").to_pylist() == [[8, None], []]
    as_text = "".join(
        f'{name} = {{column = "{name}", as = "string"}}\n'
        for name in ("record_id", "author", "recipients")
    )
    found = read("r.parquet", table, f"[columns]\n{as_text}")
    assert found.column("record_id").to_pylist() == ["1", str(2**63 - 1)]
    assert found.column("recipients").to_pylist() == [["8", None], []]


def test_decimal_ids_are_read_exactly_or_not_at_all(read: Read, problem: Problem) -> None:
    table = columns(author=pa.array([7, 8], PLACES))
    hint = str(problem("r.parquet", table).hint)
    say = hint.partition(": ")[2]
    assert say == 'author = {column = "author", as = "integer"}'
    binding = f"[columns]\n{say}\n"
    assert read("r.parquet", table, binding).column("author").to_pylist() == [7, 8]
    for kind, bad in ((PLACES, Decimal("8.5")), (PLACES, Decimal(2**63)), (WHOLE, 2**63)):
        table = columns(author=pa.array([7, bad], kind))
        assert (
            f"r.parquet row 1: `{pa.scalar(bad, kind)}`"
            in problem("r.parquet", table, binding).args[0]
        )


def test_the_digest_is_of_the_bytes_that_were_given(groups: Path, put: Put) -> None:
    line = '{"record_id": 1, "category": "post", "created_at": null, "author": 1}\n'
    for path in (groups, put("r.jsonl", line)):
        (records,) = open_records([path])
        assert records.digest() == sha256(path.read_bytes()).hexdigest()
