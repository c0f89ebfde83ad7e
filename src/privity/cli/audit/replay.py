# SPDX-License-Identifier: Apache-2.0
"""`privity audit replay`: every use decided again, as it was known then (docs/audit.md)."""

from __future__ import annotations

from pathlib import Path
from typing import Final

import click

from privity.app.auditing.answering.answer_replay import replay_inputs
from privity.audit.replay import OVERDUE
from privity.canonical.instants import Instant
from privity.cli import options
from privity.cli.audit.options import Chosen, shared
from privity.cli.audit.running import run
from privity.cli.commands import Command

_MOST: Final = (1 << 53) - 1
"""The largest whole number that canonical JSON has."""
_LONGEST: Final = 36_525


@click.command(cls=Command)
@click.option(
    "--release",
    "releases",
    multiple=True,
    type=options.RELEASE,
    metavar="NAME",
    help="Ask about this release alone; may be given several times.",
)
@click.option(
    "--sample",
    type=click.IntRange(min=1, max=_MOST),
    metavar="N",
    help="Draw N records, and say how many of all are wrong at least and at most.",
)
@click.option(
    "--seed",
    type=click.IntRange(min=0, max=_MOST),
    default=0,
    show_default=True,
    metavar="S",
    help="Which N are drawn: the same again for the same seed.",
)
@click.option(
    "--at",
    type=options.INSTANT,
    help="By when something is overdue; the end of the log, unless it is later.",
)
@click.option(
    "--overdue",
    type=click.IntRange(min=0, max=_LONGEST),
    default=OVERDUE,
    show_default=True,
    metavar="DAYS",
    help="After how many days a refused record that stays in a live release is overdue.",
)
@click.option(
    "--set",
    "sets",
    multiple=True,
    type=options.FILE,
    metavar="DIR",
    help="A set that was cleared on this ledger and became no release; may be given several times.",
)
@shared
def command(
    *,
    releases: tuple[str, ...],
    sample: int | None,
    seed: int,
    at: Instant | None,
    overdue: int,
    sets: tuple[Path, ...],
    chosen: Chosen,
) -> None:
    """Decide every use again, as it was known then, and say what is found.

    Every set that was cleared, every release and revision, every hand-over and every run is looked at: by what the log shows, and record
    by record by the plain rule, with what was known before it and nothing that came later. Findings are of eleven kinds, such
    as `use-after-no` or `order-ignored`.

    \b
    Example:
      privity audit replay --workspace network
      privity audit replay --workspace network --release summer --sample 1000 --seed 7
    """  # noqa: D301 - click's mark for a paragraph whose lines stay as they are
    run(
        replay_inputs(releases, sample=sample, seed=seed, at=at, overdue=overdue),
        chosen,
        sets=sets,
    )
