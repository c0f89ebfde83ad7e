# SPDX-License-Identifier: Apache-2.0
"""The end of a log is verified without its beginning, and nothing in it can be changed."""

from __future__ import annotations

from collections.abc import Sequence

import pytest
from hypothesis import given, strategies as st
from tests.unit.ledger.logs import MemoryTree, checkpoint_over, published, some_entries

from privity.errors import InputError, PrivityError, VerificationError
from privity.ledger.ports import CHECKPOINT
from privity.ledger.since import read_since

ENTRIES = some_entries(600)


def read(tree: MemoryTree, size: int, first: int) -> list[bytes]:
    found: list[bytes] = []

    def visit(at: int, some: Sequence[bytes]) -> None:
        assert at == first + len(found)
        found.extend(some)

    read_since(tree, checkpoint_over(ENTRIES[:size]), first, visit)
    return found


@given(st.data())
def test_the_entries_from_any_index_on_are_read_and_verified(data: st.DataObject) -> None:
    """LED-83."""
    size = data.draw(st.sampled_from([1, 2, 3, 255, 256, 257, 511, 512, 600]))
    first = data.draw(st.integers(0, size - 1))
    assert read(published(ENTRIES[:size]), size, first) == ENTRIES[first:size]


@pytest.mark.parametrize("first", [0, 1, 255, 256, 300, 599])
def test_whatever_is_changed_from_the_index_on_is_found(first: int) -> None:
    """LED-83: in the entries, or in the tiles that stand for what was before."""
    tree = published(ENTRIES)
    asked = Asked(tree)
    read_since(asked, checkpoint_over(ENTRIES), first, lambda _at, _some: None)
    for path in sorted(asked.paths):
        other = published(ENTRIES)
        # Every hash of a tile, and the last byte of a bundle: what a proof does not need, it does not look at.
        changed = [byte ^ 1 for byte in other[path]]
        entries = "entries" in path
        other[path] = other[path][:-1] + bytes(changed[-1:]) if entries else bytes(changed)
        with pytest.raises(PrivityError) as caught:
            read(other, 600, first)
        assert isinstance(caught.value, VerificationError)


@pytest.mark.parametrize("first", [-1, 600, 601])
def test_an_index_that_the_log_does_not_have_is_refused(first: int) -> None:
    with pytest.raises(InputError) as caught:
        read(published(ENTRIES), 600, first)
    assert caught.value.code == "ledger/no-such-entry"


class Asked:
    """A tree that keeps what it was asked for."""

    def __init__(self, tree: MemoryTree) -> None:
        self._tree = tree
        self.paths: set[str] = set()

    def read(self, path: str) -> bytes:
        assert path != CHECKPOINT
        found = self._tree.read(path)
        self.paths.add(path)
        return found
