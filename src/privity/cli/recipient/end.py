# SPDX-License-Identifier: Apache-2.0
"""`privity recipient end`: somebody leaves the register (docs/workspace.md)."""

from __future__ import annotations

from pathlib import Path

import click

from privity.app.workspace.opening import open_workspace
from privity.app.workspace.recipients import end_recipient
from privity.canonical.instants import Instant
from privity.cli import options
from privity.cli.commands import Command
from privity.cli.recipient import showing
from privity.cli.recorded import acknowledge


@click.command(cls=Command)
@showing.recipient_id
@options.some_at
@options.workspace
@options.now
@options.request_name
@options.json_output
def command(
    *,
    recipient: str,
    at: Instant | None,
    workspace: Path,
    now: Instant | None,
    request_name: str | None,
    as_json: bool,
) -> None:
    """Record that a recipient leaves the register.

    \b
    Example:
      privity init network --origin network.example/simulated --clock simulated
      privity recipient add lab --role third-party --workspace network
      privity recipient end lab --workspace network --now 2025-01-01T00:00:00Z
    """  # noqa: D301 - click's mark for a paragraph whose lines stay as they are
    with open_workspace(workspace, now=now) as opened:
        recorded = end_recipient(opened, recipient, at=at, request=request_name)
        acknowledge(opened, recorded, as_json=as_json, what=f"recipient {recipient} ended")
