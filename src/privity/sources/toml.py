# SPDX-License-Identifier: Apache-2.0
"""Strict TOML for bindings: every key is known, every value has the form that it must have.

Decides what a binding's text says before anybody asks what it means; a key that nobody knows is an
error that names the nearest ones.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from privity.canonical.instants import Instant, parse_instant, seconds_of
from privity.errors import InputError, Where
from privity.vocabulary.terms import unknown

_PLACE: Final = re.compile(
    r"^(?P<what>.*) \(at (?:line (?P<line>\d+), column (?P<column>\d+)|.*)\)$"
)


@dataclass(frozen=True, slots=True)
class Table:
    """One table of a TOML file.

    Attributes:
        file: The file's name, for messages.
        path: The keys that lead to the table, joined by dots; empty for the file itself.
        entries: What stands in it.
    """

    file: str
    path: str
    entries: Mapping[str, Any]

    def name_of(self, key: str) -> str:
        """Give the whole name of a key in the table."""
        return f"{self.path}.{key}" if self.path else key

    def error(self, message: str, *, hint: str | None = None) -> InputError:
        """Make an error about a value in the table."""
        return InputError(message, code="binding/value", hint=hint, where=Where(file=self.file))

    def only(self, known: Collection[str]) -> None:
        """Check that no other keys stand in the table.

        Raises:
            InputError: One does; the message names the nearest known ones.
        """
        for key in self.entries:
            if key not in known:
                error = unknown("key", self.name_of(key), [self.name_of(one) for one in known])
                raise InputError(
                    error.message,
                    code="binding/unknown-key",
                    hint=error.hint,
                    where=Where(file=self.file),
                )

    def require(self, key: str) -> None:
        """Check that a key stands in the table.

        Raises:
            InputError: It does not.
        """
        if key not in self.entries:
            raise InputError(
                f"`{self.name_of(key)}` is missing, expected it",
                code="binding/missing-key",
                where=Where(file=self.file),
            )

    def text(self, key: str) -> str | None:
        """Give the text at a key, or None where the key is left out.

        Raises:
            InputError: It is no text, or empty.
        """
        value = self.entries.get(key)
        if value is None:
            return None
        if not isinstance(value, str) or not value:
            raise self.error(f"`{self.name_of(key)}` is `{value}`, expected text")
        return value

    def needed(self, key: str) -> str:
        """Give the text at a key that must be there.

        Raises:
            InputError: It is missing, no text, or empty.
        """
        self.require(key)
        value = self.text(key)
        assert value is not None  # noqa: S101 - `require` has seen the key, and TOML has no null
        return value

    def choice(self, key: str, choices: Collection[str]) -> str | None:
        """Give one of a few words, or None where the key is left out.

        Raises:
            InputError: It is none of them.
        """
        value = self.text(key)
        if value is not None and value not in choices:
            listed = ", ".join(f"`{choice}`" for choice in choices)
            raise self.error(f"`{self.name_of(key)}` is `{value}`, expected one of {listed}")
        return value

    def texts(self, key: str) -> tuple[str, ...] | None:
        """Give the list of texts at a key, or None where the key is left out.

        Raises:
            InputError: It is no such list, or a text stands in it twice.
        """
        value = self.entries.get(key)
        if value is None:
            return None
        if not isinstance(value, list) or not all(
            isinstance(one, str) and one for one in value
        ):
            raise self.error(f"`{self.name_of(key)}` is `{value}`, expected a list of texts")
        for one in value:
            if value.count(one) > 1:
                raise self.error(
                    f"`{one}` stands twice in `{self.name_of(key)}`, expected once"
                )
        return tuple(value)

    def mapping(self, key: str) -> Mapping[str, str] | None:
        """Give the table of texts at a key, or None where the key is left out.

        Raises:
            InputError: It is no such table.
        """
        value = self.entries.get(key)
        if value is None:
            return None
        if not isinstance(value, dict) or not all(
            isinstance(one, str) for one in value.values()
        ):
            raise self.error(
                f"`{self.name_of(key)}` is `{value}`, expected a table from text to text"
            )
        return value

    def table(self, key: str) -> Table | None:
        """Give the table at a key, or None where the key is left out.

        Raises:
            InputError: It is no table.
        """
        value = self.entries.get(key)
        if value is None:
            return None
        if not isinstance(value, dict):
            raise self.error(f"`{self.name_of(key)}` is `{value}`, expected a table")
        return Table(self.file, self.name_of(key), value)

    def tables(self, key: str) -> tuple[Table, ...]:
        """Give the list of tables at a key (`[[key]]`); none where the key is left out.

        Raises:
            InputError: It is no such list.
        """
        value = self.entries.get(key, [])
        if not isinstance(value, list) or not all(isinstance(one, dict) for one in value):
            raise self.error(f"`{self.name_of(key)}` is `{value}`, expected tables `[[{key}]]`")
        return tuple(
            Table(self.file, f"{self.name_of(key)}[{place}]", one)
            for place, one in enumerate(value)
        )

    def instant(self, key: str) -> Instant | None:
        """Give the instant at a key, written as text or as TOML's own date and time, or None.

        Raises:
            InputError: It is no instant, has no zone, or no whole seconds.
        """
        value = self.entries.get(key)
        if value is None:
            return None
        try:
            # TOML's own dates and times come as objects of `datetime`; a date has no `tzinfo`.
            if hasattr(value, "tzinfo") and hasattr(value, "date"):
                return seconds_of(value)
            return parse_instant(str(value))
        except InputError as error:
            raise self.error(f"`{self.name_of(key)}`: {error.message}") from error


def read_binding_file(path: Path) -> str:
    """Read the text of a binding's file.

    Raises:
        InputError: It cannot be read.
    """
    try:
        return path.read_bytes().decode("utf-8")  # line ends as they are: it has a digest
    except (OSError, UnicodeDecodeError) as error:
        what = error.strerror if isinstance(error, OSError) else "it is not UTF-8"
        raise InputError(
            f"cannot read the binding: {what}",
            code="binding/unreadable",
            where=Where(file=str(path)),
        ) from error


def read_table(text: str, *, file: str) -> Table:
    """Read the text of a TOML file.

    Raises:
        InputError: It is no TOML; the place says line and column.
    """
    try:
        # Some editors begin a file with a mark of its encoding.
        return Table(file, "", tomllib.loads(text.removeprefix("\ufeff")))
    except tomllib.TOMLDecodeError as error:
        match = _PLACE.match(str(error))
        what = match["what"] if match else str(error)
        line = int(match["line"]) if match and match["line"] else None
        column = int(match["column"]) if match and match["column"] else None
        raise InputError(
            f"no TOML: {what[:1].lower()}{what[1:]}",
            code="binding/syntax",
            where=Where(file=file, line=line, column=column),
        ) from error
