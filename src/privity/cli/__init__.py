# SPDX-License-Identifier: Apache-2.0
"""The command line: one module for each noun, loaded when it is named, and errors as one line.

Decides what an error looks like on a terminal and which exit code it has (docs/errors.md). What a command
does is asked of `privity.app`; nothing here decides, reads or writes data.
"""

from __future__ import annotations

import io
import os
import re
import signal
import sys
from collections.abc import Sequence
from types import FrameType
from typing import Final, NoReturn

import click
from click.shell_completion import shell_complete

from privity.cli.lazy import LazyGroup
from privity.cli.lean import leave_out
from privity.errors import PrivityError

PROGRAM: Final = "privity"
INTERRUPTED: Final = 130
SIGNALLED: Final = 128
"""What is added to a signal's number: 143 was terminated, 129 lost its terminal."""
PIPE_CLOSED: Final = 141
UNAVAILABLE: Final = 5

_COMPLETE: Final = "_PRIVITY_COMPLETE"
_QUOTED: Final = re.compile(r"'([^']*)'")

COMMANDS: Final = {
    "audit": "Find out what was done with whose records, and show it.",
    "clear": "Make the training set that everyone in it agreed to.",
    "completion": "Print what makes a shell complete this program's words.",
    "decide": "Say of each record whether it may be used, and why not.",
    "demo": "Run the main job on a made network.",
    "doctor": "Say what blocks how many records, and what would help.",
    "explain": "Say why a record, or a member's records, may be used or not.",
    "init": "Make a workspace.",
    "ledger": "Keep a log of what was done, and verify anybody's.",
    "members": "Check, show, make and record facts about members.",
    "model": "Show the models that were made from releases.",
    "order": "Issue, lift and list orders: a regulator's or a court's stops.",
    "policy": "Check, compare, test, show and publish policies.",
    "recipient": "Keep the register of recipients: who may get data.",
    "release": "Make releases, show and verify them, hand them over, end them.",
    "revoke": "Take records back, here and from whoever has a copy.",
    "run": "Enter training runs on releases, and what came of them.",
    "serve": "Serve a site with Privity's pages in it.",
    "synth": "Make a network: members, facts and records of any size.",
    "train": "Train on a release, to show how it is done.",
    "workspace": "Check a whole workspace.",
}
"""Each command with the first line of its help; `privity.cli.<name>.command` is the command itself.

Kept here so that `privity --help` and a shell's completion load no engine.
"""

SECTIONS: Final = {
    "Try it": ("demo", "synth", "completion"),
    "Say what holds": ("policy", "members", "recipient", "order"),
    "Decide": ("decide", "explain", "doctor", "clear"),
    "Keep a ledger": ("init", "ledger", "workspace"),
    "Release and train": ("release", "revoke", "run", "train", "model"),
    "Show it to others": ("audit", "serve"),
}
"""The commands as `privity --help` lists them: in the order in which somebody new needs them."""


@click.group(
    cls=LazyGroup,
    package=__name__,
    listed=COMMANDS,
    sections=SECTIONS,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 96},
    no_args_is_help=True,
)
@click.version_option(package_name=PROGRAM, prog_name=PROGRAM, message="%(prog)s %(version)s")
def program() -> None:
    """Privity is the gate between what members write and the training of models.

    For every record it answers: have all the people this record belongs to agreed that this recipient
    may use it for this purpose? `privity COMMAND --help` says what a command does, with an example. Some
    need what was made before, such as the release `summer`, a copy or a key: the command's page, which
    docs/cli.md names, makes it.

    Exit codes: 0 done, 1 refused (the one record, or a case), 2 input, 3 verification, 4 conflict,
    5 unavailable; 10 to 21 are answers of `release check` and `audit`.

    \b
    Example:
      privity policy show examples/small/policy.yaml
    """  # noqa: D301 - click's mark for a paragraph whose lines stay as they are


def run() -> NoReturn:
    """Be the program: `main`, in a process of its own."""
    if sys.argv[1:2] != ["serve"]:  # a site that is served has imports of its own
        leave_out()
    main()


def main(arguments: Sequence[str] | None = None) -> NoReturn:
    """Run the program and exit with its code.

    Args:
        arguments: What was typed after the program's name; None is this process's own.
    """
    if isinstance(sys.stdout, io.TextIOWrapper) and sys.stdout.errors == "strict":
        # What the terminal's letters cannot show is shown by its number.
        sys.stdout.reconfigure(errors="backslashreplace")
    signal.signal(signal.SIGTERM, _terminate)
    if signal.getsignal(signal.SIGHUP) is signal.SIG_DFL:  # `nohup` has it ignored
        signal.signal(signal.SIGHUP, _terminate)
    try:
        code = _invoke(sys.argv[1:] if arguments is None else arguments)
        sys.stdout.flush()
    except PrivityError as error:
        _say(str(error), error.hint)
        sys.exit(error.exit_code)
    except click.exceptions.NoArgsIsHelpError as error:
        click.echo(error.ctx.get_help(), err=True)
        sys.exit(error.exit_code)
    except click.UsageError as error:
        _say(_lowered(error.format_message()), _advice(error))
        sys.exit(error.exit_code)
    except click.ClickException as error:
        _say(_lowered(error.format_message()))
        sys.exit(error.exit_code)
    except (KeyboardInterrupt, click.Abort):
        _say("interrupted")
        sys.exit(INTERRUPTED)
    except BrokenPipeError:
        # Whoever read our output has gone; the flush at exit must not complain once more.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(PIPE_CLOSED)
    except OSError as error:
        _say(f"{error.filename}: {error.strerror}" if error.filename else str(error))
        sys.exit(UNAVAILABLE)
    sys.exit(code)


def _invoke(arguments: Sequence[str]) -> int:
    """Run a command, and give its exit code.

    Not by `program.main`, which exits with 1 where a pipe was closed: 1 is a refusal here.
    """
    instruction = os.environ.get(_COMPLETE)
    if instruction:
        return shell_complete(program, {}, PROGRAM, _COMPLETE, instruction)
    try:
        with program.make_context(PROGRAM, list(arguments)) as context:
            program.invoke(context)
    except click.exceptions.Exit as stop:
        return stop.exit_code
    return 0


def _terminate(number: int, frame: FrameType | None) -> NoReturn:
    """Leave by an exception, so that what was written aside is removed."""
    del frame
    sys.exit(SIGNALLED + number)


def _say(message: str, hint: str | None = None) -> None:
    click.echo(f"{PROGRAM}: {_one_line(message)}", err=True)
    if hint is not None:
        click.echo(f"  hint: {_one_line(hint)}", err=True)


def _one_line(text: str) -> str:
    return " ".join(text.split())


def _lowered(text: str) -> str:
    """Give click's sentence in our form: lower-case start, no full stop, input in backticks."""
    return _QUOTED.sub(r"`\1`", text[:1].lower() + text[1:].rstrip("."))


def _advice(error: click.UsageError) -> str | None:
    return f"see `{error.ctx.command_path} --help`" if error.ctx is not None else None
