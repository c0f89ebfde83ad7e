# SPDX-License-Identifier: Apache-2.0
"""`privity recipient`: who may get data, and what a recipient does with a copy (docs/workspace.md, docs/releases.md)."""

from __future__ import annotations

from typing import Final

import click

from privity.cli.lazy import LazyGroup

COMMANDS: Final = {
    "acknowledge": "Look at all of a copy that was handed over to you, and sign that it arrived.",
    "add": "Record that a recipient comes onto the register.",
    "apply": "Take out of your copy what was taken back, and sign what you deleted.",
    "change": "Record that a recipient has another role, or another key.",
    "end": "Record that a recipient leaves the register.",
    "keygen": "Make a pair of keys for a recipient: the secret one, and the public one in FILE.pub.",
    "list": "List who is on the register, in which role and since when, and who left it.",
    "webhook": "Say where a recipient gets messages about what is taken back; nothing is entered in the log.",
}
"""Each command with the first line of its help; `privity.cli.recipient.<name>.command` is the command itself."""


@click.group(cls=LazyGroup, package=__name__, listed=COMMANDS)
def command() -> None:
    """Keep the register of recipients: who may get data.

    \b
    Example:
      privity init network --origin network.example/simulated --clock simulated
      privity recipient add lab --role third-party --workspace network
    """  # noqa: D301 - click's mark for a paragraph whose lines stay as they are
