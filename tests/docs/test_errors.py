# SPDX-License-Identifier: Apache-2.0
"""Every error code is on its page, and the page lists none that is gone."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

from privity import errors

ROOT = Path(__file__).resolve().parents[2]
PAGE = ROOT / "docs" / "errors.md"
# What a look over policies or facts finds is no error; its codes stand on the pages of the two.
NO_ERRORS = frozenset({"ValidationError", "Finding", "Sought"})
# Written like a code, and none.
NO_CODES = frozenset({"records/s"})
CODE = r"[a-z]+(?:-[a-z]+)*/[a-z0-9]+(?:-[a-z0-9]+)*"


def nodes() -> Iterator[ast.AST]:
    for path in (ROOT / "src").rglob("*.py"):
        yield from ast.walk(ast.parse(path.read_text(encoding="utf-8")))


@cache
def calls() -> tuple[ast.Call, ...]:
    """Those that hand a code over."""
    return tuple(
        node
        for node in nodes()
        if isinstance(node, ast.Call) and any(one.arg == "code" for one in node.keywords)
    )


@cache
def strings() -> set[str]:
    return {
        node.value
        for node in nodes()
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
    }


def name_of(function: ast.expr) -> str:
    return ast.unparse(function).rpartition(".")[2]


def handed_over() -> list[ast.expr]:
    """What stands after `code=` in a call."""
    return [
        keyword.value
        for node in calls()
        if name_of(node.func) not in NO_ERRORS
        for keyword in node.keywords
        if keyword.arg == "code"
    ]


def literal_codes() -> set[str]:
    """The codes that stand whole in the source: after `code=`, or passed on by a function."""
    spelled = {
        node.value
        for node in handed_over()
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
    }
    families = {code.partition("/")[0] for code in spelled}
    return (
        spelled
        | {
            text
            for text in strings()
            if re.fullmatch(CODE, text) and text.partition("/")[0] in families
        }
        - NO_CODES
    )


def beginnings() -> set[str]:
    """How the codes begin whose end is filled in, as in `code=f"vocabulary/unknown-{kind}"`."""
    return {
        str(node.values[0].value)
        for node in handed_over()
        if isinstance(node, ast.JoinedStr) and isinstance(node.values[0], ast.Constant)
    }


@pytest.fixture(scope="module")
def listed() -> set[str]:
    return set(re.findall(rf"^\| `({CODE})` \|", PAGE.read_text("utf-8"), re.MULTILINE))


def test_codes_are_spelled_alike() -> None:
    assert [code for code in literal_codes() if not re.fullmatch(CODE, code)] == []


def test_every_code_is_on_its_page(listed: set[str]) -> None:
    assert sorted(literal_codes() - listed) == []
    unlisted = [
        start for start in beginnings() if not any(code.startswith(start) for code in listed)
    ]
    assert unlisted == []


def test_the_page_lists_no_code_that_is_gone(listed: set[str]) -> None:
    filled_in = tuple(beginnings())
    assert sorted(code for code in listed - strings() if not code.startswith(filled_in)) == []


def test_the_page_has_the_exit_code_of_each_family() -> None:
    rows = re.findall(rf"^\| `({CODE})` \| (\d) \|", PAGE.read_text("utf-8"), re.MULTILINE)
    exits = {code: int(number) for code, number in rows}
    found = {
        (keyword.value.value, getattr(errors, name_of(node.func)).exit_code)
        for node in calls()
        if hasattr(errors, name_of(node.func))
        for keyword in node.keywords
        if keyword.arg == "code" and isinstance(keyword.value, ast.Constant)
    }
    assert found
    assert sorted((code, number) for code, number in found if exits[code] != number) == []
