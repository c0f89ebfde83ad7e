# SPDX-License-Identifier: Apache-2.0
"""`privity members set`: a fact of one member into a workspace's ledger (docs/workspace.md)."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from privity.app.workspace.opening import open_workspace
from privity.app.workspace.setting import Claim, look_at, set_fact
from privity.canonical.instants import Instant
from privity.cli import options, recorded


@click.command()
@click.argument("member")
@click.argument("fact")
@click.argument("value", default="")
@click.option(
    "--detail",
    "details",
    multiple=True,
    metavar="KEY=TEXT",
    help="A detail of the fact, such as `setting=genai-improvement`; may be given several times.",
)
@options.some_at
@options.workspace
@click.option(
    "--claimed-at",
    type=options.INSTANT,
    help="Since when it was known, by who attests it.  [default: the instant of its entry]",
)
@recorded.attested
@options.now
@options.request_name
@options.json_output
def command(
    *,
    member: str,
    fact: str,
    value: str,
    details: tuple[str, ...],
    at: Instant | None,
    workspace: Path,
    claimed_at: Instant | None,
    now: Instant | None,
    request_name: str | None,
    as_json: bool,
    **attested: Any,
) -> None:
    """Record a fact of one member.

    FACT is its kind: joined, setting, notice, objection, jurisdiction, … VALUE is its value, where the kind
    has one. Whoever repeats it under a name of their own (--request) records it once.

    \b
    Example:
      privity init network --origin network.example/simulated --clock simulated
      privity members set chi setting off --detail setting=genai-improvement --workspace network
    """  # noqa: D301 - click's mark for a paragraph whose lines stay as they are
    detail = dict(map(_detail, details))
    with open_workspace(workspace, now=now) as opened:
        attestation = recorded.read_attestation(**attested)
        if (attestation is None) != (claimed_at is None):
            message = (
                "who attests says since when, expected `--attested-by` with `--claimed-at`"
            )
            raise click.UsageError(message)
        claim = (
            None
            if attestation is None or claimed_at is None
            else Claim(since=claimed_at, attested=attestation)
        )
        made = set_fact(
            opened,
            member,
            fact,
            value,
            at=at,
            detail=detail,
            claim=claim,
            request=request_name,
        )
        what = " ".join(word for word in (f"member {member}:", fact, value) if word)
        recorded.acknowledge(
            opened,
            made.recorded,
            as_json=as_json,
            what=what,
            look=lambda: look_at(opened, made.fact),
        )


def _detail(text: str) -> tuple[str, str]:
    key, equals, value = text.partition("=")
    if not (key and equals):
        message = f"`{text}` is no detail, expected `KEY=TEXT`"
        raise click.BadParameter(message, param_hint="--detail")
    return key, value
