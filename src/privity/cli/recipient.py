# SPDX-License-Identifier: Apache-2.0
"""`privity recipient`: the register of who may get data, in a workspace (docs/workspace.md)."""

from __future__ import annotations

from pathlib import Path

import click

from privity.app.releases.signing import make_keys, read_public
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
from privity.entries.dsse import key_id_of

_SHOWN = 16

_id = click.argument("recipient", metavar="ID")
_ROLE = "What it is to the platform: controller, affiliate, processor or third-party."
_role = click.option("--role", required=True, metavar="ROLE", help=_ROLE)
_some_role = click.option("--role", metavar="ROLE", help=f"{_ROLE} Left out: as it is.")
_key = click.option(
    "--key",
    type=options.FILE,
    metavar="FILE",
    help="The public key that verifies what it signs: Ed25519, in PEM or base64.",
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
@_key
@options.some_at
@options.workspace
@options.now
@options.request_name
@options.json_output
def add(
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
        what = f"recipient {recipient} added as {role}{_with(public)}"
        acknowledge(opened, recorded, as_json=as_json, what=what)


@command.command()
@_id
@_some_role
@_key
@options.some_at
@options.workspace
@options.now
@options.request_name
@options.json_output
def change(
    *,
    recipient: str,
    role: str | None,
    key: Path | None,
    at: Instant | None,
    workspace: Path,
    now: Instant | None,
    request_name: str | None,
    as_json: bool,
) -> None:
    """Record that a recipient has another role, or another key.

    A key verifies what the recipient signs from now on: that it got a release, that it deleted records. What it signed
    before was verified when it was recorded.

    \b
    Example:
      privity init network --origin network.example/simulated --clock simulated
      privity recipient add lab --role third-party --workspace network
      privity recipient change lab --role affiliate --workspace network --now 2025-01-01T00:00:00Z
    """  # noqa: D301 - click's mark for a paragraph whose lines stay as they are
    public = None if key is None else read_public(key)
    with open_workspace(workspace, now=now) as opened:
        recorded = change_recipient(
            opened, recipient, role=role, key=public, at=at, request=request_name
        )
        to = f" to {role}" if role is not None else ""
        what = f"recipient {recipient} changed{to}{_with(public)}"
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
                f"{one.id}: {one.role or 'not on the register'} since {format_instant(one.since)}{_with(one.key)}"
                for one in found
            ]
            or ["nobody was ever on the register"]
        )


@command.command()
@click.argument("file", metavar="FILE", type=options.FILE)
@options.json_output
def keygen(*, file: Path, as_json: bool) -> None:
    """Make a pair of keys for a recipient: the secret one, and the public one in FILE.pub.

    The recipient keeps the secret one, and gives the public one to the operator, who puts it on the register.
    `openssl genpkey -algorithm ed25519` makes such a key too. Nothing that is there is written over.

    \b
    Example:
      privity recipient keygen lab.key
      privity init network --origin network.example/simulated --clock simulated
      privity recipient add lab --role third-party --key lab.key.pub --workspace network
    """  # noqa: D301 - click's mark for a paragraph whose lines stay as they are
    public, beside = make_keys(file)
    if as_json:
        options.show({"key_id": key_id_of(public), "public": str(beside), "secret": str(file)})
    else:
        options.show(
            [
                f"secret key: {file}, for its owner alone",
                f"public key: {beside}, {key_id_of(public)[:_SHOWN]}",
            ]
        )


def _with(key: bytes | None) -> str:
    """Give how a key is shown: by the beginning of its name in envelopes."""
    return "" if key is None else f", key {key_id_of(key)[:_SHOWN]}"
