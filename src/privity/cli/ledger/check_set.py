# SPDX-License-Identifier: Apache-2.0
"""`privity ledger check-set`: whether a ledger speaks of a cleared set (specs/clearing.md, [CLR-12])."""

from __future__ import annotations

from pathlib import Path

import click

from privity.app.workspace.sets import check_set
from privity.canonical.instants import format_instant
from privity.cli import options
from privity.cli.commands import Command


@click.command(cls=Command)
@click.argument("cleared", metavar="SET", type=options.FILE)
@options.workspace
@options.json_output
def command(*, cleared: Path, workspace: Path, as_json: bool) -> None:
    """Check that a workspace's ledger speaks of a cleared set.

    Looks for the entry that commits to the set's manifest. A set that no entry commits to is an error (exit 3): it was
    made beside the ledger, never finished, or changed since.

    \b
    Example:
      privity clear examples/small/records.jsonl --purpose genai-training \\
        --recipient self --out cleared --workspace network
      privity ledger check-set cleared --workspace network
    """  # noqa: D301 - click's mark for a paragraph whose lines stay as they are
    found = check_set(workspace, cleared)
    if as_json:
        options.show(found.to_payload())
        return
    options.show(
        [
            f"{cleared}: clearing {found.clearing}, of {found.ledger_size:,} entries",
            f"  for      {found.purpose}, to {found.recipient}, from {format_instant(found.at)} on",
            f"  records  {found.permitted:,} of {found.records:,}",
            *(
                f"  {one.records:,} of the permits are attested by {one.attester}, not witnessed"
                for one in found.attested
            ),
        ]
    )
