# SPDX-License-Identifier: Apache-2.0
"""A baseline binds its file, shows no hash of it, and takes no other."""

from __future__ import annotations

import hashlib
import hmac
from dataclasses import replace

import pytest

from privity.canonical.encode import encode_canonical
from privity.entries.baseline import (
    BaselineEntry,
    BaselineFile,
    Replaced,
    erased_tag,
    next_opening,
)
from privity.entries.compose import compose_public
from privity.errors import InputError, VerificationError

OPENING = bytes(range(64, 96))
FILE = BaselineFile(sha256="ab" * 32, size=1234, rows=5)
ENTRY = BaselineEntry.of(FILE, opening=OPENING, claimed_by="the network")


def test_a_baseline_takes_its_file_and_no_other() -> None:
    """[ENT-47]"""
    ENTRY.check_file(FILE, opening=OPENING)
    for other in (
        replace(FILE, sha256="ac" * 32),
        replace(FILE, size=1235),
        replace(FILE, rows=6),
    ):
        with pytest.raises(VerificationError, match="not what the entry commits to"):
            ENTRY.check_file(other, opening=OPENING)
    with pytest.raises(VerificationError):
        ENTRY.check_file(FILE, opening=bytes(32))


def test_a_baseline_that_says_another_number_of_facts_is_refused() -> None:
    """[ENT-47]"""
    with pytest.raises(VerificationError, match="has 5 facts and its entry says 6"):
        replace(ENTRY, rows=6).check_file(FILE, opening=OPENING)


def test_the_file_is_named_in_one_spelling() -> None:
    """[ENT-2] [ENT-47]"""
    assert FILE.to_bytes() == (
        b'{"rows":5,"schema":"privity/baseline/v1","sha256":"' + b"ab" * 32 + b'","size":1234}'
    )
    assert BaselineFile.parse(FILE.to_bytes()) == FILE
    for data in (
        FILE.to_bytes() + b"\n",
        FILE.to_bytes().replace(b"v1", b"v2"),
        FILE.to_bytes().replace(b'"rows":5,', b""),
        encode_canonical([1]),
    ):
        with pytest.raises(InputError):
            BaselineFile.parse(data)


def test_the_hash_of_the_file_does_not_show() -> None:
    """[ENT-15] [ENT-47]"""
    assert FILE.sha256 not in encode_canonical(ENTRY.to_payload()).decode()
    again = BaselineEntry.of(FILE, opening=bytes(32), claimed_by="the network")
    assert again.commitment != ENTRY.commitment


def test_a_baseline_says_which_one_it_replaces_and_how_many_facts_went() -> None:
    """[ENT-47]"""
    replaces = Replaced(entry=17, erased=2, tags=(bytes(32), bytes([1]) * 32))
    entry = BaselineEntry.of(FILE, opening=OPENING, claimed_by="a", replaces=replaces)
    assert BaselineEntry.parse(entry.to_payload()) == entry
    least = replace(entry, replaces=Replaced(entry=17, erased=0))
    assert least.to_payload()["replaces"] == {"entry": 17, "erased": 0}
    assert BaselineEntry.parse(least.to_payload()) == least


@pytest.mark.parametrize(
    "tags",
    [
        (bytes([1]) * 32, bytes(32)),
        (bytes(32), bytes(32)),
        (bytes(31),),
        tuple(bytes([number]) * 32 for number in range(65)),
    ],
    ids=["out of order", "twice", "short", "too many"],
)
def test_the_tags_of_those_who_went_have_one_spelling(tags: tuple[bytes, ...]) -> None:
    """[ENT-63]"""
    with pytest.raises(InputError, match="`tags`"):
        Replaced(entry=17, erased=2, tags=tags)


def test_64_tags_fit_into_an_entry() -> None:
    """[ENT-4] [ENT-63]"""
    tags = tuple(bytes([number]) * 32 for number in range(64))
    replaces = Replaced(entry=2**53 - 1, erased=2**53 - 1, tags=tags)
    entry = BaselineEntry.of(FILE, opening=OPENING, claimed_by="é" * 200, replaces=replaces)
    made = compose_public(entry, number=2**53 - 1, time=253_402_300_799, origin="example.com/x")
    assert len(made.data) <= 4096


def test_a_tag_tells_a_member_only_by_the_opening() -> None:
    """[ENT-63]"""
    tag = erased_tag(OPENING, "a")
    assert tag == hmac.digest(
        OPENING, b'privity/baseline-erased/v1\0{"member":"a"}', hashlib.sha256
    )
    assert len({tag, erased_tag(OPENING, "b"), erased_tag(bytes(32), "a")}) == 3
    assert erased_tag(OPENING, "7") != erased_tag(OPENING, 7)


def test_the_opening_of_what_is_left_follows_from_that_before() -> None:
    """[ENT-47]"""
    following = next_opening(OPENING)
    assert following == hmac.digest(OPENING, b"privity/baseline-next/v1\0", hashlib.sha256)
    with pytest.raises(InputError, match="31 bytes"):
        next_opening(bytes(31))
