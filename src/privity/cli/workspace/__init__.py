# SPDX-License-Identifier: Apache-2.0
"""`privity workspace`: a workspace as a whole, one module for each command (docs/keeping.md)."""

from __future__ import annotations

from typing import Final

import click

from privity.cli.lazy import LazyGroup

COMMANDS: Final = {
    "check": "Check a whole workspace: database, public tree, anchor, vault, baselines and releases.",
}
"""Each command with the first line of its help; `privity.cli.workspace.<name>.command` is the command itself."""


@click.group(cls=LazyGroup, package=__name__, listed=COMMANDS)
def command() -> None:
    """Check a whole workspace.

    \b
    Example:
      privity init network --origin network.example/simulated --clock simulated
      privity workspace check network
    """  # noqa: D301 - click's mark for a paragraph whose lines stay as they are
