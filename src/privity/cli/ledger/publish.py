# SPDX-License-Identifier: Apache-2.0
"""`privity ledger publish`: what was recorded becomes what anybody can read (docs/workspace.md)."""

from __future__ import annotations

from pathlib import Path

import click

from privity.app.workspace.opening import open_workspace
from privity.app.workspace.recording import publish_now
from privity.canonical.instants import Instant
from privity.cli import options
from privity.cli.commands import Command
from privity.cli.counting import counted
from privity.cli.ledger import showing
from privity.cli.ledger.finishing import finish_left
from privity.ledger.forms import to_base64


@click.command(cls=Command)
@click.argument("workspace", metavar="WORKSPACE", type=options.FILE)
@options.now
@options.json_output
def command(*, workspace: Path, now: Instant | None, as_json: bool) -> None:
    """Publish what was recorded, and finish what a killed process left.

    Every command that records publishes too; this is for what could not then. Also finishes erasures, rotations,
    clearings, releases and hand-overs that were cut short; what cannot be finished is named, and keeps nothing from being published.
    Without anything new nothing is signed.

    \b
    Example:
      privity init network --origin network.example/simulated --clock simulated
      privity ledger publish network
    """  # noqa: D301 - click's mark for a paragraph whose lines stay as they are
    with open_workspace(workspace, now=now) as opened:
        done = finish_left(opened)
        published = publish_now(opened)
        simulated = opened.simulated
    checkpoint = published.checkpoint
    if as_json:
        options.show(
            {
                "added": published.added,
                **done.mapping(),
                "independently_witnessed": False,
                "origin": checkpoint.origin,
                "root": to_base64(checkpoint.root),
                "simulated_clock": simulated,
                "size": checkpoint.size,
            }
        )
    else:
        size = counted(checkpoint.size, "entry", "entries")
        options.show(
            [
                f"{workspace}: {size} published, {published.added:,} of them now",
                f"  log   {checkpoint.origin}",
                f"  root  {to_base64(checkpoint.root)}",
                *(f"  {line}" for line in done.lines()),
                *showing.warnings(simulated=simulated, first_use=False),
            ]
        )
    for one in done.unfinished:
        raise one.error
