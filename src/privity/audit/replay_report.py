# SPDX-License-Identifier: Apache-2.0
"""What a replay found, as a report (specs/audit.md, part 3)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from privity.audit.evidence import AuditedLog, Gap
from privity.audit.findings import KINDS, described
from privity.audit.report import Finding, Report, Table
from privity.audit.sampling import Bounds
from privity.audit.timeline import events_of, log_of
from privity.audit.uses import Use
from privity.audit.wording import counted

_METHOD: Final = (
    (
        "Every set that was cleared, every release and revision, every hand-over and every run that the log tells of was read from the log; "
        "what the log shows by itself was compared with the rules of specs/release.md."
    ),
    (
        "Each record that is here was decided again for each of its uses by the plain rule of specs/decision.md, with what the entries before the "
        "use told, and never with what was entered later. Nothing that makes releases was used for it."
    ),
    (
        "What rests on the text of records was not asked: nobody reads it here. So whether a record has the text of another that "
        "was refused (`copy-of-refused`) is not said, nor whether an id stands more than once in what was asked about and not released."
    ),
)


@dataclass(kw_only=True, slots=True)
class UseCount:
    """What became of the records of one use.

    Attributes:
        decided: How many were decided again.
        refused: How many of them are refused.
        untold: How many could not be decided for want of what their parties said.
        missing: How many are not here.
    """

    decided: int = 0
    refused: int = 0
    untold: int = 0
    missing: int = 0


@dataclass(kw_only=True, slots=True)
class Counts:
    """What was counted.

    Attributes:
        uses: For each use.
        population: How many records are here.
        records: How many of them were looked at.
        decisions: How many decisions were made.
        reasons: For each reason, in how many decisions it refused.
        wrong: The records that are refused for any use: release, revision, file and row.
        bounds: How many of all that are here are refused for any use, where not all were looked at.
        items: What is found of each record.
    """

    uses: dict[Use, UseCount] = field(default_factory=dict)
    population: int = 0
    records: int = 0
    decisions: int = 0
    reasons: Counter[str] = field(default_factory=Counter)
    wrong: set[tuple[str, int, str, int]] = field(default_factory=set)
    bounds: Bounds | None = None
    items: list[Mapping[str, Any]] = field(default_factory=list)


def replay_report(
    log: AuditedLog,
    *,
    asked: Mapping[str, Any],
    findings: Sequence[Finding],
    counts: Counts,
    gaps: Sequence[Gap],
    unsure: bool,
) -> Report:
    """Put a report together.

    Args:
        log: The log.
        asked: The question.
        findings: What was found.
        counts: What was counted.
        gaps: What was not looked at.
        unsure: Whether something is not there that could have shown more.
    """
    clean = "cannot-be-told" if unsure else "clean"
    return Report(
        kind="replay",
        title="Every use, decided again as it was known then",
        asked=asked,
        answer="findings" if findings else clean,
        summary=_summary(findings, counts, unsure=unsure),
        figures=_figures(findings, counts),
        tables=_tables(findings, counts),
        timeline=events_of(log),
        findings=tuple(findings),
        items=tuple(sorted(counts.items, key=_place)),
        not_covered=tuple(gaps),
        method=_METHOD,
        log=log_of(log),
    )


def _summary(findings: Sequence[Finding], counts: Counts, *, unsure: bool) -> tuple[str, ...]:
    said = [
        (
            f"The log tells of {counted(len(counts.uses), 'use')} of records. Records that are here: {counts.population:,}; "
            f"decided again: {counts.records:,}, in {counted(counts.decisions, 'decision')}."
        )
    ]
    if findings:
        kinds = {one.kind for one in findings}
        said.append(
            f"{counted(len(findings), 'finding')} of {counted(len(kinds), 'kind')}: "
            f"{', '.join(one for one in KINDS if one in kinds)}."
        )
    else:
        said.append("Nothing was found that should not have been.")
    if counts.bounds is not None:
        said.append(
            f"{counted(len(counts.wrong), 'record')} of those that were drawn are refused for some use; of all {counts.population:,} that "
            f"are here, {counts.bounds.at_least:,} to {counts.bounds.at_most:,} are, with a confidence of 95 %."
        )
    if unsure:
        said.append(
            "What is not here, or cannot be believed, could show more: see what is not covered."
        )
    return tuple(said)


def _figures(findings: Sequence[Finding], counts: Counts) -> dict[str, int | str | None]:
    bounds = counts.bounds
    return {
        "uses": len(counts.uses),
        "records": counts.population,
        "decided": counts.records,
        "decisions": counts.decisions,
        "refused": len(counts.wrong),
        "untold": sum(one.untold for one in counts.uses.values()),
        "missing": sum(one.missing for one in counts.uses.values()),
        "findings": len(findings),
        "confidence": None if bounds is None else "95 %",
        "at_least": None if bounds is None else bounds.at_least,
        "at_most": None if bounds is None else bounds.at_most,
    }


def _tables(findings: Sequence[Finding], counts: Counts) -> tuple[Table, ...]:
    kinds = Counter(one.kind for one in findings)
    records: Counter[str] = Counter()
    for one in findings:
        records[one.kind] += len(one.records)
    return (
        Table(
            title="Findings by kind",
            columns=("kind", "findings", "records"),
            rows=tuple((one, kinds[one], records[one]) for one in KINDS),
            note="A record counts once for each use and kind.",
        ),
        Table(
            title="Uses",
            columns=("entry", "use", "decided again", "refused", "not told", "not here"),
            rows=tuple(
                (use.entry, described(use), one.decided, one.refused, one.untold, one.missing)
                for use, one in counts.uses.items()
            ),
            note="Not told: nothing certain refuses, and not everything of a party is shown.",
        ),
        Table(
            title="Why records are refused",
            columns=("reason", "decisions"),
            rows=tuple(sorted(counts.reasons.items())),
        ),
    )


def _place(item: Mapping[str, Any]) -> tuple[int, str, int, str, int, bool]:
    return (
        item["entry"],
        item["release"],
        item["revision"],
        item["file"],
        item["row"],
        item["overdue"],
    )
