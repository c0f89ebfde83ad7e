# SPDX-License-Identifier: Apache-2.0
"""Facts become entries where they have the shape of their kind, and come back the same."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest

from privity.entries.fact import FactEntry, entry_of
from privity.entries.order import OrderEntry
from privity.entries.recipient import RecipientEntry
from privity.errors import InputError, PrivityError
from privity.members.facts import Fact, MemberId


def fact(
    kind: str,
    value: str = "",
    *,
    member: MemberId | None = None,
    detail: Mapping[str, Any] | None = None,
) -> Fact:
    return Fact(member=member, fact=kind, value=value, at=5, recorded_at=7, detail=detail or {})


ROUND = [
    fact("setting", "off", member="a", detail={"setting": "s", "method": "signal"}),
    fact("merged", "8", member=7),
    fact("birth_date", "1990-05-05", member=-(2**63)),
    fact("seat-instruction", "Initech", detail={"purposes": ["genai-training"]}),
    fact("order", "x", detail={"jurisdictions": ["EU"], "categories": []}),
    fact("order-lifted", "x"),
    fact("recipient", "lab", detail={"role": "third-party"}),
    fact("recipient-ended", "lab"),
]


@pytest.mark.parametrize("one", ROUND, ids=[one.fact for one in ROUND])
def test_a_fact_comes_back_as_recorded_when_its_entry_was_made(one: Fact) -> None:
    """[ENT-12] [ENT-52] [ENT-53]"""
    assert entry_of(one).to_fact(7) == one
    assert entry_of(one).to_fact(9).recorded_at == 9


def test_orders_and_recipients_are_public() -> None:
    """[ENT-53]"""
    assert isinstance(entry_of(fact("order", "x")), OrderEntry)
    assert isinstance(
        entry_of(fact("recipient", "lab", detail={"role": "processor"})), RecipientEntry
    )
    for kind in ("order", "order-lifted", "recipient", "recipient-ended"):
        with pytest.raises(InputError, match="this one is public"):
            FactEntry(member=None, fact=kind, value="x", at=1)


@pytest.mark.parametrize(
    ("one", "code"),
    [
        (fact("teleported", member="a"), "vocabulary/unknown-fact"),
        (fact("closed"), "facts/member"),
        (fact("seat-instruction", "x", member="a"), "facts/member"),
        (fact("setting", "on", member="a"), "facts/detail"),
        (fact("closed", "x", member="a"), "facts/value"),
        (fact("order", "x", member="a"), "facts/member"),
        (fact("order", "", detail={}), "facts/value"),
        (fact("recipient", "lab"), "facts/detail"),
        (fact("recipient", "lab", detail={"role": "oracle"}), "vocabulary/unknown-role"),
        (fact("closed", member=2**63), "entry/payload"),
        (fact("closed", member=""), "entry/payload"),
    ],
)
def test_a_fact_without_the_shape_of_its_kind_becomes_no_entry(one: Fact, code: str) -> None:
    """[ENT-52]"""
    with pytest.raises(PrivityError) as refused:
        entry_of(one)
    assert refused.value.code == code


def test_an_entry_whose_words_are_unknown_becomes_no_fact() -> None:
    """[ENT-39] [ENT-52]"""
    entry = FactEntry(member="a", fact="teleported", at=1)
    with pytest.raises(InputError, match="unknown fact `teleported`"):
        entry.to_fact(1)


def test_an_order_is_made_of_an_order_and_a_recipient_of_a_recipient() -> None:
    """[ENT-45] [ENT-46]"""
    with pytest.raises(InputError, match="an order, or its lifting"):
        OrderEntry.of(fact("closed", member="a"))
    with pytest.raises(InputError, match="a recipient, or its end"):
        RecipientEntry.of(fact("closed", member="a"))


def test_a_recipient_that_the_register_has_is_changed() -> None:
    """[ENT-46]"""
    one = fact("recipient", "lab", detail={"role": "processor"})
    assert RecipientEntry.of(one).action == "added"
    assert RecipientEntry.of(one, known=True).action == "changed"
    assert RecipientEntry.of(fact("recipient-ended", "lab"), known=True).action == "ended"


def test_an_order_that_names_nothing_is_not_one_that_names_all() -> None:
    """[ENT-45]"""
    everywhere = OrderEntry(action="issued", id="x", at=1)
    nowhere = OrderEntry(action="issued", id="x", at=1, jurisdictions=())
    assert "jurisdictions" not in everywhere.to_payload()
    assert nowhere.to_payload()["jurisdictions"] == []
    assert OrderEntry.parse(nowhere.to_payload()) == nowhere
    assert nowhere.to_fact(1).detail == {"jurisdictions": []}
