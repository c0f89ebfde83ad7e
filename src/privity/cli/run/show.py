# SPDX-License-Identifier: Apache-2.0
"""`privity run show`: what the log says of a run, and its ticket once more (docs/releases.md)."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import click

from privity.app.public_tree.files import write_new
from privity.app.releases.state.register import register_of
from privity.app.releases.state.states import Register, RunState
from privity.app.releases.using.runs import run_mapping, ticket_of
from privity.app.workspace.opening import open_workspace
from privity.canonical.instants import format_instant
from privity.cli import options
from privity.cli.commands import Command


@click.command(cls=Command)
@click.argument("run", metavar="RUN")
@click.option(
    "--ticket",
    type=options.MADE,
    metavar="FILE",
    help="Where to write the run's ticket once more, as it was.",
)
@options.workspace
@options.json_output
def command(*, run: str, ticket: Path | None, workspace: Path, as_json: bool) -> None:
    """Show what the log says of a run, or give its ticket out again.

    \b
    Example:
      privity run show r5f0c8a2b91d3e764 --workspace network
    """  # noqa: D301 - click's mark for a paragraph whose lines stay as they are
    with open_workspace(workspace) as opened:
        register = register_of(opened)
        state = register.run(run)
        if ticket is not None:
            write_new(ticket, ticket_of(opened, register, run)[1])
    options.show(run_mapping(register, state) if as_json else list(_lines(register, state)))


def _lines(register: Register, run: RunState) -> Iterator[str]:
    says, end = run.start.says, run.end
    yield f"{run.name}: {'not ended' if end is None else end.says.how}"
    yield f"  by        {says.recipient}"
    yield f"  entered   as {run.start.index:,}, at {format_instant(run.start.time)}"
    for name, revision in says.releases:
        newest = register.releases[name].revision
        since = "" if newest == revision else f"; by now there is revision {newest}"
        yield f"  reads     {name}, revision {revision}{since}"
    yield f"  heeds     {says.ledger_size:,} entries of the log"
    yield f"  code      {says.code}"
    yield f"  config    {says.config}"
    if says.base is not None:
        yield f"  base      {says.base}"
    if end is not None:
        yield f"  ended     as {end.index:,}, at {format_instant(end.time)}"
        yield f"  batches   {end.says.batches:,}, root {end.says.batches_root.hex()}"
        for one in end.says.checkpoints:
            yield f"  kept      {one}"
    for model in run.models:
        yield f"  model     {model.name}, {model.entry.says.sha256}"
