# SPDX-License-Identifier: Apache-2.0
"""A column that may be left out is not left out where another may be meant for it (docs/sources.md)."""

from __future__ import annotations

import json
import re
import sqlite3
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
from tests.unit.sources.conftest import Problem, Read, columns

from privity.app.api import decide_batch
from privity.app.at_hand import records_table
from privity.app.inputs import load_facts, record_of
from privity.errors import InputError
from privity.sources.columns import COLUMNS
from privity.sources.misnamed import meant_for

SMALL = Path(__file__).resolve().parents[3] / "examples" / "small"
HEADER = "record_id,category,created_at,author"
ROW = "r1,post,2024-09-18T00:00:00Z,ana"
POST: Mapping[str, Any] = dict(zip(HEADER.split(","), ROW.split(","), strict=True))
NAMES = {
    "recipients": [
        *(
            "Recipients",
            "RECIPIENTS",
            "recipient",
            "Recipient",
            " recipients",
            "recipients ",
            "re-cipients",
        ),
        *(
            "recepients",  # codespell:ignore recepients
            "recipents",  # codespell:ignore recipents
            "reciepients",
            "recipeints",
            "recipient_ids",
            "recipientId",
        ),
        *("toRecipients", "recipients\ufeff", "r\u00e9cipients"),
    ],
    "capacity": [
        *(
            "Capacity",
            "CAPACITY",
            "capacities",
            "Capacities",
            "capacity_",
            "capa-city",
            "capcity",  # codespell:ignore capcity
        ),
        *("capasity", "cappacity", "capactiy", "capacity_id"),  # codespell:ignore cappacity
    ],
    "quotes": [
        "Quotes",
        "quote",
        "Quote",
        "QUOTES",
        "quots",
        "qoutes",  # codespell:ignore qoutes
        "quote_id",
        "quoteIds",
        "quoted_ids",
    ],
}
ALL = [(column, name) for column, names in NAMES.items() for name in names]


def test_every_column_that_may_be_left_out_is_asked_about() -> None:
    assert set(NAMES) == {one.name for one in COLUMNS if not one.required}


@pytest.mark.parametrize(("column", "name"), ALL)
def test_a_name_that_is_nearly_a_columns_is_meant_for_it(column: str, name: str) -> None:
    assert meant_for(name, column)
    assert not any(meant_for(name, other) for other in NAMES if other != column)


@pytest.mark.parametrize(
    "name",
    [
        *(
            "body",
            "title",
            "text",
            "notes",
            "votes",
            "routes",
            "recipe",
            "incident",
            "city",
            "to",
            "cc",
        ),
        *(
            "quoted_text",
            "quote_count",
            "recipient_count",
            "capacity_reason",
            "seat",
            "customer",
        ),
        *(
            "id",
            "ids",
            "",
            "_",
            "récit",
            "引用",
            "spam_score",
            "received_at",
            "category",
            "author",
        ),
    ],
)
def test_other_names_are_payload(name: str) -> None:
    assert not any(meant_for(name, column) for column in NAMES)


@pytest.mark.parametrize(
    ("column", "name", "value"),
    [
        ("capacity", "Capacity", "seat:acme"),
        ("quotes", "quote", ["1"]),
        ("recipients", "recipient", ["b"]),
    ],
)
def test_every_format_refuses_it(problem: Problem, column: str, name: str, value: Any) -> None:
    cell = value if isinstance(value, str) else value[0]
    contents = {
        "r.csv": f"{HEADER},{name}\n{ROW},{cell}\n",
        "r.jsonl": json.dumps({**POST, name: value}) + "\n",
        "r.parquet": columns(**{name: [value, value]}),
    }
    for file, content in contents.items():
        error = problem(file, content)
        assert error.code == "records/misnamed-column"
        assert (
            f"column `{name}` may be meant for `{column}`, which is missing, expected"
            in error.args[0]
        )
        assert error.args[0].startswith(file)


@pytest.mark.parametrize(
    ("which", "expected"), [(0, [["b"], "seat:acme", ["r1"]]), (1, [[], "personal", []])]
)
def test_what_the_hint_says_either_way_works(
    read: Read, problem: Problem, which: int, expected: list[Any]
) -> None:
    table = columns(Capacity=["seat:acme"] * 2, Recipients=[["b"]] * 2, quote=["r1", None])
    binding = "[columns]\n"
    for _ in NAMES:
        hint = problem("r.parquet", table, binding).hint
        assert hint is not None
        ways = re.findall(r'\w+ = (?:"\w+"|\{[^}]*\})', hint)
        assert len(ways) == 2
        binding += f"{ways[which]}\n"
    found = read("r.parquet", table, binding)
    assert [found[name][0].as_py() for name in NAMES] == expected
    # What is not meant is payload as before.
    assert ("Capacity" in found.column_names) == (which == 1)


def test_a_column_that_is_there_or_bound_needs_no_other(read: Read) -> None:
    there = columns(capacity=["personal"] * 2, Capacity=["high"] * 2)
    assert read("r.parquet", there).column("Capacity").to_pylist() == ["high"] * 2
    bound = '[columns]\nquotes = {column = "quoted", separator = ","}\n'
    table = columns(quoted=["r2", ""], quote=["so it was"] * 2)
    assert read("q.parquet", table, bound).column("quotes").to_pylist() == [["r2"], []]


def test_a_column_that_does_not_pass_through_counts_too(problem: Problem) -> None:
    table = columns(Capacity=["seat:acme"] * 2, body=["x"] * 2)
    binding = 'payload = ["body"]\n[columns]\nauthor = "author"\n'
    assert problem("r.parquet", table, binding).code == "records/misnamed-column"


def test_a_column_that_is_another_of_the_records_does_not(read: Read) -> None:
    table = columns(author=None, recipient=["b", "c"])
    found = read("r.parquet", table, '[columns]\nauthor = "recipient"\n')
    assert found.column("author").to_pylist() == ["b", "c"]


def test_a_line_that_names_it_otherwise_than_the_others_is_an_error(
    problem: Problem, read: Read
) -> None:
    rows = [
        {**POST, "capacity": "personal"},
        {**POST, "record_id": "r2", "Capacity": "seat:acme"},
    ]
    text = "".join(json.dumps(row) + "\n" for row in rows)
    error = problem("r.jsonl", text)
    assert error.args[0].startswith(
        "r.jsonl:2: column `Capacity` may be meant for `capacity`, which "
    )
    assert error.code == "records/misnamed-column"
    bound = '[columns]\ncapacity = "capacity"\n'
    assert read("r.jsonl", text, bound).column("capacity").to_pylist() == ["personal", None]
    both = json.dumps({**POST, "quotes": [], "quote": "so it was"}) + "\n"
    assert read("b.jsonl", both).column("quote").to_pylist() == ["so it was"]


def test_a_query_is_a_source_too(problem: Problem, tmp_path: Path) -> None:
    with sqlite3.connect(tmp_path / "n.db") as connection:
        connection.execute("CREATE TABLE t (id, at, who, seat)")
    connection.close()
    query = (
        '[sql]\ndatabase = "n.db"\nselect = """SELECT id AS record_id, \'post\' AS category, '
        'at AS created_at, who AS author, seat AS Capacity FROM t"""\n'
    )
    assert problem("q.sql.toml", query).code == "records/misnamed-column"
    assert "may be meant for" in problem("q.sql.toml", query).message


def test_records_at_hand_are_refused_with_what_helps_there() -> None:
    table = columns(Capacity=["seat:acme"] * 2)
    facts = load_facts(SMALL / "facts.csv")
    with pytest.raises(
        InputError, match="column `Capacity` may be meant for `capacity`"
    ) as batch:
        decide_batch(
            table,
            policy=SMALL / "policy.yaml",
            facts=facts,
            purpose="genai-training",
            recipient="self",
            at="2025-06-01T00:00:00Z",
        )
    with pytest.raises(InputError, match="`Capacity` may be meant for `capacity`") as one:
        record_of({**POST, "Capacity": "seat:acme"}, facts)
    assert {batch.value.code, one.value.code} == {"records/misnamed-column"}
    assert "binding" not in f"{batch.value} {batch.value.hint} {one.value} {one.value.hint}"
    named = table.append_column("capacity", pa.array(["personal"] * 2))
    assert records_table(named).num_rows == 2
    assert (
        record_of({**POST, "Capacity": "", "capacity": "personal"}, facts).capacity
        == "personal"
    )
