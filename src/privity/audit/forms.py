# SPDX-License-Identifier: Apache-2.0
"""A report as canonical JSON, and back (specs/audit.md, part 6).

`report.json` has all of it but the items, which are a line each in `items.jsonl`; the report says how many they are and
what their file's SHA-256 is. A report has one spelling: other bytes are refused.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any, Final, TypeVar, get_args

from privity.audit.evidence import Gap
from privity.audit.report import Event, Finding, Kind, Report, Table
from privity.canonical.decode import decode_canonical
from privity.canonical.encode import digest, encode_canonical
from privity.canonical.instants import format_instant, parse_instant
from privity.errors import PrivityError, VerificationError

_One = TypeVar("_One")

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
        "order": {
            "asked": list(report.asked),
            "figures": list(report.figures),
            "items": list(columns_of(report)),
        },
        "not_covered": [mapping_of_gap(one) for one in report.not_covered],
        "schema": SCHEMA,
        "summary": list(report.summary),
        "tables": [_table(one) for one in report.tables],
        "timeline": [_event(one) for one in report.timeline],
        "title": report.title,
    }


def columns_of(report: Report) -> tuple[str, ...]:
    """Give the names that items have, in the order in which they come first."""
    return tuple(dict.fromkeys(name for one in report.items for name in one))


def report_to_bytes(report: Report) -> bytes:
    """Give `report.json`: the same report, the same bytes.

    Raises:
        NotCanonicalError: A value has no canonical JSON; no answer makes such a one.
    """
    return encode_canonical(mapping_of(report))


def items_to_bytes(report: Report) -> bytes:
    """Give `items.jsonl`: each item in a line, in their order."""
    return b"".join(_lines(report.items))


def report_of(data: bytes, items: bytes) -> Report:
    """Read a report from its two files.

    Args:
        data: What `report_to_bytes` gives.
        items: What `items_to_bytes` gives.

    Raises:
        VerificationError: They are no report, another spelling of one, or not of one another (`audit/report`).
    """
    try:
        keys = decode_canonical(data)
        report = _report(keys, [decode_canonical(one) for one in items.splitlines()])
        same = mapping_of(report) == keys and items_to_bytes(report) == items  # [AUD-141]
    except (TypeError, KeyError, AttributeError, ValueError, PrivityError) as error:
        raise _wrong() from error
    if not same:
        raise _wrong()
    return report


def _report(keys: Any, items: list[Any]) -> Report:
    order = keys["order"]
    if keys["kind"] not in get_args(Kind):
        raise TypeError
    return Report(
        kind=keys["kind"],
        title=_text(keys["title"]),
        asked=_ordered(keys["asked"], order["asked"]),
        answer=_text(keys["answer"]),
        summary=_each(_text, keys["summary"]),
        figures=_ordered(keys["figures"], order["figures"]),
        tables=_each(_table_of, keys["tables"]),
        timeline=_each(_event_of, keys["timeline"]),
        findings=_each(_finding_of, keys["findings"]),
        items=tuple(_ordered(one, order["items"]) for one in items),
        not_covered=_each(gap_of, keys["not_covered"]),
        method=_each(_text, keys["method"]),
        log=_object(keys["log"]),
    )


def _table_of(keys: Any) -> Table:
    return Table(
        title=_text(keys["title"]),
        columns=_each(_text, keys["columns"]),
        rows=_each(tuple, keys["rows"]),
        note=_text(keys["note"]),
    )


def _event_of(keys: Any) -> Event:
    until = keys["until"]
    return Event(
        lane=_text(keys["lane"]),
        label=_text(keys["label"]),
        at=parse_instant(keys["at"]),
        until=None if until is None else parse_instant(until),
        entry=keys["entry"],
    )


def _finding_of(keys: Any) -> Finding:
    lists = {name: _each(_same, keys[name]) for name in ("evidence", "reasons", "records")}
    return Finding(**{**_object(keys), **lists})


def gap_of(keys: Any) -> Gap:
    """Read what `mapping_of_gap` gives; raises TypeError, KeyError or ValueError where it is none."""
    return Gap(**{**_object(keys), "entries": _each(_index, keys["entries"])})


def _each(read: Callable[[Any], _One], values: Any) -> tuple[_One, ...]:
    if not isinstance(values, list):
        raise TypeError
    return tuple(read(one) for one in values)


def _same(value: Any) -> Any:
    return value


def _index(value: object) -> int:
    if type(value) is not int:
        raise TypeError
    return value


def _text(value: object) -> str:
    if not isinstance(value, str):
        raise TypeError
    return value


def _object(value: object) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise TypeError
    return value


def _ordered(value: object, order: Any) -> dict[str, Any]:
    """Put the names of a mapping in the order that the canonical form takes from them."""
    found = _object(value)
    ordered = {name: found[name] for name in order if name in found}
    if len(ordered) != len(found):
        raise ValueError
    return ordered


def _wrong() -> VerificationError:
    return VerificationError(
        "these are no report and its items, expected what an audit writes, to the byte",
        code="audit/report",
    )


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


def mapping_of_gap(gap: Gap) -> dict[str, Any]:
    """Give a gap as plain values."""
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
