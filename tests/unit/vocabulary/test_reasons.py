# SPDX-License-Identifier: Apache-2.0
"""Every reason has a basis and its words (VOC-30 to VOC-33)."""

from __future__ import annotations

import re

import pytest

from privity.vocabulary.reasons import ANOTHER_PARTY, KINDS, REASONS_BY_ID, Asks, Reason
from privity.vocabulary.terms import DECIDED, REASONS

EVERY = pytest.mark.parametrize("reason", REASONS_BY_ID.values(), ids=lambda one: one.id)

# What a member would learn of somebody else from.
OF_OTHERS = re.compile(
    r"\b(others?|another|someone|somebody|sender|recipient|addressee|author|party|parties|they|their|them)\b"
)

# The order of the table in the decision specification, then what rests on text: a reason's place is its bit for ever.
IN_ORDER = """
    unknown-party account-closed deceased unknown-jurisdiction order agreement jurisdiction-exempt
    minor age-unknown opted-out opted-out-then uninformed before-consent not-opted-in explicit-only
    no-notice objection-window before-notice no-parties bad-time unknown-category unknown-purpose
    unknown-recipient no-policy no-ground forbidden enterprise-seat unknown-quote duplicate-record copy-of-refused
""".split()


def test_a_reason_keeps_its_bit() -> None:
    """VOC-30."""
    assert list(REASONS) == IN_ORDER
    assert [reason.id for reason in REASONS_BY_ID.values()] == IN_ORDER
    assert [reason.bit for reason in REASONS_BY_ID.values()] == list(range(len(IN_ORDER)))


@EVERY
def test_a_reason_has_a_basis(reason: Reason) -> None:
    """VOC-31."""
    assert reason.basis
    for basis in reason.basis:
        assert basis.citation
        assert (basis.regime is not None) == (basis.kind == "law")


def test_every_kind_of_basis_is_there() -> None:
    """VOC-31."""
    kinds = {basis.kind for reason in REASONS_BY_ID.values() for basis in reason.basis}
    assert kinds == set(KINDS)


@pytest.mark.parametrize(
    ("name", "kind", "regime"),
    [
        ("agreement", "contract", None),
        ("no-notice", "notice", None),
        ("opted-out", "law", "GDPR"),
        ("before-notice", "law", "FTC Act"),
        ("minor", "law", "COPPA"),
        ("unknown-party", "law", "ePrivacy"),
        ("enterprise-seat", "law", "GDPR"),
        ("forbidden", "house-rule", None),
    ],
)
def test_what_the_case_says_a_reason_rests_on(name: str, kind: str, regime: str | None) -> None:
    """VOC-31."""
    assert (kind, regime) in {(one.kind, one.regime) for one in REASONS_BY_ID[name].basis}


def test_a_basis_is_said_with_its_kind_and_regime() -> None:
    opted_out = REASONS_BY_ID["opted-out"].basis[0]
    assert str(opted_out) == "law: GDPR Art 21: right to object"
    assert opted_out.iri == "https://w3id.org/dpv/legal/eu/gdpr#A21"
    assert str(REASONS_BY_ID["agreement"].basis[0]).startswith("contract: a promise")


@EVERY
def test_a_reason_has_its_words(reason: Reason) -> None:
    """VOC-32."""
    for text in (reason.operator, reason.remedy):
        assert text
        assert not text.endswith(".")
        assert text[0].islower()
    assert reason.member.endswith(".")
    assert reason.member[0].isupper()


@EVERY
def test_a_members_words_tell_nothing_of_others(reason: Reason) -> None:
    """VOC-33."""
    assert not OF_OTHERS.search(reason.member.lower().replace("otherwise", ""))


def test_another_party_reads_the_same_whatever_the_reason() -> None:
    """VOC-33."""
    assert ANOTHER_PARTY.count(".") == 1
    assert not any(name in ANOTHER_PARTY for name in REASONS)


def test_who_is_asked() -> None:
    """VOC-32."""
    asked = {
        kind: [one.id for one in REASONS_BY_ID.values() if one.asks is kind] for kind in Asks
    }
    assert asked[Asks.PARTY] == IN_ORDER[:11]
    assert asked[Asks.SETTING] == IN_ORDER[11:18]
    assert asked[Asks.RECORD] == IN_ORDER[18:29]
    assert asked[Asks.TEXT] == IN_ORDER[29:] == sorted(set(REASONS) - set(DECIDED))
