# SPDX-License-Identifier: Apache-2.0
"""What an audit says: one value, from which every form of it is written (specs/audit.md, part 6).

Same evidence and same question, same report, to the byte: nothing here reads a clock or depends on an order that the
evidence does not give. Members stand in it only where the question is about members, by their ids; no record's text ever does.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from privity.audit.evidence import Gap
from privity.canonical.instants import Instant

Kind = Literal["class", "replay", "statement", "whatif"]


@dataclass(frozen=True, kw_only=True, slots=True)
class Table:
    """A table of a report.

    Attributes:
        title: What it shows.
        columns: The heads.
        rows: Texts and whole numbers; None where there is nothing to say.
        note: One sentence below it, or nothing.
    """

    title: str
    columns: tuple[str, ...]
    rows: tuple[tuple[str | int | None, ...], ...]
    note: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class Event:
    """Something on the time line.

    Attributes:
        lane: `policy`, `notices`, `orders`, `releases`, `disclosures`, `runs`, `records`, `claim`.
        label: A few words.
        at: When.
        until: To when, half-open; None for an instant.
        entry: The entry that says so, or None.
    """

    lane: str
    label: str
    at: Instant
    until: Instant | None = None
    entry: int | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Finding:
    """Something that should not have been.

    Attributes:
        kind: A word of the closed list in specs/audit.md, part 3.
        what: One sentence.
        entry: The entry that it is found at, or None where nothing was logged.
        release: The release, or None.
        revision: Its revision, or None.
        reasons: For what was used: the reasons that refused it, sorted.
        records: The ids of the records, sorted, or none.
        members: How many members.
        evidence: The other entries that show it.
    """

    kind: str
    what: str
    entry: int | None = None
    release: str | None = None
    revision: int | None = None
    reasons: tuple[str, ...] = ()
    records: tuple[str | int, ...] = ()
    members: int = 0
    evidence: tuple[int, ...] = ()


@dataclass(frozen=True, kw_only=True, slots=True)
class Report:
    """What is answered to a question.

    Attributes:
        kind: Which question.
        title: In a few words.
        asked: The question, as it was read: plain values.
        answer: One word, by kind: `used` or `not-used` or `cannot-be-told`; `findings` or `clean` or `cannot-be-told`; `holds` or
            `fails` or `cannot-be-told`; `compared`.
        summary: The same in sentences.
        figures: Counts and sums, by name; a name is a word of specs/audit.md.
        tables: More of it.
        timeline: What happened when.
        findings: What should not have been.
        items: The evidence for each record, one mapping of plain values each, in order; written to `items.jsonl`.
        not_covered: What was not looked at.
        method: How it was found, in sentences.
        log: `origin`, `size`, `root` (base64), `signed_by`, `key_given`, `simulated`.
    """

    kind: Kind
    title: str
    asked: Mapping[str, Any]
    answer: str
    summary: tuple[str, ...]
    figures: Mapping[str, int | str | None]
    tables: tuple[Table, ...] = ()
    timeline: tuple[Event, ...] = ()
    findings: tuple[Finding, ...] = ()
    items: tuple[Mapping[str, Any], ...] = field(default=(), repr=False)
    not_covered: tuple[Gap, ...] = ()
    method: tuple[str, ...] = ()
    log: Mapping[str, Any] = field(default_factory=dict)
