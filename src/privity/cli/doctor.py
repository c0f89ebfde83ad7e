# SPDX-License-Identifier: Apache-2.0
"""`privity doctor`: what blocks how many records, and what would help (docs/explain.md)."""

from __future__ import annotations

from pathlib import Path

import click

from privity.app.basis import LedgerSize
from privity.app.deciding import Question
from privity.app.diagnosis import diagnose
from privity.app.resting import attested_lines, attested_mapping
from privity.canonical.instants import Instant
from privity.cli import basis, options
from privity.cli.commands import Command
from privity.cli.progress import deciding
from privity.decide.doctor import lines, mapping


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
@options.threads
@options.json_output
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
    threads: int,
    as_json: bool,
) -> None:
    """Say what blocks how many records, and what would help.

    A reason blocks a record alone where it is the record's only one. A spread of the refused records is
    explained, to name the notice, the setting or the fact that is missing, and of how many members.

    \b
    Example:
      privity doctor --policy examples/small/policy.yaml --facts examples/small/facts.csv \\
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
    with deciding() as told_of:
        found = diagnose(question, threads=threads, progress=told_of)
    options.refused_all(found.unknown)
    if as_json:
        told = dict(mapping(found.diagnosis))
        if found.source is not None:
            told["attested"] = attested_mapping(found.attested)
        options.show(basis.with_source(told, found.source))
    else:
        more = attested_lines(found.attested)
        options.show(basis.with_source(lines(found.diagnosis), found.source, more))
