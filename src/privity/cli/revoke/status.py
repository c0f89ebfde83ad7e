# SPDX-License-Identifier: Apache-2.0
"""`privity revoke status`: how far each taking back has come (docs/revoking.md)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import click

from privity.app.releases.state.register import register_of
from privity.app.releases.state.states import ReleaseState, RevocationState
from privity.app.releases.taking_back.attesting_deletion import found_revocation
from privity.app.releases.taking_back.notifying import has_copies
from privity.app.workspace.opening import open_workspace
from privity.canonical.instants import Instant, format_instant
from privity.cli import options
from privity.cli.commands import Command
from privity.cli.counting import counted


@click.command(cls=Command)
@click.argument("revocation", required=False, metavar="[REVOCATION]")
@options.workspace
@options.asked_now
@options.json_output
def command(
    *, revocation: str | None, workspace: Path, now: Instant | None, as_json: bool
) -> None:
    """Say how far each taking back has come.

    Due, done, told, attested, overdue.

    \b
    Example:
      privity init network --origin network.example/simulated --clock simulated
      privity revoke status --workspace network
    """  # noqa: D301 - click's mark for a paragraph whose lines stay as they are
    with open_workspace(workspace, now=now) as opened:
        register, at = register_of(opened), opened.now()
    found = (
        [(one, each) for one in register.releases.values() for each in one.revocations]
        if revocation is None
        else [found_revocation(register, revocation)]
    )
    if as_json:
        options.show({"revocations": [_mapping(*one, at) for one in found]})
    else:
        lines = [line for one in found for line in _lines(*one, at)]
        options.show(lines or ["nothing was ever taken back"])


def standing(release: ReleaseState, one: RevocationState, at: Instant) -> str:
    """Say in a word or two how far a taking back has come."""
    if one.done is None:
        return "due, and not done"
    if one.acks:
        return "attested"
    if not has_copies(release, one):
        return "done, and no copy had the records"
    if one.due.says.deadline <= at:
        return "overdue: the recipient has not attested"
    if any(said.says.ok for said in one.notified):
        return "told, and not attested yet"
    return "done, and the recipient was not told"


def _lines(release: ReleaseState, one: RevocationState, at: Instant) -> Iterator[str]:
    says = one.due.says
    yield f"{one.name}: {standing(release, one, at)}"
    yield (
        f"  due       {counted(says.records, 'record')} of {counted(says.members, 'member')}, of revision {says.revision} of "
        f"{release.name}, by entry {one.due.index:,} at {format_instant(one.due.time)}"
    )
    yield f"  deadline  {format_instant(says.deadline)}, for {release.recipient}"
    if one.done is not None:
        yield f"  done      by entry {one.done.index:,} at {format_instant(one.done.time)}"
    for said in one.notified:
        how = "told" if said.says.ok else "not reached"
        yield f"  {how:9} {said.says.recipient}, by entry {said.index:,} at {format_instant(said.time)}"
    for ack in one.acks:
        yield f"  attested  {ack.says.recipient}, by entry {ack.index:,} at {format_instant(ack.time)}"


def _mapping(release: ReleaseState, one: RevocationState, at: Instant) -> Mapping[str, Any]:
    says = one.due.says
    return {
        "attested": [format_instant(ack.time) for ack in one.acks],
        "copies": has_copies(release, one),
        "deadline": format_instant(says.deadline),
        "done": None if one.done is None else format_instant(one.done.time),
        "due": format_instant(one.due.time),
        "entry": one.due.index,
        "members": says.members,
        "notified": [
            {"ok": said.says.ok, "time": format_instant(said.time)} for said in one.notified
        ],
        "recipient": release.recipient,
        "records": says.records,
        "release": release.name,
        "revision": says.revision,
        "revocation": one.name,
        "standing": standing(release, one, at),
    }
