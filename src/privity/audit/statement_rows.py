# SPDX-License-Identifier: Apache-2.0
"""Which rows of a release a statement is about (specs/audit.md, part 4).

What stands in the columns is asked of whole files; whose a row is, only of those that are left.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Final, TypeGuard

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from privity.audit.acts import Act
from privity.audit.certainty import NO, PERHAPS, YES, is_under
from privity.audit.evidence import Rows
from privity.audit.statement import StatementQuestion
from privity.audit.statement_members import People, Placed
from privity.canonical.instants import Instant
from privity.members.facts import MemberId
from privity.vocabulary.terms import CATEGORIES

READ: Final = ("record_id", "category", "created_at", "author", "recipients")
"""The columns that a statement is asked of."""

Certainties = npt.NDArray[np.int8]


@dataclass(frozen=True, kw_only=True, slots=True)
class Party:
    """A party of a row that a statement is about.

    Attributes:
        member: Who.
        side: `sender` or `receiver`.
        entries: The entries that say why it is meant.
    """

    member: MemberId
    side: str
    entries: tuple[int, ...] = ()


@dataclass(frozen=True, kw_only=True, slots=True)
class Row:
    """A row of a file that a statement is about, or may be.

    Attributes:
        number: Its place in the file, from 0.
        record_id: The record's id.
        category: Its category.
        created_at: When it was made.
        certainty: For each act that was asked about, whether it is a counter-example.
        parties: Whose it is.
    """

    number: int
    record_id: str | int
    category: str | None
    created_at: Instant | None
    certainty: tuple[int, ...]
    parties: tuple[Party, ...]


def in_columns(question: StatementQuestion, table: pa.Table) -> Certainties:
    """Tell for each row whether its category and its making are such as the statement is about."""
    category = table.column("category").combine_chunks().dictionary_encode()
    terms = category.dictionary.to_pylist()
    answers = [is_under(term, question.categories, CATEGORIES) for term in terms]
    unknown = is_under(None, question.categories, CATEGORIES)
    places = category.indices.fill_null(len(terms)).to_numpy(zero_copy_only=False)
    found: Certainties = np.array([*answers, unknown], np.int8)[places]
    made = question.made
    if made.start is not None or made.end is not None:
        column = table.column("created_at").combine_chunks()
        instants = column.fill_null(0).to_numpy(zero_copy_only=False)
        inside = np.ones(len(instants), bool)
        if made.start is not None:
            inside &= instants >= made.start
        if made.end is not None:
            inside &= instants < made.end
        missing = column.is_null().to_numpy(zero_copy_only=False)
        found = np.minimum(found, np.where(missing, PERHAPS, np.where(inside, YES, NO)))
    return found


def parties_in(question: StatementQuestion, table: pa.Table) -> Iterator[MemberId]:
    """Give every member that stands on a side of a row that is not out of the question."""
    left = table.filter(pa.array(in_columns(question, table) > NO))
    if "sender" in question.sides:
        yield from _present(pc.unique(left.column("author")).to_pylist())
    if "receiver" in question.sides:
        listed = left.column("recipients").combine_chunks()
        yield from _present(pc.unique(pc.list_flatten(listed)).to_pylist())


def rows_asked_about(
    rows: Rows, acts: Sequence[tuple[Act, int]], people: People, *, audience: bool
) -> Iterator[Row]:
    """Give the rows that are counter-examples in any of the acts, or may be.

    Args:
        rows: A file.
        acts: What was done with it, each with how sure it is that the statement is about such.
        people: What is told of its parties.
        audience: Whether readers of a group's messages are parties.
    """
    question = people.question
    certain = in_columns(question, rows.table)
    numbers = np.flatnonzero(certain > NO)
    if question.about_members and not people.hidden:
        numbers = numbers[_may_be_meant(rows.table.take(pa.array(numbers)), people)]
    for row in _lines(rows.table, numbers):
        number, record_id, category, created_at, _, _ = row
        sides = list(_sides(row, question, audience=audience))
        found: list[int] = []
        parties: dict[tuple[MemberId, str], Party] = {}
        for act, sure in acts:
            own, meant = _whose(act, created_at, sides, people)
            found.append(min(int(certain[number]), sure, own))
            if found[-1] == YES:
                parties |= {(one.member, one.side): one for one in meant}
        if max(found) > NO:
            yield Row(
                number=number,
                record_id=record_id,
                category=category,
                created_at=created_at,
                certainty=tuple(found),
                parties=tuple(parties.values()),
            )


_Line = tuple[
    int,
    str | int,
    str | None,
    Instant | None,
    MemberId | None,
    Sequence[MemberId | None],
]


def _lines(table: pa.Table, numbers: npt.NDArray[np.intp]) -> Iterator[_Line]:
    for start in range(0, len(numbers), 65_536):
        some = numbers[start : start + 65_536]
        taken = table.select(READ).take(pa.array(some))
        columns = [taken.column(name).to_pylist() for name in READ]
        for number, record_id, category, created_at, author, recipients in zip(
            some.tolist(), *columns, strict=True
        ):
            yield number, record_id, category, created_at, author, recipients or ()


def _sides(
    row: _Line, question: StatementQuestion, *, audience: bool
) -> Iterator[tuple[MemberId | None, str]]:
    """Give who stands on the sides that are asked about."""
    _, _, category, _, author, recipients = row
    if "sender" in question.sides:
        yield author, "sender"
    if "receiver" in question.sides and has_addressees(category, audience=audience):
        for one in recipients:
            yield one, "receiver"


def has_addressees(category: str | None, *, audience: bool) -> bool:
    """Tell whether those that a record names as recipients are parties: readers of what is public are not ([DEC-15])."""
    if category == "group-message":
        return audience
    return (
        category is None
        or category not in CATEGORIES
        or CATEGORIES.overlaps("message", category)
    )


def _whose(
    act: Act,
    created_at: Instant | None,
    sides: Iterable[tuple[MemberId | None, str]],
    people: People,
) -> tuple[int, list[Party]]:
    """Tell whether any party is meant, and give those that are."""
    question = people.question
    if not question.about_members:
        return YES, [Party(member=one, side=side) for one, side in sides if _is_named(one)]
    certainty, meant = NO, []
    for member, side in sides:
        if not _is_named(member):
            certainty = max(certainty, PERHAPS)
            continue
        found = [
            Placed(certainty=PERHAPS) if at is None else people.placed(member, at, act.entry)
            for at in _instants(question, act, created_at)
        ]
        best = max(found, key=lambda one: one.certainty)
        certainty = max(certainty, best.certainty)
        if best.certainty == YES:
            meant.append(Party(member=member, side=side, entries=best.entries))
    return certainty, meant


def _instants(
    question: StatementQuestion, act: Act, created_at: Instant | None
) -> Iterator[Instant | None]:
    if "made" in question.whens:
        yield created_at
    if "used" in question.whens:
        yield act.time


def _may_be_meant(table: pa.Table, people: People) -> npt.NDArray[np.bool_]:
    """Tell for each row whether anybody it names may be meant; an empty place may be anybody."""
    found = _among(table.column("author").combine_chunks(), people)
    lists = table.column("recipients").combine_chunks()
    named = _among(pc.list_flatten(lists), people)
    found[pc.list_parent_indices(lists).to_numpy(zero_copy_only=False)[named]] = True
    return found


def _among(ids: pa.Array, people: People) -> npt.NDArray[np.bool_]:
    """Tell which ids may be meant."""
    kind = int if pa.types.is_integer(ids.type) else str
    wanted = pa.array([one for one in people.meant if isinstance(one, kind)], ids.type)
    found: npt.NDArray[np.bool_] = np.array(pc.is_in(ids, value_set=wanted), bool)
    found |= np.array(ids.is_null(), bool)
    if pa.types.is_string(ids.type):
        found |= np.array(pc.fill_null(pc.equal(ids, ""), fill_value=True), bool)
    return found


def _present(members: Iterable[MemberId | None]) -> Iterator[MemberId]:
    return (one for one in members if one is not None and one != "")


def _is_named(member: MemberId | None) -> TypeGuard[MemberId]:
    return member is not None and member != ""
