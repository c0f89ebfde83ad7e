# SPDX-License-Identifier: Apache-2.0
"""`privity release holding`: which releases and models have a member's records (docs/release-members.md)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

import click

from privity.app.releases.members.holding import Holding, holdings
from privity.app.workspace.opening import open_workspace
from privity.canonical.instants import Instant
from privity.cli import options
from privity.cli.commands import Command
from privity.cli.counting import counted
from privity.cli.release.showing import standing_of
from privity.cli.release.unknown import warn_unknown


@click.command(cls=Command)
@click.option("--member", required=True, metavar="ID", help="Whose records.")
@options.workspace
@options.json_output
def command(*, member: str, workspace: Path, as_json: bool) -> None:
    """Say which releases hold a member's records, and which models were made from them.

    Asks an index, and reads no release. It is the operator's own look: what shows it to somebody else is `privity release
    prove`. What was taken back is in no release any more; a model that was made before stays one that had it, which
    `privity model show` tells.

    \b
    Example:
      privity init network --origin network.example/simulated --clock simulated
      privity release holding --member mona --workspace network
    """  # noqa: D301 - click's mark for a paragraph whose lines stay as they are
    with open_workspace(workspace) as opened:
        found = holdings(opened, member)
        warn_unknown(opened, member)
        now = opened.now()
    if as_json:
        options.show(
            {
                "member": member,
                "releases": [
                    {
                        "models": list(one.models),
                        "records": one.records,
                        "recipient": one.release.recipient,
                        "release": one.release.name,
                        "revision": one.release.revision,
                        "standing": standing_of(one.release, now),
                    }
                    for one in found
                ],
            }
        )
    else:
        options.show(list(_lines(member, found, now)))


def _lines(member: str, found: Sequence[Holding], now: Instant) -> Iterator[str]:
    yield f"{member}: records in {counted(len(found), 'release')}"
    for one in found:
        models = f"; models: {', '.join(one.models)}" if one.models else ""
        yield (
            f"  {one.release.name}, revision {one.release.revision}: {counted(one.records, 'record')}, "
            f"to {one.release.recipient}, {standing_of(one.release, now)}{models}"
        )
