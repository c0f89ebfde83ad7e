# SPDX-License-Identifier: Apache-2.0
"""Loops over texts: fold them, and fingerprint private ones; `needles.py` finds these in others.

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
PRIME: Final = (1 << 61) - 1
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


@inlined
def times(a, b):  # type: ignore[no-untyped-def] # numba infers the types
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
    total = (total & np.uint64(PRIME)) + (total >> np.uint64(61))
    return total - np.uint64(PRIME) if total >= np.uint64(PRIME) else total


@inlined
def next_letter(hashed, symbol, base):  # type: ignore[no-untyped-def] # numba infers the types
    """Go on by one letter; no letter counts as nothing."""
    more = times(hashed, base) + np.uint64(symbol) + np.uint64(1)
    return more - np.uint64(PRIME) if more >= np.uint64(PRIME) else more


@inlined
def turned(word, by):  # type: ignore[no-untyped-def] # numba infers the types
    """Turn a word's bits to the left."""
    return (word << np.uint64(by)) | (word >> np.uint64(64 - by))


@inlined
def final(word, mixed):  # type: ignore[no-untyped-def] # numba infers the types
    """Mix a rolling hash, so that its bits are as good as each other."""
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
def room(offsets, data, folding):  # type: ignore[no-untyped-def] # numba infers the types
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


@inlined
def _is_quoted(data, first, last):  # type: ignore[no-untyped-def] # numba infers the types
    place = first
    while place < last and data[place] in (_BLANK, _TAB):
        place += 1
    return place < last and data[place] == _MARK


@compiled
def _fold_own(data, first, last, folding, out):  # type: ignore[no-untyped-def] # numba infers the types
    """Fold the lines that are not quoted; give how many letters they have, or -1 where all are that."""
    count = -1
    place = first
    while place < last:
        end = _line_end(data, place, last)
        if _is_quoted(data, place, end):
            if count < 0:
                count = fold_bytes(data, first, place, folding, out, 0)
        elif count >= 0:
            count = fold_bytes(data, place, end, folding, out, count)
        place = end + 1
    return count


@compiled
def _needle(letters, first, last, keyed, out, at):  # type: ignore[no-untyped-def] # numba infers the types
    """Write a needle's fingerprint, its place in it, its length and its hashes."""
    symbols, mixed = keyed.symbols, keyed.mixed
    rolled = np.uint64(0)
    for place in range(first, first + WINDOW):
        rolled = turned(rolled, 1) ^ symbols[letters[place]]
    least, where = final(rolled, mixed), 0
    for start in range(first + 1, last - WINDOW + 1):
        gone = turned(symbols[letters[start - 1]], WINDOW)
        rolled = turned(rolled, 1) ^ symbols[letters[start + WINDOW - 1]] ^ gone
        print_ = final(rolled, mixed)
        if print_ < least:
            least, where = print_, start - first
    one, two = np.uint64(0), np.uint64(0)
    for place in range(first, last):
        one = next_letter(one, letters[place], keyed.base[0])
        two = next_letter(two, letters[place], keyed.base[1])
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
    most = room(offsets, data, folding)
    whole, own = np.empty(most, np.uint32), np.empty(most, np.uint32)
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
        mine, words = _fold_own(data, first, end, folding, own), own
        if mine < 0:
            mine, words = letters, whole
        elif WINDOW <= mine < letters:
            if found < len(out):
                row_of[found], kind_of[found] = row, WHOLE
                _needle(own, 0, mine, keyed, out, found)
            found += 1
        if passage > 0:
            for begin in range(0, mine - passage + 1, passage):
                if found < len(out):
                    row_of[found], kind_of[found] = row, PASSAGE
                    _needle(words, begin, begin + passage, keyed, out, found)
                found += 1
    return found
