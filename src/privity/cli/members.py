# SPDX-License-Identifier: Apache-2.0
"""`privity members`: check facts, show a timeline, make facts of tables (docs/members.md)."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from privity.app.explaining import show_member
from privity.app.looking import check_members
from privity.canonical.instants import Instant
from privity.cli import options
from privity.members.findings import lines as finding_lines, mapping as findings_mapping
from privity.members.show import lines as timeline_lines, mapping as timeline_mapping
from privity.sources.from_table import facts_from_tables
from privity.sources.table_binding import load_table_binding
from privity.sources.write_facts import write_csv, write_facts

_FOUND = 2


@click.group()
def command() -> None:
    """Check, show and make facts about members.

    \b
    Example:
      privity members check examples/small/facts.csv
    """  # noqa: D301 - click's mark for a paragraph whose lines stay as they are


@command.command()
@click.argument("facts", type=options.FILE)
@options.some_policy
@options.json_output
@click.option("--strict", is_flag=True, help="Exit with 2 where anything is found.")
@click.pass_context
def check(
    context: click.Context,
    *,
    facts: Path,
    policies: tuple[Path, ...],
    as_json: bool,
    strict: bool,
) -> None:
    """Name what facts contradict, end that never began, or say too late.

    A fact that cannot be read is an error (exit 2). An alarm is a fact that permits and was recorded late.
    A warning surely was meant otherwise; until it is mended, the reading that refuses holds. With --policy,
    settings, notices and agreements are looked up too.

    \b
    Example:
      privity members check examples/small/facts.csv --policy examples/small/policy.yaml
    """  # noqa: D301 - click's mark for a paragraph whose lines stay as they are
    findings, counts = check_members(facts, policies)
    if as_json:
        options.show({**counts, **findings_mapping(findings)})
    else:
        total = (
            f"{counts['facts']:,} facts of {counts['members']:,} members and "
            f"{counts['platform']:,} of the platform"
        )
        options.show([*finding_lines(findings), total])
    if strict and findings:
        context.exit(_FOUND)


@command.command()
@click.argument("member")
@options.facts
@options.at
@options.known
@options.json_output
def show(
    *, member: str, facts: Path, at: Instant, known: Instant | None, as_json: bool
) -> None:
    """Print a member's timeline: every fact in order, and what they come to.

    \b
    Example:
      privity members show chi --facts examples/small/facts.csv --at 2025-06-01T00:00:00Z
    """  # noqa: D301 - click's mark for a paragraph whose lines stay as they are
    shown = show_member(facts=facts, member=member, at=at, known=at if known is None else known)
    options.show(timeline_mapping(shown) if as_json else timeline_lines(shown))


@command.command("from-table")
@click.argument("binding", type=options.FILE)
@click.argument("tables", metavar="TABLE...", nargs=-1, required=True, type=options.FILE)
@click.option(
    "--out",
    type=options.FILE,
    metavar="FILE",
    help="Where to write: .csv, .parquet or .arrow.  [default: CSV on standard output]",
)
def from_table(*, binding: Path, tables: tuple[Path, ...], out: Path | None) -> None:
    """Make facts of a platform's own tables.

    BINDING (TOML) says what the columns mean, and whether a row is what holds now, what held from when until
    when (SCD2), or a change. What a table cannot know stays unknown, and the reading that refuses holds.

    \b
    Example:
      privity members from-table examples/small/accounts.toml examples/small/accounts.csv
    """  # noqa: D301 - click's mark for a paragraph whose lines stay as they are
    facts = facts_from_tables(load_table_binding(binding), tables)
    if out is None:
        write_csv(facts, sys.stdout.buffer)
    else:
        count = write_facts(facts, out)
        click.echo(f"{out}: {count:,} facts", err=True)
