# SPDX-License-Identifier: Apache-2.0
"""`privity decide`: one line of JSON for each record, in input order (docs/decide.md)."""

from __future__ import annotations

import sys
from contextlib import closing
from pathlib import Path
from typing import cast

import click

from privity.app.api import Engine
from privity.app.basis import LedgerSize
from privity.app.deciding import Question, decide_files, decision_lines
from privity.canonical.instants import Instant
from privity.cli import basis, options
from privity.cli.commands import Command


@click.command(cls=Command)
@basis.workspace
@options.policy
@options.facts
@options.records
@options.bindings
@options.purpose
@options.recipient
@options.at
@basis.known
@click.option(
    "--engine",
    type=click.Choice(["one", "arrow"]),
    default="arrow",
    show_default=True,
    help="`one` is the plain rule, record by record; `arrow` decides in bulk.",
)
@options.threads
def command(
    *,
    workspace: Path | None,
    policies: tuple[Path, ...],
    facts: tuple[Path, ...],
    records: tuple[Path, ...],
    bindings: tuple[Path, ...],
    purpose: str,
    recipient: str,
    at: Instant | None,
    known: Instant | LedgerSize | None,
    engine: str,
    threads: int,
) -> None:
    """Say of each record whether it may be used, and why not.

    Prints a line of JSON for each record, in input order: record_id, permit, reasons, obligations. A
    refusal is an answer, so the exit code is 0. What is known comes from loose files, or by --workspace from a
    ledger; what has to be said of that is printed on standard error.

    \b
    Example:
      privity decide --policy examples/small/policy.yaml --facts examples/small/facts.csv \\
        --records examples/small/records.jsonl --purpose genai-training --recipient self \\
        --at 2025-06-01T00:00:00Z
    """  # noqa: D301 - click's mark for a paragraph whose lines stay as they are
    known_from = basis.basis_of(
        workspace=workspace, policies=policies, facts=facts, known=known
    )
    question = Question(
        basis=known_from,
        records=records,
        bindings=bindings,
        request=basis.request_of(purpose, recipient, at, known, known_from),
    )
    stream = sys.stdout.buffer
    tables = decide_files(
        question,
        engine=cast("Engine", engine),
        threads=threads,
        tell=lambda line: click.echo(line, err=True),
        warn=options.refused_all,
    )
    with closing(tables):
        for table in tables:
            stream.write(b"".join(decision_lines(table)))
