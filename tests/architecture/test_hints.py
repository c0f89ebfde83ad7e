# SPDX-License-Identifier: Apache-2.0
"""A hint is a line as its error is: it starts in lower case, and no full stop ends it."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

SOURCE = Path(__file__).resolve().parents[2] / "src" / "privity"
FILES = sorted(SOURCE.rglob("*.py"))


def hints(code: str) -> Iterator[str]:
    """The texts that are written where a hint is given; what a name stands for is not looked at."""
    for node in ast.walk(ast.parse(code)):
        if isinstance(node, ast.keyword) and node.arg == "hint":
            yield from texts(node.value)


def texts(value: ast.expr) -> Iterator[str]:
    match value:
        case ast.Constant(value=str(text)):
            yield text
        case ast.JoinedStr():
            yield "".join(
                str(one.value) if isinstance(one, ast.Constant) else "`x`"
                for one in value.values
            )
        case ast.IfExp():
            yield from texts(value.body)
            yield from texts(value.orelse)
        case _:  # A name, a call: what it gives is not written here.
            pass


def is_a_line(hint: str) -> bool:
    return not hint[:1].isupper() and not hint.endswith(".")


def test_hints_are_written_as_their_errors_are() -> None:
    found = {
        str(path.relative_to(SOURCE)): [
            one for one in hints(path.read_text("utf-8")) if not is_a_line(one)
        ]
        for path in FILES
    }
    assert {path: sentences for path, sentences in found.items() if sentences} == {}


def test_a_sentence_is_noticed() -> None:
    code = "fail(hint='Do it.' if near else f'{name} is meant.')"
    assert [is_a_line(one) for one in hints(code)] == [False, False]
    assert [is_a_line(one) for one in hints("fail(hint='name it as `a.b`')")] == [True]
