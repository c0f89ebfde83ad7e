# SPDX-License-Identifier: Apache-2.0
"""Write a report in all its forms, with its bundle, signed where there is a key (specs/audit.md, parts 6 and 7)."""

from __future__ import annotations

from pathlib import Path

from privity.app.auditing.answering.asking import Inputs
from privity.app.auditing.bundling.bundling import write_bundle
from privity.app.auditing.bundling.folders import made_aside, put
from privity.app.auditing.bundling.signing import signature_of
from privity.app.auditing.bundling.watching import WatchedEvidence
from privity.audit.bundle import BUNDLE, ITEMS, MANIFEST, PAGE, PRINT, REPORT, SIGNATURE
from privity.audit.forms import items_to_bytes, report_to_bytes
from privity.audit.papers.contents import paper_of
from privity.audit.papers.page import write_page
from privity.audit.papers.pdf import PRINTED_BY, write_pdf
from privity.audit.report import Report
from privity.entries.dsse import EnvelopeSigner


def forms_of(report: Report) -> dict[str, bytes]:
    """Give a report's files by name: the same report, the same bytes."""
    paper = paper_of(report)
    return {
        REPORT: report_to_bytes(report),
        ITEMS: items_to_bytes(report),
        PAGE: write_page(paper),
        PRINT: write_pdf(paper),
    }


def write_report(
    out: Path,
    report: Report,
    watched: WatchedEvidence,
    inputs: Inputs,
    *,
    place: str,
    signer: EnvelopeSigner | None = None,
) -> None:
    """Make the folder of a report.

    Args:
        out: The folder; it is made whole or not at all.
        report: The answer.
        watched: What it was found in, watched while it was.
        inputs: The question.
        place: Where the evidence lies.
        signer: The auditor's key, or None.

    Raises:
        ConflictError: There is something of that name.
        UnavailableError: The disk is full or fails, or something cannot be read any more.
    """
    files = forms_of(report)
    with made_aside(out) as folder:
        bundle = folder / BUNDLE
        for name, data in files.items():
            put(folder / name, data)
            put(bundle / name, data)
        files[MANIFEST] = write_bundle(bundle, place, watched, inputs, printed_by=PRINTED_BY)
        if signer is not None:
            signature = signature_of(report, files, signer)
            put(folder / SIGNATURE, signature)
            put(bundle / SIGNATURE, signature)
