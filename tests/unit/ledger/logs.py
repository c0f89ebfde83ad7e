# SPDX-License-Identifier: Apache-2.0
"""Small published logs in memory, made from their entries, and folders of logs that others published."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path

from privity.ledger.checkpoint import Checkpoint
from privity.ledger.note import Signer
from privity.ledger.ports import NotFoundError
from privity.ledger.tiles import NO_EDGE, bundles_between, encode_bundle
from privity.ledger.tree import leaf_hashes

ORIGIN = "example.com/privity"
SIGNER = Signer(name=ORIGIN, seed=bytes(range(32)))
OTHER = Signer(name="witness.example/w", seed=bytes(range(1, 33)))
VKEYS = (SIGNER.vkey,)

SPECIFICATIONS = Path(
    os.environ.get(
        "PRIVITY_SPECIFICATIONS",
        Path(__file__).resolve().parents[4] / "shared" / "specs",
    )
)
"""Vectors and logs of other people, which are not ours to publish."""
NOT_HERE = "the vectors are not here: name their folder with PRIVITY_SPECIFICATIONS"


class MemoryTree(dict[str, bytes]):
    """A public tree in memory."""

    def read(self, path: str) -> bytes:
        try:
            return self[path]
        except KeyError:
            raise NotFoundError(f"there is no `{path}`", code="ledger/not-found") from None


class FolderTree:
    """A public tree in a folder."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def read(self, path: str) -> bytes:
        try:
            return (self.folder / path).read_bytes()
        except FileNotFoundError:
            raise NotFoundError(f"there is no `{path}`", code="ledger/not-found") from None


def some_entries(count: int) -> list[bytes]:
    """Entries that differ, the first of them empty."""
    return [str(number).encode() * (number % 7) for number in range(count)]


def checkpoint_over(entries: Sequence[bytes], origin: str = ORIGIN) -> Checkpoint:
    edge, _ = NO_EDGE.extended(leaf_hashes(entries))
    return Checkpoint(origin=origin, size=len(entries), root=edge.peaks().root())


def published(entries: Sequence[bytes], signer: Signer = SIGNER) -> MemoryTree:
    """The public tree of a log with these entries, as of its last entry alone."""
    edge, full = NO_EDGE.extended(leaf_hashes(entries))
    tree = MemoryTree({tile.path(): data for tile, data in (*full, *edge.tiles())})
    for bundle in bundles_between(0, len(entries)):
        within = entries[bundle.first : bundle.first + bundle.width]
        tree[bundle.path()] = encode_bundle(within)
    text = checkpoint_over(entries, signer.name).to_text()
    tree["checkpoint"] = signer.sign(text).to_bytes()
    return tree
