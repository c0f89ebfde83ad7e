# SPDX-License-Identifier: Apache-2.0
"""`privity members`: what is known of members, one module for each command (docs/members.md)."""

from __future__ import annotations

from typing import Final

import click

from privity.cli.lazy import LazyGroup

COMMANDS: Final = {
    "baseline": "Take in the facts that there were before the ledger, by one entry.",
    "check": "Name what facts contradict, end that never began, or say too late.",
    "erase": "Erase members for good: their keys, their private payloads, their facts in baselines.",
    "from-table": "Make facts of a platform's own tables.",
    "import": "Record the facts of a file, each as an entry.",
    "receipt": "Give a member what she holds of the ledger: the key of her stream, and all of its events.",
    "set": "Record a fact of one member.",
    "show": "Print a member's timeline: every fact in order, and what they come to.",
}
"""Each command with the first line of its help; `privity.cli.members.<name>.command` is the command itself."""


@click.group(cls=LazyGroup, package=__name__, listed=COMMANDS)
def command() -> None:
    """Check, show, make and record facts about members.

    \b
    Example:
      privity members check examples/small/facts.csv
    """  # noqa: D301 - click's mark for a paragraph whose lines stay as they are
