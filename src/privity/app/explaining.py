# SPDX-License-Identifier: Apache-2.0
"""Explain one record of files, or one member: what `privity explain` asks for.

Only what the answer rests on is made into objects: the record and all that it quotes, to any depth, and the
facts of their parties and of the accounts that were merged into those.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from privity.app.basis import About, Basis, Reading, believe
from privity.app.deciding import Question
from privity.app.inputs import records_of
from privity.app.running import opened
from privity.app.workspace.gathered import Source
from privity.decide.explain import Explanation, explain
from privity.decide.explain.member import MemberView, explain_member
from privity.decide.request import Record, RecordId, Request
from privity.errors import InputError
from privity.members.columns import FactColumns
from privity.members.facts import Fact, MemberId
from privity.members.show import Shown, accounts_into, show_timeline
from privity.release.decided import COLUMNS
from privity.sources.parquet import ParquetRecords


@dataclass(frozen=True, kw_only=True, slots=True)
class Explained:
    """An explanation, and what it is worth.

    Attributes:
        explanation: The explanation.
        attested: On whose claims the permit rests, which nobody witnessed.
        source: Where it is known from, if that is a ledger.
    """

    explanation: Explanation
    attested: tuple[str, ...]
    source: Source | None


@dataclass(frozen=True, kw_only=True, slots=True)
class ViewOfMember:
    """What of one member's may be used, and what it is worth.

    Attributes:
        view: The answer.
        attested: By whose claims some of it may be used, which nobody witnessed.
        source: Where it is known from, if that is a ledger.
    """

    view: MemberView
    attested: tuple[str, ...]
    source: Source | None


@dataclass(frozen=True, kw_only=True, slots=True)
class ShownMember:
    """A member's timeline, and what it is worth.

    Attributes:
        shown: The timeline.
        claims: How many of the member's facts are claimed, by name.
        source: Where it is known from, if that is a ledger.
    """

    shown: Shown
    claims: Mapping[str, int]
    source: Source | None


def explain_record(question: Question, record_id: str) -> Explained:
    """Say why one record may or may not be used.

    Args:
        question: What is asked, of which files.
        record_id: The record's id as text, whatever its type in the files.

    Raises:
        InputError: The files cannot be read, or have no such record.
    """
    believed = believe(question.basis, question.request)
    with opened(question.records, question.bindings) as files:
        wanted = [_typed(files, record_id)]
        records = _run_of(files, wanted, believed.reading)
        found = list(_explained(records, wanted, believed.reading))
    if not found:
        raise InputError(
            f"no record `{record_id}` in the {sum(file.rows for file in files):,} records, expected "
            "one of their ids",
            code="explain/no-record",
        )
    attested = believed.resting(_flat(records), _about(records))(records[wanted[0]][0])
    return Explained(explanation=found[0], attested=attested, source=believed.source)


def explain_records(
    files: Sequence[ParquetRecords], ids: Sequence[RecordId], reading: Reading
) -> Iterator[Explanation]:
    """Explain records; an id that no record has is passed over.

    Args:
        files: The sources of the run.
        ids: The ids of the records, in the type that the files have.
        reading: What is asked, and all that is known.
    """
    return _explained(_run_of(files, ids, reading), ids, reading)


def explain_member_in(
    basis: Basis, member: str, request: Request, *, everybody: bool
) -> ViewOfMember:
    """Say what of one member's may be used, by whom, since when, and why not.

    Args:
        basis: What is known.
        member: The member's id as text.
        request: What is asked.
        everybody: Whether to answer for every recipient on the register, not the request's alone.

    Raises:
        InputError: The files cannot be read, or know no such member.
    """
    believed = believe(basis, request)
    one = known_member(believed.reading.facts, member)

    def view(reading: Reading) -> MemberView:
        asked = reading.request
        return explain_member(
            one,
            purpose=asked.purpose,
            at=asked.at,
            known=asked.known,
            world=reading.world(about=lambda facts: facts_about(facts, [one])),
            recipients=None if everybody else [asked.recipient],
        )

    mine = view(believed.reading)
    alone = [name for name, other in believed.each().items() if view(other).uses != mine.uses]
    if not alone and believed.attesters and view(believed.accepting(())).uses != mine.uses:
        alone = list(believed.attesters)
    return ViewOfMember(view=mine, attested=tuple(alone), source=believed.source)


def show_member(basis: Basis, member: str, request: Request) -> ShownMember:
    """Lay out one member's timeline.

    Raises:
        InputError: The facts cannot be read, or know no such member.
    """
    believed = believe(basis, request)
    columns, known = believed.reading.facts, believed.reading.request.known
    one = known_member(columns, member)
    gathered = believed.gathered
    return ShownMember(
        shown=show_timeline(one, facts_about(columns, [one]), at=request.at, known=known),
        claims={} if gathered is None else gathered.claims_of(one),
        source=believed.source,
    )


def known_member(facts: FactColumns, member: str) -> MemberId:
    """Give a member's id in the type that the facts have.

    Raises:
        InputError: No fact tells of the member.
    """
    index = facts.index_of(member)
    if index is None:
        raise InputError(
            f"no fact tells of member `{member}`, expected one of the {facts.members:,} members",
            code="explain/no-member",
        )
    found: MemberId = facts.ids[index].as_py()
    return found


def facts_about(facts: FactColumns, members: Iterable[MemberId]) -> Iterator[Fact]:
    """Give the platform's facts, and those of members and of the accounts merged into them."""
    yield from facts.platform
    merges = list(_merges(facts))
    accounts: set[MemberId] = set()
    for member in members:
        accounts |= accounts_into(member, merges)
    for account in sorted(accounts, key=str):
        index = facts.index_of(account)
        if index is not None:
            yield from facts.of_member(index)


def _merges(facts: FactColumns) -> Iterator[Fact]:
    kinds = np.fromiter(
        (kind.fact == "merged" for kind in facts.kinds), np.bool_, len(facts.kinds)
    )
    rows = np.flatnonzero(kinds[facts.kind])
    # A row belongs to the last member that begins at or before it.
    for index in np.unique(np.searchsorted(facts.starts, rows, side="right") - 1).tolist():
        yield from (fact for fact in facts.of_member(index) if fact.fact == "merged")


def _run_of(
    files: Sequence[ParquetRecords], ids: Sequence[RecordId], reading: Reading
) -> dict[RecordId, list[Record]]:
    """Read the records of ids, and all that they quote."""
    found: dict[RecordId, list[Record]] = {}
    for row in _with_quoted(files, ids, reading.facts):
        found.setdefault(row.record_id, []).append(row)
    return found


def _explained(
    records: Mapping[RecordId, Sequence[Record]], ids: Sequence[RecordId], reading: Reading
) -> Iterator[Explanation]:
    lines = reading.world(_flat(records), _about(records))
    for record_id in ids:
        if record_id in records:
            yield explain(records[record_id][0], reading.request, lines)


def _flat(records: Mapping[RecordId, Sequence[Record]]) -> list[Record]:
    return [row for alike in records.values() for row in alike]


def _about(records: Mapping[RecordId, Sequence[Record]]) -> About:
    """Pick the facts about the parties of records."""
    parties = {
        one
        for row in _flat(records)
        for one in (row.author, *row.recipients)
        if one is not None
    }
    return lambda facts: facts_about(facts, parties)


def _typed(files: Sequence[ParquetRecords], record_id: str) -> RecordId:
    """Give an id in the type that the files have; what is no number there is in none of them."""
    whole = bool(files) and pa.types.is_integer(files[0].schema.field("record_id").type)
    if (
        whole
        and record_id.removeprefix("-").isascii()
        and record_id.removeprefix("-").isdigit()
    ):
        return int(record_id)
    return record_id


def _with_quoted(
    files: Sequence[ParquetRecords], ids: Sequence[RecordId], facts: FactColumns
) -> Iterator[Record]:
    """Give the records of ids, and all that they quote, to any depth; reads the files twice."""
    quotes: dict[RecordId, set[RecordId]] = {}
    for file in files:
        for chunk in range(file.chunks):
            table = file.read(chunk, ["record_id", "quotes"])
            quoting = pc.greater(pc.list_value_length(table.column("quotes")), 0)
            for row in table.filter(quoting).to_pylist():
                quotes.setdefault(row["record_id"], set()).update(
                    one for one in row["quotes"] if one is not None
                )
    wanted, waiting = set(ids), list(ids)
    while waiting:
        fresh = quotes.get(waiting.pop(), set()) - wanted
        wanted |= fresh
        waiting += fresh
    for file in files:
        yield from _records_of_ids(file, wanted, facts)


def _records_of_ids(
    file: ParquetRecords, ids: set[RecordId], facts: FactColumns
) -> Iterator[Record]:
    kind = file.schema.field("record_id").type
    try:
        wanted = pa.array(list(ids), kind)
    except (pa.ArrowException, OverflowError):
        return  # an id of another type, or beyond 64 bits, is in no file
    for chunk in range(file.chunks):
        has = pc.is_in(file.read(chunk, ["record_id"]).column("record_id"), value_set=wanted)
        if pc.any(has).as_py():
            yield from records_of([file.read(chunk, COLUMNS).filter(has)], facts)
