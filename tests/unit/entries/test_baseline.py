# SPDX-License-Identifier: Apache-2.0
"""A baseline binds its file, shows no hash of it, and takes no other."""

from __future__ import annotations

from dataclasses import replace

import pytest

from privity.canonical.encode import encode_canonical
from privity.entries.baseline import BaselineEntry, BaselineFile, Replaced
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
    replaces = Replaced(entry=17, erased=2)
    entry = BaselineEntry.of(FILE, opening=OPENING, claimed_by="a", replaces=replaces)
    assert entry.to_payload()["replaces"] == {"entry": 17, "erased": 2}
    assert BaselineEntry.parse(entry.to_payload()) == entry
    with pytest.raises(InputError, match="`erased` is `0`"):
        Replaced(entry=17, erased=0)
