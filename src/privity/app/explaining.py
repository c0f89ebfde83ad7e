# SPDX-License-Identifier: Apache-2.0
"""Explain one record of files, or one member: what `privity explain` asks for.

Only what the answer rests on is made into objects: the record and all that it quotes, to any depth, and the
facts of their parties and of the accounts that were merged into those.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from privity.app.deciding import Question, opened
from privity.app.inputs import load_facts, load_policy, records_of
from privity.decide.explain import Explanation, explain
from privity.decide.explain.member import MemberView, explain_member
from privity.decide.request import Record, RecordId, Request, World, world
from privity.errors import InputError
from privity.members.columns import FactColumns
from privity.members.facts import Fact, MemberId
from privity.members.show import Shown, accounts_into, show_timeline
from privity.policy.versions import History
from privity.release.decided import COLUMNS
from privity.sources.parquet import ParquetRecords


def explain_record(question: Question, record_id: str) -> Explanation:
    """Say why one record may or may not be used.

    Args:
        question: What is asked, of which files.
        record_id: The record's id as text, whatever its type in the files.

    Raises:
        InputError: The files cannot be read, or have no such record.
    """
    policy, facts = load_policy(question.policies), load_facts(question.facts)
    with opened(question.records, question.binding) as files:
        wanted = [_typed(files, record_id)]
        found = list(explain_records(files, wanted, question.request, policy, facts))
    if not found:
        raise InputError(
            f"no record `{record_id}` in the {sum(file.rows for file in files):,} records, expected "
            "one of their ids",
            code="explain/no-record",
        )
    return found[0]


def explain_records(
    files: Sequence[ParquetRecords],
    ids: Sequence[RecordId],
    request: Request,
    policy: History,
    facts: FactColumns,
) -> Iterator[Explanation]:
    """Explain records; an id that no record has is passed over.

    Args:
        files: The sources of the run.
        ids: The ids of the records, in the type that the files have.
        request: What is asked.
        policy: All versions.
        facts: All facts.
    """
    found: dict[RecordId, list[Record]] = {}
    for row in _with_quoted(files, ids, facts):
        found.setdefault(row.record_id, []).append(row)
    rows = [row for alike in found.values() for row in alike]
    parties = {one for row in rows for one in (row.author, *row.recipients) if one is not None}
    lines = world(policy, facts_about(facts, parties), request.known, rows)
    for record_id in ids:
        if record_id in found:
            yield explain(found[record_id][0], request, lines)


def explain_member_in(
    *, policies: Sequence[Path], facts: Path, member: str, request: Request, everybody: bool
) -> MemberView:
    """Say what of one member's may be used, by whom, since when, and why not.

    Args:
        policies: Policy files and folders.
        facts: A file of facts.
        member: The member's id as text.
        request: What is asked.
        everybody: Whether to answer for every recipient on the register, not the request's alone.

    Raises:
        InputError: The files cannot be read, or know no such member.
    """
    columns = load_facts(facts)
    one = known_member(columns, member)
    lines: World = world(load_policy(policies), facts_about(columns, [one]), request.known)
    return explain_member(
        one,
        purpose=request.purpose,
        at=request.at,
        known=request.known,
        world=lines,
        recipients=None if everybody else [request.recipient],
    )


def show_member(*, facts: Path, member: str, at: int, known: int) -> Shown:
    """Lay out one member's timeline.

    Raises:
        InputError: The file cannot be read, or knows no such member.
    """
    columns = load_facts(facts)
    one = known_member(columns, member)
    return show_timeline(one, facts_about(columns, [one]), at=at, known=known)


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
