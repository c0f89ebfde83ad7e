# SPDX-License-Identifier: Apache-2.0
"""`privity policy diff`: what a change of policy opens and closes (docs/policy-diff.md)."""

from __future__ import annotations

from pathlib import Path

import click

from privity.app.comparing import (
    compare_pair,
    load_pair,
    reach_lines,
    reach_mapping,
    reach_of,
)
from privity.canonical.instants import Instant
from privity.cli import options
from privity.cli.commands import Command
from privity.cli.progress import deciding
from privity.decide.analysis.show import lines, mapping


@click.command(cls=Command)
@click.argument("old", metavar="OLD", type=options.FILE)
@click.argument("new", metavar="NEW", type=options.FILE)
@click.option(
    "--alone",
    is_flag=True,
    help="Take NEW as it is, even if it is one version that could follow those of OLD.",
)
@click.option(
    "--at",
    type=options.INSTANT,
    help="When the data would be used.  [default: when all that both say has begun]",
)
@options.known
@click.option(
    "--facts",
    type=options.FILE,
    multiple=True,
    metavar="FILE",
    help="Count what changes: what is known of members; may be given several times.",
)
@options.some_records
@options.bindings
@click.option("--purpose", metavar="TERM", help="What for; left out: everything.")
@click.option("--recipient", metavar="ID", help="Count what changes: who would get the data.")
@options.threads
@options.json_output
@click.pass_context
def command(
    context: click.Context,
    *,
    old: Path,
    new: Path,
    alone: bool,
    at: Instant | None,
    known: Instant | None,
    facts: tuple[Path, ...],
    records: tuple[Path, ...],
    bindings: tuple[Path, ...],
    purpose: str | None,
    recipient: str | None,
    threads: int,
    as_json: bool,
) -> None:
    """Say what a new policy opens and closes, in every case there can be.

    OLD and NEW are files or folders. A NEW that is one later version is taken as following all of OLD.
    Every kind of member and record that the two could tell apart is made and decided under both. With
    --facts, --records, --purpose and --recipient, what changes on a platform is counted as well.

    \b
    Example:
      privity policy diff examples/inmail-dispute/as-promised/policies/2024-09-18.yaml \\
        examples/inmail-dispute/as-promised/policies/2024-09-20.yaml
    """  # noqa: D301 - click's mark for a paragraph whose lines stay as they are
    pair = load_pair(old, new, alone=alone, at=at, known=known, tell=options.tell)
    reach = None
    counting = {"--facts": facts, "--records": records, "--recipient": recipient}
    if any(counting.values()):
        for name, given in {**counting, "--purpose": purpose}.items():
            if not given:
                context.fail(f"missing option `{name}`, which counting needs")
        with deciding() as told_of:
            reach = reach_of(
                pair,
                facts=facts,
                records=records,
                bindings=bindings,
                purpose=purpose or "",
                recipient=recipient or "",
                threads=threads,
                progress=told_of,
            )
    diff = compare_pair(pair, () if purpose is None else (purpose,))
    if as_json:
        counted = None if reach is None else reach_mapping(reach)
        options.show({**mapping(diff), "follows": pair.follows, "reach": counted})
        return
    options.show([*lines(diff), *([] if reach is None else ["", *reach_lines(reach)])])
