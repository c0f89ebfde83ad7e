# SPDX-License-Identifier: Apache-2.0
"""The entries of a log from an index on, verified without those before it (specs/ledger.md, part 8).

The roots of the full subtrees before the index are taken from tiles that nobody vouches for; with the entries
read, they make the signed root, or something of it was changed. What was before the index is not looked at.
"""

from __future__ import annotations

from privity.errors import InputError, VerificationError
from privity.ledger.checkpoint import Checkpoint
from privity.ledger.ports import Reader
from privity.ledger.reading import TiledTree, read_entries
from privity.ledger.tiles import ENTRIES, TILE_WIDTH, Tile
from privity.ledger.tree import Peaks, leaf_hashes
from privity.ledger.verify import Visit


def read_since(reader: Reader, checkpoint: Checkpoint, first: int, visit: Visit) -> None:
    """Read the entries from an index to the end, and verify that the signed root has them ([LED-83]).

    Args:
        reader: The log's public tree.
        checkpoint: Its checkpoint, verified.
        first: The index of the first entry to read.
        visit: Is given the entries, bundle by bundle; none counts before this returns.

    Raises:
        InputError: The log has no such entry (`ledger/no-such-entry`).
        VerificationError: The entries do not make the signed root.
        UnavailableError: A tile or a bundle is not there or cannot be read.
    """
    size = checkpoint.size
    if not 0 <= first < size:
        raise InputError(
            f"entry {first} is none of a log of {size} entries", code="ledger/no-such-entry"
        )
    tree = TiledTree(size, reader)
    peaks = Peaks(size=first, hashes=tuple(_peaks(tree, first)))
    for number in range(first // TILE_WIDTH, -(-size // TILE_WIDTH)):
        begin = number * TILE_WIDTH
        bundle = Tile(level=ENTRIES, index=number, width=min(TILE_WIDTH, size - begin))
        entries = read_entries(reader, bundle)[max(0, first - begin) :]
        visit(peaks.size, entries)
        peaks = peaks.extended(leaf_hashes(entries))
    if peaks.root() != checkpoint.root:
        raise VerificationError(
            f"the entries from {first} on make another root than the checkpoint's of {size} entries",
            code="ledger/root",
        )


def _peaks(tree: TiledTree, size: int) -> list[bytes]:
    """Give the roots of the full subtrees of the first entries, the largest first."""
    found: list[bytes] = []
    begin = 0
    while begin < size:
        width = 1 << (size - begin).bit_length() - 1
        found.append(tree.subtree(begin, begin + width))
        begin += width
    return found
