# SPDX-License-Identifier: Apache-2.0
"""Modules stay small, documented and honestly named (CONTRIBUTING.md, "House rules")."""

from __future__ import annotations

import ast
import io
import tokenize
from collections.abc import Callable
from pathlib import Path

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


def offending(paths: list[Path], keeps: Callable[[Path], object]) -> list[str]:
    """The files that do not keep a rule."""
    return [path.relative_to(ROOT).as_posix() for path in paths if not keeps(path)]


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


def says_its_licence(path: Path) -> bool:
    first, _, rest = path.read_text(encoding="utf-8").partition("\n")
    if first.startswith("#!"):
        first = rest.partition("\n")[0]
    return first == "# SPDX-License-Identifier: Apache-2.0"


def longest_function(path: Path) -> int:
    """How many lines the longest function of a file has."""
    return max(
        (
            (node.end_lineno or node.lineno) - node.lineno + 1
            for node in ast.walk(tree_of(path))
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
        ),
        default=0,
    )


def tree_of(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"))


def test_a_file_says_its_licence_in_its_first_line() -> None:
    assert offending(EVERYTHING, says_its_licence) == []


def test_a_module_says_what_it_decides() -> None:
    assert offending(SOURCES, lambda path: ast.get_docstring(tree_of(path))) == []


def test_a_module_fits_in_one_reading() -> None:
    def fits(path: Path) -> bool:
        text = path.read_text(encoding="utf-8")
        # Only of what is longer altogether the lines with code have to be told apart.
        return text.count("\n") < CODE_LINES or len(code_lines(text)) <= CODE_LINES

    assert offending(EVERYTHING, fits) == []


def test_a_function_fits_on_a_screen() -> None:
    assert offending(EVERYTHING, lambda path: longest_function(path) <= FUNCTION_LINES) == []


def test_a_name_says_what_is_inside() -> None:
    def says(path: Path) -> bool:
        return not NAMES_THAT_SAY_NOTHING & set(path.relative_to(ROOT).with_suffix("").parts)

    assert offending(EVERYTHING, says) == []


def test_a_file_that_keeps_no_rule_is_named(tmp_path: Path) -> None:
    bad = tmp_path / "bad.py"
    bad.write_text("def long():\n" + "    1\n" * FUNCTION_LINES, "utf-8")
    assert not says_its_licence(bad)
    assert longest_function(bad) == FUNCTION_LINES + 1
    assert offending(SOURCES[:1], lambda _: False) == ["src/network/__init__.py"]
