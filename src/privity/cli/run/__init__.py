# SPDX-License-Identifier: Apache-2.0
"""`privity run`: training runs on releases, one module for each command (docs/releases.md)."""

from __future__ import annotations

from typing import Final

import click

from privity.cli.lazy import LazyGroup

COMMANDS: Final = {
    "end": "Enter that a run has ended, and which models it made.",
    "list": "List the runs of a workspace.",
    "show": "Show what the log says of a run, or give its ticket out again.",
    "start": "Enter that a run begins, and write its ticket.",
}
"""Each command with the first line of its help; `privity.cli.run.<name>.command` is the command itself."""


@click.group(cls=LazyGroup, package=__name__, listed=COMMANDS)
def command() -> None:
    """Enter training runs on releases, and what came of them.

    \b
    Example:
      privity init network --origin network.example/simulated --clock simulated
      privity run list --workspace network
    """  # noqa: D301 - click's mark for a paragraph whose lines stay as they are
