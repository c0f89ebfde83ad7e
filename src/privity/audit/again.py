# SPDX-License-Identifier: Apache-2.0
"""Records of releases, decided again for each of their uses (specs/audit.md, part 3).

Rows are taken in portions, whatever release they are of, so that of members no more is held at once than a portion is
about. `privity.decide.one` decides each.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import groupby
from typing import Final

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from privity.audit.evidence import COLUMNS, Evidence
from privity.audit.known_then import Heard, Knowledge, Rules, Then
from privity.audit.uses import Use
from privity.canonical.instants import LATEST
from privity.decide.case import make_case, parties
from privity.decide.one import decide, party_reasons, record_reasons
from privity.decide.request import Record, RecordId, Request, World
from privity.errors import VerificationError
from privity.members.facts import MemberId
from privity.members.timeline import Timeline

PORTION: Final = 50_000
"""Records that are decided with what is known of their members at once."""
_SLICE: Final = 8192

Looked = dict[RecordId, tuple[Record, ...]]


@dataclass(frozen=True, kw_only=True, slots=True)
class Asked:
    """What one use, or one instant, asks of each record of a revision.

    Attributes:
        use: The use that it is reported as.
        then: What is known.
        late: The same for a later instant: asked of records of whose parties something entered after the earlier one.
        before: What was known before, where only that is looked for which was refused then as well: what is overdue.
        early: The same for an earlier instant: asked of records that are not refused for the other, which was not there yet.
    """

    use: Use
    then: Then
    late: Then | None = None
    before: Then | None = None
    early: Then | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Part:
    """A revision whose records are decided.

    Attributes:
        release: The release.
        revision: Its number.
        asked: What is asked of each record.
        rows: How many there are.
        begins: The number of its first record among all.
    """

    release: str
    revision: int
    asked: tuple[Asked, ...]
    rows: int
    begins: int = 0


@dataclass(frozen=True, kw_only=True, slots=True)
class Row:
    """A record of a release.

    Attributes:
        part: Of which revision.
        file: In which file.
        row: In which row of it, from 0.
        record: The record.
        looked: The records of the same revision that are looked up by id.
    """

    part: Part
    file: str
    row: int
    record: Record
    looked: Mapping[RecordId, Sequence[Record]] = field(repr=False)


@dataclass(frozen=True, kw_only=True, slots=True)
class Refusal:
    """A record that is refused for one use.

    Attributes:
        row: The record.
        asked: The use.
        reasons: Why, sorted.
        dated_back: Whether it would be permitted were each version as old as it says.
        parties: Whose record it is.
    """

    row: Row
    asked: Asked
    reasons: tuple[str, ...]
    dated_back: bool
    parties: frozenset[MemberId]


@dataclass(frozen=True, kw_only=True, slots=True)
class Portion:
    """What was found of some records.

    Attributes:
        records: How many they are.
        decided: How many decisions that is.
        rows: How many of each revision.
        refused: Those that are refused.
        untold: Records that nothing certain refuses, and of whose parties not everything is shown.
    """

    records: int
    decided: int
    rows: Mapping[tuple[str, int], int]
    refused: tuple[Refusal, ...]
    untold: tuple[tuple[Row, Asked], ...]


def decide_again(
    evidence: Evidence,
    rules: Rules,
    parts: Iterable[Part],
    *,
    drawn: Collection[int] | None = None,
    hidden: bool = False,
    dated_back: bool = False,
    portion: int = PORTION,
    broken: Callable[[Part, VerificationError], None] | None = None,
) -> Iterator[Portion]:
    """Decide the records of revisions, each for what is asked of it.

    Args:
        evidence: Where the rows are, and what is known of members.
        rules: What is known of the platform.
        parts: The revisions.
        drawn: The numbers of the records to decide, counted over all revisions; None is all.
        hidden: Whether members may be unknown for no reason but that they are not shown.
        dated_back: Whether any version is dated back, so that what rests on that is told apart.
        portion: How many records are decided at once.
        broken: Told of a revision whose rows are not what an entry commits to; None lets it be raised.
    """
    numbers = None if drawn is None else np.array(sorted(drawn), np.int64)
    held: list[Row] = []
    for part in parts:
        try:
            for row in rows_of(evidence, part, numbers):
                held.append(row)
                if len(held) >= portion:
                    yield _decided(rules, held, hidden=hidden, dated_back=dated_back)
                    held = []
        except VerificationError as error:
            if broken is None:
                raise
            broken(part, error)
    if held:
        yield _decided(rules, held, hidden=hidden, dated_back=dated_back)


# Rows


def rows_of(
    evidence: Evidence, part: Part, drawn: npt.NDArray[np.int64] | None = None
) -> Iterator[Row]:
    """Give the rows of a revision, or those of them that were drawn.

    Args:
        evidence: Where they are.
        part: The revision.
        drawn: Shape (some), ascending: the numbers of the rows to give; None is all.

    Raises:
        VerificationError: They are not what the entry commits to.
    """
    if drawn is not None:
        first, last = np.searchsorted(drawn, [part.begins, part.begins + part.rows])
        if first == last:
            return
    looked = looked_up(evidence, part)
    begins = part.begins
    for rows in evidence.rows(part.release, part.revision):
        count = rows.table.num_rows
        places = np.arange(count, dtype=np.int64)
        if drawn is not None:
            first, last = np.searchsorted(drawn, [begins, begins + count])
            places = drawn[first:last] - begins
        begins += count
        for at in range(0, len(places), _SLICE):
            some = places[at : at + _SLICE]
            table = rows.table.take(pa.array(some))
            for place, record in zip(some.tolist(), records_of(table), strict=True):
                yield Row(part=part, file=rows.file, row=place, record=record, looked=looked)


def looked_up(evidence: Evidence, part: Part) -> Looked:
    """Give the records of a revision that are looked up by their ids: those that are quoted, and ids that stand twice."""
    ids, quoted = [], []
    for rows in evidence.rows(part.release, part.revision, ("record_id", "quotes")):
        ids.append(rows.table.column("record_id"))
        quoted.append(pc.unique(pc.list_flatten(rows.table.column("quotes"))))
    every = pa.chunked_array([one for some in ids for one in some.chunks], _type_of(ids))
    wanted = {one for some in quoted for one in some.to_pylist() if one is not None}
    if pc.count_distinct(every).as_py() < len(every):
        counts = pc.value_counts(every)
        twice = counts.filter(pc.greater(counts.field("counts"), 1))
        wanted.update(twice.field("values").to_pylist())
    found: Looked = {}
    if wanted:
        names = pa.array(sorted(wanted, key=str), every.type)
        for rows in evidence.rows(part.release, part.revision):
            chosen = rows.table.filter(pc.is_in(rows.table.column("record_id"), names))
            for record in records_of(chosen):
                found[record.record_id] = (*found.get(record.record_id, ()), record)
    return found


def _type_of(columns: Sequence[pa.ChunkedArray]) -> pa.DataType:
    return columns[0].type if columns else pa.string()


def records_of(table: pa.Table) -> Iterator[Record]:
    """Give the records of rows."""
    columns = [table.column(name).to_pylist() for name in COLUMNS]
    for record_id, category, created_at, author, recipients, capacity, quotes in zip(
        *columns, strict=True
    ):
        yield Record(
            record_id=record_id,
            category=category,
            created_at=created_at,
            author=author,
            recipients=tuple(recipients or ()),
            capacity="personal" if capacity is None else capacity,
            quotes=tuple(quotes or ()),
        )


# Decisions


def _decided(rules: Rules, held: Sequence[Row], *, hidden: bool, dated_back: bool) -> Portion:
    heard = Heard(rules, {one for row in held for one in _named(row)})
    refused: list[Refusal] = []
    untold: list[tuple[Row, Asked]] = []
    decided = 0
    # Each revision by itself: what is known of its members changes with each of its uses, and with nobody else's.
    for _, rows in groupby(held, key=lambda row: id(row.part)):
        some = list(rows)
        known = heard.of({one for row in some for one in _named(row)})
        deciding = _Deciding(known, hidden=hidden, dated_back=dated_back)
        for row in some:
            for asked in row.part.asked:
                deciding.decide(row, asked)
        refused += deciding.refused
        untold += deciding.untold
        decided += deciding.count
    return Portion(
        records=len(held),
        decided=decided,
        rows=Counter((row.part.release, row.part.revision) for row in held),
        refused=tuple(refused),
        untold=tuple(untold),
    )


class _Deciding:
    """The rows of one revision on their way."""

    def __init__(self, known: Knowledge, *, hidden: bool, dated_back: bool) -> None:
        self._knowledge = known
        self._unsure = self._knowledge.doubtful | (
            self._knowledge.strangers if hidden else frozenset()
        )
        self._dated_back = dated_back
        self._worlds: dict[tuple[int, Then], World] = {}
        self.refused: list[Refusal] = []
        self.untold: list[tuple[Row, Asked]] = []
        self.count = 0

    def decide(self, row: Row, asked: Asked) -> None:
        """Decide a record for a use."""
        if not self._decide(row, asked) and asked.early is not None:
            self._decide(row, replace(asked, then=asked.early, late=None))

    def _decide(self, row: Row, asked: Asked) -> bool:
        """Tell whether a record is refused, or cannot be decided."""
        late = asked.late
        if late is not None and self._knowledge.entered_since(_named(row), asked.then):
            asked = replace(asked, then=late, late=None)
        unsure = self._unsure.intersection(_named(row)) if self._unsure else ()
        if unsure:
            reasons = certain_reasons(
                row, _request(asked, asked.then), self._world(row, asked.then), unsure
            )
            if not reasons:
                self.untold.append((row, asked))
                return True
        else:
            reasons = self._reasons(row, asked, asked.then)
        if not reasons or (
            asked.before is not None and not self._reasons(row, asked, asked.before)
        ):
            return False
        old = (
            self._dated_back
            and not unsure
            and asked.before is None
            and not self._reasons(row, asked, replace(asked.then, dated_back=True))
        )
        world = self._world(row, asked.then)
        request = _request(asked, asked.then)
        self.refused.append(
            Refusal(
                row=row,
                asked=asked,
                reasons=reasons,
                dated_back=old,
                parties=frozenset(
                    one
                    for reading in world.readings
                    for one in parties(make_case(row.record, request, reading))
                ),
            )
        )
        return True

    def _reasons(self, row: Row, asked: Asked, then: Then) -> tuple[str, ...]:
        self.count += 1
        return decide(row.record, _request(asked, then), self._world(row, then)).reasons

    def _world(self, row: Row, then: Then) -> World:
        key = (id(row.looked), then)
        found = self._worlds.get(key)
        if found is None:
            found = self._worlds[key] = self._knowledge.world(then, row.looked)
        return found


def certain_reasons(
    row: Row, request: Request, world: World, unsure: Collection[MemberId]
) -> tuple[str, ...]:
    """Give the reasons of a record that do not hang on some members, of whom not everything is shown ([AUD-72]).

    What is asked of a record, and of each of its other parties, is asked of `privity.decide.one`.
    """
    found: set[str] = set()
    for record in _with_quoted(row):
        cases = [make_case(record, request, reading) for reading in world.readings]
        found.update(reason for case in cases for reason in record_reasons(case))
        if any(one is None or not row.looked.get(one) for one in record.quotes):
            found.add("unknown-quote")
        for party in {one for case in cases for one in parties(case)}.difference(unsure):
            mine = {
                reason
                for case in cases
                for reason in party_reasons(case, case.world.members.get(party, Timeline()))
            }
            found |= {"unknown-party"} if "unknown-party" in mine else mine
    return tuple(sorted(found))


def _request(asked: Asked, then: Then) -> Request:
    """Give the request; what is known is cut by entries, and not by a time."""
    return Request(
        purpose=asked.use.purpose, recipient=asked.use.recipient, at=then.at, known=LATEST
    )


def _with_quoted(row: Row) -> list[Record]:
    """Give a record, and those of its revision that it quotes, to any depth."""
    # Its own id is not among those seen: another record that has it too may be quoted by what this one quotes.
    found, seen = [row.record], set[RecordId]()
    for record in found:
        for quoted in record.quotes:
            if quoted is not None and quoted not in seen:
                seen.add(quoted)
                found.extend(row.looked.get(quoted, ()))
    return found


def _named(row: Row) -> Iterator[MemberId]:
    """Give the members who may be asked about a record."""
    for record in _with_quoted(row) if row.record.quotes else (row.record,):
        for one in (record.author, *record.recipients):
            if one is not None:
                yield one
