# SPDX-License-Identifier: Apache-2.0
"""One query of a platform's SQLite file, opened so that nothing can be written to it."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any, Final

from privity.errors import InputError, UnavailableError, Where

_AT_ONCE: Final = 4096
_WAIT: Final = 10.0


@contextmanager
def ask_sqlite(
    database: str, select: str, name: str
) -> Iterator[tuple[list[str], Iterator[Sequence[Any]]]]:
    """Give the names of a query's columns, and its rows as long as the block lasts.

    A cursor of SQLite sees one state of the database from its first row to its last.

    Args:
        database: The file.
        select: One statement that only reads.
        name: Who asks, for messages.

    Raises:
        InputError: There is no such file, or it refuses the query.
        UnavailableError: It cannot be read on.
    """
    path = Path(database)
    if not path.is_file():
        raise InputError(
            f"there is no file `{database}`, expected a database of SQLite",
            code="records/database",
            where=Where(file=name),
        )
    with closing(_opened(path, name)) as connection:
        try:
            cursor = connection.execute(select)
        except (sqlite3.Error, sqlite3.Warning) as error:
            raise _refused(error, name) from error
        if cursor.description is None:
            raise InputError(
                "the statement gives no rows, expected one that selects",
                code="records/query",
                where=Where(file=name),
            )
        yield [one[0] for one in cursor.description], _rows(cursor, name)


def _opened(path: Path, name: str) -> sqlite3.Connection:
    try:
        connection = sqlite3.connect(
            f"{path.absolute().as_uri()}?mode=ro", uri=True, timeout=_WAIT
        )
        connection.execute("PRAGMA query_only = ON")
    except sqlite3.Error as error:
        raise _unavailable(name) from error
    return connection


def _rows(cursor: sqlite3.Cursor, name: str) -> Iterator[Sequence[Any]]:
    while True:
        try:
            some = cursor.fetchmany(_AT_ONCE)
        except sqlite3.OperationalError as error:
            if "decode" in str(error):
                raise InputError(
                    "a column holds text that is no UTF-8, expected UTF-8",
                    code="records/value",
                    where=Where(file=name),
                ) from error
            raise _unavailable(name) from error
        except sqlite3.Error as error:
            raise _unavailable(name) from error
        if not some:
            return
        yield from some


def _refused(error: Exception, name: str) -> InputError:
    """Say what SQLite says of the query's text; of rows it has seen none yet."""
    return InputError(
        f"the database refuses the query: {' '.join(str(error).split())}",
        code="records/query",
        where=Where(file=name),
    )


def _unavailable(name: str) -> UnavailableError:
    return UnavailableError(
        "the database cannot be read on",
        code="records/database-unavailable",
        hint="look whether it is a database of SQLite, and whether somebody holds it locked",
        where=Where(file=name),
    )
