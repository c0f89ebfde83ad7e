# SPDX-License-Identifier: Apache-2.0
"""`privity ledger repair`: put right what can be, after saying what that is (docs/workspace.md)."""

from __future__ import annotations

from pathlib import Path

import click

from privity.app.workspace.repairing import repair_workspace
from privity.canonical.instants import Instant
from privity.cli import options, recorded
from privity.cli.commands import Command
from privity.cli.ledger import repairs


@click.command(cls=Command)
@click.argument("workspace", metavar="WORKSPACE", type=options.FILE)
@click.option(
    "--from",
    "source",
    metavar="URL_OR_DIR",
    help="A copy of the public tree to mend from.  [default: the workspace's own]",
)
@options.dry_run
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
    one. Of releases, what lies beside their files is brought to what the log says.

    \b
    Example:
      privity init network --origin network.example/simulated --clock simulated
      privity ledger repair network --dry-run
    """  # noqa: D301 - click's mark for a paragraph whose lines stay as they are
    found = repair_workspace(workspace, source=source, rehearse=True, now=now)
    # Until the rest is put right nobody knows what is to be done of releases.
    releases = repairs.releases_to_mend(workspace) if found.nothing else ()
    nothing = found.nothing and not releases
    lines = [*repairs.lines(found), *repairs.release_lines(releases)]
    if dry_run or nothing:
        said = "nothing to repair" if nothing else "would be done"
        options.show(
            {**repairs.mapping(found), "nothing": nothing, "releases": list(releases)}
            if as_json
            else [f"{workspace}: {said}", *lines]
        )
        return
    if not as_json:
        options.show([f"{workspace}: to be done", *lines])
    recorded.confirm("Do it?", sure=sure, otherwise="nothing repaired")
    done = found if found.nothing else repair_workspace(workspace, source=source, now=now)
    mended = repairs.mend(workspace, now=now)
    if as_json:
        options.show({**repairs.mapping(done), "releases": [one.name for one in mended]})
    else:
        size = None if done.published is None else done.published.checkpoint.size
        published = "" if size is None else f"; published: {size:,} entries"
        options.show([f"done{published}", *repairs.mended_lines(mended)])
