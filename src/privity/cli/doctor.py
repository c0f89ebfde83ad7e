# SPDX-License-Identifier: Apache-2.0
"""`privity doctor`: what blocks how many records, and what would help (docs/doctor.md)."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import click

from privity.app.deciding import ask
from privity.app.diagnosis import Blocker, Diagnosis, diagnose
from privity.canonical.instants import Instant
from privity.cli import options


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

    A reason blocks a record alone where it is the only one: what it lacks, once supplied, would permit the
    record. What many reasons block together, no single one frees.

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
    options.show(found.to_json() if as_json else list(_lines(found)))


def _lines(found: Diagnosis) -> Iterator[str]:
    yield f"{found.permitted:,} of {found.records:,} records permitted"
    width = max([len(name) for name in found.by_category], default=0)
    for name, (records, permitted) in found.by_category.items():
        yield f"  {name:<{width}}  {permitted:>13,} of {records:,}"
    alone = [one for one in found.blockers if one.alone]
    if alone:
        yield from ("", "blocked by one reason alone")
    for one in alone:
        yield from _blocker_lines(one)
    if found.several:
        yield from ("", f"{found.several:,} blocked by several reasons at once, among them")
        others = [one for one in found.blockers if one.records > one.alone]
        width = max(len(one.reason) for one in others)
        for one in sorted(others, key=lambda one: (one.alone - one.records, one.reason)):
            yield f"  {one.reason:<{width}}  {one.records - one.alone:>13,}"


def _blocker_lines(one: Blocker) -> Iterator[str]:
    listed = ", ".join(f"{name} {count:,}" for name, count in one.alone_by_category.items())
    yield f"  {one.reason}: {one.alone:,} ({listed})"
    about = f" ({', '.join(one.about)})" if one.about else ""
    yield f"    would take {one.remedy}{about}"
