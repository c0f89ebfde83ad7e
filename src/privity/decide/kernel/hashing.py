# SPDX-License-Identifier: Apache-2.0
"""SHA-256 of many messages of one length, as many at a time as the processor has lanes (FIPS 180-4).

Short messages cost a library more to begin and to end than to hash: a digest of 65 bytes takes it four times as long.
"""

from __future__ import annotations

from math import isqrt
from typing import Final

import numpy as np

from privity.decide.kernel import compiled, inlined

LANES: Final = 64
"""Messages that go through each round together: a few of the processor's widest words, and all in its nearest memory."""
_ROUNDS: Final = 64
_WORDS: Final = 16
_STATE: Final = 8
_HALF: Final = _STATE // 2
_LATER: Final = np.uint64(1)


def _cube_root(number: int) -> int:
    """Give the whole part of a cube root."""
    low, high = 0, 1 << (number.bit_length() // 3 + 1)
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (middle, high) if middle**3 <= number else (low, middle)
    return low


_PRIMES: Final = [one for one in range(2, 312) if all(one % two for two in range(2, one))]
# The first 32 bits of what stands behind the point of the primes' cube roots, and of the first eight's square roots.
_ADDED: Final = np.array([_cube_root(one << 96) % (1 << 32) for one in _PRIMES], np.uint32)
_FIRST: Final = np.array([isqrt(one << 64) % (1 << 32) for one in _PRIMES[:_STATE]], np.uint32)


@inlined
def _turned(word, places):  # type: ignore[no-untyped-def] # numba infers the types
    return (word >> np.uint32(places)) | (word << np.uint32(32 - places))


@inlined
def _swapped(word):  # type: ignore[no-untyped-def] # numba infers the types
    """Turn the order of four bytes round."""
    return (
        (word >> np.uint32(24))
        | ((word >> np.uint32(8)) & np.uint32(0xFF00))
        | ((word << np.uint32(8)) & np.uint32(0xFF0000))
        | (word << np.uint32(24))
    )


@compiled
def _round(place, some, others, words):  # type: ignore[no-untyped-def] # numba infers the types
    """Do one round for all lanes.

    Of the eight words of a round, three of either half are those of the round before, moved on; so each half is a
    ring, to which a round adds one word.
    """
    one, two, three = place + _LATER, place + np.uint64(2), place + np.uint64(3)
    ring, wide = np.uint64(_STATE - 1), np.uint64(_WORDS - 1)
    first, second, third, last = place & ring, one & ring, two & ring, three & ring
    new, word = (place + np.uint64(_HALF)) & ring, place & wide
    if place >= np.uint64(_WORDS):
        near, middle = one & wide, (place + np.uint64(9)) & wide
        far = (place + np.uint64(14)) & wide
        for lane in range(LANES):
            low, high = words[near, lane], words[far, lane]
            words[word, lane] += (
                (_turned(low, 7) ^ _turned(low, 18) ^ (low >> np.uint32(3)))
                + words[middle, lane]
                + (_turned(high, 17) ^ _turned(high, 19) ^ (high >> np.uint32(10)))
            )
    added = _ADDED[place]
    for lane in range(LANES):
        choosing = others[last, lane]
        mixed = (
            others[first, lane]
            + (_turned(choosing, 6) ^ _turned(choosing, 11) ^ _turned(choosing, 25))
            + (others[second, lane] ^ (choosing & (others[third, lane] ^ others[second, lane])))
            + added
            + words[word, lane]
        )
        others[new, lane] = some[first, lane] + mixed
        high = some[last, lane]
        some[new, lane] = (
            mixed
            + (_turned(high, 2) ^ _turned(high, 13) ^ _turned(high, 22))
            + ((high & some[third, lane]) | (some[second, lane] & (high | some[third, lane])))
        )


@compiled
def hash_padded(messages, out):  # type: ignore[no-untyped-def] # numba infers the types
    """Write the SHA-256 of each message.

    Args:
        messages: Shape (messages, 16 * blocks), words of 32 bits: the messages' bytes as they lie, filled up as SHA-256
            has it.
        out: Shape (messages, 8), words of 32 bits: the digests' bytes are written here.
    """
    some, others = (
        np.empty((_STATE, LANES), np.uint32),
        np.empty((_STATE, LANES), np.uint32),
    )
    words = np.zeros((_WORDS, LANES), np.uint32)
    state = np.empty((_STATE, LANES), np.uint32)
    for begin in range(0, len(messages), LANES):
        lanes = min(LANES, len(messages) - begin)
        for place in range(_STATE):
            state[place, :] = _FIRST[place]
        for block in range(0, messages.shape[1], _WORDS):
            for lane in range(lanes):
                for place in range(_WORDS):
                    words[place, lane] = _swapped(messages[begin + lane, block + place])
            for place in range(_HALF):
                some[_HALF - 1 - place, :] = state[place, :]
                others[_HALF - 1 - place, :] = state[_HALF + place, :]
            for place in range(_ROUNDS):
                _round(np.uint64(place), some, others, words)
            for place in range(_HALF):
                state[place, :] += some[_HALF - 1 - place, :]
                state[_HALF + place, :] += others[_HALF - 1 - place, :]
        for lane in range(lanes):
            for place in range(_STATE):
                out[begin + lane, place] = _swapped(state[place, lane])
