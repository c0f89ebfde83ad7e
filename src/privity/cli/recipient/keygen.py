# SPDX-License-Identifier: Apache-2.0
"""`privity recipient keygen`: a pair of keys for a recipient (docs/workspace.md)."""

from __future__ import annotations

from pathlib import Path

import click

from privity.app.releases.state.signing import make_keys
from privity.cli import options
from privity.cli.commands import Command
from privity.cli.recipient import showing
from privity.entries.dsse import key_id_of


@click.command(cls=Command)
@click.argument("file", metavar="FILE", type=options.MADE)
@options.json_output
def command(*, file: Path, as_json: bool) -> None:
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
                f"public key: {beside}, {key_id_of(public)[: showing.SHOWN]}",
            ]
        )
