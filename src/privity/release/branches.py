# SPDX-License-Identifier: Apache-2.0
"""The prefix tree over many leaves at a time (specs/release.md, part 2): its root, or the file of its leaves.

The tree is that of `ledger.prefix`, which goes leaf by leaf. Here all that stands at one depth is hashed together.
"""

from __future__ import annotations

from pathlib import Path
from typing import Final

import numpy as np
import numpy.typing as npt

from privity.ledger.prefix import DEEPEST, NOTHING, crown_bits, not_in_order
from privity.ledger.tree import HASH_SIZE
from privity.release.alike import sha256_of
from privity.release.aside import settle
from privity.release.leaves import Leaves

Bytes = npt.NDArray[np.uint8]
Ints = npt.NDArray[np.int64]

_AT_ONCE: Final = 1 << 12
_BYTE: Final = 8
_LEAF: Final = b"\x02"
_NODE: Final = b"\x03"


def root_of_leaves(tags: Bytes, values: Bytes) -> bytes:
    """Give the root of the tree.

    Args:
        tags: Shape (leaves, 32), in order.
        values: Shape (leaves, 32).

    Raises:
        InputError: Two tags are the same, or they are not in order (`ledger/prefix-order`).
    """
    return bytes(hash_branches(tags, values, 0, 0, 1)[0])


def write_leaves(path: Path, tags: Bytes, values: Bytes) -> Leaves:
    """Write the file of leaves in order.

    Args:
        path: The file, made anew.
        tags: Shape (leaves, 32), in order.
        values: Shape (leaves, 32).

    Raises:
        InputError: Two tags are the same, or they are not in order (`ledger/prefix-order`).
        OSError: The disk is full or fails.
    """
    bits = crown_bits(len(tags))
    branches = _first_bits(tags, bits)
    if (branches[1:] < branches[:-1]).any():
        raise not_in_order()
    starts = np.zeros((1 << bits) + 1, np.int64)
    np.cumsum(np.bincount(branches, minlength=1 << bits), out=starts[1:])
    hashes = np.empty((1 << bits, HASH_SIZE), np.uint8)
    with path.open("wb") as file:
        file.write(Leaves(path=path, hashes=hashes, starts=starts).head())
        for begin in range(0, 1 << bits, _AT_ONCE):
            end = min(begin + _AT_ONCE, 1 << bits)
            some = slice(starts[begin], starts[end])
            file.write(np.concatenate((tags[some], values[some]), axis=1).data)
            hashes[begin:end] = hash_branches(tags[some], values[some], bits, begin, end)
        made = Leaves(path=path, hashes=hashes, starts=starts)
        file.seek(0)
        file.write(made.head())
    settle(path)
    return made


def leaves_hold(leaves: Leaves, root: bytes) -> bool:
    """Tell whether a file of leaves is that of a root, to the last of its leaves.

    Raises:
        InputError: Two tags are the same, or they are not in order (`ledger/prefix-order`).
        UnavailableError: The file cannot be read.
    """
    for begin in range(0, len(leaves.hashes), _AT_ONCE):
        end = min(begin + _AT_ONCE, len(leaves.hashes))
        tags, values = leaves.between(begin, end)
        counts = (
            np.bincount(_first_bits(tags, leaves.bits) - begin, minlength=end - begin)
            if len(tags)
            else np.zeros(end - begin, np.int64)
        )
        if not np.array_equal(counts, np.diff(leaves.starts[begin : end + 1])):
            return False
        made = hash_branches(tags, values, leaves.bits, begin, end)
        if not np.array_equal(made, leaves.hashes[begin:end]):
            return False
    return leaves.root() == root


def hash_branches(tags: Bytes, values: Bytes, bits: int, begin: int, end: int) -> Bytes:
    """Give what hangs on some branches, shape (end - begin, 32).

    Args:
        tags: Shape (leaves, 32), in order: of the leaves that hang on these branches.
        values: Shape (leaves, 32).
        bits: How many first bits of a tag say on which branch it hangs.
        begin: The first of the branches.
        end: The one after the last.

    Raises:
        InputError: Two tags are the same, or they are not in order (`ledger/prefix-order`).
    """
    found = np.tile(np.frombuffer(NOTHING, np.uint8), (end - begin, 1))
    if not len(tags):
        return found
    # INVARIANT: `hashes` has at the place of its first leaf what a stretch of leaves comes to, and `before` and `after`
    # how many bits that one shares with what stands beside it, as far as that is on the same branch.
    shared = np.maximum(_shared_bits(tags), bits - 1)
    before = np.concatenate(([bits - 1], shared))
    after = np.concatenate((shared, [bits - 1]))
    hashes = sha256_of(len(tags), _LEAF, tags, values)
    depths = np.maximum(before, after) + 1
    by_depth = np.argsort(depths, kind="stable")
    starting = np.searchsorted(depths[by_depth], np.arange(bits, DEEPEST + 2))
    here = np.empty(0, np.int64)
    for depth in range(int(depths.max()), bits - 1, -1):
        alone = by_depth[starting[depth - bits] : starting[depth - bits + 1]]
        here = np.sort(np.concatenate((here, alone)))
        if depth > bits:
            here = _joined(here, depth, tags, hashes, (before, after))
    found[_first_bits(tags[here], bits) - begin] = hashes[here]
    return found


def _joined(
    here: Ints, depth: int, tags: Bytes, hashes: Bytes, shared: tuple[Ints, Ints]
) -> Ints:
    """Join what stands at a depth, two and two or with nothing; gives where what it came to is, one depth above."""
    before, after = shared
    left, right = after[here] == depth - 1, before[here] == depth - 1
    lefts, rights = here[left], here[right]
    hashes[lefts] = sha256_of(len(lefts), _NODE, hashes[lefts], hashes[rights])
    after[lefts] = after[rights]
    others = here[~(left | right)]
    place, bit = divmod(depth - 1, _BYTE)
    ones = (tags[others, place] >> (_BYTE - 1 - bit) & 1).astype(np.bool_)
    for some, is_right in ((others[~ones], False), (others[ones], True)):
        both = (NOTHING, hashes[some]) if is_right else (hashes[some], NOTHING)
        hashes[some] = sha256_of(len(some), _NODE, *both)
    joined: Ints = here[~right]
    return joined


def _shared_bits(tags: Bytes) -> Ints:
    """Give how many first bits each tag has in common with the next one; raises where they are not in order."""
    words = tags.view(">u8").astype(np.uint64)
    differing = words[1:] ^ words[:-1]
    first = np.argmax(differing != 0, axis=1)
    rows = np.arange(len(first))
    if (words[1:][rows, first] <= words[:-1][rows, first]).any():
        raise not_in_order()
    word = differing[rows, first]
    high = word >> np.uint64(32)
    # A number below 2 ** 32 is exact as a float, whose exponent says how many bits it has.
    lengths = np.where(
        high > 0,
        np.frexp(high.astype(np.float64))[1] + 32,
        np.frexp((word & np.uint64(0xFFFFFFFF)).astype(np.float64))[1],
    )
    shared: Ints = first * 64 + 64 - lengths
    return shared


def _first_bits(tags: Bytes, bits: int) -> Ints:
    """Give the first bits of each tag as a number; there are at most 24."""
    first = np.zeros(len(tags), np.int64)
    for place in range(4):
        first = first << _BYTE | tags[:, place]
    return first >> (32 - bits)
