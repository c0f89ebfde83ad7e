# SPDX-License-Identifier: Apache-2.0
"""`privity revoke plan`: what is to be taken back, and from whom (docs/revoking.md)."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import click

from privity.app.releases.taking_back.planning import Plan, Planned, plan_revocations
from privity.app.workspace.opening import open_workspace
from privity.canonical.instants import Instant, format_instant
from privity.cli import options
from privity.cli.commands import Command
from privity.cli.counting import counted


@click.command(cls=Command)
@click.argument("releases", nargs=-1, metavar="[RELEASE]...", type=options.RELEASE)
@options.workspace
@options.asked_now
@options.threads
@options.json_output
def command(
    *,
    releases: tuple[str, ...],
    workspace: Path,
    now: Instant | None,
    threads: int,
    as_json: bool,
) -> None:
    """Say what is to be taken back, without doing it.

    Of each live release, or of those that are named: how many records are no longer permitted and why, of how many
    members, by when recipients would have to delete them, which copies went out, and which models were trained.

    \b
    Example:
      privity init network --origin network.example/simulated --clock simulated
      privity revoke plan --workspace network
    """  # noqa: D301 - click's mark for a paragraph whose lines stay as they are
    with open_workspace(workspace, now=now) as opened:
        plan = plan_revocations(opened, releases or None, threads=threads)
    options.show(plan.mapping() if as_json else list(_lines(plan)))
    for error in plan.failed.values():
        raise error


def _lines(plan: Plan) -> Iterator[str]:
    if not (plan.releases or plan.failed):
        yield (
            f"nothing is due: {counted(plan.looked, 'live release')}, {counted(plan.size, 'entry', 'entries')} of the log, at "
            f"{format_instant(plan.at)}"
        )
    for one in plan.releases:
        yield from _of_release(one)
    for name, error in plan.failed.items():
        yield f"{name}: not looked at: {error}"


def _of_release(one: Planned) -> Iterator[str]:
    due, release = one.due, one.release
    if due.records:
        yield (
            f"{release.name}: {due.records:,} of {counted(release.content.rows, 'record')} due, of "
            f"{counted(one.members, 'member')}, in {len(due.files):,} of {counted(one.live, 'file')}"
        )
        why = ", ".join(f"{reason} {count:,}" for reason, count in due.reasons.items())
        yield f"  why       {why}"
        yield f"  deadline  {format_instant(one.deadline)}, if it is run now"
    for left in one.unfinished:
        yield (
            f"{release.name}: {left.name} was begun and is not done: {counted(left.due.says.records, 'record')}, "
            f"deadline {format_instant(left.due.says.deadline)}"
        )
    for copy in one.copies:
        yield (
            f"  copy      {copy.name} of revision {copy.handed.says.revision}, at {release.recipient} since "
            f"{format_instant(copy.handed.time)}"
        )
    for run in release.runs:
        models = ", ".join(model.name for model in run.models) or "no model yet"
        yield (
            f"  trained   {run.name} on revision {run.revision_of(release.name)}, since "
            f"{format_instant(run.start.time)}: {models}"
        )
