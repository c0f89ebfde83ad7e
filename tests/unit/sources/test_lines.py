# SPDX-License-Identifier: Apache-2.0
"""JSON lines are read strictly, and every error says its line."""

from __future__ import annotations

import gzip
import json
from datetime import UTC, datetime
from typing import Any

import pyarrow as pa
import pytest
from tests.unit.sources.conftest import Problem, Read, lines


def test_a_record_keeps_its_columns_and_its_payload(read: Read) -> None:
    table = read("r.jsonl", lines({"recipients": ["ben", None], "body": "hello", "likes": 3}))
    assert table.to_pylist() == [
        {
            "record_id": "r1",
            "category": "post",
            "created_at": datetime(2024, 9, 18, tzinfo=UTC),
            "author": "ana",
            "recipients": ["ben", None],
            "capacity": "personal",
            "quotes": [],
            "body": "hello",
            "likes": 3,
        }
    ]


def test_what_is_left_out_is_empty(read: Read) -> None:
    text = '{"record_id": 7, "category": "post", "created_at": null, "author": 1}\n'
    (row,) = read("r.jsonl", text).to_pylist()
    assert row == {
        "record_id": 7,
        "category": "post",
        "created_at": None,
        "author": 1,
        "recipients": [],
        "capacity": None,
        "quotes": [],
    }


def test_ids_keep_their_type(read: Read) -> None:
    table = read(
        "r.jsonl",
        lines({"record_id": 1, "author": "7"}, {"record_id": 2, "author": None, "quotes": [1]}),
    )
    assert table.schema.field("record_id").type == pa.int64()
    assert table.schema.field("quotes").type == pa.list_(pa.int64())
    assert table.schema.field("author").type == pa.string()


def test_a_payload_that_is_no_scalar_stays_json(read: Read) -> None:
    table = read("r.jsonl", lines({"tags": ["b", "a"]}, {"tags": {"y": 1, "x": [None]}}))
    assert table.column("tags").to_pylist() == ['["b","a"]', '{"x":[null],"y":1}']


def test_numbers_with_and_without_fractions_are_one_payload(read: Read) -> None:
    assert read("r.jsonl", lines({"n": 1}, {"n": 2.5}, {})).column("n").to_pylist() == [
        1.0,
        2.5,
        None,
    ]


def test_types_that_only_later_batches_show_reach_back(
    read: Read, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("privity.sources.lines.MOST_ROWS", 1)
    table = read(
        "r.jsonl",
        lines(
            {"record_id": 1, "author": None, "n": 1},
            {"record_id": 2, "author": 7, "recipients": [8], "n": 1.5, "late": "x"},
        ),
    )
    assert table.column("author").to_pylist() == [None, 7]
    assert table.column("recipients").to_pylist() == [[], [8]]
    assert table.column("n").to_pylist() == [1.0, 1.5]
    assert table.column("late").to_pylist() == [None, "x"]


def test_the_fraction_of_an_instant_is_kept_to_the_microsecond(read: Read) -> None:
    table = read("r.jsonl", lines({"created_at": "2024-09-18T02:00:00.1234569+02:00"}))
    assert table.column("created_at").to_pylist() == [
        datetime(2024, 9, 18, microsecond=123456, tzinfo=UTC)
    ]


def test_a_body_of_five_megabytes_is_read(read: Read) -> None:
    body = "é" * (5 << 19)
    assert read("r.jsonl", lines({"body": body})).column("body").to_pylist() == [body]


@pytest.mark.parametrize("end", ["\n", "\r\n", ""])
def test_the_last_line_may_end_as_it_likes(read: Read, end: str) -> None:
    assert read("r.jsonl", lines({}).rstrip() + end).num_rows == 1


def test_a_byte_order_mark_is_no_record(read: Read) -> None:
    assert read("r.jsonl", b"\xef\xbb\xbf" + lines({}).encode()).num_rows == 1


@pytest.mark.parametrize("ending", [".jsonl.gz", ".jsonl.zst", ".ndjson.gz"])
def test_lines_may_be_compressed(read: Read, ending: str) -> None:
    text = lines(*({"record_id": f"r{number}"} for number in range(1000))).encode()
    packed = (
        gzip.compress(text)
        if ending.endswith(".gz")
        else pa.compress(text, "zstd", asbytes=True)
    )
    assert read(f"r{ending}", packed).num_rows == 1000


@pytest.mark.parametrize("ending", [".jsonl.gz", ".jsonl.zst"])
def test_a_compressed_file_that_is_cut_is_an_error(problem: Problem, ending: str) -> None:
    text = lines(*({"record_id": f"r{number}"} for number in range(20_000))).encode()
    packed = (
        gzip.compress(text)
        if ending.endswith(".gz")
        else pa.compress(text, "zstd", asbytes=True)
    )
    error = problem(f"r{ending}", packed[: len(packed) // 2])
    assert str(error.args[0]).startswith(
        f"r{ending}: the compressed file is cut short or damaged"
    )


@pytest.mark.parametrize(
    ("text", "says"),
    [
        pytest.param("", "r.jsonl: the file is empty (0 bytes)", id="empty file"),
        pytest.param("\n", "r.jsonl:1: the line is empty", id="empty line"),
        pytest.param("[1]\n", "r.jsonl:1: the line is a list", id="no object"),
        pytest.param("null\n", "r.jsonl:1: the line is null", id="null"),
        pytest.param(
            '{"a" 1}\n', "r.jsonl:1:6: no JSON: expecting ':' delimiter", id="no JSON"
        ),
        pytest.param('{"a": 1} x\n', "r.jsonl:1:10: no JSON: extra data", id="two values"),
        pytest.param(
            '{"a": 1, "a": 2}\n', "r.jsonl:1: no JSON: key `a` stands twice", id="twice"
        ),
        pytest.param('{"a": NaN}\n', "r.jsonl:1: no JSON: `NaN` is no JSON number", id="NaN"),
        pytest.param('{"a": -Infinity}\n', "`-Infinity` is no JSON number", id="infinity"),
        pytest.param('{"a": 1e999}\n', "`1e999` is out of the range of numbers", id="overflow"),
        pytest.param(
            '{"a": ' + "1" * 5000 + "}\n", "a number has too many digits", id="digits"
        ),
        pytest.param('{"a": ' + "[" * 10**5 + "\n", "the value is nested too deep", id="depth"),
        pytest.param(
            lines({}) + '{"record_id": "r2", "cat',
            "r.jsonl:2:21: the last line breaks off after 24 characters",
            id="cut within text",
        ),
        pytest.param(
            lines({}) + '{"record_id": "r2"',
            "r.jsonl:2:19: the last line breaks off",
            id="cut after a value",
        ),
        pytest.param(
            lines({}, {"record_id": 2}),
            "r.jsonl:2: `2` in `record_id` is a whole number and was text in line 1",
            id="mixed ids",
        ),
        pytest.param(
            lines({}, {"author": 2}),
            "r.jsonl:2: `2` in `author` is a whole number",
            id="authors",
        ),
        pytest.param(
            lines({}, {"recipients": ["b"]}, {"recipients": [2]}),
            "r.jsonl:3: `2` in `recipients` is a whole number and was text in line 2",
            id="mixed recipients",
        ),
        pytest.param(
            lines({"author": 1, "recipients": ["b"]}),
            "r.jsonl:1: column `recipients` has text where ids of members are whole numbers",
            id="author and recipients differ",
        ),
        pytest.param(
            lines({"recipients": [["b"]]}),
            "`['b']` in `recipients` is a list",
            id="lists in lists",
        ),
        pytest.param(
            lines({}, {"record_id": None}), "r.jsonl:2: `record_id` has no value", id="null id"
        ),
        pytest.param(
            lines({"author": 1.5}), "`author` is a number with a fraction", id="fraction"
        ),
        pytest.param(lines({"author": True}), "`author` is true or false", id="truth value"),
        pytest.param(lines({"author": 2**64}), "expected a number of 64 bits", id="too large"),
        pytest.param(
            lines({"recipients": "ben"}), "`recipients` is text", id="text for a list"
        ),
        pytest.param(lines({"category": 3}), "`category` is a whole number", id="category"),
        pytest.param(lines({"created_at": 17}), "`created_at` is a whole number", id="epoch"),
        pytest.param(
            lines({}, {"created_at": "2024-09-18"}), "r.jsonl:2: `2024-09-18` in", id="date"
        ),
        pytest.param(
            lines({"created_at": "2024-09-18T00:00:00"}), "has no zone, expected", id="naive"
        ),
        pytest.param(
            lines({"created_at": "yesterday"}),
            "`yesterday` in column `created_at`",
            id="no time",
        ),
        pytest.param(
            lines({"created_at": "2024-02-30T00:00:00Z"}), "of the calendar", id="30 February"
        ),
        pytest.param(
            lines({"n": 1}, {"n": "x"}), "r.jsonl:2: `x` in `n` is text", id="payload"
        ),
        pytest.param(
            lines({"n": 2**53 + 1}, {"n": 0.5}), "r.jsonl:1: `9007199254740993`", id="rounding"
        ),
        pytest.param(lines({"n": 2**64}), "`18446744073709551616` in `n`", id="large payload"),
        pytest.param(
            lines({}, {"body": "\ud800"}), "r.jsonl:2: `\\ud800` in `body`", id="half a pair"
        ),
    ],
)
def test_a_bad_line_is_one_clear_error(problem: Problem, text: str, says: str) -> None:
    assert says in problem("r.jsonl", text).args[0]


@pytest.mark.parametrize(
    ("key", "value", "seen", "expected"),
    [
        (
            "record_id",
            {"$oid": "a"},
            "`{'$oid': 'a'}`",
            "an object, expected text or a whole number",
        ),
        ("record_id", ["a"], "`['a']`", "a list, expected text or a whole number"),
        (
            "author",
            {"id": "ana"},
            "`{'id': 'ana'}`",
            "an object, expected text or a whole number",
        ),
        ("category", ["post"], "`['post']`", "a list, expected text or a whole number"),
        (
            "created_at",
            {"$date": 1},
            "`{'$date': 1}`",
            "an object, expected text or a whole number",
        ),
        ("capacity", ["personal"], "`['personal']`", "a list, expected text or a whole number"),
        ("recipients", {"id": "ben"}, "`{'id': 'ben'}`", "an object, expected a list of ids"),
        ("quotes", {"id": "r0"}, "`{'id': 'r0'}`", "an object, expected a list of ids"),
    ],
)
def test_an_object_or_a_list_is_no_text_of_a_record(
    problem: Problem, key: str, value: Any, seen: str, expected: str
) -> None:
    error = problem("r.jsonl", lines({key: None}, {"record_id": "r2", key: value}))
    assert error.args[0] == f"r.jsonl:2: {seen} in `{key}` is {expected}"
    assert error.code == "records/column-type"


def test_an_object_is_no_id_under_another_name_either(problem: Problem, read: Read) -> None:
    binding = '[columns]\nauthor = "writer"\nrecipients = {column = "to", separator = ","}\n'
    for other in ({"writer": {"id": "ana"}}, {"writer": "ana", "to": ["ben"]}):
        found = problem("r.jsonl", _bare(**{"to": "ben", **other}), binding).args[0]
        assert found.endswith(", expected text or a whole number")
    text = _bare(writer="ana", to="ben,cleo", tags=["x"])
    assert read("r.jsonl", text, binding).column("tags").to_pylist() == ['["x"]']


def _bare(**others: Any) -> str:
    record = {"record_id": "r1", "category": "post", "created_at": "2024-09-18T00:00:00Z"}
    return json.dumps({**record, **others}) + "\n"


@pytest.mark.parametrize(
    ("value", "found"),
    [
        ("ben,cleo", ["ben", "cleo"]),
        (' ["ben", "cleo,d", null, 7]', ["ben", "cleo,d", None, "7"]),
        ("[]", []),
        (7, [7]),
    ],
)
def test_the_hint_for_what_is_no_list_works(
    problem: Problem, read: Read, value: str | int, found: list[str | int | None]
) -> None:
    author = "ana" if isinstance(value, str) else 1
    text = lines({"author": author, "recipients": value})
    hint = str(problem("r.jsonl", text).hint)
    say = hint.partition(": ")[2]
    assert read("r.jsonl", text, f"[columns]\n{say}\n").column("recipients").to_pylist() == [
        found
    ]


def test_text_that_is_no_list_of_ids_says_its_line(problem: Problem) -> None:
    said = '[columns]\nrecipients = {column = "recipients", separator = ","}\n'
    for value, says in (
        ("{ben,cleo}", "`{ben,cleo}` in `recipients` is no JSON array"),
        ('{"id": 1}', "is no JSON array"),
        ("[[1]]", "`[1]` in `recipients` is no id"),
    ):
        text = lines({"recipients": "ben"}, {"record_id": "r2", "recipients": value})
        for binding in (said, '[columns]\nrecipients = "recipients"\n'):
            error = problem("r.jsonl", text, binding)
            assert error.args[0].startswith("r.jsonl:2: ")
            assert says in error.args[0]


@pytest.mark.parametrize("odd", [2**53 + 1, -(2**53) - 1, -(2**63), 2**63 - 1])
def test_a_large_number_beside_a_later_fraction_is_one_clear_error(
    problem: Problem, read: Read, monkeypatch: pytest.MonkeyPatch, odd: int
) -> None:
    monkeypatch.setattr("privity.sources.lines.MOST_ROWS", 2)
    text = lines({}, {"n": 1}, {}, {"n": odd})
    assert read("w.jsonl", text).column("n").to_pylist() == [None, 1, None, odd]
    error = problem("r.jsonl", text + lines({}, {"n": 0.5}))
    assert error.args[0].startswith("r.jsonl:4: a whole number in `n` is beyond 2^53")
    assert error.code == "records/value"
    assert str(abs(odd)) not in str(error)
    text = lines({"n": 2**53}, {}, {"n": -(2**53)}, {}, {"n": 0.5})
    assert read("v.jsonl", text).column("n").to_pylist()[::2] == [2.0**53, -(2.0**53), 0.5]


def test_a_byte_that_is_no_utf8_is_found(problem: Problem) -> None:
    error = problem("r.jsonl", lines({}).encode() + b'{"a": "\xff"}\n')
    assert error.args[0].startswith("r.jsonl:2:8: byte `0xff` is no UTF-8")


def test_a_key_that_no_line_has_is_missing(problem: Problem) -> None:
    text = '{"record_id": "r1", "category": "post", "created_at": null, "writer": "ana"}\n'
    error = problem("r.jsonl", text)
    assert error.args[0] == (
        "r.jsonl: column `author` is missing, the columns are `record_id`, `category`, "
        "`created_at`, `writer`"
    )


def test_a_zoneless_time_comes_with_the_binding_that_it_needs(problem: Problem) -> None:
    error = problem("r.jsonl", lines({"created_at": "2024-09-18T00:00:00"}))
    assert error.hint is not None
    assert '{column = "created_at", zone = "UTC"}' in error.hint
