# SPDX-License-Identifier: Apache-2.0
"""`privity doctor`: what blocks how many records, and what would help (docs/explain.md)."""

from __future__ import annotations

from pathlib import Path

import click

from privity.app.deciding import ask
from privity.app.diagnosis import diagnose
from privity.canonical.instants import Instant
from privity.cli import options
from privity.decide.doctor import lines, mapping


@click.command()
@options.policy
@options.facts
@options.records
@options.binding
@options.purpose
@options.recipient
@options.at
@options.known
@options.threads
@options.json_output
def command(
    *,
    policies: tuple[Path, ...],
    facts: Path,
    records: tuple[Path, ...],
    binding: Path | None,
    purpose: str,
    recipient: str,
    at: Instant,
    known: Instant | None,
    threads: int,
    as_json: bool,
) -> None:
    """Say what blocks how many records, and what would supply what is missing.

    A reason blocks a record alone where it is the record's only one. A spread of the refused records is
    explained, to name the notice, the setting or the fact that is missing, and of how many members.

    \b
    Example:
      privity doctor --policy examples/small/policy.yaml --facts examples/small/facts.csv \\
        --records examples/small/records.jsonl --purpose genai-training --recipient self \\
        --at 2025-06-01T00:00:00Z
    """  # noqa: D301 - click's mark for a paragraph whose lines stay as they are
    question = ask(
        policies=policies,
        facts=facts,
        records=records,
        binding=binding,
        purpose=purpose,
        recipient=recipient,
        at=at,
        known=known,
    )
    found = diagnose(question, threads=threads)
    options.show(mapping(found) if as_json else lines(found))
