# SPDX-License-Identifier: Apache-2.0
"""`privity release check`: whether a copy may be used now, and if not, why (docs/releases.md)."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import click

from privity.app.releases.using.opening import open_release
from privity.canonical.instants import Instant, format_instant
from privity.cli import options
from privity.cli.commands import Command
from privity.cli.counting import counted
from privity.cli.progress import progress
from privity.errors import ConflictError, VerificationError
from privity.release.opened import OpenRelease, read_release

_TAMPERED: Final = "tampered"
_STATES: Final = {
    "release/expired": ("expired", 10),
    "release/ended": ("withdrawn", 11),
    "release/revoked": ("revoked", 12),
    "release/stale": ("stale", 13),
    "release/stopped": ("stopped", 14),
    "release/recipient-ended": ("recipient-ended", 15),
    "release/recipient-unregistered": ("recipient-ended", 15),
    "release/ticket-over": ("ticket-over", 16),
}
"""For each code that says that a release may not be used: the word for it, and the exit code."""


@click.command(cls=Command)
@click.argument("folder", metavar="DIR", type=options.FILE)
@click.option(
    "--log", metavar="URL_OR_DIR", help="The public tree of the release's log, to ask it."
)
@options.some_vkeys
@click.option(
    "--workspace",
    type=options.FILE,
    metavar="DIR",
    help="The workspace that the release is of, to ask it.  [default: the one that it lies in]",
)
@click.option(
    "--ticket", type=options.FILE, metavar="FILE", help="The ticket of a run that reads it."
)
@click.option(
    "--now",
    type=options.INSTANT,
    help="The instant of use, where the log's clock is simulated.  [default: that of its newest "
    "entry]",
)
@options.threads
@options.json_output
def command(
    *,
    folder: Path,
    log: str | None,
    vkeys: tuple[str, ...],
    workspace: Path | None,
    ticket: Path | None,
    now: Instant | None,
    threads: int,
    as_json: bool,
) -> None:
    """Check whether a release may be used now.

    Hashes every file, and asks the log, the workspace or a run's ticket. Exit codes: 0 it may be used, 3 it was tampered
    with, 10 it has expired, 11 it was withdrawn, 12 records were taken back from it since, 13 records are due to be,
    14 an order stops it, 15 its recipient has left the register, 16 the ticket's day is over; 2 and 5 as always.

    \b
    Example:
      privity release check copy --log network/public
    """  # noqa: D301 - click's mark for a paragraph whose lines stay as they are
    try:
        size = read_release(folder).manifest.size
        with progress({"verify": "verifying"}, size) as advance:
            found = open_release(
                folder,
                log=log,
                vkeys=vkeys,
                workspace=workspace,
                ticket=ticket,
                now=now,
                threads=threads,
                told=lambda count: advance("verify", count),
            )
    except VerificationError as error:
        if as_json:
            options.show(_refused(folder, _TAMPERED, error.code, error.message))
            raise click.exceptions.Exit(error.exit_code) from error
        raise
    except ConflictError as error:
        if error.code not in _STATES:
            raise
        state, code = _STATES[error.code]
        if as_json:
            options.show(_refused(folder, state, error.code, error.message))
        else:
            click.echo(f"{folder}: {state}: {error.message}")
            click.echo(f"  hint: {error.hint}", err=True)
        raise click.exceptions.Exit(code) from error
    options.show(_usable(found) if as_json else list(_lines(found)))


def _refused(folder: Path, state: str, code: str, why: str) -> dict[str, Any]:
    return {"code": code, "folder": str(folder), "state": state, "why": why}


def _usable(found: OpenRelease) -> dict[str, Any]:
    confirmed = found.confirmed
    return {
        "asked": confirmed.by,
        "at": format_instant(confirmed.at),
        "expires_at": None if found.expires_at is None else format_instant(found.expires_at),
        "folder": str(found.path),
        "ledger_size": confirmed.size,
        "origin": found.described.origin,
        "purpose": found.purpose,
        "recipient": found.recipient,
        "release": found.name,
        "revision": found.revision,
        "rows": found.rows,
        "run": confirmed.run,
        "state": "usable",
    }


def _lines(found: OpenRelease) -> Iterator[str]:
    confirmed = found.confirmed
    yield f"{found.path}: usable: release {found.name}, revision {found.revision}"
    yield f"  for      {found.purpose}, to {found.recipient}"
    yield f"  records  {found.rows:,} in {counted(len(found.files), 'file')}, each hashed"
    who = {"log": "the log", "workspace": "the workspace", "ticket": "the run’s ticket"}
    yield (
        f"  asked    {who[confirmed.by]}, of {counted(confirmed.size, 'entry', 'entries')}, for "
        f"{format_instant(confirmed.at)}"
    )
    if found.expires_at is not None:
        yield f"  until    {format_instant(found.expires_at)}"
