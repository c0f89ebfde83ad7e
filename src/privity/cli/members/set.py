# SPDX-License-Identifier: Apache-2.0
"""`privity members set`: a fact of one member into a workspace's ledger (docs/workspace.md)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import click

from privity.app.workspace.newcomers import is_new, nearest
from privity.app.workspace.opening import open_workspace
from privity.app.workspace.setting import Claim, ask_fact, look_at, rehearse_fact, set_fact
from privity.canonical.instants import Instant
from privity.cli import options, recorded
from privity.cli.commands import Command
from privity.vocabulary.terms import quoted


@click.command(cls=Command)
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
@click.option("--new", is_flag=True, help="MEMBER is new here: nothing is known of her yet.")
@recorded.attested
@options.now
@options.request_name
@options.dry_run
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
    new: bool,
    now: Instant | None,
    request_name: str | None,
    dry_run: bool,
    as_json: bool,
    **attested: Any,
) -> None:
    """Record a fact of one member.

    FACT is its kind: joined, setting, notice, objection, jurisdiction, … VALUE is its value, where the kind
    has one. Whoever repeats it under a name of their own (--request) records it once. Of a member of whom nothing
    is known, who may be mistyped, only `joined` is recorded without --new. What is recorded stays: with --dry-run
    nothing is, and it is told what would be odd about it.

    \b
    Example:
      privity init network --origin network.example/simulated --clock simulated
      privity members set chi joined --workspace network
      privity members set chi setting off --detail setting=genai-improvement --workspace network
    """  # noqa: D301 - click's mark for a paragraph whose lines stay as they are
    detail = _details(details)
    recorded.check_rehearsal(dry_run=dry_run, **attested)
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
        asked = ask_fact(
            opened,
            member,
            fact,
            value,
            at=at,
            detail=detail,
            claim=claim,
            request=request_name,
        )
        fresh = is_new(opened, asked.member)
        doubted = fresh and not new
        what = " ".join(word for word in (f"member {member}:", fact, value) if word)
        more = {"new": fresh, "near": nearest(opened, asked.member) if fresh else []}
        if dry_run:
            count = rehearse_fact(opened, asked, doubted=doubted)
            _tell_newcomer(member, more, as_json=as_json)
            recorded.rehearsed(
                count,
                as_json=as_json,
                what=what,
                more=more,
                findings=look_at(opened, asked.fact),
            )
            return
        made = set_fact(opened, asked, doubted=doubted)
        _tell_newcomer(member, more, as_json=as_json)
        recorded.acknowledge(
            opened,
            made.recorded,
            as_json=as_json,
            what=what,
            more=more,
            look=lambda: look_at(opened, made.fact),
        )
        recorded.note_on_claims(opened, claimed=claim is not None and not as_json)


def _tell_newcomer(member: str, more: Mapping[str, Any], *, as_json: bool) -> None:
    """Say that a member is new, and who may have been meant."""
    if more["new"] and not as_json:
        known = " and ".join(quoted(one) for one in more["near"])
        text = f"{quoted(member)} is new in this workspace" + (
            known and f", which knows {known}"
        )
        click.echo(text, err=True)


def _details(texts: Sequence[str]) -> dict[str, str]:
    found: dict[str, str] = {}
    for text in texts:
        key, equals, value = text.partition("=")
        if not (key and equals):
            message = f"`{text}` is no detail, expected `KEY=TEXT`"
            raise click.BadParameter(message, param_hint="--detail")
        if key in found:
            message = f"`{key}` is given twice, expected once: record a fact for each"
            raise click.BadParameter(message, param_hint="--detail")
        found[key] = value
    return found
