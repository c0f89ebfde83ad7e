# SPDX-License-Identifier: Apache-2.0
"""`privity members import`: facts of a file into a workspace's ledger (docs/workspace.md)."""

from __future__ import annotations

import shlex
from pathlib import Path
from typing import Any, Final

import click

from privity.app.workspace.importing import Imported, record_import
from privity.app.workspace.looking_over import LARGE, Import, look_over
from privity.app.workspace.opening import open_workspace
from privity.canonical.instants import Instant
from privity.cli import options, recorded
from privity.cli.commands import Command
from privity.cli.counting import counted
from privity.cli.progress import progress

_STAGE: Final = "record"


@click.command(cls=Command)
@click.argument("facts", type=options.FILE)
@options.workspace
@recorded.attested
@options.now
@options.request_name
@options.sure
@options.json_output
def command(
    *,
    facts: Path,
    workspace: Path,
    now: Instant | None,
    request_name: str | None,
    sure: bool,
    as_json: bool,
    **attested: Any,
) -> None:
    """Record the facts of a file, each as an entry.

    FACTS (CSV, JSON lines, Parquet, Arrow) has the columns of facts, but `recorded_at` may be left out: a
    fact is recorded when its entry is. What claims to have been recorded before has to be attested. Facts of
    the platform become orders, recipients and seats. Repeated, an import that broke off goes on, and one of a file that
    grew records what came to it.

    \b
    Example:
      privity init network --origin network.example/simulated --clock simulated \\
        --now 2025-06-01T00:00:00Z
      privity members import examples/small/facts.csv --workspace network --attested-by "A. Auditor" \\
        --key auditor.pem --new-key --evidence examples/small/facts.csv
    """  # noqa: D301 - click's mark for a paragraph whose lines stay as they are
    with open_workspace(workspace, now=now) as opened:
        attestation = recorded.read_attestation(**attested)
        looked = look_over(opened, facts, attested=attestation)
        if looked.facts >= LARGE:
            recorded.confirm(
                _question(looked, workspace), sure=sure, otherwise="nothing recorded"
            )
        with progress({_STAGE: "recording"}, looked.facts) as advance:
            imported = record_import(
                opened,
                looked,
                request=request_name,
                progress=lambda count: advance(_STAGE, count),
            )
        recorded.publish_and_show(
            opened,
            _data(looked, imported),
            [_line(looked, imported)],
            lambda: looked.findings if _is_new(imported) else (),
            as_json=as_json,
        )
        recorded.note_on_claims(opened, claimed=bool(looked.claims) and not as_json)


def _question(looked: Import, workspace: Path) -> str:
    where = f"{shlex.quote(str(looked.path))} --workspace {shlex.quote(str(workspace))}"
    return (
        f"{looked.facts:,} facts make as many entries; by one entry they are taken in with `privity members "
        f"baseline {where} --claimed-by NAME`. Record each of them?"
    )


def _is_new(imported: Imported) -> bool:
    """Tell whether any of it is recorded only now; what is odd about the rest was told at the time."""
    return imported.before < imported.facts


def _line(looked: Import, imported: Imported) -> str:
    parts = [
        f"{counted(imported.facts, 'fact')} recorded as {counted(imported.entries, 'entry', 'entries')}"
    ]
    if looked.attested is not None and looked.claims:
        parts.append(f"{looked.claims:,} of them attested by {looked.attested.attester.name}")
    if _is_new(imported) and looked.earlier:
        parts.append(
            f"{looked.earlier:,} of them true before their entries, which makes them claims"
        )
    if imported.before:
        parts.append(f"{imported.before:,} of them recorded before")
    if imported.newcomers:
        parts.append(f"{counted(imported.newcomers, 'member')} new in this workspace")
    return f"{looked.path}: {', '.join(parts)}"


def _data(looked: Import, imported: Imported) -> dict[str, Any]:
    return {
        "facts": imported.facts,
        "recorded_before": imported.before,
        "entries": imported.entries,
        "new_members": imported.newcomers,
        "attested": looked.claims,
        "true_before": looked.earlier if _is_new(imported) else 0,
    }
