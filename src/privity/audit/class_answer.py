# SPDX-License-Identifier: Apache-2.0
"""Whether content of a class of people was used (specs/audit.md, part 2).

First the log is asked which acts come into question, by what they were for and for whom; then the rows of their releases,
and of what came to light outside, are asked whether they are of the class. What is not told is never taken for a no.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

import numpy as np
import pyarrow as pa

from privity.audit.acts import Act, Register, acts_of, has_no_records, unbound_of
from privity.audit.certainty import NO, YES, is_under, joined
from privity.audit.class_count import MOST_ITEMS, Counts, Rows, Tally, counted, of_records
from privity.audit.class_parties import Gathered, told_of_parties
from privity.audit.class_rows import Looked, acts_with, find, in_turn, look
from privity.audit.columns import Ints
from privity.audit.dumps import ANOTHER_TEXT, SEVERAL, Dump, Dumps
from privity.audit.evidence import AuditedLog, Evidence, Gap
from privity.audit.holders import Holders
from privity.audit.members_of_class import Chosen, Wanted, choose, concerned
from privity.audit.question import ClassQuestion
from privity.audit.rows_held import LOOSE
from privity.entries.unknown import UnknownEntry
from privity.errors import VerificationError
from privity.vocabulary.terms import PURPOSES, ROLES

Step = Callable[[str, int], None]
"""Told of a stage, and of how many more were done in it."""

STAGE: Final = "look"
_OF_ROWS: Final = frozenset({"not-shown", "rows-gone", "not-bound", "sampled"})


@dataclass(kw_only=True, slots=True)
class Asked:
    """An act that comes into question, and what was found of it.

    Attributes:
        act: What was done.
        role: The recipient's role then, by what is known now; None where it has none, or two.
        sure: Whether it certainly is one that is asked about.
        read: The revision whose rows were looked at, or None where none could be.
        rows: How many that were.
        counts: What of it is of the class.
    """

    act: Act
    role: str | None
    sure: bool
    read: int | None = None
    rows: int = 0
    counts: Counts = field(default_factory=Counts)


@dataclass(frozen=True, kw_only=True, slots=True)
class Ruled:
    """An act that does not come into question.

    Attributes:
        act: What was done.
        role: The recipient's role then, by what is known now; None where it has none, or two.
        why: Why it does not.
    """

    act: Act
    role: str | None
    why: tuple[str, ...]


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
    wanted, acts = Wanted.of(question), tuple(_acts(evidence, question))
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
    gaps = (*_gaps(evidence, asked, reading.failed), *_unread(evidence.log))
    return Answered(
        answer=_answer(evidence, asked, tally, hidden=bool(gaps) or _hide(outside)),
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


# The acts


def _acts(evidence: Evidence, question: ClassQuestion) -> Iterator[Asked | Ruled]:
    """Ask every act by what its entry says ([AUD-35])."""
    register, size = Register(evidence), evidence.log.checkpoint.size
    unbound = unbound_of(evidence)
    for act in acts_of(evidence.log):
        role = register.role(act.recipient, act.time, size)
        then = register.role(act.recipient, act.time, act.entry)
        purpose = is_under(act.purpose, question.purposes, PURPOSES)
        recipient = joined(
            is_under(role, question.roles, ROLES), is_under(then, question.roles, ROLES)
        )
        out = {
            "another act": act.kind not in question.acts,
            "another time": act.time not in question.used,
            "another purpose": purpose == NO,
            "another recipient": recipient == NO,
            "no records": has_no_records(act, unbound),
        }
        why = tuple(word for word, ruled in out.items() if ruled)
        if why:
            yield Ruled(act=act, role=role, why=why)
        else:
            sure = min(purpose, recipient) == YES and not act.doubt
            yield Asked(act=act, role=role, sure=sure)


# The rows


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


# What is not told


def _answer(evidence: Evidence, asked: Sequence[Asked], tally: Tally, *, hidden: bool) -> str:
    if tally.records():
        return "used"
    entries = {one.act.entry for one in asked} | _made(evidence.log, asked)
    lacking = any(
        gap.kind in _OF_ROWS
        and entries.intersection(gap.entries)
        and not gap.what.startswith(LOOSE)  # nothing is asked of these columns
        for gap in evidence.gaps
    )
    return "cannot-be-told" if tally.perhaps() or hidden or lacking else "not-used"


def _hide(outside: Dumps) -> bool:
    """Tell whether rows that came to light may be of the class after all ([AUD-44])."""
    unclear = any(
        one.unmatched or one.how.get(ANOTHER_TEXT) or one.how.get(SEVERAL)
        for one in outside.dumps
    )
    return unclear or (bool(outside.dumps) and outside.bound is None)


def _made(log: AuditedLog, asked: Sequence[Asked]) -> set[int]:
    """Give the entries that made the revisions that were asked about."""
    keys = {
        (one.act.release, revision)
        for one in asked
        for revision in (one.act.revision, one.read)
    }
    return {
        act.entry
        for act in acts_of(log)
        if act.kind == "released" and (act.release, act.revision) in keys
    }


def _gaps(
    evidence: Evidence, asked: Sequence[Asked], failed: Mapping[str, str]
) -> Iterator[Gap]:
    """Say of which acts not all rows could be asked ([AUD-36])."""
    rows = {
        (act.release, act.revision): act.rows or 0
        for act in acts_of(evidence.log)
        if act.kind == "released"
    }
    acts: dict[tuple[str, str], list[Act]] = defaultdict(list)
    counts: dict[tuple[str, str], int] = {}
    for one in asked:
        act = one.act
        of = f"of revision {act.revision} of the release {act.release}"
        there = max(rows.get((act.release, act.revision), 0), act.rows or 0)
        found: list[tuple[str, str, int]] = []
        if act.doubt:
            found.append(("not-bound", f"What was used {of}: {act.doubt}.", there))
        if act.release in failed:
            code = failed[act.release]
            found.append(
                ("not-bound", f"The rows {of} are not what its entry says ({code}).", there)
            )
        elif one.read is None:
            found.append(("not-shown", f"The rows {of} are not here.", there))
        elif one.rows < there:
            gone = one.read != act.revision
            kept = f"those that revision {one.read} still has" if gone else "some"
            kind = "rows-gone" if gone else "not-shown"
            found.append((kind, f"Of the rows {of} {kept} are here.", there - one.rows))
        for kind, what, count in found:
            acts[kind, what].append(act)
            counts[kind, what] = count
    for (kind, what), some in acts.items():
        entries = tuple(sorted({act.entry for act in some}))
        yield Gap(kind=kind, what=what, entries=entries, records=counts[kind, what])


def _unread(log: AuditedLog) -> Iterator[Gap]:
    """Say which entries may tell of acts that nobody here can read."""
    entries = tuple(one.entry for one in log.public if isinstance(one.says, UnknownEntry))
    if entries:
        yield Gap(
            kind="unread",
            what="Public entries that this version of the program cannot read may tell of uses.",
            entries=entries,
        )
