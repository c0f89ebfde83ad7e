# SPDX-License-Identifier: Apache-2.0
"""`privity audit verify`: somebody else's audit, from its bundle alone (docs/audit.md)."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import click

from privity.app.auditing.bundling.verifying import VerifiedAudit, verify_audit
from privity.audit.papers.contents import ANSWERS, SIMULATED
from privity.cli import options
from privity.cli.audit.running import by_difference
from privity.cli.audit.showing import loud
from privity.cli.commands import Command
from privity.cli.counting import counted
from privity.cli.ledger import showing as ledger_showing
from privity.cli.progress import counting
from privity.papers.page import shown

_FIRST_USE: Final = (
    "The log’s key is believed on its maker’s word: it came with the bundle, and does not say whose log this is. Get it by "
    "another way, and give it with --vkey."
)


@click.command(cls=Command)
@click.argument("bundle", metavar="DIR", type=options.FILE)
@ledger_showing.vkey
@click.option(
    "--auditor",
    metavar="TEXT_OR_FILE",
    help="The auditor's public key (PEM, or base64): the audit must be signed with it.",
)
@click.option(
    "--outside",
    type=options.FILE,
    multiple=True,
    metavar="FILE_OR_DIR",
    help="A file that the question was about and that is in no bundle, such as a dump, or a folder of them; may be "
    "given several times.",
)
@options.json_output
def command(
    *,
    bundle: Path,
    vkeys: tuple[str, ...],
    auditor: str | None,
    outside: tuple[Path, ...],
    as_json: bool,
) -> None:
    """Verify somebody else's audit from its bundle alone.

    DIR is the folder of the report, or the bundle in it. Verifies the log from its first entry to its last, holds everything
    else in the bundle to the entries that commit to it, answers the question again, and compares the reports to the byte, in
    the bundle and beside it. Needs no network, and nothing of the machine that made
    it. The first thing that does not hold ends it (exit 3).

    \b
    Example:
      privity audit replay --workspace network --out audited
      privity audit verify audited
    """  # noqa: D301 - click's mark for a paragraph whose lines stay as they are
    with counting() as advance:
        found = verify_audit(
            bundle,
            vkeys=vkeys,
            auditor=auditor,
            outside=outside,
            progress=by_difference(advance),
            told=advance,
        )
    options.show(_mapping(found) if as_json else list(_lines(found)))


def _mapping(found: VerifiedAudit) -> dict[str, Any]:
    report, manifest = found.report, found.manifest
    return {
        "answer": report.answer,
        "beside": list(found.beside),
        "bundle": str(found.folder),
        "files": len(manifest.files),
        "key_given": found.key_given,
        "kind": report.kind,
        "origin": manifest.origin,
        "print_compared": found.print_compared,
        "root": manifest.root,
        "said_by_its_maker": {
            "gaps": len(manifest.gaps),
            "mismatches": len(manifest.mismatches),
        },
        "signed": found.signed,
        "size": manifest.size,
        "title": report.title,
    }


def _lines(found: VerifiedAudit) -> Iterator[str]:
    report, manifest = found.report, found.manifest
    _, words = ANSWERS[report.answer]
    yield f"{found.folder}: everything holds, and the question has the same answer"
    yield f"  asked    {shown(report.title)}"
    yield f"  answer   {words}"
    yield f"  log      {manifest.origin}, {counted(manifest.size, 'entry', 'entries')}"
    yield f"  root     {manifest.root}"
    yield f"  files    {len(manifest.files):,}, each with the digest that the bundle names"
    yield f"  beside   {_beside(found)}"
    yield f"  signed   {_signed(found)}"
    if not found.print_compared:
        yield f"  print    not compared: it was made by {manifest.printed_by}"
    if said := len(manifest.gaps) + len(manifest.mismatches):
        yield f"  lacked   {said:,}, by its maker’s word: what was not shown to it, or did not agree"
    if report.log.get("simulated"):
        yield from loud(SIMULATED)
    if not found.key_given:
        yield from loud(_FIRST_USE)


def _beside(found: VerifiedAudit) -> str:
    if found.beside:
        return f"{', '.join(found.beside)}: the same as in the bundle"
    return "nothing was compared: the reports that hold are those in the bundle"


def _signed(found: VerifiedAudit) -> str:
    match found.signed:
        case True:
            return "by the auditor whose key was given"
        case False:
            return "by nobody"
        case _:
            return "by somebody; whose key it is says --auditor"
