# SPDX-License-Identifier: Apache-2.0
"""`privity release rotate-key`: another key signs for releases that are made from now on (docs/keeping.md)."""

from __future__ import annotations

from pathlib import Path

import click

from privity.app.releases.state.signing import exchange_release_key
from privity.app.workspace.opening import open_workspace
from privity.cli import options, recorded
from privity.cli.commands import Command
from privity.entries.webhook import public_text


@click.command(cls=Command)
@options.workspace
@options.sure
@options.json_output
def command(*, workspace: Path, sure: bool, as_json: bool) -> None:
    """Make another key that signs for releases; those that were made before keep theirs.

    The entry of each release names its key, so nothing is entered now. The key of so far stays beside the new one: what is
    taken back from older releases is signed with it. Of a key that came to others: end the releases that name it, and make
    them anew. Recipients of messages are given the new one besides the old.

    \b
    Example:
      privity init network --origin network.example/simulated --clock simulated
      privity release rotate-key --workspace network --yes
    """  # noqa: D301 - click's mark for a paragraph whose lines stay as they are
    recorded.confirm(
        "Make another key that signs for releases?", sure=sure, otherwise="nothing exchanged"
    )
    with open_workspace(workspace) as opened:
        done = exchange_release_key(opened)
    new, old = public_text(done.public), public_text(done.previous)
    if as_json:
        options.show({"key": new, "kept": str(done.kept), "previous": old})
        return
    options.show(
        [
            f"{workspace}: another key signs for releases that are made from now on",
            f"  new  {new}",
            f"  old  {old}, for those that were made before: {done.kept}",
            "Give the new one to recipients of messages, besides the old.",
        ]
    )
