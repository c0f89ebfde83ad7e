# SPDX-License-Identifier: Apache-2.0
"""A checkpoint counts when a key of the log that it speaks for has signed it."""

from __future__ import annotations

import pytest
from tests.unit.ledger.logs import ORIGIN, OTHER, SIGNER, VKEYS, checkpoint_over

from privity.errors import VerificationError
from privity.ledger.checkpoint import Checkpoint, open_checkpoint
from privity.ledger.note import Signer, sign

CHECKPOINT = checkpoint_over([b"one", b"two", b"three"])
SIGNED = SIGNER.sign(CHECKPOINT.to_text()).to_bytes()


def code_of(data: bytes, *signers: Signer) -> str:
    with pytest.raises(VerificationError) as caught:
        open_checkpoint(data, [signer.vkey for signer in signers])
    return caught.value.code


def test_the_example_of_the_specification_is_what_we_sign(repository_text: str) -> None:
    assert SIGNED.decode() in repository_text  # [LED-40]
    assert open_checkpoint(SIGNED, VKEYS) == CHECKPOINT


def test_further_lines_are_passed_on() -> None:
    text = CHECKPOINT.to_text() + "more\n"
    found = open_checkpoint(SIGNER.sign(text).to_bytes(), VKEYS)
    assert found.extensions == ("more",)  # [LED-40]
    assert found.to_text() == text


def test_nobody_else_signs_for_a_log() -> None:
    data = OTHER.sign(CHECKPOINT.to_text()).to_bytes()
    assert code_of(data, SIGNER) == "ledger/unsigned"  # [LED-42]
    assert code_of(data, OTHER) == "ledger/origin"
    assert code_of(data, OTHER, SIGNER) == "ledger/origin"


def test_who_signs_beside_the_log_does_not_matter() -> None:
    both = sign(CHECKPOINT.to_text(), [OTHER, SIGNER]).to_bytes()
    assert open_checkpoint(both, [OTHER.vkey, SIGNER.vkey]) == CHECKPOINT
    assert open_checkpoint(both, VKEYS) == CHECKPOINT
    assert code_of(both, OTHER) == "ledger/origin"  # [LED-42]


def test_a_signature_makes_no_checkpoint_of_another_text() -> None:
    assert code_of(SIGNER.sign("hello\n").to_bytes(), SIGNER) == "ledger/checkpoint"


@pytest.mark.parametrize(
    ("origin", "size", "root", "extensions"),
    [
        ("", 1, bytes(32), ()),
        ("two\nlines", 1, bytes(32), ()),
        (ORIGIN, -1, bytes(32), ()),
        (ORIGIN, 1 << 63, bytes(32), ()),
        (ORIGIN, 1, bytes(31), ()),
        (ORIGIN, 0, bytes(32), ()),
        (ORIGIN, 1, bytes(32), ("",)),
        (ORIGIN, 1, bytes(32), ("a\tb",)),
    ],
)
def test_what_cannot_be_a_checkpoint_is_not_made(
    origin: str, size: int, root: bytes, extensions: tuple[str, ...]
) -> None:
    with pytest.raises(VerificationError, match="this is no checkpoint: "):
        Checkpoint(origin=origin, size=size, root=root, extensions=extensions)  # [LED-41]


@pytest.fixture
def repository_text(request: pytest.FixtureRequest) -> str:
    repository = request.getfixturevalue("repository")
    text: str = (repository / "specs" / "ledger.md").read_text(encoding="utf-8")
    return text
