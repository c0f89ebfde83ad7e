# SPDX-License-Identifier: Apache-2.0
"""An option that several commands have is written once: one word, one meaning, one help text (`privity.cli.options`)."""

from __future__ import annotations

import ast
from collections import defaultdict
from pathlib import Path

COMMANDS = Path(__file__).resolve().parents[2] / "src" / "privity" / "cli"


def options_of(text: str) -> list[str]:
    """The options with a help text that a module writes, each as code."""
    return [
        ast.unparse(node)
        for node in ast.walk(ast.parse(text))
        if isinstance(node, ast.Call)
        and ast.unparse(node.func) == "click.option"
        and any(one.arg == "help" for one in node.keywords)
    ]


def test_the_same_option_is_found_however_it_is_laid_out() -> None:
    one = 'a = click.option("--at", help="When.")'
    other = '@click.option(\n    "--at",\n    help="When.",\n)\ndef f(): ...'
    assert options_of(one) == options_of(other) != []


def test_no_option_is_written_twice() -> None:
    places: defaultdict[str, list[str]] = defaultdict(list)
    for path in sorted(COMMANDS.rglob("*.py")):
        for option in options_of(path.read_text(encoding="utf-8")):
            places[option].append(path.relative_to(COMMANDS).as_posix())
    assert len(places) > 50
    assert not {option: found for option, found in places.items() if len(found) > 1}
