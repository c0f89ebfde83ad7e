# SPDX-License-Identifier: Apache-2.0
"""Why a record is refused: each reason's basis, and its words for people (specs/vocabulary.md part 4).

The texts say what a reason means; which rule, version and fact decided in one case is
`privity.decide.explain`. No text names or counts other parties: where the reason is another party's, a
member reads `ANOTHER_PARTY`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Final, Literal, get_args

from privity.vocabulary.sentences import say
from privity.vocabulary.terms import vocabulary

Kind = Literal["contract", "notice", "law", "house-rule"]
"""What a reason rests on."""

KINDS: Final[tuple[Kind, ...]] = get_args(Kind)


class Asks(StrEnum):
    """Of whom or what a reason is asked."""

    PARTY = "party"
    SETTING = "setting"
    RECORD = "record"
    TEXT = "text"


@dataclass(frozen=True, kw_only=True, slots=True)
class Basis:
    """One thing that a reason rests on.

    Attributes:
        kind: A contract, a notice, a law, or a rule of the house.
        citation: Where it is written, or what the rule says.
        regime: Which law, such as `GDPR`; None for the other kinds.
        iri: The DPV's term for it, or None.
    """

    kind: Kind
    citation: str
    regime: str | None = None
    iri: str | None = None

    def __str__(self) -> str:
        """Render as `law: GDPR Art 21`."""
        law = f"{self.regime} " if self.regime else ""
        return f"{self.kind}: {law}{self.citation}"


@dataclass(frozen=True, kw_only=True, slots=True)
class Reason:
    """A reason of the vocabulary.

    Attributes:
        id: Its name in decisions.
        bit: Its place in the vocabulary, from 0; the bit in bulk decisions.
        asks: Whether it is asked of each party, of each governing setting of a party, of the record, or of its text.
        basis: What it rests on; at least one.
        operator: What holds, for who runs the gate.
        member: What holds, said to the member of whom it is asked.
        remedy: Which fact or change would supply what is missing.
    """

    id: str
    bit: int
    asks: Asks
    basis: tuple[Basis, ...]
    operator: str
    member: str
    remedy: str


def _basis(entry: Mapping[str, Any]) -> Basis:
    return Basis(
        kind=entry["kind"],
        citation=entry["citation"],
        regime=entry.get("regime"),
        iri=entry.get("iri"),
    )


def _reason(name: str, bit: int, entry: Mapping[str, Any]) -> Reason:
    return Reason(
        id=name,
        bit=bit,
        asks=Asks(entry["asks"]),
        basis=tuple(_basis(one) for one in entry["basis"]),
        operator=entry["operator"],
        member=say(entry["member"]),
        remedy=entry["remedy"],
    )


REASONS_BY_ID: Final[Mapping[str, Reason]] = {
    name: _reason(name, bit, entry)
    for bit, (name, entry) in enumerate(vocabulary()["reasons"].items())
}
"""Every reason by its name, in the order of the vocabulary."""

ANOTHER_PARTY: Final[str] = say(vocabulary()["another_party"])
"""What a member reads where the reason is another party's."""
