# SPDX-License-Identifier: Apache-2.0
"""The tree has the hashes that everybody's has, and its peaks carry it on."""

from __future__ import annotations

import pytest
from tests.unit.ledger.logs import some_entries

from privity.errors import VerificationError
from privity.ledger.tree import (
    EMPTY_ROOT,
    NO_PEAKS,
    Peaks,
    leaf_hash,
    leaf_hashes,
    node_hash,
    parents,
)

# The entries and roots that implementations of RFC 6962 have been tested with since the first.
ENTRIES = [
    bytes.fromhex(text)
    for text in (
        "",
        "00",
        "10",
        "2021",
        "3031",
        "40414243",
        "5051525354555657",
        "606162636465666768696a6b6c6d6e6f",
    )
]
ROOTS = [
    "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
]


@pytest.mark.parametrize("size", range(len(ROOTS)))
def test_the_root_is_the_one_that_everybody_has(size: int) -> None:
    peaks = NO_PEAKS.extended(leaf_hashes(ENTRIES[:size]))
    assert peaks.root().hex() == ROOTS[size]  # [LED-10] [LED-11]


def test_the_tree_without_entries_has_the_hash_of_no_bytes() -> None:
    assert EMPTY_ROOT.hex() == ROOTS[0]  # [LED-10]
    assert NO_PEAKS.root() == EMPTY_ROOT


def test_a_leaf_is_no_node() -> None:
    left, right = leaf_hash(b"a"), leaf_hash(b"b")
    assert leaf_hash(left + right) != node_hash(left, right)  # [LED-10]


def test_hashes_of_many_are_those_of_each() -> None:
    entries = some_entries(20)
    assert leaf_hashes(entries) == [leaf_hash(entry) for entry in entries]
    hashes = leaf_hashes(entries)
    assert parents(hashes[:5]) == [node_hash(*hashes[:2]), node_hash(*hashes[2:4])]


@pytest.mark.parametrize("size", [0, 1, 2, 3, 7, 8, 255, 256, 257, 1000])
def test_peaks_are_one_for_each_bit_and_survive_their_bytes(size: int) -> None:
    peaks = NO_PEAKS.extended(leaf_hashes(some_entries(size)))
    assert len(peaks.hashes) == size.bit_count()  # [LED-12]
    assert Peaks.parse(size, peaks.to_bytes()) == peaks


@pytest.mark.parametrize(
    ("size", "data"),
    [
        (0, bytes(32)),
        (1, b""),
        (3, bytes(32)),
        (3, bytes(63)),
        (3, bytes(65)),
        (4, bytes(64)),
        (-1, bytes(32)),
        (1 << 63, bytes(32)),
    ],
)
def test_hashes_that_make_no_tree_of_the_size_are_refused(size: int, data: bytes) -> None:
    with pytest.raises(VerificationError) as caught:
        Peaks.parse(size, data)
    assert caught.value.code == "ledger/peaks"
