# SPDX-License-Identifier: Apache-2.0
"""Facts in the ledger: what is known of a member, in the member's own stream (specs/entry.md, part 5).

Orders and recipients are facts of the platform that everybody may read: they have kinds of their own.
Instructions for seats name customers, so they stand in a private stream of the platform.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, ClassVar, Final

from privity.canonical.instants import Instant
from privity.entries import order, recipient
from privity.entries.fields import (
    check_instant,
    check_member,
    check_word,
    keys_of,
    read_member,
    write_member,
    wrong,
)
from privity.entries.order import OrderEntry
from privity.entries.recipient import RecipientEntry
from privity.errors import InputError
from privity.members.facts import Fact, MemberId, check_shape

_PUBLIC: Final = frozenset((*order.FACTS.values(), *recipient.FACTS.values()))


@dataclass(frozen=True, kw_only=True, slots=True)
class FactEntry:
    """A fact, as somebody told it; when it was recorded is the time of its entry.

    Attributes:
        member: Whose it is; None in the private stream of the platform.
        fact: Its kind.
        value: Its value, `""` where the kind has none.
        at: When it was true.
        detail: Further strings, or lists of strings, by key.
    """

    SCHEMA: ClassVar[str] = "privity/fact/v1"

    member: MemberId | None
    fact: str
    value: str = ""
    at: Instant
    detail: Mapping[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if self.member is not None:
            check_member(self.member)
        check_word("fact", self.fact)
        if self.fact in _PUBLIC:
            raise wrong("fact", self.fact, "a fact of a private stream; this one is public")
        if not isinstance(self.value, str):
            raise wrong("value", self.value, "text")
        check_instant("at", self.at)
        for key, item in self.detail.items():
            check_word("detail", key)
            _check_detail(key, item)

    @classmethod
    def of(cls, fact: Fact) -> FactEntry:
        """Make the entry of a fact; when it was recorded is left behind.

        Raises:
            InputError: The fact is public, or does not have the shape of its kind.
        """
        check_shape(fact.fact, fact.value, fact.detail, platform=fact.member is None)
        return cls(
            member=fact.member,
            fact=fact.fact,
            value=fact.value,
            at=fact.at,
            detail=fact.detail,
        )

    def to_fact(self, recorded_at: Instant) -> Fact:
        """Give the fact, as recorded at an instant.

        Raises:
            InputError: It does not have the shape of its kind, or its kind is not known.
        """
        check_shape(self.fact, self.value, self.detail, platform=self.member is None)
        return Fact(
            member=self.member,
            fact=self.fact,
            value=self.value,
            at=self.at,
            recorded_at=recorded_at,
            detail=self.detail,
        )

    def to_payload(self) -> dict[str, Any]:
        """Give it as JSON."""
        return {
            **write_member(self.member),
            "at": self.at,
            "detail": dict(self.detail),
            "fact": self.fact,
            "value": self.value,
        }

    @classmethod
    def parse(cls, payload: Mapping[str, Any]) -> FactEntry:
        """Read what `to_payload` gives.

        Raises:
            InputError: It is none.
        """
        keys = keys_of(
            payload,
            required=("at", "detail", "fact", "member", "value"),
            optional=("member_type",),
        )
        if not isinstance(keys["detail"], dict):
            raise wrong("detail", keys["detail"], "a JSON object")
        nobody = keys["member"] is None and "member_type" not in keys
        return cls(
            member=None if nobody else read_member(keys),
            fact=keys["fact"],
            value=keys["value"],
            at=keys["at"],
            detail=keys["detail"],
        )


def entry_of(fact: Fact) -> FactEntry | OrderEntry | RecipientEntry:
    """Make the entry of a fact, private or public as its kind is.

    Raises:
        InputError: The fact does not have the shape of its kind.
    """
    if fact.fact in order.FACTS.values():
        return OrderEntry.of(fact)
    if fact.fact in recipient.FACTS.values():
        return RecipientEntry.of(fact)
    return FactEntry.of(fact)


def platform_fact(says: OrderEntry | RecipientEntry, recorded_at: Instant) -> Fact:
    """Give the fact that an order or a recipient is.

    A recipient whose role this program does not know is none: it became something that nobody can ask about.
    """
    try:
        return says.to_fact(recorded_at)
    except InputError:
        return Fact(
            member=None,
            fact=recipient.FACTS["ended"],
            value=says.id,
            at=says.at,
            recorded_at=recorded_at,
        )


def _check_detail(key: str, item: object) -> None:
    if isinstance(item, str):
        return
    if not (isinstance(item, list | tuple) and all(isinstance(one, str) for one in item)):
        raise wrong(key, item, "text, or a list of texts")
