# SPDX-License-Identifier: Apache-2.0
"""The pages' examples, run: sybil finds the blocks, this says what running one means.

- a `python` block is executed; the blocks of one page share their names, and `>>>` sessions are compared;
- a `console` block runs each line that begins with `$ ` and compares what is printed with the lines below
  it, where `...` stands for anything, over lines too; a line ending in a backslash goes on;
- a block whose first line is a comment with a file's name is written as that file;
- `make` is not run from here (it runs the tests): its targets must exist;
- a block is left out with `<!-- skip: next "why" -->` above it, and the reason is printed.

All blocks of a page run in one empty folder, in which `examples` is the repository's.
"""

from __future__ import annotations

import doctest
import os
import re
import subprocess
from collections.abc import Callable
from pathlib import Path
from unittest import SkipTest

import pytest
from sybil import Example, Sybil
from sybil.parsers.myst import CodeBlockParser, PythonCodeBlockParser, SkipParser
from tests.loaded import INSTALLED, program

ROOT = Path(__file__).resolve().parents[2]
COMMAND_SECONDS = 900
ANSWERS = {0, 1, 20, 21}
"""Exit codes that are answers: done, refused, and those of an audit."""
FILE = re.compile(r"# (\w[\w./-]*\.\w+)\n")
TARGET = re.compile(r"^([a-z][a-z-]*):", re.MULTILINE)

RunCommand = Callable[[str], "subprocess.CompletedProcess[str]"]


def run_command(command: str, folder: Path) -> subprocess.CompletedProcess[str]:
    """Run a command as a person at a terminal of 96 columns would, with both outputs as one."""
    folders = (program().parent, INSTALLED.parent, os.environ["PATH"])
    return subprocess.run(
        ["bash", "-o", "pipefail", "-c", command],
        cwd=folder,
        env={
            **os.environ,
            "PATH": os.pathsep.join(map(str, folders)),
            "COLUMNS": "96",
            "NO_COLOR": "1",
            "TERM": "dumb",
        },
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=COMMAND_SECONDS,
        check=False,
    )


def sessions(block: str) -> list[tuple[str, str]]:
    """The commands of a console block, each with the output that is written below it."""
    found: list[tuple[str, str]] = []
    for line in block.splitlines():
        if line.startswith("$ "):
            found.append((line[2:], ""))
        elif found and found[-1][0].endswith("\\"):
            found[-1] = (f"{found[-1][0]}\n{line}", "")
        elif found:
            found[-1] = (found[-1][0], f"{found[-1][1]}{line}\n")
    return found


def matches(expected: str, printed: str) -> bool:
    """Compare without the blank ends of lines; `...` stands for anything."""
    want, got = (
        "\n".join(line.rstrip() for line in text.strip().splitlines())
        for text in (expected, printed)
    )
    pattern = ".*".join(re.escape(part) for part in want.split("..."))
    return re.fullmatch(pattern, got, re.DOTALL) is not None


def check_make(command: str) -> str | None:
    known = TARGET.findall((ROOT / "Makefile").read_text(encoding="utf-8"))
    words = [word for word in command.split()[1:] if "=" not in word]
    missing = [word for word in words if word not in known]
    return f"`{command}`: the Makefile has no {', '.join(missing)}" if missing else None


def console(example: Example) -> str | None:
    """Run a console block; what went otherwise than written is the answer."""
    commands = sessions(example.parsed)
    if not commands:
        return "a console block without a line that begins with `$ `"
    for command, expected in commands:
        if command.split()[0] == "make":
            if problem := check_make(command):
                return problem
            continue
        done = run_command(command, Path(example.namespace["folder"]))
        if expected.strip() and not matches(expected, done.stdout):
            return f"`{command}` printed:\n{done.stdout}\ninstead of:\n{expected}"
        # An error that belongs to the page is written with what follows it: `|| echo "exit code $?"`.
        if done.returncode not in ANSWERS:
            return f"`{command}` ended with {done.returncode}:\n{done.stdout}"
    return None


def written(example: Example) -> None:
    """Write a block as the file that its first line names; one that names none stays on the page."""
    named = FILE.match(example.parsed)
    if named:
        place = Path(example.namespace["folder"]) / named[1]
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_text(example.parsed, "utf-8")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """An empty folder with the repository's examples in it."""
    if (ROOT / "examples").is_dir():
        (tmp_path / "examples").symlink_to(ROOT / "examples")
    return tmp_path


@pytest.fixture
def command(folder: Path) -> RunCommand:
    """Run a shell command in the folder."""
    return lambda text: run_command(text, folder)


@pytest.fixture
def run_page(folder: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[Path], int]:
    """Run the examples of a page in order; how many there are is the answer."""

    def run(page: Path) -> int:
        monkeypatch.chdir(folder)
        sybil = Sybil(
            parsers=[
                SkipParser(),
                PythonCodeBlockParser(
                    future_imports=["annotations"], doctest_optionflags=doctest.ELLIPSIS
                ),
                CodeBlockParser("console", console),
                *(CodeBlockParser(language, written) for language in ("py", "toml", "yaml")),
            ]
        )
        document = sybil.parse(page)
        document.namespace["folder"] = folder
        for example in document.examples():
            try:
                example.evaluate()
            except SkipTest as left_out:
                line = f"{page.name}, line {example.line}: left out, {left_out}"
                print(line)  # noqa: T201 - shown with the test
        return len(document.regions)

    return run
