# SPDX-License-Identifier: Apache-2.0
"""What the page of the command line says of all commands is so of each."""

from __future__ import annotations

import ast
import inspect
import re

import pytest
from tests.docs.conftest import ROOT
from tests.docs.test_cli_examples import COMMANDS_BY_NAME

PAGE = (ROOT / "docs" / "cli.md").read_text(encoding="utf-8")
SOURCE = ROOT / "src" / "privity" / "cli"


def calls_confirm(text: str) -> bool:
    return any(
        isinstance(node, ast.Call) and ast.unparse(node.func).rpartition(".")[2] == "confirm"
        for node in ast.walk(ast.parse(text))
    )


def bullet(beginning: str) -> str:
    """The point of the list that begins so."""
    found = re.search(
        rf"^- {re.escape(beginning)}.*?(?=^- |\n\n)", PAGE, re.DOTALL | re.MULTILINE
    )
    assert found is not None
    return found[0]


@pytest.fixture(scope="module")
def asking() -> dict[str, str]:
    """The commands that ask back, each with its file."""
    found = {}
    for name, command in COMMANDS_BY_NAME.items():
        callback = inspect.unwrap(command.callback) if command.callback else None
        if callback is not None and calls_confirm(inspect.getsource(callback)):
            found[name] = inspect.getfile(callback)
    return found


def test_the_page_names_every_command_that_asks_back(asking: dict[str, str]) -> None:
    said = re.findall(r"`([a-z-]+(?: [a-z-]+)+)`", bullet("**These ask before they act**"))
    assert sorted(f"privity {one}" for one in said) == sorted(asking)


def test_nothing_else_asks_back(asking: dict[str, str]) -> None:
    files = {str(one) for one in SOURCE.rglob("*.py") if calls_confirm(one.read_text("utf-8"))}
    assert files == {*asking.values(), str(SOURCE / "recorded.py")}


def test_who_asks_back_takes_yes(asking: dict[str, str]) -> None:
    for name in asking:
        assert "--yes" in {one for each in COMMANDS_BY_NAME[name].params for one in each.opts}
