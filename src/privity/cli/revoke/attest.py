# SPDX-License-Identifier: Apache-2.0
"""`privity revoke attest`: enter what a recipient signed about a taking back (docs/revoking.md)."""

from __future__ import annotations

from pathlib import Path

import click

from privity.app.releases.taking_back.attesting_deletion import attest_revocation, copies_with
from privity.app.workspace.opening import open_workspace
from privity.canonical.instants import Instant
from privity.cli import options
from privity.cli.commands import Command
from privity.cli.recorded import acknowledge


@click.command(cls=Command)
@click.argument("revocation", metavar="REVOCATION")
@click.argument("attestation", metavar="FILE", type=options.FILE)
@options.workspace
@options.now
@options.json_output
def command(
    *,
    revocation: str,
    attestation: Path,
    workspace: Path,
    now: Instant | None,
    as_json: bool,
) -> None:
    """Verify what a recipient signed about a taking back, and enter it.

    FILE is what `privity recipient apply` wrote. It has to be signed by the recipient's key on the register, and to say of
    the copy what the log says of the revision without the records.

    \b
    Example:
      privity recipient apply taken-back copy --key lab.key
      privity revoke attest r24d9936e7591b9da taken-back/attestation.json --workspace network
    """  # noqa: D301 - click's mark for a paragraph whose lines stay as they are
    with open_workspace(workspace, now=now) as opened:
        recorded = attest_revocation(opened, revocation, attestation)
        acknowledge(opened, recorded, as_json=as_json, what=f"{revocation} is attested")
        copies = copies_with(opened, revocation)
        if copies > 1 and not as_json:
            click.echo(
                f"note: {copies} copies with these records went out, and what was signed is of all of them: that each is "
                "without them is the recipient’s word",
                err=True,
            )
