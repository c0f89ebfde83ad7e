# SPDX-License-Identifier: Apache-2.0
"""Logs to verify and to prove from: one of a million entries in files, and the tiles of a hundred million."""

from __future__ import annotations

import random
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

from benchmarks.child import Work
from privity.entries.compose import compose_private, compose_public
from privity.entries.enrol import EnrolEntry
from privity.entries.envelope import MemberEvent
from privity.entries.fact import FactEntry
from privity.entries.genesis import GenesisEntry
from privity.entries.payload import Payload
from privity.entries.receipts import Receipt, ReceiptEvent
from privity.ledger.checkpoint import Checkpoint
from privity.ledger.note import Signer
from privity.ledger.tiles import (
    NO_EDGE,
    TILE_WIDTH,
    Tile,
    bundles_between,
    encode_bundle,
    tiles_between,
)
from privity.ledger.tree import leaf_hash, leaf_hashes, parents

ORIGIN: Final = "benchmarks.example/log"
SIGNER: Final = Signer(name=ORIGIN, seed=bytes(range(32)))
EVENTS: Final = 50
"""Events of the one member whose receipt is checked."""
AT_ONCE: Final = 64 * TILE_WIDTH
"""Entries that are hashed together."""
EQUAL: Final = b""
"""The entry that the large log has at every index."""

_MEMBER: Final = bytes(range(1, 33))
_BEGAN: Final = 1_790_000_000
_LINKS: Final = 30_000
"""Names of one file: file systems take no more than some 65,000."""


def make(folder: str, entries: int) -> Work:
    """Prepare to make a log in files, if it is not there: mostly of entries of private streams."""
    root = Path(folder)

    def work() -> dict[str, Any]:
        if not (root / "checkpoint").exists():
            _write_log(root, entries)
        return {}

    return work


def link(folder: str, size: int) -> Work:
    """Prepare to make the tiles of a large log whose entries are all equal, if they are not there.

    Each tile has its own name and is found by it; full tiles of a level are equal, and many names are of one file.
    """
    root = Path(folder)

    def work() -> dict[str, Any]:
        if not (root / "done").exists():
            _link_tiles(root, size)
            (root / "done").touch()
        return {}

    return work


def places(size: int) -> list[int]:
    """Give where in a log the events of the one member are."""
    return [1 + number * (size - 1) // EVENTS for number in range(EVENTS)]


def receipt(indices: list[int]) -> Receipt:
    """Give the receipt of the one member, or its beginning."""
    made = [(index, *_event(number, index)) for number, index in enumerate(indices, 1)]
    events = tuple(
        ReceiptEvent(index=index, entry=entry, payload=payload)
        for index, entry, payload in made
    )
    return Receipt(origin=ORIGIN, member="m1", key=_MEMBER, events=events)


def _write_log(root: Path, size: int) -> None:
    edge, stream = NO_EDGE, _entries(size)
    for first in range(0, size, AT_ONCE):
        entries = [next(stream) for _ in range(min(AT_ONCE, size - first))]
        edge, full = edge.extended(leaf_hashes(entries))
        for tile, data in full:
            _write(root, tile, data)
        for bundle in bundles_between(first, first + len(entries)):
            at = bundle.first - first
            _write(root, bundle, encode_bundle(entries[at : at + bundle.width]))
    for tile, data in edge.tiles():
        _write(root, tile, data)
    (root / "vkey").write_text(f"{SIGNER.vkey.to_text()}\n", encoding="utf-8")
    checkpoint = Checkpoint(origin=ORIGIN, size=size, root=edge.peaks().root())
    (root / "checkpoint").write_bytes(SIGNER.sign(checkpoint.to_text()).to_bytes())


def _write(root: Path, tile: Tile, data: bytes) -> None:
    place = root / tile.path()
    place.parent.mkdir(parents=True, exist_ok=True)
    place.write_bytes(data)


def _entries(size: int) -> Iterator[bytes]:
    """Give the entries of a log: its genesis, the events of one member, and those of others."""
    genesis = GenesisEntry(
        origin=ORIGIN,
        vkey=SIGNER.vkey.to_text(),
        clock="system",
        attested="restrict",
        vocabulary="1.0.0",
    )
    draws = random.Random(1)
    numbers = {index: number for number, index in enumerate(places(size), 1)}
    yield compose_public(genesis, number=1, time=_BEGAN, origin=ORIGIN).data
    for index in range(1, size):
        if index in numbers:
            yield _event(numbers[index], index)[0]
        else:
            commitment, tag = draws.randbytes(32), draws.randbytes(32)
            yield MemberEvent(commitment=commitment, tag=tag, time=_time(index)).to_bytes()


def _event(number: int, index: int) -> tuple[bytes, bytes]:
    """Give an entry of the one member, and its payload."""
    says = (
        EnrolEntry(member="m1")
        if number == 1
        else FactEntry(
            member="m1",
            fact="setting",
            value="off" if number % 2 else "on",
            at=_time(index),
            detail={"setting": "genai-improvement"},
        )
    )
    payload = Payload(number=number, schema=says.SCHEMA, content=says.to_payload()).to_bytes()
    made = compose_private(says, key=_MEMBER, number=number, time=_time(index), origin=ORIGIN)
    return made.data, payload


def _time(index: int) -> int:
    return _BEGAN + index // 1_000


def _link_tiles(root: Path, size: int) -> None:
    nodes = [leaf_hash(EQUAL)]
    originals: dict[int, tuple[int, Path]] = {}
    for tile in tiles_between(0, size):
        while len(nodes) <= tile.level:
            nodes.append(_above(nodes[-1]))
        links, original = originals.get(tile.level, (_LINKS, root))
        if tile.width < TILE_WIDTH or links == _LINKS:
            _write(root, tile, nodes[tile.level] * tile.width)
            originals[tile.level] = (1, root / tile.path())
        else:
            place = root / tile.path()
            place.parent.mkdir(parents=True, exist_ok=True)
            place.hardlink_to(original)
            originals[tile.level] = (links + 1, original)


def _above(node: bytes) -> bytes:
    """Give the root over a full tile of equal hashes."""
    row = [node] * TILE_WIDTH
    while len(row) > 1:
        row = parents(row)
    return row[0]
