# SPDX-License-Identifier: Apache-2.0
"""A certificate says who may use what, for what and until when, and nothing else passes for one (REL-53)."""

from __future__ import annotations

from typing import Any

import pytest
from tests.unit.release.papers.made_papers import AT, END, NOW, described, revised

from privity.errors import InputError
from privity.release.papers.certificate import Certificate


def payload() -> dict[str, Any]:
    return Certificate.of(described(), issued_at=NOW).to_payload()


def test_it_names_what_somebody_must_know_who_is_shown_it() -> None:
    found = payload()
    assert {
        "release": "lab-2026-11",
        "revision": 1,
        "recipient": "lab",
        "purpose": "genai-training",
        "ledger_size": 1234,
        "policy": "genai-training",
        "version": "2024-09-18",
        "expires_at": "2027-11-20T00:00:00Z",
        "origin": "example.com/log",
        "entry": 1236,
    }.items() <= found.items()


@pytest.mark.parametrize("keys", [{}, {"expires_at": None}, {"policy": None, "version": None}])
def test_it_is_read_as_it_was_written(keys: dict[str, Any]) -> None:
    made = Certificate.of(described(**keys), issued_at=AT)
    assert Certificate.parse(made.to_payload()) == made


def test_that_of_a_later_revision_names_it_and_what_it_heeds() -> None:
    first = described()
    found = Certificate.of(revised(first, first.content), issued_at=NOW)
    assert (found.revision, found.entry, found.ledger_size) == (2, 2005, 2000)
    assert found.expires_at == END


@pytest.mark.parametrize(
    "change",
    [
        {"format": "privity-certificate/2"},
        {"revision": 0},
        {"revision": True},
        {"revision": "1"},
        {"entry": -1},
        {"ledger_size": 0},
        {"release": "../up"},
        {"recipient": ""},
        {"purpose": "two words"},
        {"manifest": "AB" * 32},
        {"files_root": "AAAA"},
        {"members_root": 7},
        {"issued_at": 7},
        {"issued_at": "2026-11-22T08:00:00+00:00"},
        {"expires_at": "soon"},
        {"expires_at": None},
        {"version": None},
        {"more": 1},
    ],
)
def test_nothing_else_passes_for_one(change: dict[str, Any]) -> None:
    with pytest.raises(InputError):
        Certificate.parse(payload() | change)


@pytest.mark.parametrize("key", sorted({*payload()} - {"policy", "version", "expires_at"}))
def test_nothing_of_it_may_be_missing(key: str) -> None:
    with pytest.raises(InputError):
        Certificate.parse({name: value for name, value in payload().items() if name != key})
