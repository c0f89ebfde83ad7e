# SPDX-License-Identifier: Apache-2.0
"""`privity ledger`: what is done with a log, one module for each command (docs/ledger.md)."""

from __future__ import annotations

from typing import Final

import click

from privity.cli.lazy import LazyGroup

COMMANDS: Final = {
    "backup": "Copy a workspace into a new folder in BACKUPS.",
    "check": "Check a whole workspace: database, public tree, anchor, vault, baselines and releases.",
    "check-proof": "Check that an entry is in a log, with nothing but a proof and a key.",
    "check-set": "Check that a workspace's ledger speaks of a cleared set.",
    "keys": "Exchange the key that signs a workspace's log.",
    "prove": "Make a proof that an entry is in a log.",
    "publish": "Publish what was recorded, and finish what a killed process left.",
    "repair": "Put right a workspace that refuses to be written to.",
    "restore": "Put back from a backup what a workspace lacks.",
    "status": "Say how a workspace is: what is recorded, published, signed, anchored, and what is wrong.",
    "verify": "Verify a log from its public tree, without trusting whoever keeps it.",
}
"""Each command with the first line of its help; `privity.cli.ledger.<name>.command` is the command itself."""


@click.group(cls=LazyGroup, package=__name__, listed=COMMANDS)
def command() -> None:
    """Keep a log of what was done, and verify anybody's.

    \b
    Example:
      privity ledger verify examples/ledger/public
    """  # noqa: D301 - click's mark for a paragraph whose lines stay as they are
