# SPDX-License-Identifier: Apache-2.0
"""`privity release list`: the releases of a workspace (docs/releases.md)."""

from __future__ import annotations

from pathlib import Path

import click

from privity.app.releases.state.register import releases_of
from privity.app.workspace.opening import open_workspace
from privity.canonical.instants import Instant, format_instant
from privity.cli import options
from privity.cli.commands import Command
from privity.cli.counting import counted
from privity.cli.release.showing import mapping_of, standing_of


@click.command(cls=Command)
@options.workspace
@options.as_of
@options.json_output
def command(*, workspace: Path, at: Instant | None, as_json: bool) -> None:
    """List the releases of a workspace.

    Each with its newest revision, how many records and members are in it, whom it is for, and whether it has ended.

    \b
    Example:
      privity init network --origin network.example/simulated --clock simulated
      privity release list --workspace network
    """  # noqa: D301 - click's mark for a paragraph whose lines stay as they are
    with open_workspace(workspace) as opened:
        when = opened.now() if at is None else at
        found = releases_of(opened)
    if as_json:
        options.show(
            {"at": format_instant(when), "releases": [mapping_of(one, when) for one in found]}
        )
        return
    width = max((len(one.name) for one in found), default=0)
    options.show(
        [
            f"{one.name:<{width}}  revision {one.revision}, {counted(one.content.rows, 'record')} of "
            f"{counted(one.content.members, 'member')}, for {one.purpose}, to {one.recipient}: "
            f"{standing_of(one, when)}"
            for one in found
        ]
        or ["there is no release yet"]
    )
