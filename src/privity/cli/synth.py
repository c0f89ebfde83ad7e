# SPDX-License-Identifier: Apache-2.0
"""`privity synth`: make a network of any size to try things on (docs/synth.md)."""

from __future__ import annotations

from pathlib import Path

import click
from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn

from privity.canonical.encode import encode_pretty
from privity.canonical.instants import Instant, format_instant
from privity.cli import options
from privity.cli.commands import Command
from privity.sources.synthetic.history import END
from privity.sources.synthetic.network import Network, make_network


@click.command(cls=Command)
@click.option("--members", type=int, required=True, help="How many members, from 2.")
@click.option("--records", type=int, required=True, help="How many records, from 1.")
@click.option("--seed", type=int, default=1, show_default=True, help="Same seed, same bytes.")
@click.option(
    "--until",
    type=options.INSTANT,
    default=format_instant(END),
    show_default=True,
    help="The network as its platform held it then: nothing made or recorded later.",
)
@click.option(
    "--out", type=options.MADE, required=True, metavar="DIR", help="A new or empty folder."
)
@click.option("--threads", type=int, default=2, show_default=True, help="Parts made at once.")
@options.json_output
def command(
    *,
    members: int,
    records: int,
    seed: int,
    until: Instant,
    out: Path,
    threads: int,
    as_json: bool,
) -> None:
    """Make a network: members, facts and records of any size.

    Writes DIR/facts.parquet, DIR/records/part-*.parquet and DIR/network.json. Made text only: nobody in
    it lives, and its shares are nobody's statistics.

    \b
    Example:
      privity synth --members 1000 --records 5000 --seed 1 --out network
    """  # noqa: D301 - click's mark for a paragraph whose lines stay as they are
    with _progress() as progress:
        task = progress.add_task("records", total=records)
        network = make_network(
            out,
            members=members,
            records=records,
            seed=seed,
            until=until,
            threads=threads,
            progress=lambda made: progress.advance(task, made),
        )
    if as_json:
        click.echo(encode_pretty(network.to_json()), nl=False)
    else:
        _show(network)


def _progress() -> Progress:
    """Give a bar on the error stream, where that is a terminal."""
    console = Console(stderr=True)
    return Progress(
        TextColumn("{task.description}"),
        BarColumn(),
        TextColumn("{task.completed:,.0f} of {task.total:,.0f}"),
        TimeRemainingColumn(),
        console=console,
        disable=not console.is_terminal,
        transient=True,
    )


def _show(network: Network) -> None:
    click.echo(
        f"{network.path}: {network.members:,} members with {sum(network.facts.values()):,} facts, "
        f"{network.records:,} records until {format_instant(network.until)}"
    )
    width = max(map(len, network.categories))
    for category, count in sorted(network.categories.items(), key=lambda item: -item[1]):
        click.echo(f"  {category:<{width}}  {count:>13,}")
