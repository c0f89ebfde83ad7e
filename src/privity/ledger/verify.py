# SPDX-License-Identifier: Apache-2.0
"""Verifying a whole log, by whoever can read its public tree (specs/ledger.md, part 8).

Nothing that is served is believed: every tile is made anew from the entries and compared, and only the
root's signature is taken from elsewhere. What the entries say is not looked at here. An error ends the run
at the first thing that does not hold, and says where it lies.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Final

from privity.errors import VerificationError
from privity.ledger.checkpoint import Checkpoint, open_checkpoint
from privity.ledger.note import Vkey
from privity.ledger.ports import CHECKPOINT, Reader
from privity.ledger.reading import read_entries, read_hashes
from privity.ledger.tiles import NO_EDGE, TILE_WIDTH, Edge, Tile, bundles_between, tile_hashes
from privity.ledger.tree import leaf_hashes

Progress = Callable[[int, int], None]
"""Told of entries verified so far, and of all there are."""
Visit = Callable[[int, Sequence[bytes]], None]
"""Given the first index and the bytes of entries, in order; the root over them is not yet compared."""

BUNDLES_AT_ONCE: Final = 64
"""They are read in this order: so many bundles, then the tiles that they fill; at the end, tiles that are not full."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Verified:
    """What was found in a log in which everything holds.

    Attributes:
        checkpoint: What the log's key signed.
        entry_bytes: The bytes of all entries together.
        bundles: How many bundles of entries were read.
        tiles: How many tiles of hashes were compared.
        extends: The size of the saved checkpoint that the log was found to extend, or None.
    """

    checkpoint: Checkpoint
    entry_bytes: int
    bundles: int
    tiles: int
    extends: int | None


def verify_log(
    reader: Reader,
    vkeys: Collection[Vkey],
    *,
    saved: Checkpoint | None = None,
    visit: Visit | None = None,
    progress: Progress | None = None,
) -> Verified:
    """Verify a log from its first entry to its last.

    Args:
        reader: Its public tree.
        vkeys: The keys of the log; their names are its origin.
        saved: A checkpoint that was verified before: the log must extend it.
        visit: Is given all entries.
        progress: Is told how far it came.

    Raises:
        VerificationError: Something does not hold.
        UnavailableError: Something is not there or cannot be read.
    """
    # (1) The checkpoint is signed by a key of the log that it speaks for.
    checkpoint = open_checkpoint(reader.read(CHECKPOINT), vkeys)
    # (2) It speaks for no other log, and for no fewer entries, than the one that was saved.
    if saved is not None:
        _compare(saved, checkpoint)
    walk = _Walk(reader=reader, saved=saved)
    bundles = bundles_between(0, checkpoint.size)
    while some := list(islice(bundles, BUNDLES_AT_ONCE)):
        # (3) Every bundle has the entries that it must have.
        entries = [entry for bundle in some for entry in read_entries(reader, bundle)]
        if visit is not None:
            visit(walk.edge.size, entries)
        walk.add(entries)
        walk.bundles += len(some)
        if progress is not None:
            progress(walk.edge.size, checkpoint.size)
    walk.compare(walk.edge.tiles())
    # (6) The entries make the root that was signed.
    if walk.edge.peaks().root() != checkpoint.root:
        raise VerificationError(
            f"the {checkpoint.size} entries make another root than the checkpoint's",
            code="ledger/root",
        )
    return Verified(
        checkpoint=checkpoint,
        entry_bytes=walk.entry_bytes,
        bundles=walk.bundles,
        tiles=walk.tiles,
        extends=None if saved is None else saved.size,
    )


def _compare(saved: Checkpoint, checkpoint: Checkpoint) -> None:
    if saved.origin != checkpoint.origin:
        raise VerificationError(
            f"the saved checkpoint is of `{saved.origin}`, this log is `{checkpoint.origin}`",
            code="ledger/origin",
        )
    if saved.size > checkpoint.size:
        raise VerificationError(
            f"the log has {checkpoint.size} entries, and had {saved.size} before",
            code="ledger/shrunk",
        )


@dataclass(kw_only=True, slots=True)
class _Walk:
    """How far a run came."""

    reader: Reader
    saved: Checkpoint | None
    edge: Edge = NO_EDGE
    entry_bytes: int = 0
    bundles: int = 0
    tiles: int = 0

    def add(self, entries: Sequence[bytes]) -> None:
        leaves = leaf_hashes(entries)
        self.entry_bytes += sum(map(len, entries))
        if self.saved is not None and self.edge.size < self.saved.size <= self.edge.size + len(
            leaves
        ):
            # (5) The first entries make the root that was signed for them before.
            cut = self.saved.size - self.edge.size
            self._extend(leaves[:cut])
            if self.edge.peaks().root() != self.saved.root:
                raise VerificationError(
                    f"the first {self.saved.size} entries are not those that the saved "
                    "checkpoint was signed for: the log has two histories",
                    code="ledger/forked",
                    hint="keep both checkpoints: together they prove it",
                )
            leaves = leaves[cut:]
        self._extend(leaves)

    def _extend(self, leaves: Sequence[bytes]) -> None:
        self.edge, full = self.edge.extended(leaves)
        self.compare(full)

    def compare(self, tiles: Sequence[tuple[Tile, bytes]]) -> None:
        # (4) Every tile of hashes is the one that the entries make.
        for tile, made in tiles:
            served = read_hashes(self.reader, tile)
            if b"".join(served) != made:
                raise _differs(tile, tile_hashes(tile, made), served)
        self.tiles += len(tiles)


def _differs(tile: Tile, made: Sequence[bytes], served: Sequence[bytes]) -> VerificationError:
    place = next(
        at for at, pair in enumerate(zip(made, served, strict=True)) if len({*pair}) > 1
    )
    number = tile.index * TILE_WIDTH + place
    if tile.level == 0:
        return VerificationError(
            f"entry {number} does not have the hash that `{tile.path()}` has of it",
            code="ledger/leaf",
        )
    return VerificationError(
        f"hash {place} of `{tile.path()}` is not that of the tile below it", code="ledger/node"
    )
