# SPDX-License-Identifier: Apache-2.0
"""Proofs that are made verify, the vectors of others are taken or refused as they say, and nothing else is."""

from __future__ import annotations

import base64
import json
from pathlib import Path
from typing import Any

import pytest
from tests.unit.ledger.logs import NOT_HERE, SPECIFICATIONS, published, some_entries

from privity.errors import InputError, VerificationError
from privity.ledger.proofs import (
    consistency_proof,
    inclusion_proof,
    verify_consistency,
    verify_inclusion,
)
from privity.ledger.tree import NO_PEAKS, leaf_hash, leaf_hashes

FOLDER = SPECIFICATIONS / "merkle" / "testdata"
SIZES = (1, 2, 3, 5, 8, 255, 256, 257, 300, 700)


def vectors(kind: str) -> list[Any]:
    found = sorted((FOLDER / kind).rglob("*.json"))
    return [pytest.param(path, id=path.relative_to(FOLDER).as_posix()) for path in found]


def test_the_vectors_are_all_there() -> None:
    if not FOLDER.exists():
        pytest.skip(NOT_HERE)
    assert (len(vectors("inclusion")), len(vectors("consistency"))) == (98, 98)


def loaded(path: Path) -> tuple[dict[str, Any], list[bytes], bool]:
    case = json.loads(path.read_text(encoding="utf-8"))
    proof = [base64.b64decode(item) for item in case["proof"] or []]
    return case, proof, not case["wantErr"]


def whole(kind: str) -> list[Any]:
    """The vectors of subtrees that are logs with entries: those that begin at 0 and are not empty."""
    cases = [(param, loaded(param.values[0])[0]) for param in vectors(kind)]
    return [param for param, case in cases if case["start"] == 0 and case["end"] > 0]


def holds(path: Path) -> bool:
    """Whether the proof of a case shows what the case claims."""
    case, proof, _ = loaded(path)
    try:
        if "leafHash" in case:
            verify_inclusion(
                base64.b64decode(case["leafHash"]),
                index=case["leafIdx"],
                size=case["treeSize" if "treeSize" in case else "end"],
                proof=proof,
                root=base64.b64decode(case["root"]),
            )
        else:
            verify_consistency(
                old=case["size1" if "size1" in case else "end"],
                old_root=base64.b64decode(case["root1"]),
                new=case["size2" if "size2" in case else "size"],
                new_root=base64.b64decode(case["root2"]),
                proof=proof,
            )
    except VerificationError as error:
        return error.code not in {"ledger/inclusion", "ledger/consistency"}
    return True


@pytest.mark.parametrize("path", [*vectors("inclusion"), *vectors("consistency")])
def test_a_vector_is_taken_or_refused_as_it_says(path: Path) -> None:
    assert holds(path) is loaded(path)[2]  # [LED-50] [LED-51] [LED-52]


@pytest.mark.parametrize("path", whole("subtreeinclusion") + whole("subtreeconsistency"))
def test_a_vector_of_a_subtree_that_is_a_whole_tree_is_one_of_a_tree(path: Path) -> None:
    assert holds(path) is loaded(path)[2]


@pytest.mark.parametrize("size", SIZES)
def test_a_proof_of_inclusion_verifies(size: int) -> None:
    entries = some_entries(size)
    tree = published(entries)
    root = NO_PEAKS.extended(leaf_hashes(entries)).root()
    for index in {0, 1, size // 3, size // 2, size - 2, size - 1} & set(range(size)):
        proof = inclusion_proof(index, size, tree)
        leaf = leaf_hash(entries[index])
        verify_inclusion(leaf, index=index, size=size, proof=proof, root=root)  # [LED-50]
        with pytest.raises(VerificationError, match="leads to another root"):
            verify_inclusion(
                leaf_hash(b"other"), index=index, size=size, proof=proof, root=root
            )


@pytest.mark.parametrize("new", SIZES)
def test_a_proof_of_consistency_verifies(new: int) -> None:
    leaves = leaf_hashes(some_entries(new))
    tree = published(some_entries(new))
    new_root = NO_PEAKS.extended(leaves).root()
    for old in {1, 2, 3, new // 2, 255, 256, 257, new - 1, new} & set(range(1, new + 1)):
        old_root = NO_PEAKS.extended(leaves[:old]).root()
        proof = consistency_proof(old, new, tree)
        verify_consistency(
            old=old, old_root=old_root, new=new, new_root=new_root, proof=proof
        )  # [LED-51]
        assert (proof == ()) is (old == new)


def test_a_proof_of_a_million_entries_has_640_bytes_and_of_a_hundred_million_864() -> None:
    for size, length in ((1_000_000, 640), (100_000_000, 864)):
        counts = {len(shape(index, size)) for index in (0, size // 2, size - 1)}
        assert max(counts) * 32 == length  # [LED-52]


def shape(index: int, size: int) -> list[bytes]:
    """As many hashes as a proof needs: the only number that is not refused for its number."""
    for count in range(64):
        proof = [bytes(32)] * count
        with pytest.raises(VerificationError) as caught:
            verify_inclusion(bytes(32), index=index, size=size, proof=proof, root=b"")
        if "another root" in caught.value.message:
            return proof
    raise AssertionError


@pytest.mark.parametrize("index", [-1, 3, 1 << 64])
def test_nothing_is_proven_of_an_entry_that_is_not_there(index: int) -> None:
    with pytest.raises(InputError, match="is none of a log of 3 entries"):
        inclusion_proof(index, 3, published(some_entries(3)))
    with pytest.raises(VerificationError, match="is none of a log of 3 entries"):
        verify_inclusion(bytes(32), index=index, size=3, proof=(), root=bytes(32))


@pytest.mark.parametrize(("old", "new"), [(0, 3), (0, 0), (4, 3), (-1, 3)])
def test_nothing_is_proven_of_sizes_that_do_not_follow(old: int, new: int) -> None:
    with pytest.raises(InputError, match="cannot be shown to extend"):
        consistency_proof(old, new, published(some_entries(3)))
    with pytest.raises(VerificationError, match="cannot have become"):
        verify_consistency(
            old=old, old_root=bytes(32), new=new, new_root=bytes(32), proof=()
        )  # [LED-51]


@pytest.mark.parametrize("wrong", ["old_root", "new_root"])
def test_a_proof_of_consistency_leads_to_both_roots(wrong: str) -> None:
    leaves = leaf_hashes(some_entries(7))
    tree = published(some_entries(7))
    for old in (3, 4, 7):
        roots = {
            "old_root": NO_PEAKS.extended(leaves[:old]).root(),
            "new_root": NO_PEAKS.extended(leaves).root(),
        }
        proof = consistency_proof(old, 7, tree)
        verify_consistency(old=old, new=7, proof=proof, **roots)
        with pytest.raises(VerificationError) as caught:
            verify_consistency(old=old, new=7, proof=proof, **(roots | {wrong: bytes(32)}))
        assert caught.value.code == "ledger/consistency"  # [LED-52]
