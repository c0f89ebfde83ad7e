# SPDX-License-Identifier: Apache-2.0
"""`privity model status`: what a model was trained on that was taken back later (docs/revoking.md)."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import click

from privity.app.releases.state.register import register_of
from privity.app.releases.state.states import ModelState
from privity.app.releases.taking_back.undone import TrainedOn, derived_from, lineage, tainted
from privity.app.workspace.opening import open_workspace
from privity.canonical.instants import Instant, format_instant
from privity.cli import options
from privity.cli.commands import Command
from privity.cli.counting import counted


@click.command(cls=Command)
@click.argument("name", metavar="MODEL")
@options.workspace
@options.asked_now
@options.json_output
def command(*, name: str, workspace: Path, now: Instant | None, as_json: bool) -> None:
    """Say what a model was trained on that was taken back later, and what was made from the model.

    What it was made from itself counts: whoever trains on from such a model uses what it was trained on.

    \b
    Example:
      privity model status small --workspace network
    """  # noqa: D301 - click's mark for a paragraph whose lines stay as they are
    with open_workspace(workspace, now=now) as opened:
        register = register_of(opened)
    model = register.model(name)
    bases = lineage(register, model)[1:]
    found, derived = tainted(register, model), derived_from(register, [model])
    if as_json:
        options.show(
            {
                "bases": [one.name for one in bases],
                "derived": [one.name for one in derived],
                "model": model.name,
                "not_undone": [one.mapping() for one in found],
            }
        )
    else:
        options.show(list(_lines(model, bases, found, derived)))


def _lines(
    model: ModelState,
    bases: tuple[ModelState, ...],
    found: tuple[TrainedOn, ...],
    derived: tuple[ModelState, ...],
) -> Iterator[str]:
    yield f"{model.name}: by run {model.entry.says.run}, entered at {format_instant(model.entry.time)}"
    for base in bases:
        yield f"  made from {base.name}"
    if not found:
        yield "nothing that it was trained on was taken back"
    else:
        yield "not undone by taking back:"
    for one in found:
        yield (
            f"  run {one.run.name} read revision {one.revision} of {one.release}, with {counted(one.records, 'record')} "
            f"that were taken back, since {format_instant(one.run.start.time)}"
        )
        for revocation in one.revocations:
            done = revocation.done
            here = "not done" if done is None else f"gone here at {format_instant(done.time)}"
            yield f"    {revocation.name}, {counted(revocation.due.says.records, 'record')}: {here}"
    for other in derived:
        yield f"  {other.name} was made from it, by {other.entry.says.base}"
    if found:
        yield "no model forgets by a taking back; to be without the records it has to be trained anew"
