# SPDX-License-Identifier: Apache-2.0
"""`privity run end`: what came of a run (docs/releases.md)."""

from __future__ import annotations

from pathlib import Path

import click

from privity.app.inputs import sha256_of
from privity.app.releases.state.register import register_of
from privity.app.releases.using.journals import consumed_by, keep_journal
from privity.app.releases.using.running import NO_BATCHES
from privity.app.releases.using.runs import finish_run
from privity.app.workspace.opening import open_workspace
from privity.canonical.instants import Instant
from privity.cli import options
from privity.cli.commands import Command
from privity.cli.recorded import acknowledge
from privity.entries.run import ENDS
from privity.ledger.forms import from_base64


@click.command(cls=Command)
@click.argument("run", metavar="RUN")
@click.option(
    "--how",
    type=click.Choice(ENDS),
    default=ENDS[0],
    show_default=True,
    help="How it ended.",
)
@click.option(
    "--batches",
    type=click.IntRange(min=0),
    default=0,
    show_default=True,
    help="How many batches it consumed.",
)
@click.option(
    "--batches-root",
    metavar="BASE64",
    help="The root over the batches, as the loader gives it.  [default: that of none]",
)
@click.option(
    "--journal",
    type=options.FILE,
    metavar="FILE",
    help="The journal that the loader wrote, in place of both; the workspace keeps it.",
)
@click.option(
    "--checkpoint",
    "checkpoints",
    multiple=True,
    metavar="FILE|SHA256",
    help="What it kept; may be given several times.",
)
@click.option(
    "--model",
    "models",
    multiple=True,
    metavar="NAME=FILE|SHA256",
    help="A model that it made; may be given several times.",
)
@options.workspace
@options.now
@options.json_output
def command(
    *,
    run: str,
    how: str,
    batches: int,
    batches_root: str | None,
    journal: Path | None,
    checkpoints: tuple[str, ...],
    models: tuple[str, ...],
    workspace: Path,
    now: Instant | None,
    as_json: bool,
) -> None:
    """Enter that a run has ended, and which models it made.

    Nobody here saw it read: what is entered is what whoever ran it says. The root lets it be compared later with the
    batches that the release gives.

    \b
    Example:
      privity run end r5f0c8a2b91d3e764 --model next=examples/small/policy.yaml --workspace network
    """  # noqa: D301 - click's mark for a paragraph whose lines stay as they are
    kept = [sha256_of(one) for one in checkpoints]
    made = dict(_model(one) for one in models)
    root = NO_BATCHES if batches_root is None else _root(batches_root)
    if journal is not None:
        if batches or batches_root is not None:
            message = (
                "`--journal` says how many batches there were, and their root; give it alone"
            )
            raise click.UsageError(message)
        batches, root = consumed_by(journal)
    with open_workspace(workspace, now=now) as opened:
        recorded = finish_run(
            opened,
            run,
            how=how,
            batches=batches,
            batches_root=root,
            checkpoints=kept,
            models=made,
        )
        if journal is not None:
            keep_journal(opened.places, register_of(opened).run(run), journal)
        acknowledge(opened, recorded, as_json=as_json, what=f"run {run} {how}")
        if not (batches or as_json) and how == ENDS[0]:
            click.echo(
                "note: that it consumed no batch is what stands there now, for good; `--journal` or `--batches` says how many",
                err=True,
            )


def _model(text: str) -> tuple[str, str]:
    name, mark, file = text.partition("=")
    if not mark:
        message = f"`--model {text}` names no file, expected one such as `small=small.pt`"
        raise click.UsageError(message)
    return name, sha256_of(file)


def _root(text: str) -> bytes:
    root = from_base64(text)
    if root is None:
        message = f"`--batches-root {text}` is no base64, expected 32 bytes in it"
        raise click.UsageError(message)
    return root
