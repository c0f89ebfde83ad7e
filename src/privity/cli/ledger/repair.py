# SPDX-License-Identifier: Apache-2.0
"""`privity ledger repair`: put right what can be, after saying what that is (docs/workspace.md)."""

from __future__ import annotations

from pathlib import Path

import click

from privity.app.workspace.repairing import repair_workspace
from privity.canonical.instants import Instant
from privity.cli import options, recorded
from privity.cli.ledger import repairs


@click.command()
@click.argument("workspace", metavar="DIR", type=options.FILE)
@click.option(
    "--from",
    "source",
    metavar="URL_OR_DIR",
    help="A copy of the public tree to mend from.  [default: the workspace's own]",
)
@click.option("--dry-run", is_flag=True, help="Only say what would be done.")
@options.now
@options.sure
@options.json_output
def command(
    *,
    workspace: Path,
    source: str | None,
    dry_run: bool,
    now: Instant | None,
    sure: bool,
    as_json: bool,
) -> None:
    """Put right a workspace that refuses to be written to.

    The newest signed checkpoint is believed: from database and public tree, whichever has the entries that make its root mends the
    other. Says first what it would do, and asks. What was lost is said in the log for good. Two histories are never made
    one.

    \b
    Example:
      privity init network --origin network.example/simulated --clock simulated
      privity ledger repair network --dry-run
    """  # noqa: D301 - click's mark for a paragraph whose lines stay as they are
    found = repair_workspace(workspace, source=source, rehearse=True, now=now)
    if dry_run or found.nothing:
        said = "would be done" if not found.nothing else "nothing to repair"
        options.show(
            repairs.mapping(found)
            if as_json
            else [f"{workspace}: {said}", *repairs.lines(found)]
        )
        return
    if not as_json:
        options.show([f"{workspace}: to be done", *repairs.lines(found)])
    recorded.confirm("Do it?", sure=sure, otherwise="nothing repaired")
    done = repair_workspace(workspace, source=source, now=now)
    if as_json:
        options.show(repairs.mapping(done))
    elif done.published is not None:
        options.show([f"done; published: {done.published.checkpoint.size:,} entries"])
