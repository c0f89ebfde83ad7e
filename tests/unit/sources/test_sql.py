# SPDX-License-Identifier: Apache-2.0
"""Records are read from a platform's own database, SQLite or PostgreSQL: strictly, at one state, and without a write."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import psycopg
import pyarrow as pa
import pytest
from tests.unit.sources.conftest import whole
from tests.unit.sources.postgres import binaries, server

from privity.canonical.encode import digest_file
from privity.errors import InputError, UnavailableError
from privity.sources import sql
from privity.sources.binding import parse_binding
from privity.sources.native import open_records
from privity.sources.parquet import ParquetRecords
from privity.sources.postgresql import ask_postgresql

MADE = """
CREATE TABLE message (id {id}, kind TEXT, sent {instant}, sender TEXT, body TEXT, score {real});
CREATE TABLE addressee (message {id}, member TEXT);
INSERT INTO message VALUES
    (1, 'inm', '2024-09-18T10:00:00+02:00', 'ana', 'one', 0.5),
    (2, 'dm', '2024-09-19T00:00:00Z', 'ben', NULL, NULL);
INSERT INTO addressee VALUES (1, 'ben'), (1, 'chi');
"""
COLUMNS = """
payload = ["body", "score"]
[columns]
record_id = "id"
category = {column = "kind", values = {inm = "inmail", dm = "direct-message"}}
created_at = "sent"
author = "sender"
recipients = "addressees"
"""
IN_SQLITE = """
SELECT id, kind, sent, sender, body, score,
    (SELECT json_group_array(member) FROM addressee WHERE message = id) AS addressees
FROM message ORDER BY id
"""
IN_POSTGRESQL = """
SELECT id, kind, sent, sender, body, score,
    (SELECT array_agg(member ORDER BY member) FROM addressee WHERE message = id) AS addressees
FROM message ORDER BY id
"""
ROWS = [
    {
        "record_id": 1,
        "category": "inmail",
        "author": "ana",
        "recipients": ["ben", "chi"],
        "capacity": None,
        "quotes": [],
        "body": "one",
        "score": 0.5,
    },
    {
        "record_id": 2,
        "category": "direct-message",
        "author": "ben",
        "recipients": [],
        "capacity": None,
        "quotes": [],
        "body": None,
        "score": None,
    },
]

Ask = Callable[..., ParquetRecords]


@pytest.fixture
def lite(tmp_path: Path) -> Path:
    """A database of SQLite with two messages."""
    path = tmp_path / "network.db"
    with sqlite3.connect(path) as connection:
        connection.executescript(MADE.format(id="INTEGER", instant="TEXT", real="REAL"))
    connection.close()
    return path


@pytest.fixture(scope="module")
def address() -> Iterator[str]:
    """A database of PostgreSQL with two messages."""
    programs = binaries()
    if programs is None:
        pytest.skip("no PostgreSQL server is installed here")
    with server(programs) as found:
        with psycopg.connect(found) as connection:
            connection.execute(
                MADE.format(id="BIGINT", instant="TIMESTAMPTZ", real="FLOAT8").encode()
            )
        yield found


@pytest.fixture
def ask(tmp_path: Path) -> Ask:
    """Ask a query of a database, as a file says it."""

    def run(database: str, select: str, columns: str = COLUMNS) -> ParquetRecords:
        path = tmp_path / "messages.sql.toml"
        payload, _, rest = columns.partition("[columns]")
        text = f"{payload}\n[sql]\ndatabase = '{database}'\nselect = '''{select}'''\n"
        path.write_text(text + (f"[columns]{rest}" if rest else ""), encoding="utf-8")
        (found,) = open_records([path])
        return found

    return run


def plain(records: ParquetRecords) -> list[dict[str, Any]]:
    table = whole([records])
    assert table.column("created_at").cast(pa.int64()).to_pylist() == [
        1_726_646_400_000_000,
        1_726_704_000_000_000,
    ]
    return table.drop_columns(["created_at"]).to_pylist()


def problem(ask: Ask, database: str, select: str, columns: str = COLUMNS) -> InputError:
    with pytest.raises(InputError) as caught:
        ask(database, select, columns)
    assert "\n" not in str(caught.value)
    return caught.value


def test_rows_of_sqlite_are_records(ask: Ask, lite: Path) -> None:
    assert plain(ask(lite.name, IN_SQLITE)) == ROWS


def test_rows_of_postgresql_are_records(ask: Ask, address: str) -> None:
    assert plain(ask(address, IN_POSTGRESQL)) == ROWS


def test_columns_with_a_records_names_need_no_binding(ask: Ask, lite: Path) -> None:
    select = "SELECT 'r' || id AS record_id, 'post' AS category, sent AS created_at, sender AS author FROM message"
    assert whole([ask(lite.name, select, "")]).column("record_id").to_pylist() == ["r1", "r2"]


def test_a_binding_of_the_run_says_nothing_of_a_query(lite: Path, tmp_path: Path) -> None:
    select = (
        "SELECT id AS record_id, 'inmail' AS category, sent AS created_at, sender AS author, "
        """'["dora"]' AS recipients, body, id AS internal FROM message"""
    )
    path = tmp_path / "messages.sql.toml"
    path.write_text(
        f"payload = ['body']\n[sql]\ndatabase = '{lite.name}'\nselect = '''{select}'''\n",
        encoding="utf-8",
    )
    text = """
    payload = []
    [columns]
    category = {constant = "post"}
    recipients = {constant = []}
    """
    posts = tmp_path / "posts.csv"
    posts.write_text("record_id,created_at,author\n7,2025-02-01T00:00:00Z,dora\n")
    given = parse_binding(text, source="binding.toml")
    with pytest.raises(InputError, match="every source is a query"):
        open_records([path], binding=given)
    found = open_records([path, posts], binding=given)[:1]
    rows = whole(found, ["category", "recipients", "body"]).to_pylist()
    assert [row["category"] for row in rows] == ["inmail", "inmail"]
    assert [row["recipients"] for row in rows] == [["dora"], ["dora"]]
    assert found[0].schema.names[-1] == "body"
    assert found[0].binding == digest_file(path)


@pytest.mark.parametrize("of", ["lite", "address"])
def test_the_same_rows_are_known_by_the_same_digest(
    ask: Ask, of: str, request: pytest.FixtureRequest
) -> None:
    database = str(request.getfixturevalue(of))
    select = "SELECT id AS record_id, 'post' AS category, sender AS author, '2024-01-01T00:00:00Z' AS created_at FROM message"
    first, again = (ask(database, f"{select} ORDER BY id", "").digest() for _ in range(2))
    assert first == again
    assert ask(database, f"{select} ORDER BY id DESC", "").digest() != first
    assert ask(database, f"{select} WHERE id = 1", "").digest() != first


def test_the_digest_is_of_the_rows_as_anybody_writes_them(ask: Ask, lite: Path) -> None:
    import hashlib  # noqa: PLC0415 - what a stranger would write

    select = "SELECT id AS record_id, 'post' AS category, sent AS created_at, sender AS author FROM message"
    lines = (
        b'["record_id","category","created_at","author"]\n'
        b'[1,"post","2024-09-18T10:00:00+02:00","ana"]\n'
        b'[2,"post","2024-09-19T00:00:00Z","ben"]\n'
    )
    assert ask(lite.name, select, "").digest() == hashlib.sha256(lines).hexdigest()


@pytest.mark.parametrize("of", ["lite", "address"])
def test_an_answer_without_rows_has_its_columns(
    ask: Ask, of: str, request: pytest.FixtureRequest
) -> None:
    database = str(request.getfixturevalue(of))
    select = "SELECT id, kind, sent, sender, body, score, NULL AS addressees FROM message WHERE id < 0"
    found = ask(database, select)
    assert found.rows == 0
    assert {"record_id", "author", "body", "score"} <= {*found.schema.names}


@pytest.mark.parametrize("of", ["lite", "address"])
@pytest.mark.parametrize(
    "statement",
    ["DELETE FROM message", "DROP TABLE message", "INSERT INTO message (id) VALUES (3)"],
)
def test_nothing_is_written_to_the_database(
    ask: Ask, of: str, statement: str, request: pytest.FixtureRequest
) -> None:
    database = str(request.getfixturevalue(of))
    assert problem(ask, database, statement).code == "records/query"
    count = "SELECT count(*) AS record_id, 'post' AS category, NULL AS created_at, NULL AS author FROM message"
    assert whole([ask(database, count, "")]).column("record_id").to_pylist() == [2]


@pytest.mark.parametrize("of", ["lite", "address"])
def test_a_query_that_the_database_refuses_is_an_error_of_one_line(
    ask: Ask, of: str, request: pytest.FixtureRequest
) -> None:
    database = str(request.getfixturevalue(of))
    error = problem(ask, database, "SELECT nothing FROM message")
    assert (error.code, error.exit_code) == ("records/query", 2)
    assert "nothing" in error.message


def test_what_a_server_says_of_a_row_is_not_repeated(ask: Ask, address: str) -> None:
    select = "SELECT sender::int AS record_id, 'post' AS category, sent AS created_at, sender AS author FROM message"
    error = problem(ask, address, select, "")
    assert error.code == "records/query"
    assert "ana" not in str(error)


@pytest.mark.parametrize("of", ["lite", "address"])
def test_a_name_that_stands_twice_is_an_error(
    ask: Ask, of: str, request: pytest.FixtureRequest
) -> None:
    database = str(request.getfixturevalue(of))
    error = problem(ask, database, "SELECT id, id FROM message")
    assert error.code == "records/query"
    assert "several columns `id`" in error.message


def test_a_value_that_records_do_not_have_says_its_row(ask: Ask, lite: Path) -> None:
    select = "SELECT id AS record_id, 'post' AS category, sent AS created_at, x'00' AS author FROM message"
    error = problem(ask, lite.name, select, "")
    assert error.code == "records/value"
    assert str(error).endswith(
        "row 0: `author` holds a value of type `bytes`, expected text, a number, a time, a list or nothing"
    )


def test_a_list_that_is_none_says_its_row(ask: Ask, lite: Path) -> None:
    select = IN_SQLITE.replace("json_group_array(member)", "'[1,'")
    error = problem(ask, lite.name, select)
    assert error.code == "records/value"
    assert "row 0: `[1,` in `addressees` is no JSON array" in str(error)


def test_a_time_without_a_zone_says_its_row(ask: Ask, address: str) -> None:
    error = problem(ask, address, IN_POSTGRESQL.replace("sent,", "sent::timestamp AS sent,"))
    assert error.code == "records/instant"
    assert "row 0" in str(error)


def test_text_that_is_no_utf_8_is_an_error_without_the_text(ask: Ask, lite: Path) -> None:
    select = "SELECT id AS record_id, 'post' AS category, sent AS created_at, CAST(x'616263ff' AS TEXT) AS author FROM message"
    error = problem(ask, lite.name, select, "")
    assert error.code in {"records/value", "records/query"}
    assert "abc" not in str(error)


def test_a_file_that_is_missing_or_no_database_is_an_error(ask: Ask, tmp_path: Path) -> None:
    assert problem(ask, "nowhere.db", "SELECT 1 AS a").code == "records/database"
    (tmp_path / "text.db").write_text("no database at all, only text, and more of it")
    assert problem(ask, "text.db", "SELECT 1 AS a FROM b").code == "records/query"


def test_a_server_that_cannot_be_reached_is_unavailable(ask: Ask, tmp_path: Path) -> None:
    with pytest.raises(UnavailableError) as caught:
        ask(f"postgresql:///postgres?user=nobody&host={tmp_path}", "SELECT 1 AS a")
    assert caught.value.code == "records/database-unavailable"


def test_nobody_waits_for_ever_for_a_lock(address: str) -> None:
    shown = "SELECT current_setting('lock_timeout') AS waits"
    with ask_postgresql(address, shown, "a query") as (_, rows):
        assert list(rows) == [("10s",)]
    with psycopg.connect(address) as other:
        other.execute("CREATE TABLE held (record_id int)")
        other.commit()
        other.execute("LOCK TABLE held IN ACCESS EXCLUSIVE MODE")
        at_once = f"{address}{'&' if '?' in address else '?'}options=-c%20lock_timeout%3D1"
        with (
            pytest.raises(UnavailableError),
            ask_postgresql(at_once, "SELECT record_id FROM held", "a query"),
        ):
            pass
        other.execute("DROP TABLE held")


def test_a_password_does_not_belong_into_a_file(ask: Ask) -> None:
    error = problem(ask, "postgresql://ana:secret@localhost/network", "SELECT 1 AS a")
    assert error.code == "records/database"
    assert "secret" not in f"{error}{error.hint}"


def test_the_database_may_be_named_by_the_environment(lite: Path, tmp_path: Path) -> None:
    path = tmp_path / "posts.sql.toml"
    path.write_text('[sql]\ndatabase_from = "NETWORK"\nselect = "SELECT 1"\n', encoding="utf-8")
    assert sql.load_query(path, environment={"NETWORK": str(lite)}).database == str(lite)
    with pytest.raises(InputError, match="no such variable"):
        sql.load_query(path, environment={})


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("[columns]\nauthor = 'a'\n", "binding/missing-key"),
        ("[sql]\nselect = 'SELECT 1'\n", "binding/value"),
        (
            "[sql]\nselect = 'SELECT 1'\ndatabase = 'a'\ndatabase_from = 'B'\n",
            "binding/value",
        ),
        ("[sql]\ndatabase = 'a'\n", "binding/missing-key"),
        (
            "[sql]\ndatabase = 'a'\nselect = 'SELECT 1'\nwhere = 'x'\n",
            "binding/unknown-key",
        ),
        ("[sql\n", "binding/syntax"),
    ],
)
def test_a_file_that_asks_nothing_is_an_error(tmp_path: Path, text: str, code: str) -> None:
    path = tmp_path / "posts.sql.toml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(InputError) as caught:
        sql.load_query(path)
    assert caught.value.code == code


def test_many_rows_are_staged_in_pieces(ask: Ask, lite: Path) -> None:
    with sqlite3.connect(lite) as connection:
        connection.executemany(
            "INSERT INTO message VALUES (?, 'dm', '2024-09-19T00:00:00Z', ?, ?, NULL)",
            ((number, f"m{number % 700}", "x" * 900) for number in range(3, 90_003)),
        )
    connection.close()
    found = ask(lite.name, IN_SQLITE.replace("ORDER BY id", "ORDER BY message.id"))
    assert found.rows == 90_002
    assert found.chunks > 1
    assert whole([found], ["record_id"]).column("record_id").to_pylist() == [*range(1, 90_003)]
