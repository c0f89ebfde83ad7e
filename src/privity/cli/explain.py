# SPDX-License-Identifier: Apache-2.0
"""`privity explain`: why one record, or one member's, may or may not be used (docs/explain.md)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import click

from privity.app.basis import Basis, LedgerSize
from privity.app.deciding import Question
from privity.app.explaining import explain_member_in, explain_record
from privity.app.resting import not_witnessed
from privity.app.workspace.gathered import Source
from privity.canonical.instants import Instant
from privity.cli import basis, options
from privity.cli.commands import Command
from privity.decide.explain import for_member
from privity.decide.explain.show import (
    explanation_lines,
    explanation_mapping,
    member_lines,
    member_mapping,
    view_lines,
    view_mapping,
)
from privity.decide.request import Request

_REFUSED = 1


@click.command(cls=Command)
@basis.workspace
@options.policy
@options.facts
@options.some_records
@options.bindings
@options.purpose
@click.option(
    "--recipient",
    metavar="ID",
    help="Who would get the data; of a member, left out: everybody on the register.",
)
@options.at
@basis.known
@click.option("--record", "record_id", metavar="ID", help="The record to explain.")
@click.option(
    "--member",
    metavar="ID",
    help="The member to answer; with --record, as that member may read it.",
)
@options.json_output
@click.pass_context
def command(
    context: click.Context,
    *,
    workspace: Path | None,
    policies: tuple[Path, ...],
    facts: tuple[Path, ...],
    records: tuple[Path, ...],
    bindings: tuple[Path, ...],
    purpose: str,
    recipient: str | None,
    at: Instant | None,
    known: Instant | LedgerSize | None,
    record_id: str | None,
    member: str | None,
    as_json: bool,
) -> None:
    """Say why a record, or a member's records, may be used or not.

    With --record: each reason with the rule, the policy version and the fact that decided. Exits with 1
    where the record is refused. With --member alone: what of theirs may be used, by whom, since when, and
    why not. With both: what that member may read about that record, other parties unnamed.

    \b
    Example:
      privity explain --policy examples/small/policy.yaml --facts examples/small/facts.csv \\
        --records examples/small/records.jsonl --purpose genai-training --recipient self \\
        --at 2025-06-01T00:00:00Z --record m2
      privity explain --policy examples/small/policy.yaml --facts examples/small/facts.csv \\
        --purpose genai-training --at 2025-06-01T00:00:00Z --member ana
    """  # noqa: D301 - click's mark for a paragraph whose lines stay as they are
    known_from = basis.basis_of(
        workspace=workspace, policies=policies, facts=facts, known=known
    )
    request = basis.request_of(purpose, recipient or "", at, known, known_from)
    if record_id is None:
        if member is None:
            raise click.UsageError("neither `--record` nor `--member` is given, expected one")
        _show_view(known_from, member, request, everybody=recipient is None, as_json=as_json)
        return
    if recipient is None or not records:
        missing = "--recipient" if recipient is None else "--records"
        raise click.UsageError(f"missing option `{missing}`, which `--record` needs")
    question = Question(basis=known_from, records=records, bindings=bindings, request=request)
    found = explain_record(question, record_id)
    explanation, names = found.explanation, found.attested
    if member is None:
        told = explanation_mapping(explanation) if as_json else explanation_lines(explanation)
    else:
        mine = for_member(explanation, options.like(member, explanation.parties))
        told = member_mapping(mine) if as_json else member_lines(mine)
    _show(told, names, found.source)
    if not explanation.decision.permit:
        context.exit(_REFUSED)


def _show_view(
    known_from: Basis, member: str, request: Request, *, everybody: bool, as_json: bool
) -> None:
    found = explain_member_in(known_from, member, request, everybody=everybody)
    told = view_mapping(found.view) if as_json else view_lines(found.view)
    _show(told, found.attested, found.source)


def _show(
    told: Mapping[str, Any] | Sequence[str], names: Sequence[str], source: Source | None
) -> None:
    """Show an answer, and whose word some of it rests on."""
    if isinstance(told, Mapping):
        said = {"attested": [{"says": not_witnessed(name)} for name in names]}
        options.show(basis.with_source(told if source is None else {**told, **said}, source))
    else:
        more = [f"what may be used here is {not_witnessed(name)}" for name in names]
        options.show(basis.with_source(told, source, more))
