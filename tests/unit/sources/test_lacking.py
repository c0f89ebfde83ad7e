# SPDX-License-Identifier: Apache-2.0
"""No column is left out that a path or another file has, and no row comes back that a table has no more (docs/sources.md)."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.dataset as ds
import pyarrow.parquet as pq
import pytest
from click.testing import CliRunner
from deltalake import DeltaTable, write_deltalake
from tests.unit.sources.conftest import Content, bare_lines, columns, lines, whole

from privity.cli import program
from privity.errors import InputError
from privity.sources.binding import parse_binding
from privity.sources.native import open_records
from privity.sources.parquet import ParquetRecords

Put = Callable[[str, Content], Path]
SMALL = Path(__file__).resolve().parents[3] / "examples" / "small"
HEADER = "record_id,category,created_at,author"
NOTHING = {"recipients": "[]", "capacity": '"personal"', "quotes": "[]"}
VALUES: dict[str, list[Any]] = {
    "recipients": [["ben"], []],
    "capacity": ["seat:acme", None],
    "quotes": [["r1"], []],
}


def opened(*paths: Path, said: str | None = None) -> list[ParquetRecords]:
    binding = (
        None if said is None else parse_binding(f"[columns]\n{said}\n", source="binding.toml")
    )
    return open_records(paths, binding=binding)


def refused(*paths: Path, said: str | None = None) -> InputError:
    with pytest.raises(InputError) as caught:
        opened(*paths, said=said)
    assert "\n" not in str(caught.value)
    return caught.value


# --- a column that lies in a path


def lake(folder: Path, name: str, values: list[str]) -> Path:
    table = columns().append_column(name, pa.array(values))
    ds.write_dataset(
        table, folder, format="parquet", partitioning=[name], partitioning_flavor="hive"
    )
    return folder


@pytest.mark.parametrize("name", ["capacity", "Capacity", "recipients", "quote_id", "quotes"])
def test_a_folders_name_has_no_column_that_the_file_lacks(tmp_path: Path, name: str) -> None:
    folder = lake(tmp_path / "lake", name, ["seat:acme", "seat:acme"])
    (one,) = (folder / f"{name}=seat%3Aacme").iterdir()
    link = tmp_path / "link.parquet"
    link.symlink_to(one)
    for given in (folder, one.parent, one, link):
        error = refused(given)
        assert error.code == "records/column-in-path"
        assert f"`{name}=seat%3Aacme` in the path may say what" in str(error)


def test_it_is_seen_from_within_too(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = lake(tmp_path / "lake", "capacity", ["seat:acme", "seat:acme"])
    monkeypatch.chdir(folder / "capacity=seat%3Aacme")
    assert refused(Path("part-0.parquet")).code == "records/column-in-path"


@pytest.mark.parametrize(
    ("name", "content"), [("r.csv", f"{HEADER}\nr1,post,,ana\n"), ("r.jsonl", bare_lines({}))]
)
def test_text_in_such_a_folder_is_refused_too(put: Put, name: str, content: str) -> None:
    error = refused(put(f"capacity=seat%3Aacme/{name}", content))
    assert error.code == "records/column-in-path"


def test_a_column_that_is_needed_is_said_to_be_in_the_path(tmp_path: Path) -> None:
    folder = tmp_path / "lake"
    table = columns()
    ds.write_dataset(
        table, folder, format="parquet", partitioning=["category"], partitioning_flavor="hive"
    )
    error = refused(folder)
    assert error.code == "records/column-in-path"
    assert 'category = {constant = "…"}' in str(error.hint)
    assert whole(opened(folder, said='category = {constant = "post"}')).num_rows == 2


@pytest.mark.parametrize("name", list(NOTHING))
def test_a_binding_says_what_it_is_then(tmp_path: Path, name: str) -> None:
    folder = lake(tmp_path / "lake", name, ["a", "b"])
    hint = str(refused(folder).hint)
    assert f"{name} = {{constant = " in hint
    assert whole(opened(folder, said=hint.rpartition(": ")[2].replace("…", "personal")))
    (one,) = (folder / f"{name}=a").iterdir()
    other = pq.read_table(one, partitioning=None)
    of = pa.array(["seat:acme"] if name == "capacity" else [["x"]])
    pq.write_table(other.append_column("other", of), one)
    assert whole(opened(one, said=f'{name} = "other"')).num_rows == 1


def test_a_binding_whose_column_lies_in_a_path_is_refused(tmp_path: Path) -> None:
    folder = lake(tmp_path / "lake", "customer", ["acme", "acme"])
    assert whole(opened(folder)).num_rows == 2
    error = refused(folder, said='capacity = {column = "customer", prefix = "seat:"}')
    assert error.code == "records/column-in-path"
    absent = 'capacity = {column = "customer", prefix = "seat:", absent = "personal"}'
    assert refused(folder, said=absent).code == "records/column-in-path"


def test_files_that_have_it_themselves_and_other_parts_go_on(put: Put) -> None:
    own = put("capacity=personal/r.parquet", columns(capacity=["seat:acme", None]))
    assert whole(opened(own)).column("capacity").to_pylist() == ["seat:acme", None]
    year = put("year=2024/r.parquet", columns(body=["x", "y"]))
    assert whole(opened(year)).column_names[-1] == "body"


# --- a column that only some files have


@pytest.mark.parametrize("name", ["capacity", "quotes"])
@pytest.mark.parametrize("order", [("has", "lacks"), ("lacks", "has")])
def test_a_column_that_only_some_files_have_is_an_error(
    put: Put, tmp_path: Path, name: str, order: tuple[str, str]
) -> None:
    put("has.parquet", columns(record_id=["r3", "r4"], **{name: VALUES[name]}))
    put("lacks.parquet", columns())
    error = refused(*(tmp_path / f"{one}.parquet" for one in order))
    assert error.code == "records/column-in-some"
    assert str(error).replace(f"{tmp_path}/", "") == (
        f"lacks.parquet: column `{name}` is missing here and stands in `has.parquet`, expected it in all "
        "files or in none"
    )
    say = str(error.hint).rpartition(": ")[2]
    records = opened(*(tmp_path / f"{one}.parquet" for one in sorted(order)), said=say)
    none: list[Any] = [None, None] if name == "capacity" else [[], []]
    assert whole(records).column(name).to_pylist() == [*VALUES[name], *none]


def test_it_is_the_same_in_every_format(put: Put) -> None:
    has = put("a.parquet", columns(capacity=["seat:acme", None]))
    lacks = put("b.csv", f"{HEADER}\nr3,post,,ana\n")
    assert refused(has, lacks).code == "records/column-in-some"
    assert refused(lacks, has).code == "records/column-in-some"
    say = 'capacity = {column = "capacity", absent = "personal"}'
    assert sum(one.rows for one in opened(has, lacks, said=say)) == 3


def test_lines_say_each_for_itself_what_they_have(put: Put) -> None:
    has = put("a.parquet", columns(capacity=["seat:acme", None]))
    assert whole(opened(has, put("b.jsonl", bare_lines({"record_id": "r3"})))).num_rows == 3
    with_all = put("c.jsonl", lines({"record_id": "r1"}, {"record_id": "r2"}))
    assert whole(opened(with_all, put("d.csv", f"{HEADER}\nr3,post,,ana\n"))).num_rows == 3


def test_posts_need_no_addressees_beside_messages(put: Put) -> None:
    """A message without any is refused, whatever its file has."""
    has = put("a.parquet", columns(recipients=[["ben"], []]))
    found = whole(opened(has, put("b.csv", f"{HEADER}\nr3,post,,ana\n")))
    assert found.column("recipients").to_pylist() == [["ben"], [], []]


def test_a_line_may_lack_what_another_line_of_its_file_has(put: Put) -> None:
    one = put("a.jsonl", lines({"record_id": "r1"}, {"record_id": "r2"}))
    two = put("b.jsonl", lines({"record_id": "r3"}) + bare_lines({"record_id": "r4"}))
    assert whole(opened(one, two)).num_rows == 4


def test_a_file_without_records_lacks_nothing(put: Put) -> None:
    has = put("a.parquet", columns(capacity=["seat:acme", None]))
    empty = put("b.csv", f"{HEADER}\n")
    assert whole(opened(has, empty)).num_rows == 2
    full, bared = put("c.csv", f"{HEADER},capacity\n"), put("d.parquet", columns())
    assert refused(full, bared).code == "records/column-in-some"


def test_a_query_has_columns_of_its_own(put: Put, tmp_path: Path) -> None:
    with sqlite3.connect(tmp_path / "network.db") as connection:
        connection.execute("CREATE TABLE post (id TEXT, who TEXT)")
        connection.execute("INSERT INTO post VALUES ('r3', 'ana')")
    connection.close()
    query = put(
        "posts.sql.toml",
        "[sql]\ndatabase = 'network.db'\n"
        "select = \"SELECT id, who, '2024-09-18T00:00:00Z' AS made FROM post\"\n"
        "[columns]\nrecord_id = 'id'\nauthor = 'who'\ncategory = {constant = 'post'}\n"
        "created_at = 'made'\n",
    )
    has = put("a.parquet", columns(capacity=["seat:acme", None]))
    assert [one.rows for one in opened(has, query)] == [2, 1]


def test_a_column_that_may_be_absent_is_somewhere(put: Put) -> None:
    one = put("a.parquet", columns())
    error = refused(one, said='capacity = {column = "customr", absent = "personal"}')
    assert error.code == "records/missing-column"
    assert (
        "column `customr` is in none of the files, expected `capacity` in one of them"
        in str(error)
    )
    assert whole(opened(one, said=str(error.hint).rpartition(": ")[2])).num_rows == 2


@pytest.mark.parametrize(
    "others",
    [
        {"capacity": ["seat:acme", None]},  # the record's own name, unread
        {"Capacity": ["seat:acme", None]},
    ],
)
def test_a_file_does_not_lack_what_has_nearly_its_name(
    put: Put, others: dict[str, list[str]]
) -> None:
    has = put("a.parquet", columns(customer=["seat:acme", None]))
    lacks = put("b.parquet", columns(record_id=["r3", "r4"], **others))
    say = 'capacity = {column = "customer", absent = "personal"}'
    error = refused(has, lacks, said=say)
    assert error.code in {"records/missing-column", "records/misnamed-column"}


def test_a_line_does_not_lack_what_has_nearly_its_name(put: Put) -> None:
    named = bare_lines({"capacity": "seat:acme"}, {"record_id": "r2", "Capacity": "seat:acme"})
    say = 'capacity = {column = "capacity", absent = "personal"}'
    error = refused(put("a.jsonl", named), put("b.parquet", columns()), said=say)
    assert error.code == "records/misnamed-column"


def test_of_several_columns_all_are_absent_or_none(put: Put) -> None:
    has = put("a.parquet", columns(to=[["a"], []], cc=[["b"], []]))
    part = put("b.parquet", columns(record_id=["r3", "r4"], to=[["a"], []]))
    none = put("c.parquet", columns(record_id=["r5", "r6"]))
    say = 'recipients = {columns = ["to", "cc"], absent = []}'
    assert "column `cc` is missing" in str(refused(has, part, said=say))
    found = whole(opened(has, none, said=say)).column("recipients").to_pylist()
    assert found == [["a", "b"], [], [], []]


@pytest.mark.parametrize(
    ("said", "says"),
    [
        (
            "capacity = {column = 'a', absent = 'seat:acme'}",
            "is `seat:acme`, expected `personal`",
        ),
        ("quotes = {column = 'a', absent = ['r1']}", "is `['r1']`, expected `[]`"),
        ("quotes = {constant = [], absent = []}", "has both `constant` and `absent`"),
        ("author = {column = 'a', absent = 'ana'}", "unknown key `columns.author.absent`"),
    ],
)
def test_what_is_absent_is_nothing(said: str, says: str) -> None:
    with pytest.raises(InputError) as caught:
        parse_binding(f"[columns]\n{said}\n", source="binding.toml")
    assert says in str(caught.value)


# --- a table that keeps a log


def delta(folder: Path) -> Path:
    write_deltalake(folder, columns())
    DeltaTable(folder).delete("record_id = 'r2'")
    assert DeltaTable(folder).to_pyarrow_table().num_rows == 1
    return folder


def test_rows_that_a_table_has_no_more_do_not_come_back(tmp_path: Path, put: Put) -> None:
    table = delta(tmp_path / "lake" / "messages")
    files = sorted(table.glob("*.parquet"))
    for given in (table, table.parent, files[0]):
        error = refused(given)
        assert error.code == "records/table-with-log"
        assert f"the file lies in `{table}`, a table of Delta" in str(error)
    written = put("now.parquet", DeltaTable(table).to_pyarrow_table())
    assert whole(opened(written)).num_rows == 1


@pytest.mark.parametrize(
    ("log", "maker"),
    [
        ("metadata/v2.metadata.json", "Iceberg"),
        ("metadata/00001-aa.gz.metadata.json", "Iceberg"),
        ("metadata/00001-aa.metadata.json.gz", "Iceberg"),
        (".hoodie/hoodie.properties", "Hudi"),
    ],
)
def test_other_tables_are_refused_from_any_depth(
    put: Put, tmp_path: Path, log: str, maker: str
) -> None:
    put(f"t/{log}", "{}")
    file = put("t/data/year=2024/a.parquet", columns())
    for given in (tmp_path / "t", tmp_path / "t" / "data", file):
        error = refused(given)
        assert error.code == "records/table-with-log"
        assert f"a table of {maker}" in str(error)
    put("u/metadata/about.json", "{}")
    assert whole(opened(put("u/data/a.parquet", columns()))).num_rows == 2


# --- every command


@pytest.mark.parametrize("command", ["decide", "doctor", "explain", "clear"])
@pytest.mark.parametrize(
    ("make", "says"),
    [
        (lambda at: lake(at, "capacity", ["personal", "seat:acme"]), "in the path may say"),
        (delta, "a table of Delta"),
    ],
)
def test_every_command_refuses_them(
    tmp_path: Path, command: str, make: Callable[[Path], Path], says: str
) -> None:
    folder = str(make(tmp_path / "given"))
    asked = [
        *("--policy", str(SMALL / "policy.yaml"), "--facts", str(SMALL / "facts.csv")),
        *("--purpose", "genai-training", "--recipient", "self", "--at", "2025-06-01T00:00:00Z"),
    ]
    given = {
        "clear": [folder, "--out", str(tmp_path / "out")],
        "explain": ["--record", "r1", "--records", folder],
    }.get(command, ["--records", folder])
    found = CliRunner().invoke(program, [command, *given, *asked])
    assert isinstance(found.exception, InputError) or found.exit_code == 2
    assert says in f"{found.output} {found.exception}"
    assert not (tmp_path / "out").exists()
