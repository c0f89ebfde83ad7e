# SPDX-License-Identifier: Apache-2.0
"""A page that names a file of the repository, or a module, names one that is there."""

from __future__ import annotations

import importlib
import re
from collections.abc import Callable, Iterable
from pathlib import Path

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


def missing(names: Callable[[str], Iterable[str]]) -> dict[str, list[str]]:
    """What pages name and is not there, by page."""
    found = {
        page.relative_to(ROOT).as_posix(): sorted(set(names(page.read_text("utf-8"))))
        for page in PAGES
    }
    return {page: listed for page, listed in found.items() if listed}


def missing_files(text: str) -> list[str]:
    places = (ROOT, SOURCE, ROOT / "docs")
    return [
        name
        for name in FILE.findall(text)
        if not MADE.match(name) and not any((place / name).is_file() for place in places)
    ]


def test_the_files_that_pages_name_are_there() -> None:
    assert missing(missing_files) == {}


def test_the_modules_and_functions_that_pages_name_are_there() -> None:
    assert (
        missing(lambda text: (name for name in NAME.findall(text) if not is_there(name))) == {}
    )


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
    assert missing_files("`decide/one.py`, `decide/none.py`") == ["decide/none.py"]
