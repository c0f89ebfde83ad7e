# SPDX-License-Identifier: Apache-2.0
"""Decide one record by tables that are compiled: reasons only, in some ten microseconds.

For whoever asks at the moment of use. The same look-ups as `many.py`, without Arrow in between; quotes and
duplicates are a run's, and are not asked here.
"""

from __future__ import annotations

from typing import Final

import numpy as np

from privity.decide.bits import REASON_MASK, reasons_in
from privity.decide.kernel.rows import EMPTY_PLACE, Batch
from privity.decide.many import SLOTS, UNKNOWN_SLOT, Compiled
from privity.decide.request import Record
from privity.members.facts import MemberId

_LATE: Final = 1 << 61
_SLOT_OF: Final = {name: place for place, name in enumerate(SLOTS)}
_NONE: Final = np.zeros(1, np.uint64)


def reasons_of(compiled: Compiled, record: Record) -> tuple[str, ...]:
    """Give the reasons of a record's own, sorted; none is a permit of its own parties and rules.

    Args:
        compiled: The request, made ready.
        record: The record; what it quotes is not looked at.
    """
    category = record.category if record.category in _SLOT_OF else None
    seat = compiled.seat_bits(record.capacity, category)
    created = _LATE if record.created_at is None else record.created_at
    named: list[MemberId | None] = [record.author, *record.recipients]
    index = compiled.index.find_few(["" if one is None else one for one in named])
    index[[one is None or one == "" for one in named]] = EMPTY_PLACE
    word = compiled.decide_numbers(
        Batch(
            slot=np.array([UNKNOWN_SLOT if category is None else _SLOT_OF[category]], np.uint8),
            created=np.array([created], np.int64),
            own=np.array([seat], np.uint64) if seat else _NONE,
            author=index[:1],
            offsets=np.array([0, len(record.recipients)], np.int32),
            addressees=index[1:],
        )
    )
    return reasons_in(int(word[0]) & REASON_MASK)
