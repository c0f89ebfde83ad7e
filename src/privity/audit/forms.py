# SPDX-License-Identifier: Apache-2.0
"""A report as canonical JSON, and back (specs/audit.md, part 6).

`report.json` has all of it but the items, which are a line each in `items.jsonl`; the report says how many they are and
what their file's SHA-256 is. A report has one spelling: other bytes are refused.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final

from privity.audit.evidence import Gap
from privity.audit.report import Event, Finding, Report, Table
from privity.canonical.encode import digest, encode_canonical
from privity.canonical.instants import format_instant

SCHEMA: Final = "privity/audit-report/v1"


def mapping_of(report: Report) -> dict[str, Any]:
    """Give a report as plain values of canonical JSON; of the items their number and digest ([AUD-140])."""
    return {
        "answer": report.answer,
        "asked": dict(report.asked),
        "figures": dict(report.figures),
        "findings": [_finding(one) for one in report.findings],
        "items": {"count": len(report.items), "sha256": digest(items_to_bytes(report))},
        "kind": report.kind,
        "log": dict(report.log),
        "method": list(report.method),
        "not_covered": [_gap(one) for one in report.not_covered],
        "schema": SCHEMA,
        "summary": list(report.summary),
        "tables": [_table(one) for one in report.tables],
        "timeline": [_event(one) for one in report.timeline],
        "title": report.title,
    }


def report_to_bytes(report: Report) -> bytes:
    """Give `report.json`: the same report, the same bytes.

    Raises:
        NotCanonicalError: A value has no canonical JSON; no answer makes such a one.
    """
    return encode_canonical(mapping_of(report))


def items_to_bytes(report: Report) -> bytes:
    """Give `items.jsonl`: each item in a line, in their order."""
    return b"".join(_lines(report.items))


def _lines(items: tuple[Mapping[str, Any], ...]) -> Iterator[bytes]:
    for one in items:
        yield encode_canonical(dict(one)) + b"\n"


def _finding(finding: Finding) -> dict[str, Any]:
    return {
        "entry": finding.entry,
        "evidence": list(finding.evidence),
        "kind": finding.kind,
        "members": finding.members,
        "reasons": list(finding.reasons),
        "records": list(finding.records),
        "release": finding.release,
        "revision": finding.revision,
        "what": finding.what,
    }


def _gap(gap: Gap) -> dict[str, Any]:
    return {
        "entries": list(gap.entries),
        "kind": gap.kind,
        "members": gap.members,
        "records": gap.records,
        "what": gap.what,
    }


def _table(table: Table) -> dict[str, Any]:
    return {
        "columns": list(table.columns),
        "note": table.note,
        "rows": [list(row) for row in table.rows],
        "title": table.title,
    }


def _event(event: Event) -> dict[str, Any]:
    return {
        "at": format_instant(event.at),
        "entry": event.entry,
        "label": event.label,
        "lane": event.lane,
        "until": None if event.until is None else format_instant(event.until),
    }
