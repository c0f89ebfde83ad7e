# SPDX-License-Identifier: Apache-2.0
"""`privity init`: make a workspace (docs/workspace.md)."""

from __future__ import annotations

import shlex
from collections.abc import Iterator
from pathlib import Path
from typing import Any, get_args

import click

from privity.app.workspace.founding import Founded, found_workspace
from privity.app.workspace.places import Places
from privity.canonical.instants import Instant, format_instant
from privity.cli import options
from privity.cli.commands import Command
from privity.config.workspace import DEFAULT_ANCHOR, Claims, Clock, WorkspaceSettings


@click.command(cls=Command)
@click.argument("folder", metavar="DIR", type=options.MADE)
@click.option(
    "--origin",
    required=True,
    metavar="NAME",
    help="The log's name for good: a host and a path of yours; it ends in `/simulated` where the clock is.",
)
@click.option(
    "--clock",
    type=click.Choice(get_args(Clock)),
    default="system",
    show_default=True,
    help="Simulated: the instant can be set, for demonstrations and tests.",
)
@click.option(
    "--attested",
    "claims",
    type=click.Choice(get_args(Claims)),
    default="restrict",
    show_default=True,
    help="What is attested of before its entry: it restricts from then and permits from its entry on, or "
    "it is accepted.",
)
@click.option(
    "--anchor",
    type=options.FILE,
    metavar="PATH",
    help="Where the last published checkpoint is kept besides, best on another disk.  [default: "
    f"DIR/{DEFAULT_ANCHOR}]",
)
@click.option(
    "--now",
    type=options.INSTANT,
    help="The instant to begin at, where the clock is simulated.  [default: 1970-01-01T00:00:00Z]",
)
@options.json_output
def command(
    *,
    folder: Path,
    origin: str,
    clock: Clock,
    claims: Claims,
    anchor: Path | None,
    now: Instant | None,
    as_json: bool,
) -> None:
    """Make a workspace.

    A folder with a log of everything that is recorded from now on: its settings, a key that signs, the
    vault with what is private, and a public tree that can be served as it is.

    \b
    Example:
      privity init network --origin network.example/simulated --clock simulated \\
        --now 2024-09-01T00:00:00Z
    """  # noqa: D301 - click's mark for a paragraph whose lines stay as they are
    settings = WorkspaceSettings(
        origin=origin, clock=clock, attested=claims, anchor=_anchor(folder, anchor)
    )
    founded = found_workspace(folder, settings, now=now)
    options.show(_data(founded) if as_json else list(_lines(founded)))
    if _within(founded):
        click.echo(
            "warning: the anchor lies in the workspace, so it does not protect from a restored copy of the "
            "whole; `--anchor`, or `anchor` in privity.toml, puts it elsewhere",
            err=True,
        )


def _anchor(folder: Path, anchor: Path | None) -> str:
    """Give the anchor's path as settings have it: from the workspace on, where it lies in it."""
    if anchor is None:
        return DEFAULT_ANCHOR
    path, root = anchor.absolute(), folder.absolute()
    return str(path.relative_to(root) if path.is_relative_to(root) else path)


def _within(founded: Founded) -> bool:
    anchor = Places(founded.root).anchor(founded.settings)
    return anchor.resolve().is_relative_to(founded.root.resolve())


def _data(founded: Founded) -> dict[str, Any]:
    settings, places = founded.settings, Places(founded.root)
    return {
        "workspace": str(founded.root),
        "origin": settings.origin,
        "clock": settings.clock,
        "attested": settings.attested,
        "vkey": founded.vkey,
        "time": format_instant(founded.time),
        "public": str(places.public),
        "anchor": str(places.anchor(settings)),
        "anchor_in_workspace": _within(founded),
        "witnessed": False,
    }


def _lines(founded: Founded) -> Iterator[str]:
    settings, places = founded.settings, Places(founded.root)
    yield f"{founded.root}: a workspace, begun at {format_instant(founded.time)}"
    yield f"  log       {settings.origin}, not independently witnessed"
    if settings.clock == "simulated":
        yield "  clock     simulated: its instants are set, and show nothing of when anything happened"
    if settings.attested == "accept":
        yield "  attested  accepted: what rests on it will say so"
    yield f"  settings  {places.settings}"
    yield f"  public    {places.public}: serve it as it is"
    yield f"  private   {places.log.parent}, {places.keys.parent}"
    yield f"  signs     {places.signer}: whoever has it can sign for this log"
    yield f"  anchor    {places.anchor(settings)}"
    yield "Give this key to members and auditors by another way than the log; it verifies all that the log signs:"
    yield f"  {founded.vkey}"
    yield "What to do next:"
    there = shlex.quote(str(founded.root))
    yield f"  privity recipient add ID --role ROLE --workspace {there}"
    yield f"  privity policy publish FILE --workspace {there}"
    yield f"  privity members import FACTS --workspace {there}"
