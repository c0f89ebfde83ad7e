# SPDX-License-Identifier: Apache-2.0
"""Loops over ids: hashing strings, and open-addressing tables of indexes."""

from __future__ import annotations

from typing import Final

import numpy as np

from privity.decide.kernel import compiled, inlined, prefetch
from privity.decide.kernel.rows import EMPTY_PLACE, UNKNOWN_MEMBER

_WORD: Final = 8
MOST_PACKED: Final = 15
"""Strings of so many bytes fit two words with their length."""

_BLOCK: Final = 256
"""Ids looked up together: what they need is touched first, so that memory is not waited for in turn."""


@inlined
def hash_bytes(data, first, last, seed):  # type: ignore[no-untyped-def] # numba infers the types
    """Hash bytes: multiply and fold, eight at a time."""
    word = seed ^ (np.uint64(last - first) * np.uint64(0x9E3779B97F4A7C15))
    place = first
    while place + 8 <= last:
        chunk = np.uint64(0)
        for step in range(8):
            chunk |= np.uint64(data[place + step]) << np.uint64(8 * step)
        word = (word ^ chunk) * np.uint64(0xD6E8FEB86659FD93)
        word ^= word >> np.uint64(32)
        place += 8
    chunk = np.uint64(0)
    step = 0
    while place < last:
        chunk |= np.uint64(data[place]) << np.uint64(8 * step)
        place += 1
        step += 1
    word = (word ^ chunk) * np.uint64(0xD6E8FEB86659FD93)
    word ^= word >> np.uint64(32)
    word *= np.uint64(0xD6E8FEB86659FD93)
    return word ^ (word >> np.uint64(29))


@inlined
def _mix(number):  # type: ignore[no-untyped-def] # numba infers the types
    word = np.uint64(number) * np.uint64(0x9E3779B97F4A7C15)
    return word ^ (word >> np.uint64(32))


@compiled
def hash_strings(offsets, data, seed, out):  # type: ignore[no-untyped-def] # numba infers the types
    """Write a seeded 64-bit hash of each string into `out`."""
    for row in range(len(out)):
        out[row] = hash_bytes(data, offsets[row], offsets[row + 1], seed)


@compiled
def fill_strings(offsets, data, slots):  # type: ignore[no-untyped-def] # numba infers the types
    """Fill an open-addressing table with distinct strings."""
    mask = np.uint64(len(slots) - 1)
    for row in range(len(offsets) - 1):
        slot = hash_bytes(data, offsets[row], offsets[row + 1], np.uint64(0)) & mask
        while slots[slot] >= 0:
            slot = (slot + np.uint64(1)) & mask
        slots[slot] = row


@compiled
def find_strings(offsets, data, id_offsets, id_data, slots, out):  # type: ignore[no-untyped-def] # numba infers the types
    """Write into `out` the index of each string, or what it is instead."""
    mask = np.uint64(len(slots) - 1)
    homes = np.empty(_BLOCK, np.uint64)
    for begin in range(0, len(out), _BLOCK):
        stop = min(begin + _BLOCK, len(out))
        for row in range(begin, stop):
            home = hash_bytes(data, offsets[row], offsets[row + 1], np.uint64(0)) & mask
            homes[row - begin] = home
            prefetch(slots, home)
        for row in range(begin, stop):
            prefetch(id_offsets, max(slots[homes[row - begin]], 0))
        for row in range(begin, stop):
            prefetch(id_data, id_offsets[max(slots[homes[row - begin]], 0)])
        for row in range(begin, stop):
            first = offsets[row]
            length = offsets[row + 1] - first
            if length == 0:
                out[row] = EMPTY_PLACE
                continue
            out[row] = UNKNOWN_MEMBER
            slot = homes[row - begin]
            while slots[slot] >= 0:
                index = slots[slot]
                start = id_offsets[index]
                same = id_offsets[index + 1] - start == length
                place = 0
                while same and place < length:
                    same = data[first + place] == id_data[start + place]
                    place += 1
                if same:
                    out[row] = index
                    break
                slot = (slot + np.uint64(1)) & mask


@compiled
def find_dense(numbers, lowest, dense, out):  # type: ignore[no-untyped-def] # numba infers the types
    """Write into `out` what a dense table says of each number."""
    for row in range(len(out)):
        # Compared before it is subtracted, so that no id wraps round.
        if numbers[row] < lowest or numbers[row] > lowest + len(dense) - 1:
            out[row] = UNKNOWN_MEMBER
        else:
            out[row] = dense[numbers[row] - lowest]


@compiled
def mix_numbers(numbers, out):  # type: ignore[no-untyped-def] # numba infers the types
    """Write a 64-bit hash of each number into `out`; its highest bits say where it is kept."""
    for row in range(len(out)):
        out[row] = _mix(numbers[row])


@compiled
def find_numbers(numbers, ids, starts, shift, out):  # type: ignore[no-untyped-def] # numba infers the types
    """Write into `out` the index of each number, or `UNKNOWN_MEMBER`.

    Args:
        numbers: Shape (rows).
        ids: Shape (members), in the order of the hashes' highest bits.
        starts: Shape (buckets + 1): where the ids of each value of these bits begin.
        shift: How far down these bits are moved.
        out: Shape (rows).
    """
    homes = np.empty(_BLOCK, np.uint64)
    down = np.uint64(shift)
    for begin in range(0, len(out), _BLOCK):
        stop = min(begin + _BLOCK, len(out))
        for row in range(begin, stop):
            home = _mix(numbers[row]) >> down
            homes[row - begin] = home
            prefetch(starts, home)
        for row in range(begin, stop):
            prefetch(ids, starts[homes[row - begin]])
        for row in range(begin, stop):
            number, home = numbers[row], homes[row - begin]
            place, end = np.uint64(starts[home]), np.uint64(starts[home + np.uint64(1)])
            while place < end and ids[place] != number:
                place += np.uint64(1)
            out[row] = place if place < end else UNKNOWN_MEMBER


@compiled
def gather_repeated(keys, marks, found):  # type: ignore[no-untyped-def] # numba infers the types
    """Mark keys in a table of bits, and gather those whose bit was marked before.

    Every key that stands again is gathered, and a few others, for which somebody has to look.

    Args:
        keys: Shape (rows).
        marks: A table of words, its size a power of two; changed in place.
        found: Shape (rows): written from its beginning.

    Returns:
        How many were gathered.
    """
    count = 0
    shift = np.uint64(64)
    size = np.uint64(len(marks)) * np.uint64(64)
    while size > np.uint64(1):
        size >>= np.uint64(1)
        shift -= np.uint64(1)
    places = np.empty(_BLOCK, np.uint64)
    for begin in range(0, len(keys), _BLOCK):
        stop = min(begin + _BLOCK, len(keys))
        for row in range(begin, stop):
            place = (keys[row] * np.uint64(0x9E3779B97F4A7C15)) >> shift
            places[row - begin] = place
            prefetch(marks, place >> np.uint64(6))
        for row in range(begin, stop):
            word = places[row - begin] >> np.uint64(6)
            bit = np.uint64(1) << (places[row - begin] & np.uint64(63))
            if marks[word] & bit:
                found[count] = keys[row]
                count += 1
            else:
                marks[word] |= bit
    return count


@compiled
def find_wanted(keys, wanted, starts, down, marks, rows, places):  # type: ignore[no-untyped-def] # numba infers the types
    """Find the rows whose key is wanted.

    Args:
        keys: Shape (rows).
        wanted: Distinct keys, in the order of the hashes' highest bits, then a spare one.
        starts: As `find_numbers` has them.
        down: Its `shift`.
        marks: A table of bits in which the wanted keys are marked.
        rows: Shape (rows): written from its beginning.
        places: Shape (rows): each found row's place in `wanted`, written likewise.

    Returns:
        How many were found.
    """
    count = 0
    shift = np.uint64(64)
    size = np.uint64(len(marks)) * np.uint64(64)
    while size > np.uint64(1):
        size >>= np.uint64(1)
        shift -= np.uint64(1)
    homes = np.empty(_BLOCK, np.uint64)
    for begin in range(0, len(keys), _BLOCK):
        stop = min(begin + _BLOCK, len(keys))
        for row in range(begin, stop):
            place = (keys[row] * np.uint64(0x9E3779B97F4A7C15)) >> shift
            homes[row - begin] = place
            prefetch(marks, place >> np.uint64(6))
        for row in range(begin, stop):
            place = homes[row - begin]
            if not marks[place >> np.uint64(6)] >> (place & np.uint64(63)) & np.uint64(1):
                continue
            number = np.int64(keys[row])
            home = _mix(number) >> np.uint64(down)
            slot, end = np.uint64(starts[home]), np.uint64(starts[home + np.uint64(1)])
            while slot < end and wanted[slot] != number:
                slot += np.uint64(1)
            if slot < end:
                rows[count] = row
                places[count] = slot
                count += 1
    return count


@inlined
def _packed(data, first, last):  # type: ignore[no-untyped-def] # numba infers the types
    """Pack a string of at most 15 bytes into two words; the highest byte is its length."""
    low, high = np.uint64(0), np.uint64(last - first) << np.uint64(56)
    place, end = np.uint64(first), np.uint64(last)
    shift = np.uint64(0)
    if end - place >= np.uint64(_WORD):
        for step in range(_WORD):
            low |= np.uint64(data[place + np.uint64(step)]) << np.uint64(_WORD * step)
        place += np.uint64(_WORD)
        while place < end:
            high |= np.uint64(data[place]) << shift
            place += np.uint64(1)
            shift += np.uint64(_WORD)
    else:
        while place < end:
            low |= np.uint64(data[place]) << shift
            place += np.uint64(1)
            shift += np.uint64(_WORD)
    return low, high


@inlined
def _mixed(low, high):  # type: ignore[no-untyped-def] # numba infers the types
    word = (low ^ (high * np.uint64(0x9E3779B97F4A7C15))) * np.uint64(0xD6E8FEB86659FD93)
    word ^= word >> np.uint64(32)
    word *= np.uint64(0xD6E8FEB86659FD93)
    return word ^ (word >> np.uint64(29))


@compiled
def pack_strings(offsets, data, out):  # type: ignore[no-untyped-def] # numba infers the types
    """Write strings of at most 15 bytes into `out`, shape (strings, 2)."""
    for row in range(len(out)):
        out[row, 0], out[row, 1] = _packed(data, offsets[row], offsets[row + 1])


@compiled
def mix_packed(packed, out):  # type: ignore[no-untyped-def] # numba infers the types
    """Write a 64-bit hash of each packed string into `out`."""
    for row in range(len(out)):
        out[row] = _mixed(packed[row, 0], packed[row, 1])


@compiled
def find_packed(offsets, data, packed, starts, shift, out):  # type: ignore[no-untyped-def] # numba infers the types
    """Write into `out` the index of each string among packed ones, or what it is instead.

    Args:
        offsets: Shape (rows + 1): where each string begins in `data`.
        data: Bytes.
        packed: Shape (members, 2), in the order of the hashes' highest bits.
        starts: As `find_numbers` has them.
        shift: The same.
        out: Shape (rows).
    """
    words = np.empty((_BLOCK, 2), np.uint64)
    homes = np.zeros(_BLOCK, np.uint64)
    down = np.uint64(shift)
    for begin in range(0, len(out), _BLOCK):
        stop = min(begin + _BLOCK, len(out))
        for row in range(begin, stop):
            first, last = offsets[row], offsets[row + 1]
            low, high = np.uint64(0), np.uint64(0)
            if last - first <= MOST_PACKED:
                low, high = _packed(data, first, last)
            words[row - begin, 0], words[row - begin, 1] = low, high
            homes[row - begin] = _mixed(low, high) >> down
            prefetch(starts, homes[row - begin])
        for row in range(begin, stop):
            prefetch(packed, starts[homes[row - begin]])
        for row in range(begin, stop):
            length = offsets[row + 1] - offsets[row]
            out[row] = UNKNOWN_MEMBER if length else EMPTY_PLACE
            if 0 < length <= MOST_PACKED:
                home = homes[row - begin]
                low, high = words[row - begin, 0], words[row - begin, 1]
                place, end = np.uint64(starts[home]), np.uint64(starts[home + np.uint64(1)])
                while place < end and (packed[place, 0] != low or packed[place, 1] != high):
                    place += np.uint64(1)
                if place < end:
                    out[row] = place
