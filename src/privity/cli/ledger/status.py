# SPDX-License-Identifier: Apache-2.0
"""`privity ledger status`: how a workspace is, for people and for monitoring (docs/workspace.md)."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Final

import click

from privity.app.workspace.status import LATEST, Covered, Status, status_of
from privity.canonical.instants import Instant, format_instant
from privity.cli import options
from privity.cli.commands import Command
from privity.cli.counting import counted
from privity.cli.ledger import showing

_NOT_WELL: Final = 4
_UNITS: Final = ((86_400, "days"), (3_600, "hours"), (60, "minutes"))


@click.command(cls=Command)
@click.argument("workspace", metavar="WORKSPACE", type=options.FILE)
@options.json_output
@click.pass_context
def command(context: click.Context, *, workspace: Path, as_json: bool) -> None:
    """Say how a workspace is: what is recorded, published, signed, anchored, and what is wrong.

    Changes nothing and takes no lock. Exits with 4 where the workspace cannot be written to, because it is an older copy,
    say, or where something waits for more than a minute to be published.

    \b
    Example:
      privity init network --origin network.example/simulated --clock simulated
      privity ledger status network
    """  # noqa: D301 - click's mark for a paragraph whose lines stay as they are
    found = status_of(workspace)
    options.show(found.mapping() if as_json else list(_lines(found)))
    if not found.well:
        context.exit(_NOT_WELL)


def _lines(found: Status) -> Iterator[str]:
    yield f"{found.root}: {'well' if found.well else 'not well'}"
    if found.trouble is not None:
        yield f"  trouble    {found.trouble}"
        if found.trouble.hint is not None:
            yield f"             hint: {found.trouble.hint}"
    yield f"  log        {found.origin}"
    yield f"  recorded   {_entries(found.size, found.newest, found.now)}"
    yield f"  published  {_covers(found.published, found.now)}"
    if found.backlog_age is not None:
        late = f", longer than {LATEST} seconds" if found.late else ""
        waiting = counted(found.backlog, "entry", "entries")
        yield f"  waiting    {waiting}, the oldest for {_age(found.backlog_age)}{late}"
    for vkey in found.signed_by:
        yield f"  signed     {vkey}"
    if found.both_until is not None:
        yield f"  rotation   both keys sign until {format_instant(found.both_until)}"
    yield f"  anchor     {found.anchor}: {_covers(found.anchored, found.now)}"
    if found.same_disk:
        yield "             on the disk of the database: it does not protect from an older copy of the whole disk"
    if found.ending:
        ending = counted(found.ending, "member")
        yield f"  erasures   of {ending}, not over: the next command finishes it"
    if found.lost:
        lost = counted(found.lost, "entry", "entries")
        yield f"  lost       the private payloads of {lost}, as is marked"
    yield from showing.warnings(simulated=found.simulated, first_use=False)


def _covers(covered: Covered | None, now: Instant) -> str:
    return "nothing" if covered is None else _entries(covered.size, covered.newest, now)


def _entries(size: int, newest: Instant | None, now: Instant) -> str:
    text = counted(size, "entry", "entries")
    if newest is None:
        return text
    return f"{text}, the newest of {format_instant(newest)}, {_age(max(now - newest, 0))} ago"


def _age(seconds: int) -> str:
    for unit, name in _UNITS:
        if seconds >= 2 * unit:
            return f"{seconds // unit:,} {name}"
    return counted(seconds, "second")
