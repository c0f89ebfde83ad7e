# SPDX-License-Identifier: Apache-2.0
"""A tree that is read ahead gives what it would have given, and is asked for nothing else."""

from __future__ import annotations

import pytest
from tests.unit.ledger.logs import VKEYS, MemoryTree, checkpoint_over, published, some_entries

from privity.app.public_tree.ahead import bundles_ahead, read_ahead, verified_paths
from privity.ledger.ports import NotFoundError
from privity.ledger.since import read_since
from privity.ledger.verify import verify_log

SIZES = [0, 1, 255, 256, 257, 16_384, 16_385, 70_000]


class Listed(MemoryTree):
    """A tree that lists what it was asked for."""

    def __init__(self, tree: MemoryTree) -> None:
        super().__init__(tree)
        self.asked: list[str] = []

    def read(self, path: str) -> bytes:
        self.asked.append(path)
        return super().read(path)


@pytest.mark.parametrize("size", SIZES)
def test_what_is_asked_for_ahead_is_what_is_read(size: int) -> None:
    tree = Listed(published(some_entries(size)))
    found = verify_log(tree, VKEYS)
    assert tree.asked == ["checkpoint", *verified_paths(size)]
    ahead = Listed(tree)
    with read_ahead(ahead, size) as reader:
        assert verify_log(reader, VKEYS) == found
    assert sorted(ahead.asked) == sorted(tree.asked)


@pytest.mark.parametrize("first", [0, 1, 255, 256, 16_384, 69_999])
def test_the_end_of_a_log_is_read_ahead_too(first: int) -> None:
    entries = some_entries(70_000)
    tree, checkpoint = Listed(published(entries)), checkpoint_over(entries)
    read_since(tree, checkpoint, first, lambda _at, _some: None)
    ahead = Listed(tree)
    found: list[bytes] = []
    with bundles_ahead(ahead, first, len(entries)) as reader:
        read_since(reader, checkpoint, first, lambda _at, some: found.extend(some))
    assert found == entries[first:]
    assert sorted(ahead.asked) == sorted(tree.asked)


def test_what_is_not_there_is_said_when_it_is_asked_for() -> None:
    tree = published(some_entries(600))
    del tree["tile/0/001"]
    with read_ahead(tree, 600) as reader:
        assert reader.read("tile/entries/000") == tree["tile/entries/000"]
        with pytest.raises(NotFoundError):
            reader.read("tile/0/001")


def test_what_nobody_expected_is_read_all_the_same() -> None:
    tree = published(some_entries(600))
    with read_ahead(tree, 600) as reader:
        for _ in range(2):
            assert reader.read("checkpoint") == tree["checkpoint"]
            assert reader.read("tile/0/000") == tree["tile/0/000"]
