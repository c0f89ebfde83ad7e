# SPDX-License-Identifier: Apache-2.0
"""`privity run start`: the entry of a run precedes its reading (docs/releases.md)."""

from __future__ import annotations

from pathlib import Path

import click

from privity.app.inputs import sha256_of
from privity.app.public_tree.files import check_free_file, write_new
from privity.app.releases.using.runs import begin_run
from privity.app.workspace.opening import open_workspace
from privity.canonical.instants import Instant, format_instant
from privity.cli import options
from privity.cli.commands import Command
from privity.cli.recorded import publish_and_show


@click.command(cls=Command)
@click.argument("releases", metavar="RELEASE...", nargs=-1, required=True, type=options.RELEASE)
@options.recipient
@click.option(
    "--code",
    required=True,
    metavar="FILE|SHA256",
    help="What runs: its SHA-256 is entered, and nothing else of it.",
)
@click.option("--config", required=True, metavar="FILE|SHA256", help="How it runs: the same.")
@click.option("--base", metavar="MODEL", help="The model that it goes on from.")
@click.option(
    "--ticket",
    type=options.MADE,
    required=True,
    metavar="FILE",
    help="Where to write the ticket.",
)
@options.workspace
@options.now
@options.threads
@options.json_output
def command(
    *,
    releases: tuple[str, ...],
    recipient: str,
    code: str,
    config: str,
    base: str | None,
    ticket: Path,
    workspace: Path,
    now: Instant | None,
    threads: int,
    as_json: bool,
) -> None:
    """Enter that a run begins, and write its ticket.

    Looks whether the newest revision of each RELEASE may be used now, and whether the recipient has acknowledged that it has
    it; a controller needs no copy. The ticket opens these releases for a day; `privity run show --ticket` writes the
    same one again.

    \b
    Example:
      privity run start summer --recipient self --code examples/small/policy.yaml \\
        --config examples/small/policy.yaml --ticket next.json --workspace network
    """  # noqa: D301 - click's mark for a paragraph whose lines stay as they are
    check_free_file(ticket)  # what is entered stays entered
    digests = sha256_of(code), sha256_of(config)
    with open_workspace(workspace, now=now) as opened:
        made = begin_run(
            opened,
            releases,
            recipient=recipient,
            code=digests[0],
            config=digests[1],
            base=base,
            threads=threads,
        )
        write_new(ticket, made.envelope)
        said = made.ticket
        names = ", ".join(f"{one.release} (revision {one.revision})" for one in said.releases)
        publish_and_show(
            opened,
            {
                "entry": said.index,
                "ledger_size": said.start.ledger_size,
                "releases": [
                    {"release": one.release, "revision": one.revision} for one in said.releases
                ],
                "run": made.name,
                "ticket": str(ticket),
                "time": format_instant(said.at),
                "until": format_instant(said.until),
            },
            [
                f"run {made.name} of {recipient}, on {names}",
                f"  entered  as {said.index:,}, at {format_instant(said.at)}",
                f"  ticket   {ticket}, opens them until {format_instant(said.until)}",
            ],
            as_json=as_json,
        )
