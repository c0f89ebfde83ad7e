# SPDX-License-Identifier: Apache-2.0
"""`privity audit statement`: whether what was said in public is true (docs/audit.md)."""

from __future__ import annotations

from pathlib import Path

import click

from privity.app.auditing.answering.answer_statement import statement_inputs
from privity.cli import options
from privity.cli.audit.options import Chosen, shared
from privity.cli.audit.running import run
from privity.cli.commands import Command


@click.command(cls=Command)
@click.argument("file", metavar="FILE", type=options.FILE)
@shared
def command(*, file: Path, chosen: Chosen) -> None:
    """Say whether a public statement holds, fails, or cannot be told.

    FILE has the words that were said, and what they come to as data: whose records, which of them, and which use never were.
    Each release, hand-over and run of the log is asked whether it contradicts them. What cannot be looked at is never taken for
    a no.

    \b
    Example:
      privity audit statement examples/inmail-dispute/statements/private-messages.yaml \\
        --workspace network
    """  # noqa: D301 - click's mark for a paragraph whose lines stay as they are
    run(statement_inputs(file), chosen)
