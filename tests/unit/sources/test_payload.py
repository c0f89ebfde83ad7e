# SPDX-License-Identifier: Apache-2.0
"""What passes through is what the binding lists, under the names that it gives."""

from __future__ import annotations

import json

import pytest
from tests.unit.sources.conftest import Content, Problem, Read, columns


def test_payload_is_what_the_binding_lists(read: Read, problem: Problem) -> None:
    table = columns(body=["x", "y"], junk=[1, 2])
    names = read("r.parquet", table, 'payload = ["body"]\n[columns]').column_names
    assert names[-1] == "body"
    assert "junk" not in names
    assert read("r.parquet", table, "payload = []\n[columns]").column_names == names[:-1]
    assert (
        "column `bdy` is missing"
        in problem("r.parquet", table, 'payload = ["bdy"]\n[columns]').args[0]
    )


def test_a_misnamed_payload_is_said_in_its_form(problem: Problem, read: Read) -> None:
    table = columns(body=["x", "y"], title=["t", "u"])
    rest = '\n[columns]\nauthor = "author"\n'
    error = problem("r.parquet", table, 'payload = ["title", "bodi"]' + rest)
    assert error.hint == 'if `body` is meant, say so in a binding: payload = ["title", "body"]'
    say = error.hint.partition(": ")[2]
    assert read("r.parquet", table, say + rest).column("body").to_pylist() == ["x", "y"]


@pytest.mark.parametrize("file", ["r.parquet", "r.csv", "r.jsonl"])
def test_what_passes_through_may_get_another_name(read: Read, file: str) -> None:
    table = columns(text=["x", "y"], body=["t", "u"], junk=["1", "2"])
    rows = [
        {**one, "created_at": one["created_at"].strftime("%Y-%m-%dT%H:%M:%SZ")}
        for one in table.to_pylist()
    ]
    cells = [",".join(rows[0]), *(",".join(row.values()) for row in rows)]
    content: Content = {
        "r.parquet": table,
        "r.csv": "\n".join(cells) + "\n",
        "r.jsonl": "".join(f"{json.dumps(row)}\n" for row in rows),
    }[file]
    # Each has what was the other's name.
    found = read(file, content, 'payload = {body = "text", title = "body"}\n[columns]')
    assert found.column_names[-2:] == ["body", "title"]
    assert found.column("body").to_pylist() == ["x", "y"]
    assert found.column("title").to_pylist() == ["t", "u"]
    assert "junk" not in found.column_names


def test_no_other_name_makes_payload_a_records_column(problem: Problem, read: Read) -> None:
    table = columns(text=["x", "y"])
    error = problem("r.parquet", table, 'payload = {author = "text"}\n[columns]')
    assert "`author` would pass through as payload" in error.args[0]
    missing = problem("r.parquet", table, 'payload = {body = "txet"}\n[columns]')
    assert (
        missing.hint == 'if `text` is meant, say so in a binding: payload = {"body" = "text"}'
    )
    say = missing.hint.partition(": ")[2]
    assert read("r.parquet", table, f"{say}\n[columns]").column("body").to_pylist() == [
        "x",
        "y",
    ]


def test_names_that_were_turned_round_are_told(problem: Problem) -> None:
    table = columns(content=["x", "y"])
    error = problem("r.parquet", table, 'payload = {content = "body"}\n[columns]')
    assert "column `body` is missing" in error.message
    assert 'payload = {"body" = "content"}' in str(error.hint)
