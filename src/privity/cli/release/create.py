# SPDX-License-Identifier: Apache-2.0
"""`privity release create`: make a release of records that everyone in them agreed to (docs/releases.md)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Final

import click

from privity.app.releases.making.creating import MadeRelease, ReleaseRequest, create_release
from privity.app.releases.state.proofs import put_proof
from privity.app.running import opened
from privity.app.unknown_recipient import unknown_recipient
from privity.app.workspace.opening import open_workspace
from privity.canonical.instants import Instant, format_instant
from privity.cli import options
from privity.cli.commands import Command
from privity.cli.counting import counted
from privity.cli.progress import progress
from privity.cli.recorded import publish_and_show

_STAGES: Final[Mapping[str, str]] = {
    "decide": "deciding",
    "compare": "comparing",
    "copy": "copying",
    "members": "members",
}


@click.command(cls=Command)
@click.argument("name", metavar="NAME")
@click.option(
    "--source",
    "sources",
    type=options.FILE,
    multiple=True,
    required=True,
    metavar="FILE_OR_DIR",
    help="Records: Parquet, JSON lines or CSV; may be given several times.",
)
@options.bindings
@options.purpose
@options.recipient
@click.option(
    "--expires", "expires_at", type=options.INSTANT, help="When the release ends by itself."
)
@options.workspace
@options.now
@options.threads
@options.pseudonym_key
@options.text
@options.json_output
def command(
    *,
    name: str,
    sources: tuple[Path, ...],
    bindings: tuple[Path, ...],
    purpose: str,
    recipient: str,
    expires_at: Instant | None,
    workspace: Path,
    now: Instant | None,
    threads: int,
    pseudonym_key: Path | None,
    text: tuple[str, ...],
    as_json: bool,
) -> None:
    """Make a release of records that everyone in them agreed to.

    Decides and copies as `privity clear --workspace` does, into a Delta table in WORKSPACE/releases/NAME, with the
    manifest of its files, whose rows they are by tags, and a signed certificate. One entry of the log commits to all of
    it before it can be read. NAME has small letters, digits and `-`, and is never used again.

    \b
    Example:
      privity release create winter --source examples/small/records.jsonl \\
        --purpose genai-training --recipient self --workspace network
    """  # noqa: D301 - click's mark for a paragraph whose lines stay as they are
    with (
        open_workspace(workspace, now=now) as at_work,
        opened(sources, bindings) as files,
    ):
        with progress(_STAGES, sum(one.rows for one in files)) as told:
            made = create_release(
                at_work,
                files,
                ReleaseRequest(
                    name=name, purpose=purpose, recipient=recipient, expires_at=expires_at
                ),
                threads=threads,
                pseudonym_key=pseudonym_key,
                text=text,
                # Of members each record is told twice: when it is read, and when its id is dealt.
                progress=lambda stage, rows: told(
                    stage, rows // 2 if stage == "members" else rows
                ),
                told=lambda ready: options.refused_all(unknown_recipient(ready)),
            )
        publish_and_show(at_work, _mapping(made), list(_lines(made)), as_json=as_json)
        put_proof(at_work, name)


def _mapping(made: MadeRelease) -> Mapping[str, Any]:
    summary = made.clearing.set.summary
    return {
        "entry": made.state.created.index,
        "folder": str(made.folder.root),
        "records": summary.records,
        "release": made.state.created.says.to_payload(),
        "withdrawn": made.clearing.set.manifest["withdrawn"],
    }


def _lines(made: MadeRelease) -> Iterator[str]:
    says, summary = made.state.created.says, made.clearing.set.summary
    content = says.content
    records = counted(summary.records, "record")
    yield f"{made.folder.root}: {content.rows:,} of {records}"
    members, files = (
        counted(content.members, "member"),
        counted(content.files, "file"),
    )
    yield f"  of       {members}, in {files}, {content.size:,} bytes"
    yield f"  for      {says.purpose}, to {says.recipient}"
    if says.expires_at is not None:
        yield f"  until    {format_instant(says.expires_at)}"
    if says.policy is not None:
        yield f"  by       {says.policy} {says.version}, and {says.ledger_size:,} entries of the log"
    yield f"  entered  as {made.state.created.index:,}: release {says.release}, of clearing {says.clearing}"
    if withdrawn := made.clearing.set.manifest["withdrawn"]:
        yield f"  {withdrawn:,} taken out again: facts came while it was made"
