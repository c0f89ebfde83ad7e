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
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

import numpy as np

from privity.decide.bits import BIT, REASON_MASK, obligations_in
from privity.decide.kernel.rows import count_words
from privity.decide.many import SLOTS, UNKNOWN_SLOT, Compiled
from privity.decide.states import NOBODY_NAMED
from privity.release.decided import Decided

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
    """

    records: int
    permitted: int
    duplicates: int
    by_category: Mapping[str, tuple[int, int]]
    reasons: Mapping[str, int]
    reasons_by_category: Mapping[str, Mapping[str, int]]
    cells: tuple[Cell, ...]
    obligations: tuple[str, ...]

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
    )


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
