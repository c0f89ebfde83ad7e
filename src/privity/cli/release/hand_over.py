# SPDX-License-Identifier: Apache-2.0
"""`privity release hand-over`: the only way that a release leaves a workspace (docs/releases.md)."""

from __future__ import annotations

import shlex
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import click

from privity.app.public_tree.files import read_file
from privity.app.releases.examining.own_key import check_own
from privity.app.releases.handing.acknowledging import acknowledge_copy, record_acknowledgement
from privity.app.releases.handing.copying_out import bytes_of
from privity.app.releases.handing.handing_over import STAGES, HandOver, hand_over
from privity.app.releases.standing.usable import recipient_key as registered_key
from privity.app.releases.state.places import ReleasePlaces
from privity.app.releases.state.register import register_of
from privity.app.releases.state.signing import read_signer
from privity.app.workspace.opening import open_workspace
from privity.app.workspace.parts import Workspace
from privity.app.workspace.recording import Recorded
from privity.canonical.instants import Instant, format_instant
from privity.cli import options
from privity.cli.commands import Command
from privity.cli.counting import counted
from privity.cli.progress import progress
from privity.cli.recorded import publish_and_show
from privity.release.acknowledgement import Acknowledgement

_NAMES: Final = dict(zip(STAGES, ("copying", "verifying"), strict=True))


@click.command(cls=Command)
@click.argument("release", metavar="RELEASE", type=options.RELEASE)
@click.argument("recipient", metavar="RECIPIENT")
@click.option(
    "--to", "out", type=options.FILE, metavar="DIR", help="A folder to make: the copy."
)
@click.option(
    "--recipient-key",
    type=options.FILE,
    metavar="FILE",
    help="The recipient's secret key, where it is at hand: acknowledge at once.",
)
@click.option(
    "--acknowledgement",
    type=options.FILE,
    metavar="FILE",
    help="What the recipient signed, to enter it; in place of --to.",
)
@options.workspace
@options.now
@options.threads
@options.json_output
def command(
    *,
    release: str,
    recipient: str,
    out: Path | None,
    recipient_key: Path | None,
    acknowledgement: Path | None,
    workspace: Path,
    now: Instant | None,
    threads: int,
    as_json: bool,
) -> None:
    """Hand a release over to its recipient, or enter that it was acknowledged.

    With --to the newest revision is copied aside and the copy is verified; then the log says who gets it, and only then
    has the copy its name. Refused to whom it was not made for, to who has left the register or has no key there, and
    where the release has ended, an order stops it, or records of it are due to be taken back.

    The recipient looks at the copy with `privity recipient acknowledge`, and sends back what it signed; with
    --acknowledgement that is entered.

    \b
    Example:
      privity release hand-over autumn self --to autumn-copy --workspace network
    """  # noqa: D301 - click's mark for a paragraph whose lines stay as they are
    if (out is None) == (acknowledgement is None):
        message = "expected `--to` to hand over, or `--acknowledgement` to enter what came back"
        raise click.UsageError(message)
    if acknowledgement is not None and recipient_key is not None:
        raise click.UsageError("`--recipient-key` means nothing beside `--acknowledgement`")
    with open_workspace(workspace, now=now) as opened:
        if acknowledgement is not None:
            found = record_acknowledgement(
                opened, release, recipient, read_file(acknowledgement)
            )
            publish_and_show(opened, _said(*found), [_line(*found)], as_json=as_json)
        elif out is not None:
            signer = None if recipient_key is None else read_signer(recipient_key)
            if signer is not None:
                # Before anything goes: what another key signs is not entered.
                check_own(signer, recipient, registered_key(opened, recipient))
            made = _hand_over(opened, release, recipient, out, threads)
            data, lines = _made(made), list(_lines(made))
            if signer is not None:
                looked = acknowledge_copy(made.out, signer, at=opened.now(), threads=threads)
                found = record_acknowledgement(
                    opened, release, recipient, read_file(looked.path)
                )
                data["acknowledged"] = _said(*found)
                lines.append(_line(*found))
            else:
                lines.append(
                    "the recipient acknowledges it with "
                    f"`privity recipient acknowledge {shlex.quote(str(made.out))} --key FILE`"
                )
            publish_and_show(opened, data, lines, as_json=as_json)


def _hand_over(
    opened: Workspace, release: str, recipient: str, out: Path, threads: int
) -> HandOver:
    """Hand over, and show how far it came."""
    register_of(opened).release(release)
    size = bytes_of(ReleasePlaces.of(opened.places, release).folder)
    with progress(_NAMES, size) as told:
        return hand_over(opened, release, recipient, out, threads=threads, told=told)


def _made(made: HandOver) -> dict[str, Any]:
    handed = made.disclosed.handed
    return {
        "disclosure": handed.disclosure,
        "entry": made.disclosed.index,
        "files": made.described.content.files,
        "release": handed.release,
        "revision": handed.revision,
        "recipient": handed.recipient,
        "rows": made.described.content.rows,
        "time": format_instant(made.disclosed.time),
        "to": str(made.out),
    }


def _lines(made: HandOver) -> Iterator[str]:
    handed, content = made.disclosed.handed, made.described.content
    yield (
        f"{made.out}: release {handed.release}, revision {handed.revision}, handed over to "
        f"{handed.recipient} as {handed.disclosure}"
    )
    yield f"  records  {content.rows:,} in {counted(content.files, 'file')}, each hashed in its place"
    yield f"  entered  as {made.disclosed.index:,}, at {format_instant(made.disclosed.time)}"


def _said(recorded: Recorded, said: Acknowledgement) -> dict[str, Any]:
    return {
        "again": recorded.again,
        "disclosure": said.disclosure,
        "entry": recorded.first,
        "signed": format_instant(said.at),
        "time": format_instant(recorded.time),
    }


def _line(recorded: Recorded, said: Acknowledgement) -> str:
    again = "entered before" if recorded.again else "entered"
    return (
        f"hand-over {said.disclosure} acknowledged by {said.recipient}: {again} as "
        f"{recorded.first:,}"
    )
