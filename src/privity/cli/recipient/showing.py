# SPDX-License-Identifier: Apache-2.0
"""What the commands about recipients share: their arguments, and how a key is shown."""

from __future__ import annotations

from typing import Final

import click

from privity.cli import options
from privity.entries.dsse import key_id_of

SHOWN: Final = 16
"""How many letters of a key's name are shown."""
_ROLE: Final = "What it is to the platform: controller, affiliate, processor or third-party."

recipient_id = click.argument("recipient", metavar="ID")
role = click.option("--role", required=True, metavar="ROLE", help=_ROLE)
some_role = click.option("--role", metavar="ROLE", help=f"{_ROLE} Left out: as it is.")
key = click.option(
    "--key",
    type=options.FILE,
    metavar="FILE",
    help="The public key that verifies what it signs: Ed25519, in PEM or base64.",
)
own_key = click.option(
    "--key",
    type=options.FILE,
    required=True,
    metavar="FILE",
    help="Your secret key, of which the register has the public one.",
)


def with_key(key: bytes | None) -> str:
    """Give how a key is shown: by the beginning of its name in envelopes."""
    return "" if key is None else f", key {key_id_of(key)[:SHOWN]}"
