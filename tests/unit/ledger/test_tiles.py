# SPDX-License-Identifier: Apache-2.0
"""Tiles and bundles are those of tlog-tiles, however many entries come at once."""

from __future__ import annotations

import pytest
from tests.unit.ledger.logs import MemoryTree, published, some_entries

from privity.errors import InputError, VerificationError
from privity.ledger.ports import NotFoundError
from privity.ledger.reading import TiledTree, read_entries, read_hashes
from privity.ledger.tiles import (
    ENTRIES,
    NO_EDGE,
    Edge,
    Tile,
    bundles_between,
    edge_tiles,
    encode_bundle,
    parse_bundle,
    tile_hashes,
    tiles_between,
)
from privity.ledger.tree import NO_PEAKS, leaf_hashes


def test_a_log_of_70_000_has_the_tiles_of_the_specification() -> None:
    tiles = list(tiles_between(0, 70_000))
    full = [(tile.level, tile.index) for tile in tiles if tile.width == 256]
    assert full == [(0, index) for index in range(273)] + [(1, 0)]
    rest = [tile.path() for tile in tiles if tile.width != 256]
    assert rest == ["tile/0/273.p/112", "tile/1/001.p/17", "tile/2/000.p/1"]  # [LED-22]


def test_a_log_of_256_has_a_hash_above_its_tile() -> None:
    assert [tile.path() for tile in tiles_between(0, 256)] == ["tile/0/000", "tile/1/000.p/1"]


def test_a_larger_log_adds_what_changed() -> None:
    assert [tile.path() for tile in tiles_between(200, 300)] == [
        "tile/0/000",
        "tile/0/001.p/44",
        "tile/1/000.p/1",
    ]
    assert [tile.path() for tile in tiles_between(300, 301)] == ["tile/0/001.p/45"]
    assert [bundle.path() for bundle in bundles_between(200, 512)] == [
        "tile/entries/000",
        "tile/entries/001",
    ]
    for size in (0, 1, 256, 300):
        assert list(tiles_between(size, size)) == []
        assert list(bundles_between(size, size)) == []


def test_the_edge_is_what_is_not_full() -> None:
    assert edge_tiles(0) == []
    assert edge_tiles(65_536) == [Tile(level=2, index=0, width=1)]
    assert [tile.path() for tile in edge_tiles(70_000)] == [
        "tile/0/273.p/112",
        "tile/1/001.p/17",
        "tile/2/000.p/1",
    ]


@pytest.mark.parametrize("size", [0, 1, 255, 256, 257, 511, 513, 2000])
def test_an_edge_is_read_from_its_tiles_and_goes_on(size: int) -> None:
    leaves = leaf_hashes(some_entries(2600))
    grown, _ = NO_EDGE.extended(leaves[:size])
    stored = dict(grown.tiles())
    read = Edge.read(size, stored.__getitem__)
    assert read == grown
    assert read.extended(leaves[size:]) == grown.extended(leaves[size:])
    assert read.peaks() == NO_PEAKS.extended(leaves[:size])  # [LED-12]


def test_an_edge_of_three_levels_has_the_root_that_peaks_have() -> None:
    leaves = leaf_hashes(some_entries(1)) * 66_000
    edge, full = NO_EDGE.extended(leaves)
    assert edge.peaks() == NO_PEAKS.extended(leaves)
    assert {tile for tile, _ in full} | {tile for tile, _ in edge.tiles()} == set(
        tiles_between(0, 66_000)
    )


@pytest.mark.parametrize("length", [0, 31, 63, 65, 96])
def test_a_tile_of_another_length_is_refused(length: int) -> None:
    with pytest.raises(VerificationError, match=r"`tile/0/000.p/2` has \d+ bytes, expected 64"):
        tile_hashes(Tile(level=0, index=0, width=2), bytes(length))  # [LED-20]


def test_an_entry_may_be_empty_and_has_at_most_65_535_bytes() -> None:
    entries = [b"", bytes(65_535), b"x"]
    assert parse_bundle(encode_bundle(entries), 3) == entries  # [LED-1] [LED-23]
    with pytest.raises(InputError, match="an entry has 65536 bytes, expected at most 65535"):
        encode_bundle([b"", bytes(65_536)])  # [LED-1]


def test_where_a_tile_was_removed_the_full_one_is_read() -> None:
    entries = some_entries(300)
    tree = published(entries)
    last, bundle = Tile(level=0, index=0, width=44), Tile(level=ENTRIES, index=0, width=44)
    assert last.path() not in tree
    assert read_hashes(tree, last) == leaf_hashes(entries[:44])  # [LED-24]
    assert read_entries(tree, bundle) == entries[:44]  # [LED-24]


def test_what_is_nowhere_is_missed_by_its_full_name() -> None:
    with pytest.raises(NotFoundError, match="there is no `tile/0/001`"):
        read_hashes(MemoryTree(), Tile(level=0, index=1, width=44))
    with pytest.raises(NotFoundError, match="there is no `tile/entries/001`"):
        read_entries(MemoryTree(), Tile(level=ENTRIES, index=1))


def test_a_tree_reads_each_tile_once() -> None:
    entries = some_entries(700)
    read: list[str] = []

    class Counting(MemoryTree):
        def read(self, path: str) -> bytes:
            read.append(path)
            return super().read(path)

    tree = TiledTree(700, Counting(published(entries)))
    peaks = NO_PEAKS.extended(leaf_hashes(entries))
    assert tree.subtree(0, 700) == peaks.root()
    assert tree.subtree(0, 700) == peaks.root()
    assert sorted(read) == ["tile/0/002.p/188", "tile/1/000.p/2"]
