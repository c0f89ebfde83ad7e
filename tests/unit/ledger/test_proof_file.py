# SPDX-License-Identifier: Apache-2.0
"""A proof in a file needs the entry, the log's key, and nothing else."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from tests.unit.ledger.logs import OTHER, SIGNER, VKEYS, checkpoint_over, published

from privity.errors import VerificationError
from privity.ledger.note import Note, sign
from privity.ledger.proof_file import LONGEST_EXTRA, ProofFile, open_proof
from privity.ledger.proofs import inclusion_proof
from privity.ledger.tree import leaf_hash

ENTRIES = [b"one", b"two", b"three", b"four", b"five"]
CHECKPOINT = checkpoint_over(ENTRIES)
PROOF = ProofFile(
    index=2,
    hashes=inclusion_proof(2, 5, published(ENTRIES)),
    checkpoint=SIGNER.sign(CHECKPOINT.to_text()),
)
LEAF = leaf_hash(b"three")


def test_a_proof_opens_to_the_checkpoint_that_it_rests_on() -> None:
    for proof in (PROOF, replace(PROOF, extra=b"of a friend")):
        data = proof.to_bytes()
        assert ProofFile.parse(data) == proof  # [LED-53]
        assert open_proof(ProofFile.parse(data), LEAF, VKEYS) == CHECKPOINT  # [LED-54]


def test_a_file_reads_as_the_specification_shows_it() -> None:
    lines = replace(PROOF, extra=b"x").to_bytes().decode().split("\n")
    assert lines[:3] == ["c2sp.org/tlog-proof@v1", "extra eA==", "index 2"]  # [LED-53]
    assert [len(line) for line in lines[3:6]] == [44, 44, 44]
    assert lines[6:9] == ["", SIGNER.name, "5"]


def test_further_signatures_stay() -> None:
    both = replace(PROOF, checkpoint=sign(CHECKPOINT.to_text(), [SIGNER, OTHER]))
    assert ProofFile.parse(both.to_bytes()).checkpoint.signatures == both.checkpoint.signatures
    assert open_proof(both, LEAF, VKEYS) == CHECKPOINT


@pytest.mark.parametrize(
    ("proof", "leaf", "code"),
    [
        (PROOF, leaf_hash(b"four"), "ledger/inclusion"),
        (replace(PROOF, index=3), LEAF, "ledger/inclusion"),
        (replace(PROOF, index=5), LEAF, "ledger/inclusion"),
        (replace(PROOF, hashes=PROOF.hashes[:-1]), LEAF, "ledger/inclusion"),
        (replace(PROOF, hashes=(*PROOF.hashes, bytes(32))), LEAF, "ledger/inclusion"),
        (replace(PROOF, hashes=PROOF.hashes[::-1]), LEAF, "ledger/inclusion"),
        (
            replace(PROOF, checkpoint=OTHER.sign(CHECKPOINT.to_text())),
            LEAF,
            "ledger/unsigned",
        ),
        (
            replace(PROOF, checkpoint=SIGNER.sign(checkpoint_over(ENTRIES[:4]).to_text())),
            LEAF,
            "ledger/inclusion",
        ),
    ],
)
def test_what_does_not_belong_together_opens_nothing(
    proof: ProofFile, leaf: bytes, code: str
) -> None:
    with pytest.raises(VerificationError) as caught:
        open_proof(ProofFile.parse(proof.to_bytes()), leaf, VKEYS)
    assert caught.value.code == code  # [LED-54]


@pytest.mark.parametrize(
    "change",
    [
        {"index": -1},
        {"index": 1 << 63},
        {"hashes": (bytes(31),)},
        {"hashes": (bytes(32),) * 64},
        {"extra": bytes(LONGEST_EXTRA + 1)},
        {"checkpoint": SIGNER.sign("hello\n")},
    ],
    ids=[
        "minus",
        "too-large",
        "short-hash",
        "too-many-hashes",
        "too-long-extra",
        "no-checkpoint",
    ],
)
def test_what_cannot_stand_in_a_file_is_not_made(change: dict[str, Any]) -> None:
    with pytest.raises(VerificationError):
        replace(PROOF, **change)  # [LED-53]


def test_a_file_that_is_too_long_is_not_read() -> None:
    with pytest.raises(VerificationError, match="expected at most"):
        ProofFile.parse(bytes(4 << 20))


def test_a_long_note_and_long_extra_data_have_room() -> None:
    extensions = ("x" * 1_000_000,)
    note = SIGNER.sign(replace(CHECKPOINT, extensions=extensions).to_text())
    proof = replace(PROOF, checkpoint=note, extra=bytes(LONGEST_EXTRA))
    assert ProofFile.parse(proof.to_bytes()) == proof
    assert isinstance(proof.checkpoint, Note)
