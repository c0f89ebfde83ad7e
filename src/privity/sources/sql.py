# SPDX-License-Identifier: Apache-2.0
"""Records that stand in a platform's own database, as the rows of one query (docs/sources.md).

The rows are read once, in one transaction that sees one state and may write nothing, and staged as those of any text
format are. What the source is known by is the SHA-256 of its rows as they were read, which hangs on no library's
version. Neither the database nor a message of its server that may quote a row is repeated in an error.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime, time
from decimal import Decimal
from hashlib import sha256
from pathlib import Path
from typing import Any, Final
from uuid import UUID

from privity.canonical.decode import NoJsonError, decode
from privity.canonical.encode import encode
from privity.errors import InputError, Where
from privity.sources.binding import Binding, read_binding
from privity.sources.columns import shown
from privity.sources.postgresql import ask_postgresql, is_postgresql
from privity.sources.sqlite import ask_sqlite
from privity.sources.staging import Unit, place_of
from privity.sources.toml import Table, read_table

ENDING: Final = (".sql", ".toml")
ROW: Final[Unit] = "row"
_KEYS: Final = ("database", "database_from", "select")


@dataclass(frozen=True, kw_only=True, slots=True)
class Query:
    """What is asked of which database.

    Attributes:
        database: A file of SQLite, or an address of PostgreSQL.
        select: One statement that gives a row for each record.
        binding: What its columns mean.
        name: The file that says so, for messages.
    """

    database: str
    select: str
    binding: Binding
    name: str


@dataclass(frozen=True, slots=True)
class Answer:
    """The rows of a query, which can be read once.

    Attributes:
        columns: Their names.
        rows: The values of each.
    """

    columns: tuple[str, ...]
    rows: Iterator[Sequence[Any]]


def load_query(
    path: Path,
    *,
    name: str | None = None,
    environment: Mapping[str, str] | None = None,
) -> Query:
    """Read what is asked of a database from a file.

    Args:
        path: A TOML file with `[sql]`, and `[columns]` where the query's columns have other names than a record's.
            A binding of the run says nothing of them.
        name: The file as the user named it.
        environment: Where `database_from` is looked up; None is the process's own.

    Raises:
        InputError: It cannot be read, or says something that no such file says.
    """
    source = name or str(path)
    try:
        text = path.read_bytes().decode("utf-8")  # line ends as they are: it has a digest
    except (OSError, UnicodeDecodeError) as error:
        what = error.strerror if isinstance(error, OSError) else "it is not UTF-8"
        raise InputError(
            f"cannot read the query: {what}",
            code="records/unreadable",
            where=Where(file=source),
        ) from error
    table = read_table(text, file=source)
    table.only(("sql", "columns", "payload"))
    table.require("sql")
    sql = table.table("sql")
    assert sql is not None  # noqa: S101 - `require` has seen the key
    sql.only(_KEYS)
    sql.require("select")
    table = Table(table.file, table.path, {"columns": {}, **table.entries})
    database = _database(sql, os.environ if environment is None else environment)
    if not is_postgresql(database):
        database = str(path.parent / database)
    return Query(
        database=database,
        select=sql.needed("select"),
        binding=read_binding(table, text),
        name=source,
    )


def _database(sql: Table, environment: Mapping[str, str]) -> str:
    said, variable = sql.text("database"), sql.text("database_from")
    if (said is None) == (variable is None):
        raise sql.error(
            f"`{sql.path}` has {'neither' if said is None else 'both'} `database` and `database_from`, "
            "expected one of them"
        )
    if variable is None:
        assert said is not None  # noqa: S101 - one of them is there
        return said
    if not environment.get(variable):
        raise sql.error(
            f"`{sql.name_of('database_from')}` is `{variable}`, and the environment has no such variable",
            hint=f"set {variable} to the database's file or address",
        )
    return environment[variable]


@contextmanager
def asked(query: Query) -> Iterator[Answer]:
    """Ask a query, and give its rows as long as the block lasts.

    Raises:
        InputError: The database refuses the query, or it is none that only reads.
        UnavailableError: The database cannot be reached, or breaks off.
    """
    ask = ask_postgresql if is_postgresql(query.database) else ask_sqlite
    with ask(query.database, query.select, query.name) as (columns, rows):
        twice = sorted({one for one in columns if columns.count(one) > 1})
        if twice:
            raise InputError(
                f"the query has several columns `{twice[0]}`, expected each name once",
                code="records/query",
                hint="name them with AS",
                where=Where(file=query.name),
            )
        yield Answer(tuple(columns), rows)


class RowReader:
    """Makes of a query's rows what a line of JSON would say, and counts them into a digest.

    Args:
        name: The source, for messages.
        columns: The names of its columns.
        lists: Columns that hold lists of ids: an array, text of a JSON array, or one id.
    """

    def __init__(self, *, name: str, columns: Sequence[str], lists: Iterable[str]) -> None:
        self._name = name
        self._columns = tuple(columns)
        self._lists = frozenset(lists)
        self._digest = sha256(encode(list(columns)) + b"\n")

    @property
    def sha256(self) -> str:
        """The SHA-256 of what was read so far, in hexadecimal.

        It is of lines of canonical JSON: the names of the columns, and then an array for each row.
        """
        return self._digest.hexdigest()

    def objects(self, rows: Iterable[Sequence[Any]]) -> Iterator[tuple[dict[str, Any], int]]:
        """Give each row by its columns, with about how many bytes it takes.

        Raises:
            InputError: A value is of no kind that records have.
        """
        for number, row in enumerate(rows):
            values = [
                self._value(name, value, number)
                for name, value in zip(self._columns, row, strict=True)
            ]
            line = self._encoded(values, number)
            self._digest.update(line + b"\n")
            yield dict(zip(self._columns, values, strict=True)), len(line)

    def _value(self, name: str, value: Any, number: int) -> Any:
        plain = _plain(value)
        if plain is None and value is not None:
            raise self._error(
                f"`{name}` holds a value of type `{type(value).__name__}`, expected text, a number, a "
                "time, a list or nothing",
                number,
                hint="turn it into text in the query",
            )
        if name in self._lists and isinstance(plain, str | int):
            return self._list(name, plain, number)
        return plain

    def _list(self, name: str, value: str | int, number: int) -> list[Any]:
        if not isinstance(value, str) or not value.lstrip().startswith("["):
            return [value]
        try:
            found = decode(value)
        except NoJsonError as error:
            raise self._error(
                f"`{shown(value)}` in `{name}` is no JSON array, expected one such as `[1,2]`",
                number,
            ) from error
        return list(found)

    def _encoded(self, values: Sequence[Any], number: int) -> bytes:
        try:
            return encode(values)
        except (TypeError, ValueError):
            odd = next(
                name
                for name, value in zip(self._columns, values, strict=True)
                if not _is_json(value)
            )
            raise self._error(
                f"`{odd}` holds a value that JSON does not have, expected finite numbers, whole text, and lists "
                "of them",
                number,
            ) from None

    def _error(self, message: str, number: int, hint: str | None = None) -> InputError:
        return InputError(
            message, code="records/value", hint=hint, where=place_of(self._name, ROW, number)
        )


def _plain(value: Any) -> Any:
    """Give a value of a database as JSON has it, or None where it has none."""
    match value:
        case datetime() | date() | time():
            return value.isoformat()
        case Decimal() | UUID():
            return str(value)
        case list() | tuple():
            return [_plain(one) for one in value]
        case bool() | int() | float() | str() | dict():
            return value
        case _:
            return None


def _is_json(value: Any) -> bool:
    try:
        encode(value)
    except (TypeError, ValueError):
        return False
    return True
