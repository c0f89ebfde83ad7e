# SPDX-License-Identifier: Apache-2.0
"""Ids that some tool made fractions of are refused, until a binding says that they are whole numbers."""

from __future__ import annotations

import json
import math
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from tests.unit.sources.conftest import Problem, Read, columns

from privity.errors import InputError
from privity.sources.from_table import facts_from_tables
from privity.sources.table_binding import parse_table_binding

HEADER = "record_id,category,created_at,author,recipients\n"
WHOLE = """[columns]
record_id = {column = "record_id", as = "integer"}
author = {column = "author", as = "integer"}
recipients = {column = "recipients", as = "integer"}
"""
NARROW = "".join(f"{line}\n" for line in WHOLE.splitlines()[:3])
RECORD = "".join(f"{line}\n" for line in WHOLE.splitlines()[:2])


def posts(*rows: tuple[Any, Any, Any]) -> str:
    """Posts as JSON lines: id, author and recipients."""
    return "".join(
        json.dumps(
            {
                "record_id": one,
                "category": "post",
                "created_at": None,
                "author": author,
                "recipients": to,
            }
        )
        + "\n"
        for one, author, to in rows
    )


@pytest.mark.parametrize(
    ("rows", "where", "column"),
    [
        ("1,post,,471.0,\n", 2, "author"),
        ("1,post,,471,\n2,post,,,\n3,post,,472.0,\n", 4, "author"),
        ("1.0,post,,ana,\n", 2, "record_id"),
        ("1,post,,ana,\n2,post,,ana,ben;471.0\n", 3, "recipients"),
        ('1,post,,ana,"[471.0]"\n', 2, "recipients"),
    ],
)
def test_a_csv_of_them_is_refused_with_what_helps(
    problem: Problem, read: Read, rows: str, where: int, column: str
) -> None:
    error = problem("r.csv", HEADER + rows)
    assert f"r.csv:{where}: `" in error.args[0]
    assert f"in column `{column}` is a number with a fraction, expected ids" in error.args[0]
    assert error.code == "records/value"
    assert str(error.hint).endswith(f': {column} = {{column = "{column}", as = "integer"}}')
    text = "[columns]\n" + str(error.hint).partition(": ")[2].replace("integer", "string")
    assert ".0" in str(read("r.csv", HEADER + rows, text).column(column).to_pylist())


def test_every_format_takes_whole_ones_as_integers(read: Read) -> None:
    largest = float(2**53 - 1)
    contents = {
        "r.csv": HEADER + f"1.0,post,,471.0,-3.0;0.0\n2,post,,,\n3.0,post,,{largest},7\n",
        "s.csv": HEADER + f'1.0,post,,471.0,"[-3.0,0]"\n2,post,,,\n3.0,post,,{largest},7\n',
        "r.jsonl": posts((1.0, 471.0, [-3.0, 0]), (2, None, []), (3, largest, [7])),
        "r.parquet": columns(
            record_id=[1.0, 2.0, 3.0],
            category=["post"] * 3,
            created_at=pa.nulls(3),
            author=[471.0, None, largest],
            recipients=[[-3.0, 0.0], None, [7.0]],
        ),
    }
    for file, content in contents.items():
        found = read(file, content, WHOLE)
        assert found.column("record_id").to_pylist() == [1, 2, 3], file
        assert found.column("author").to_pylist() == [471, None, 2**53 - 1], file
        assert found.column("recipients").to_pylist() == [[-3, 0], [], [7]], file


@pytest.mark.parametrize("value", [1.5, float(2**53), math.inf, math.nan, 1e300])
def test_what_is_not_exact_is_refused(problem: Problem, value: float) -> None:
    error = problem("r.parquet", columns(record_id=[1.0, value], author=[1, 2]), RECORD)
    assert error.args[0].startswith("r.parquet row 1: `")
    assert "in column `record_id` is no whole number below 2^53" in error.args[0]


@pytest.mark.parametrize(("kind", "bits"), [(pa.float16(), 11), (pa.float32(), 24)])
def test_a_narrow_type_holds_fewer_ids(
    problem: Problem, read: Read, kind: pa.DataType, bits: int
) -> None:
    """One more than the largest is stored as that: it would be asked about somebody else."""
    last = (1 << bits) - 1
    kept = pa.array([last, -last], pa.float64()).cast(kind)
    found = read("w.parquet", columns(record_id=kept, author=kept), NARROW)
    assert found.column("author").to_pylist() == [last, -last]
    stored = pa.array([3.0, float(1 << bits)], pa.float64()).cast(kind)
    contents = {
        "author": columns(record_id=[1, 2], author=stored),
        "recipients": columns(
            record_id=[1, 2],
            author=[1, 2],
            recipients=pa.ListArray.from_arrays(pa.array([0, 1, 2], pa.int32()), stored),
        ),
    }
    for column, content in contents.items():
        error = problem(f"{column}.parquet", content, NARROW if column == "author" else WHOLE)
        assert (
            f"in column `{column}` is no whole number below 2^{bits}, expected" in error.args[0]
        )
        assert f"in a column of {kind.bit_width} bits" in error.args[0]
        assert error.args[0].startswith(f"{column}.parquet row 1: `")


@pytest.mark.parametrize(
    "cell", ["1.5", "9007199254740992.0", "007.0", "1e16", "-0.0", ".0", "1.0.0"]
)
def test_what_is_not_written_so_is_refused(problem: Problem, cell: str) -> None:
    error = problem("r.csv", f"{HEADER}1,post,,{cell},\n", WHOLE)
    assert error.args[0].startswith(f"r.csv:2: `{cell}` in column `author` is no whole number")
    assert error.code == "records/value"


def test_other_formats_have_the_hint(problem: Problem) -> None:
    contents: dict[str, Any] = {
        "r.parquet": columns(author=[1.0, None]),
        "r.jsonl": posts((1, 471.0, [])),
    }
    hint = 'author = {column = "author", as = "integer"}'
    for file, content in contents.items():
        error = problem(file, content)
        assert "column `author` is a number with a fraction, expected ids" in error.args[0]
        assert str(error.hint).endswith(hint)
    error = problem("l.jsonl", posts((1, 1, [2]), (2, 1, [3, 4.0])))
    assert error.args[0].startswith(
        "l.jsonl:2: `4.0` in `recipients` is a number with a fraction"
    )
    assert str(error.hint).endswith(hint.replace("author", "recipients"))


TABLE = """table = "current"
as_of = 2024-01-01T00:00:00Z
member = {member}
[[fact]]
fact = "joined"
[[fact]]
fact = "merged"
value = {{column = "into"}}
"""


def told(path: Path, member: str) -> list[tuple[Any, Any]]:
    """The member and the value of each fact that a table makes."""
    binding = parse_table_binding(TABLE.format(member=member), source="t.toml")
    return [
        (row["member"], row["value"])
        for batch in facts_from_tables(binding, [path])
        for row in batch.to_pylist()
    ]


def test_members_of_tables_are_read_alike(tmp_path: Path) -> None:
    csv, parquet = tmp_path / "t.csv", tmp_path / "t.parquet"
    csv.write_text("user_id,into\n471.0,\n472.0,471.0\n")
    pq.write_table(pa.table({"user_id": [471.0, 472.0], "into": [None, 471.0]}), parquet)
    for path in (csv, parquet):
        with pytest.raises(InputError, match="is a number with a fraction") as caught:
            told(path, '"user_id"')
        hint = str(caught.value.hint)
        assert hint.endswith(': member = {column = "user_id", as = "integer"}')
        found = told(path, hint.partition("member = ")[2])
        assert found == [(471, ""), (472, ""), (472, "471")]
    assert (472.0, "x") not in told(csv, '{column = "user_id", as = "string"}')


def test_a_merge_into_one_is_refused_too(tmp_path: Path) -> None:
    path = tmp_path / "t.csv"
    path.write_text("user_id,into\n471,\n472,471.0\n")
    with pytest.raises(
        InputError, match=r"`471\.0` in column `into` is a number with a fraction"
    ):
        told(path, '"user_id"')
