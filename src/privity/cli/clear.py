# SPDX-License-Identifier: Apache-2.0
"""`privity clear`: make the training set that everyone in it agreed to (docs/clearing.md)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path

import click

from privity.app.api import clear
from privity.app.deciding import opened
from privity.canonical.instants import Instant
from privity.cli import options
from privity.cli.progress import progress
from privity.release.clear import Clearing
from privity.release.summary import Summary

_STAGES: Mapping[str, str] = {"decide": "deciding", "copy": "copying"}


@click.command()
@click.argument("sources", metavar="SOURCE...", nargs=-1, required=True, type=options.FILE)
@options.policy
@options.facts
@options.binding
@options.purpose
@options.recipient
@options.at
@options.known
@click.option(
    "--out", type=options.FILE, required=True, metavar="DIR", help="A folder to make."
)
@options.threads
@click.option("--refused", is_flag=True, help="Write the refused ids with their reasons too.")
@click.option(
    "--pseudonym-key",
    type=options.FILE,
    metavar="FILE",
    help="At least 32 secret bytes, where ids must be pseudonymised; made if it does not exist.",
)
@click.option(
    "--text",
    multiple=True,
    metavar="COLUMN",
    help="A column of text that quotations are cut from; may be given several times.",
)
@options.json_output
def command(
    *,
    sources: tuple[Path, ...],
    policies: tuple[Path, ...],
    facts: Path,
    binding: Path | None,
    purpose: str,
    recipient: str,
    at: Instant,
    known: Instant | None,
    out: Path,
    threads: int,
    refused: bool,
    pseudonym_key: Path | None,
    text: tuple[str, ...],
    as_json: bool,
) -> None:
    """Make the training set that everyone in it agreed to.

    Reads the sources twice: first to decide every record, then to copy those that are permitted. Writes
    DIR/data/*.parquet, DIR/manifest.json (what went in, what was asked, what came out) and
    DIR/summary.csv (who refused what), all or nothing.

    \b
    Example:
      privity clear examples/small/records.jsonl --policy examples/small/policy.yaml \\
        --facts examples/small/facts.csv --purpose genai-training --recipient self \\
        --at 2025-06-01T00:00:00Z --out cleared
    """  # noqa: D301 - click's mark for a paragraph whose lines stay as they are
    with (
        opened(sources, binding) as files,
        progress(_STAGES, sum(one.rows for one in files)) as told,
    ):
        clearing = clear(
            files,
            policy=policies,
            facts=facts,
            purpose=purpose,
            recipient=recipient,
            at=at,
            known=known,
            out=out,
            threads=threads,
            refused=refused,
            pseudonym_key=pseudonym_key,
            text=text,
            progress=told,
        )
    options.show(clearing.manifest if as_json else list(_lines(clearing)))


def _lines(clearing: Clearing) -> Iterator[str]:
    summary: Summary = clearing.summary
    yield f"{clearing.out}: {summary.permitted:,} of {summary.records:,} records permitted"
    width = max([len(name) for name in (*summary.by_category, *summary.reasons)], default=0)
    for name, (records, permitted) in summary.by_category.items():
        yield f"  {name:<{width}}  {permitted:>13,} of {records:,}"
    if summary.refused:
        yield f"{summary.refused:,} refused; a record may have several reasons"
    for name, count in sorted(summary.reasons.items(), key=lambda item: (-item[1], item[0])):
        yield f"  {name:<{width}}  {count:>13,}"
