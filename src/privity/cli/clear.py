# SPDX-License-Identifier: Apache-2.0
"""`privity clear`: make the training set that everyone in it agreed to (docs/clearing.md)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import click

from privity.app.api import clear, compiled
from privity.app.running import opened
from privity.app.unknown_recipient import unknown_recipient
from privity.app.workspace.clearing import LedgerClearing
from privity.app.workspace.sets import clear_workspace
from privity.canonical.instants import Instant
from privity.cli import basis, options
from privity.cli.commands import Command
from privity.cli.progress import progress
from privity.decide.many import Compiled
from privity.release.clear import Clearing
from privity.release.summary import Summary

_STAGES: Mapping[str, str] = {"decide": "deciding", "compare": "comparing", "copy": "copying"}


@click.command(cls=Command)
@click.argument("sources", metavar="SOURCE...", nargs=-1, required=True, type=options.FILE)
@basis.workspace
@options.policy
@options.facts
@options.bindings
@options.purpose
@options.recipient
@options.at
@options.known
@options.now
@click.option(
    "--out", type=options.MADE, required=True, metavar="DIR", help="A folder to make."
)
@options.threads
@click.option("--refused", is_flag=True, help="Write the refused ids with their reasons too.")
@options.pseudonym_key
@options.text
@options.json_output
def command(
    *,
    sources: tuple[Path, ...],
    workspace: Path | None,
    policies: tuple[Path, ...],
    facts: tuple[Path, ...],
    bindings: tuple[Path, ...],
    purpose: str,
    recipient: str,
    at: Instant | None,
    known: Instant | None,
    now: Instant | None,
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

    With --workspace the ledger says what is prepared before anything is made, and what the set is before it can be read;
    whoever says no in between is heeded.
    """  # noqa: D301 - click's mark for a paragraph whose lines stay as they are
    if workspace is not None:
        _refuse("with --workspace", policy=policies, facts=facts, known=known)
    else:
        _refuse("without --workspace", now=now)
        if not policies or not facts or at is None:
            raise click.UsageError("expected --policy, --facts and --at, or --workspace")
    with (
        opened(sources, bindings) as files,
        progress(_STAGES, sum(one.rows for one in files)) as told,
    ):
        how: dict[str, Any] = {
            "purpose": purpose,
            "recipient": recipient,
            "out": out,
            "threads": threads,
            "refused": refused,
            "pseudonym_key": pseudonym_key,
            "text": text,
            "progress": told,
        }
        if workspace is not None:
            made = clear_workspace(workspace, files, at=at, now=now, told=_warn, **how)
            clearing, more = made.set, list(_ledger_lines(made))
        else:
            basis_is: dict[str, Any] = {
                "policy": policies,
                "facts": facts,
                "at": at,
                "known": known,
            }
            ready = compiled(purpose=purpose, recipient=recipient, **basis_is)
            _warn(ready)
            clearing = clear(files, ready=ready, **basis_is, **how)
            more = []
    if not clearing.summary.permitted:
        click.echo(
            "warning: no record is permitted: the set is empty; `privity doctor` says why",
            err=True,
        )
    options.show(clearing.manifest if as_json else [*_lines(clearing), *more])


def _warn(ready: Compiled) -> None:
    options.refused_all(unknown_recipient(ready))


def _refuse(when: str, **given: object) -> None:
    for name, value in given.items():
        if value not in {None, ()}:
            raise click.UsageError(f"--{name} means nothing {when}")


def _ledger_lines(made: LedgerClearing) -> Iterator[str]:
    ledger = made.set.manifest["ledger"]
    yield f"entered as {made.index:,} of {ledger['origin']}: clearing {made.name}"
    if made.set.manifest["withdrawn"]:
        yield f"{made.set.manifest['withdrawn']:,} taken out again: facts came while it was made"
    for one in ledger["attested"]:
        yield f"{one['records']:,} of the permits are {one['says']}"
    if ledger["clock"] == "simulated":
        yield "the instants of this log were set: its clock is simulated"


def _lines(clearing: Clearing) -> Iterator[str]:
    summary: Summary = clearing.summary
    yield f"{clearing.out}: {summary.permitted:,} of {summary.records:,} records permitted"
    width = max([len(name) for name in (*summary.by_category, *summary.reasons)], default=0)
    for name, (records, permitted) in summary.by_category.items():
        yield f"  {name:<{width}}  {permitted:>13,} of {records:,}"
    if summary.refused:
        yield f"{summary.refused:,} refused; a record may have several reasons"
    if summary.copies is not None and summary.copies.reported:
        yield (
            f"{summary.copies.reported:,} permitted with the text of a refused private message in them, "
            "which the policy reports"
        )
    for name, count in sorted(summary.reasons.items(), key=lambda item: (-item[1], item[0])):
        yield f"  {name:<{width}}  {count:>13,}"
