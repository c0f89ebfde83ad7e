# SPDX-License-Identifier: Apache-2.0
"""`privity run list`: the training runs of a workspace (docs/releases.md)."""

from __future__ import annotations

from pathlib import Path

import click

from privity.app.releases.state.register import register_of
from privity.app.releases.state.states import RunState
from privity.app.releases.using.runs import run_mapping
from privity.app.workspace.opening import open_workspace
from privity.canonical.instants import format_instant
from privity.cli import options
from privity.cli.commands import Command


@click.command(cls=Command)
@options.workspace
@options.json_output
def command(*, workspace: Path, as_json: bool) -> None:
    """List the runs of a workspace.

    \b
    Example:
      privity init network --origin network.example/simulated --clock simulated
      privity run list --workspace network
    """  # noqa: D301 - click's mark for a paragraph whose lines stay as they are
    with open_workspace(workspace) as opened:
        register = register_of(opened)
    runs = list(register.runs.values())
    if as_json:
        options.show({"runs": [run_mapping(register, one) for one in runs]})
        return
    options.show([_line(one) for one in runs] or ["there is no run yet"])


def _line(run: RunState) -> str:
    says = run.start.says
    names = ", ".join(f"{name} (revision {revision})" for name, revision in says.releases)
    how = "not ended" if run.end is None else run.end.says.how
    return f"{run.name}: {says.recipient}, on {names}, since {format_instant(run.start.time)}: {how}"
