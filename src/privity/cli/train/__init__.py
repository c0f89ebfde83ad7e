# SPDX-License-Identifier: Apache-2.0
"""`privity train`: train on releases, one module for each command (docs/training.md)."""

from __future__ import annotations

from typing import Final

import click

from privity.cli.lazy import LazyGroup

COMMANDS: Final = {
    "demo": "Train a small model on a release, to show how it is done.",
}
"""Each command with the first line of its help; `privity.cli.train.<name>.command` is the command itself."""


@click.group(cls=LazyGroup, package=__name__, listed=COMMANDS)
def command() -> None:
    """Train on a release, to show how it is done.

    \b
    Example:
      privity train demo network/releases/summer --model tiny --out tiny --workspace network
    """  # noqa: D301 - click's mark for a paragraph whose lines stay as they are
