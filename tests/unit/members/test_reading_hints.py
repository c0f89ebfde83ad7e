# SPDX-License-Identifier: Apache-2.0
"""What is no file of facts is told how to become one, and what it says works (docs/members.md)."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from privity.app.inputs import load_facts
from privity.errors import InputError
from privity.members.reading import read_facts
from privity.sources.from_table import facts_from_tables
from privity.sources.table_binding import parse_table_binding

SMALL = Path(__file__).resolve().parents[3] / "examples" / "small"
T = "2015-01-01T00:00:00Z"
FACT: Mapping[str, Any] = {
    "member": "471",
    "fact": "joined",
    "value": "",
    "at": T,
    "recorded_at": T,
    "detail": "",
}
TABLE = """table = "changes"
at = "at"
recorded_at = "recorded_at"
{says}
[[fact]]
fact = "joined"
where = {{column = "fact", is = ["joined"]}}
"""


def csv(renamed: Mapping[str, str] | None = None, **others: Any) -> str:
    """A file of one fact, as it should be but for what is said."""
    row = {(renamed or {}).get(name, name): value for name, value in {**FACT, **others}.items()}
    return f"{','.join(row)}\n{','.join(map(str, row.values()))}\n"


def problem(path: Path) -> InputError:
    with pytest.raises(InputError) as caught:
        list(read_facts(path))
    return caught.value


def followed(path: Path, hint: str | None) -> list[tuple[Any, Any]]:
    """The member and the instant of each fact that is made as a hint says."""
    assert hint is not None
    says = hint.partition("whose binding says: ")[2]
    assert says
    if not says.startswith("member"):
        says += '\nmember = "member"'
    binding = parse_table_binding(TABLE.format(says=says), source="t.toml")
    return [
        (row["member"], row["at"].isoformat())
        for batch in facts_from_tables(binding, [path])
        for row in batch.to_pylist()
    ]


@pytest.mark.parametrize("name", ["user_id", "userId", "account", "Member"])
def test_a_member_by_another_name(tmp_path: Path, name: str) -> None:
    path = tmp_path / "f.csv"
    path.write_text(csv({"member": name}))
    error = problem(path)
    assert "column `member` is missing" in error.message
    assert str(error.hint).startswith(
        f"rename `{name}` to `member`, or make facts of the table with"
    )
    assert followed(path, error.hint) == [("471", "2015-01-01T00:00:00+00:00")]


def test_a_platforms_own_table() -> None:
    hint = str(problem(SMALL / "accounts.csv").hint)
    assert hint.startswith(
        "make facts of the table with `privity members from-table`, whose binding"
    )


@pytest.mark.parametrize("at", ["2015-01-01 00:00:00", "2015-01-01T00:00:00"])
def test_a_time_without_a_zone(tmp_path: Path, at: str) -> None:
    path = tmp_path / "f.csv"
    path.write_text(csv(at=at))
    error = problem(path)
    assert f"`{at}` in `at` is no instant" in error.message
    assert followed(path, error.hint) == [("471", "2015-01-01T00:00:00+00:00")]
    naive = pa.array([0], pa.timestamp("us"))
    rows = {name: [value] for name, value in FACT.items()}
    pq.write_table(pa.table({**rows, "at": naive}), tmp_path / "f.parquet")
    error = problem(tmp_path / "f.parquet")
    assert "column `at` is of type timestamp[us], expected instants" in error.message
    assert followed(tmp_path / "f.parquet", error.hint)[0][1] == "1970-01-01T00:00:00+00:00"


@pytest.mark.parametrize("at", ["2015-01-01", "soon", ""])
def test_what_no_zone_makes_an_instant_has_no_such_hint(tmp_path: Path, at: str) -> None:
    path = tmp_path / "f.csv"
    path.write_text(csv(at=at))
    assert problem(path).hint is None


def test_a_member_that_became_a_fraction(tmp_path: Path) -> None:
    contents = {
        "f.csv": csv(member="471.0"),
        "f.jsonl": json.dumps({**FACT, "member": 471.0}) + "\n",
        "f.parquet": pa.table(
            {**{name: [value] for name, value in FACT.items()}, "member": [471.0]}
        ),
    }
    for name, content in contents.items():
        path = tmp_path / name
        if isinstance(content, str):
            path.write_text(content)
        else:
            pq.write_table(content, path)
        error = problem(path)
        assert error.code == "facts/column-type"
        assert followed(path, error.hint) == [(471, "2015-01-01T00:00:00+00:00")]


def test_a_merge_into_a_fraction_is_into_nobody(tmp_path: Path) -> None:
    path = tmp_path / "f.csv"
    path.write_text(csv(fact="merged", value="472.0"))
    assert "`472.0` in `value` is a number with a fraction" in problem(path).message
    path.write_text(csv(fact="agreement", value="2.0"))
    assert len(list(read_facts(path))) == 1


@pytest.mark.parametrize("name", ["records.jsonl", "r.csv"])
def test_records_are_recognised(tmp_path: Path, name: str) -> None:
    path = SMALL / name
    if name == "r.csv":
        path = tmp_path / name
        path.write_text("record_id,category,created_at,author,body\n")
    error = problem(path)
    assert error.message.startswith("this has the columns of records (`record_id`, ")
    assert "expected those of facts: `member`, " in error.message
    assert error.code == "facts/columns"
    assert error.hint is not None


def test_facts_at_hand_are_held_to_the_same() -> None:
    rows = {name: [value] for name, value in FACT.items()}
    stamps = pa.array([0], pa.timestamp("us", tz="UTC"))
    table = pa.table({**rows, "at": stamps, "recorded_at": stamps, "member": [471.0]})
    for facts in (table, [{**FACT, "member": 471.0}]):
        with pytest.raises(InputError, match="`member` is a number with a fraction") as caught:
            load_facts(facts)
        assert caught.value.code == "facts/column-type"
    seat = {**FACT, "member": "", "fact": "seat-instruction", "value": "acme"}
    with pytest.raises(InputError, match="unknown key `Detail`, expected `detail`"):
        load_facts([{**seat, "Detail": {"purposes": ["safety"]}}])
