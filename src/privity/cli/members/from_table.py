# SPDX-License-Identifier: Apache-2.0
"""`privity members from-table`: facts of a platform's own tables (docs/members.md)."""

from __future__ import annotations

import shutil
import sys
from pathlib import Path

import click

from privity.cli import options
from privity.cli.commands import Command
from privity.cli.counting import counted
from privity.release.working import working_folder
from privity.sources.from_table import facts_from_tables
from privity.sources.table_binding import FactBinding, load_table_binding
from privity.sources.write_facts import write_facts
from privity.vocabulary.terms import quoted


@click.command(cls=Command)
@click.argument("binding", type=options.FILE)
@click.argument("tables", metavar="TABLE...", nargs=-1, required=True, type=options.FILE)
@click.option(
    "--out",
    type=options.MADE,
    metavar="FILE",
    help="Where to write: .csv, .parquet or .arrow.  [default: CSV on standard output]",
)
@options.json_output
def command(
    *, binding: Path, tables: tuple[Path, ...], out: Path | None, as_json: bool
) -> None:
    """Make facts of a platform's own tables.

    BINDING (TOML) says what the columns mean, and whether a row is what holds now, what held from when until
    when (SCD2), or a change. What a table cannot know stays unknown, and the reading that refuses holds.

    \b
    Example:
      privity members from-table examples/small/accounts.toml examples/small/accounts.csv
    """  # noqa: D301 - click's mark for a paragraph whose lines stay as they are
    if as_json and out is None:
        raise click.UsageError(
            "`--json` tells of the file that was made, expected `--out` with it"
        )
    untold: list[FactBinding] = []
    facts = facts_from_tables(load_table_binding(binding), tables, untold.append)
    if out is None:
        # A row that is refused at the end would leave the facts before it: places without the noes, say.
        with working_folder() as folder:
            write_facts(facts, whole := folder / "facts.csv")
            with whole.open("rb") as stream:
                shutil.copyfileobj(stream, sys.stdout.buffer)
        count = None
    else:
        count = write_facts(facts, out)
    for one in untold:
        _warn(one)
    if as_json:
        told = [{"fact": one.fact, "path": one.path} for one in untold]
        options.show({"facts": count, "file": str(out), "untold": told})
    elif count is not None:
        click.echo(f"{out}: {counted(count, 'fact')}", err=True)


def _warn(silent: FactBinding) -> None:
    """Say of what no row tells: where its `where` is misspelt, noes are lost."""
    where = ""
    if silent.where_column is not None:
        values = ", ".join(map(quoted, silent.where_values))
        where = f" where {quoted(silent.where_column)} is {values}"
    click.echo(f"warning: no row tells of `{silent.path}`, {silent.fact}{where}", err=True)
