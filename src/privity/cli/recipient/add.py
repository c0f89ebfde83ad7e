# SPDX-License-Identifier: Apache-2.0
"""`privity recipient add`: somebody comes onto the register (docs/workspace.md)."""

from __future__ import annotations

from pathlib import Path

import click

from privity.app.releases.state.signing import read_public
from privity.app.workspace.opening import open_workspace
from privity.app.workspace.recipients import add_recipient
from privity.canonical.instants import Instant
from privity.cli import options
from privity.cli.commands import Command
from privity.cli.recipient import showing
from privity.cli.recorded import acknowledge


@click.command(cls=Command)
@showing.recipient_id
@showing.role
@showing.key
@options.some_at
@options.workspace
@options.now
@options.request_name
@options.json_output
def command(
    *,
    recipient: str,
    role: str,
    key: Path | None,
    at: Instant | None,
    workspace: Path,
    now: Instant | None,
    request_name: str | None,
    as_json: bool,
) -> None:
    """Record that a recipient comes onto the register.

    \b
    Example:
      privity init network --origin network.example/simulated --clock simulated
      privity recipient add lab --role third-party --workspace network
    """  # noqa: D301 - click's mark for a paragraph whose lines stay as they are
    public = None if key is None else read_public(key)
    with open_workspace(workspace, now=now) as opened:
        recorded = add_recipient(
            opened, recipient, role=role, key=public, at=at, request=request_name
        )
        what = f"recipient {recipient} added as {role}{showing.with_key(public)}"
        acknowledge(opened, recorded, as_json=as_json, what=what)
