# SPDX-License-Identifier: Apache-2.0
"""`privity ledger check`: everything in a workspace, to the last byte (docs/keeping.md)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from privity.app.workspace.checking import STAGES, Checked, check_workspace
from privity.app.workspace.places import Places
from privity.app.workspace.status import status_of
from privity.cli import options
from privity.cli.commands import Command
from privity.cli.counting import counted
from privity.cli.ledger import showing
from privity.cli.progress import progress
from privity.entries.release import STREAM as RELEASE

if TYPE_CHECKING:
    from privity.app.releases.examining.checking import CheckedReleases


@click.command(cls=Command)
@click.argument("workspace", metavar="WORKSPACE", type=options.FILE)
@options.json_output
@click.pass_context
def command(context: click.Context, *, workspace: Path, as_json: bool) -> None:
    """Check a whole workspace: database, public tree, anchor, vault, baselines and releases.

    Hashes every entry again, compares every signed root and every tile, opens every private payload, counts every stream, hashes
    every file of every release, holds what is kept of releases and runs to the entries that name it, and names all that is wrong, what is
    not here, and what it did not read. Changes nothing. Exits with 3 where the bytes do not hold, with 4 where it is an older copy.

    \b
    Example:
      privity init network --origin network.example/simulated --clock simulated
      privity ledger check network
    """  # noqa: D301 - click's mark for a paragraph whose lines stay as they are
    simulated = status_of(workspace)
    with progress(STAGES, simulated.size) as advance:
        found = check_workspace(workspace, advance=advance)
    releases = _releases(workspace, found)
    if releases is not None:
        found = replace(found, problems=(*found.problems, *releases.problems))
    options.show(
        _mapping(found, releases)
        if as_json
        else list(_lines(workspace, found, releases, simulated.simulated))
    )
    if found.problems:
        context.exit(found.problems[0].exit_code)


def _releases(root: Path, found: Checked) -> CheckedReleases | None:
    """Check the releases, where there is anything of any."""
    places = Places(root)
    if RELEASE not in found.public and not places.release_vault.exists():
        return None
    from privity.app.releases.examining.checking import check_releases  # noqa: PLC0415 - it loads engines

    return check_releases(root)


def _mapping(found: Checked, releases: CheckedReleases | None) -> dict[str, Any]:
    return {
        "baselines": found.baselines,
        "keys": found.keys,
        "lacking": [] if releases is None else list(releases.lacking),
        "notes": found.notes,
        "origin": found.origin,
        "payloads": found.payloads,
        "payloads_lost": found.lost,
        "private": found.private,
        "problems": [
            {"code": one.code, "hint": one.hint, "message": str(one)} for one in found.problems
        ],
        "public": dict(found.public),
        "published": found.published,
        "releases": 0 if releases is None else releases.releases,
        "releases_busy": [] if releases is None else list(releases.busy),
        "releases_looked_at": 0 if releases is None else releases.looked,
        "size": found.size,
        "unread": [] if releases is None else list(releases.unread),
    }


def _lines(
    root: Path, found: Checked, releases: CheckedReleases | None, simulated: bool
) -> Iterator[str]:
    if found.problems:
        yield f"{root}: {counted(len(found.problems), 'problem')}"
        for one in found.problems:
            yield f"  {one.code}: {one}"
            if one.hint is not None:
                yield f"    hint: {one.hint}"
    else:
        # What is not here cannot be said to hold.
        all_of_it = "everything" if releases is None or not releases.lacking else "what is here"
        yield f"{root}: {counted(found.size, 'entry', 'entries')}, and {all_of_it} holds"
    public = ", ".join(f"{name} {count:,}" for name, count in found.public.items())
    yield f"  log        {found.origin}"
    yield f"  signed     {counted(found.notes, 'checkpoint')}, each compared with the entries"
    yield f"  published  {found.published:,} of {counted(found.size, 'entry', 'entries')}"
    yield f"  public     {sum(found.public.values()):,} ({public})"
    yield f"  private    {found.private:,}; {found.payloads:,} payloads are there and are what was committed to"
    if found.lost:
        lost = counted(found.lost, "entry", "entries")
        yield f"  lost       the private payloads of {lost}, as is marked"
    yield f"  keys       of {counted(found.keys, 'stream')}"
    if found.baselines:
        yield f"  baselines  {found.baselines:,}, with their files"
    if releases is not None:
        yield from _of_releases(releases)
    yield from showing.warnings(simulated=simulated, first_use=False)


def _of_releases(found: CheckedReleases) -> Iterator[str]:
    if not found.problems:
        yield f"  releases   {found.looked:,}, with their files, members, papers and private parts"
    if found.busy:
        yield (
            f"  busy       {', '.join(found.busy)}: being made or taken back from, or cut short, and not looked at; "
            "`privity ledger publish` finishes what was cut short"
        )
    for one in found.lacking:
        yield f"  not here   {one}"
    if found.unread:
        more = ", …; `--json` names them" if len(found.unread) > 1 else ""
        yield (
            f"  unread     {counted(len(found.unread), 'file')} that no entry commits to: "
            f"{found.unread[0]}{more}"
        )
