# SPDX-License-Identifier: Apache-2.0
"""How a log lies in files: tiles of hashes and bundles of entries (specs/ledger.md, part 3; C2SP tlog-tiles).

A tile is a row of up to 256 hashes; each hash of a level stands for a full tile of the level below. Here
are their names, their bytes, which of them a larger tree adds, and `Edge`, which makes them from leaves.
Nothing here reads or writes a file.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Final

from privity.errors import InputError, VerificationError
from privity.ledger.forms import LARGEST
from privity.ledger.tree import HASH_SIZE, Peaks, parents

TILE_HEIGHT: Final = 8
TILE_WIDTH: Final = 1 << TILE_HEIGHT
ENTRIES: Final = -1
"""The level of entry bundles: what the leaves of level 0 are the hashes of."""
LONGEST_ENTRY: Final = (1 << 16) - 1

_HIGHEST: Final = 63
_PATH: Final = re.compile(
    r"tile/(entries|0|[1-9][0-9]?)/((?:x[0-9]{3}/){0,6}[0-9]{3})(?:\.p/([1-9][0-9]{0,2}))?",
    re.ASCII,
)
_MOST_SHOWN: Final = 80


@dataclass(frozen=True, kw_only=True, slots=True, order=True)
class Tile:
    """The place of a tile of hashes, or of a bundle of entries where `level` is `ENTRIES`.

    Attributes:
        level: 0 for the leaves' hashes, one more for each 8 levels of the tree; or `ENTRIES`.
        index: Which tile of its level, from 0.
        width: How many hashes or entries it has: 256 if it is full, fewer at the right edge.
    """

    level: int
    index: int
    width: int = TILE_WIDTH

    @property
    def full(self) -> Tile:
        """The tile at this place when it is full."""
        return replace(self, width=TILE_WIDTH)

    @property
    def first(self) -> int:
        """Where in its level the first hash or entry of the tile stands."""
        return self.index * TILE_WIDTH

    def path(self) -> str:
        """Give the path under which the tile is served, such as `tile/0/x001/234.p/17`."""
        rest, last = divmod(self.index, 1000)
        name = f"{last:03}"
        while rest:
            rest, part = divmod(rest, 1000)
            name = f"x{part:03}/{name}"
        level = "entries" if self.level == ENTRIES else str(self.level)
        suffix = "" if self.width == TILE_WIDTH else f".p/{self.width}"
        return f"tile/{level}/{name}{suffix}"

    @classmethod
    def parse(cls, path: str) -> Tile:
        """Read what `path` writes, and nothing else.

        Raises:
            VerificationError: It is not the path of a tile.
        """
        match = _PATH.fullmatch(path)
        if match is not None:
            level, index, width = match.groups()
            tile = cls(
                level=ENTRIES if level == "entries" else int(level),
                index=int(index.replace("x", "").replace("/", "")),
                width=TILE_WIDTH if width is None else int(width),
            )
            if tile.level <= _HIGHEST and tile.index <= LARGEST and tile.path() == path:
                return tile
        raise VerificationError(
            f"`{ascii(path[:_MOST_SHOWN])[1:-1]}` is no path of a tile, expected one such as "
            "`tile/0/x001/234.p/17`",
            code="ledger/tile-path",
        )


def tiles_between(old: int, new: int) -> Iterator[Tile]:
    """Give the tiles of hashes that a tree of `new` entries has and one of `old` has not.

    They come level by level from the leaves up, each level from the left.
    """
    for level, height in enumerate(range(0, new.bit_length(), TILE_HEIGHT)):
        yield from _added(old >> height, new >> height, level)


def bundles_between(old: int, new: int) -> Iterator[Tile]:
    """Give the bundles of entries that a tree of `new` entries has and one of `old` has not."""
    return _added(old, new, ENTRIES)


def edge_tiles(size: int) -> list[Tile]:
    """Give the tiles at the right edge of a tree that are not full, from the leaves up."""
    levels = range(0, size.bit_length(), TILE_HEIGHT)
    widths = [(size >> height) % TILE_WIDTH for height in levels]
    return [
        Tile(level=level, index=size >> TILE_HEIGHT * (level + 1), width=width)
        for level, width in enumerate(widths)
        if width
    ]


def tile_hashes(tile: Tile, data: bytes) -> list[bytes]:
    """Take a tile's bytes apart.

    Raises:
        VerificationError: They are not as many as the tile has hashes.
    """
    if len(data) != tile.width * HASH_SIZE:
        raise VerificationError(
            f"`{tile.path()}` has {len(data)} bytes, expected {tile.width * HASH_SIZE}",
            code="ledger/tile",
        )
    return [data[at : at + HASH_SIZE] for at in range(0, len(data), HASH_SIZE)]


def encode_bundle(entries: Sequence[bytes]) -> bytes:
    """Give the bytes of a bundle: each entry after its length in two bytes, the higher first.

    Raises:
        InputError: An entry has more than 65,535 bytes.
    """
    if (longest := max(map(len, entries), default=0)) > LONGEST_ENTRY:
        raise InputError(
            f"an entry has {longest} bytes, expected at most {LONGEST_ENTRY}",
            code="ledger/entry-too-long",
        )
    return b"".join([len(entry).to_bytes(2, "big") + entry for entry in entries])


def parse_bundle(data: bytes, width: int) -> list[bytes]:
    """Take a bundle of `width` entries apart.

    Raises:
        VerificationError: It has another number of entries, or ends within one.
    """
    entries: list[bytes] = []
    at, end = 0, len(data)
    while at < end - 1:
        start = at + 2
        at = start + (data[at] << 8 | data[at + 1])
        entries.append(data[start:at])
    if at != end or len(entries) != width:
        raise VerificationError(
            f"a bundle of {end} bytes is not made of {width} entries after their lengths",
            code="ledger/bundle",
        )
    return entries


@dataclass(frozen=True, kw_only=True, slots=True)
class Edge:
    """The right edge of a tree as tiles: for each level, the hashes of its last tile if that is not full.

    Attributes:
        size: The number of entries.
        rows: For each level from the leaves up, 0 to 255 hashes.
    """

    size: int
    rows: tuple[tuple[bytes, ...], ...]

    @classmethod
    def read(cls, size: int, read: Callable[[Tile], bytes]) -> Edge:
        """Read the edge of a tree of `size` entries from its tiles.

        Args:
            size: The number of entries.
            read: Gives the bytes of a tile; it is asked for `edge_tiles(size)` only.

        Raises:
            VerificationError: A tile has the wrong number of bytes.
        """
        rows: list[tuple[bytes, ...]] = [()] * len(range(0, size.bit_length(), TILE_HEIGHT))
        for tile in edge_tiles(size):
            rows[tile.level] = tuple(tile_hashes(tile, read(tile)))
        return cls(size=size, rows=tuple(rows))

    def extended(self, leaves: Sequence[bytes]) -> tuple[Edge, list[tuple[Tile, bytes]]]:
        """Give the edge with more leaves at its end, and the tiles that became full on the way.

        Args:
            leaves: Hashes of leaves. Many at once are faster; how they are cut makes no difference.
        """
        rows = list(self.rows)
        full: list[tuple[Tile, bytes]] = []
        new: Sequence[bytes] = leaves
        level = 0
        while new:
            if level == len(rows):
                rows.append(())
            row = [*rows[level], *new]
            index = self.size >> TILE_HEIGHT * (level + 1)
            count = len(row) // TILE_WIDTH
            full += [
                (
                    Tile(level=level, index=index + number),
                    b"".join(row[number * TILE_WIDTH : (number + 1) * TILE_WIDTH]),
                )
                for number in range(count)
            ]
            rows[level] = tuple(row[count * TILE_WIDTH :])
            new = row[: count * TILE_WIDTH]
            for _ in range(TILE_HEIGHT):
                new = parents(new)
            level += 1
        return Edge(size=self.size + len(leaves), rows=tuple(rows)), full

    def tiles(self) -> list[tuple[Tile, bytes]]:
        """Give the tiles of the edge, none of them full, from the leaves up."""
        return [(tile, b"".join(self.rows[tile.level])) for tile in edge_tiles(self.size)]

    def peaks(self) -> Peaks:
        """Give the peaks, made from the tiles alone."""
        found: list[bytes] = []
        for row in self.rows:
            rest = list(row)
            for _ in range(TILE_HEIGHT):
                if len(rest) & 1:
                    found.append(rest.pop())
                rest = parents(rest)
        return Peaks(size=self.size, hashes=tuple(reversed(found)))


NO_EDGE: Final = Edge(size=0, rows=())
"""The edge of the tree without an entry."""


def _added(old: int, new: int, level: int) -> Iterator[Tile]:
    """The tiles of a level that has `new` hashes, and had `old`."""
    if old >= new:
        return
    for index in range(old // TILE_WIDTH, new // TILE_WIDTH):
        yield Tile(level=level, index=index)
    if width := new % TILE_WIDTH:
        yield Tile(level=level, index=new // TILE_WIDTH, width=width)
