# SPDX-License-Identifier: Apache-2.0
"""There is no attested entry whose signature is not its attester's, and no attester whom anybody could be."""

from __future__ import annotations

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import (
    Ed25519PrivateKey,
    Ed25519PublicKey,
)

from privity.entries.attested import (
    AttestedEntry,
    Attester,
    Evidence,
    Statement,
    attest,
    attester_of,
)
from privity.entries.fact import FactEntry
from privity.errors import InputError, VerificationError

SEED, OTHER = bytes([7]) * 32, bytes([8]) * 32
FIELD = 2**255 - 19
CURVE = -121665 * pow(121666, -1, FIELD) % FIELD


def statement(seed: bytes = SEED) -> Statement:
    return Statement(
        origin="example.com/ledger",
        attester=attester_of("Ada", seed),
        claimed_at=5,
        evidence=Evidence(sha256="0" * 64, url="https://example.com/x"),
        says=FactEntry(member="a", fact="closed", at=1),
    )


def test_a_statement_is_signed_by_its_attester_and_nobody_else() -> None:
    """[ENT-66]"""
    entry = attest(statement(), SEED)
    assert AttestedEntry.parse(entry.to_payload()) == entry
    with pytest.raises(VerificationError, match="not one of `Ada`"):
        attest(statement(), OTHER)
    with pytest.raises(VerificationError):
        AttestedEntry(statement=statement(OTHER), signature=entry.signature)


def test_the_bytes_that_are_signed_have_a_domain_of_their_own() -> None:
    """[ENT-66]"""
    text = statement().to_sign()
    assert text.startswith(b'privity/attested/v1\x00{"attester":{"key":"')
    assert attest(statement(), SEED).signature == Ed25519PrivateKey.from_private_bytes(
        SEED
    ).sign(text)


@pytest.mark.parametrize("seed", [b"", SEED[:31], SEED + b"\0"])
def test_a_signing_key_has_32_bytes_and_the_message_does_not_show_them(seed: bytes) -> None:
    """[ENT-66]"""
    with pytest.raises(InputError) as refused:
        attester_of("Ada", seed)
    assert refused.value.message == f"a signing key has 32 secret bytes, not {len(seed)}"


def doubled(point: tuple[int, int]) -> tuple[int, int]:
    """A point of the curve of Ed25519, added to itself."""
    x, y = point
    product = CURVE * x * x * y * y
    return (
        2 * x * y * pow(1 + product, -1, FIELD) % FIELD,
        (y * y + x * x) * pow(1 - product, -1, FIELD) % FIELD,
    )


def point_at(height: int) -> tuple[int, int]:
    square = (height * height - 1) * pow(CURVE * height * height + 1, -1, FIELD) % FIELD
    root = pow(square, (FIELD + 3) // 8, FIELD)
    if root * root % FIELD != square:
        root = root * pow(2, (FIELD - 1) // 4, FIELD) % FIELD
    assert root * root % FIELD == square
    return root, height


# Eight points add up to nothing when taken eight times; these are their heights.
SMALL = [
    0,
    1,
    FIELD - 1,
    int.from_bytes(
        bytes.fromhex("26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05"),
        "little",
    ),
    int.from_bytes(
        bytes.fromhex("c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a"),
        "little",
    ),
]


@pytest.mark.parametrize("height", SMALL)
@pytest.mark.parametrize("sign", [0, 1 << 255])
def test_a_key_of_small_order_is_nobodys(height: int, sign: int) -> None:
    """[ENT-37]"""
    point = point_at(height)
    for _ in range(3):
        point = doubled(point)
    assert point == (0, 1)
    with pytest.raises(InputError, match="that somebody can own"):
        Attester(name="Ada", key=(height | sign).to_bytes(32, "little"))


@pytest.mark.parametrize("text", [b"yes", b"no"])
def test_under_such_a_key_one_signature_is_of_everything(text: bytes) -> None:
    """[ENT-37]"""
    nothing = (1).to_bytes(32, "little")
    Ed25519PublicKey.from_public_bytes(nothing).verify(nothing + bytes(32), text)


@pytest.mark.parametrize("beyond", [0, 1, 18])
def test_a_key_is_not_spelled_beyond_the_field(beyond: int) -> None:
    """[ENT-37]"""
    with pytest.raises(InputError):
        Attester(name="Ada", key=(FIELD + beyond).to_bytes(32, "little"))


def test_the_keys_that_people_have_are_taken() -> None:
    """[ENT-37]"""
    for number in range(50):
        assert len(attester_of("Ada", bytes([number]) * 32).key) == 32
