# SPDX-License-Identifier: Apache-2.0
"""`privity release show`: what the log says of a release (docs/releases.md)."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import click

from privity.app.releases.state.register import register_of
from privity.app.releases.state.states import ReleaseState
from privity.app.workspace.opening import open_workspace
from privity.canonical.instants import Instant, format_instant
from privity.cli import options
from privity.cli.commands import Command
from privity.cli.counting import counted
from privity.cli.release.showing import mapping_of, standing_of


@click.command(cls=Command)
@click.argument("name", metavar="RELEASE", type=options.RELEASE)
@options.workspace
@options.as_of
@options.json_output
def command(*, name: str, workspace: Path, at: Instant | None, as_json: bool) -> None:
    """Show what the log says of a release.

    What it is for and what is in it, each revision and what made it, who got a copy, which runs read it and which models
    they made.

    \b
    Example:
      privity release show summer --workspace network
    """  # noqa: D301 - click's mark for a paragraph whose lines stay as they are
    with open_workspace(workspace) as opened:
        when = opened.now() if at is None else at
        found = register_of(opened).release(name)
    options.show(mapping_of(found, when) if as_json else list(_lines(found, when)))


def _lines(release: ReleaseState, at: Instant) -> Iterator[str]:
    says, content = release.created.says, release.content
    yield f"{release.name}: {standing_of(release, at)}, revision {release.revision}"
    yield f"  for       {says.purpose}, to {says.recipient}"
    if says.policy is not None:
        yield f"  by        {says.policy} {says.version}"
    yield f"  heeds     {release.ledger_size:,} entries of the log"
    yield f"  records   {content.rows:,}, of {counted(content.members, 'member')}"
    yield f"  files     {content.files:,}, {content.size:,} bytes"
    yield f"  root      {content.files_root.hex()}"
    yield f"  members   {content.members_root.hex()}"
    yield (
        f"  revision 1 by entry {release.created.index:,}, at "
        f"{format_instant(release.created.time)}: clearing {says.clearing}, "
        f"{counted(says.content.rows, 'record')}"
    )
    for one in release.revised:
        yield (
            f"  revision {one.says.revision} by entry {one.index:,}, at {format_instant(one.time)}: "
            f"revocation {one.says.revocation}, {counted(one.says.content.rows, 'record')}"
        )
    yield from _used(release)


def _used(release: ReleaseState) -> Iterator[str]:
    for copy in release.disclosures:
        how = (
            "failed"
            if copy.failed
            else "acknowledged"
            if copy.acknowledged
            else "not acknowledged"
        )
        yield (
            f"  copy {copy.name} of revision {copy.handed.says.revision} to "
            f"{copy.handed.says.recipient}, at {format_instant(copy.handed.time)}: {how}"
        )
    for run in release.runs:
        how = "not ended" if run.end is None else run.end.says.how
        yield (
            f"  run {run.name} of revision {run.revision_of(release.name)}, since "
            f"{format_instant(run.start.time)}: {how}"
        )
    for model in release.models:
        yield f"  model {model.name}, of run {model.entry.says.run}"
