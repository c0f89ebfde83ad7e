# SPDX-License-Identifier: Apache-2.0
"""`privity members show`: a member's timeline (docs/members.md)."""

from __future__ import annotations

from pathlib import Path

import click

from privity.app.basis import LedgerSize
from privity.app.explaining import show_member
from privity.app.resting import not_witnessed
from privity.canonical.instants import Instant
from privity.cli import basis, options
from privity.cli.commands import Command
from privity.members.show import lines as timeline_lines, mapping as timeline_mapping


@click.command(cls=Command)
@click.argument("member")
@click.option(
    "--workspace",
    type=options.FILE,
    metavar="DIR",
    help="Go by this workspace's ledger, in place of --facts.",
)
@options.facts
@click.option(
    "--at",
    type=options.INSTANT,
    help="What the facts come to then.  [default with --workspace: now]",
)
@basis.known
@options.json_output
def command(
    *,
    member: str,
    workspace: Path | None,
    facts: tuple[Path, ...],
    at: Instant | None,
    known: Instant | LedgerSize | None,
    as_json: bool,
) -> None:
    """Print a member's timeline: every fact in order, and what they come to.

    \b
    Example:
      privity members show chi --facts examples/small/facts.csv --at 2025-06-01T00:00:00Z
    """  # noqa: D301 - click's mark for a paragraph whose lines stay as they are
    known_from = basis.basis_of(
        workspace=workspace, policies=(), facts=facts, known=known, without_policy=True
    )
    found = show_member(known_from, member, basis.request_of("", "", at, known, known_from))
    if as_json:
        told = dict(timeline_mapping(found.shown))
        if found.source is not None:
            told["claims"] = [
                {"facts": count, "says": not_witnessed(name)}
                for name, count in found.claims.items()
            ]
        options.show(basis.with_source(told, found.source))
    else:
        more = [
            f"{count:,} of these facts are {not_witnessed(name)}"
            for name, count in found.claims.items()
        ]
        options.show(basis.with_source(timeline_lines(found.shown), found.source, more))
