# SPDX-License-Identifier: Apache-2.0
"""`privity policy show`: what a policy permits, in plain language (docs/policy.md)."""

from __future__ import annotations

from pathlib import Path

import click

from privity.canonical.encode import encode_pretty
from privity.canonical.instants import Instant
from privity.cli import options
from privity.cli.commands import Command
from privity.policy.drafts import read_drafts
from privity.policy.show import data_of, page_of, text_of


@click.command(cls=Command)
@options.policy_paths
@options.json_output
@click.option(
    "--at",
    type=options.INSTANT,
    help="Show the version in force then; left out: the newest.",
)
def command(paths: tuple[Path, ...], as_json: bool, at: Instant | None) -> None:
    """Say in plain language what a policy permits.

    What may be used, by whom, for what, where not and since when; what silence, a yes and a no mean; what
    is promised and forbidden; and the history of versions.

    \b
    Example:
      privity policy show examples/small/policy.yaml --at 2025-01-01T00:00:00Z
    """  # noqa: D301 - click's mark for a paragraph whose lines stay as they are
    page = page_of(read_drafts(paths, options.tell), at)
    if as_json:
        click.echo(encode_pretty(data_of(page)), nl=False)
    else:
        click.echo("\n".join(text_of(page)))
