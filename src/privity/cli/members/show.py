# SPDX-License-Identifier: Apache-2.0
"""`privity members show`: a member's timeline (docs/members.md)."""

from __future__ import annotations

from pathlib import Path

import click

from privity.app.explaining import show_member
from privity.canonical.instants import Instant
from privity.cli import options
from privity.members.show import lines as timeline_lines, mapping as timeline_mapping


@click.command()
@click.argument("member")
@options.facts
@options.at
@options.known
@options.json_output
def command(
    *, member: str, facts: Path, at: Instant, known: Instant | None, as_json: bool
) -> None:
    """Print a member's timeline: every fact in order, and what they come to.

    \b
    Example:
      privity members show chi --facts examples/small/facts.csv --at 2025-06-01T00:00:00Z
    """  # noqa: D301 - click's mark for a paragraph whose lines stay as they are
    shown = show_member(facts=facts, member=member, at=at, known=at if known is None else known)
    options.show(timeline_mapping(shown) if as_json else timeline_lines(shown))
