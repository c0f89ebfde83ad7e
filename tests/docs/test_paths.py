# SPDX-License-Identifier: Apache-2.0
"""A page that names a file of the repository, or a module, names one that is there."""

from __future__ import annotations

import importlib
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
SOURCE = ROOT / "src" / "privity"
PAGES = sorted(
    path
    for pattern in ("*.md", "docs/**/*.md", "specs/*.md", "changelog.d/*.md")
    for path in ROOT.glob(pattern)
    # A decision record and a released change tell of their day.
    if not {"_build", "adr"} & set(path.parts) and path.name != "CHANGELOG.md"
)
FILE = re.compile(r"`((?:[a-z_][\w.-]*/)+[\w.-]+\.(?:py|md|json|csv|yaml|sql|toml|jsonl))`")
NAME = re.compile(r"`(privity(?:\.[a-z_]+)+)`")
# What a command of the page makes.
MADE = re.compile(r"^(?:cleared|for-lab|network|build|DIR)/")


@pytest.fixture(params=PAGES, ids=[path.relative_to(ROOT).as_posix() for path in PAGES])
def text(request: pytest.FixtureRequest) -> str:
    page: Path = request.param
    return page.read_text("utf-8")


def test_the_files_that_a_page_names_are_there(text: str) -> None:
    places = (ROOT, SOURCE, ROOT / "docs")
    missing = {
        name
        for name in FILE.findall(text)
        if not MADE.match(name) and not any((place / name).is_file() for place in places)
    }
    assert missing == set()


def test_the_modules_and_functions_that_a_page_names_are_there(text: str) -> None:
    assert {name for name in NAME.findall(text) if not is_there(name)} == set()


def is_there(name: str) -> bool:
    """Tell whether a dotted name is a module, or a name within one."""
    try:
        importlib.import_module(name)
    except ModuleNotFoundError:
        module, _, last = name.rpartition(".")
        return bool(module) and hasattr(importlib.import_module(module), last)
    return True


def test_a_name_that_is_gone_is_noticed() -> None:
    assert is_there("privity.decide.one")
    assert is_there("privity.app.api.compiled")
    assert not is_there("privity.app.api.gone")
