# SPDX-License-Identifier: Apache-2.0
"""The file of a release's leaves is read as it was written, or not at all."""

from __future__ import annotations

from hashlib import sha256
from pathlib import Path

import numpy as np
import pytest

from privity.errors import InputError, UnavailableError
from privity.ledger.prefix import Leaf, PrefixTree
from privity.release.branches import write_leaves
from privity.release.leaves import leaf_of, read_leaves


def made(count: int) -> list[Leaf]:
    hashes = [sha256(str(number).encode()).digest() for number in range(2 * count)]
    return sorted(map(Leaf, hashes[:count], hashes[count:]))


def put(path: Path, leaves: list[Leaf]) -> None:
    tags, values = (
        np.frombuffer(b"".join(one[place] for one in leaves), np.uint8).reshape(-1, 32)
        for place in range(2)
    )
    write_leaves(path, tags, values)


@pytest.mark.parametrize("count", [0, 1, 2, 31, 32, 500])
def test_a_file_has_the_tree_of_its_leaves(tmp_path: Path, count: int) -> None:
    leaves = made(count)
    put(tmp_path / "leaves", leaves)
    found, tree = read_leaves(tmp_path / "leaves"), PrefixTree(leaves)
    assert (found.root(), found.count) == (tree.root, count)
    for leaf in leaves[:5]:
        assert leaf_of(found.bucket(found.crown().place(leaf.tag)), leaf.tag) == leaf
    assert leaf_of(leaves, bytes(32)) is None


def test_a_file_that_is_cut_short_or_something_else_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "leaves"
    put(path, made(100))
    data = path.read_bytes()
    for wrong in (b"", data[:-1], data + b"\0", b"x" + data[1:], data[:20], data[:40]):
        path.write_bytes(wrong)
        with pytest.raises(UnavailableError) as refused:
            read_leaves(path)
        assert refused.value.code == "release/leaves"
    path.unlink()
    with pytest.raises(UnavailableError):
        read_leaves(path)


def test_leaves_out_of_order_are_not_written(tmp_path: Path) -> None:
    leaves = made(10)
    with pytest.raises(InputError, match="in order"):
        put(tmp_path / "leaves", leaves[::-1])
