# SPDX-License-Identifier: Apache-2.0
"""`privity release card`: what a person reads about a release (docs/releases.md)."""

from __future__ import annotations

from pathlib import Path

import click

from privity.app.releases.examining.cards import card_of
from privity.app.workspace.opening import open_workspace
from privity.cli import options
from privity.cli.commands import Command


@click.command(cls=Command)
@click.argument("name", metavar="RELEASE", type=options.RELEASE)
@options.workspace
@options.json_output
def command(*, name: str, workspace: Path, as_json: bool) -> None:
    """Show a release's card: what is in it, what was refused, and why.

    It is the `card.md` that lies in the release's folder, beside `card.html` with its plots; with --json, what it is made of. A number
    under 5 is hidden, and so is whatever would give it away.

    \b
    Example:
      privity release card summer --workspace network
    """  # noqa: D301 - click's mark for a paragraph whose lines stay as they are
    with open_workspace(workspace) as opened:
        found = card_of(opened, name)
    options.show(found.making.to_json() if as_json else found.text.splitlines())
