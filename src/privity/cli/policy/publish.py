# SPDX-License-Identifier: Apache-2.0
"""`privity policy publish`: a version of a policy into a workspace's ledger (docs/workspace.md)."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import click

from privity.app.workspace.opening import open_workspace
from privity.app.workspace.parts import Workspace
from privity.app.workspace.publishing import (
    Draft,
    Texts,
    draft_policy,
    publish_policy,
    published_before,
    rehearse_policy,
)
from privity.app.workspace.recording import Recorded
from privity.canonical.instants import Instant
from privity.cli import options, recorded
from privity.cli.commands import Command
from privity.decide.analysis.show import lines as diff_lines, mapping as diff_mapping


@click.command(cls=Command)
@click.argument("file", type=options.FILE)
@options.workspace
@click.option(
    "--notice",
    "notices",
    multiple=True,
    metavar="ID=FILE",
    help="The text of a notice that the version names; may be given several times.",
)
@click.option(
    "--agreement",
    "agreements",
    multiple=True,
    metavar="ID=FILE",
    help="The text of an agreement that the version describes; may be given several times.",
)
@recorded.attested
@options.now
@options.request_name
@options.dry_run
@options.sure
@options.json_output
def command(
    *,
    file: Path,
    workspace: Path,
    notices: tuple[str, ...],
    agreements: tuple[str, ...],
    now: Instant | None,
    request_name: str | None,
    dry_run: bool,
    sure: bool,
    as_json: bool,
    **attested: Any,
) -> None:
    """Publish a version of a policy.

    Shows what it opens and closes, and who must get a notice first, and asks. Its text becomes public; it is
    published when its entry is, so FILE leaves `published_at` out, and takes effect from then on. What was
    published before there was a ledger is attested: then FILE says when. With --dry-run nothing is recorded.

    \b
    Example:
      privity init network --origin network.example/simulated --clock simulated
      privity policy publish examples/small/policy.yaml --workspace network --yes \\
        --now 2024-09-18T00:00:00Z
    """  # noqa: D301 - click's mark for a paragraph whose lines stay as they are
    texts = Texts(
        notices=_files(notices, "--notice"), agreements=_files(agreements, "--agreement")
    )
    recorded.check_rehearsal(dry_run=dry_run, **attested)
    with open_workspace(workspace, now=now) as opened:
        attestation = recorded.read_attestation(**attested)
        before = published_before(
            opened, file, texts=texts, attested=attestation, request=request_name
        )
        if before is not None and dry_run:
            recorded.rehearsed(0, as_json=as_json, what=str(file))
            return
        if before is not None:
            _acknowledge(opened, before, file, as_json=as_json)
            return
        draft = draft_policy(opened, file, texts=texts, attested=attestation)
        if not as_json:
            click.echo("\n".join([*map(str, draft.findings), *diff_lines(draft.diff)]))
        if dry_run:
            count = rehearse_policy(opened, draft)
            recorded.rehearsed(count, as_json=as_json, what=str(file), more=_data(draft))
            return
        version = draft.version.version
        recorded.confirm(
            f"Publish version {version}, for good?", sure=sure, otherwise="nothing published"
        )
        made = publish_policy(opened, draft, request=request_name)
        _acknowledge(opened, made, file, as_json=as_json, more=_data(draft))
        recorded.note_on_claims(opened, claimed=attestation is not None and not as_json)


def _acknowledge(
    workspace: Workspace,
    made: Recorded,
    file: Path,
    *,
    as_json: bool,
    more: Mapping[str, Any] | None = None,
) -> None:
    recorded.acknowledge(workspace, made, as_json=as_json, what=str(file), more=more)


def _data(draft: Draft) -> Mapping[str, Any]:
    version = draft.version
    return {
        "policy": version.policy,
        "version": version.version,
        "findings": [
            {"level": one.level, "code": one.code, "message": one.message}
            for one in draft.findings
        ],
        "diff": diff_mapping(draft.diff),
    }


def _files(given: tuple[str, ...], option: str) -> dict[str, Path]:
    """Read `ID=FILE`s."""
    found: dict[str, Path] = {}
    for text in given:
        name, equals, path = text.partition("=")
        if not (name and equals and path) or name in found:
            message = f"`{text}` is no text of another one, expected `ID=FILE`, each ID once"
            raise click.BadParameter(message, param_hint=option)
        found[name] = Path(path)
    return found
