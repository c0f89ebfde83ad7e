# SPDX-License-Identifier: Apache-2.0
"""The tree: what hashes what, and the few hashes that stand for a whole log (specs/ledger.md, part 2).

It is the Merkle tree of RFC 6962 over SHA-256: a leaf hashes 0x00 and the entry, a node 0x01 and its two
children. A writer keeps only the peaks, the roots of the largest full subtrees from left to right, and
folds new leaves into them. How the hashes are laid out in files is said in `tiles`.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from hashlib import sha256
from typing import Final

from privity.errors import VerificationError
from privity.ledger.forms import LARGEST

HASH_SIZE: Final = 32
EMPTY_ROOT: Final = sha256(b"").digest()

_LEAF: Final = b"\x00"
_NODE: Final = b"\x01"


def leaf_hash(entry: bytes) -> bytes:
    """Give the hash of a leaf."""
    return sha256(_LEAF + entry).digest()


def leaf_hashes(entries: Iterable[bytes]) -> list[bytes]:
    """Give the hashes of many leaves, in their order."""
    prefix = _LEAF
    return [sha256(prefix + entry).digest() for entry in entries]


def node_hash(left: bytes, right: bytes) -> bytes:
    """Give the hash of a node from those of its children."""
    return sha256(_NODE + left + right).digest()


def parents(hashes: Sequence[bytes]) -> list[bytes]:
    """Give the hashes one level up, of neighbours two by two; a last one without a neighbour has none."""
    prefix = _NODE
    return [
        sha256(prefix + left + right).digest()
        for left, right in zip(hashes[::2], hashes[1::2], strict=False)
    ]


@dataclass(frozen=True, kw_only=True, slots=True)
class Peaks:
    """A tree as the roots of its full subtrees, the largest first: one for each bit of its size.

    Raises:
        VerificationError: The hashes are not as many as the size has bits, or not of 32 bytes.
    """

    size: int
    hashes: tuple[bytes, ...]

    def __post_init__(self) -> None:
        if not 0 <= self.size <= LARGEST or len(self.hashes) != self.size.bit_count():
            raise VerificationError(
                f"a tree of {self.size} entries does not have {len(self.hashes)} peaks",
                code="ledger/peaks",
            )
        if any(len(peak) != HASH_SIZE for peak in self.hashes):
            raise VerificationError("a peak is not of 32 bytes", code="ledger/peaks")

    @classmethod
    def parse(cls, size: int, data: bytes) -> Peaks:
        """Read the peaks of a tree of `size` entries from what `to_bytes` gives.

        Raises:
            VerificationError: They are not as many as such a tree has.
        """
        hashes = (data[at : at + HASH_SIZE] for at in range(0, len(data), HASH_SIZE))
        return cls(size=size, hashes=tuple(hashes))

    def to_bytes(self) -> bytes:
        """Give the hashes one after the other, without the size."""
        return b"".join(self.hashes)

    def root(self) -> bytes:
        """Give the root of the tree."""
        if not self.hashes:
            return EMPTY_ROOT
        *left, root = self.hashes
        for peak in reversed(left):
            root = node_hash(peak, root)
        return root

    def extended(self, leaves: Sequence[bytes]) -> Peaks:
        """Give the tree with more leaves at its end; `leaves` are hashes of leaves."""
        size = self.size + len(leaves)
        old = list(self.hashes)
        new: list[bytes] = []
        row = list(leaves)
        height = 0
        # INVARIANT: `row` is what is new at this height, right of the old full subtrees.
        while row or old:
            if self.size >> height & 1:
                row.insert(0, old.pop())
            if len(row) & 1:
                new.append(row.pop())
            row = parents(row)
            height += 1
        return Peaks(size=size, hashes=tuple(reversed(new)))


NO_PEAKS: Final = Peaks(size=0, hashes=())
"""The tree without an entry."""
