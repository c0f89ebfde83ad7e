# SPDX-License-Identifier: Apache-2.0
"""`privity revoke notify`: tell recipients what was taken back (docs/revoking.md)."""

from __future__ import annotations

from pathlib import Path

import click

from privity.app.releases.taking_back.notifying import notify
from privity.app.workspace.acknowledging import publish_if_free
from privity.app.workspace.opening import open_workspace
from privity.canonical.instants import Instant
from privity.cli import options
from privity.cli.commands import Command
from privity.cli.revoke.telling import lines_of, messages_of


@click.command(cls=Command)
@click.option(
    "--again",
    is_flag=True,
    help="Try those, too, who were given up or whose turn it is not yet.",
)
@options.workspace
@options.now
@options.json_output
def command(*, again: bool, workspace: Path, now: Instant | None, as_json: bool) -> None:
    """Tell recipients what was taken back, and those who were not reached before.

    A message is signed as Standard Webhooks asks, and sent again over three days until it is taken. Let something run
    this every few minutes.

    \b
    Example:
      privity init network --origin network.example/simulated --clock simulated
      privity revoke notify --workspace network
    """  # noqa: D301 - click's mark for a paragraph whose lines stay as they are
    with open_workspace(workspace, now=now) as opened:
        done = notify(opened, again=again)
        publish_if_free(opened)
    options.show(
        messages_of(done)
        if as_json
        else list(lines_of(done)) or ["nobody is to be told anything"]
    )
    for one in done.failed.values():
        raise one
