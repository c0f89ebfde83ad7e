# SPDX-License-Identifier: Apache-2.0
"""Loops that group texts by number: number what was not seen before, deal into shares, put each group in order.

Texts are bytes with offsets, as Arrow has them. What is grouped, by what and why, is said where these are called.
"""

from __future__ import annotations

from typing import Final

import numpy as np

from privity.decide.kernel import compiled, prefetch
from privity.decide.kernel.ids import hash_bytes

_BLOCK: Final = 256
_SHORT: Final = 12
"""Groups up to this are put in order one by one."""
_MANY: Final = 32
"""Of more others than this each is not compared with each."""
_AHEAD: Final = 16
"""So many texts ahead what they need is asked for."""


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


@compiled
def text_words(heads, texts, starts, words):  # type: ignore[no-untyped-def] # numba infers the types
    """Write where each text begins, and eight bytes of it as a number, in whose order texts are as far as it goes.

    The eight bytes are those after what all of them begin with.

    Returns:
        How many bytes all of them begin with.
    """
    begin, shared = 0, 0
    for pair in range(len(heads)):
        length = int(heads[pair, 2])
        starts[pair] = begin
        if pair == 0 or length < shared:
            shared = length
        same = 0
        while same < shared and texts[begin + same] == texts[same]:
            same += 1
        shared = same
        begin += length
    for pair in range(len(heads)):
        word = np.uint64(0)
        length = int(heads[pair, 2]) - shared
        first = starts[pair] + shared
        for place in range(min(length, 8)):
            word |= np.uint64(texts[first + place]) << np.uint64(56 - 8 * place)
        words[pair] = word
    return shared


@compiled
def _before(one, other, after, heads, starts, texts):  # type: ignore[no-untyped-def] # numba infers the types
    """Compare two texts beyond some bytes: below 0 where one comes before the other, 0 where they are the same."""
    length, beside = np.int64(heads[one, 2]), np.int64(heads[other, 2])
    for place in range(after, min(length, beside)):
        difference = np.int64(texts[starts[one] + place]) - np.int64(
            texts[starts[other] + place]
        )
        if difference != 0:
            return difference
    return length - beside


@compiled
def _order(group, after, heads, starts, texts):  # type: ignore[no-untyped-def] # numba infers the types
    """Put texts in order that are the same up to some bytes: by merging, so that no order of arrival is slow."""
    size = len(group)
    for begin in range(0, size, _SHORT):
        for at in range(begin + 1, min(begin + _SHORT, size)):
            one, to = group[at], at
            while to > begin and _before(one, group[to - 1], after, heads, starts, texts) < 0:
                group[to] = group[to - 1]
                to -= 1
            group[to] = one
    spare = np.empty(size if size > _SHORT else 0, np.int64)
    width = _SHORT
    while width < size:
        for begin in range(0, size, 2 * width):
            middle, end = min(begin + width, size), min(begin + 2 * width, size)
            if middle == end:
                continue
            if _before(group[middle - 1], group[middle], after, heads, starts, texts) <= 0:
                continue
            spare[begin:middle] = group[begin:middle]
            left, right, to = begin, middle, begin
            while left < middle and right < end:
                if _before(spare[left], group[right], after, heads, starts, texts) <= 0:
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
def order_ties(heads, texts, starts, keys, order, after):  # type: ignore[no-untyped-def] # numba infers the types
    """Put pairs of one key in the order of their texts, and mark what is said again.

    Args:
        heads: Shape (pairs, 3): number, place and length of each text.
        texts: The texts' bytes, in the order of `heads`.
        starts: Shape (pairs): where each begins.
        keys: Shape (pairs): what `order` puts in order.
        order: Shape (pairs): the pairs in the order of the keys; -1 is written for a text that its key has already.
        after: How many bytes are the same where keys are.
    """
    first, pairs = 0, len(order)
    while first < pairs:
        key = keys[order[first]]
        last = first + 1
        while last < pairs and keys[order[last]] == key:
            last += 1
        if last - first > 1:
            _order(order[first:last], after, heads, starts, texts)
            kept = order[first]
            for at in range(first + 1, last):
                if _before(kept, order[at], after, heads, starts, texts) == 0:
                    order[at] = -1
                else:
                    kept = order[at]
        first = last


@compiled
def pack_texts(heads, texts, starts, order, lowest, counts, packed, packed_ends):  # type: ignore[no-untyped-def] # numba infers the types
    """Write the texts of all groups in an order, each after its length as 4 bytes, the highest first.

    Args:
        heads: Shape (pairs, 3): number, place and length of each text.
        texts: The texts' bytes, in the order of `heads`.
        starts: Shape (pairs): where each begins.
        order: Shape (pairs): the pairs, group by group; -1 is left out.
        lowest: The number of the first group.
        counts: Shape (groups), zeros: how many texts each has is written here.
        packed: The texts are written here.
        packed_ends: Shape (groups), zeros: where each group's end; 0 for one that has none.
    """
    # Places that cannot be below zero: nothing has to be counted from the end.
    written, one = np.uint64(0), np.uint64(1)
    for at in range(len(order)):
        ahead = at + _AHEAD
        if ahead < len(order):
            far = max(order[ahead], 0)
            prefetch(heads, far)
            prefetch(starts, far)
        nearer = at + _AHEAD // 2
        if nearer < len(order):
            prefetch(texts, starts[max(order[nearer], 0)])
        if order[at] < 0:
            continue
        pair = np.uint64(order[at])
        length, start = np.uint64(heads[pair, 2]), np.uint64(starts[pair])
        for shift in range(24, -8, -8):
            packed[written] = (length >> np.uint64(shift)) & np.uint64(255)
            written += one
        for place in range(length):
            packed[written + np.uint64(place)] = texts[start + np.uint64(place)]
        written += length
        group = np.uint64(heads[pair, 0]) - np.uint64(lowest)
        counts[group] += 1
        packed_ends[group] = written


@compiled
def pair_rows(authors, lengths, others, rows, numbers):  # type: ignore[no-untyped-def] # numba infers the types
    """Write for each row its author and its others, nobody twice.

    Args:
        authors: Shape (rows): numbers.
        lengths: Shape (rows): how many others each has.
        others: Their numbers, in the order of the rows.
        rows: Shape (rows + others): the row of each is written here.
        numbers: Shape (rows + others): and who.

    Returns:
        How many were written.
    """
    written, taken = 0, 0
    for row in range(len(authors)):
        first = written
        rows[written] = row
        numbers[written] = authors[row]
        written += 1
        end = taken + lengths[row]
        if lengths[row] > _MANY:
            mine = np.unique(others[taken:end])
            for one in range(len(mine)):
                if mine[one] != authors[row]:
                    rows[written] = row
                    numbers[written] = mine[one]
                    written += 1
            taken = end
        while taken < end:
            known = False
            for before in range(first, written):
                known |= numbers[before] == others[taken]
            if not known:
                rows[written] = row
                numbers[written] = others[taken]
                written += 1
            taken += 1
    return written
