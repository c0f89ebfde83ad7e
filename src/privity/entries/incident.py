# SPDX-License-Identifier: Apache-2.0
"""Incident: something went wrong with the log, and is said in it (specs/entry.md, part 5)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

from privity.entries.fields import check_text, check_whole, check_word, keys_of, present, wrong


@dataclass(frozen=True, kw_only=True, slots=True)
class IncidentEntry:
    """An incident. Its text is public for good: it names no member.

    Attributes:
        incident: Its kind, such as `rolled-back` or `payloads-lost`.
        text: What happened, in words.
        first: The index of the first entry concerned, or None.
        end: The index after the last one, or None with it.
    """

    STREAM: ClassVar[str] = "incident"

    incident: str
    text: str
    first: int | None = None
    end: int | None = None

    def __post_init__(self) -> None:
        check_word("incident", self.incident)
        check_text("text", self.text)
        if (self.first is None) != (self.end is None):
            raise wrong("end", self.end, "the first entry with the end, or neither")
        if self.first is not None:
            check_whole("first", self.first)
            check_whole("end", self.end, lowest=self.first + 1)

    def to_payload(self) -> dict[str, Any]:
        """Give it as JSON."""
        return present(incident=self.incident, text=self.text, first=self.first, end=self.end)

    @classmethod
    def parse(cls, payload: Mapping[str, Any]) -> IncidentEntry:
        """Read what `to_payload` gives.

        Raises:
            InputError: It is none.
        """
        keys = keys_of(payload, required=("incident", "text"), optional=("first", "end"))
        return cls(**keys)
