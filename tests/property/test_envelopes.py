# SPDX-License-Identifier: Apache-2.0
"""Envelopes: what was signed is read, in one spelling, by the key that signed it; nothing else is."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import assume, given, strategies as st
from tests.property.made_entries import ANYTHING, KEYS

from privity.entries.dsse import (
    Envelope,
    EnvelopeSigner,
    key_id_of,
    read_signed,
    sign,
    sign_value,
    to_sign,
    verify,
)
from privity.errors import PrivityError, VerificationError

SEEDS = KEYS.map(lambda seed: EnvelopeSigner(seed=seed))
TYPES = st.sampled_from(
    ["application/vnd.in-toto+json", "application/vnd.privity.certificate+json", "a/b"]
)
VALUES = st.dictionaries(
    st.text(st.characters(min_codepoint=97, max_codepoint=122), max_size=6),
    ANYTHING | st.integers(-(2**53) + 1, 2**53 - 1) | st.booleans() | st.lists(ANYTHING),
    max_size=4,
)


@given(TYPES, VALUES, SEEDS)
def test_what_was_signed_is_read(
    kind: str, value: dict[str, object], by: EnvelopeSigner
) -> None:
    """[ENT-90] [ENT-92] [ENT-94]"""
    envelope = sign_value(kind, value, by)
    data = envelope.to_bytes()
    assert Envelope.parse(data) == envelope
    assert Envelope.parse(data).to_bytes() == data
    assert read_signed(data, payload_type=kind, public=by.public) == value


@given(TYPES, VALUES, SEEDS, st.data())
def test_no_bit_can_be_changed(
    kind: str, value: dict[str, object], by: EnvelopeSigner, data: st.DataObject
) -> None:
    """[ENT-90] [ENT-91] [ENT-93]"""
    signed = sign_value(kind, value, by).to_bytes()
    place = data.draw(st.integers(0, len(signed) * 8 - 1))
    broken = bytearray(signed)
    broken[place // 8] ^= 1 << place % 8
    with pytest.raises(PrivityError):
        read_signed(bytes(broken), payload_type=kind, public=by.public)


@given(TYPES, st.binary(max_size=60), SEEDS, SEEDS)
def test_another_key_has_not_signed(
    kind: str, payload: bytes, by: EnvelopeSigner, other: EnvelopeSigner
) -> None:
    """[ENT-93]"""
    assume(by != other)
    envelope = sign(kind, payload, by)
    with pytest.raises(VerificationError) as refused:
        verify(envelope, other.public)
    assert refused.value.code == "entry/unsigned"
    [mine], [theirs] = envelope.signatures, sign(kind, payload, other).signatures
    both = replace(envelope, signatures=(theirs, mine))
    assert verify(both, by.public) == verify(both, other.public) == payload
    borrowed = replace(mine, key_id=key_id_of(other.public))
    with pytest.raises(VerificationError) as broken:
        verify(replace(envelope, signatures=(borrowed,)), other.public)
    assert broken.value.code == "entry/signature"


@given(
    st.text(max_size=20), st.binary(max_size=20), st.text(max_size=20), st.binary(max_size=20)
)
def test_no_two_pairs_are_signed_as_one_text(
    kind: str, payload: bytes, other_kind: str, other: bytes
) -> None:
    """[ENT-91]"""
    assume((kind, payload) != (other_kind, other))
    assert to_sign(kind, payload) != to_sign(other_kind, other)


@given(st.binary(max_size=200))
def test_bytes_at_random_are_refused_as_an_input(data: bytes) -> None:
    """[ENT-90]"""
    with pytest.raises(PrivityError):
        Envelope.parse(data)
