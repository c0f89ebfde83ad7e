# SPDX-License-Identifier: Apache-2.0
"""`privity recipient webhook`: where a recipient gets messages (docs/revoking.md)."""

from __future__ import annotations

from pathlib import Path

import click

from privity.app.releases.taking_back.notifying import set_address
from privity.app.workspace.opening import open_workspace
from privity.cli import options
from privity.cli.commands import Command
from privity.cli.recipient import showing


@click.command(cls=Command)
@showing.recipient_id
@click.argument("address", metavar="[URL]", required=False)
@click.option(
    "--none", "nowhere", is_flag=True, help="Send this recipient no messages any more."
)
@options.workspace
@options.json_output
def command(
    *, recipient: str, address: str | None, nowhere: bool, workspace: Path, as_json: bool
) -> None:
    """Say where a recipient gets messages about what is taken back; nothing is entered in the log.

    Messages are signed as Standard Webhooks asks, with the key of the releases. What it prints as `key` is what the recipient
    verifies them by; the entry of each release has it too.

    \b
    Example:
      privity init network --origin network.example/simulated --clock simulated
      privity recipient add lab --role third-party --workspace network
      privity recipient webhook lab https://lab.example.com/privity --workspace network
    """  # noqa: D301 - click's mark for a paragraph whose lines stay as they are
    if (address is None) != nowhere:
        raise click.UsageError("name an address, or say --none")
    with open_workspace(workspace) as opened:
        key = set_address(opened, recipient, address)
    said = "gets no messages" if nowhere else "gets messages"
    options.show(
        {"key": key, "messages": not nowhere, "recipient": recipient}
        if as_json
        else [f"{recipient} {said}", f"  key  {key}"]
    )
