# SPDX-License-Identifier: Apache-2.0
"""`privity model list`: the models of a workspace (docs/training.md)."""

from __future__ import annotations

from pathlib import Path

import click

from privity.app.releases.using.models import lineages
from privity.app.workspace.opening import open_workspace
from privity.canonical.instants import format_instant
from privity.cli import options
from privity.cli.commands import Command
from privity.train.card import Lineage


@click.command(cls=Command)
@options.workspace
@options.json_output
def command(*, workspace: Path, as_json: bool) -> None:
    """List the models of a workspace.

    \b
    Example:
      privity init network --origin network.example/simulated --clock simulated
      privity model list --workspace network
    """  # noqa: D301 - click's mark for a paragraph whose lines stay as they are
    with open_workspace(workspace) as opened:
        found = lineages(opened)
    if as_json:
        options.show({"models": [one.mapping() for one in found]})
    else:
        options.show([_line(one) for one in found] or ["no model was ever entered"])


def _line(one: Lineage) -> str:
    model = one.model
    read = ", ".join(f"{read.release} revision {read.revision}" for read in model.releases)
    base = f", from {one.generations[1].model}" if len(one.generations) > 1 else ""
    taken = ": read records that were taken back since" if one.tainted else ""
    return f"{model.model}: on {read}{base}, by {model.recipient} at {format_instant(model.started)}{taken}"
