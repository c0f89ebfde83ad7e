# SPDX-License-Identifier: Apache-2.0
"""Publishing: what was acknowledged becomes a tree that everybody can read, under one signed root.

The steps are those of specs/ledger.md, part 7, with the same numbers. Their order is what no crash can
break: nothing is signed that was not hashed again and compared, and no note leaves before it is kept for
good. Any error ends the process; the next one begins with the same look at what is there.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import sha256
from typing import Final

from privity.ledger.checkpoint import Checkpoint, open_checkpoint
from privity.ledger.note import Signer, sign
from privity.ledger.ports import CHECKPOINT, TileStore
from privity.ledger.recover import (
    Log,
    Signed,
    Standing,
    State,
    bundles,
    check_start,
    damaged,
    walk,
)
from privity.ledger.tiles import Tile
from privity.ledger.tree import EMPTY_ROOT

_BYTES_AT_ONCE: Final = 8 << 20


@dataclass(frozen=True, kw_only=True, slots=True)
class Published:
    """What is public now.

    Attributes:
        checkpoint: What was signed.
        note: The signed note.
        added: How many entries are public that were not before.
    """

    checkpoint: Checkpoint
    note: bytes
    added: int


def publish(log: Log, signers: Sequence[Signer]) -> Published:
    """Publish all that was acknowledged up to now; without anything new, nothing is written or signed.

    Args:
        log: The log. One process at a time publishes it; a second one does harm to nothing but itself.
        signers: The log's keys that sign: more than one while a key is being exchanged.

    Raises:
        ConflictError: Something is not in the state that it must be in; nothing was signed.
        VerificationError: Something does not hold; nothing was signed.
        UnavailableError: A disk is full, or fails. End the process, and start again.
    """
    # (1) Entries are read and hashed again, and compared with the hashes that are kept with them.
    # (3) The root from tiles is the one from the peaks that the writers folded.
    # (4) Both go on from the anchor.
    standing = check_start(log)
    published = standing.published or _found(log, signers)
    added = standing.head.size - published.size
    if standing.state is State.OK:
        return Published(checkpoint=published.checkpoint, note=published.note, added=0)
    filled: list[Tile] = []
    newest = published
    if added:
        # (2) Tiles are made from the bytes of the entries, and (5) written.
        filled = _write_tree(log, standing)
        # (6) One note for a size, ever.
        newest = _signed(log, standing.head.peaks.root(), standing.head.size, signers)
        # (7) Nobody else is asked to sign yet.
        # (8) The anchor, before anybody else sees the note: what was seen is never behind it.
        log.anchor.swap(published.note, newest.note)
    # (9) The checkpoint.
    log.tree.replace(CHECKPOINT, newest.note)
    # Not before a reader finds the full one from the newest checkpoint does a partial tile go.
    for tile in filled:
        log.tree.remove_partial(tile.path())
    return Published(checkpoint=newest.checkpoint, note=newest.note, added=added)


def _found(log: Log, signers: Sequence[Signer]) -> Signed:
    """Anchor the empty tree: from now on a log without an anchor has lost it."""
    empty = _signed(log, EMPTY_ROOT, 0, signers)
    log.anchor.swap(None, empty.note)
    return empty


def _signed(log: Log, root: bytes, size: int, signers: Sequence[Signer]) -> Signed:
    """Give the one note for a size: that of before, or a new one, which is kept before it is given."""
    note = log.store.signed(size)
    if note is None:
        text = Checkpoint(origin=log.origin, size=size, root=root).to_text()
        note = sign(text, signers).to_bytes()
        checkpoint = open_checkpoint(note, log.vkeys)
        log.store.put_signed(size, note)
    else:
        checkpoint = open_checkpoint(note, log.vkeys)
    # INVARIANT: whatever the note says was compared with the tree, also where it was signed before.
    if (checkpoint.origin, checkpoint.size, checkpoint.root) != (log.origin, size, root):
        raise damaged(f"the note that it has for {size} entries speaks of others")
    return Signed(note=note, checkpoint=checkpoint)


def _write_tree(log: Log, standing: Standing) -> list[Tile]:
    """Write what the tree of the head has and the published one has not; give the tiles now full."""
    files = _Files(log.tree)
    first = standing.published.size if standing.published is not None else 0
    for name, data in log.store.objects(first):
        if sha256(data).hexdigest() != name:
            raise damaged(f"the object `{name}` does not have this hash")
        files.add(f"object/sha256/{name}", data)
    filled: list[Tile] = []

    def visit(first: int, entries: Sequence[bytes], full: Sequence[tuple[Tile, bytes]]) -> None:
        for tile, data in (*bundles(first, entries), *full):
            files.add(tile.path(), data)
            if tile == tile.full:
                filled.append(tile)

    made = walk(log.store, standing.edge, standing.head.size, roots={}, visit=visit)
    for tile, data in made.tiles():
        files.add(tile.path(), data)
    files.write()
    # The last word before a signature: what was written is what was looked at before.
    if made.peaks() != standing.head.peaks:
        raise damaged("its entries changed between two readings")
    return filled


class _Files:
    """Files to be written together, as many at once as fit well into memory."""

    def __init__(self, tree: TileStore) -> None:
        self._tree = tree
        self._waiting: list[tuple[str, bytes]] = []
        self._bytes = 0

    def add(self, path: str, data: bytes) -> None:
        self._waiting.append((path, data))
        self._bytes += len(data)
        if self._bytes >= _BYTES_AT_ONCE:
            self.write()

    def write(self) -> None:
        self._tree.write_new(self._waiting)
        self._waiting = []
        self._bytes = 0
