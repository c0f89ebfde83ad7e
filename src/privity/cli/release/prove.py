# SPDX-License-Identifier: Apache-2.0
"""`privity release prove`: show a member what of hers releases have, and that they have nothing else (docs/releases.md)."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import click

from privity.app.public_tree.files import check_free_file, write_new
from privity.app.releases.members.member_proving import STAGE, ProvedMember, prove_member
from privity.app.releases.state.register import releases_of
from privity.app.workspace.opening import open_workspace
from privity.cli import options
from privity.cli.commands import Command
from privity.cli.counting import counted
from privity.cli.ledger import showing
from privity.cli.progress import progress
from privity.cli.release.member import line_of, mapping_of
from privity.cli.release.unknown import warn_unknown


@click.command(cls=Command)
@click.option("--member", required=True, metavar="ID", help="Whom it is about.")
@click.option(
    "--release",
    metavar="NAME",
    type=options.RELEASE,
    help="One release.  [default: all of them]",
)
@click.option(
    "--out",
    type=options.MADE,
    metavar="FILE",
    help="Where to write the proof; left out: only show.",
)
@options.workspace
@options.json_output
def command(
    *, member: str, release: str | None, out: Path | None, workspace: Path, as_json: bool
) -> None:
    """Show a member what of hers releases have, and that they have nothing else.

    For each release the proof has the ids of her records in it, bound by the release's entry, or shows that there are none.
    Whoever has the file and the log's key checks it offline, by `privity release check-proof`. It is about her: give it to
    nobody else. It tells of each release as it is now, after whatever was taken back.

    \b
    Example:
      privity init network --origin network.example/simulated --clock simulated
      privity release prove --member mona --workspace network
    """  # noqa: D301 - click's mark for a paragraph whose lines stay as they are
    if out is not None:
        check_free_file(out)
    with open_workspace(workspace) as opened:
        releases = 1 if release is not None else len(releases_of(opened))
        with progress({STAGE: "releases"}, releases) as advance:
            made = prove_member(opened, member, release=release, progress=advance)
        warn_unknown(opened, member)
        simulated = opened.simulated
    if out is not None:
        write_new(out, made.proof.to_bytes())
    if as_json:
        options.show(mapping_of(made.shown, made.proof.member, made.proof.origin))
    else:
        options.show(list(_lines(made, out, simulated=simulated)))


def _lines(made: ProvedMember, out: Path | None, *, simulated: bool) -> Iterator[str]:
    mine = sum(bool(one.records) for one in made.shown)
    releases = counted(len(made.shown), "release")
    yield f"{made.proof.member}: records in {mine:,} of {releases}"
    yield from (line_of(one) for one in made.shown)
    if out is not None:
        yield f"proof  {out}"
    yield from showing.warnings(simulated=simulated, first_use=False)
