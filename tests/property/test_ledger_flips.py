# SPDX-License-Identifier: Apache-2.0
"""One bit that flips anywhere in what a log serves or hands out is noticed, without exception."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial

import pytest
from hypothesis import given, strategies
from tests.unit.ledger.logs import (
    SIGNER,
    VKEYS,
    MemoryTree,
    checkpoint_over,
    published,
    some_entries,
)

from privity.errors import PrivityError, VerificationError
from privity.ledger.proof_file import ProofFile, open_proof
from privity.ledger.proofs import (
    consistency_proof,
    inclusion_proof,
    verify_consistency,
    verify_inclusion,
)
from privity.ledger.tree import NO_PEAKS, Peaks, leaf_hash, leaf_hashes
from privity.ledger.verify import verify_log

Parts = dict[str, bytes]

# Small enough for every bit, large enough for two levels of tiles.
SMALL = some_entries(5)
LARGE = some_entries(600)
LARGE_TREE = published(LARGE)
PATHS = sorted(LARGE_TREE)


def flips(data: bytes) -> Iterator[bytes]:
    """The bytes with each of their bits flipped, one at a time."""
    for place in range(8 * len(data)):
        yield flip(data, place)


def flip(data: bytes, place: int) -> bytes:
    flipped = bytearray(data)
    flipped[place // 8] ^= 1 << place % 8
    return bytes(flipped)


def all_noticed(data: bytes, accept: Callable[[bytes], object]) -> None:
    """Every flip of a bit must be refused; what is whole must not."""
    accept(data)
    for flipped in flips(data):
        with pytest.raises(PrivityError):
            accept(flipped)


@pytest.mark.parametrize("path", sorted(published(SMALL)))
def test_every_bit_of_what_a_small_log_serves_counts(path: str) -> None:
    tree = published(SMALL)

    def accept(data: bytes) -> None:
        verify_log(MemoryTree({**tree, path: data}), VKEYS)

    all_noticed(tree[path], accept)  # [LED-80]


@given(strategies.sampled_from(PATHS), strategies.integers(min_value=0))
def test_any_bit_of_what_a_larger_log_serves_counts(path: str, number: int) -> None:
    flipped = flip(LARGE_TREE[path], number % (8 * len(LARGE_TREE[path])))
    with pytest.raises(VerificationError):
        verify_log(MemoryTree({**LARGE_TREE, path: flipped}), VKEYS)  # [LED-80] [LED-81]


@given(strategies.sampled_from(PATHS), strategies.data())
def test_anything_cut_or_added_counts(path: str, data: strategies.DataObject) -> None:
    plain = LARGE_TREE[path]
    end = data.draw(strategies.integers(0, len(plain) - 1))
    for changed in (plain[:end], plain + plain[end:], plain[end:] if end else b""):
        with pytest.raises(VerificationError):
            verify_log(MemoryTree({**LARGE_TREE, path: changed}), VKEYS)  # [LED-80]


@pytest.mark.parametrize("size", [2, 3, 5])
def test_every_bit_of_a_proof_of_inclusion_counts(size: int) -> None:
    entries = SMALL[:size]
    tree = published(entries)
    for index in range(size):
        parts = {
            "proof": b"".join(inclusion_proof(index, size, tree)),
            "leaf": leaf_hash(entries[index]),
            "root": checkpoint_over(entries).root,
        }

        def accept(part: str, data: bytes, parts: Parts = parts, index: int = index) -> None:
            given = {**parts, part: data}
            verify_inclusion(
                given["leaf"],
                index=index,
                size=size,
                proof=cut(given["proof"]),
                root=given["root"],
            )

        for part, plain in parts.items():
            all_noticed(plain, partial(accept, part))  # [LED-52]


@pytest.mark.parametrize("old", [1, 2, 3, 4])
def test_every_bit_of_a_proof_of_consistency_counts(old: int) -> None:
    parts = {
        "proof": b"".join(consistency_proof(old, 5, published(SMALL))),
        "old_root": checkpoint_over(SMALL[:old]).root,
        "new_root": checkpoint_over(SMALL).root,
    }

    def accept(part: str, data: bytes) -> None:
        given = {**parts, part: data}
        verify_consistency(
            old=old,
            old_root=given["old_root"],
            new=5,
            new_root=given["new_root"],
            proof=cut(given["proof"]),
        )

    for part, plain in parts.items():
        all_noticed(plain, partial(accept, part))  # [LED-52]


@given(strategies.integers(0, 599), strategies.integers(1, 600), strategies.data())
def test_a_proof_shows_one_index_of_one_size(
    index: int, size: int, data: strategies.DataObject
) -> None:
    proof = inclusion_proof(index, 600, LARGE_TREE)
    root, leaf = checkpoint_over(LARGE).root, leaf_hash(LARGE[index])
    other = data.draw(strategies.integers(0, 599).filter(lambda at: at != index))
    with pytest.raises(VerificationError):
        verify_inclusion(leaf, index=other, size=600, proof=proof, root=root)
    if size < 600:
        smaller = checkpoint_over(LARGE[:size]).root
        with pytest.raises(VerificationError):
            verify_inclusion(leaf, index=index, size=size, proof=proof, root=smaller)


def test_every_bit_of_a_proof_file_but_its_extra_data_counts() -> None:
    proof = ProofFile(
        index=3,
        hashes=inclusion_proof(3, 5, published(SMALL)),
        checkpoint=SIGNER.sign(checkpoint_over(SMALL).to_text()),
    )
    leaf = leaf_hash(SMALL[3])
    all_noticed(
        proof.to_bytes(), lambda data: open_proof(ProofFile.parse(data), leaf, VKEYS)
    )  # [LED-54]


def test_every_bit_of_an_entry_and_of_the_peaks_changes_the_root() -> None:
    leaves = leaf_hashes(SMALL)
    peaks = NO_PEAKS.extended(leaves)
    roots = {Peaks.parse(5, flipped).root() for flipped in flips(peaks.to_bytes())}  # [LED-12]
    assert len(roots - {peaks.root()}) == 8 * len(peaks.to_bytes())
    roots = {
        NO_PEAKS.extended([*leaves[:2], leaf_hash(flipped), *leaves[3:]]).root()
        for flipped in flips(SMALL[2])
    }
    assert len(roots - {peaks.root()}) == 8 * len(SMALL[2])  # [LED-10]


def cut(data: bytes) -> list[bytes]:
    return [data[at : at + 32] for at in range(0, len(data), 32)]
