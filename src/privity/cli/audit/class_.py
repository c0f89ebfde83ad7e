# SPDX-License-Identifier: Apache-2.0
"""`privity audit class`: whether content of a class of people was used (docs/audit.md)."""

from __future__ import annotations

from pathlib import Path

import click

from privity.audit.class_count import MOST_ITEMS
from privity.canonical.instants import Instant
from privity.cli import options
from privity.cli.audit.of_class import CameToLight, came_to_light, inputs_of
from privity.cli.audit.options import Chosen, shared
from privity.cli.audit.running import run
from privity.cli.commands import Command


@click.command(cls=Command)
@click.argument("file", metavar="FILE", type=options.FILE)
@shared
@came_to_light
@click.option(
    "--at",
    type=options.INSTANT,
    help="Decide what came to light again, as if it were used then.  [default: what FILE says]",
)
@click.option(
    "--items",
    type=click.IntRange(min=0),
    default=MOST_ITEMS,
    show_default=True,
    help="Of how many records the evidence is listed; the rest is counted.",
)
def command(
    *,
    file: Path,
    chosen: Chosen,
    light: CameToLight,
    at: Instant | None,
    items: int,
) -> None:
    """Say whether content of a class of people was used.

    FILE has the class as data: by which agreement, on which side of which records, made when; and the use: for what, for whom,
    by which act. Every release that comes into question is read. Files that came to light outside are matched with the
    platform's own records by id and by text. What cannot be looked at is never taken for a no.

    \b
    Example:
      privity audit class examples/inmail-dispute/claim.yaml --workspace network
    """  # noqa: D301 - click's mark for a paragraph whose lines stay as they are
    run(inputs_of(file, light, at=at, most=items), chosen)
