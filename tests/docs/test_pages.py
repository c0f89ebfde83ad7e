# SPDX-License-Identifier: Apache-2.0
"""The pages tell the truth: their examples run, their links lead somewhere, their blocks are checked."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection
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


def text_of(page: Path) -> str:
    return page.read_text(encoding="utf-8")


def named(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def with_faults(faults: Callable[[Path], Collection[str]]) -> dict[str, list[str]]:
    """The pages that have faults, each with them."""
    found = {named(page): sorted(faults(page)) for page in PAGES}
    return {page: listed for page, listed in found.items() if listed}


@pytest.mark.parametrize("page", [page for page in PAGES if "```" in text_of(page)], ids=named)
def test_the_examples_of_a_page_run(page: Path, run_page: Callable[[Path], int]) -> None:
    run_page(page)


def test_commands_are_written_so_that_they_are_run() -> None:
    assert with_faults(lambda page: NOT_RUN.intersection(FENCE.findall(text_of(page)))) == {}


def test_who_leaves_an_example_out_says_why() -> None:
    assert with_faults(lambda page: BARE_SKIP.findall(text_of(page))) == {}


def test_links_within_the_repository_lead_somewhere() -> None:
    assert with_faults(dead_links) == {}


def dead_links(page: Path) -> list[str]:
    """The targets within the repository that a page leads to and that are not there."""
    targets = LINK.findall(CODE.sub("", text_of(page)))
    return [
        target
        for target in targets
        if "://" not in target
        and not target.startswith("mailto:")
        and not (page.parent / target).exists()
    ]


def test_a_fault_of_a_page_is_noticed(tmp_path: Path) -> None:
    page = tmp_path / "page.md"
    page.write_text(
        "[gone](gone.md#x) [here](page.md) `[code](no.md)`\n<!-- skip: next -->\n```bash\nls\n```\n",
        "utf-8",
    )
    assert dead_links(page) == ["gone.md"]
    assert BARE_SKIP.findall(text_of(page)) == ["<!-- skip: next -->"]
    assert NOT_RUN.intersection(FENCE.findall(text_of(page))) == {"bash"}
