# SPDX-License-Identifier: Apache-2.0
"""What can go wrong, in four families by whose move is next.

A refusal is not here: it is a value with reasons (`privity.decide.request.Decision`). A bug stays a
plain exception. Every error is one line: what was seen, what was expected, and where.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True, slots=True)
class Where:
    """A place in somebody's input; lines and columns count from 1, rows from 0."""

    file: str | None = None
    line: int | None = None
    column: int | None = None
    row: int | None = None

    def __str__(self) -> str:
        """Render as `file:line:column`, or `file row N` for tables without lines."""
        text = self.file or "<input>"
        if self.line is not None:
            text += f":{self.line}"
            if self.column is not None:
                text += f":{self.column}"
        if self.row is not None:
            text += f" row {self.row}"
        return text


class PrivityError(Exception):
    """Any error of Privity's own making.

    Args:
        message: One line, lower-case start, no full stop, user input in backticks.
        code: Stable name such as `policy/unknown-purpose`, listed in docs/errors.md.
        hint: What to do, with a lower-case start and no full stop, or None.
        where: The place in the input, or None.
    """

    exit_code = 1

    def __init__(
        self,
        message: str,
        *,
        code: str,
        hint: str | None = None,
        where: Where | None = None,
    ) -> None:
        super().__init__(message)
        self.message = message
        self.code = code
        self.hint = hint
        self.where = where

    def __str__(self) -> str:
        """Render the one line: where, then what."""
        return f"{self.where}: {self.message}" if self.where is not None else self.message


class InputError(PrivityError):
    """You gave us something that we cannot read (CLI exit 2)."""

    exit_code = 2


class VerificationError(PrivityError):
    """Somebody's bytes do not prove what they claim (CLI exit 3)."""

    exit_code = 3


class ConflictError(PrivityError):
    """The world moved, or the target is not in the state asked for (CLI exit 4)."""

    exit_code = 4


class UnavailableError(PrivityError):
    """A store, engine, disk or key cannot be reached (CLI exit 5)."""

    exit_code = 5
