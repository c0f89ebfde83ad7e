# SPDX-License-Identifier: Apache-2.0
"""Keys and numbers that are none are refused before anything is hashed; secrets stay out of messages."""

from __future__ import annotations

import hashlib
from collections.abc import Callable

import pytest

from privity.entries.seal import seal, unseal
from privity.entries.streams import (
    check_commitment,
    commit,
    event_key,
    public_stream_key,
    public_tag,
    tag_of,
)
from privity.errors import InputError, VerificationError

KEY = bytes(range(32))


@pytest.mark.parametrize("key", [b"", KEY[:31], KEY + b"\0"])
def test_a_key_has_32_bytes(key: bytes) -> None:
    """[ENT-20] [ENT-22] [ENT-25]"""
    uses: list[Callable[[], object]] = [
        lambda: event_key(key, 1),
        lambda: commit(key, b""),
        lambda: check_commitment(KEY, key, b""),
        lambda: seal(key, 1, b""),
        lambda: unseal(key, 1, bytes(60)),
    ]
    for use in uses:
        with pytest.raises(InputError, match=f"has {len(key)} bytes, expected 32") as refused:
            use()
        assert refused.value.code == "entry/key"


@pytest.mark.parametrize("number", [-1, 0, 2**53, 2**64])
def test_numbers_begin_with_1_and_end_where_json_does(number: int) -> None:
    """[ENT-20] [ENT-25]"""
    uses: list[Callable[[], object]] = [
        lambda: event_key(KEY, number),
        lambda: seal(KEY, number, b""),
        lambda: public_tag("example.com/ledger", "policy", number),
    ]
    for use in uses:
        with pytest.raises(InputError, match="the number of an event, from 1"):
            use()


@pytest.mark.parametrize("origin", ["", "a\0b", "\ud800", "x" * 201])
def test_an_origin_leaves_no_doubt_where_it_ends(origin: str) -> None:
    """[ENT-23]"""
    with pytest.raises(InputError, match="`origin` is"):
        public_stream_key(origin, "policy")


@pytest.mark.parametrize("stream", ["", "Policy", "a b", "a\0b", "-a", "a-", "a..b", "x" * 41])
def test_a_stream_has_a_plain_name(stream: str) -> None:
    """[ENT-13] [ENT-23]"""
    with pytest.raises(InputError, match="the name of a public stream"):
        public_stream_key("example.com/ledger", stream)


def test_the_formulas_are_those_of_the_specification() -> None:
    """[ENT-21] [ENT-22] [ENT-23]"""
    assert tag_of(KEY) == hashlib.sha256(b"privity/tag/v1\x00" + KEY).digest()
    assert commit(KEY, b"x") == hashlib.sha256(b"privity/commit/v1\x00" + KEY + b"x").digest()
    assert (
        public_stream_key("o", "s") == hashlib.sha256(b"privity/stream/v1\x00o\x00s").digest()
    )


def test_a_commitment_to_something_else_is_refused() -> None:
    """[ENT-22] [ENT-27]"""
    check_commitment(commit(KEY, b"x"), KEY, b"x")
    with pytest.raises(VerificationError, match="not what the entry commits to"):
        check_commitment(commit(KEY, b"x"), KEY, b"y")


def test_a_payload_sealed_twice_is_sealed_alike_and_two_payloads_share_no_nonce() -> None:
    """[ENT-25]"""
    assert seal(KEY, 1, b"x") == seal(KEY, 1, b"x")
    assert seal(KEY, 1, b"x")[:12] != seal(KEY, 1, b"y")[:12]
    assert len(seal(KEY, 1, b"x")) == 12 + 1 + 16
