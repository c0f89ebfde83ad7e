# SPDX-License-Identifier: Apache-2.0
"""What `privity policy check` has to say, as values (specs/policy.md part 5)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from privity.errors import InputError, Where


class Level(StrEnum):
    """How much a finding weighs.

    An *error* cannot be used. An *alarm* can, and somebody should be asked why it is so. A *warning*
    is something that can never matter, or surely was meant otherwise. A *note* is worth knowing.
    """

    ERROR = "error"
    ALARM = "alarm"
    WARNING = "warning"
    NOTE = "note"


@dataclass(frozen=True, kw_only=True, slots=True)
class Finding:
    """One thing found in a policy.

    Attributes:
        level: How much it weighs.
        code: Its stable name, such as `policy-check/back-dated`.
        message: One line: lower-case start, no full stop, what was written in backticks.
        where: The place in the text, or None where it is about several files.
        hint: What to do, with a lower-case start and no full stop, or None.
    """

    level: Level
    code: str
    message: str
    where: Where | None = None
    hint: str | None = None

    def __str__(self) -> str:
        """Render as `file:line:column: level: message [code]`."""
        place = "" if self.where is None else f"{self.where}: "
        return f"{place}{self.level}: {self.message} [{self.code}]"


def alarm(code: str, message: str, where: Where | None, hint: str | None = None) -> Finding:
    """Make an alarm."""
    return _finding(Level.ALARM, code, message, where, hint)


def error(code: str, message: str, where: Where | None, hint: str | None = None) -> Finding:
    """Make an error."""
    return _finding(Level.ERROR, code, message, where, hint)


def warning(code: str, message: str, where: Where | None, hint: str | None = None) -> Finding:
    """Make a warning."""
    return _finding(Level.WARNING, code, message, where, hint)


def note(code: str, message: str, where: Where | None, hint: str | None = None) -> Finding:
    """Make a note."""
    return _finding(Level.NOTE, code, message, where, hint)


def from_problem(problem: InputError) -> Finding:
    """Turn a problem of reading into a finding."""
    return error(problem.code, problem.message, problem.where, problem.hint)


def _finding(
    level: Level, code: str, message: str, where: Where | None, hint: str | None
) -> Finding:
    return Finding(level=level, code=code, message=message, where=where, hint=hint)


@dataclass(frozen=True, slots=True)
class Place:
    """Finds the line of a value by its path, in one policy's text.

    Attributes:
        file: The policy's file.
        marks: Where each path stands; a path without a mark stands at its nearest parent.
    """

    file: str
    marks: Mapping[str, Where]

    def __call__(self, path: str) -> Where:
        """Give the place of a value, or of what it is part of."""
        while path:
            if (found := self.marks.get(path)) is not None:
                return found
            path = path[: max(path.rfind("."), path.rfind("["), 0)]
        return Where(file=self.file)


def in_order(findings: Iterable[Finding]) -> tuple[Finding, ...]:
    """Order findings for reading: the gravest level first, then by file and line."""
    return tuple(sorted(findings, key=_key))


_GRAVEST_FIRST: Final = (Level.ALARM, Level.ERROR, Level.WARNING, Level.NOTE)


def _key(finding: Finding) -> tuple[int, str, int, int]:
    where = finding.where or Where()
    return (
        _GRAVEST_FIRST.index(finding.level),
        where.file or "",
        where.line or 0,
        where.column or 0,
    )
