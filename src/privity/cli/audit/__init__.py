# SPDX-License-Identifier: Apache-2.0
"""`privity audit`: what was done with whose records, one module for each command (docs/audit.md)."""

from __future__ import annotations

from typing import Final

import click

from privity.cli.lazy import LazyGroup

COMMANDS: Final = {
    "class": "Say whether content of a class of people was used.",
    "replay": "Decide every use again, as it was known then, and say what is found.",
    "schema": "Print the JSON Schema of questions about a class, or of statements, for editors.",
    "statement": "Say whether a public statement holds, fails, or cannot be told.",
    "verify": "Verify somebody else's audit from its bundle alone.",
    "whatif": "Say what another rule or date would have changed.",
}
"""Each command with the first line of its help; `privity.cli.audit.<name>.command` is the command itself."""


@click.group(cls=LazyGroup, package=__name__, listed=COMMANDS)
def command() -> None:
    """Find out what was done with whose records, and show it.

    Exit codes: 0 answered, and nothing is wrong; 20 answered, and something was found: it was used, a statement fails,
    there are findings; 21 it cannot be told from what was shown; 2 to 5 as always.

    \b
    Example:
      privity audit replay --workspace network
    """  # noqa: D301 - click's mark for a paragraph whose lines stay as they are
