# SPDX-License-Identifier: Apache-2.0
"""`privity revoke run`: take back what is due (docs/revoking.md)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import click

from privity.app.releases.state.places import ReleasePlaces
from privity.app.releases.state.register import register_of
from privity.app.releases.taking_back.notifying import Notified, notify
from privity.app.releases.taking_back.planning import failures
from privity.app.releases.taking_back.revoking import Revoked, RevokedAll, revoke
from privity.app.releases.taking_back.taking import Taking
from privity.app.workspace.acknowledging import publish_if_free
from privity.app.workspace.opening import open_workspace
from privity.app.workspace.parts import Workspace
from privity.canonical.instants import Instant
from privity.cli import options
from privity.cli.commands import Command
from privity.cli.counting import counted
from privity.cli.progress import progress
from privity.cli.revoke.telling import lines_of, messages_of
from privity.errors import ConflictError, PrivityError

_STAGES: Mapping[str, str] = {"find": "Look at releases", "rewrite": "Take records out"}


@click.command(cls=Command)
@click.argument("releases", nargs=-1, metavar="[RELEASE]...", type=options.RELEASE)
@click.option(
    "--quiet", is_flag=True, help="Tell no recipient; `privity revoke notify` does it later."
)
@options.workspace
@options.now
@options.threads
@options.json_output
def command(
    *,
    releases: tuple[str, ...],
    quiet: bool,
    workspace: Path,
    now: Instant | None,
    threads: int,
    as_json: bool,
) -> None:
    """Take back what is due.

    From all live releases, or from those that are named.

    It is said in the log first. Then the files concerned are written anew, the release becomes its next revision, and
    recipients are told. What was cut short before is finished. Files that were replaced are deleted after the retention.

    \b
    Example:
      privity init network --origin network.example/simulated --clock simulated
      privity revoke run --workspace network
    """  # noqa: D301 - click's mark for a paragraph whose lines stay as they are
    with open_workspace(workspace, now=now) as opened:
        total = len(releases) or len(register_of(opened).releases)
        with progress(_STAGES, total) as advance:
            done = revoke(opened, releases or None, threads=threads, progress=advance)
        told = Notified(told=(), failed={})
        failed = [*done.failed.values()]
        try:
            told = told if quiet else notify(opened)
            failed += told.failed.values()
            publish_if_free(opened)
        except PrivityError as error:
            # What was taken back is told of all the same.
            failed.append(error)
        found = _mapping(opened, done, told) if as_json else list(_lines(opened, done, told))
    options.show(found)
    for one in failed:
        raise one
    if done.busy:
        raise ConflictError(
            f"another process makes or changes {', '.join(f'`{one}`' for one in done.busy)}: nothing was done there",
            code="release/held",
            hint="run it again when that has ended",
        )


def _bundles(workspace: Workspace, one: Revoked) -> list[Path]:
    places = ReleasePlaces.of(workspace.places, one.release.name)
    return [
        path
        for name in one.revocations
        if (path := Taking.of(places, name).bundle.root).exists()
    ]


def _lines(workspace: Workspace, done: RevokedAll, told: Notified) -> Iterator[str]:
    if not (done.releases or done.failed):
        yield f"nothing is due in {counted(done.looked, 'live release')}"
    for one in done.releases:
        if one.revocations:
            yield (
                f"{one.release.name}: {counted(one.records, 'record')} taken back, {one.release.content.rows:,} left "
                f"in revision {one.release.revision}"
            )
        for name, path in zip(one.revocations, _bundles(workspace, one), strict=False):
            yield f"  {name}: for {one.release.recipient}, `{path}`"
        if one.removed:
            yield f"{one.release.name}: {counted(len(one.removed), 'replaced file')} deleted for good"
    for name, error in done.failed.items():
        yield f"{name}: not taken back: {error}"
    for name in done.busy if done.failed else ():
        yield f"{name}: another process makes or changes it: nothing was done there"
    yield from lines_of(told)


def _mapping(workspace: Workspace, done: RevokedAll, told: Notified) -> Mapping[str, Any]:
    return {
        "busy": list(done.busy),
        "failed": failures(done.failed),
        "looked_at": done.looked,
        **messages_of(told),
        "releases": [
            {
                "bundles": [str(path) for path in _bundles(workspace, one)],
                "records": one.records,
                "release": one.release.name,
                "removed": list(one.removed),
                "revision": one.release.revision,
                "revocations": list(one.revocations),
                "rows": one.release.content.rows,
            }
            for one in done.releases
        ],
    }
