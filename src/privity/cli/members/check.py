# SPDX-License-Identifier: Apache-2.0
"""`privity members check`: facts looked over before anybody relies on them (docs/members.md)."""

from __future__ import annotations

from pathlib import Path
from typing import Final

import click

from privity.app.looking import check_members
from privity.canonical.instants import Instant
from privity.cli import options
from privity.cli.commands import Command
from privity.cli.counting import counted
from privity.members.findings import lines as finding_lines, mapping as findings_mapping

_FOUND: Final = 2


@click.command(cls=Command)
@click.argument("facts", metavar="FACTS...", nargs=-1, required=True, type=options.FILE)
@options.policy
@options.as_of
@options.json_output
@click.option("--strict", is_flag=True, help="Exit with 2 where anything is found.")
@click.pass_context
def command(
    context: click.Context,
    *,
    facts: tuple[Path, ...],
    policies: tuple[Path, ...],
    at: Instant | None,
    as_json: bool,
    strict: bool,
) -> None:
    """Name what facts contradict, end that never began, or say too late.

    A fact that cannot be read is an error (exit 2). An alarm is a fact that permits and was recorded late, or one that
    is said to have been recorded after now.
    A warning surely was meant otherwise; until it is mended, the reading that refuses holds. With --policy,
    settings, notices and agreements are looked up too.

    \b
    Example:
      privity members check examples/small/facts.csv --policy examples/small/policy.yaml
    """  # noqa: D301 - click's mark for a paragraph whose lines stay as they are
    findings, counts = check_members(facts, policies, at=at)
    if as_json:
        options.show({**counts, **findings_mapping(findings)})
    else:
        total = (
            f"{counted(counts['facts'], 'fact')} of {counted(counts['members'], 'member')} and "
            f"{counts['platform']:,} of the platform"
        )
        options.show([*finding_lines(findings), total])
    if strict and findings:
        context.exit(_FOUND)
