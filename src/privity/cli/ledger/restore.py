# SPDX-License-Identifier: Apache-2.0
"""`privity ledger restore`: put back from a backup what is missing (docs/workspace.md)."""

from __future__ import annotations

from pathlib import Path

import click

from privity.app.workspace.restoring import restorable, restore_workspace
from privity.canonical.instants import Instant, format_instant
from privity.cli import options, recorded
from privity.cli.commands import Command
from privity.cli.ledger import repairs


@click.command(cls=Command)
@click.argument("workspace", metavar="WORKSPACE", type=options.MADE)
@click.argument("backup", metavar="BACKUP", type=options.FILE)
@click.option(
    "--from",
    "source",
    metavar="URL_OR_DIR",
    help="A copy of the public tree to take what is newer from.  [default: the workspace's own]",
)
@options.now
@options.sure
@options.json_output
def command(
    *,
    workspace: Path,
    backup: Path,
    source: str | None,
    now: Instant | None,
    sure: bool,
    as_json: bool,
) -> None:
    """Put back from a backup what a workspace lacks.

    BACKUP is one of the folders that `privity ledger backup` made. Nothing that is there is replaced: move away what is damaged.
    What was published since comes from the public tree; if it is not there, nothing is restored. Whoever was erased since is erased
    again, and what was taken back from releases since is taken out again. The key that signs must be in its place: it is in no
    backup.

    \b
    Example:
      privity ledger restore network backups/20250601T000000Z --yes
    """  # noqa: D301 - click's mark for a paragraph whose lines stay as they are
    found = restorable(workspace, backup)
    if not as_json:
        part = found.parts[0]
        made = f"made at {format_instant(part.time)}, of {part.size:,} entries"
        tree = [f"  {workspace / 'public'}"] if found.tree else []
        listed = [f"  {place}" for place, _ in found.files]
        options.show([f"{backup}: {made}; to be put back", *listed, *tree])
    recorded.confirm("Put it back?", sure=sure, otherwise="nothing restored")
    done = restore_workspace(workspace, backup, source=source, now=now)
    # What was taken back since is in the copy still.
    mended = repairs.mend(workspace, now=now)
    if as_json:
        put = [str(place) for place, _ in found.files]
        releases = [one.name for one in mended]
        options.show({**repairs.mapping(done), "put_back": put, "releases": releases})
    elif done.published is not None:
        size = done.published.checkpoint.size
        options.show(
            [
                f"{workspace}: restored",
                *repairs.lines(done),
                *repairs.mended_lines(mended),
                f"published: {size:,} entries",
            ]
        )
