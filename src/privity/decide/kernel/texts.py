# SPDX-License-Identifier: Apache-2.0
"""Loops over texts: fold them, fingerprint private ones, and find these in others.

Meaning: `release/texts.py`. A text is folded to the code points of its letters and digits. Each window of
`WINDOW` of them has a rolling hash; a private text is indexed by the least of its hashes, and compared by its length and
two hashes modulo 2^61 - 1. All keys are the caller's: nothing here is the same in another run.
"""

from __future__ import annotations

from typing import Final, NamedTuple

import numpy as np
import numpy.typing as npt

from privity.decide.kernel import compiled, inlined

Array = npt.NDArray[np.generic]

WINDOW: Final = 48
"""Letters and digits of a window; it must be less than 64."""
WHOLE: Final = 0
PASSAGE: Final = 1
"""What a needle is."""
MOST_FOLDED: Final = 6
"""Letters that a byte of UTF-8 folds to at most."""
_LONG: Final = 1 << 22
"""Texts that may have more letters than this have them counted before there is room made for them."""
_PRIME: Final = (1 << 61) - 1
_LOW30: Final = (1 << 30) - 1
_LOW31: Final = (1 << 31) - 1
_BAD: Final = 0xFFFD
# The first bytes of UTF-8: of a character's later bytes, and of characters of two bytes, three and four.
_MORE: Final = 0x80
_TWO: Final = 0xC0
_THREE: Final = 0xE0
_FOUR: Final = 0xF0
_NEWLINE, _RETURN, _TAB, _BLANK, _DASH, _MARK = b"\n\r\t ->"


class Folding(NamedTuple):
    """How characters fold.

    Attributes:
        code: Shape (0x110000): 0 for nothing, a code point, or minus a place in `pool`.
        pool: How many code points, and these; one after another.
    """

    code: Array
    pool: Array


class Keyed(NamedTuple):
    """The keys of a run.

    Attributes:
        symbols: Shape (0x110000): a random word for each code point.
        base: Shape (2): the bases of the two hashes.
        mixed: A random odd word.
    """

    symbols: Array
    base: Array
    mixed: np.uint64


class Index(NamedTuple):
    """The needles of a run, by their fingerprints.

    Attributes:
        bits: A bit for the highest bits of each fingerprint; its size is a power of two.
        shift: Where these bits are.
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
def _times(a, b):  # type: ignore[no-untyped-def] # numba infers the types
    """Multiply modulo 2^61 - 1."""
    a_high, a_low = a >> np.uint64(31), a & np.uint64(_LOW31)
    b_high, b_low = b >> np.uint64(31), b & np.uint64(_LOW31)
    middle = a_low * b_high + a_high * b_low
    total = (
        a_high * b_high * np.uint64(2)
        + (middle >> np.uint64(30))
        + ((middle & np.uint64(_LOW30)) << np.uint64(31))
        + a_low * b_low
    )
    total = (total & np.uint64(_PRIME)) + (total >> np.uint64(61))
    return total - np.uint64(_PRIME) if total >= np.uint64(_PRIME) else total


@inlined
def _next(hashed, symbol, base):  # type: ignore[no-untyped-def] # numba infers the types
    """Go on by one letter; no letter counts as nothing."""
    more = _times(hashed, base) + np.uint64(symbol) + np.uint64(1)
    return more - np.uint64(_PRIME) if more >= np.uint64(_PRIME) else more


@inlined
def _turned(word, by):  # type: ignore[no-untyped-def] # numba infers the types
    return (word << np.uint64(by)) | (word >> np.uint64(64 - by))


@inlined
def _final(word, mixed):  # type: ignore[no-untyped-def] # numba infers the types
    word = word * mixed
    return word ^ (word >> np.uint64(32))


@compiled
def fold_bytes(data, first, last, folding, out, count):  # type: ignore[no-untyped-def] # numba infers the types
    """Fold UTF-8 from `first` to `last` into `out` from `count` on; give the new count.

    What is no UTF-8 is skipped, byte by byte; what there is no room for is counted only.
    """
    place = first
    while place < last:
        lead = np.int64(data[place])
        size = 1
        code = lead if lead < _MORE else _BAD
        if lead >= _TWO:
            size = 2 if lead < _THREE else 3 if lead < _FOUR else 4
            code = lead & (0x7F >> size)
            if place + size > last:
                size, code = 1, _BAD
            for step in range(1, size):
                byte = np.int64(data[place + step])
                if byte & 0xC0 != _MORE:
                    size, code = 1, _BAD
                    break
                code = (code << 6) | (byte & 0x3F)
        place += size
        symbol = folding.code[code] if code < len(folding.code) else 0
        if symbol > 0:
            if count < len(out):
                out[count] = symbol
            count += 1
        elif symbol < 0:
            for step in range(1, np.int64(folding.pool[-symbol]) + 1):
                if count < len(out):
                    out[count] = folding.pool[-symbol + step]
                count += 1
    return count


@compiled
def _room(offsets, data, folding):  # type: ignore[no-untyped-def] # numba infers the types
    """Give how many letters the longest of some texts may have."""
    nothing = np.empty(0, np.uint32)
    most = 0
    for row in range(len(offsets) - 1):
        letters = (offsets[row + 1] - offsets[row]) * MOST_FOLDED
        if letters > _LONG and letters > most:
            letters = fold_bytes(data, offsets[row], offsets[row + 1], folding, nothing, 0)
        most = max(most, letters)
    return most


@inlined
def _line_end(data, first, last):  # type: ignore[no-untyped-def] # numba infers the types
    place = first
    while place < last and data[place] != _NEWLINE:
        place += 1
    return place


@inlined
def _is_signature(data, first, last):  # type: ignore[no-untyped-def] # numba infers the types
    end = last
    while end > first and data[end - 1] in (_BLANK, _TAB, _RETURN):
        end -= 1
    return end == first + 2 and data[first] == _DASH and data[first + 1] == _DASH


@compiled
def _signature(data, first, last):  # type: ignore[no-untyped-def] # numba infers the types
    """Give where the signature begins, or the end."""
    place = first
    while place <= last:
        end = _line_end(data, place, last)
        if _is_signature(data, place, end):
            return place
        place = end + 1
    return last


@compiled
def _fold_own(data, first, last, folding, out):  # type: ignore[no-untyped-def] # numba infers the types
    """Fold the lines that are not quoted; give how many letters they have."""
    count = 0
    place = first
    while place < last:
        end = _line_end(data, place, last)
        start = place
        while start < end and data[start] in (_BLANK, _TAB):
            start += 1
        if start == end or data[start] != _MARK:
            count = fold_bytes(data, place, end, folding, out, count)
        place = end + 1
    return count


@compiled
def _needle(letters, first, last, keyed, out, at):  # type: ignore[no-untyped-def] # numba infers the types
    """Write a needle's fingerprint, its place in it, its length and its hashes."""
    rolled = np.uint64(0)
    least = np.uint64(0)
    where = -1
    one, two = np.uint64(0), np.uint64(0)
    for place in range(first, last):
        symbol = letters[place]
        rolled = _turned(rolled, 1) ^ keyed.symbols[symbol]
        if place - first >= WINDOW:
            rolled ^= _turned(keyed.symbols[letters[place - WINDOW]], WINDOW)
        if place - first >= WINDOW - 1:
            final = _final(rolled, keyed.mixed)
            if where < 0 or final < least:
                least, where = final, place - first - (WINDOW - 1)
        one = _next(one, symbol, keyed.base[0])
        two = _next(two, symbol, keyed.base[1])
    out[at, 0] = least
    out[at, 1] = (np.uint64(where) << np.uint64(32)) | np.uint64(last - first)
    out[at, 2] = one
    out[at, 3] = two


@compiled
def fingerprint(offsets, data, folding, keyed, passage, row_of, kind_of, out):  # type: ignore[no-untyped-def] # numba infers the types
    """Write the needles of texts: fingerprint, place and length, and two hashes of each.

    Args:
        offsets: Where each text begins in `data`.
        data: UTF-8.
        folding: How characters fold.
        keyed: The keys of the run.
        passage: Letters of a passage, or 0 where none are looked for.
        row_of: Written: whose needle it is.
        kind_of: Written: `WHOLE` or `PASSAGE`.
        out: Written, shape (needles, 4).

    Returns:
        How many there are; where that is more than there is room for, nothing of the rest is written.
    """
    room = _room(offsets, data, folding)
    whole, own = np.empty(room, np.uint32), np.empty(room, np.uint32)
    found = 0
    for row in range(len(offsets) - 1):
        first, last = offsets[row], offsets[row + 1]
        end = _signature(data, first, last)
        letters = fold_bytes(data, first, end, folding, whole, 0)
        if letters < WINDOW and end < last:
            end = last
            letters = fold_bytes(data, first, end, folding, whole, 0)
        if letters < WINDOW:
            continue
        if found < len(out):
            row_of[found], kind_of[found] = row, WHOLE
            _needle(whole, 0, letters, keyed, out, found)
        found += 1
        mine = _fold_own(data, first, end, folding, own)
        if WINDOW <= mine < letters:
            if found < len(out):
                row_of[found], kind_of[found] = row, WHOLE
                _needle(own, 0, mine, keyed, out, found)
            found += 1
        if passage > 0:
            for begin in range(0, mine - passage + 1, passage):
                if found < len(out):
                    row_of[found], kind_of[found] = row, PASSAGE
                    _needle(own, begin, begin + passage, keyed, out, found)
                found += 1
    return found


@inlined
def _slot(slots, prints, wanted):  # type: ignore[no-untyped-def] # numba infers the types
    """Give the place of a fingerprint, or -1."""
    mask = np.uint64(len(slots) - 1)
    slot = wanted & mask
    while slots[slot] >= 0 and prints[slots[slot]] != wanted:
        slot = (slot + np.uint64(1)) & mask
    return slots[slot]


@compiled
def fill_prints(prints, slots, bits, shift):  # type: ignore[no-untyped-def] # numba infers the types
    """Fill the table and the bits with distinct fingerprints."""
    mask = np.uint64(len(slots) - 1)
    for place in range(len(prints)):
        slot = prints[place] & mask
        while slots[slot] >= 0:
            slot = (slot + np.uint64(1)) & mask
        slots[slot] = place
        bit = prints[place] >> shift
        bits[bit >> np.uint64(6)] |= np.uint64(1) << (bit & np.uint64(63))


@compiled
def fill_powers(base, powers):  # type: ignore[no-untyped-def] # numba infers the types
    """Write the powers of each base."""
    for which in range(2):
        powers[which, 0] = np.uint64(1)
        for place in range(1, powers.shape[1]):
            powers[which, place] = _times(powers[which, place - 1], base[which])


@inlined
def _part(sums, powers, which, first, last):  # type: ignore[no-untyped-def] # numba infers the types
    """Give the hash of a part of a text, whose beginnings have these hashes."""
    before = _times(sums[which, first], powers[which, last - first])
    part = sums[which, last] + np.uint64(_PRIME) - before
    return part - np.uint64(_PRIME) if part >= np.uint64(_PRIME) else part


@compiled
def _sum(letters, count, base, sums):  # type: ignore[no-untyped-def] # numba infers the types
    """Write the hashes of all beginnings of a text."""
    for which in range(2):
        sums[which, 0] = np.uint64(0)
        for place in range(count):
            sums[which, place + 1] = _next(sums[which, place], letters[place], base[which])


@compiled
def _look(index, sums, count, place, at, seen, mark, row, hits, found):  # type: ignore[no-untyped-def] # numba infers the types
    """Write the needles of one fingerprint that stand at a place; give how many hits there are then."""
    for shape in range(index.shapes[at], index.shapes[at + 1]):
        first = place - index.offset[shape]
        last = first + index.length[shape]
        if first < 0 or last > count:
            continue
        one = _part(sums, index.powers, 0, first, last)
        low, high = index.starts[shape], index.starts[shape + 1]
        while low < high:
            middle = (low + high) // 2
            if index.first[middle] < one:
                low = middle + 1
            else:
                high = middle
        while low < index.starts[shape + 1] and index.first[low] == one:
            if seen[low] != mark and index.second[low] == _part(
                sums, index.powers, 1, first, last
            ):
                seen[low] = mark
                if found < len(hits):
                    hits[found, 0], hits[found, 1] = row, low
                found += 1
            low += 1
    return found


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
    letters = np.empty(_room(offsets, data, folding), np.uint32)
    sums = np.empty((2, 1), np.uint64)
    found = 0
    for row in range(len(offsets) - 1):
        count = fold_bytes(data, offsets[row], offsets[row + 1], folding, letters, 0)
        rolled = np.uint64(0)
        summed = False
        for place in range(count):
            rolled = _turned(rolled, 1) ^ keyed.symbols[letters[place]]
            if place >= WINDOW:
                rolled ^= _turned(keyed.symbols[letters[place - WINDOW]], WINDOW)
            if place < WINDOW - 1:
                continue
            final = _final(rolled, keyed.mixed)
            bit = final >> index.shift
            if index.bits[bit >> np.uint64(6)] >> (bit & np.uint64(63)) & np.uint64(1):
                at = _slot(index.slots, index.prints, final)
                if at >= 0:
                    if not summed:
                        if sums.shape[1] <= count:
                            sums = np.empty((2, count + 1), np.uint64)
                        _sum(letters, count, keyed.base, sums)
                        summed = True
                    start = place - (WINDOW - 1)
                    found = _look(
                        index, sums, count, start, at, seen, row + 1, row, hits, found
                    )
    return found
