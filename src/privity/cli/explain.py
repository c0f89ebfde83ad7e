# SPDX-License-Identifier: Apache-2.0
"""`privity explain`: why one record, or one member's, may or may not be used (docs/explain.md)."""

from __future__ import annotations

from pathlib import Path

import click

from privity.app.deciding import ask
from privity.app.explaining import explain_member_in, explain_record
from privity.canonical.instants import Instant
from privity.cli import options
from privity.decide.explain import for_member
from privity.decide.explain.show import (
    explanation_lines,
    explanation_mapping,
    member_lines,
    member_mapping,
    view_lines,
    view_mapping,
)

_REFUSED = 1


@click.command()
@options.policy
@options.facts
@options.some_records
@options.binding
@options.purpose
@click.option(
    "--recipient",
    metavar="ID",
    help="Who would get the data; of a member, left out: everybody on the register.",
)
@options.at
@options.known
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
    policies: tuple[Path, ...],
    facts: Path,
    records: tuple[Path, ...],
    binding: Path | None,
    purpose: str,
    recipient: str | None,
    at: Instant,
    known: Instant | None,
    record_id: str | None,
    member: str | None,
    as_json: bool,
) -> None:
    """Say why one record, or one member's records, may or may not be used.

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
    question = ask(
        policies=policies,
        facts=facts,
        records=records,
        binding=binding,
        purpose=purpose,
        recipient=recipient or "",
        at=at,
        known=known,
    )
    if record_id is None:
        if member is None:
            raise click.UsageError("neither `--record` nor `--member` is given, expected one")
        view = explain_member_in(
            policies=policies,
            facts=facts,
            member=member,
            request=question.request,
            everybody=recipient is None,
        )
        options.show(view_mapping(view) if as_json else view_lines(view))
        return
    if recipient is None or not records:
        missing = "--recipient" if recipient is None else "--records"
        raise click.UsageError(f"missing option `{missing}`, which `--record` needs")
    explanation = explain_record(question, record_id)
    if member is None:
        options.show(
            explanation_mapping(explanation) if as_json else explanation_lines(explanation)
        )
    else:
        told = for_member(explanation, options.like(member, explanation.parties))
        options.show(member_mapping(told) if as_json else member_lines(told))
    if not explanation.decision.permit:
        context.exit(_REFUSED)
