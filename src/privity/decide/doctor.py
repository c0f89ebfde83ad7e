# SPDX-License-Identifier: Apache-2.0
"""What keeps records out, and what would supply what is missing (docs/explain.md, "A whole corpus").

Counts, for each reason, the records that it blocks alone: those are what its remedy could open, where
records with several reasons need several. A sample of explained refusals says which notice, setting or
fact is meant, and of how many members. Works on counts that the bulk path gives; decides nothing.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import Any, Final

from privity.decide.explain.causes import Explanation
from privity.decide.request import RecordId
from privity.members.facts import MemberId
from privity.vocabulary.reasons import REASONS_BY_ID
from privity.vocabulary.terms import CATEGORIES

Combination = tuple[str | None, frozenset[str]]
"""A record's category, and all its reasons; none where it is permitted."""

SAMPLE: Final = 20
"""How many refusals of one combination are explained."""

_HEAD: Final = "blocked by"

CAUTION: Final = (
    "What is supplied counts from then on: what was made before a notice or a yes stays out, unless "
    "the member's yes names older content."
)


@dataclass(frozen=True, kw_only=True, slots=True)
class Count:
    """How many records something blocks.

    Attributes:
        alone: Records that have no other reason.
        together: Records that have others besides.
    """

    alone: int
    together: int


@dataclass(frozen=True, kw_only=True, slots=True)
class Block:
    """What one reason blocks.

    Attributes:
        reason: The reason.
        count: In all categories.
        categories: In each category that it blocks, the most blocked alone first; None is every
            category that is not in the vocabulary.
        remedy: Which fact or change would supply what is missing, in general.
    """

    reason: str
    count: Count
    categories: tuple[tuple[str | None, Count], ...]
    remedy: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Missing:
    """One thing that is missing, and what misses it.

    Attributes:
        reason: By which reason it blocks.
        remedy: Which fact or change would supply it.
        count: Records; alone are those that miss nothing else, of whichever members.
        exact: Whether every refusal was explained, so that the count is no estimate.
        members: How many members miss it, in the refusals that were explained: at least so many do.
    """

    reason: str
    remedy: str
    count: Count
    exact: bool
    members: int


@dataclass(frozen=True, kw_only=True, slots=True)
class Diagnosis:
    """What keeps records out.

    Attributes:
        records: How many there are.
        permitted: How many of them may be used.
        blocks: Each reason that blocks any, the most blocked alone first.
        missing: Each thing that is missing, the most blocked alone first; none where no refusal was
            explained.
        explained: How many refusals were explained.
    """

    records: int
    permitted: int
    blocks: tuple[Block, ...]
    missing: tuple[Missing, ...]
    explained: int

    @property
    def refused(self) -> int:
        """How many records may not be used."""
        return self.records - self.permitted


def sample(
    decided: Iterable[tuple[RecordId, Combination]], each: int = SAMPLE
) -> tuple[RecordId, ...]:
    """Choose refused records to explain, evenly spread over those of each combination.

    Args:
        decided: Every record with its combination, in any order; the same order gives the same choice.
        each: At least how many of each combination are chosen where there are so many; at most twice.
    """
    chosen: dict[Combination, list[RecordId]] = defaultdict(list)
    seen: Counter[Combination] = Counter()
    stride: dict[Combination, int] = defaultdict(lambda: 1)
    for record_id, combination in decided:
        if not combination[1]:
            continue
        place = seen[combination]
        seen[combination] += 1
        if place % stride[combination]:
            continue
        chosen[combination].append(record_id)
        if len(chosen[combination]) > 2 * each:
            # Every other one goes, and of what follows every other one is not taken.
            del chosen[combination][1::2]
            stride[combination] *= 2
    return tuple(record_id for found in chosen.values() for record_id in found)


def doctor(
    counts: Mapping[Combination, int], explanations: Iterable[Explanation] = ()
) -> Diagnosis:
    """Say what keeps records out.

    Args:
        counts: How many records have each category with each set of reasons; permitted ones too.
        explanations: Explained refusals of these records, such as those of `sample`. Each stands for
            its share of the records with its category and reasons.
    """
    found = list(explanations)
    known: Counter[Combination] = Counter()
    for (category, reasons), count in counts.items():
        known[_known(category), reasons] += count
    return Diagnosis(
        records=known.total(),
        permitted=sum(count for (_, reasons), count in known.items() if not reasons),
        blocks=_blocks(known),
        missing=_missing(known, found),
        explained=len(found),
    )


def _blocks(counts: Mapping[Combination, int]) -> tuple[Block, ...]:
    alone: Counter[tuple[str, str | None]] = Counter()
    together: Counter[tuple[str, str | None]] = Counter()
    for (category, reasons), count in counts.items():
        for reason in reasons:
            (alone if len(reasons) == 1 else together)[reason, category] += count
    blocks = []
    for reason in {one for one, _ in (*alone, *together)}:
        categories = {name for one, name in (*alone, *together) if one == reason}
        by_category = [
            (name, Count(alone=alone[reason, name], together=together[reason, name]))
            for name in sorted(categories, key=str)
        ]
        blocks.append(
            Block(
                reason=reason,
                count=Count(
                    alone=sum(count.alone for _, count in by_category),
                    together=sum(count.together for _, count in by_category),
                ),
                categories=tuple(sorted(by_category, key=lambda one: _most_first(one[1]))),
                remedy=REASONS_BY_ID[reason].remedy,
            )
        )
    return tuple(
        sorted(blocks, key=lambda one: (*_most_first(one.count), REASONS_BY_ID[one.reason].bit))
    )


def _most_first(count: Count) -> tuple[int, int]:
    return (-count.alone, -count.together)


def _missing(
    counts: Mapping[Combination, int], explanations: list[Explanation]
) -> tuple[Missing, ...]:
    explained = Counter(map(_combination, explanations))
    alone: dict[tuple[str, str], Fraction] = defaultdict(Fraction)
    together: dict[tuple[str, str], Fraction] = defaultdict(Fraction)
    members: dict[tuple[str, str], set[MemberId]] = defaultdict(set)
    for one in explanations:
        combination = _combination(one)
        # Each stands for its share of the records like it; fractions add up exactly.
        share = Fraction(counts[combination], explained[combination])
        pieces = {(cause.reason, cause.remedy) for cause in one.causes}
        for piece in pieces:
            (alone if len(pieces) == 1 else together)[piece] += share
        for cause in one.causes:
            if cause.party is not None:
                members[cause.reason, cause.remedy].add(cause.party)
    exact = all(
        explained[combination] == count
        for combination, count in counts.items()
        if combination[1]
    )
    found = [
        Missing(
            reason=reason,
            remedy=remedy,
            count=Count(
                alone=round(alone[reason, remedy]), together=round(together[reason, remedy])
            ),
            exact=exact,
            members=len(members[reason, remedy]),
        )
        for reason, remedy in {*alone, *together}
    ]
    return tuple(
        sorted(
            found,
            key=lambda one: (
                *_most_first(one.count),
                REASONS_BY_ID[one.reason].bit,
                one.remedy,
            ),
        )
    )


def _combination(one: Explanation) -> Combination:
    return (_known(one.category), frozenset(one.decision.reasons))


def _known(category: str | None) -> str | None:
    """Give a category, or None for one that is not in the vocabulary: any text may stand there."""
    return category if category in CATEGORIES else None


def lines(diagnosis: Diagnosis, most: int = 10) -> list[str]:
    """Lay a diagnosis out as lines of text.

    Args:
        diagnosis: What to show.
        most: How many of the things that are missing are shown.
    """
    permitted, refused = f"{diagnosis.permitted:,} permitted", f"{diagnosis.refused:,} refused"
    told = [
        f"{diagnosis.records:,} {'record' if diagnosis.records == 1 else 'records'}: {permitted}, {refused}"
    ]
    width = max(map(len, (_HEAD, *(one.reason for one in diagnosis.blocks))))
    if diagnosis.blocks:
        told += ["", f"{_HEAD.ljust(width)}  {'alone':>13}  {'with others':>13}"]
    for block in diagnosis.blocks:
        told.append(
            f"{block.reason.ljust(width)}  {block.count.alone:>13,}  {block.count.together:>13,}"
        )
        told += [
            f"  {(category or '(unknown)').ljust(width - 2)}  "
            f"{count.alone:>13,}  {count.together:>13,}"
            for category, count in block.categories
            if count.alone
        ]
    if diagnosis.missing:
        told += ["", f"what is missing, by {_many(diagnosis.explained, 'refusal')} explained"]
    for one in diagnosis.missing[:most]:
        told += _missing_lines(one)
    left = len(diagnosis.missing) - most
    if left > 0:
        told.append(f"and {left:,} more")
    if diagnosis.missing:
        told += ["", CAUTION]
    return told


def _missing_lines(one: Missing) -> list[str]:
    about = "" if one.exact else "about "
    parts = [
        f"{about}{_many(count, 'record')} {what}"
        for count, what in (
            (one.count.alone, "missing nothing else"),
            (one.count.together, "missing more"),
        )
        if count
    ]
    if one.members:
        parts.append(f"{'' if one.exact else 'at least '}{_many(one.members, 'member')}")
    return [f"{one.reason}: {one.remedy}", f"  {', '.join(parts)}"]


def _many(count: int, what: str) -> str:
    return f"{count:,} {what}{'' if count == 1 else 's'}"


def mapping(diagnosis: Diagnosis) -> Mapping[str, Any]:
    """Give a diagnosis as plain values for JSON."""
    return {
        "records": diagnosis.records,
        "permitted": diagnosis.permitted,
        "refused": diagnosis.refused,
        "explained": diagnosis.explained,
        "blocks": [
            {
                "reason": one.reason,
                "alone": one.count.alone,
                "together": one.count.together,
                "remedy": one.remedy,
                "categories": [
                    {"category": name, "alone": count.alone, "together": count.together}
                    for name, count in one.categories
                ],
            }
            for one in diagnosis.blocks
        ],
        "missing": [
            {
                "reason": one.reason,
                "remedy": one.remedy,
                "alone": one.count.alone,
                "together": one.count.together,
                "exact": one.exact,
                "members": one.members,
            }
            for one in diagnosis.missing
        ],
    }
