# SPDX-License-Identifier: Apache-2.0
"""Reading a published tree: its tiles, its bundles and any node of it (specs/ledger.md, part 3).

What is read has the right length, and nothing more is said of it: a tree that somebody serves proves nothing
until its root is compared with a signed one.
"""

from __future__ import annotations

from privity.errors import VerificationError
from privity.ledger.ports import NotFoundError, Reader
from privity.ledger.tiles import (
    TILE_HEIGHT,
    TILE_WIDTH,
    Tile,
    parse_bundle,
    tile_hashes,
)
from privity.ledger.tree import node_hash, parents


def read_hashes(reader: Reader, tile: Tile) -> list[bytes]:
    """Read the hashes of a tile; where one that is not full is gone, from the full one in its place.

    Raises:
        VerificationError: It has the wrong number of bytes.
        NotFoundError: Neither is there.
        UnavailableError: It cannot be read.
    """
    found, data = _read(reader, tile)
    return tile_hashes(found, data)[: tile.width]


def read_entries(reader: Reader, bundle: Tile) -> list[bytes]:
    """Read the entries of a bundle; where one that is not full is gone, from the full one in its place.

    Raises:
        VerificationError: It is not made of as many entries.
        NotFoundError: Neither is there.
        UnavailableError: It cannot be read.
    """
    found, data = _read(reader, bundle)
    try:
        return parse_bundle(data, found.width)[: bundle.width]
    except VerificationError as error:
        raise VerificationError(
            f"`{found.path()}` does not hold: {error.message}", code=error.code
        ) from error


class TiledTree:
    """A tree of a known size, read from its tiles as they are needed, each once.

    Args:
        size: The number of entries; tiles that a larger tree has are not asked for.
        reader: Where its tiles are.
    """

    def __init__(self, size: int, reader: Reader) -> None:
        self.size = size
        self._reader = reader
        self._rows: dict[Tile, list[list[bytes]]] = {}

    def subtree(self, begin: int, end: int) -> bytes:
        """Give the root over the entries from `begin` up to `end`.

        Args:
            begin: A multiple of the smallest power of two that is not below `end - begin`.
            end: At most the size.

        Raises:
            VerificationError: A tile has the wrong number of bytes.
            UnavailableError: A tile is not there or cannot be read.
        """
        # Full subtrees from left to right, each smaller than the one before, then joined from the right.
        roots: list[bytes] = []
        while begin < end:
            height = (end - begin).bit_length() - 1
            roots.append(self._node(height, begin >> height))
            begin += 1 << height
        root = roots.pop()
        while roots:
            root = node_hash(roots.pop(), root)
        return root

    def _node(self, height: int, index: int) -> bytes:
        """The root of a full subtree: of its height, the one at `index`."""
        level, above = divmod(height, TILE_HEIGHT)
        number = (index << above) // TILE_WIDTH
        width = min(TILE_WIDTH, (self.size >> TILE_HEIGHT * level) - number * TILE_WIDTH)
        tile = Tile(level=level, index=number, width=width)
        rows = self._rows.get(tile)
        if rows is None:
            rows = self._rows[tile] = [read_hashes(self._reader, tile)]
        while len(rows) <= above:
            rows.append(parents(rows[-1]))
        return rows[above][index - (number * TILE_WIDTH >> above)]


def _read(reader: Reader, tile: Tile) -> tuple[Tile, bytes]:
    try:
        return tile, reader.read(tile.path())
    except NotFoundError:
        if tile.width == TILE_WIDTH:
            raise
        return tile.full, reader.read(tile.full.path())
