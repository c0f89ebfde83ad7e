# SPDX-License-Identifier: Apache-2.0
"""What else lies in the folder of a public tree, beside what its newest checkpoint asks for (specs/ledger.md, part 3).

That are tiles of when the log was smaller, which are held to the newest ones, and what was published meanwhile or is none of
the log's, which nothing here can be held to. A tree on the web cannot be listed.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from privity.app.public_tree.opening import PublicTree
from privity.errors import VerificationError
from privity.ledger.ports import CHECKPOINT, VKEY, NotFoundError, Reader
from privity.ledger.reading import read_entries, read_hashes
from privity.ledger.tiles import (
    ENTRIES,
    TILE_HEIGHT,
    TILE_WIDTH,
    Tile,
    encode_bundle,
)
from privity.store.files import unreachable

_CODES: Final = {ENTRIES: "ledger/bundle", 0: "ledger/leaf"}


@dataclass(frozen=True, kw_only=True, slots=True)
class Beside:
    """What lies beside what the checkpoint asks for.

    Attributes:
        older: How many tiles of when the log was smaller were found to be the beginnings of the newest.
        unread: The paths of what was not looked at, since the checkpoint says nothing of it.
    """

    older: int
    unread: tuple[str, ...]


def look_beside(tree: PublicTree, named: Collection[str]) -> Beside:
    """Look at what lies in the folder of a tree that was verified.

    Args:
        tree: The tree, in a folder.
        named: The paths of the objects that entries name.

    Raises:
        VerificationError: A tile of when the log was smaller is not the beginning of the newest.
        UnavailableError: The folder cannot be read.
    """
    size, place = tree.checkpoint.size, Path(tree.place)
    known = {CHECKPOINT, VKEY, *named}
    newest = _Newest(tree.reader)
    older, unread = 0, list[str]()
    try:
        paths = sorted(
            path.relative_to(place).as_posix()
            for path in place.rglob("*")
            if not path.is_dir() or path.is_symlink()
        )
    except OSError as error:
        raise unreachable(place, error) from error
    for path in paths:
        tile = _tile(path)
        if tile is None:
            if path not in known:
                unread.append(path)
            continue
        width = _width(tile, size)
        if tile.width > width:
            unread.append(path)
        elif tile.width < width:
            older += newest.has(tile, width)
    return Beside(older=older, unread=tuple(unread))


class _Newest:
    """The tiles that the checkpoint asks for, one after the other."""

    def __init__(self, reader: Reader) -> None:
        self._reader = reader
        self._tile: Tile | None = None
        self._parts: Sequence[bytes] = ()

    def has(self, tile: Tile, width: int) -> bool:
        """Tell whether a smaller tile is still there; raises where it is not the beginning of the newest."""
        now = Tile(level=tile.level, index=tile.index, width=width)
        try:
            data = self._reader.read(tile.path())
        except NotFoundError:
            return False  # whoever publishes may remove it at any time
        if now != self._tile:
            read = read_entries if tile.level == ENTRIES else read_hashes
            self._tile, self._parts = now, read(self._reader, now)
        begin = self._parts[: tile.width]
        if data != (encode_bundle(begin) if tile.level == ENTRIES else b"".join(begin)):
            raise VerificationError(
                f"`{tile.path()}` is not the beginning of `{now.path()}`",
                code=_CODES.get(tile.level, "ledger/node"),
                hint="take it from another copy of the log; the newest checkpoint does not need it",
            )
        return True


def _tile(path: str) -> Tile | None:
    try:
        return Tile.parse(path)
    except VerificationError:
        return None


def _width(tile: Tile, size: int) -> int:
    """Give how wide the tile in a place is in a tree of a size; 0 where it has none."""
    count = size if tile.level == ENTRIES else size >> TILE_HEIGHT * tile.level
    return max(0, min(TILE_WIDTH, count - tile.first))
