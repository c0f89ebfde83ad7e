# SPDX-License-Identifier: Apache-2.0
"""The prefix tree refuses what is in no order, and proofs that no tree has ([REL-21], [REL-23], [REL-24])."""

from __future__ import annotations

import pytest

from privity.errors import InputError, VerificationError
from privity.ledger.prefix import (
    NOTHING,
    Crown,
    Leaf,
    PrefixProof,
    PrefixTree,
    branch_of,
    crown_bits,
    leaf_hash,
    prefix_root,
    verify_in,
    verify_not_in,
)

LOW = Leaf(b"\x00" * 32, b"\x01" * 32)
HIGH = Leaf(b"\xff" * 32, b"\x02" * 32)


def test_no_leaf_is_zeros_and_one_leaf_is_its_own_root() -> None:
    assert prefix_root([]) == NOTHING == PrefixTree([]).root
    assert prefix_root([LOW]) == leaf_hash(*LOW) == PrefixTree([LOW]).root
    verify_not_in(LOW.tag, PrefixTree([]).prove(LOW.tag), NOTHING)


@pytest.mark.parametrize(
    "leaves",
    [
        [HIGH, LOW],
        [LOW, LOW],
        [Leaf(b"\0" * 31, LOW.value)],
        [LOW, Leaf(HIGH.tag, b"\0" * 33)],
    ],
)
def test_leaves_out_of_order_or_of_other_sizes_are_refused(leaves: list[Leaf]) -> None:
    with pytest.raises(InputError, match=r"expected|32 bytes"):
        prefix_root(leaves)


def test_a_tag_of_another_size_is_refused() -> None:
    tree = PrefixTree([LOW])
    with pytest.raises(InputError, match="expected 32"):
        tree.prove(b"\0")
    with pytest.raises(InputError, match="expected 32"):
        verify_not_in(b"\0", tree.prove(HIGH.tag), tree.root)


def test_a_crown_has_a_power_of_two_of_branches() -> None:
    with pytest.raises(ValueError, match="power of two"):
        Crown([branch_of([LOW])] * 3)
    assert [crown_bits(count) for count in (0, 31, 32, 1_000_000)] == [0, 0, 1, 15]


def test_a_proof_with_nothing_beside_its_end_is_none() -> None:
    with pytest.raises(VerificationError, match="nothing stands beside"):
        PrefixProof(is_in=True, other=None, beside=(NOTHING,))
    with pytest.raises(VerificationError, match="at most 256"):
        PrefixProof(is_in=True, other=None, beside=(b"\1" * 32,) * 257)
    with pytest.raises(VerificationError, match="other leaf"):
        PrefixProof(is_in=True, other=LOW, beside=())


def test_a_leaf_that_stands_elsewhere_shows_nothing() -> None:
    near = Leaf(b"\x00" * 31 + b"\x01", b"\3" * 32)
    tree = PrefixTree([LOW, near, HIGH])
    proof = tree.prove(HIGH.tag)
    stolen = PrefixProof(is_in=False, other=HIGH, beside=proof.beside)
    with pytest.raises(VerificationError, match="stands elsewhere"):
        verify_not_in(near.tag, stolen, tree.root)
    with pytest.raises(VerificationError, match="its own"):
        verify_not_in(HIGH.tag, stolen, tree.root)
    with pytest.raises(VerificationError, match="not 32 bytes"):
        verify_in(HIGH.tag, b"", proof, tree.root)
