# SPDX-License-Identifier: Apache-2.0
"""Modules stay small, documented and honestly named (CONTRIBUTING.md, "House rules")."""

from __future__ import annotations

import ast
import io
import tokenize
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
SOURCES = sorted((ROOT / "src").rglob("*.py"))
EVERYTHING = sorted(
    path
    for folder in ("src", "tests", "benchmarks", "examples", "docs")
    for path in (ROOT / folder).rglob("*.py")
)

CODE_LINES = 400
FUNCTION_LINES = 80
NAMES_THAT_SAY_NOTHING = frozenset(
    {
        "base",
        "common",
        "core",
        "helper",
        "helpers",
        "manager",
        "misc",
        "service",
        "util",
        "utils",
    }
)
LAYOUT = frozenset(
    {
        tokenize.COMMENT,
        tokenize.DEDENT,
        tokenize.ENCODING,
        tokenize.ENDMARKER,
        tokenize.INDENT,
        tokenize.NEWLINE,
        tokenize.NL,
    }
)

Documented = ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef


def every_source(paths: list[Path]) -> pytest.MarkDecorator:
    return pytest.mark.parametrize(
        "path", paths, ids=[path.relative_to(ROOT).as_posix() for path in paths]
    )


def docstring_lines(tree: ast.Module) -> set[int]:
    """The lines that docstrings take."""
    lines: set[int] = set()
    for node in ast.walk(tree):
        if isinstance(node, Documented) and ast.get_docstring(node, clean=False) is not None:
            first = node.body[0]
            lines.update(range(first.lineno, (first.end_lineno or first.lineno) + 1))
    return lines


def code_lines(text: str) -> set[int]:
    """The lines with code on them: no blank lines, comments or docstrings."""
    lines: set[int] = set()
    for token in tokenize.generate_tokens(io.StringIO(text).readline):
        if token.type not in LAYOUT:
            lines.update(range(token.start[0], token.end[0] + 1))
    return lines - docstring_lines(ast.parse(text))


def test_code_lines_leave_out_blanks_comments_and_docstrings() -> None:
    text = '"""Doc.\n\nMore.\n"""\n\n# why\nx = (\n    1,\n)\n'
    assert code_lines(text) == {7, 8, 9}


@every_source(EVERYTHING)
def test_a_file_says_its_licence_in_its_first_line(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    first, _, rest = text.partition("\n")
    if first.startswith("#!"):
        first = rest.partition("\n")[0]
    assert first == "# SPDX-License-Identifier: Apache-2.0"


@every_source(SOURCES)
def test_a_module_says_what_it_decides(path: Path) -> None:
    assert ast.get_docstring(ast.parse(path.read_text(encoding="utf-8")))


@every_source(EVERYTHING)
def test_a_module_fits_in_one_reading(path: Path) -> None:
    assert len(code_lines(path.read_text(encoding="utf-8"))) <= CODE_LINES


@every_source(EVERYTHING)
def test_a_function_fits_on_a_screen(path: Path) -> None:
    tree = ast.parse(path.read_text(encoding="utf-8"))
    long = {
        node.name: length
        for node in ast.walk(tree)
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
        and (length := (node.end_lineno or node.lineno) - node.lineno + 1) > FUNCTION_LINES
    }
    assert not long


@every_source(EVERYTHING)
def test_a_name_says_what_is_inside(path: Path) -> None:
    assert not NAMES_THAT_SAY_NOTHING & set(path.relative_to(ROOT).with_suffix("").parts)
