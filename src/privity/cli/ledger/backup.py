# SPDX-License-Identifier: Apache-2.0
"""`privity ledger backup`: copies of a workspace, in two parts with two lives (docs/workspace.md)."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import click

from privity.app.workspace.backing_up import LOG, VAULT, BackedUp, back_up
from privity.app.workspace.opening import open_workspace
from privity.app.workspace.places import Places
from privity.canonical.instants import Instant
from privity.cli import options
from privity.cli.commands import Command
from privity.cli.counting import counted


@click.command(cls=Command)
@click.argument("workspace", metavar="WORKSPACE", type=options.FILE)
@click.argument("into", metavar="BACKUPS", type=options.FILE)
@click.option("--tree", is_flag=True, help="Copy the public tree too.")
@click.option(
    "--expire", is_flag=True, help="Remove keys that were backed up more than 30 days ago."
)
@options.now
@options.json_output
def command(
    *, workspace: Path, into: Path, tree: bool, expire: bool, now: Instant | None, as_json: bool
) -> None:
    """Copy a workspace into a new folder in BACKUPS.

    `log` has the database, in which private payloads are sealed, and may be kept. `vault` has the members' keys, the files of
    baselines, and what is private of releases: whoever is erased is erased from it only when it is removed, so it may be kept for
    30 days; --expire removes what is older. The key that signs the log is in neither, and no release's data is.

    \b
    Example:
      privity init network --origin network.example/simulated --clock simulated
      privity ledger backup network backups --tree --expire
    """  # noqa: D301 - click's mark for a paragraph whose lines stay as they are
    with open_workspace(workspace, now=now) as opened:
        done = back_up(opened, into, tree=tree, expire=expire)
    if as_json:
        options.show(
            {
                "baselines": done.baselines,
                "expired": [str(path) for path in done.expired],
                "folder": str(done.folder),
                "keys": done.members,
                "overdue": [str(path) for path in done.due],
                "releases": done.releases,
                "size": done.size,
                "tree": done.tree,
            }
        )
    else:
        options.show(list(_lines(workspace, done)))


def _lines(workspace: Path, done: BackedUp) -> Iterator[str]:
    tree = ", with the public tree" if done.tree else ""
    yield f"{done.folder}: {counted(done.size, 'entry', 'entries')}{tree}"
    yield f"  {LOG}    may be kept: its payloads are sealed"
    kept = f"{counted(done.members, 'key')}, {counted(done.baselines, 'baseline')}"
    if done.releases:
        kept += f", {counted(done.releases, 'release')}"
    yield f"  {VAULT}  {kept}: to be removed within 30 days"
    yield f"The key that signs is in neither: keep a copy of {Places(workspace).signer} where keys are kept."
    for path in done.expired:
        yield f"removed: {path}"
    for path in done.due:
        yield click.style(
            f"overdue: {path} is older than 30 days; --expire removes it", bold=True
        )
