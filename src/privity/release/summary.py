# SPDX-License-Identifier: Apache-2.0
"""What a clearing comes to, in numbers: permits by category, refusals by reason, and by whom.

A record counts once for each of its reasons; in the table by jurisdiction, once for each distinct pair of
reason and jurisdiction of a party that gave it. `(record)` stands for reasons that no party gave,
`(quoted record)` for those that a quoted record brought, `(several)` for a party whose evidence names more
than one jurisdiction, `(nowhere known)` for one without any, `(unknown member)` for one that nobody knows.
"""

from __future__ import annotations

import csv
import io
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final

import numpy as np

from privity.decide.bits import BIT, REASON_MASK, obligations_in
from privity.decide.kernel.rows import count_words
from privity.decide.many import SLOTS, UNKNOWN_SLOT, Compiled, Tally
from privity.decide.states import NOBODY_NAMED
from privity.release.decided import COPY, Decided
from privity.release.late import Late

QUOTED_NAMED: Final = "(quoted record)"
UNKNOWN_CATEGORY: Final = "(unknown category)"
_NAMES: Final = (*SLOTS, UNKNOWN_CATEGORY)


@dataclass(frozen=True, kw_only=True, slots=True)
class Cell:
    """Records refused: by reason, category, and jurisdiction of a party that gave the reason."""

    reason: str
    category: str
    jurisdiction: str
    records: int


@dataclass(frozen=True, kw_only=True, slots=True)
class Copied:
    """Copies of refused private texts: how many records are refused as such, how many permitted and reported."""

    refused: int
    reported: int


@dataclass(frozen=True, kw_only=True, slots=True)
class Summary:
    """A clearing in numbers.

    Attributes:
        records: How many were decided.
        permitted: How many were permitted.
        duplicates: How many share their id with another.
        by_category: For each category: how many records, and how many of them permitted.
        reasons: For each reason: how many records have it.
        reasons_by_category: The same, for each category.
        cells: The table by jurisdiction.
        obligations: What the permitted records carry.
        copies: The copies of refused private texts, if they were looked for.
    """

    records: int
    permitted: int
    duplicates: int
    by_category: Mapping[str, tuple[int, int]]
    reasons: Mapping[str, int]
    reasons_by_category: Mapping[str, Mapping[str, int]]
    cells: tuple[Cell, ...]
    obligations: tuple[str, ...]
    copies: Copied | None = None

    @property
    def refused(self) -> int:
        """How many were refused."""
        return self.records - self.permitted

    def table(self) -> str:
        """Give the table by jurisdiction as CSV."""
        out = io.StringIO()
        writer = csv.writer(out, lineterminator="\n")
        writer.writerow(("reason", "category", "jurisdiction", "records"))
        writer.writerows(
            (cell.reason, cell.category, cell.jurisdiction, cell.records) for cell in self.cells
        )
        return out.getvalue()


def summarise(compiled: Compiled, decided: Decided) -> Summary:
    """Count what was decided."""
    slots = UNKNOWN_SLOT + 1
    records, permitted = np.zeros(slots, np.int64), np.zeros(slots, np.int64)
    reasons = np.zeros((slots, 32), np.int64)
    carried = 0
    for chunk in decided.chunks:
        rows = slice(chunk.first, chunk.first + chunk.rows)
        carried |= int(
            count_words(
                decided.words_of(chunk),
                decided.slots[rows],
                records,
                permitted,
                reasons.reshape(-1),
            )
        )
    by_category = {
        name: (int(records[slot]), int(permitted[slot]))
        for slot, name in enumerate(_NAMES)
        if records[slot]
    }
    each = {
        name: _named(reasons[slot]) for slot, name in enumerate(_NAMES) if reasons[slot].any()
    }
    return Summary(
        records=decided.rows,
        permitted=int(permitted.sum()),
        duplicates=decided.joined.duplicates,
        by_category=by_category,
        reasons=_named(reasons.sum(axis=0)),
        reasons_by_category=each,
        cells=_cells(compiled, decided),
        obligations=obligations_in(carried),
        copies=_copied(decided),
    )


def _copied(decided: Decided) -> Copied | None:
    copies = decided.copies
    if copies is None:
        return None
    return Copied(refused=len(copies.refused), reported=len(copies.reported))


def _named(counts: np.ndarray) -> dict[str, int]:
    return {
        reason: int(counts[bit.bit_length() - 1])
        for reason, bit in sorted(BIT.items())
        if counts[bit.bit_length() - 1]
    }


def _cells(compiled: Compiled, decided: Decided) -> tuple[Cell, ...]:
    places = (*compiled.states.places, QUOTED_NAMED)
    tally = np.concatenate((decided.tally, np.zeros_like(decided.tally[:, :1])), axis=1)
    joined = decided.joined
    slots = decided.slots[joined.rows]
    for label, words in (
        (places.index(NOBODY_NAMED), joined.marked & ~joined.before),
        (len(places) - 1, joined.words & ~joined.marked & np.uint64(REASON_MASK)),
    ):
        for bit in range(32):
            has = (words >> np.uint64(bit) & np.uint64(1)).astype(np.bool_)
            tally[:, label, bit] += np.bincount(slots[has], minlength=len(_NAMES))
    return cells_of(tally, places)


def cells_of(tally: Tally, places: Sequence[str]) -> tuple[Cell, ...]:
    """Give what is in a tally, shape (slots, places, 32), of parties at these places."""
    return tuple(
        Cell(
            reason=reason,
            category=_NAMES[slot],
            jurisdiction=places[label],
            records=int(tally[slot, label, bit.bit_length() - 1]),
        )
        for reason, bit in sorted(BIT.items())
        for slot, label in np.argwhere(tally[:, :, bit.bit_length() - 1]).tolist()
    )


def without(summary: Summary, decided: Decided, late: Late, cells: Sequence[Cell]) -> Summary:
    """Give the numbers of a set from which records were taken out.

    Args:
        summary: The numbers before.
        decided: The run.
        late: The records that are taken out.
        cells: By whom those were refused that their own parties refused.
    """
    slots, words, own = decided.slots[late.rows()], late.words(), late.own()
    copied = late.copied()
    out = np.bincount(slots, minlength=len(_NAMES))
    reasons, by_place = Counter(summary.reasons), Counter[tuple[str, str, str]]()
    each = {name: Counter(some) for name, some in summary.reasons_by_category.items()}
    for reason, bit in sorted(BIT.items()):
        has = words & np.uint64(bit) != 0
        for slot, count in enumerate(np.bincount(slots[has], minlength=len(_NAMES)).tolist()):
            if count:
                reasons[reason] += count
                each.setdefault(_NAMES[slot], Counter())[reason] += count
        itself = has & copied & (bit == COPY)
        for label, which in ((NOBODY_NAMED, itself), (QUOTED_NAMED, has & ~own & ~itself)):
            counts = np.bincount(slots[which], minlength=len(_NAMES)).tolist()
            for slot, count in enumerate(counts):
                if count:
                    by_place[reason, _NAMES[slot], label] += count
    for cell in (*summary.cells, *cells):
        by_place[cell.reason, cell.category, cell.jurisdiction] += cell.records
    return replace(
        summary,
        permitted=summary.permitted - late.count,
        copies=None
        if summary.copies is None
        else Copied(
            refused=summary.copies.refused + int(np.count_nonzero(copied)),
            reported=late.reported(),
        ),
        by_category={
            name: (records, before - int(out[_NAMES.index(name)]))
            for name, (records, before) in summary.by_category.items()
        },
        reasons=dict(sorted(reasons.items())),
        reasons_by_category={name: dict(sorted(some.items())) for name, some in each.items()},
        cells=tuple(
            Cell(reason=reason, category=name, jurisdiction=place, records=records)
            for (reason, name, place), records in sorted(
                by_place.items(),
                key=lambda one: (one[0][0], _NAMES.index(one[0][1]), one[0][2]),
            )
        ),
    )
