# SPDX-License-Identifier: Apache-2.0
"""`privity model`: the models that runs made, one module for each command (docs/training.md)."""

from __future__ import annotations

from typing import Final

import click

from privity.cli.lazy import LazyGroup

COMMANDS: Final = {
    "list": "List the models of a workspace.",
    "show": "Show what a model was made from, and which batches held a member's records.",
    "status": "Say what a model was trained on that was taken back later, and what was made from the model.",
}
"""Each command with the first line of its help; `privity.cli.model.<name>.command` is the command itself."""


@click.group(cls=LazyGroup, package=__name__, listed=COMMANDS)
def command() -> None:
    """Show the models that were made from releases.

    \b
    Example:
      privity init network --origin network.example/simulated --clock simulated
      privity model list --workspace network
    """  # noqa: D301 - click's mark for a paragraph whose lines stay as they are
