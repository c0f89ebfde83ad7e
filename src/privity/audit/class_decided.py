# SPDX-License-Identifier: Apache-2.0
"""Whether the gate would have let out what came to light: decided again, by `decide.one` (specs/audit.md, part 2)."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final

import pyarrow as pa

from privity.audit.evidence import COLUMNS, Evidence
from privity.audit.question import ClassQuestion
from privity.canonical.instants import Instant
from privity.decide.one import decide
from privity.decide.platform import role_of
from privity.decide.request import Record, RecordId, Request, World, world
from privity.entries.claims import readings
from privity.members.timeline import timelines

STAGE: Final = "decide"
_BATCH: Final = 20_000
"""Records that are decided together: the facts of their parties are objects."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Decided:
    """What the gate would have said of some records.

    Attributes:
        request: What was asked.
        role: The recipient's role at that instant, or None.
        records: How many were decided.
        permitted: How many it would have let out.
        reasons: How many it would have refused, by reason; a record may have several.
        permits: The ids of the records that it would have let out.
    """

    request: Request
    role: str | None
    records: int
    permitted: int
    reasons: Mapping[str, int]
    permits: tuple[RecordId, ...]


def decide_again(
    evidence: Evidence,
    question: ClassQuestion,
    records: pa.Table,
    around: pa.Table | None,
    *,
    told: Callable[[str, int], None] | None = None,
) -> Decided | None:
    """Decide records as they would have been, or give None where the question names no instant ([AUD-45]).

    Args:
        evidence: What was shown.
        question: The question: `at`, `known` and `recipient`.
        records: Shape (records): the columns of `COLUMNS`.
        around: All records with their ids, or those of what they quote, to any depth; None is these records alone.
        told: Is told of the stage `decide`, for each batch.
    """
    if question.at is None:
        return None
    known = question.at if question.known is None else question.known
    recipient, role = _recipient(evidence, question, question.at, known)
    request = Request(
        purpose=question.purposes[0], recipient=recipient, at=question.at, known=known
    )
    asked = list(records_of(records))
    run: dict[RecordId, list[Record]] = defaultdict(list)
    for record in asked if around is None else records_of(around):
        run[record.record_id].append(record)
    reasons: Counter[str] = Counter()
    permits: list[RecordId] = []
    for start in range(0, len(asked), _BATCH):
        batch = asked[start : start + _BATCH]
        then = _world(evidence, request, batch, run)
        for record in batch:
            decision = decide(record, request, then)
            reasons.update(decision.reasons)
            if decision.permit:
                permits.append(record.record_id)
        if told is not None:
            told(STAGE, len(batch))
    return Decided(
        request=request,
        role=role,
        records=records.num_rows,
        permitted=len(permits),
        reasons=dict(sorted(reasons.items())),
        permits=tuple(permits),
    )


def records_of(table: pa.Table) -> Iterator[Record]:
    """Make records of rows with `COLUMNS`."""
    for row in table.select(list(COLUMNS)).to_pylist():
        yield Record(
            record_id=row["record_id"],
            category=row["category"],
            created_at=row["created_at"],
            author=row["author"],
            recipients=tuple(row["recipients"] or ()),
            capacity="personal" if row["capacity"] is None else row["capacity"],
            quotes=tuple(row["quotes"] or ()),
        )


def _recipient(
    evidence: Evidence, question: ClassQuestion, at: Instant, known: Instant
) -> tuple[str, str | None]:
    """Give who is asked about: who is named, or whoever has one of the roles; the rule asks for a role alone."""
    given = evidence.given((), evidence.log.checkpoint.size).known(known)
    first = readings(given, at)[0]
    platform = timelines(first.facts, known).get(None)
    if platform is None:
        return question.recipient or "", None
    state = platform.at(at)
    if question.recipient is not None:
        return question.recipient, role_of(question.recipient, state)
    names = sorted({one.value for one in state.all("recipient", "recipient-ended")})
    roles = {name: role_of(name, state) for name in names}
    found = next((name for name in names if roles[name] in question.roles), "")
    return found, roles.get(found)


def _world(
    evidence: Evidence,
    request: Request,
    batch: Sequence[Record],
    run: Mapping[RecordId, Sequence[Record]],
) -> World:
    """Make the world of some records: what was known of their parties, and of those of what they quote."""
    parties = {
        one
        for record in _with_quoted(batch, run)
        for one in (record.author, *record.recipients)
        if one is not None
    }
    given = evidence.given(parties, evidence.log.checkpoint.size).known(request.known)
    found: World | None = None
    for reading in reversed(readings(given, request.at)):
        plain = world(reading.policy, reading.facts, request.known)
        found = replace(plain, records=run, by_entry=found)
    if found is None:  # pragma: no cover - there is always a reading
        raise AssertionError
    return found


def _with_quoted(
    batch: Sequence[Record], run: Mapping[RecordId, Sequence[Record]]
) -> Iterator[Record]:
    """Give records, and all that they quote, to any depth."""
    waiting, seen = list(batch), {one.record_id for one in batch}
    while waiting:
        record = waiting.pop()
        yield record
        for quoted in record.quotes:
            if quoted is not None and quoted not in seen:
                seen.add(quoted)
                waiting += run.get(quoted, ())
