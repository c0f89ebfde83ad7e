# SPDX-License-Identifier: Apache-2.0
"""A binding says what a platform's columns mean, and says nothing that is passed over."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
from tests.unit.sources.conftest import Content, Problem, Read, columns, lines

from privity.errors import InputError
from privity.sources.binding import load_binding, parse_binding

MAIL = """
payload = ["body"]

[columns]
record_id = "id"
created_at = {column = "ts", unit = "ms"}
category = {column = "kind", values = {dm = "direct-message", note = "inmail"}}
author = {column = "from", as = "integer"}
recipients = {columns = ["to", "cc"], separator = ","}
capacity = {column = "customer", prefix = "seat:"}
"""
HEADER = "id,ts,kind,from,to,cc,customer,body,internal\n"


def test_a_platforms_columns_become_a_records(read: Read) -> None:
    rows = 'x,1700000000123,dm,1,"2, 3",4,acme,hi,1\ny,0,note,1,,"5,",,,\n'
    assert read("mail.csv", HEADER + rows, MAIL).to_pylist() == [
        {
            "record_id": "x",
            "category": "direct-message",
            "created_at": datetime(2023, 11, 14, 22, 13, 20, 123_000, tzinfo=UTC),
            "author": 1,
            "recipients": [2, 3, 4],
            "capacity": "seat:acme",
            "quotes": [],
            "body": "hi",
        },
        {
            "record_id": "y",
            "category": "inmail",
            "created_at": datetime(1970, 1, 1, tzinfo=UTC),
            "author": 1,
            "recipients": [5, None],
            "capacity": None,
            "quotes": [],
            "body": "",
        },
    ]


@pytest.mark.parametrize(
    ("row", "says"),
    [
        (
            "x,0,fax,1,2,,,,\n",
            "mail.csv:2: `fax` in column `kind` has no meaning in the binding",
        ),
        ("x,soon,dm,1,2,,,,\n", "mail.csv:2: `soon` in column `ts` is no whole number"),
        ("x,0,dm,one,2,,,,\n", "mail.csv:2: `one` in column `from` is no whole number"),
        ('x,0,dm,1,"2,two",,,,\n', "mail.csv:2: `two` in column `to` is no whole number"),
        ("x,0,dm,01,2,,,,\n", "mail.csv:2: `01` in column `from` is no whole number"),
    ],
)
def test_a_value_that_the_binding_does_not_foresee_is_an_error(
    problem: Problem, row: str, says: str
) -> None:
    assert says in problem("mail.csv", HEADER + row, MAIL).args[0]


def test_the_same_binding_reads_parquet_and_names_the_row(read: Read, problem: Problem) -> None:
    table: dict[str, Any] = {
        "id": [1, 2],
        "ts": [0, 1],
        "kind": pa.array(["dm", "dm"]).dictionary_encode(),
        "from": [7, 8],
        "to": ["8", None],
        "cc": [None, "9,10"],
        "customer": pa.nulls(2),
        "body": [b"", b""],
    }
    records = read("mail.parquet", pa.table(table), MAIL)
    assert records.column("recipients").to_pylist() == [[8], [9, 10]]
    assert records.column("category").to_pylist() == ["direct-message"] * 2
    bad = pa.table({**table, "cc": [None, "9,x"]})
    assert (
        problem("bad.parquet", bad, MAIL)
        .args[0]
        .startswith("bad.parquet row 1: `x` in column `cc`")
    )


def test_values_not_listed_may_be_kept_and_codes_may_be_numbers(read: Read) -> None:
    binding = """
    [columns]
    category = {column = "kind", values = {1 = "post", 2 = "comment"}, otherwise = "keep"}
    """
    table = columns(category=None, kind=[2, 3])
    assert read("r.parquet", table, binding).column("category").to_pylist() == ["comment", "3"]


def test_constants_stand_in_every_record(read: Read) -> None:
    binding = """
    [columns]
    category = {constant = "post"}
    capacity = {constant = "seat:acme"}
    author = {constant = "12", as = "integer"}
    """
    table = read(
        "r.parquet", columns(category=None, author=None, recipients=[[1], []]), binding
    )
    assert table.column("category").to_pylist() == ["post", "post"]
    assert table.column("capacity").to_pylist() == ["seat:acme", "seat:acme"]
    assert table.column("author").to_pylist() == [12, 12]


@pytest.mark.parametrize(
    ("said", "column", "values"),
    [
        ('category = {constant = "post"}', "category", ["inmail", "post"]),
        ('author = {constant = "ana"}', "author", ["ben", "ana"]),
        ("recipients = {constant = []}", "recipients", [["dora"], []]),
        ('capacity = {constant = "personal"}', "capacity", ["seat:acme", None]),
        ("quotes = {constant = []}", "quotes", [["r0"], []]),
    ],
)
def test_a_constant_covers_no_column_that_the_source_has(
    problem: Problem, read: Read, said: str, column: str, values: list[Any]
) -> None:
    table = columns(**{column: values})
    for payload in ("", "payload = []\n"):
        error = problem("r.parquet", table, f"{payload}[columns]\n{said}\n")
        assert error.args[0] == (
            f"r.parquet: column `{column}` has a constant in the binding, and the source has a column `{column}`, "
            "expected one of the two"
        )
        assert error.code == "records/column-twice"
        hint = str(error.hint)
        assert "where a source of the run lacks it" in hint
        _, told, say = hint.partition(": ")
        assert told or hint.startswith(f"leave `{column}` out of the binding")
        found = read("r.parquet", table, f"{payload}[columns]\n{say}\n")
        assert found.column(column).to_pylist() == values


def test_a_constant_covers_no_key_of_any_line(problem: Problem) -> None:
    rest = {"record_id": "r1", "created_at": "2024-09-18T00:00:00Z", "author": "ana"}
    rows = json.dumps(rest) + "\n" + json.dumps({**rest, "category": "inmail"}) + "\n"
    error = problem("r.jsonl", rows, '[columns]\ncategory = {constant = "post"}\n')
    assert "column `category` has a constant" in error.args[0]


def test_a_constant_may_stand_where_its_column_is_taken_for_another(read: Read) -> None:
    binding = '[columns]\nauthor = {constant = "ana"}\nrecipients = "author"\n'
    table = read("r.parquet", columns(), binding)
    assert table.column("author").to_pylist() == ["ana", "ana"]
    assert table.column("recipients").to_pylist() == [["ana"], ["ben"]]


def test_one_id_in_place_of_a_list_is_a_list_of_one(read: Read) -> None:
    table = read("r.parquet", columns(to=["ben", None]), '[columns]\nrecipients = "to"')
    assert table.column("recipients").to_pylist() == [["ben"], []]


def test_lists_are_joined_in_their_order(read: Read) -> None:
    binding = '[columns]\nrecipients = {columns = ["cc", "to", "bcc"]}'
    table = columns(to=[["a", "b"], None], cc=[["c"], ["d", None]], bcc=["e", None])
    assert read("r.parquet", table, binding).column("recipients").to_pylist() == [
        ["c", "a", "b", "e"],
        ["d", None],
    ]


@pytest.mark.parametrize(
    ("given", "seen"),
    [
        ("2024-07-01T12:00:00", "2024-07-01T10:00:00+00:00"),
        ("2024-12-01 12:00:00.5", "2024-12-01T11:00:00.500000+00:00"),
    ],
)
def test_a_clock_without_a_zone_is_read_in_the_zone_of_the_binding(
    read: Read, given: str, seen: str
) -> None:
    binding = '[columns]\ncreated_at = {column = "created_at", zone = "Europe/Berlin"}'
    (value,) = (
        read("r.jsonl", lines({"created_at": given}), binding).column("created_at").to_pylist()
    )
    assert value.isoformat() == seen
    naive = pa.array([given.replace("T", " "), None]).cast(pa.timestamp("ns"))
    first, second = (
        read("r.parquet", columns(created_at=naive), binding).column("created_at").to_pylist()
    )
    assert (first.isoformat(), second) == (seen, None)


@pytest.mark.parametrize(
    ("ambiguous", "seen"),
    [("earliest", "2024-10-27T00:30:00"), ("latest", "2024-10-27T01:30:00")],
)
def test_an_hour_shown_twice_is_an_error_unless_the_binding_says_which(
    read: Read, problem: Problem, ambiguous: str, seen: str
) -> None:
    binding = '[columns]\ncreated_at = {column = "created_at", zone = "Europe/Berlin"}'
    text = lines({}, {"created_at": "2024-10-27 02:30:00"}).replace(
        "2024-09-18T00:00:00Z", "2024-09-18 00:00:00"
    )
    error = problem("r.jsonl", text, binding)
    assert "r.jsonl:2: `2024-10-27 02:30:00" in error.args[0]
    assert "shown twice in `Europe/Berlin`" in error.args[0]
    chosen = binding.replace("}", f', ambiguous = "{ambiguous}"}}')
    assert (
        read("r.jsonl", text, chosen)
        .column("created_at")
        .to_pylist()[1]
        .isoformat()
        .startswith(seen)
    )


@pytest.mark.parametrize(
    ("given", "says"),
    [
        ("2024-03-31 02:30:00", "never was in `Europe/Berlin`"),
        ("2024-07-01T12:00:00Z", "is no time without a zone"),
        ("2024-07-01", "is no time without a zone"),
    ],
)
def test_a_clock_that_never_showed_a_time_is_an_error(
    problem: Problem, given: str, says: str
) -> None:
    binding = '[columns]\ncreated_at = {column = "created_at", zone = "Europe/Berlin"}'
    assert says in problem("r.jsonl", lines({"created_at": given}), binding).args[0]


def test_a_time_that_says_its_zone_needs_none_of_the_binding(
    problem: Problem, read: Read
) -> None:
    text = lines({"created_at": "2024-07-01 12:00:00+00"})
    binding = '[columns]\ncreated_at = {column = "created_at", zone = "UTC"}'
    hint = "where all times say their zone, leave `zone` out of the binding"
    assert problem("r.jsonl", text, binding).hint == hint
    assert read("r.jsonl", text).column("created_at").to_pylist()[0].isoformat() == (
        "2024-07-01T12:00:00+00:00"
    )


@pytest.mark.parametrize(
    ("binding", "others", "says"),
    [
        ('record_id = "id"', {}, "column `id` is missing"),
        ('quotes = "quoted"', {}, "column `quoted` is missing"),
        ('author = "writer"', {"writer": ["a", "b"]}, "`author` would pass through as payload"),
        (
            'created_at = {column = "created_at", unit = "s"}',
            {},
            "is an instant, expected whole numbers (`unit` is `s`)",
        ),
        (
            'created_at = {column = "created_at", zone = "UTC"}',
            {},
            "is an instant, expected times without a zone",
        ),
        (
            'recipients = {column = "to", separator = ","}',
            {"to": [["a"], []]},
            "column `to` is a list (text), expected text with a separator",
        ),
        (
            'category = "kind"',
            {"category": None, "kind": [1, 2]},
            "column `kind` is a whole number",
        ),
    ],
)
def test_a_binding_that_does_not_fit_the_file_is_an_error(
    problem: Problem, binding: str, others: dict[str, Any], says: str
) -> None:
    assert says in problem("r.parquet", columns(**others), f"[columns]\n{binding}").args[0]


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("x = = 1", "binding.toml:1:5: no TOML: invalid value"),
        (
            "a = 1\n[columns]",
            "binding.toml: unknown key `a`, expected one of `columns`, `payload`",
        ),
        ("", "`columns` is missing"),
        ("columns = 1", "`columns` is `1`, expected a table"),
        (
            "[columns]\nrecord-id = 'id'",
            "unknown key `columns.record-id`, expected `columns.record_id`",
        ),
        ("[columns]\nauthor = 5", "`columns.author` is `5`, expected a table"),
        ("[columns]\nauthor = ''", "`columns.author` is ``, expected text"),
        ("[columns]\nauthor = {}", "`columns.author` names no column"),
        ("[columns]\nauthor = {column = 'a', constant = 'b'}", "names a column and a constant"),
        ("[columns]\nquotes = {column = 'a', constant = []}", "names a column and a constant"),
        (
            "[columns]\nquotes = {constant = ['r1']}",
            "`columns.quotes.constant` is `['r1']`, expected `[]`",
        ),
        (
            "[columns]\nrecipients = {constant = 'ana'}",
            "`columns.recipients.constant` is `ana`, expected",
        ),
        ("[columns]\nrecipients = {columns = []}", "`columns.recipients` names no column"),
        (
            "[columns]\nquotes = {column = 'a', columns = ['b']}",
            "has both `column` and `columns`",
        ),
        ("[columns]\nquotes = {columns = ['b', 'b']}", "`b` stands twice"),
        ("[columns]\nquotes = {columns = 'b'}", "expected a list of texts"),
        (
            "[columns]\nauthor = {column = 'a', zone = 'UTC'}",
            "unknown key `columns.author.zone`",
        ),
        (
            "[columns]\nauthor = {column = 'a', as = 'number'}",
            "expected one of `integer`, `string`",
        ),
        ("[columns]\ncreated_at = {column = 'a', zone = 'Mars'}", "`Mars`, expected a zone"),
        ("[columns]\ncreated_at = {column = 'a', unit = 'h'}", "expected one of `s`, `ms`"),
        (
            "[columns]\ncreated_at = {column = 'a', unit = 's', zone = 'Europe/Berlin'}",
            "expected `UTC` or none beside `unit`",
        ),
        (
            "[columns]\ncategory = {constant = 'posts'}",
            "unknown category `posts`, expected `post`",
        ),
        (
            "[columns]\ncategory = {column = 'a', values = {p = 'posts'}}",
            "`columns.category.values.p`: unknown category `posts`",
        ),
        (
            "[columns]\ncategory = {column = 'a', values = {p = 1}}",
            "expected a table from text to text",
        ),
        ("[columns]\ncategory = {column = 'a', otherwise = 'keep'}", "without `values`"),
        ("[columns]\ncapacity = {constant = 'acme'}", "expected `personal` or `seat:`"),
        ("[columns]\ncapacity = {constant = 'seat:'}", "expected `personal` or `seat:`"),
        (
            "[columns]\ncapacity = {column = 'a', prefix = 'seat:', values = {a = 'personal'}}",
            "has both `values` and `prefix`",
        ),
        ("payload = 'body'\n[columns]", "`payload` is `body`, expected a list of texts"),
        ('payload = {body = ""}\n[columns]', "a name in `payload` is empty"),
        ("payload = {body = 1}\n[columns]", "expected a table from text to text"),
    ],
)
def test_a_binding_is_strict(text: str, says: str) -> None:
    with pytest.raises(InputError) as caught:
        parse_binding(text, source="binding.toml")
    assert says in str(caught.value)
    assert str(caught.value).startswith("binding.toml")


def test_a_binding_that_cannot_be_read_is_an_error(
    put: Callable[[str, Content], Path], tmp_path: Path
) -> None:
    with pytest.raises(InputError, match="cannot read the binding: No such file"):
        load_binding(tmp_path / "none.toml")
    with pytest.raises(InputError, match="it is not UTF-8"):
        load_binding(put("bad.toml", b"\xff"))
    assert load_binding(put("good.toml", MAIL)).payload == {"body": "body"}


@pytest.mark.parametrize(
    ("said", "hint"),
    [
        ('record_id = "mesage_id"', 'record_id = "message_id"'),
        ('record_id = {column = "mesage_id"}', 'record_id = "message_id"'),
        (
            'record_id = {column = "mesage_id", as = "string"}',
            'record_id = {column = "message_id", …}',
        ),
        ('recipients = {columns = ["cc", "tu"]}', 'recipients = {columns = ["cc", "to"], …}'),
        ('quotes = "nowhere_at_all"', 'quotes = "…"'),
        ('author = "authorr"', 'author = "author"'),
    ],
)
def test_a_column_that_the_binding_misnames_is_said_in_its_form(
    problem: Problem, said: str, hint: str
) -> None:
    table = columns(record_id=None, message_id=["r1", "r2"], to=["b", "c"], cc=["d", "e"])
    others = "" if said.startswith("record_id") else 'record_id = "message_id"\n'
    error = problem("r.parquet", table, f"[columns]\n{others}{said}\n")
    assert error.code == "records/missing-column"
    assert str(error.hint).endswith(f": {hint}")


def test_lists_may_be_empty_in_every_record_and_nothing_else(read: Read) -> None:
    binding = "[columns]\nrecipients = {constant = []}\nquotes = {constant = []}\n"
    for file, content in (
        ("r.parquet", columns()),
        ("r.csv", "record_id,category,created_at,author\nr1,post,,ana\n"),
    ):
        found = read(file, content, binding)
        assert found.column("recipients").to_pylist() == [[]] * found.num_rows
        assert found.column("quotes").to_pylist() == [[]] * found.num_rows
