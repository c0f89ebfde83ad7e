# SPDX-License-Identifier: Apache-2.0
"""`privity recipient acknowledge`: a recipient looks at a copy and signs that it arrived (docs/releases.md)."""

from __future__ import annotations

from pathlib import Path

import click

from privity.app.public_tree.files import check_free_file
from privity.app.releases.handing.acknowledging import (
    NOT_COMPARED,
    AcknowledgedCopy,
    acknowledge_copy,
    instant_of_copy,
)
from privity.app.releases.state.signing import read_signer
from privity.canonical.instants import Instant, format_instant
from privity.cli import options
from privity.cli.commands import Command
from privity.cli.progress import progress
from privity.cli.recipient import showing
from privity.release.opened import read_release


@click.command(cls=Command)
@click.argument("folder", metavar="DIR", type=options.FILE)
@showing.own_key
@click.option(
    "--log", metavar="URL_OR_DIR", help="The public tree of the release's log, to compare with."
)
@options.some_vkeys
@click.option(
    "--out",
    type=options.MADE,
    metavar="FILE",
    help="Where to write what you sign.  [default: DIR/acknowledgement.json]",
)
@click.option(
    "--now",
    type=options.INSTANT,
    help="The instant to say, where the log's clock is simulated.  [default: that of the "
    "hand-over]",
)
@options.threads
@options.json_output
def command(
    *,
    folder: Path,
    key: Path,
    log: str | None,
    vkeys: tuple[str, ...],
    out: Path | None,
    now: Instant | None,
    threads: int,
    as_json: bool,
) -> None:
    """Look at all of a copy that was handed over to you, and sign that it arrived.

    Hashes every file, and compares what the copy says of itself with its files, its certificate, and, with --log or
    --vkey, with the log. Send what is written back to who handed the release over. It says that you have these files, and
    nothing of what you do with them.

    \b
    Example:
      privity recipient acknowledge copy --key lab.key --log network/public
    """  # noqa: D301 - click's mark for a paragraph whose lines stay as they are
    if out is not None:
        check_free_file(out)
    signer = read_signer(key)
    size = read_release(folder).manifest.size
    with progress({"verify": "verifying"}, size) as advance:
        found = acknowledge_copy(
            folder,
            signer,
            at=instant_of_copy(folder, now),
            log=log,
            vkeys=vkeys,
            out=out,
            threads=threads,
            told=lambda count: advance("verify", count),
        )
    options.show(_mapping(found) if as_json else _lines(found))


def _mapping(found: AcknowledgedCopy) -> dict[str, object]:
    said = found.said
    return {
        "compared_with": found.compared,
        "disclosure": said.disclosure,
        "files": found.files,
        "out": str(found.path),
        "release": said.release,
        "revision": said.revision,
        "signed": format_instant(said.at),
    }


def _lines(found: AcknowledgedCopy) -> list[str]:
    said = found.said
    by = f"acknowledged by {said.recipient} at {format_instant(said.at)}"
    lines = [
        f"{found.path}: release {said.release}, revision {said.revision}, {by}",
        f"  files     {found.files:,}, each hashed",
        f"  compared  with {found.compared}",
    ]
    if found.compared == NOT_COMPARED:
        lines.append(
            "  warning   give --log, or the log's key with --vkey, to compare it with the log"
        )
    return lines
