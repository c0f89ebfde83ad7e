# SPDX-License-Identifier: Apache-2.0
"""Every fragment of the changelog has a type that towncrier knows: it leaves out any other without a word."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
FOLDER = ROOT / "changelog.d"
FRAGMENT = re.compile(r"[a-z0-9-]+\.(?P<type>[a-z]+)\.md")


def types() -> list[str]:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
    return [str(one["directory"]) for one in project["tool"]["towncrier"]["type"]]


def test_every_fragment_has_a_type_that_is_shown() -> None:
    fragments = [one.name for one in FOLDER.iterdir()]
    fragments = [one for one in fragments if one not in {"README.md", "template.md"}]
    named = {name: FRAGMENT.fullmatch(name) for name in fragments}
    assert [
        n for n, found in named.items() if found is None or found["type"] not in types()
    ] == []


def test_the_folder_says_what_each_type_is_for() -> None:
    table = re.findall(
        r"^\| `(\w+)` \|", (FOLDER / "README.md").read_text("utf-8"), re.MULTILINE
    )
    assert table == types()
