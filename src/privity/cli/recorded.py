# SPDX-License-Identifier: Apache-2.0
"""What commands that record have in common: how they answer, who attests, and that they ask before they do."""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, TypeVar

import click

from privity.app.workspace.acknowledging import publish_if_free
from privity.app.workspace.attesting import Attestation, attestation, make_key
from privity.app.workspace.parts import Workspace
from privity.app.workspace.recording import Recorded
from privity.canonical.instants import format_instant
from privity.cli import options
from privity.cli.counting import counted
from privity.errors import InputError, PrivityError
from privity.ledger.forms import to_base64
from privity.ledger.publish import Published
from privity.members.findings import (
    Finding,
    lines as finding_lines,
    mapping as findings_mapping,
)

_Command = TypeVar("_Command", bound=Callable[..., Any])


def acknowledge(
    workspace: Workspace,
    recorded: Recorded,
    *,
    as_json: bool,
    what: str,
    more: Mapping[str, Any] | None = None,
    look: Callable[[], Sequence[Finding]] | None = None,
) -> None:
    """Publish, and say what was recorded; that is said too where publishing fails.

    Args:
        workspace: Where.
        recorded: What was recorded, and is durable.
        as_json: Whether to print JSON.
        what: What it is, in words.
        more: Further values for JSON.
        look: Finds what is odd about it, which nothing waits for.
    """
    data = {
        "first": recorded.first,
        "count": recorded.count,
        "time": format_instant(recorded.time),
        "again": recorded.again,
        **(more or {}),
    }
    how = "recorded before, as" if recorded.again else "recorded as"
    entries = f"entry {recorded.first}"
    if recorded.count > 1:
        entries = f"entries {recorded.first} to {recorded.first + recorded.count - 1}"
    line = f"{what}: {how} {entries}, at {data['time']}"
    publish_and_show(workspace, data, [line], look, as_json=as_json)


def rehearsed(
    count: int,
    *,
    as_json: bool,
    what: str,
    more: Mapping[str, Any] | None = None,
    findings: Sequence[Finding] | None = None,
) -> None:
    """Say what would be recorded, where nothing was.

    Args:
        count: How many entries it would be; none where it was recorded before.
        as_json: Whether to print JSON.
        what: What it is, in words.
        more: Further values for JSON.
        findings: What is odd about it; None is not looked for.
    """
    again = not count
    if as_json:
        found = {} if findings is None else findings_mapping(findings)
        data = {"again": again, "count": count, **(more or {}), **found, "dry_run": True}
        options.show(data)
        return
    would = (
        "it was recorded before"
        if again
        else f"it would be {counted(count, 'entry', 'entries')}"
    )
    options.show([f"{what}: nothing recorded; {would}"])
    if findings:
        click.echo("\n".join(finding_lines(findings)), err=True)


def publish_and_show(
    workspace: Workspace,
    data: Mapping[str, Any],
    lines: Sequence[str],
    look: Callable[[], Sequence[Finding]] | None = None,
    *,
    as_json: bool,
) -> None:
    """Publish everything that is recorded, and show an answer, with what is public now."""
    try:
        published = publish_if_free(workspace)
    except PrivityError:
        options.show({**data, "published": None} if as_json else lines)
        raise
    if not as_json:
        options.show([*lines, _publication(published)])
    findings = () if look is None else look()
    if as_json:
        found = {} if look is None else findings_mapping(findings)
        options.show({**data, **found, "published": _public(published)})
    elif findings:
        click.echo("\n".join(finding_lines(findings)), err=True)


def _public(published: Published | None) -> Mapping[str, Any] | None:
    if published is None:
        return None
    checkpoint = published.checkpoint
    return {"size": checkpoint.size, "root": to_base64(checkpoint.root)}


def _publication(published: Published | None) -> str:
    if published is None:
        return "not published yet: another process is publishing; it will, or the next command does"
    return f"published: {published.checkpoint.size:,} entries"


def attested(command: _Command) -> _Command:
    """Give a command the options of who attests."""
    for option in reversed(
        (
            click.option(
                "--attested-by",
                metavar="NAME",
                help="Who attests what was before its entry, in words; with --key and --evidence.",
            ),
            click.option(
                "--key",
                type=options.FILE,
                metavar="FILE",
                help="The attester's secret key: Ed25519 in PEM, readable by its owner alone.",
            ),
            click.option("--new-key", is_flag=True, help="Make that key, in a new file."),
            click.option(
                "--evidence",
                metavar="FILE|SHA256",
                help="What it rests on: its SHA-256 is recorded, and nothing else of it.",
            ),
            click.option(
                "--evidence-url", metavar="URL", help="Where the evidence can be read."
            ),
        )
    ):
        command = option(command)
    return command


def check_rehearsal(*, dry_run: bool, new_key: bool, **_: Any) -> None:
    """Check that what records nothing makes nothing else either.

    Raises:
        click.UsageError: It is to make a key.
    """
    if dry_run and new_key:
        raise click.UsageError("--new-key makes a key, and --dry-run makes nothing")


def note_on_claims(workspace: Workspace, *, claimed: bool) -> None:
    """Say what a claim does not do in a workspace that does not believe claims: nobody can change that later."""
    if claimed and workspace.settings.attested == "restrict":
        click.echo(
            "note: what is claimed permits from its entry on, and what was written before it stays refused: this "
            "workspace was made without `--attested accept`",
            err=True,
        )


def read_attestation(
    *,
    attested_by: str | None,
    key: Path | None,
    new_key: bool,
    evidence: str | None,
    evidence_url: str | None,
) -> Attestation | None:
    """Make ready to attest, where that is asked for.

    Raises:
        click.UsageError: Some of the options are given, and others are missing.
        PrivityError: As `attestation` and `make_key`.
    """
    given = {"--attested-by": attested_by, "--key": key, "--evidence": evidence}
    if not any((*given.values(), new_key, evidence_url)):
        return None
    missing = [f"`{name}`" for name, value in given.items() if value is None]
    if attested_by is None or key is None or evidence is None:
        message = f"who attests says all of it, and {' and '.join(missing)} is missing"
        raise click.UsageError(message)
    if new_key:
        make_key(key)
        click.echo(f"{key}: a new key; keep it, and keep it to yourself", err=True)
    return attestation(attested_by, key=key, evidence=evidence, url=evidence_url)


def claimed(by: str | None) -> str:
    """Give how it is shown that something stands in a baseline alone."""
    return "" if by is None else f" (claimed in a baseline by {by})"


def confirm(question: str, *, sure: bool, otherwise: str) -> None:
    """Ask before something that cannot be taken back.

    Args:
        question: What is asked.
        sure: Whether it was said already that the answer is yes.
        otherwise: What did not happen where the answer is no.

    Raises:
        InputError: Nobody can be asked (`workspace/unasked`).
    """
    if sure:
        return
    if not sys.stdin.isatty():
        raise InputError(
            f"{otherwise}: nobody can be asked here, expected `--yes` from who is sure",
            code="workspace/unasked",
            hint=f"give `--yes` if this is to be done: {question}",
        )
    if not click.confirm(question, err=True):
        click.echo(otherwise, err=True)
        raise click.exceptions.Exit(_NO)


_NO = 130
