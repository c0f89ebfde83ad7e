# SPDX-License-Identifier: Apache-2.0
"""`privity release end`: a release is no longer to be used (docs/releases.md)."""

from __future__ import annotations

from pathlib import Path

import click

from privity.app.releases.state.register import register_of
from privity.app.releases.taking_back.ending import end_release
from privity.app.workspace.opening import open_workspace
from privity.canonical.instants import Instant
from privity.cli import options, recorded
from privity.cli.commands import Command


@click.command(cls=Command)
@click.argument("release", metavar="RELEASE", type=options.RELEASE)
@options.workspace
@options.now
@options.sure
@options.json_output
def command(
    *, release: str, workspace: Path, now: Instant | None, sure: bool, as_json: bool
) -> None:
    """End a release for good: it is no longer to be used, in any revision.

    Where its time is over it has expired, else it is withdrawn. Nobody gets it or opens it by Privity any more; copies that
    are out, and models, are as they were, and so is what lies here.

    \b
    Example:
      privity release end autumn --workspace network --yes
    """  # noqa: D301 - click's mark for a paragraph whose lines stay as they are
    with open_workspace(workspace, now=now) as opened:
        state = register_of(opened).release(release)
        out = [one.handed.says.recipient for one in state.disclosures if one.out]
        if not as_json and out:
            options.show([f"{release}: {', '.join(dict.fromkeys(out))} may have a copy"])
        recorded.confirm("End it for good?", sure=sure, otherwise="nothing ended")
        done = end_release(opened, release)
        why = "" if done.state.ended is None else done.state.ended.says.why
        more = {"release": release, "why": why}
        what = f"release {release} ended: {why}"
        recorded.acknowledge(opened, done.recorded, as_json=as_json, what=what, more=more)
