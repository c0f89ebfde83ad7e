# SPDX-License-Identifier: Apache-2.0
"""Erasure: a member's last event, and how many there were (specs/entry.md, part 6).

The payload of the last event says nothing that its number does not say already. So whoever still has the key,
a restored backup say, knows the event when it meets it, without a payload: and erases again.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

from privity.entries.envelope import MemberEvent
from privity.entries.fields import check_whole, keys_of
from privity.entries.payload import Payload
from privity.entries.streams import commit, event_key, tag_of


@dataclass(frozen=True, kw_only=True, slots=True)
class ErasedEntry:
    """The end of a member's stream: after it, the key and every payload are deleted."""

    SCHEMA: ClassVar[str] = "privity/erased/v1"

    def to_payload(self) -> dict[str, Any]:
        """Give it as JSON."""
        # INVARIANT: empty, or `is_erasure` could not know what was committed to.
        return {}

    @classmethod
    def parse(cls, payload: Mapping[str, Any]) -> ErasedEntry:
        """Read what `to_payload` gives.

        Raises:
            InputError: It is none.
        """
        keys_of(payload)
        return cls()


@dataclass(frozen=True, kw_only=True, slots=True)
class ErasureBatchEntry:
    """How many streams have ended since the last such entry; which ones, nobody learns.

    Attributes:
        count: The streams.
    """

    STREAM: ClassVar[str] = "erasure-batch"

    count: int

    def __post_init__(self) -> None:
        check_whole("count", self.count, lowest=1)

    def to_payload(self) -> dict[str, Any]:
        """Give it as JSON."""
        return {"count": self.count}

    @classmethod
    def parse(cls, payload: Mapping[str, Any]) -> ErasureBatchEntry:
        """Read what `to_payload` gives.

        Raises:
            InputError: It is none.
        """
        return cls(**keys_of(payload, required=("count",)))


def is_erasure(event: MemberEvent, *, key: bytes, number: int) -> bool:
    """Tell whether an entry is the end of a stream, from the stream's key alone ([ENT-60]).

    Args:
        event: The entry with the tag of the stream's event `number`.
        key: The stream's key.
        number: The event's number.

    Raises:
        InputError: The key has not 32 bytes, or no event has the number.
    """
    opening = event_key(key, number)
    payload = Payload(number=number, schema=ErasedEntry.SCHEMA, content={}).to_bytes()
    return event.tag == tag_of(opening) and event.commitment == commit(opening, payload)
