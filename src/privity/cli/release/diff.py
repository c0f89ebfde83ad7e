# SPDX-License-Identifier: Apache-2.0
"""`privity release diff`: in what two releases, or two revisions of one, differ (docs/releases.md)."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import click

from privity.app.releases.examining.comparing import Difference, compare_releases
from privity.app.workspace.opening import open_workspace
from privity.cli import options
from privity.cli.commands import Command


@click.command(cls=Command)
@click.argument("one", metavar="RELEASE[@REVISION]")
@click.argument("other", metavar="RELEASE[@REVISION]")
@options.workspace
@options.json_output
def command(*, one: str, other: str, workspace: Path, as_json: bool) -> None:
    """Say in what two releases, or two revisions of one, differ.

    Without a revision the newest is meant. Of two newest ones it also counts, by category, the records that only one of
    them has; of an earlier revision the records are gone.

    \b
    Example:
      privity release diff summer autumn --workspace network
    """  # noqa: D301 - click's mark for a paragraph whose lines stay as they are
    with open_workspace(workspace) as opened:
        found = compare_releases(opened, one, other)
    options.show(found.mapping() if as_json else list(_lines(found)))


def _lines(found: Difference) -> Iterator[str]:
    if not found.said:
        yield f"{found.one.name} and {found.other.name}: the log says the same of both"
    else:
        yield f"{found.one.name} and {found.other.name} differ"
    width = max((len(name) for name in found.said), default=0)
    for name, (before, after) in found.said.items():
        yield f"  {name:<{width}}  {before}, and {after}"
    if found.records is None:
        return
    width = max((len(name) for name in found.records), default=0)
    for name, (first, second, both) in found.records.items():
        yield (
            f"  {name:<{width}}  {first:,} only in the first, {second:,} only in the second, "
            f"{both:,} in both"
        )
