# SPDX-License-Identifier: Apache-2.0
"""Digests and trees of many at a time, against those of one after the other."""

from __future__ import annotations

import hmac
from hashlib import sha256
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given, strategies as st

from privity.decide.kernel.hashing import LANES
from privity.errors import InputError
from privity.ledger.prefix import Leaf, PrefixTree, prefix_root
from privity.release import branches
from privity.release.alike import hmac_by_keys, hmac_of_texts, sha256_of
from privity.release.branches import root_of_leaves, write_leaves
from privity.release.tagged import leaf_values, release_tags
from privity.release.tags import leaf_salt, leaf_value, release_tag

COUNTS = st.one_of(st.integers(0, 5), st.integers(LANES - 2, 2 * LANES + 2))
LENGTHS = st.one_of(st.integers(0, 200), st.sampled_from([55, 56, 63, 64, 119, 120]))
SEEDS = st.integers(0, 2**32)


def drawn(seed: int, count: int, length: int) -> npt.NDArray[np.uint8]:
    return np.random.default_rng(seed).integers(0, 256, (count, length), np.uint8)


@given(SEEDS, COUNTS, LENGTHS, LENGTHS, st.binary(max_size=80))
def test_digests_of_many_are_those_of_each(
    seed: int, count: int, length: int, more: int, between: bytes
) -> None:
    one, other = drawn(seed, count, length), drawn(seed + 1, count, more)
    found = sha256_of(count, one, between, other)
    assert found.shape == (count, 32)
    assert [bytes(row) for row in found] == [
        sha256(bytes(first) + between + bytes(last)).digest()
        for first, last in zip(one, other, strict=True)
    ]


@given(SEEDS, COUNTS, st.binary(min_size=1, max_size=64), st.binary(max_size=80))
def test_what_is_keyed_is_that_of_each(seed: int, count: int, key: bytes, text: bytes) -> None:
    many = drawn(seed, count, 32)
    assert [bytes(row) for row in hmac_by_keys(many, text)] == [
        hmac.digest(bytes(one), text, "sha256") for one in many
    ]
    assert [bytes(row) for row in hmac_of_texts(key, count, text, many)] == [
        hmac.digest(key, text + bytes(one), "sha256") for one in many
    ]


@given(SEEDS, COUNTS, st.text("abc-", min_size=1, max_size=60))
def test_tags_and_leaves_of_many_members_are_those_of_each(
    seed: int, count: int, name: str
) -> None:
    """[REL-25], [REL-27], [REL-28]."""
    keys, salt = drawn(seed, count, 32), bytes(drawn(seed, 1, 32)[0])
    tags = release_tags([bytes(key) for key in keys], name)
    assert [bytes(tag) for tag in tags] == [release_tag(bytes(key), name) for key in keys]
    lists = [bytes(one[: one[0]]) for one in drawn(seed + 1, count, 40)]
    counts = np.random.default_rng(seed).integers(0, 2**40, count)
    found = leaf_values(salt, tags, counts, map(memoryview, lists))
    assert [bytes(one) for one in found] == [
        leaf_value(leaf_salt(salt, bytes(tag)), size, sha256(data).digest())
        for tag, size, data in zip(tags, counts.tolist(), lists, strict=True)
    ]


# Tags that part early, late, or at the very last bit.
TAGS = st.lists(
    st.one_of(
        st.binary(min_size=32, max_size=32),
        st.integers(0, 7).map(lambda end: bytes(31) + bytes([end])),
        st.builds(
            lambda bit, end: ((1 << bit) + end).to_bytes(32, "big"),
            st.integers(0, 255),
            st.integers(0, 1),
        ),
    ),
    unique=True,
    max_size=80,
)


@given(TAGS)
def test_the_tree_of_many_leaves_is_that_of_one_after_the_other(tags: list[bytes]) -> None:
    """[REL-20], [REL-21]: as a root alone, and in the file of leaves."""
    leaves = [Leaf(tag, sha256(tag).digest()) for tag in sorted(tags)]
    both = [
        np.frombuffer(b"".join(one), np.uint8).reshape(-1, 32)
        for one in ([leaf.tag for leaf in leaves], [leaf.value for leaf in leaves])
    ]
    expected = prefix_root(leaves)
    assert root_of_leaves(*both) == expected
    with TemporaryDirectory() as folder, pytest.MonkeyPatch.context() as patched:
        patched.setattr(branches, "_AT_ONCE", 2)
        made = write_leaves(Path(folder) / "leaves", *both)
        tree = PrefixTree(leaves)
        assert made.root() == tree.root == expected
        assert made.prove(tags) == [tree.prove(tag) for tag in tags]


@pytest.mark.parametrize("count", [2, 33, 500])
def test_tags_that_stand_twice_or_in_another_order_have_no_tree(
    tmp_path: Path, count: int
) -> None:
    tags = np.sort(drawn(1, count, 32).view("S32").ravel()).view(np.uint8).reshape(-1, 32)
    for wrong in (tags[::-1].copy(), np.concatenate((tags, tags[-1:]))):
        with pytest.raises(InputError, match="in order"):
            root_of_leaves(wrong, wrong)
        with pytest.raises(InputError, match="in order"):
            write_leaves(tmp_path / "leaves", wrong, wrong)
