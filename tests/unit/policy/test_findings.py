# SPDX-License-Identifier: Apache-2.0
"""Findings say how grave they are and where, and every one has its line on the page (POL-40)."""

from __future__ import annotations

import ast
import re
from pathlib import Path

from privity.errors import InputError, Where
from privity.policy.findings import (
    Finding,
    Level,
    Place,
    alarm,
    error,
    from_problem,
    in_order,
    note,
    warning,
)

LINE = re.compile(
    r"^\| `(policy-check/[a-z-]+)` \| (alarm|error|warning|note) \|", re.MULTILINE
)


def made_in(source: Path) -> set[tuple[str, str]]:
    """The codes and levels of findings that the source makes."""
    return {
        (node.args[0].value, node.func.id)
        for path in source.rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Name)
        and node.func.id in set(Level)
        and isinstance(node.args[0], ast.Constant)
        and isinstance(node.args[0].value, str)
    }


def test_every_finding_is_on_the_page_and_no_other(repository: Path) -> None:
    page = (repository / "docs" / "policy.md").read_text(encoding="utf-8")
    assert set(LINE.findall(page)) == made_in(repository / "src" / "privity" / "policy")


def test_a_finding_has_the_level_that_it_is_made_with() -> None:
    where = Where(file="f", line=1)
    for make, level in (
        (alarm, Level.ALARM),
        (error, Level.ERROR),
        (warning, Level.WARNING),
        (note, Level.NOTE),
    ):
        assert make("policy/x", "said", where, "Do it.") == Finding(
            level=level, code="policy/x", message="said", where=where, hint="Do it."
        )


def test_a_problem_of_reading_is_an_error() -> None:
    where = Where(file="f", line=2, column=3)
    problem = InputError("said", code="policy/type", hint="Do it.", where=where)
    assert from_problem(problem) == error("policy/type", "said", where, "Do it.")
    assert str(from_problem(problem)) == "f:2:3: error: said [policy/type]"


def test_findings_are_read_from_the_gravest_on() -> None:
    def at(file: str, line: int) -> Where:
        return Where(file=file, line=line)

    last, second = note("policy/x", "x", at("a", 1)), error("policy/x", "x", at("b", 1))
    first, third = alarm("policy/x", "x", at("c", 9)), warning("policy/x", "x", at("a", 2))
    fourth = warning("policy/x", "x", at("a", 3))
    nowhere = error("policy/x", "x", None)
    assert in_order([last, fourth, third, second, first, nowhere]) == (
        first,
        nowhere,
        second,
        third,
        fourth,
        last,
    )


def test_a_place_without_a_mark_is_that_of_its_parent() -> None:
    """POL-4."""
    marks = {"a": Where(file="f", line=1), "a.b[0].c": Where(file="f", line=3)}
    place = Place("f", marks)
    assert place("a.b[0].c").line == 3
    assert place("a.b[1].c").line == 1
    assert place("z.y") == Where(file="f")
