# SPDX-License-Identifier: Apache-2.0
"""Every command has help with an example, and the examples run as they are written."""

from __future__ import annotations

import re
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import click
import pytest
from tests.docs.conftest import ROOT
from tests.docs.release_world import ReleaseWorld, make_release_world

from privity.cli import program
from privity.cli.commands import Command
from privity.cli.lazy import LazyGroup

RunCommand = Callable[[str], "subprocess.CompletedProcess[str]"]

# Too long for every run; the test of the demo itself runs it.
LEFT_OUT = frozenset({"privity demo"})
GOES_ON = re.compile(
    r"^(?!.*privity init ).*(?:--workspace network|network/public|taken-back|restore network)"
)
"""Examples that go on from a workspace with releases, and do not make one first."""
ANSWERS = {"audit": {0, 20, 21}}
"""Exit codes that are answers, by the first word; of every other command 0, and 1 for a refusal."""
NEEDS_TORCH = re.compile(r"^privity train ")


def every_command() -> Iterator[tuple[str, click.Command]]:
    """Each command with what is typed to call it, groups too."""
    waiting: list[tuple[str, click.Command]] = [("privity", program)]
    while waiting:
        name, command = waiting.pop()
        yield name, command
        if isinstance(command, click.Group):
            context = click.Context(command, info_name=name)
            for inner in command.list_commands(context):
                found = command.get_command(context, inner)
                assert found is not None
                waiting.append((f"{name} {inner}", found))


def examples(command: click.Command) -> list[str]:
    """The commands below `Example:` in a help text, continued lines joined."""
    _, _, text = (command.help or "").partition("Example:\n")
    joined = text.split("\n\n")[0].replace("\\\n", " ")
    return [" ".join(line.split()) for line in joined.splitlines() if line.strip()]


COMMANDS_BY_NAME = dict(every_command())


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> ReleaseWorld:
    """The workspace that examples go on from which make none."""
    return make_release_world(tmp_path_factory.mktemp("world"), ROOT / "examples")


@pytest.fixture
def prepared(
    request: pytest.FixtureRequest, tmp_path: Path
) -> Callable[[list[str]], list[str]]:
    """Put into the folder what examples go on from, and give them with the names that are there."""

    def prepare(given: list[str]) -> list[str]:
        if not GOES_ON.search(" ".join(given)):
            return given
        found: ReleaseWorld = request.getfixturevalue("world")
        return found.put(tmp_path, given)

    return prepare


@pytest.mark.parametrize("name", COMMANDS_BY_NAME)
def test_the_examples_of_a_command_run(
    name: str, command: RunCommand, prepared: Callable[[list[str]], list[str]]
) -> None:
    given = examples(COMMANDS_BY_NAME[name])
    assert given, f"`{name} --help` has no example"
    if NEEDS_TORCH.search(given[0]):
        pytest.importorskip("torch")
    given = prepared(given)
    for line in given:
        assert line.startswith("privity "), line
        if not any(line.startswith(one) for one in LEFT_OUT):
            done = command(line)
            assert done.returncode in ANSWERS.get(line.split()[1], {0, 1}), done.stdout


GROUPS = [name for name, one in COMMANDS_BY_NAME.items() if isinstance(one, LazyGroup)]


@pytest.mark.parametrize("name", GROUPS)
def test_the_list_of_commands_has_the_first_line_of_each_help(name: str) -> None:
    group = COMMANDS_BY_NAME[name]
    assert isinstance(group, LazyGroup)
    first_lines = {
        inner: (COMMANDS_BY_NAME[f"{name} {inner}"].help or "").splitlines()[0]
        for inner in group.listed
    }
    assert group.listed == first_lines


def test_every_command_takes_each_option_once() -> None:
    """The parser keeps the last of several: what was said first would be lost without a word."""
    others = [
        name
        for name, one in COMMANDS_BY_NAME.items()
        if not isinstance(one, click.Group | Command)
    ]
    assert others == []


@pytest.mark.parametrize("name", COMMANDS_BY_NAME)
def test_every_option_says_what_it_is(name: str) -> None:
    silent = [
        option.opts[0]
        for option in COMMANDS_BY_NAME[name].params
        if isinstance(option, click.Option) and not option.help
    ]
    assert silent == []


def listed_commands(page: str) -> set[str]:
    """The commands that a table's first cells name: without the program's name it is of the group before it."""
    found: set[str] = set()
    for cell in re.findall(r"^\| (`privity [^|]+) \|", page, re.MULTILINE):
        group = ""
        for name in re.findall(r"`([^`]+)`", cell):
            whole = name if name.startswith("privity ") else f"{group} {name}"
            group = " ".join(whole.split()[:2])
            found.add(whole)
    return found


def test_the_page_of_the_command_line_lists_every_command() -> None:
    page = (ROOT / "docs/cli.md").read_text("utf-8")
    commands = {
        name for name, one in COMMANDS_BY_NAME.items() if not isinstance(one, click.Group)
    }
    # Which is the same as `ledger check`, and said beside it.
    assert listed_commands(page) == commands - {"privity workspace check"}


def test_every_command_has_one_place_in_the_help() -> None:
    places = [name for names in program.sections.values() for name in names]
    assert sorted(places) == sorted(program.listed)


def test_the_whole_list_of_commands_is_one_line_each() -> None:
    width = max(map(len, program.listed))
    assert [one for one in program.listed.values() if len(one) > 80 - 2 - width - 2] == []
