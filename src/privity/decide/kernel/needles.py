# SPDX-License-Identifier: Apache-2.0
"""Loops that find needles in texts: by fingerprint, then by length and two hashes (`texts.py` makes them).

A text's hashes are those of all its beginnings, so that any part of it is compared at once, however long it is; they are
made for the texts alone that have a fingerprint.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from privity.decide.kernel import compiled, inlined
from privity.decide.kernel.texts import (
    PRIME,
    WINDOW,
    final,
    fold_bytes,
    next_letter,
    room,
    times,
    turned,
)

Array = npt.NDArray[np.generic]


class Index(NamedTuple):
    """The needles of a run, by their fingerprints.

    Attributes:
        bits: Two bits of each fingerprint, in the word of its highest bits; its size is a power of two.
        shift: Where these are.
        slots: An open-addressing table of places in `prints`.
        prints: Distinct fingerprints.
        shapes: Shape (prints + 1): where the shapes of each begin.
        offset: Shape (shapes): how far into the needle the fingerprint is.
        length: Shape (shapes): how long the needle is.
        starts: Shape (shapes + 1): where the needles of each shape begin.
        first: Shape (needles): the first hash; it ascends within a shape.
        second: Shape (needles): the second hash.
        powers: Shape (2, longest + 1): the bases' powers.
    """

    bits: Array
    shift: np.uint64
    slots: Array
    prints: Array
    shapes: Array
    offset: Array
    length: Array
    starts: Array
    first: Array
    second: Array
    powers: Array


@inlined
def _pair(one):  # type: ignore[no-untyped-def] # numba infers the types
    """Give the two bits of a fingerprint in its word."""
    first, second = one & np.uint64(63), (one >> np.uint64(6)) & np.uint64(63)
    return (np.uint64(1) << first) | (np.uint64(1) << second)


@inlined
def _slot(slots, prints, wanted):  # type: ignore[no-untyped-def] # numba infers the types
    """Give the place of a fingerprint, or -1."""
    mask = np.uint64(len(slots) - 1)
    slot = (wanted >> np.uint64(12)) & mask
    while slots[slot] >= 0 and prints[slots[slot]] != wanted:
        slot = (slot + np.uint64(1)) & mask
    return slots[slot]


@compiled
def fill_prints(prints, slots, bits, shift):  # type: ignore[no-untyped-def] # numba infers the types
    """Fill the table and the bits with distinct fingerprints."""
    mask = np.uint64(len(slots) - 1)
    for place in range(len(prints)):
        slot = (prints[place] >> np.uint64(12)) & mask
        while slots[slot] >= 0:
            slot = (slot + np.uint64(1)) & mask
        slots[slot] = place
        bits[prints[place] >> shift] |= _pair(prints[place])


@compiled
def fill_powers(base, powers):  # type: ignore[no-untyped-def] # numba infers the types
    """Write the powers of each base."""
    for which in range(2):
        powers[which, 0] = np.uint64(1)
        for place in range(1, powers.shape[1]):
            powers[which, place] = times(powers[which, place - 1], base[which])


@compiled
def _sum(letters, count, base, sums):  # type: ignore[no-untyped-def] # numba infers the types
    """Write the hashes of all beginnings of a text."""
    sums[0] = np.uint64(0)
    for place in range(count):
        sums[place + 1] = next_letter(sums[place], letters[place], base)


@inlined
def _part(sums, powers, first, last):  # type: ignore[no-untyped-def] # numba infers the types
    """Give the hash of a part of a text, whose beginnings have these hashes."""
    before = times(sums[first], powers[last - first])
    part = sums[last] + np.uint64(PRIME) - before
    return part - np.uint64(PRIME) if part >= np.uint64(PRIME) else part


@compiled
def _first_of(hashes, low, high, wanted):  # type: ignore[no-untyped-def] # numba infers the types
    """Give the first place from `low` and before `high` with no lower hash."""
    while low < high:
        middle = (low + high) // 2
        if hashes[middle] < wanted:
            low = middle + 1
        else:
            high = middle
    return low


@compiled
def find_needles(offsets, data, folding, keyed, index, seen, hits):  # type: ignore[no-untyped-def] # numba infers the types
    """Find needles in texts.

    Args:
        offsets: Where each text begins in `data`.
        data: UTF-8.
        folding: How characters fold.
        keyed: The keys of the run.
        index: The needles.
        seen: Shape (needles): zeros.
        hits: Written, shape (hits, 2): text and needle, each pair once.

    Returns:
        How many hits there are; where that is more than there is room for, nothing of the rest is written.
    """
    letters = np.empty(room(offsets, data, folding), np.uint32)
    one, two = np.empty(1, np.uint64), np.empty(1, np.uint64)
    symbols, mixed, bits, shift = keyed.symbols, keyed.mixed, index.bits, index.shift
    found = 0
    for row in range(len(offsets) - 1):
        count = fold_bytes(data, offsets[row], offsets[row + 1], folding, letters, 0)
        hashed = 0
        rolled = np.uint64(0)
        for place in range(min(count, WINDOW - 1)):
            rolled = turned(rolled, 1) ^ symbols[letters[place]]
        gone = np.uint64(0)  # of the letter that leaves the window
        for start in range(count - WINDOW + 1):
            rolled = turned(rolled, 1) ^ symbols[letters[start + WINDOW - 1]] ^ gone
            gone = turned(symbols[letters[start]], WINDOW)
            print_ = final(rolled, mixed)
            pair = _pair(print_)
            if bits[print_ >> shift] & pair != pair:
                continue
            at = _slot(index.slots, index.prints, print_)
            if at < 0:
                continue
            for shape in range(index.shapes[at], index.shapes[at + 1]):
                first = start - index.offset[shape]
                last = first + index.length[shape]
                needle, end = index.starts[shape], index.starts[shape + 1]
                if first < 0 or last > count:
                    continue
                if end - needle == 1 and seen[needle] == row + 1:
                    continue  # a text that repeats itself has it at many places
                if hashed == 0:
                    if len(one) <= count:
                        one, two = (
                            np.empty(count + 1, np.uint64),
                            np.empty(count + 1, np.uint64),
                        )
                    _sum(letters, count, keyed.base[0], one)
                    hashed = 1
                wanted = _part(one, index.powers[0], first, last)
                needle = _first_of(index.first, needle, end, wanted)
                while needle < end and index.first[needle] == wanted:
                    if hashed == 1:  # only what the first hash found needs the second
                        _sum(letters, count, keyed.base[1], two)
                        hashed = 2
                    if seen[needle] != row + 1 and index.second[needle] == _part(
                        two, index.powers[1], first, last
                    ):
                        seen[needle] = row + 1
                        if found < len(hits):
                            hits[found, 0], hits[found, 1] = row, needle
                        found += 1
                    needle += 1
    return found
