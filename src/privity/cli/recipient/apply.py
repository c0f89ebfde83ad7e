# SPDX-License-Identifier: Apache-2.0
"""`privity recipient apply`: take out of a copy what was taken back (docs/revoking.md)."""

from __future__ import annotations

from pathlib import Path

import click

from privity.app.releases.taking_back.applying import apply_revocation
from privity.canonical.instants import Instant, format_instant
from privity.cli import options
from privity.cli.commands import Command
from privity.cli.counting import counted
from privity.cli.recipient import showing


@click.command(cls=Command)
@click.argument("revocation", metavar="REVOCATION", type=options.FILE)
@click.argument("copy", metavar="DIR", type=options.FILE)
@showing.own_key
@click.option(
    "--log",
    metavar="URL_OR_DIR",
    help="The public tree of the release's log, to compare your key with.  [default: compare it with the one that "
    "acknowledged the copy]",
)
@options.some_vkeys
@click.option(
    "--now",
    type=options.INSTANT,
    help="The instant to sign at, where the log's clock is simulated.  [default: that of the notice]",
)
@options.threads
@options.json_output
def command(
    *,
    revocation: Path,
    copy: Path,
    key: Path,
    log: str | None,
    vkeys: tuple[str, ...],
    now: Instant | None,
    threads: int,
    as_json: bool,
) -> None:
    """Take out of your copy what was taken back, and sign what you deleted.

    REVOCATION is the folder that the operator gave, DIR your copy. No workspace is needed. The key has to be the one that
    acknowledged the copy, or, with --log, that the register has. Every record is compared with
    what the log has of it, and what is left with the next revision; the old files are deleted. Give the operator the file
    `attestation.json` that is then in REVOCATION.

    \b
    Example:
      privity recipient apply taken-back copy --key lab.key
    """  # noqa: D301 - click's mark for a paragraph whose lines stay as they are
    if vkeys and log is None:
        raise click.UsageError("`--vkey` is of a log: give `--log` too")
    done = apply_revocation(
        revocation, copy, key, log=log, vkeys=vkeys, now=now, threads=threads
    )
    notice = done.notice
    how = "deleted before" if done.already else "deleted"
    options.show(
        {
            "already": done.already,
            "attestation": str(done.attestation),
            "deadline": format_instant(notice.deadline),
            "records": notice.records,
            "release": notice.release,
            "removed": list(done.removed),
            "revision": notice.next,
            "revocation": notice.revocation,
        }
        if as_json
        else [
            f"{notice.release}: {counted(notice.records, 'record')} {how}, the copy is revision {notice.next}",
            f"  deleted   {counted(len(done.removed), 'file')} that had any of them",
            f"  signed    {done.attestation}",
            "what was signed is of every copy that you have: apply it to each, before you give it back",
        ]
    )
