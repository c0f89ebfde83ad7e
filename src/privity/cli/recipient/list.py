# SPDX-License-Identifier: Apache-2.0
"""`privity recipient list`: who is on the register (docs/workspace.md)."""

from __future__ import annotations

from pathlib import Path

import click

from privity.app.workspace.opening import open_workspace
from privity.app.workspace.recipients import list_recipients
from privity.canonical.instants import Instant, format_instant
from privity.cli import options
from privity.cli.commands import Command
from privity.cli.recipient import showing
from privity.cli.recorded import claimed


@click.command(cls=Command)
@options.as_of
@options.workspace
@options.json_output
def command(*, at: Instant | None, workspace: Path, as_json: bool) -> None:
    """List who is on the register, in which role and since when, and who left it.

    \b
    Example:
      privity init network --origin network.example/simulated --clock simulated
      privity recipient list --workspace network
    """  # noqa: D301 - click's mark for a paragraph whose lines stay as they are
    with open_workspace(workspace) as opened:
        when = opened.now() if at is None else at
        found = list_recipients(opened, at=when)
    if as_json:
        options.show(
            {"at": format_instant(when), "recipients": [one.mapping() for one in found]}
        )
    else:
        options.show(
            [
                f"{one.id}: {one.role or 'not on the register'} since {format_instant(one.since)}"
                f"{showing.with_key(one.key)}{claimed(one.claimed_by)}"
                for one in found
            ]
            or ["nobody was ever on the register"]
        )
