# SPDX-License-Identifier: Apache-2.0
"""A file of ours is opened only where it belongs, and each error of SQLite is one clear line."""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from privity.errors import PrivityError, UnavailableError
from privity.store import opening
from privity.store.database import Database, Journal, journal_for
from privity.store.opening import Kind, create, open_there

KIND = Kind(
    name="test database",
    application=77,
    version=2,
    tables=("CREATE TABLE thing (number INTEGER PRIMARY KEY, text TEXT) STRICT",),
)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "test.db"


@pytest.mark.parametrize(
    ("version", "journal"),
    [
        ((3, 40, 1), "truncate"),
        ((3, 44, 5), "truncate"),
        ((3, 44, 6), "wal"),
        ((3, 45, 3), "truncate"),
        ((3, 50, 6), "truncate"),
        ((3, 50, 7), "wal"),
        ((3, 51, 2), "truncate"),
        ((3, 51, 3), "wal"),
        ((3, 52, 0), "wal"),
        ((4, 0, 0), "wal"),
    ],
)
def test_the_journal_is_the_one_that_is_safe_with_the_version(
    version: tuple[int, int, int], journal: Journal
) -> None:
    assert journal_for(version) == journal


@pytest.mark.parametrize(
    ("setting", "value"),
    [
        ("synchronous", 2),
        ("secure_delete", 1),
        ("foreign_keys", 1),
        ("temp_store", 2),
        ("trusted_schema", 0),
        ("cell_size_check", 1),
        ("fullfsync", 1),
        ("busy_timeout", 10_000),
    ],
)
def test_every_connection_is_set_up_alike(path: Path, setting: str, value: int) -> None:
    create(path, KIND).close()
    opened = open_there(path, KIND)
    assert opened.one(f"PRAGMA {setting}", kinds=[int]) == (value,)
    opened.close()


@pytest.mark.parametrize("journal", ["wal", "truncate"])
def test_both_journals_keep_what_was_committed(path: Path, journal: Journal) -> None:
    made = create(path, KIND)
    made.use_journal(journal)
    with made.transaction():
        made.run("INSERT INTO thing VALUES (1, 'secret')")
    with made.transaction():
        made.run("DELETE FROM thing")
        made.run("INSERT INTO thing VALUES (2, 'other')")
    made.truncate_journal()
    for file in path.parent.iterdir():
        assert b"secret" not in file.read_bytes()
    made.close()
    # Whatever journal it had, it is opened with the one that is safe.
    opened = open_there(path, KIND)
    wanted = journal_for(sqlite3.sqlite_version_info)
    assert opened.one("PRAGMA journal_mode", kinds=[str]) == (wanted,)
    assert opened.all("SELECT number FROM thing", kinds=[int]) == [(2,)]
    opened.close()


def test_a_journal_that_cannot_be_had_is_said(path: Path) -> None:
    create(path, KIND).close()
    opened = open_there(path, KIND)
    # A database in memory has no other journal than its own.
    inside = Database(sqlite3.connect(":memory:", isolation_level=None), path)
    with pytest.raises(UnavailableError) as refused:
        inside.use_journal("wal")
    assert refused.value.code == "store/journal"
    opened.close()


def code_of(work: Callable[[], object]) -> str:
    with pytest.raises(PrivityError) as refused:
        work()
    assert "\n" not in str(refused.value)
    assert refused.value.hint
    return refused.value.code


def test_what_is_not_there_is_not_made(path: Path) -> None:
    assert code_of(lambda: open_there(path, KIND)) == "store/missing"
    assert not path.exists()


def test_what_is_something_else_is_not_opened(path: Path) -> None:
    path.write_bytes(b"something else, and long enough to be looked at as a database" * 20)
    assert code_of(lambda: open_there(path, KIND)) == "store/damaged"
    path.write_bytes(b"")
    assert code_of(lambda: open_there(path, KIND)) == "store/other-kind"
    with sqlite3.connect(path) as found:
        found.execute("CREATE TABLE other (x)")
    assert code_of(lambda: open_there(path, KIND)) == "store/other-kind"


def test_another_version_is_not_opened(path: Path) -> None:
    create(path, KIND).close()
    with sqlite3.connect(path) as found:
        found.execute("PRAGMA user_version = 3")
    assert code_of(lambda: open_there(path, KIND)) == "store/version"


def test_tables_that_changed_are_not_read(path: Path) -> None:
    create(path, KIND).close()
    with sqlite3.connect(path) as found:
        found.execute("ALTER TABLE thing RENAME COLUMN text TO texts")
    assert code_of(lambda: open_there(path, KIND)) == "store/damaged"


def test_a_copy_is_not_opened_unless_it_is_adopted(path: Path, tmp_path: Path) -> None:
    create(path, KIND).close()
    copied = tmp_path / "copied.db"
    copied.write_bytes(path.read_bytes())
    assert code_of(lambda: open_there(copied, KIND)) == "store/copied"
    open_there(copied, KIND, adopt=True).close()
    open_there(copied, KIND).close()
    moved = copied.rename(tmp_path / "moved.db")
    open_there(moved, KIND).close()


def test_a_value_of_another_kind_is_damage(path: Path) -> None:
    made = create(path, KIND)
    with made.transaction():
        made.run("INSERT INTO thing VALUES (1, NULL)")
    assert code_of(lambda: made.all("SELECT text FROM thing", kinds=[str])) == "store/damaged"
    assert made.all("SELECT text FROM thing", kinds=[(str, type(None))]) == [(None,)]
    made.close()


def test_text_that_is_none_is_damage(path: Path) -> None:
    made = create(path, KIND)
    with made.transaction():
        made.run("INSERT INTO thing VALUES (1, CAST(x'ff' AS TEXT))")
    assert code_of(lambda: made.all("SELECT text FROM thing", kinds=[str])) == "store/damaged"
    made.close()


def test_a_mistake_of_ours_stays_one(path: Path) -> None:
    made = create(path, KIND)
    with pytest.raises(sqlite3.OperationalError):
        made.run("SELECT nothing FROM nowhere")
    with pytest.raises(sqlite3.ProgrammingError):
        made.run("SELECT ?", ())
    made.close()


def test_who_waits_too_long_is_told_so(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    create(path, KIND).close()
    quick = tuple(
        setting if "busy_timeout" not in setting else "PRAGMA busy_timeout = 1"
        for setting in opening._SETTINGS
    )
    monkeypatch.setattr(opening, "_SETTINGS", quick)
    one, other = open_there(path, KIND), open_there(path, KIND)
    with one.transaction():
        assert code_of(lambda: other.transaction().__enter__()) == "store/busy"
        # It can go on when the first has ended.
    with other.transaction():
        other.run("INSERT INTO thing VALUES (1, 'x')")
    one.close()
    other.close()


def test_who_cannot_commit_because_of_a_reader_has_done_nothing(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    create(path, KIND).close()
    quick = tuple(
        setting if "busy_timeout" not in setting else "PRAGMA busy_timeout = 1"
        for setting in opening._SETTINGS
    )
    monkeypatch.setattr(opening, "_SETTINGS", quick)
    one = open_there(path, KIND)
    one.use_journal("truncate")
    reader = sqlite3.connect(path, isolation_level=None)
    with one.transaction():
        one.run("INSERT INTO thing VALUES (1, 'x')")
    reader.execute("BEGIN")
    reader.execute("SELECT * FROM thing").fetchall()

    def write() -> None:
        with one.transaction():
            one.run("INSERT INTO thing VALUES (2, 'y')")

    assert code_of(write) == "store/busy"
    reader.close()
    assert one.all("SELECT number FROM thing", kinds=[int]) == [(1,)]
    with one.transaction():
        one.run("INSERT INTO thing VALUES (3, 'z')")
    one.close()


class Failing(sqlite3.Connection):
    """A connection whose commit says that the disk failed."""

    def execute(self, sql: str, /, *values: Any) -> sqlite3.Cursor:
        if sql == "COMMIT":
            error = sqlite3.OperationalError("disk I/O error")
            error.sqlite_errorcode = sqlite3.SQLITE_IOERR_FSYNC
            raise error
        return super().execute(sql, *values)


def test_nobody_goes_on_after_a_commit_that_failed(path: Path) -> None:
    """[LED-67] Not this process: what it would read now may not be what the disk has."""
    create(path, KIND).close()
    made = Database(sqlite3.connect(path, factory=Failing, isolation_level=None), path)

    def write() -> None:
        with made.transaction():
            made.run("INSERT INTO thing VALUES (1, 'x')")

    assert code_of(write) == "store/disk"
    assert code_of(lambda: made.run("SELECT 1")) == "store/unknown-state"
    assert code_of(write) == "store/unknown-state"
    # The next start finds what is there: the journal took the commit back.
    opened = open_there(path, KIND)
    assert opened.all("SELECT number FROM thing", kinds=[int]) == []
    opened.close()


def test_a_connection_belongs_to_its_thread(path: Path) -> None:
    made = create(path, KIND)
    found: list[str] = []

    def work() -> None:
        found.append(code_of(lambda: made.run("SELECT 1")))

    thread = threading.Thread(target=work)
    thread.start()
    thread.join()
    assert found == ["store/not-open"]
    made.close()
    assert code_of(lambda: made.run("SELECT 1")) == "store/not-open"


def test_a_folder_that_is_not_there_is_said(tmp_path: Path) -> None:
    assert code_of(lambda: create(tmp_path / "no" / "test.db", KIND)) == "store/disk"
    made = create(tmp_path / "test.db", KIND)
    assert code_of(lambda: made.back_up(tmp_path / "no" / "copy.db")) == "store/disk"
    made.close()


def test_after_waiting_to_write_it_waits_for_others_as_before(path: Path) -> None:
    made = create(path, KIND)
    with made.transaction():
        made.run("INSERT INTO thing (text) VALUES ('a')")
    assert made.one("PRAGMA busy_timeout", kinds=[int]) == (10_000,)
    made.close()


def test_who_may_not_write_is_not_told_to_free_space(path: Path) -> None:
    create(path, KIND).close()
    made = Database(
        sqlite3.connect(f"file:{path}?mode=ro", uri=True, isolation_level=None), path
    )
    with pytest.raises(UnavailableError) as caught, made.transaction():
        made.run("INSERT INTO thing VALUES (1, 'x')")
    assert caught.value.code == "store/disk"
    assert str(caught.value.hint).startswith("let this user write there, or use a copy")
