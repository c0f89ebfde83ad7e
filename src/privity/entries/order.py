# SPDX-License-Identifier: Apache-2.0
"""Order: a regulator's or a court's stop is issued, or lifted (specs/entry.md, part 5; specs/timeline.md, part 1).

A list that is left out means all; an empty one, or a term that nobody knows, is written down as it was said,
and a decision reads it as a no ([TIM-5]).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar, Final

from privity.canonical.instants import Instant
from privity.entries.fields import (
    check_choice,
    check_instant,
    check_name,
    check_terms,
    keys_of,
    wrong,
)
from privity.members.facts import Fact, check_shape

FACTS: Final[Mapping[str, str]] = {"issued": "order", "lifted": "order-lifted"}
"""The fact that each action is."""
_LISTS: Final = ("jurisdictions", "purposes", "recipients", "categories")

Terms = tuple[str, ...] | None


@dataclass(frozen=True, kw_only=True, slots=True)
class OrderEntry:
    """An order.

    Attributes:
        action: `issued` or `lifted`.
        id: The order's name.
        at: From when it holds, or holds no more.
        jurisdictions: ISO codes, EU, EEA; None means all, and so it is with the other lists.
        purposes: Terms of purposes.
        recipients: Roles of recipients.
        categories: Terms of categories.
    """

    STREAM: ClassVar[str] = "order"

    action: str
    id: str
    at: Instant
    jurisdictions: Terms = None
    purposes: Terms = None
    recipients: Terms = None
    categories: Terms = None

    def __post_init__(self) -> None:
        check_choice("action", self.action, FACTS)
        check_name("id", self.id)
        check_instant("at", self.at)
        for key in _LISTS:
            check_terms(key, getattr(self, key))
        if self.action == "lifted" and self._lists():
            raise wrong("action", self.action, "no list beside: an order is lifted whole")

    def to_payload(self) -> dict[str, Any]:
        """Give it as JSON."""
        return {"action": self.action, "id": self.id, "at": self.at, **self._lists()}

    @classmethod
    def parse(cls, payload: Mapping[str, Any]) -> OrderEntry:
        """Read what `to_payload` gives.

        Raises:
            InputError: It is none.
        """
        keys = dict(keys_of(payload, required=("action", "id", "at"), optional=_LISTS))
        for key in keys.keys() & _LISTS:
            if not isinstance(keys[key], list):
                raise wrong(key, keys[key], "a list of texts")
            keys[key] = tuple(keys[key])
        return cls(**keys)

    @classmethod
    def of(cls, fact: Fact) -> OrderEntry:
        """Make the entry of a fact of the platform.

        Raises:
            InputError: The fact is no order and no lifting of one, or does not have its shape.
        """
        action = _ACTIONS.get(fact.fact)
        if action is None:
            raise wrong("fact", fact.fact, "an order, or its lifting")
        check_shape(fact.fact, fact.value, fact.detail, platform=fact.member is None)
        lists = {key: tuple(terms) for key, terms in fact.detail.items()}
        return cls(action=action, id=fact.value, at=fact.at, **lists)

    def to_fact(self, recorded_at: Instant) -> Fact:
        """Give the fact that it is, as recorded at an instant."""
        return Fact(
            member=None,
            fact=FACTS[self.action],
            value=self.id,
            at=self.at,
            recorded_at=recorded_at,
            detail=self._lists(),
        )

    def _lists(self) -> dict[str, list[str]]:
        values = {key: getattr(self, key) for key in _LISTS}
        return {key: list(terms) for key, terms in values.items() if terms is not None}


_ACTIONS: Final = {fact: action for action, fact in FACTS.items()}
