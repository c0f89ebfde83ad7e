# SPDX-License-Identifier: Apache-2.0
"""`privity train demo`: a small model on a release, with a run that the log has (docs/training.md)."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import click

from privity.app.releases.using.trained import TrainedModel
from privity.app.releases.using.training import text_columns, train_demo
from privity.canonical.instants import Instant
from privity.cli import options
from privity.cli.commands import Command
from privity.cli.progress import progress
from privity.train.loss_plot import loss_line
from privity.train.settings import Settings

_MOST_SEEDS = (1 << 63) - 1


@click.command(cls=Command)
@click.argument("release", metavar="DIR", type=options.FILE)
@options.workspace
@click.option("--model", required=True, metavar="NAME", help="The name of the new model.")
@click.option(
    "--out", required=True, type=options.MADE, metavar="DIR", help="The folder to make for it."
)
@click.option(
    "--column",
    "columns",
    multiple=True,
    metavar="NAME",
    help="A column of text to learn; may be given several times.  [default: all that no decision rests on]",
)
@click.option(
    "--base",
    type=options.FILE,
    metavar="DIR",
    help="The folder of a model to go on from, which this command made.",
)
@click.option(
    "--seed",
    type=click.IntRange(min=0, max=_MOST_SEEDS),
    default=1,
    show_default=True,
    help="Of the first weights.",
)
@click.option(
    "--steps",
    type=click.IntRange(min=1),
    default=50,
    show_default=True,
    help="How many batches are read.",
)
@click.option(
    "--batch-size",
    type=click.IntRange(min=1),
    default=32,
    show_default=True,
    help="How many records a batch has, on the mean.",
)
@options.now
@options.json_output
def command(
    *,
    release: Path,
    workspace: Path,
    model: str,
    out: Path,
    columns: tuple[str, ...],
    base: Path | None,
    seed: int,
    steps: int,
    batch_size: int,
    now: Instant | None,
    as_json: bool,
) -> None:
    """Train a small model on a release, to show how it is done.

    DIR is the release, as it was handed over or in the workspace. A run is entered before the first batch is read, and what
    it consumed when it has ended. The same release and seed give the same weights. Needs torch.

    \b
    Example:
      privity train demo network/releases/summer --model tiny --out tiny --workspace network
    """  # noqa: D301 - click's mark for a paragraph whose lines stay as they are
    settings = Settings(
        columns=columns or text_columns(release), seed=seed, steps=steps, batch_size=batch_size
    )
    with progress({"train": "training"}, steps) as advance:
        trained = train_demo(
            workspace,
            release,
            model=model,
            out=out,
            settings=settings,
            base=base,
            now=now,
            progress=lambda _loss: advance("train", 1),
        )
    options.show(trained.mapping() if as_json else list(_lines(trained)))


def _lines(trained: TrainedModel) -> Iterator[str]:
    yield f"model {trained.model}: {trained.parameters:,} parameters, SHA-256 {trained.sha256}"
    yield (
        f"  read      {trained.batches:,} batches with {trained.records:,} records of release "
        f"{trained.release}, revision {trained.revision}"
    )
    yield f"  learnt    {trained.learnt:,} bytes"
    yield (
        f"  loss      {trained.first_loss:.3f} to {trained.last_loss:.3f} nats a byte  "
        f"{loss_line(trained.losses)}"
    )
    yield f"  run       {trained.run}, ended by entry {trained.entry:,}"
    yield f"  root      {trained.batches_root.hex()}"
    yield f"  folder    {trained.out}: card.md says what it was made from"
