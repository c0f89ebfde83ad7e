# SPDX-License-Identifier: Apache-2.0
"""`privity release`: what is done with releases, one module for each command (docs/releases.md)."""

from __future__ import annotations

from typing import Final

import click

from privity.cli.lazy import LazyGroup

COMMANDS: Final = {
    "card": "Show a release's card: what is in it, what was refused, and why.",
    "check": "Check whether a release may be used now.",
    "check-proof": "Check what a proof shows a member of releases, offline.",
    "create": "Make a release of records that everyone in them agreed to.",
    "diff": "Say in what two releases, or two revisions of one, differ.",
    "end": "End a release for good: it is no longer to be used, in any revision.",
    "hand-over": "Hand a release over to its recipient, or enter that it was acknowledged.",
    "holding": "Say which releases hold a member's records, and which models were made from them.",
    "list": "List the releases of a workspace.",
    "prove": "Show a member what of hers releases have, and that they have nothing else.",
    "rotate-key": "Make another key that signs for releases; those that were made before keep theirs.",
    "show": "Show what the log says of a release.",
    "status": "Say what is due in a release now, and what of its takings back is not undone.",
    "verify": "Verify a release by the public tree of its log.",
}
"""Each command with the first line of its help; `privity.cli.release.<name>.command` is the command itself."""


@click.group(cls=LazyGroup, package=__name__, listed=COMMANDS)
def command() -> None:
    """Make releases, show and verify them, hand them over, end them.

    \b
    Example:
      privity init network --origin network.example/simulated --clock simulated
      privity release list --workspace network
    """  # noqa: D301 - click's mark for a paragraph whose lines stay as they are
