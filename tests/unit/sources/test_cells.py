# SPDX-License-Identifier: Apache-2.0
"""CSV is read strictly; cells are text, lists are JSON arrays or have `;` between ids."""

from __future__ import annotations

import gzip
import json
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pyarrow as pa
import pytest
from tests.unit.sources.conftest import Problem, Read

from privity.errors import InputError
from privity.sources.from_table import facts_from_tables
from privity.sources.table_binding import parse_table_binding
from privity.sources.tables import read_table_file

HEADER = "record_id,category,created_at,author,recipients,capacity,quotes,body\n"
ROW = 'r1,post,2024-09-18T00:00:00Z,ana,,,,"a, b"\n'


def test_empty_cells_are_empty_places_and_payload_stays_text(read: Read) -> None:
    table = read("r.csv", HEADER + ROW + "r2,,,,,,,\n")
    assert table.to_pylist() == [
        {
            "record_id": "r1",
            "category": "post",
            "created_at": datetime(2024, 9, 18, tzinfo=UTC),
            "author": "ana",
            "recipients": [],
            "capacity": None,
            "quotes": [],
            "body": "a, b",
        },
        {
            "record_id": "r2",
            "category": None,
            "created_at": None,
            "author": None,
            "recipients": [],
            "capacity": None,
            "quotes": [],
            "body": "",
        },
    ]


@pytest.mark.parametrize(
    ("cell", "ids"),
    [
        ("", []),
        ("ben", ["ben"]),
        ("ben; cleo", ["ben", "cleo"]),
        ("ben;;cleo", ["ben", None, "cleo"]),
        ("ben;", ["ben", None]),
        ('"[""ben"",""c;d""]"', ["ben", "c;d"]),
        ('"[""ben"",null]"', ["ben", None]),
        ("[]", []),
        ("[12]", ["12"]),
    ],
)
def test_a_list_is_an_array_or_has_separators(read: Read, cell: str, ids: list[str]) -> None:
    row = f"r1,post,2024-09-18T00:00:00Z,ana,{cell},,,\n"
    assert read("r.csv", HEADER + row).column("recipients").to_pylist() == [ids]


@pytest.mark.parametrize(
    "given",
    [
        "2024-09-18 02:00:00.25+02:00",
        "2024-09-18 02:00:00.25+02",
        "2024-09-17 19:30:00.25-04:30",
        "2024-09-18T02:00:00.25+02",
        "2024-09-18 00:00:00.25Z",
    ],
)
def test_instants_may_be_written_as_pandas_and_postgresql_do(read: Read, given: str) -> None:
    table = read("r.csv", HEADER + f"r1,post,{given},ana,,,,\n")
    assert table.column("created_at").to_pylist() == [
        datetime(2024, 9, 18, microsecond=250_000, tzinfo=UTC)
    ]


@pytest.mark.parametrize(
    "given", ["2024-09-18 00:00:00+0", "2024-09-18 00:00:00 +00:00", "2024-09-18  00:00:00Z"]
)
def test_nothing_else_is_an_instant(problem: Problem, given: str) -> None:
    error = problem("r.csv", HEADER + f"r1,post,{given},ana,,,,\n")
    assert f"`{given}` in column `created_at` is no instant" in error.args[0]


def test_ids_that_all_are_whole_numbers_become_numbers(read: Read) -> None:
    table = read("r.csv", HEADER + "1,post,,7,8;9,,,\n-2,post,,0,,,1,\n")
    assert table.column("record_id").to_pylist() == [1, -2]
    assert table.column("recipients").to_pylist() == [[8, 9], []]
    assert table.column("quotes").to_pylist() == [[], [1]]


@pytest.mark.parametrize("other", ["007", "+7", "7.5", "9223372036854775808", "-0", "x"])
def test_one_id_that_is_no_number_makes_all_text(read: Read, other: str) -> None:
    table = read("r.csv", HEADER + f"1,post,,7,,,,\n2,post,,{other},,,,\n")
    assert table.column("author").to_pylist() == ["7", other]
    assert table.schema.field("recipients").type == pa.list_(pa.string())


def test_a_header_alone_is_no_records(read: Read) -> None:
    table = read("r.csv", HEADER)
    assert table.num_rows == 0
    assert table.column_names == HEADER.strip().split(",")


def test_a_cell_may_have_lines_and_five_megabytes(read: Read) -> None:
    body = "line\n" * (1 << 20)
    row = f'r1,post,2024-09-18T00:00:00Z,ana,,,,"{body}"\n'
    assert read("r.csv", HEADER + row).column("body").to_pylist() == [body]


@pytest.mark.parametrize(
    ("text", "says"),
    [
        pytest.param("", "r.csv: the file is empty (0 bytes)", id="empty file"),
        pytest.param("\n", "r.csv:1: the line is empty", id="no header"),
        pytest.param(
            HEADER + "r1,post\n", "r.csv:2: the row has 2 cells, expected 8", id="cells"
        ),
        pytest.param(HEADER + ROW + "\n" + ROW, "r.csv:3: the line is empty", id="empty line"),
        pytest.param(
            HEADER + 'r0,post,,a,,,,"x\ny"\nr1,post,2024-13-01T00:00:00Z,a,,,,\n',
            "r.csv:4: `2024-13-01T00:00:00Z` in column `created_at`",
            id="a cell with a line end counts its lines",
        ),
        pytest.param(
            HEADER + ROW + 'r2,post,,ana,,,,"the rest',
            "r.csv:3: the file breaks off within a quoted cell",
            id="cut",
        ),
        pytest.param(HEADER + 'r1,"po"st,,a,,,,\n', "r.csv:2: no CSV: ", id="quotes"),
        pytest.param(
            HEADER + ",post,,a,,,,\n", "r.csv:2: `record_id` has no value", id="no record id"
        ),
        pytest.param(
            HEADER + 'r1,post,,a,"[""b""",,,\n', 'r.csv:2: `["b"` in `recipients`', id="array"
        ),
        pytest.param(
            HEADER + 'r1,post,,a,"{b,c}",,,\n',
            "r.csv:2: `{b,c}` in `recipients` is no JSON array",
            id="braces",
        ),
        pytest.param(
            HEADER + "r1,post,,a,[true],,,\n", "`True` in `recipients` is no id", id="no id"
        ),
        pytest.param(
            "record_id,category,created,author\n",
            "column `created_at` is missing",
            id="missing",
        ),
        pytest.param(
            "record_id,category,created_at,author,author\n", "`author` stands twice", id="twice"
        ),
    ],
)
def test_a_bad_row_is_one_clear_error(problem: Problem, text: str, says: str) -> None:
    assert says in problem("r.csv", text).args[0]


@pytest.mark.parametrize("cell", ["ben;dora", "ben", "", '"[""ben""]"'])
@pytest.mark.parametrize("name", ["r.csv", "r.csv.gz"])
def test_a_last_cell_that_may_be_cut_short_is_no_part_of_a_record(
    problem: Problem, read: Read, name: str, cell: str
) -> None:
    header = "record_id,category,created_at,author,recipients\n"
    text = header + "r1,post,,ana,\n" + f"r2,inmail,,ana,{cell}"

    def content(text: str) -> str | bytes:
        return gzip.compress(text.encode()) if name.endswith(".gz") else text

    error = problem(name, content(text))
    assert error.args[0] == (
        f"{name}:3: the file breaks off within `recipients`, or has no line end after it, expected a line end"
    )
    assert error.code == "records/truncated"
    for end in ("\n", "\r\n", "\r"):
        assert read(name, content(text + end)).num_rows == 2


def test_a_last_cell_of_payload_needs_no_line_end(problem: Problem, read: Read) -> None:
    assert read("r.csv", HEADER + ROW.rstrip()).column("body").to_pylist() == ["a, b"]
    bound = 'payload = []\n[columns]\nauthor = "body"\n'
    assert "breaks off within `body`" in problem("r.csv", HEADER + ROW.rstrip(), bound).args[0]


def test_a_table_whose_last_line_has_no_end_is_an_error(put: Callable[..., Path]) -> None:
    with pytest.raises(InputError, match=r":2: the file breaks off within `until`") as caught:
        list(read_table_file(put("t.csv", "member,until\nana,")))
    assert caught.value.code == "records/truncated"


@pytest.mark.parametrize("column", ["id", "into"])
def test_an_object_in_a_table_is_nobodys_id(put: Callable[..., Path], column: str) -> None:
    binding = parse_table_binding(
        """
        table = "changes"
        at = "when"
        recorded_at = "when"
        member = "id"
        [[fact]]
        fact = "merged"
        value = {column = "into"}
        """,
        source="binding.toml",
    )
    row = {
        "id": "ana",
        "into": "ben",
        "when": "2024-09-18T00:00:00Z",
        "tags": ["x"],
        column: {"$oid": "a"},
    }
    with pytest.raises(
        InputError, match=rf":1: .* in `{column}` is an object, expected"
    ) as caught:
        list(facts_from_tables(binding, [put("t.jsonl", json.dumps(row) + "\n")]))
    assert caught.value.code == "records/column-type"
    row[column] = "cleo"
    assert list(facts_from_tables(binding, [put("t.jsonl", json.dumps(row) + "\n")]))


def test_a_byte_that_is_no_utf8_is_found_in_its_line(problem: Problem) -> None:
    text = (HEADER + ROW).encode() * 1 + b"\xe9,post,,a,,,,\n"
    assert problem("r.csv", text).args[0].startswith("r.csv:3: byte `0xe9` is no UTF-8")


def test_a_missing_column_names_the_nearest(problem: Problem) -> None:
    error = problem("r.csv", "record_id,category,created,author\n")
    assert error.hint == 'if `created` is meant, say so in a binding: created_at = "created"'


def test_a_column_is_not_near_for_being_an_id_too(problem: Problem) -> None:
    error = problem("r.csv", "member_id,category,created_at,author\n")
    assert error.hint == 'say in a binding which column it is: record_id = "…"'
    error = problem("r.csv", "rec_at,rec_id,rec,category,created_at,author\n")
    assert error.hint == 'if `rec_id` is meant, say so in a binding: record_id = "rec_id"'
    error = problem("r.csv", "rec_id,category,created_at,author\n")
    assert error.hint == 'if `rec_id` is meant, say so in a binding: record_id = "rec_id"'
