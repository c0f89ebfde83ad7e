# SPDX-License-Identifier: Apache-2.0
"""Whether content of a class of people was used (specs/audit.md, part 2).

First the log is asked which acts come into question, by what they were for and for whom; then the rows of their releases,
and of what came to light outside, are asked whether they are of the class. What is not told is never taken for a no.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

import numpy as np
import pyarrow as pa

from privity.audit.class_acts import Asked, Ruled, asked_of
from privity.audit.class_count import MOST_ITEMS, Counts, Rows, Tally, counted, of_records
from privity.audit.class_parties import Gathered, told_of_parties
from privity.audit.class_rows import Looked, acts_with, find, in_turn, look
from privity.audit.class_untold import answer_of, gaps_of, may_hide, unread_of
from privity.audit.columns import Ints
from privity.audit.dumps import Dump, Dumps
from privity.audit.evidence import Evidence, Gap
from privity.audit.holders import Holders
from privity.audit.members_of_class import Chosen, Wanted, choose, concerned
from privity.audit.question import ClassQuestion
from privity.errors import VerificationError

Step = Callable[[str, int], None]
"""Told of a stage, and of how many more were done in it."""

STAGE: Final = "look"


@dataclass(frozen=True, kw_only=True, slots=True)
class AskedDump:
    """A file that came to light, and what of it is of the class.

    Attributes:
        dump: The file.
        counts: What of it is of the class.
        left: Shape (left): the records that may be, as `Dump.records` has them.
        rows: The same, and whose they are.
    """

    dump: Dump
    counts: Counts
    left: pa.Table = field(repr=False)
    rows: Rows = field(repr=False)


@dataclass(frozen=True, kw_only=True, slots=True)
class Answered:
    """What a class question came to.

    Attributes:
        answer: `used`, `not-used` or `cannot-be-told`.
        asked: The acts that come into question.
        ruled: The others.
        dumps: What came to light.
        read: How many rows were looked at.
        releases: In how many releases.
        tally: What was counted, each once.
        gaps: What could not be looked at.
    """

    answer: str
    asked: tuple[Asked, ...]
    ruled: tuple[Ruled, ...]
    dumps: tuple[AskedDump, ...]
    read: int
    releases: int
    tally: Tally
    gaps: tuple[Gap, ...]


def ask_class(
    evidence: Evidence,
    question: ClassQuestion,
    *,
    outside: Dumps,
    most: int = MOST_ITEMS,
    threads: int = 2,
    told: Step | None = None,
) -> Answered:
    """Ask whether content of a class was used ([AUD-32] to [AUD-38]).

    Args:
        evidence: What was shown.
        question: The class, and the use.
        outside: What came to light outside.
        most: Of how many records at most the evidence is listed.
        threads: How many releases are read at once.
        told: Is told of the stage `look`, for each release.
    """
    wanted, acts = Wanted.of(question), tuple(asked_of(evidence, question))
    asked = tuple(one for one in acts if isinstance(one, Asked))
    reading = _Reading(evidence=evidence, wanted=wanted, asked=asked, told=told)
    gathered = Gathered(question.sides)
    for release, looked in in_turn(reading.releases, reading.read, threads):
        if not gathered.take(release, looked):
            break
    for dump in outside.dumps:
        gathered.take_rows(*_left(dump, wanted))
    used = min(((one.act.entry, one.act.time) for one in asked), default=None)
    facts = told_of_parties(evidence, question.agreement, gathered.parties, used)
    holders = None if question.agreement is None else facts

    def work(release: str) -> tuple[Looked, Rows] | None:
        looked = gathered.kept[release] if gathered.whole else reading.read(release)
        if looked is None:
            return None
        places = find(looked, question.sides, holders).places
        rows = of_records(looked.rows, looked.chosen.created_at, places)
        _count(looked, rows, reading.releases[release], holders)
        return looked, rows

    tally = Tally(holders=holders, merges=facts.merges, most=most)
    read = looked_at = 0
    for release, done in in_turn(reading.releases, work, threads):
        if done is not None:
            read += sum(done[0].read.values())
            looked_at += 1
            _tell(*done, reading.releases[release], tally)
    dumps = tuple(_dump(one, question, wanted, tally) for one in outside.dumps)
    gaps = (*gaps_of(evidence, asked, reading.failed), *unread_of(evidence.log))
    return Answered(
        answer=answer_of(evidence, asked, tally, hidden=bool(gaps) or may_hide(outside)),
        asked=asked,
        ruled=tuple(one for one in acts if isinstance(one, Ruled)),
        dumps=dumps,
        read=read,
        releases=looked_at,
        tally=tally,
        gaps=gaps,
    )


class _Reading:
    """The rows that a question is asked of, by release.

    Args:
        evidence: Where they are.
        wanted: Which are looked for.
        asked: The acts.
        told: Is told of each release, once.

    Attributes:
        releases: The releases, each with its acts.
        failed: The releases whose rows are not those that the log speaks of, each with what is the matter.
    """

    def __init__(
        self,
        *,
        evidence: Evidence,
        wanted: Wanted,
        asked: Sequence[Asked],
        told: Step | None,
    ) -> None:
        self.releases: dict[str, list[Asked]] = defaultdict(list)
        for one in asked:
            self.releases[one.act.release].append(one)
        self._evidence, self._wanted, self._told = evidence, wanted, told
        self._seen: set[str] = set()
        self.failed: dict[str, str] = {}

    def read(self, release: str) -> Looked | None:
        """Read what is here of a release, as far as any act reaches."""
        acts = [one.act for one in self.releases[release]]
        reached = acts_with(acts, self._evidence.revisions(release)).values()
        revisions = sorted({one for one in reached if one is not None})
        found = None
        try:
            if revisions:
                found = look(self._evidence, release, revisions, self._wanted)
        except VerificationError as error:
            self.failed[release] = error.code
        if self._told is not None and release not in self._seen:
            self._seen.add(release)
            self._told(STAGE, 1)
        return found


def _count(looked: Looked, rows: Rows, asked: Sequence[Asked], holders: Holders | None) -> None:
    """Count what was found of a release, by itself for each act."""
    reached = acts_with([one.act for one in asked], looked.revisions)
    known: dict[tuple[int, bool], Counts] = {}
    for one in asked:
        one.read = reached[one.act]
        if one.read is None:
            continue
        one.rows = looked.read[one.read]
        key = (one.read, one.sure)
        if key not in known:
            known[key] = counted(rows, looked.top >= one.read, holders, sure=one.sure)
        one.counts = known[key]


def _tell(looked: Looked, rows: Rows, asked: Sequence[Asked], tally: Tally) -> None:
    """Add what was found of a release to what was counted, each once."""
    top = looked.top
    sure = np.zeros(len(top), np.bool_)
    for one in asked:
        if one.sure and one.read is not None:
            sure |= top >= one.read
    shown: list[dict[str, Any]] = []
    if room := tally.room():
        places = rows.places
        mine = rows.numbers(places.where(places.sure & sure[places.rows]))
        shown += _shown(looked, mine[:room], asked)
    tally.add(rows, sure, shown)


def _shown(looked: Looked, numbers: Ints, asked: Sequence[Asked]) -> Iterator[dict[str, Any]]:
    """Say where some rows of the class are, and by which acts they were used."""
    by_top: dict[int, list[dict[str, Any]]] = {}
    for number in numbers.tolist():
        top, file = int(looked.top[number]), looked.files[int(looked.file[number])]
        if top not in by_top:
            by_top[top] = [
                {"act": one.act.kind, "entry": one.act.entry, "name": one.act.name}
                for one in asked
                if one.sure and one.read is not None and one.read <= top
            ]
        yield {
            "release": looked.release,
            "revision": file.revision,
            "file": file.name,
            "sha256": file.sha256,
            "row": int(looked.number[number]),
            "acts": by_top[top],
        }


def _left(dump: Dump, wanted: Wanted) -> tuple[pa.Table, Chosen]:
    chosen = choose(dump.records, wanted)
    return dump.records.filter(chosen.mask), chosen


def _dump(dump: Dump, question: ClassQuestion, wanted: Wanted, tally: Tally) -> AskedDump:
    """Ask which of the records in a dump are of the class."""
    left, chosen = _left(dump, wanted)
    places = concerned(left, chosen, question.sides, tally.holders)
    rows = of_records(left, chosen.created_at, places)
    every = np.ones(left.num_rows, np.bool_)
    numbers = rows.numbers(places.where(places.sure))[: tally.room()]
    shown = [
        {
            "dump": dump.name,
            "kind": dump.kind,
            "sha256": dump.sha256,
            "row": row,
            "matched": how,
        }
        for row, how in zip(
            left.column("row").take(numbers).to_pylist(),
            left.column("how").take(numbers).to_pylist(),
            strict=True,
        )
    ]
    tally.add(rows, every, shown)
    counts = counted(rows, every, tally.holders, sure=True)
    return AskedDump(dump=dump, counts=counts, left=left, rows=rows)
