# SPDX-License-Identifier: Apache-2.0
"""`privity revoke`: take records back, one module for each command (docs/revoking.md)."""

from __future__ import annotations

from typing import Final

import click

from privity.cli.lazy import LazyGroup

COMMANDS: Final = {
    "attest": "Verify what a recipient signed about a taking back, and enter it.",
    "notify": "Tell recipients what was taken back, and those who were not reached before.",
    "plan": "Say what is to be taken back, without doing it.",
    "run": "Take back what is due.",
    "status": "Say how far each taking back has come.",
}
"""Each command with the first line of its help; `privity.cli.revoke.<name>.command` is the command itself."""


@click.group(cls=LazyGroup, package=__name__, listed=COMMANDS)
def command() -> None:
    """Take records back, here and from whoever has a copy.

    \b
    Example:
      privity init network --origin network.example/simulated --clock simulated
      privity revoke plan --workspace network
    """  # noqa: D301 - click's mark for a paragraph whose lines stay as they are
