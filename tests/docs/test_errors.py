# SPDX-License-Identifier: Apache-2.0
"""Every error code is on its page, and the page lists none that is gone."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
PAGE = ROOT / "docs" / "errors.md"
CODE = re.compile(r"[a-z]+(?:-[a-z]+)*/[a-z0-9]+(?:-[a-z0-9]+)*")


def raised_codes() -> set[str]:
    """The codes that the source hands to an error, as `code="…"`."""
    return {
        keyword.value.value
        for path in (ROOT / "src").rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Call)
        for keyword in node.keywords
        if keyword.arg == "code"
        and isinstance(keyword.value, ast.Constant)
        and isinstance(keyword.value.value, str)
    }


@pytest.fixture(scope="module")
def listed() -> set[str]:
    return set(re.findall(rf"^\| `({CODE.pattern})` \|", PAGE.read_text("utf-8"), re.MULTILINE))


def test_codes_are_written_alike() -> None:
    assert sorted(code for code in raised_codes() if not CODE.fullmatch(code)) == []


def test_every_code_is_on_its_page(listed: set[str]) -> None:
    assert sorted(raised_codes() - listed) == []


def test_the_page_lists_no_code_that_is_gone(listed: set[str]) -> None:
    source = "\n".join(path.read_text("utf-8") for path in (ROOT / "src").rglob("*.py"))
    assert sorted(code for code in listed if f'"{code}"' not in source) == []
