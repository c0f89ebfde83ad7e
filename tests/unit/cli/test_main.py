# SPDX-License-Identifier: Apache-2.0
"""What the program does with errors, signals and shells, whatever the command."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import click
import pytest
from tests.unit.cli.conftest import ASKED, SMALL, Run

import privity.cli
from privity.canonical.instants import parse_instant
from privity.cli import COMMANDS, options
from privity.errors import (
    ConflictError,
    InputError,
    PrivityError,
    UnavailableError,
    VerificationError,
    Where,
)

PROGRAM = [sys.executable, "-c", "from privity.cli import main; main()"]


def raising(error: BaseException) -> click.Command:
    @click.command()
    def command() -> None:
        raise error

    return command


@pytest.mark.parametrize(
    ("family", "code"),
    [(InputError, 2), (VerificationError, 3), (ConflictError, 4), (UnavailableError, 5)],
)
def test_an_error_is_one_line_with_its_hint_and_the_code_of_its_family(
    run: Run, monkeypatch: pytest.MonkeyPatch, family: type[PrivityError], code: int
) -> None:
    error = family(
        "`x` is\nno y, expected z", code="a/b", hint="Write z.", where=Where(file="f", line=3)
    )
    monkeypatch.setattr("privity.cli.doctor.command", raising(error))
    done = run("doctor")
    assert done.code == code
    assert done.out == ""
    assert done.err == "privity: f:3: `x` is no y, expected z\n  hint: Write z.\n"


def test_an_error_without_a_hint_has_no_second_line(
    run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("privity.cli.doctor.command", raising(InputError("no", code="a/b")))
    assert run("doctor").err == "privity: no\n"


def test_an_interrupt_says_so(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("privity.cli.doctor.command", raising(KeyboardInterrupt()))
    done = run("doctor")
    assert (done.code, done.err.strip()) == (130, "privity: interrupted")


def test_what_the_system_refuses_is_unavailable(
    run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("privity.cli.doctor.command", raising(PermissionError(13, "No", "/x")))
    done = run("doctor")
    assert (done.code, done.err) == (5, "privity: /x: No\n")


def test_a_bug_stays_a_bug(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("privity.cli.doctor.command", raising(ZeroDivisionError()))
    with pytest.raises(ZeroDivisionError):
        privity.cli.main(["doctor"])


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (
            ["decid"],
            "privity: no command `decid`, expected `decide`\n  hint: see `privity --help`\n",
        ),
        (["decide", "--polcy", "x"], "privity: no such option `--polcy`"),
        (["decide"], "privity: missing option `--records`"),
        (["completion", "csh"], "`csh` is not one of `bash`, `zsh`, `fish`"),
        (
            ["members", "show", "ana", "--facts", "f.csv", "--at", "2025-06-01"],
            "privity: invalid value for `--at`: `2025-06-01` is no instant, expected RFC 3339",
        ),
        (
            ["decide", *ASKED, "--records", "r.csv", "--recipient", "self", "--threads", "0"],
            "0",
        ),
    ],
)
def test_a_wrong_call_exits_with_2_and_says_what_is_right(
    run: Run, arguments: list[str], says: str
) -> None:
    done = run(*arguments)
    assert done.code == 2
    assert says in done.err
    assert done.err.startswith("privity: ")
    assert done.err.splitlines()[-1].startswith("  hint: see `privity")
    assert len(done.err.splitlines()) == 2


def test_no_command_is_answered_with_help(run: Run) -> None:
    done = run()
    assert done.code == 2
    assert all(f"  {name}" in done.err for name in COMMANDS)


def test_help_and_version_are_asked_for_in_the_usual_ways(run: Run) -> None:
    assert run("-h").out == run("--help").out
    assert run("--version").out.startswith("privity ")


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_a_shell_is_told_how_to_complete(run: Run, shell: str) -> None:
    done = run("completion", shell)
    assert done.code == 0
    assert "_PRIVITY_COMPLETE" in done.out


def test_a_shell_completes_commands_without_loading_them() -> None:
    code = (
        "import sys\nfrom privity.cli import main\n"
        "try: main()\n"
        "finally: print(sorted({'numpy', 'pyarrow'} & sys.modules.keys()))"
    )
    done = subprocess.run(
        [sys.executable, "-c", code],
        env={
            **os.environ,
            "_PRIVITY_COMPLETE": "bash_complete",
            "COMP_WORDS": "privity d",
            "COMP_CWORD": "1",
        },
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.stdout.splitlines() == ["plain,decide", "plain,demo", "plain,doctor", "[]"]


@pytest.mark.parametrize(
    ("words", "found"),
    [
        ("revoke run --workspace W ", ["autumn", "summer"]),
        ("revoke run --workspace W autumn ", ["summer"]),
        ("release show --workspace W su", ["summer"]),
        ("release prove m1 --workspace W --release a", ["autumn"]),
        ("audit replay --workspace W --release ", ["autumn", "summer"]),
        ("revoke run --workspace nowhere ", []),
        ("revoke run ", []),
    ],
)
def test_a_shell_completes_releases_of_the_workspace(
    words: str, found: list[str], tmp_path: Path
) -> None:
    for name in ("summer", "autumn", ".winter"):
        (tmp_path / "W" / "releases" / name).mkdir(parents=True)
    done = subprocess.run(
        PROGRAM,
        env={
            **os.environ,
            "_PRIVITY_COMPLETE": "bash_complete",
            "COMP_WORDS": f"privity {words}",
            "COMP_CWORD": str(len(words.split(" "))),
        },
        cwd=tmp_path,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.stderr == ""
    assert [line.removeprefix("plain,") for line in done.stdout.split()] == found


def test_a_reader_that_leaves_is_no_error() -> None:
    with subprocess.Popen(
        [*PROGRAM, "policy", "schema"], stdout=subprocess.PIPE, stderr=subprocess.PIPE
    ) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        process.stdout.close()
        assert process.stderr.read() == b""
    assert process.returncode == 141


def test_what_a_terminal_cannot_show_is_shown_by_its_number() -> None:
    asked = ("explain", "--records", str(SMALL / "records.jsonl"), "--member", "ana", *ASKED)
    done = subprocess.run(
        [*PROGRAM, *asked, "--recipient", "self"],
        env={**os.environ, "PYTHONIOENCODING": "latin-1"},
        capture_output=True,
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, b"")
    assert rb"\u201c" in done.stdout


def test_what_to_do_next_can_be_pasted(run: Run, tmp_path: Path) -> None:
    done = run("init", tmp_path / "my network", "--origin", "forum.example")
    there = f"'{tmp_path}/my network'"
    assert [one.rpartition("--workspace ")[2] for one in done.lines[-3:]] == [there] * 3


def test_a_request_to_end_removes_what_was_written_aside(tmp_path: Path) -> None:
    code = (
        "import os, signal, sys\n"
        "import privity.app.api as api\n"
        "import privity.release.clear as clear\n"
        "def stop(*_): os.kill(os.getpid(), signal.SIGTERM)\n"
        "clear.summarise = stop\n"
        "from privity.cli import main\nmain()\n"
    )
    out = tmp_path / "out"
    done = subprocess.run(
        [
            sys.executable,
            "-c",
            code,
            "clear",
            SMALL / "records.jsonl",
            *ASKED,
            "--recipient",
            "self",
            "--out",
            out,
        ],
        timeout=120,
        check=False,
    )
    assert done.returncode == 128 + signal.SIGTERM
    assert list(tmp_path.iterdir()) == []


def test_an_instant_that_is_read_already_stays_as_it_is() -> None:
    instant = parse_instant("2024-09-18T00:00:00Z")
    assert options.INSTANT.convert(instant, None, None) == instant
