# SPDX-License-Identifier: Apache-2.0
"""`privity recipient`: the register of who may get data, in a workspace (docs/workspace.md)."""

from __future__ import annotations

from pathlib import Path

import click

from privity.app.workspace.opening import open_workspace
from privity.app.workspace.recipients import (
    add_recipient,
    change_recipient,
    end_recipient,
    list_recipients,
)
from privity.canonical.instants import Instant, format_instant
from privity.cli import options
from privity.cli.recorded import acknowledge

_id = click.argument("recipient", metavar="ID")
_role = click.option(
    "--role",
    required=True,
    metavar="ROLE",
    help="What it is to the platform: controller, affiliate, processor or third-party.",
)


@click.group()
def command() -> None:
    """Keep the register of recipients: who may get data, in which role.

    \b
    Example:
      privity init network --origin network.example/simulated --clock simulated
      privity recipient add lab --role third-party --workspace network
    """  # noqa: D301 - click's mark for a paragraph whose lines stay as they are


@command.command()
@_id
@_role
@options.some_at
@options.workspace
@options.now
@options.request_name
@options.json_output
def add(
    *,
    recipient: str,
    role: str,
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
    with open_workspace(workspace, now=now) as opened:
        recorded = add_recipient(opened, recipient, role=role, at=at, request=request_name)
        what = f"recipient {recipient} added as {role}"
        acknowledge(opened, recorded, as_json=as_json, what=what)


@command.command()
@_id
@_role
@options.some_at
@options.workspace
@options.now
@options.request_name
@options.json_output
def change(
    *,
    recipient: str,
    role: str,
    at: Instant | None,
    workspace: Path,
    now: Instant | None,
    request_name: str | None,
    as_json: bool,
) -> None:
    """Record that a recipient has another role.

    \b
    Example:
      privity init network --origin network.example/simulated --clock simulated
      privity recipient add lab --role third-party --workspace network
      privity recipient change lab --role affiliate --workspace network --now 2025-01-01T00:00:00Z
    """  # noqa: D301 - click's mark for a paragraph whose lines stay as they are
    with open_workspace(workspace, now=now) as opened:
        recorded = change_recipient(opened, recipient, role=role, at=at, request=request_name)
        what = f"recipient {recipient} changed to {role}"
        acknowledge(opened, recorded, as_json=as_json, what=what)


@command.command()
@_id
@options.some_at
@options.workspace
@options.now
@options.request_name
@options.json_output
def end(
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


@command.command("list")
@options.some_at
@options.workspace
@options.json_output
def show(*, at: Instant | None, workspace: Path, as_json: bool) -> None:
    """List who is on the register, in which role and since when, and who left it.

    \b
    Example:
      privity init network --origin network.example/simulated --clock simulated
      privity recipient list --workspace network
    """  # noqa: D301 - click's mark for a paragraph whose lines stay as they are
    with open_workspace(workspace) as opened:
        when = opened.now() if at is None else at
        found = list_recipients(opened, at=when)
    if as_json:
        options.show(
            {"at": format_instant(when), "recipients": [one.mapping() for one in found]}
        )
    else:
        options.show(
            [
                f"{one.id}: {one.role or 'not on the register'} since {format_instant(one.since)}"
                for one in found
            ]
            or ["nobody was ever on the register"]
        )
