# SPDX-License-Identifier: Apache-2.0
"""`privity release status`: what is due in a release, and what of its takings back is not undone (docs/revoking.md)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import click

from privity.app.releases.state.register import register_of
from privity.app.releases.state.states import ReleaseState
from privity.app.releases.taking_back.planning import Planned, plan_revocations
from privity.app.releases.taking_back.undone import CopyOut, TrainedOn, Undone, undone_of
from privity.app.workspace.opening import open_workspace
from privity.canonical.instants import Instant, format_instant
from privity.cli import options
from privity.cli.commands import Command
from privity.cli.counting import counted
from privity.cli.release.showing import standing_of


@click.command(cls=Command)
@click.argument("name", metavar="RELEASE", type=options.RELEASE)
@options.workspace
@options.asked_now
@options.threads
@options.json_output
def command(
    *, name: str, workspace: Path, now: Instant | None, threads: int, as_json: bool
) -> None:
    """Say what is due in a release now, and what of its takings back is not undone.

    Copies that went out and have, or had, records that were taken back; runs that read them, and the models that they
    made; since when, and what was done about each.

    \b
    Example:
      privity release status summer --workspace network
    """  # noqa: D301 - click's mark for a paragraph whose lines stay as they are
    with open_workspace(workspace, now=now) as opened:
        register, at = register_of(opened), opened.now()
        release = register.release(name)
        plan = plan_revocations(opened, [name], threads=threads)
    for error in plan.failed.values():
        raise error
    planned = plan.releases[0] if plan.releases else None
    undone = undone_of(register, release)
    if as_json:
        options.show(_mapping(release, planned, undone, at))
    else:
        options.show(list(_lines(release, planned, undone, at)))


def copy_lines(copy: CopyOut, at: Instant) -> Iterator[str]:
    """Say of a copy what was done about each taking back."""
    handed = copy.disclosure.handed
    yield (
        f"  copy {copy.disclosure.name} of revision {handed.says.revision}, at {handed.says.recipient} since "
        f"{format_instant(handed.time)}"
    )
    for one in copy.revocations:
        says = one.due.says
        if one.acks:
            became = f"deletion attested at {format_instant(one.acks[-1].time)}"
        elif says.deadline <= at:
            became = f"not attested, overdue since {format_instant(says.deadline)}"
        elif any(said.says.ok for said in one.notified):
            became = f"told, not attested; deadline {format_instant(says.deadline)}"
        else:
            became = f"not told yet; deadline {format_instant(says.deadline)}"
        yield f"    {one.name}, {counted(says.records, 'record')}: {became}"


def run_lines(one: TrainedOn) -> Iterator[str]:
    """Say of a run what it read, and what was made of it."""
    records = f"{counted(one.records, 'record')} of {one.release} that were taken back"
    yield (
        f"  run {one.run.name} read revision {one.revision}, with {records}, since "
        f"{format_instant(one.run.start.time)}"
    )
    for model in one.models:
        yield f"    model {model.name} was trained on them: that is not undone"
    for model in one.derived:
        yield f"    model {model.name} was made from it, by {model.entry.says.base}"


def _lines(
    release: ReleaseState, planned: Planned | None, undone: Undone, at: Instant
) -> Iterator[str]:
    yield f"{release.name}: {standing_of(release, at)}, revision {release.revision}"
    if planned is not None and planned.due.records:
        why = ", ".join(planned.due.reasons)
        yield f"  due now   {counted(planned.due.records, 'record')} of {counted(planned.members, 'member')}: {why}"
    elif release.live(at):
        yield "  due now   nothing"
    for one in release.revocations:
        done = "not done" if one.done is None else f"done at {format_instant(one.done.time)}"
        yield f"  taken back {counted(one.due.says.records, 'record')}: {one.name}, {done}"
    if not (undone.copies or undone.runs):
        yield "nothing is left that is not undone: no copy and no model had what was taken back"
        return
    yield "not undone by taking back:"
    for copy in undone.copies:
        yield from copy_lines(copy, at)
    for run in undone.runs:
        yield from run_lines(run)
    yield "what an attestation says is the recipient's word; no model forgets by it"


def _mapping(
    release: ReleaseState, planned: Planned | None, undone: Undone, at: Instant
) -> Mapping[str, Any]:
    return {
        "release": release.name,
        "revision": release.revision,
        "live": release.live(at),
        "due": None if planned is None else planned.mapping(),
        "revocations": [one.name for one in release.revocations],
        "not_undone": {
            "copies": [one.mapping(at) for one in undone.copies],
            "runs": [one.mapping() for one in undone.runs],
        },
    }
