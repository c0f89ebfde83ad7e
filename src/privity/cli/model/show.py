# SPDX-License-Identifier: Apache-2.0
"""`privity model show`: what a model was made from, and which batches held a member's records (docs/training.md)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

import click

from privity.app.releases.using.models import HeldBatches, held_batches, lineage_of
from privity.app.workspace.ids import member_named
from privity.app.workspace.opening import open_workspace
from privity.canonical.instants import format_instant
from privity.cli import options
from privity.cli.commands import Command
from privity.cli.counting import counted
from privity.train.card import Generation, Lineage, ReadByRun, model_card

_SHOWN = 12


@click.command(cls=Command)
@click.argument("name", metavar="MODEL")
@options.workspace
@click.option(
    "--member",
    metavar="ID",
    help="Say which batches held the records of this member that are in the releases now.",
)
@click.option(
    "--record",
    "records",
    multiple=True,
    metavar="ID",
    help="The same of a record, which need not be in a release any more; may be given several times.",
)
@click.option(
    "--journal",
    type=options.FILE,
    metavar="FILE",
    help="The journal of the model's run.  [default: the one that is kept]",
)
@click.option("--card", is_flag=True, help="Print the model's card, as Markdown.")
@options.json_output
def command(
    *,
    name: str,
    workspace: Path,
    member: str | None,
    records: tuple[str, ...],
    journal: Path | None,
    card: bool,
    as_json: bool,
) -> None:
    """Show what a model was made from, and which batches held a member's records.

    The lineage goes back through every base: what one of them read, a model that goes on from it keeps.

    \b
    Example:
      privity model show small --workspace network
      privity model show small --member ana --json --workspace network
    """  # noqa: D301 - click's mark for a paragraph whose lines stay as they are
    with open_workspace(workspace) as opened:
        found = lineage_of(opened, name)
        held: Sequence[HeldBatches] | None = None
        if member is not None or records:
            whose = None if member is None else member_named(opened, member)
            held = held_batches(opened, name, member=whose, records=records, journal=journal)
    if card:
        click.echo(model_card(found), nl=False)
    elif as_json:
        more = {} if held is None else {"held": [one.mapping() for one in held]}
        options.show({**found.mapping(), **more})
    else:
        options.show([*_lines(found), *(line for one in held or () for line in _held(one))])


def _lines(lineage: Lineage) -> Iterator[str]:
    for place, one in enumerate(lineage.generations):
        yield from _generation(one, place)
    if lineage.derived:
        yield f"made from it since: {', '.join(lineage.derived)}"
    if lineage.tainted:
        yield "what the weights keep of records that were taken back is not undone"


def _generation(one: Generation, place: int) -> Iterator[str]:
    yield f"{'model' if not place else 'from'} {one.model}: SHA-256 {one.sha256}, entry {one.entry:,}"
    when = "not ended" if one.ended is None else f"{one.how} at {format_instant(one.ended)}"
    yield f"  run       {one.run}, by {one.recipient}, since {format_instant(one.started)}, {when}"
    if one.batches is not None:
        yield f"  consumed  {one.batches:,} batches, root {one.batches_root}"
    for read in one.releases:
        yield from _read(read)


def _read(read: ReadByRun) -> Iterator[str]:
    policy = f", by {read.policy}" if read.policy is not None else ""
    yield (
        f"  release   {read.release}, revision {read.revision} (entry {read.entry:,}), for {read.purpose}{policy}: "
        f"{counted(read.records, 'record')} of {counted(read.members, 'member')}"
    )
    for one in read.taken_back:
        done = (
            "not taken out yet" if one.done is None else f"out since {format_instant(one.done)}"
        )
        yield (
            f"  taken back since {format_instant(one.at)}: {counted(one.records, 'record')} of {counted(one.members, 'member')}, "
            f"{done} (revocation {one.revocation})"
        )
    if read.why_ended is not None:
        yield f"  the release is {read.why_ended}"


def _held(one: HeldBatches) -> Iterator[str]:
    who = f"run {one.run} of {one.model}, release {one.release}"
    if one.batches is None:
        yield (
            f"{who}: {counted(one.records, 'record is', 'records are')} looked for, and the run has no journal here; name it with --journal"
        )
    elif one.batches:
        listed = ", ".join(
            f"{line.batch} of epoch {line.epoch}" for line in one.batches[:_SHOWN]
        )
        more = f", and {len(one.batches) - _SHOWN:,} more" if len(one.batches) > _SHOWN else ""
        yield f"{who}: {counted(one.records, 'record')}, in {counted(len(one.batches), 'batch', 'batches')}: {listed}{more}"
    else:
        yield f"{who}: {counted(one.records, 'record')}, in no batch that was consumed"
    if one.taken_back:
        yield (
            f"  {counted(one.taken_back, 'record was', 'records were')} taken out of the release since, and it is not known here any "
            "more whose; ask for them by --record"
        )
