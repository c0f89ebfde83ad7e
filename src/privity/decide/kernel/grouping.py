# SPDX-License-Identifier: Apache-2.0
"""Loops that group texts by number: number what was not seen before, deal into shares, put each group in order.

Texts are bytes with offsets, as Arrow has them. What is grouped, by what and why, is said where these are called.
"""

from __future__ import annotations

from typing import Final

import numpy as np

from privity.decide.kernel import compiled, copy_bytes, load_word, prefetch

_BLOCK: Final = 256
_SHORT: Final = 12
"""Groups up to this are put in order one by one."""
_MANY: Final = 32
"""Of more others than this each is not compared with each."""
_AHEAD: Final = 16
"""So many texts ahead what they need is asked for."""
_WORD: Final = 8
_LENGTH: Final = 4
_SOME: Final = 1 << 10
"""Texts, about, that say which bytes there are."""


@compiled
def hash_texts(offsets, data, seed, out):  # type: ignore[no-untyped-def] # numba infers the types
    """Write a hash of each text into `out`: multiply and fold, eight bytes at a time; the last eight overlap those before.

    What is done for each text stands in the loops, here and below: numba counts who has an array that is handed on to a
    function, which takes longer than all that is done for a short text.

    Args:
        offsets: Shape (rows + 1): where each text begins in `data`.
        data: The texts' bytes.
        seed: Unpredictable, so that nobody can make texts collide.
        out: Shape (rows).
    """
    for row in range(len(out)):
        place, last = offsets[row], offsets[row + 1]
        word = seed ^ (np.uint64(last - place) * np.uint64(0x9E3779B97F4A7C15))
        while place + _WORD <= last:
            word = (word ^ load_word(data, place)) * np.uint64(0xD6E8FEB86659FD93)
            word ^= word >> np.uint64(32)
            place += _WORD
        if place < last:
            rest = np.uint64(0)
            if last - offsets[row] >= _WORD:
                rest = load_word(data, last - _WORD)
            else:
                for step in range(last - place):
                    rest |= np.uint64(data[place + step]) << np.uint64(_WORD * step)
            word = (word ^ rest) * np.uint64(0xD6E8FEB86659FD93)
            word ^= word >> np.uint64(32)
        word *= np.uint64(0xD6E8FEB86659FD93)
        out[row] = word ^ (word >> np.uint64(29))


@compiled
def number_texts(  # type: ignore[no-untyped-def] # numba infers the types
    offsets, data, hashes, slots, known_hashes, known_offsets, known_data, known, out
):
    """Write the number of each text into `out`; one that was not seen yet gets the next.

    Args:
        offsets: Shape (rows + 1): where each text begins in `data`.
        data: The texts' bytes.
        hashes: Shape (rows): what `hash_texts` gives.
        slots: An open-addressing table of numbers, its size a power of two, more than twice the texts known and given.
        known_hashes: The hash of each known text; like the next two it has room for all that is given.
        known_offsets: Where each known text begins in `known_data`.
        known_data: Their bytes.
        known: How many there are.
        out: Shape (rows).

    Returns:
        How many there are now.
    """
    mask = np.uint64(len(slots) - 1)
    for begin in range(0, len(out), _BLOCK):
        stop = min(begin + _BLOCK, len(out))
        for row in range(begin, stop):
            prefetch(slots, hashes[row] & mask)
        for row in range(begin, stop):
            prefetch(known_offsets, max(slots[hashes[row] & mask], 0))
        for row in range(begin, stop):
            number = max(slots[hashes[row] & mask], 0)
            prefetch(known_data, known_offsets[number])
        for row in range(begin, stop):
            first = offsets[row]
            length = offsets[row + 1] - first
            slot = hashes[row] & mask
            found = -1
            while slots[slot] >= 0 and found < 0:
                number = slots[slot]
                start = known_offsets[number]
                same = known_offsets[number + 1] - start == length
                place = 0
                while same and place + _WORD < length:
                    same = load_word(data, first + place) == load_word(
                        known_data, start + place
                    )
                    place += _WORD
                if same and length >= _WORD:
                    end = length - _WORD
                    same = load_word(data, first + end) == load_word(known_data, start + end)
                    place = length
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
                copy_bytes(known_data, start, data, first, length)
                known_hashes[known] = hashes[row]
                known_offsets[known + 1] = start + length
                known += 1
            out[row] = found
    return known


@compiled
def slot_numbers(known_hashes, known, slots):  # type: ignore[no-untyped-def] # numba infers the types
    """Fill an empty table for `number_texts` with the texts known."""
    mask = np.uint64(len(slots) - 1)
    for number in range(known):
        slot = known_hashes[number] & mask
        while slots[slot] >= 0:
            slot = (slot + np.uint64(1)) & mask
        slots[slot] = number


@compiled
def count_shares(numbers, ends, offsets, shift, pairs, sizes):  # type: ignore[no-untyped-def] # numba infers the types
    """Count what `deal_texts` writes into each share.

    Args:
        numbers: Shape (pairs): what the texts are grouped by; a share is a number without its last bits.
        ends: Shape (rows + 1): where the numbers of each text begin.
        offsets: Shape (rows + 1): where each text begins.
        shift: How many bits.
        pairs: Shape (shares), zeros: how many pairs each has.
        sizes: Shape (shares), zeros: how many bytes.
    """
    down = np.uint64(shift)
    for row in range(len(offsets) - 1):
        length = offsets[row + 1] - offsets[row]
        for pair in range(ends[row], ends[row + 1]):
            share = np.uint64(numbers[pair]) >> down
            pairs[share] += 1
            sizes[share] += length


@compiled
def deal_texts(numbers, ends, first, offsets, data, shift, heads, texts, head_at, text_at):  # type: ignore[no-untyped-def] # numba infers the types
    """Deal rows' texts into shares, each in one stretch of `heads` and one of `texts`.

    Args:
        numbers: As `count_shares` has them.
        ends: The same.
        first: What is added to a row to say its place.
        offsets: Shape (rows + 1): where each text begins in `data`.
        data: The texts' bytes.
        shift: As `count_shares` has it.
        heads: Shape (pairs, 3): number, place and length of each are written here.
        texts: The bytes are written here.
        head_at: Shape (shares): where each stretch of `heads` begins; where it ends, afterwards.
        text_at: Likewise of `texts`.
    """
    down = np.uint64(shift)
    for row in range(len(offsets) - 1):
        begin = offsets[row]
        length = offsets[row + 1] - begin
        for pair in range(ends[row], ends[row + 1]):
            share = np.uint64(numbers[pair]) >> down
            at = head_at[share]
            heads[at, 0] = numbers[pair]
            heads[at, 1] = first + row
            heads[at, 2] = length
            head_at[share] = at + 1
            to = text_at[share]
            copy_bytes(texts, to, data, begin, length)
            text_at[share] = to + length


@compiled
def text_keys(heads, texts, lowest, groups, starts, keys):  # type: ignore[no-untyped-def] # numba infers the types
    """Write of each text a number that has its group, then as much of it as there is room for, then which it is.

    What all texts begin with is left out. Of what follows each byte takes as few bits as tell the bytes of some of the
    texts apart. A byte that is beyond these ends what is written: so the numbers never say another order than the texts.

    Args:
        heads: Shape (pairs, 3): number, place and length of each text.
        texts: The texts' bytes, in the order of `heads`.
        lowest: The number of the first group.
        groups: How many bits say which group it is.
        starts: Shape (pairs + 1): where each text begins, and the last one ends, is written here.
        keys: Shape (pairs).

    Returns:
        How many bytes all of them begin with, and how many of the last bits of a number say which text it is.
    """
    begin, shared, last = 0, 0, 0
    while len(heads) >> last:
        last += 1
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
    starts[len(heads)] = begin
    low, high = 255, 0
    for pair in range(0, len(heads), max(1, len(heads) // _SOME)):
        first = starts[pair] + shared
        for place in range(first, min(first + _WORD, starts[pair] + np.int64(heads[pair, 2]))):
            low, high = min(low, int(texts[place])), max(high, int(texts[place]))
    width = 1
    while (max(high - low, 0) + 2) >> width:
        width += 1
    # 0 stands for the end, and for what is below the lowest.
    codes, ending = np.empty(256, np.uint64), np.empty(256, np.bool_)
    for byte in range(256):
        codes[byte] = max(min(byte, high + 1) - low + 1, 0)
        ending[byte] = not low <= byte <= high
    for pair in range(len(heads)):
        key = (np.uint64(heads[pair, 0]) - np.uint64(lowest)) << np.uint64(64 - groups)
        room = 64 - groups - width
        place = starts[pair] + shared
        end = starts[pair] + np.int64(heads[pair, 2])
        while room >= last and place < end:
            byte = texts[place]
            key |= codes[byte] << np.uint64(room)
            place = end if ending[byte] else place + 1
            room -= width
        keys[pair] = key | np.uint64(pair)
    return shared, last


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
def order_ties(heads, texts, starts, keys, after, last, order):  # type: ignore[no-untyped-def] # numba infers the types
    """Put texts in the order of their keys, those of one key in that of their bytes, and mark what is said again.

    Args:
        heads: Shape (pairs, 3): number, place and length of each text.
        texts: The texts' bytes, in the order of `heads`.
        starts: Shape (pairs): where each begins.
        keys: Shape (pairs): what `text_keys` gives, in order.
        after: How many bytes all texts begin with.
        last: How many of a key's last bits say which text it is.
        order: Shape (pairs): which text is written here; -1 for one that its group has already.
    """
    first, pairs = 0, len(keys)
    down = np.uint64(last)
    which = (np.uint64(1) << down) - np.uint64(1)
    while first < pairs:
        key = keys[first] >> down
        end = first
        while end < pairs and keys[end] >> down == key:
            order[end] = keys[end] & which
            end += 1
        if end - first > 1:
            _order(order[first:end], after, heads, starts, texts)
            kept = order[first]
            for at in range(first + 1, end):
                if _before(kept, order[at], after, heads, starts, texts) == 0:
                    order[at] = -1
                else:
                    kept = order[at]
        first = end


@compiled
def pack_texts(texts, starts, keys, order, groups, counts, packed, packed_ends):  # type: ignore[no-untyped-def] # numba infers the types
    """Write the texts of all groups in an order, each after its length as 4 bytes, the highest first.

    Args:
        texts: The texts' bytes.
        starts: Shape (pairs + 1): where each begins, and the last one ends.
        keys: Shape (pairs): what `text_keys` gives, in order.
        order: Shape (pairs): which text stands there; -1 is left out.
        groups: How many of a key's first bits say which group it is.
        counts: Shape (groups), zeros: how many texts each has is written here.
        packed: The texts are written here.
        packed_ends: Shape (groups), zeros: where each group's end; 0 for one that has none.
    """
    written = 0
    up = np.uint64(64 - groups)
    for at in range(len(order)):
        ahead = at + _AHEAD
        if ahead < len(order):
            prefetch(starts, max(order[ahead], 0))
        nearer = at + _AHEAD // 2
        if nearer < len(order):
            prefetch(texts, starts[max(order[nearer], 0)])
        pair = order[at]
        if pair < 0:
            continue
        start = starts[pair]
        length = starts[pair + 1] - start
        for place in range(_LENGTH):
            packed[written + place] = length >> 8 * (_LENGTH - 1 - place) & 255
        written += _LENGTH
        copy_bytes(packed, written, texts, start, length)
        written += length
        group = keys[at] >> up
        counts[group] += 1
        packed_ends[group] = written


@compiled
def pair_rows(authors, lengths, others, ends, numbers):  # type: ignore[no-untyped-def] # numba infers the types
    """Write for each row its author and its others, nobody twice.

    Args:
        authors: Shape (rows): numbers.
        lengths: Shape (rows): how many others each has.
        others: Their numbers, in the order of the rows.
        ends: Shape (rows + 1), the first 0: where the numbers of each row end is written here.
        numbers: Shape (rows + others): the numbers are written here.
    """
    written, taken = 0, 0
    for row in range(len(authors)):
        first = written
        numbers[written] = authors[row]
        written += 1
        end = taken + lengths[row]
        if lengths[row] > _MANY:
            mine = np.unique(others[taken:end])
            for one in range(len(mine)):
                if mine[one] != authors[row]:
                    numbers[written] = mine[one]
                    written += 1
            taken = end
        while taken < end:
            known = False
            for before in range(first, written):
                known |= numbers[before] == others[taken]
            if not known:
                numbers[written] = others[taken]
                written += 1
            taken += 1
        ends[row + 1] = written
