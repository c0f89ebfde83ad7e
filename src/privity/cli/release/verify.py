# SPDX-License-Identifier: Apache-2.0
"""`privity release verify`: whether a release is the one that a log speaks of (docs/releases.md)."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Final

import click

from privity.app.releases.examining.verifying import VerifiedRelease, verify_release
from privity.cli import options
from privity.cli.commands import Command
from privity.cli.counting import counted
from privity.cli.ledger import showing
from privity.cli.progress import progress
from privity.release.opened import read_release

_STAGE: Final = "verify"


@click.command(cls=Command)
@click.argument("folder", metavar="DIR", type=options.FILE)
@click.option(
    "--log",
    required=True,
    metavar="URL_OR_DIR",
    help="The public tree of its log; that of a workspace may be named by the workspace.",
)
@showing.vkey
@options.threads
@options.json_output
def command(
    *, folder: Path, log: str, vkeys: tuple[str, ...], threads: int, as_json: bool
) -> None:
    """Verify a release by the public tree of its log.

    Needs no workspace, and asks nobody. Hashes every file and compares it with the manifest, the manifest and the members'
    tags with what the entry commits to, the entry with the log, and the signatures with the key that the entry names.
    The first thing that does not hold ends it (exit 3). Whether the release may still be used is said by `privity release check`.

    \b
    Example:
      privity release verify copy --log network/public --vkey network/public/vkey
    """  # noqa: D301 - click's mark for a paragraph whose lines stay as they are
    size = read_release(folder).manifest.size
    with progress({_STAGE: "verifying"}, size) as advance:
        found = verify_release(
            folder, log, vkeys, threads=threads, told=lambda count: advance(_STAGE, count)
        )
    options.show(found.mapping() if as_json else list(_lines(folder, found)))


def _lines(folder: Path, found: VerifiedRelease) -> Iterator[str]:
    described, content, tree = found.described, found.described.content, found.tree
    members = counted(content.members, "member")
    files = counted(content.files, "file")
    yield f"{folder}: release {described.name}, revision {described.revision}, and everything holds"
    yield f"  records  {content.rows:,}, of {members}, in {files}"
    yield f"  for      {described.created.purpose}, to {described.created.recipient}"
    yield f"  entry    {described.index:,} of {tree.checkpoint.size:,}, of {described.origin}"
    for vkey in tree.signed:
        yield f"  signed   {vkey.to_text()}"
    if found.others:
        lying = counted(len(found.others), "file lies", "files lie")
        yield f"  {lying} beside the table that this revision does not have: {found.others[0]} …"
    if found.unread:
        more = ", …; `--json` names them" if len(found.unread) > 1 else ""
        yield f"  unread   {counted(len(found.unread), 'file')}, held to nothing: {found.unread[0]}{more}"
    yield from showing.warnings(simulated=tree.simulated, first_use=not tree.given)
