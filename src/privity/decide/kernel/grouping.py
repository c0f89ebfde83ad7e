# SPDX-License-Identifier: Apache-2.0
"""Loops that group texts by number: number what was not seen before, deal into shares, put each group in order.

Texts are bytes with offsets, as Arrow has them. What is grouped, by what and why, is said where these are called.
"""

from __future__ import annotations

from typing import Final

import numpy as np

from privity.decide.kernel import compiled, inlined, prefetch
from privity.decide.kernel.ids import hash_bytes

_BLOCK: Final = 256
_SHORT: Final = 12
"""Groups up to this are put in order one by one."""


@compiled
def number_texts(offsets, data, seed, slots, known_offsets, known_data, known, out):  # type: ignore[no-untyped-def] # numba infers the types
    """Write the number of each text into `out`; one that was not seen yet gets the next.

    Args:
        offsets: Shape (rows + 1): where each text begins in `data`.
        data: The texts' bytes.
        seed: Of the hash; unpredictable, so that nobody can make texts collide.
        slots: An open-addressing table of numbers, its size a power of two, more than twice the texts known and given.
        known_offsets: Where each known text begins in `known_data`; both have room for all that is given.
        known_data: Their bytes.
        known: How many there are.
        out: Shape (rows).

    Returns:
        How many there are now.
    """
    mask = np.uint64(len(slots) - 1)
    homes = np.empty(_BLOCK, np.uint64)
    for begin in range(0, len(out), _BLOCK):
        stop = min(begin + _BLOCK, len(out))
        for row in range(begin, stop):
            home = hash_bytes(data, offsets[row], offsets[row + 1], seed) & mask
            homes[row - begin] = home
            prefetch(slots, home)
        for row in range(begin, stop):
            prefetch(known_offsets, max(slots[homes[row - begin]], 0))
        for row in range(begin, stop):
            prefetch(known_data, known_offsets[max(slots[homes[row - begin]], 0)])
        for row in range(begin, stop):
            first = offsets[row]
            length = offsets[row + 1] - first
            slot = homes[row - begin]
            found = -1
            while slots[slot] >= 0 and found < 0:
                number = slots[slot]
                start = known_offsets[number]
                same = known_offsets[number + 1] - start == length
                place = 0
                while same and place < length:
                    same = data[first + place] == known_data[start + place]
                    place += 1
                if same:
                    found = number
                else:
                    slot = (slot + np.uint64(1)) & mask
            if found < 0:
                found = known
                slots[slot] = known
                start = known_offsets[known]
                for place in range(length):
                    known_data[start + place] = data[first + place]
                known_offsets[known + 1] = start + length
                known += 1
            out[row] = found
    return known


@compiled
def slot_numbers(known_offsets, known_data, known, seed, slots):  # type: ignore[no-untyped-def] # numba infers the types
    """Fill an empty table for `number_texts` with the texts known."""
    mask = np.uint64(len(slots) - 1)
    for number in range(known):
        slot = (
            hash_bytes(known_data, known_offsets[number], known_offsets[number + 1], seed)
            & mask
        )
        while slots[slot] >= 0:
            slot = (slot + np.uint64(1)) & mask
        slots[slot] = number


@compiled
def deal_texts(shares, numbers, rows, first, offsets, data, heads, texts, head_at, text_at):  # type: ignore[no-untyped-def] # numba infers the types
    """Deal rows' texts into shares, each in one stretch of `heads` and one of `texts`.

    Args:
        shares: Shape (pairs): which share.
        numbers: Shape (pairs): what the text is grouped by.
        rows: Shape (pairs): which text.
        first: What is added to a row to say its place.
        offsets: Shape (rows + 1): where each text begins in `data`.
        data: The texts' bytes.
        heads: Shape (pairs, 3): number, place and length of each are written here.
        texts: The bytes are written here.
        head_at: Shape (shares): where each stretch of `heads` begins; where it ends, afterwards.
        text_at: Likewise of `texts`.
    """
    for pair in range(len(shares)):
        share, row = shares[pair], rows[pair]
        begin, end = offsets[row], offsets[row + 1]
        at = head_at[share]
        heads[at, 0] = numbers[pair]
        heads[at, 1] = first + row
        heads[at, 2] = end - begin
        head_at[share] = at + 1
        to = text_at[share]
        for place in range(begin, end):
            texts[to] = data[place]
            to += 1
        text_at[share] = to


@inlined
def _first_bytes(texts, begin, length):  # type: ignore[no-untyped-def] # numba infers the types
    """Give the first eight bytes as a number that is in the same order as they are."""
    word = np.uint64(0)
    for place in range(min(length, 8)):
        word |= np.uint64(texts[begin + place]) << np.uint64(56 - 8 * place)
    return word


@compiled
def _before(one, other, words, starts, lengths, texts):  # type: ignore[no-untyped-def] # numba infers the types
    """Compare two texts: -1 where one comes before the other, 0 where they are the same, 1 else."""
    if words[one] != words[other]:
        return -1 if words[one] < words[other] else 1
    shared = min(lengths[one], lengths[other])
    for place in range(8, shared):
        difference = np.int64(texts[starts[one] + place]) - np.int64(
            texts[starts[other] + place]
        )
        if difference != 0:
            return -1 if difference < 0 else 1
    return np.sign(lengths[one] - lengths[other])


@compiled
def _order(group, spare, words, starts, lengths, texts):  # type: ignore[no-untyped-def] # numba infers the types
    """Put a group's indexes in the order of their texts: by merging, so that no order of arrival is slow."""
    size = len(group)
    for begin in range(0, size, _SHORT):
        for at in range(begin + 1, min(begin + _SHORT, size)):
            one, to = group[at], at
            while to > begin and _before(one, group[to - 1], words, starts, lengths, texts) < 0:
                group[to] = group[to - 1]
                to -= 1
            group[to] = one
    width = _SHORT
    while width < size:
        for begin in range(0, size, 2 * width):
            middle, end = min(begin + width, size), min(begin + 2 * width, size)
            if (
                middle == end
                or _before(group[middle - 1], group[middle], words, starts, lengths, texts) <= 0
            ):
                continue
            spare[begin:middle] = group[begin:middle]
            left, right, to = begin, middle, begin
            while left < middle and right < end:
                if _before(spare[left], group[right], words, starts, lengths, texts) <= 0:
                    group[to] = spare[left]
                    left += 1
                else:
                    group[to] = group[right]
                    right += 1
                to += 1
            while left < middle:
                group[to] = spare[left]
                left += 1
                to += 1
        width *= 2


@compiled
def group_texts(heads, texts, lowest, counts, places, place_ends, packed, packed_ends):  # type: ignore[no-untyped-def] # numba infers the types
    """Group a share by number: each group's places, and its texts, each once and in the order of their bytes.

    Args:
        heads: Shape (pairs, 3): number, place and length of each text; places ascend.
        texts: The texts' bytes, in the order of `heads`.
        lowest: The number of the first group.
        counts: Shape (groups): how many distinct texts each has is written here.
        places: Shape (pairs): each group's places are written here, each once, ascending.
        place_ends: Shape (groups): where they end.
        packed: Each group's texts are written here, each after its length as 4 bytes, the highest first.
        packed_ends: Shape (groups): where they end.
    """
    pairs, groups = len(heads), len(counts)
    starts = np.empty(pairs, np.int64)
    lengths = np.empty(pairs, np.int64)
    words = np.empty(pairs, np.uint64)
    ends = np.zeros(groups + 1, np.int64)
    begin = 0
    for pair in range(pairs):
        lengths[pair] = heads[pair, 2]
        starts[pair] = begin
        words[pair] = _first_bytes(texts, begin, lengths[pair])
        begin += lengths[pair]
        ends[np.int64(heads[pair, 0]) - lowest + 1] += 1
    for group in range(groups):
        ends[group + 1] += ends[group]
    order = np.empty(pairs, np.int64)
    to = ends[:groups].copy()
    for pair in range(pairs):
        group = np.int64(heads[pair, 0]) - lowest
        order[to[group]] = pair
        to[group] += 1
    spare = np.empty(pairs, np.int64)
    placed, written = 0, 0
    for group in range(groups):
        mine = order[ends[group] : ends[group + 1]]
        for at in range(len(mine)):
            if at == 0 or heads[mine[at], 1] != heads[mine[at - 1], 1]:
                places[placed] = heads[mine[at], 1]
                placed += 1
        place_ends[group] = placed
        _order(mine, spare, words, starts, lengths, texts)
        counts[group] = 0
        for at in range(len(mine)):
            one = mine[at]
            if at and _before(mine[at - 1], one, words, starts, lengths, texts) == 0:
                continue
            counts[group] += 1
            for shift in range(4):
                packed[written + shift] = (lengths[one] >> (24 - 8 * shift)) & 255
            written += 4
            for place in range(lengths[one]):
                packed[written + place] = texts[starts[one] + place]
            written += lengths[one]
        packed_ends[group] = written
