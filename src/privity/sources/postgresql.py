# SPDX-License-Identifier: Apache-2.0
"""One query of a platform's PostgreSQL, in a transaction that reads one state and writes nothing."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from importlib import import_module
from types import ModuleType
from typing import Any, Final

from privity.errors import InputError, UnavailableError, Where

_SCHEMES: Final = ("postgresql://", "postgres://")
_AT_ONCE: Final = 4096
_WAIT: Final = "10"
_NO_LOCK: Final = f"-c lock_timeout={_WAIT}s"
"""Whoever changes a table holds it: a query that waited for ever would hold up whoever comes after it."""
# Of these classes of SQLSTATE a message speaks of the query's own words, and of no row.
_OF_THE_QUERY: Final = ("42", "0A", "25")


def is_postgresql(database: str) -> bool:
    """Tell whether a database is named by an address of PostgreSQL."""
    return database.startswith(_SCHEMES)


@contextmanager
def ask_postgresql(
    database: str, select: str, name: str
) -> Iterator[tuple[list[str], Iterator[Sequence[Any]]]]:
    """Give the names of a query's columns, and its rows as long as the block lasts.

    A cursor on the server gives them some at a time. The password comes from where libpq looks for it, and not from
    a file of the project's.

    Args:
        database: The address, without a password.
        select: One statement that only reads.
        name: Who asks, for messages.

    Raises:
        InputError: psycopg is not installed, the address is none or has a password, or the server refuses the query.
        UnavailableError: The server cannot be reached, or breaks off.
    """
    psycopg = _driver(name)
    words = _words(psycopg, database, name)
    try:
        connection = psycopg.connect(**{"connect_timeout": _WAIT, "options": _NO_LOCK, **words})
    except psycopg.OperationalError as error:
        raise _unavailable(name) from error
    with connection:
        connection.read_only = True
        connection.isolation_level = psycopg.IsolationLevel.REPEATABLE_READ
        with connection.cursor(name="privity") as cursor:
            cursor.itersize = _AT_ONCE
            try:
                cursor.execute(select.encode())
                columns = [one.name for one in cursor.description or ()]
            except psycopg.Error as error:
                raise _failed(psycopg, error, name) from error
            yield columns, _rows(psycopg, cursor, name)


def _driver(name: str) -> ModuleType:
    try:
        return import_module("psycopg")
    except ImportError as error:
        raise InputError(
            "PostgreSQL is read by psycopg, which is not installed",
            code="records/no-driver",
            hint="install it: pip install 'privity[postgresql]'",
            where=Where(file=name),
        ) from error


def _words(psycopg: ModuleType, database: str, name: str) -> dict[str, Any]:
    """Take an address apart; it is not repeated, since nobody knows what was put into it."""
    try:
        words = dict(psycopg.conninfo.conninfo_to_dict(database))
    except psycopg.ProgrammingError as error:
        raise InputError(
            "the address of the database is none that PostgreSQL reads",
            code="records/database",
            hint="write it as postgresql://user@host:5432/name",
            where=Where(file=name),
        ) from error
    if "password" in words:
        raise InputError(
            "the address of the database has a password, expected none",
            code="records/database",
            hint="put it into PGPASSWORD or a file ~/.pgpass, where libpq looks for it",
            where=Where(file=name),
        )
    return words


def _rows(psycopg: ModuleType, cursor: Any, name: str) -> Iterator[Sequence[Any]]:
    try:
        yield from cursor
    except psycopg.Error as error:
        raise _failed(psycopg, error, name) from error


def _failed(psycopg: ModuleType, error: Any, name: str) -> InputError | UnavailableError:
    """Say what became of a query, and nothing that may quote a row."""
    state = error.sqlstate
    if state is None or isinstance(error, psycopg.OperationalError):
        return _unavailable(name)
    about = type(error).__name__
    if state.startswith(_OF_THE_QUERY):
        about = " ".join((error.diag.message_primary or about).split())
    return InputError(
        f"the database refuses the query ({state}): {about}",
        code="records/query",
        where=Where(file=name),
    )


def _unavailable(name: str) -> UnavailableError:
    return UnavailableError(
        "the database cannot be reached, or broke off",
        code="records/database-unavailable",
        hint="try the same address with psql",
        where=Where(file=name),
    )
