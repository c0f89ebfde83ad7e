# SPDX-License-Identifier: Apache-2.0
"""`privity ledger keys`: the key that signs the log (docs/workspace.md)."""

from __future__ import annotations

from pathlib import Path

import click

from privity.app.workspace.opening import open_workspace
from privity.app.workspace.rotating import rotate_keys
from privity.canonical.instants import Instant, format_instant
from privity.cli import options, recorded
from privity.cli.commands import Command
from privity.cli.ledger import showing


@click.group()
def command() -> None:
    """Exchange the key that signs a workspace's log.

    \b
    Example:
      privity init network --origin network.example/simulated --clock simulated
      privity ledger keys rotate network --yes
    """  # noqa: D301 - click's mark for a paragraph whose lines stay as they are


@command.command(cls=Command)
@click.argument("workspace", metavar="WORKSPACE", type=options.FILE)
@options.now
@options.sure
@options.json_output
def rotate(*, workspace: Path, now: Instant | None, sure: bool, as_json: bool) -> None:
    """Announce a new key that signs the log; for 30 days both sign.

    What announces it is an entry, signed by the key of so far, so that whoever knows the old key learns of the new one. The
    first publication after 30 days destroys the old key. A key that came to others is not mended by this: whoever has it can
    sign another history, and only a new log helps.

    \b
    Example:
      privity init network --origin network.example/simulated --clock simulated
      privity ledger keys rotate network --yes --now 2025-01-01T00:00:00Z
    """  # noqa: D301 - click's mark for a paragraph whose lines stay as they are
    recorded.confirm(
        "Exchange the key that signs the log?", sure=sure, otherwise="nothing exchanged"
    )
    with open_workspace(workspace, now=now) as opened:
        done = rotate_keys(opened)
        simulated = opened.simulated
    until = format_instant(done.both_until)
    if as_json:
        options.show(
            {
                "both_until": until,
                "previous": done.previous,
                "size": done.published.checkpoint.size,
                "vkey": done.vkey,
            }
        )
        return
    options.show(
        [
            f"{workspace}: the key is exchanged, and both sign until {until}",
            f"  new  {done.vkey}",
            f"  old  {done.previous}",
            "Give the new one to members and auditors by another way than the log. Keep a copy of",
            f"{opened.places.signer} where keys are kept: no backup has it.",
            *showing.warnings(simulated=simulated, first_use=False),
        ]
    )
