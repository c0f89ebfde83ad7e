# SPDX-License-Identifier: Apache-2.0
"""What pages show of the demo is what the demo prints; speeds and times are nobody's to keep."""

from __future__ import annotations

import re
import subprocess
from collections.abc import Callable
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
# One has all but the longest lists, the other what a minute is enough for.
PAGES = ("docs/demo.md", "README.md")
BLOCK = re.compile(r"```text\n(A made network: .*?)```", re.DOTALL)
SPEEDS = re.compile(r"^ records/s .*$", re.MULTILINE)
SECONDS = re.compile(r"^Done in \S+ seconds", re.MULTILINE)
# Where no terminal is, lines are folded for this many characters.
COLUMNS = 80


def told(page: str) -> str:
    (block,) = BLOCK.findall((ROOT / page).read_text("utf-8"))
    return str(block)


def without_speeds(text: str) -> str:
    """Put `…` in place of each speed, keeping the columns."""

    def blank(row: re.Match[str]) -> str:
        return re.sub(r"[\d.,]+[kM]?(?=\s|$)", lambda one: "…".rjust(len(one[0])), row[0])

    lines = SPEEDS.sub(blank, text)
    # How wide a speed is, is a matter of its digits.
    lines = SPEEDS.sub(lambda row: " ".join(row[0].split()), lines)
    return SECONDS.sub("Done in … seconds", lines)


def pattern(shown: str) -> str:
    """Give what the demo must print: `...` stands for whole lines that are left out."""
    parts = re.split(r"^ *\.\.\.\n", without_speeds(shown), flags=re.MULTILINE)
    return "(?:.*\n)*?".join(re.escape(part) for part in parts)


def test_the_pages_show_what_the_demo_prints(
    command: Callable[[str], subprocess.CompletedProcess[str]],
) -> None:
    printed = command(f"COLUMNS={COLUMNS} privity demo 2>errors.txt || cat errors.txt")
    for page in PAGES:
        assert re.fullmatch(pattern(told(page)), without_speeds(printed.stdout)), printed.stdout


def test_the_readme_shows_what_make_demo_runs() -> None:
    recipe = re.search(
        r"^demo:.*\n\t(.+)$", (ROOT / "Makefile").read_text("utf-8"), re.MULTILINE
    )
    assert recipe is not None
    assert recipe[1] == "$(BIN)/privity demo $(DEMO_ARGUMENTS)"


def test_a_figure_that_changed_is_noticed() -> None:
    shown = (
        "A made network: 5 members.\n ...\n records/s  …\nDone in … seconds; it lies in x.\n"
    )
    printed = "A made network: 5 members.\none\ntwo\n records/s 1.2M\nDone in 9 seconds; it lies in x.\n"
    assert re.fullmatch(pattern(shown), without_speeds(printed))
    assert not re.fullmatch(pattern(shown), without_speeds(printed.replace("5", "6")))
