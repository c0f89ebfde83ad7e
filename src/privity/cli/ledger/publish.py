# SPDX-License-Identifier: Apache-2.0
"""`privity ledger publish`: what was recorded becomes what anybody can read (docs/workspace.md)."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import click

from privity.app.releases.state.marks import any_left
from privity.app.workspace.opening import open_workspace
from privity.app.workspace.parts import Workspace
from privity.app.workspace.recording import publish_now
from privity.app.workspace.unfinished import recover
from privity.canonical.instants import Instant
from privity.cli import options
from privity.cli.commands import Command
from privity.cli.ledger import showing
from privity.errors import PrivityError
from privity.ledger.forms import to_base64


@click.command(cls=Command)
@click.argument("workspace", metavar="WORKSPACE", type=options.FILE)
@options.now
@options.json_output
def command(*, workspace: Path, now: Instant | None, as_json: bool) -> None:
    """Publish what was recorded, and finish what a killed process left.

    Every command that records publishes too; this is for what could not then. Also finishes erasures, rotations,
    clearings, releases and hand-overs that were cut short. Without anything new nothing is signed.

    \b
    Example:
      privity init network --origin network.example/simulated --clock simulated
      privity ledger publish network
    """  # noqa: D301 - click's mark for a paragraph whose lines stay as they are
    with open_workspace(workspace, now=now) as opened:
        releases, failed = _recover_releases(opened)
        copies = _recover_hand_overs(opened)
        clearings = recover(opened)
        published = publish_now(opened)
        simulated = opened.simulated
    checkpoint = published.checkpoint
    if as_json:
        options.show(
            {
                "added": published.added,
                "clearings": list(clearings),
                "copies": list(copies),
                "releases": list(releases),
                "unfinished": list(failed),
                "independently_witnessed": False,
                "origin": checkpoint.origin,
                "root": to_base64(checkpoint.root),
                "simulated_clock": simulated,
                "size": checkpoint.size,
            }
        )
    else:
        size = showing.counted(checkpoint.size, "entry", "entries")
        options.show(
            [
                f"{workspace}: {size} published, {published.added:,} of them now",
                f"  log   {checkpoint.origin}",
                f"  root  {to_base64(checkpoint.root)}",
                *(f"  clearing {name} was finished, or abandoned" for name in clearings),
                *(f"  release {name} was finished, or removed" for name in releases),
                *(f"  copy {name} was not finished, and is gone" for name in copies),
                *(
                    f"  taking back from {name} is not finished: {error}"
                    for name, error in failed.items()
                ),
                *showing.warnings(simulated=simulated, first_use=False),
            ]
        )
    for error in failed.values():
        raise error


def _recover_releases(
    workspace: Workspace,
) -> tuple[tuple[str, ...], Mapping[str, PrivityError]]:
    made: tuple[str, ...] = ()
    failed: Mapping[str, PrivityError] = {}
    # What these load is installed with the extra `release`, and is needed only where releases are made.
    if any_left(workspace.places.root):
        from privity.app.releases.making.finishing import recover_releases  # noqa: PLC0415 - as said

        made = recover_releases(workspace)
    if any(workspace.places.release_vault.glob("*/revocations/*")):
        from privity.app.releases.taking_back.revoking import recover_revocations  # noqa: PLC0415 - as said

        taken = recover_revocations(workspace)
        made += tuple(one.release.name for one in taken.releases)
        failed = taken.failed
    return tuple(dict.fromkeys(made)), failed


def _recover_hand_overs(workspace: Workspace) -> tuple[str, ...]:
    if not any((workspace.places.root / "state" / "hand-overs").glob("*.lock")):
        return ()
    from privity.app.releases.handing.handing_marks import recover_hand_overs  # noqa: PLC0415 - as above

    return recover_hand_overs(workspace)
