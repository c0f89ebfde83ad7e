# SPDX-License-Identifier: Apache-2.0
"""The pages tell the truth: their examples run, their links lead somewhere, their blocks are checked."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
PAGES = sorted(
    path
    for pattern in (
        "*.md",
        "docs/**/*.md",
        "specs/**/*.md",
        "examples/**/*.md",
        "changelog.d/*.md",
    )
    for path in ROOT.glob(pattern)
    if "_build" not in path.parts and path.name != "template.md"
)
LINK = re.compile(r"(?<!!)\[[^\]]*\]\((?P<target>[^)\s#]+)(?:#[^)]*)?\)")
FENCE = re.compile(r"^ *```+ *(?P<language>[^\n`]*)$", re.MULTILINE)
CODE = re.compile(r"^ *(```+).*?^ *\1|`[^`\n]*`", re.MULTILINE | re.DOTALL)
BARE_SKIP = re.compile(r"^(?:<!--|%) *skip: *(?:next|start) *(?:-->)?$", re.MULTILINE)
# Shown as commands and run by nobody: `console`, with `$ ` before each command, is run.
NOT_RUN = frozenset({"bash", "sh", "shell", "shell-session", "zsh"})

every_page = pytest.mark.parametrize(
    "page", PAGES, ids=[path.relative_to(ROOT).as_posix() for path in PAGES]
)


@every_page
def test_the_examples_of_a_page_run(page: Path, run_page: Callable[[Path], int]) -> None:
    run_page(page)


@every_page
def test_commands_are_written_so_that_they_are_run(page: Path) -> None:
    text = page.read_text(encoding="utf-8")
    assert sorted(NOT_RUN.intersection(FENCE.findall(text))) == []


@every_page
def test_who_leaves_an_example_out_says_why(page: Path) -> None:
    assert not BARE_SKIP.search(page.read_text(encoding="utf-8"))


@every_page
def test_links_within_the_repository_lead_somewhere(page: Path) -> None:
    text = CODE.sub("", page.read_text(encoding="utf-8"))
    targets = [target for target in LINK.findall(text) if "://" not in target]
    dead = [
        target
        for target in targets
        if not target.startswith("mailto:") and not (page.parent / target).exists()
    ]
    assert dead == []
