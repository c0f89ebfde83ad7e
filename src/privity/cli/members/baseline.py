# SPDX-License-Identifier: Apache-2.0
"""`privity members baseline`: the facts of before into a workspace, by one entry (docs/workspace.md)."""

from __future__ import annotations

from pathlib import Path
from typing import Final

import click

from privity.app.workspace.baseline_recording import record_baseline, rows_of
from privity.app.workspace.opening import open_workspace
from privity.canonical.instants import Instant
from privity.cli import options, recorded
from privity.cli.commands import Command
from privity.cli.counting import counted
from privity.cli.progress import progress

_STAGE: Final = "look"


@click.command(cls=Command)
@click.argument("facts", metavar="FACTS.parquet", type=options.FILE)
@options.workspace
@click.option(
    "--claimed-by", required=True, metavar="NAME", help="Who says that they are true, in words."
)
@options.now
@options.request_name
@options.json_output
def command(
    *,
    facts: Path,
    workspace: Path,
    claimed_by: str,
    now: Instant | None,
    request_name: str | None,
    as_json: bool,
) -> None:
    """Take in the facts that there were before the ledger, by one entry.

    The file is copied into the vault, and the entry commits to it without showing its hash. Its facts are
    claims: where a workspace does not say otherwise, they refuse by their own times and permit from the entry on.

    \b
    Example:
      privity init network --origin network.example/simulated --clock simulated \\
        --now 2025-06-01T00:00:00Z
      privity members from-table examples/small/accounts.toml examples/small/accounts.csv \\
        --out facts.parquet
      privity members baseline facts.parquet --workspace network --claimed-by "The platform"
    """  # noqa: D301 - click's mark for a paragraph whose lines stay as they are
    with open_workspace(workspace, now=now) as opened:
        with progress({_STAGE: "looking over"}, rows_of(facts)) as advance:
            made = record_baseline(
                opened,
                facts,
                claimed_by=claimed_by,
                request=request_name,
                progress=lambda count: advance(_STAGE, count),
            )
        recorded.acknowledge(
            opened,
            made.recorded,
            as_json=as_json,
            what=f"baseline of {counted(made.file.rows, 'fact')}, claimed by {claimed_by}",
            more={
                "facts": made.file.rows,
                "sha256": made.file.sha256,
                "claimed_by": claimed_by,
            },
        )
        recorded.note_on_claims(opened, claimed=not as_json)
