# SPDX-License-Identifier: Apache-2.0
"""`privity audit class`: whether content of a class of people was used (docs/audit.md)."""

from __future__ import annotations

from pathlib import Path

import click

from privity.app.auditing.answer_class import Particulars, class_inputs
from privity.audit.class_count import MOST_ITEMS
from privity.canonical.instants import Instant
from privity.cli import options
from privity.cli.audit.options import Chosen, shared
from privity.cli.audit.running import run


@click.command()
@click.argument("file", metavar="FILE", type=options.FILE)
@shared
@click.option(
    "--disclosed",
    type=options.FILE,
    multiple=True,
    metavar="FILE_OR_DIR",
    help="What came to light and had been disclosed to somebody: Parquet, JSON lines or CSV; may be given several times.",
)
@click.option(
    "--training",
    type=options.FILE,
    multiple=True,
    metavar="FILE_OR_DIR",
    help="What came to light and had been trained on, likewise.",
)
@options.some_records
@options.binding
@click.option(
    "--text",
    metavar="COLUMN",
    help="The column of text in what came to light, and in the records.  [default: `body`, `text`, `content` or `message`]",
)
@click.option(
    "--id",
    "ids",
    metavar="COLUMN",
    help="The column of ids in what came to light.  [default: `record_id` or `id`]",
)
@click.option(
    "--at",
    type=options.INSTANT,
    help="Decide what came to light again, as if it were used then.  [default: what FILE says]",
)
@click.option(
    "--known",
    type=options.INSTANT,
    help="Believe nothing for that which was recorded later.  [default: the instant of --at]",
)
@click.option(
    "--recipient",
    metavar="ID",
    help="For whom, by the register.  [default: whoever has a role of FILE]",
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
    disclosed: tuple[Path, ...],
    training: tuple[Path, ...],
    records: tuple[Path, ...],
    binding: Path | None,
    text: str | None,
    ids: str | None,
    at: Instant | None,
    known: Instant | None,
    recipient: str | None,
    items: int,
) -> None:
    """Say whether content of a class of people was used.

    FILE has the class as data: by which agreement, on which side of which records, made when; and the use: for what, for whom,
    by which act. Every release that comes into question is read. Files that came to light outside are matched with the
    platform's own records by id and by text. What cannot be looked at is never taken for a no.

    \b
    Example:
      privity audit class --help
    """  # noqa: D301 - click's mark for a paragraph whose lines stay as they are
    inputs = class_inputs(
        file,
        disclosed=disclosed,
        training=training,
        records=records,
        binding=binding,
        particulars=Particulars(
            at=at, known=known, recipient=recipient, text=text, id=ids, most=items
        ),
    )
    run(inputs, chosen)
