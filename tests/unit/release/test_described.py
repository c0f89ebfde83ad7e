# SPDX-License-Identifier: Apache-2.0
"""`release.json`: one spelling, and nothing that contradicts itself (specs/release.md, [REL-9])."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given, strategies as st

from privity.entries.release import Content, CreatedRelease, RevisedRelease
from privity.errors import VerificationError
from privity.release.described import Described

CONTENT = Content(
    files=1,
    size=100,
    rows=10,
    files_root=bytes(32),
    members=3,
    members_root=bytes(range(32)),
    manifest="0" * 64,
    columns="1" * 64,
)
CREATED = CreatedRelease(
    release="first",
    clearing="c1",
    purpose="genai-training",
    recipient="lab",
    ledger_size=7,
    content=CONTENT,
    # The base point of the curve: a key that somebody can own.
    key=bytes([0x58]) + bytes([0x66]) * 31,
)
REVISED = RevisedRelease(
    release="first",
    revision=2,
    ledger_size=12,
    content=replace(CONTENT, rows=9),
    revocation="r1",
)
FIRST = Described(
    origin="example.com/log", created=CREATED, created_at=8, says=CREATED, index=8
)
SECOND = replace(FIRST, says=REVISED, index=13)


@pytest.mark.parametrize("described", [FIRST, SECOND], ids=["created", "revised"])
def test_it_is_read_as_it_was_written(described: Described) -> None:
    """REL-9."""
    assert Described.parse(described.to_bytes()) == described
    assert described.content == described.says.content


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("format", "privity-release/2"),
        ("index", 9),
        ("index", 7),
        ("index", True),
        ("index", "8"),
        ("name", "other"),
        ("revision", 2),
        ("entry", None),
        ("entry", {"action": "ended", "release": "first", "why": "expired"}),
        ("entry", REVISED.to_payload()),
        ("created", {"entry": REVISED.to_payload(), "index": 8}),
        ("more", 1),
    ],
)
def test_what_contradicts_itself_describes_nothing(key: str, value: Any) -> None:
    """REL-9."""
    said = {**json.loads(FIRST.to_bytes()), key: value}
    with pytest.raises(VerificationError) as caught:
        Described.parse((json.dumps(said, indent=2, sort_keys=True) + "\n").encode())
    assert caught.value.code == "release/described"


@pytest.mark.parametrize("data", [b"", b"[]", b"{}", b"null", b"\xff", b"1"])
def test_other_bytes_describe_nothing(data: bytes) -> None:
    """REL-9."""
    with pytest.raises(VerificationError):
        Described.parse(data)


@given(st.integers(0, len(SECOND.to_bytes()) - 1), st.integers(1, 255))
def test_another_byte_is_none_or_something_else(place: int, flip: int) -> None:
    """REL-9: what is read back is what was written."""
    data = bytearray(SECOND.to_bytes())
    data[place] ^= flip
    try:
        found = Described.parse(bytes(data))
    except VerificationError:
        return
    assert found.to_bytes() == bytes(data)
    assert found != SECOND
