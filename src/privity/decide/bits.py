# SPDX-License-Identifier: Apache-2.0
"""Reasons and obligations as bits of one 64-bit word, for the bulk path.

Bits 0–31 are reasons, in the order of the vocabulary. While a party is asked, bits 32–63 hold what a
later yes may take back, one for each setting (`plan.py`); once it is answered they hold obligations.
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import cache
from typing import Final

from privity.vocabulary.terms import OBLIGATIONS, REASONS

REASON_MASK: Final = (1 << 32) - 1
ALL: Final = (1 << 64) - 1
OBLIGATION_SHIFT: Final = 32

BIT: Final = {reason: 1 << place for place, reason in enumerate(REASONS)}
"""The bit of each reason."""


def obligation_bits(names: Iterable[str]) -> int:
    """Give the bits of obligations, in the high half."""
    bits = 0
    for name in names:
        bits |= 1 << (OBLIGATION_SHIFT + OBLIGATIONS.index(name))
    return bits


@cache
def reasons_in(word: int) -> tuple[str, ...]:
    """Give the reasons of a word, sorted."""
    return tuple(sorted(reason for reason, bit in BIT.items() if word & bit))


@cache
def obligations_in(word: int) -> tuple[str, ...]:
    """Give the obligations of a word, sorted; none where there is a reason."""
    if word & REASON_MASK:
        return ()
    high = word >> OBLIGATION_SHIFT
    return tuple(sorted(name for place, name in enumerate(OBLIGATIONS) if high >> place & 1))
