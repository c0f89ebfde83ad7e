# SPDX-License-Identifier: Apache-2.0
"""The prefix tree against twenty naive lines: of every tag it shows that it is in or that it is not, and never both."""

from __future__ import annotations

from collections.abc import Sequence
from hashlib import sha256

import pytest
from hypothesis import given, strategies as st

from privity.errors import VerificationError
from privity.ledger.prefix import (
    Crown,
    Leaf,
    PrefixProof,
    PrefixTree,
    branch_of,
    prefix_root,
    verify_in,
    verify_not_in,
)

NOTHING = bytes(32)


def naive(leaves: Sequence[Leaf], depth: int = 0) -> bytes:
    """The specification's own words ([REL-20], [REL-21])."""
    if not leaves:
        return NOTHING
    if len(leaves) == 1:
        return sha256(b"\x02" + leaves[0].tag + leaves[0].value).digest()
    halves: tuple[list[Leaf], list[Leaf]] = ([], [])
    for leaf in leaves:
        halves[leaf.tag[depth // 8] >> (7 - depth % 8) & 1].append(leaf)
    left, right = (naive(half, depth + 1) for half in halves)
    return sha256(b"\x03" + left + right).digest()


def tag_of(few: tuple[int, int], end: int) -> bytes:
    """Tags that share many bits, at the front and up to the very last."""
    return bytes(few) + NOTHING[3:] + bytes([end])


TAGS = st.one_of(
    st.binary(min_size=32, max_size=32),
    st.builds(tag_of, st.tuples(st.integers(0, 3), st.integers(0, 255)), st.integers(0, 3)),
)
SETS = st.dictionaries(TAGS, st.binary(min_size=32, max_size=32), max_size=80)


def leaves_of(made: dict[bytes, bytes]) -> list[Leaf]:
    return sorted(Leaf(tag, value) for tag, value in made.items())


@given(SETS)
def test_the_root_is_that_of_the_naive_tree(made: dict[bytes, bytes]) -> None:
    leaves = leaves_of(made)
    assert PrefixTree(leaves).root == prefix_root(leaves) == naive(leaves)


@given(SETS, st.integers(0, 6))
def test_a_crown_of_any_height_has_the_same_root_and_proofs(
    made: dict[bytes, bytes], bits: int
) -> None:
    leaves = leaves_of(made)
    whole = PrefixTree(leaves)
    buckets = [
        [leaf for leaf in leaves if int.from_bytes(leaf.tag, "big") >> (256 - bits) == place]
        for place in range(1 << bits)
    ]
    crown = Crown([branch_of(bucket, bits) for bucket in buckets])
    assert crown.root == whole.root
    for tag in [*made, NOTHING, b"\xff" * 32]:
        assert crown.prove(tag, buckets[crown.place(tag)]) == whole.prove(tag)


@given(SETS, TAGS)
def test_each_tag_is_shown_to_be_in_or_not_in(made: dict[bytes, bytes], asked: bytes) -> None:
    """[REL-22], [REL-23]: and never both."""
    tree = PrefixTree(leaves_of(made))
    for tag in [asked, *made]:
        proof = tree.prove(tag)
        assert PrefixProof.parse(proof.to_bytes()) == proof
        assert proof.is_in == (tag in made)
        if tag in made:
            verify_in(tag, made[tag], proof, tree.root)
            with pytest.raises(VerificationError):
                verify_not_in(tag, proof, tree.root)
        else:
            verify_not_in(tag, proof, tree.root)
            with pytest.raises(VerificationError):
                verify_in(tag, NOTHING, proof, tree.root)


def verifies(tag: bytes, value: bytes, data: bytes, root: bytes) -> str | None:
    """What bytes show of a tag."""
    try:
        proof = PrefixProof.parse(data)
        assert proof.to_bytes() == data
        if proof.is_in:
            verify_in(tag, value, proof, root)
            return "in"
        verify_not_in(tag, proof, root)
    except VerificationError:
        return None
    return "not in"


@given(SETS, TAGS, st.data())
def test_mutants_of_a_proof_are_refused(
    made: dict[bytes, bytes], asked: bytes, data: st.DataObject
) -> None:
    """[REL-24]."""
    tree = PrefixTree(leaves_of(made))
    tag = data.draw(st.sampled_from([asked, *made]))
    value = made.get(tag, NOTHING)
    proof = tree.prove(tag).to_bytes()
    truth = "in" if tag in made else "not in"
    assert verifies(tag, value, proof, tree.root) == truth
    place = data.draw(st.integers(0, len(proof) - 1))
    flipped = bytearray(proof)
    flipped[place] ^= 1 << data.draw(st.integers(0, 7))
    mutants = [bytes(flipped), proof[:-1], proof + b"\0", proof + NOTHING, b"", proof[:3]]
    for mutant in mutants:
        if mutant != proof:
            assert verifies(tag, value, mutant, tree.root) is None
    # With another value, or for another root, it shows nothing either.
    assert verifies(tag, sha256(value).digest(), proof, tree.root) == (
        None if tag in made else "not in"
    )
    assert verifies(tag, value, proof, sha256(tree.root).digest()) is None


@given(SETS, TAGS, TAGS)
def test_a_proof_of_one_tag_shows_nothing_untrue_of_another(
    made: dict[bytes, bytes], asked: bytes, other: bytes
) -> None:
    tree = PrefixTree(leaves_of(made))
    for tag in [asked, *made]:
        for mine in [other, *made]:
            shown = verifies(
                mine, made.get(mine, NOTHING), tree.prove(tag).to_bytes(), tree.root
            )
            assert shown in {None, "in" if mine in made else "not in"}
