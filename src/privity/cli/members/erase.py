# SPDX-License-Identifier: Apache-2.0
"""`privity members erase`: forget members for good (docs/workspace.md)."""

from __future__ import annotations

from pathlib import Path

import click

from privity.app.workspace.erasing import erasable, erase_members
from privity.app.workspace.ids import member_named
from privity.app.workspace.opening import open_workspace
from privity.canonical.instants import Instant
from privity.cli import options, recorded
from privity.cli.commands import Command
from privity.cli.counting import counted


@click.command(cls=Command)
@click.argument("members", metavar="MEMBER...", nargs=-1, required=True)
@options.workspace
@options.now
@options.sure
@options.json_output
def command(
    *, members: tuple[str, ...], workspace: Path, now: Instant | None, sure: bool, as_json: bool
) -> None:
    """Erase members for good: their keys, their private payloads, their facts in baselines.

    Their entries stay in the log as bytes that nobody can open or tell from others. Backups of keys go on opening
    theirs until they are removed, within 30 days. What others' facts say of them, a merge of accounts say, stays.

    \b
    Example:
      privity init network --origin network.example/simulated --clock simulated
      privity members set chi joined --workspace network
      privity members erase chi --workspace network --yes
    """  # noqa: D301 - click's mark for a paragraph whose lines stay as they are
    with open_workspace(workspace, now=now) as opened:
        named = [member_named(opened, text) for text in members]
        found = erasable(opened, named)
        who = counted(len(found.members), "member")
        if not as_json:
            events = counted(found.events, "private entry", "private entries")
            facts = counted(found.baseline_facts, "fact")
            click.echo(f"{who}: {events}; {facts} in {counted(found.baselines, 'baseline')}")
        recorded.confirm(f"Erase {who}, for good?", sure=sure, otherwise="nobody erased")
        done = erase_members(opened, named)
    if as_json:
        options.show(
            {
                "baselines": [
                    {"entry": one.entry, "facts": one.erased} for one in done.baselines
                ],
                "members": done.members,
                "payloads": done.payloads,
                "published": None if done.published is None else done.published.checkpoint.size,
            }
        )
        return
    options.show(
        [
            f"erased: {who}, with {counted(done.payloads, 'private payload')}",
            *(
                f"  the baseline of entry {one.entry} was made anew, without {counted(one.erased, 'fact')}"
                for one in done.baselines
            ),
            "not published yet: another process is publishing; it will, or the next command does"
            if done.published is None
            else f"published: {done.published.checkpoint.size:,} entries",
            "Backups of keys still open theirs, until `privity ledger backup --expire` removes them.",
        ]
    )
