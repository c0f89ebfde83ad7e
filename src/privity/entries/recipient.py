# SPDX-License-Identifier: Apache-2.0
"""Recipient: somebody comes onto the register of those who may get data, changes, or leaves it (specs/entry.md, part 5)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar, Final

from privity.canonical.instants import Instant
from privity.entries.fields import (
    bytes_of,
    check_choice,
    check_instant,
    check_name,
    check_public_key,
    check_word,
    in_base64,
    keys_of,
    present,
    wrong,
)
from privity.members.facts import Fact, check_shape

FACTS: Final[Mapping[str, str]] = {
    "added": "recipient",
    "changed": "recipient",
    "ended": "recipient-ended",
}
"""The fact that each action is."""


@dataclass(frozen=True, kw_only=True, slots=True)
class RecipientEntry:
    """A recipient.

    Attributes:
        action: `added`, `changed` or `ended`.
        id: The recipient's name.
        at: From when it holds.
        role: What it is to the platform; None where it ends.
        key: The Ed25519 key that verifies what it acknowledges, 32 bytes, or None.
    """

    STREAM: ClassVar[str] = "recipient"

    action: str
    id: str
    at: Instant
    role: str | None = None
    key: bytes | None = None

    def __post_init__(self) -> None:
        check_choice("action", self.action, FACTS)
        check_name("id", self.id)
        check_instant("at", self.at)
        if self.action == "ended":
            if self.role is not None or self.key is not None:
                raise wrong("action", self.action, "no role and no key beside")
            return
        check_word("role", self.role)
        if self.key is not None:
            check_public_key("key", self.key)

    def to_payload(self) -> dict[str, Any]:
        """Give it as JSON."""
        return present(
            action=self.action,
            id=self.id,
            at=self.at,
            role=self.role,
            key=None if self.key is None else in_base64(self.key),
        )

    @classmethod
    def parse(cls, payload: Mapping[str, Any]) -> RecipientEntry:
        """Read what `to_payload` gives.

        Raises:
            InputError: It is none.
        """
        keys = keys_of(payload, required=("action", "id", "at"), optional=("role", "key"))
        if "role" in keys:
            check_word("role", keys["role"])
        if "key" in keys:
            keys = {**keys, "key": bytes_of(keys, "key")}
        return cls(**keys)

    @classmethod
    def of(cls, fact: Fact, *, known: bool = False) -> RecipientEntry:
        """Make the entry of a fact of the platform.

        Args:
            fact: What is known of the recipient.
            known: Whether the register has it already, and this is a change.

        Raises:
            InputError: The fact is of no recipient, or does not have its shape.
        """
        if fact.fact not in FACTS.values():
            raise wrong("fact", fact.fact, "a recipient, or its end")
        check_shape(fact.fact, fact.value, fact.detail, platform=fact.member is None)
        going_on = "changed" if known else "added"
        action = "ended" if fact.fact == FACTS["ended"] else going_on
        return cls(action=action, id=fact.value, at=fact.at, role=fact.detail.get("role"))

    def to_fact(self, recorded_at: Instant) -> Fact:
        """Give the fact that it is, as recorded at an instant.

        Raises:
            InputError: The vocabulary does not have its role.
        """
        fact, detail = FACTS[self.action], present(role=self.role)
        check_shape(fact, self.id, detail, platform=True)
        return Fact(
            member=None,
            fact=fact,
            value=self.id,
            at=self.at,
            recorded_at=recorded_at,
            detail=detail,
        )
