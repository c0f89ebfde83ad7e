# SPDX-License-Identifier: Apache-2.0
"""Proofs that an entry is in a log, and that one log extends another (specs/ledger.md, part 6; RFC 6962, 2.1).

They are made from the tiles of a log and verified with nothing but hashes. Tiles are not trusted: a proof
from tiles that were tampered with is made all the same, and does not verify.
"""

from __future__ import annotations

from collections.abc import Sequence

from privity.errors import InputError, VerificationError
from privity.ledger.ports import Reader
from privity.ledger.reading import TiledTree
from privity.ledger.tree import HASH_SIZE, node_hash


def inclusion_proof(index: int, size: int, reader: Reader) -> tuple[bytes, ...]:
    """Make the proof that entry `index` is in the tree of `size` entries.

    Returns:
        The hashes beside the way to the root, from the leaf's sibling up.

    Raises:
        InputError: There is no such entry.
        VerificationError: A tile has the wrong number of bytes.
        UnavailableError: A tile is not there or cannot be read.
    """
    if not 0 <= index < size:
        raise InputError(
            f"entry {index} is none of a log of {size} entries", code="ledger/no-such-entry"
        )
    tree = TiledTree(size, reader)
    found: list[bytes] = []
    begin, end = 0, size
    # From the root down: each half that the entry is not in goes into the proof.
    while end - begin > 1:
        middle = begin + _left(end - begin)
        if index < middle:
            found.append(tree.subtree(middle, end))
            end = middle
        else:
            found.append(tree.subtree(begin, middle))
            begin = middle
    return tuple(reversed(found))


def consistency_proof(old: int, new: int, reader: Reader) -> tuple[bytes, ...]:
    """Make the proof that the tree of `new` entries begins with the tree of `old` entries.

    Returns:
        The hashes of RFC 6962, 2.1.2; none where the sizes are equal.

    Raises:
        InputError: The old tree is empty, which needs no proof, or is the larger one.
        VerificationError: A tile has the wrong number of bytes.
        UnavailableError: A tile is not there or cannot be read.
    """
    if not 0 < old <= new:
        raise InputError(
            f"a log of {new} entries cannot be shown to extend one of {old}",
            code="ledger/no-such-size",
        )
    tree = TiledTree(new, reader)
    found: list[bytes] = []
    begin, end = 0, new
    while end > old:
        middle = begin + _left(end - begin)
        if old <= middle:
            found.append(tree.subtree(middle, end))
            end = middle
        else:
            found.append(tree.subtree(begin, middle))
            begin = middle
    if begin:
        found.append(tree.subtree(begin, end))
    return tuple(reversed(found))


def verify_inclusion(
    leaf: bytes, *, index: int, size: int, proof: Sequence[bytes], root: bytes
) -> None:
    """Verify that the leaf with this hash is the entry at `index` of a tree.

    Raises:
        VerificationError: The proof does not show it.
    """
    if not 0 <= index < size:
        raise _not_included(f"entry {index} is none of a log of {size} entries")
    # Up to where the way meets the right edge it may come from either side; after that, from the right.
    inner = (index ^ (size - 1)).bit_length()
    border = (index >> inner).bit_count()
    if len(proof) != inner + border or not _are_hashes(leaf, *proof):
        raise _not_included(f"its proof is not made of {inner + border} hashes")
    found = leaf
    for height, beside in enumerate(proof[:inner]):
        found = node_hash(beside, found) if index >> height & 1 else node_hash(found, beside)
    for beside in proof[inner:]:
        found = node_hash(beside, found)
    if found != root:
        raise _not_included("its proof leads to another root")


def verify_consistency(
    *, old: int, old_root: bytes, new: int, new_root: bytes, proof: Sequence[bytes]
) -> None:
    """Verify that a tree of `new` entries begins with a tree of `old` entries.

    Raises:
        VerificationError: The proof does not show it; nothing shows it of an empty old tree, which every
            tree begins with.
    """
    if not 0 < old <= new:
        raise _not_consistent(f"a log of {old} entries cannot have become one of {new}")
    if old == new:
        if proof or old_root != new_root:
            raise _not_consistent("two trees of one size differ, or have a proof")
        return
    # The largest full subtree that ends where the old tree ends; it is whole in both trees.
    shift = (old & -old).bit_length() - 1
    last = (old - 1) >> shift
    inner = (last ^ ((new - 1) >> shift)).bit_length()
    border = (last >> inner).bit_count()
    whole = old == 1 << shift
    hashes = [old_root, *proof] if whole else list(proof)
    if len(hashes) != 1 + inner + border or not _are_hashes(*hashes):
        raise _not_consistent(f"the proof is not made of {inner + border + (not whole)} hashes")
    _chain(hashes, last=last, inner=inner, roots=(old_root, new_root))


def _chain(
    hashes: Sequence[bytes], *, last: int, inner: int, roots: tuple[bytes, bytes]
) -> None:
    """Climb from the common subtree to both roots; only what lies left of it is in the old tree."""
    before = after = hashes[0]
    for height, beside in enumerate(hashes[1 : 1 + inner]):
        if last >> height & 1:
            before = node_hash(beside, before)
            after = node_hash(beside, after)
        else:
            after = node_hash(after, beside)
    for beside in hashes[1 + inner :]:
        before = node_hash(beside, before)
        after = node_hash(beside, after)
    if before != roots[0]:
        raise _not_consistent("the proof leads to another old root")
    if after != roots[1]:
        raise _not_consistent("the proof leads to another new root")


def _left(size: int) -> int:
    """How many entries the left subtree has: the largest power of two below the size."""
    return 1 << (size - 1).bit_length() - 1


def _are_hashes(*hashes: bytes) -> bool:
    return all(len(item) == HASH_SIZE for item in hashes)


def _not_included(why: str) -> VerificationError:
    return VerificationError(
        f"the entry is not shown to be in the log: {why}", code="ledger/inclusion"
    )


def _not_consistent(why: str) -> VerificationError:
    return VerificationError(
        f"the log is not shown to extend the old one: {why}", code="ledger/consistency"
    )
