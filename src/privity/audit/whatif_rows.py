# SPDX-License-Identifier: Apache-2.0
"""Rows of releases decided twice: as it was, and had something been otherwise (specs/audit.md, part 5).

What is decided is the same: the same rows, for the same uses. Where a question about a class is asked, only its rows are.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Final

import numpy as np
import numpy.typing as npt

from privity.audit.again import Asked, Part, Portion, decide_again
from privity.audit.class_answer import Answered
from privity.audit.class_count import Members
from privity.audit.class_rows import find, look
from privity.audit.evidence import Evidence, Gap
from privity.audit.known_then import Rules, Then
from privity.audit.members_of_class import Concerned, Wanted
from privity.audit.question import ClassQuestion
from privity.audit.story import Story
from privity.audit.uses import Use
from privity.canonical.instants import Instant
from privity.decide.request import RecordId
from privity.errors import VerificationError
from privity.members.facts import MemberId

Ints = npt.NDArray[np.int64]
Place = tuple[str, int, str, int]
"""A row: release, revision, file, and its number in the file."""
Key = tuple[str, int]
Step = Callable[[str, int], None]
"""Told of a stage, and of how many more were done in it."""

STAGE: Final = "decide"
_HIDING: Final = frozenset({"private-facts", "erased"})


@dataclass(kw_only=True)
class Told:
    """How the rule decides in one telling.

    Attributes:
        refused: The reasons of each row that is refused, by use and place.
        untold: The rows of which it cannot be told, likewise.
        members: Whose records are refused.
    """

    refused: dict[tuple[Use, Place], tuple[str, ...]] = field(default_factory=dict)
    untold: set[tuple[Use, Place]] = field(default_factory=set)
    members: set[MemberId] = field(default_factory=set)

    @property
    def reasons(self) -> Counter[str]:
        """How many rows are refused in any use, by reason; a row may have several."""
        found: dict[Place, set[str]] = {}
        for (_, place), reasons in self.refused.items():
            found.setdefault(place, set()).update(reasons)
        return Counter(reason for reasons in found.values() for reason in reasons)

    @property
    def places(self) -> set[Place]:
        """The rows that are refused in any use."""
        return {place for _, place in self.refused}


@dataclass(frozen=True, kw_only=True, slots=True)
class Twice:
    """What came of deciding rows twice.

    Attributes:
        uses: Each use, with how many rows were decided for it.
        was: As it was.
        would: Had it been otherwise.
        records: The ids of the rows that are refused in either.
        class_rows: Which rows of each revision are of the class, or None where none is asked about.
        gaps: What could not be decided.
    """

    uses: Mapping[Use, int]
    was: Told
    would: Told
    records: Mapping[Place, RecordId]
    class_rows: Mapping[Key, ClassRows] | None
    gaps: tuple[Gap, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class ClassRows:
    """The rows of a revision that are of a class.

    Attributes:
        begins: For each file the number of its first row.
        places: Who of the class stands where; `rows` counts over the files of the revision.
    """

    begins: Mapping[str, int]
    places: Concerned

    @property
    def numbers(self) -> Ints:
        """The rows, ascending."""
        found: Ints = np.unique(self.places.rows)
        return found


def decide_twice(
    evidence: Evidence,
    changed: Evidence,
    story: Story,
    uses: Sequence[Use],
    *,
    at: Instant | None = None,
    of_class: tuple[ClassQuestion, Answered] | None = None,
    told: Step | None = None,
) -> Twice:
    """Decide rows for their uses, as it was and had it been otherwise.

    Args:
        evidence: What was shown.
        changed: The same, had something been otherwise.
        story: What the log says of releases.
        uses: The uses to decide.
        at: The instant of every use there, or None.
        of_class: The question about a class, and what it came to; None takes all rows.
        told: Is told of the stage `decide`, for each portion.
    """
    gaps: list[Gap] = []
    parts = list(_parts(evidence, story, uses))
    class_rows: dict[Key, ClassRows] | None = None
    if of_class is not None:
        class_rows = {}
        for part in parts:
            try:
                class_rows[part.release, part.revision] = _class_rows(evidence, part, *of_class)
            except VerificationError as error:
                gaps.append(_not_bound(story, part, error))
        parts = [one for one in parts if (one.release, one.revision) in class_rows]
    drawn = None if class_rows is None else _drawn(parts, class_rows)
    later = [_at(one, evidence, at) for one in parts]
    counts: Counter[Use] = Counter(dict.fromkeys(uses, 0))
    records: dict[Place, RecordId] = {}
    found: list[Told] = []
    for telling, asked in ((evidence, parts), (changed, later)):
        one = Told()
        for portion in decide_again(
            telling,
            Rules(telling),
            asked,
            drawn=drawn,
            hidden=any(gap.kind in _HIDING for gap in evidence.gaps),
            broken=lambda part, error: gaps.append(_not_bound(story, part, error)),
        ):
            _take(one, portion, records)
            if not found:
                _count(counts, portion, parts)
            if told is not None:
                told(STAGE, portion.records)
        found.append(one)
    was, would = found
    return Twice(
        uses=dict(counts),
        was=was,
        would=would,
        records=records,
        class_rows=class_rows,
        gaps=(*_gone(evidence, story, uses), *dict.fromkeys(gaps)),
    )


def members_of(
    class_rows: Mapping[Key, ClassRows], places: Collection[Place], found: Answered
) -> Members:
    """Give the members of the class whose rows these are."""
    members = Members(found.tally.holders, found.tally.merges)
    by_key: dict[Key, list[int]] = {}
    for release, revision, file, row in places:
        key = (release, revision)
        by_key.setdefault(key, []).append(class_rows[key].begins[file] + row)
    for key, numbers in by_key.items():
        mine = class_rows[key].places
        members.add(mine.where(np.isin(mine.rows, np.array(numbers, np.int64))))
    return members


# What is decided


def _parts(evidence: Evidence, story: Story, uses: Sequence[Use]) -> Iterator[Part]:
    """Say what is asked of the rows that are here; where a revision's are gone, of those that the next still has."""
    begins = 0
    for name, release in story.releases.items():
        here = [one for one in evidence.revisions(name) if release.entered(one) is not None]
        for place, revision in enumerate(here):
            earlier = here[place - 1] if place else 0
            mine = [
                Asked(use=use, then=Then(size=use.size, at=use.at))
                for use in uses
                if use.release == name and earlier < use.revision <= revision
            ]
            if mine:
                rows = release.rows(revision)
                yield Part(
                    release=name, revision=revision, asked=tuple(mine), rows=rows, begins=begins
                )
                begins += rows


def _at(part: Part, evidence: Evidence, at: Instant | None) -> Part:
    """Ask the same for another instant: of an earlier one as it was known, of a later one as it is known then."""
    if at is None:
        return part
    public = evidence.log.public
    size = next((one.entry for one in public if one.time > at), evidence.log.checkpoint.size)
    asked = tuple(
        replace(
            one,
            then=Then(size=one.then.size, at=at)
            if at <= one.then.at
            else Then(size=max(size, one.then.size), at=at, until=at),
        )
        for one in part.asked
    )
    return replace(part, asked=asked)


def _class_rows(
    evidence: Evidence, part: Part, question: ClassQuestion, found: Answered
) -> ClassRows:
    """Find the rows of a revision that are of a class."""
    looked = look(evidence, part.release, (part.revision,), Wanted.of(question))
    places = find(looked, question.sides, found.tally.holders).places
    places = places.where(places.sure)
    begins, count = {}, 0
    for rows in evidence.rows(part.release, part.revision, ("category",)):
        begins[rows.file] = count
        count += rows.table.num_rows
    starts = np.array([begins[one.name] for one in looked.files], np.int64)
    numbers = (starts[looked.file] if len(starts) else looked.file) + looked.number
    return ClassRows(begins=begins, places=replace(places, rows=numbers[places.rows]))


def _drawn(parts: Sequence[Part], class_rows: Mapping[Key, ClassRows]) -> list[int]:
    return [
        part.begins + number
        for part in parts
        for number in class_rows[part.release, part.revision].numbers.tolist()
    ]


def _take(told: Told, portion: Portion, records: dict[Place, RecordId]) -> None:
    """Keep what a portion came to."""
    for one in portion.refused:
        row = one.row
        place = (row.part.release, row.part.revision, row.file, row.row)
        told.refused[one.asked.use, place] = one.reasons
        told.members |= one.parties
        records[place] = row.record.record_id
    for row, asked in portion.untold:
        place = (row.part.release, row.part.revision, row.file, row.row)
        told.untold.add((asked.use, place))


def _count(counts: Counter[Use], portion: Portion, parts: Sequence[Part]) -> None:
    for part in parts:
        rows = portion.rows.get((part.release, part.revision), 0)
        for asked in part.asked:
            counts[asked.use] += rows


# What is not


def _gone(evidence: Evidence, story: Story, uses: Sequence[Use]) -> Iterator[Gap]:
    """Say of which uses not all rows are here, where the evidence does not."""
    said = {
        entry
        for gap in evidence.gaps
        if gap.kind in {"rows-gone", "not-shown"}
        for entry in gap.entries
    }
    entries = []
    for use in uses:
        release = story.releases.get(use.release or "")
        made = None if release is None else release.entered(use.revision)
        here = use.revision in evidence.revisions(use.release or "")
        if not here and made not in said and release is not None:
            entries.append(use.entry)
    if entries:
        yield Gap(
            kind="not-shown",
            what="Rows of revisions that are not here were not decided.",
            entries=tuple(dict.fromkeys(entries)),
        )


def _not_bound(story: Story, part: Part, error: VerificationError) -> Gap:
    entry = story.releases[part.release].entered(part.revision)
    return Gap(
        kind="not-bound",
        what=f"Rows of revision {part.revision} of release {part.release} are not what its entry says ({error.code}).",
        entries=() if entry is None else (entry,),
    )
