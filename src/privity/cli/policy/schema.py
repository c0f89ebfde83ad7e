# SPDX-License-Identifier: Apache-2.0
"""`privity policy schema`: the JSON Schema of policy files (docs/policy.md)."""

from __future__ import annotations

import click

from privity.canonical.encode import encode_pretty
from privity.cli.commands import Command
from privity.policy.schema import json_schema


@click.command(cls=Command)
def command() -> None:
    """Print the JSON Schema of policy files, for editors.

    \b
    Example:
      privity policy schema
    """  # noqa: D301 - click's mark for a paragraph whose lines stay as they are
    click.echo(encode_pretty(json_schema()), nl=False)
