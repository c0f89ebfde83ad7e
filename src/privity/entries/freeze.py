# SPDX-License-Identifier: Apache-2.0
"""Freeze: the last entry of a log (specs/entry.md, part 5)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

from privity.entries.fields import check_name, check_text, keys_of, present


@dataclass(frozen=True, kw_only=True, slots=True)
class FreezeEntry:
    """The end of a log.

    Attributes:
        why: In words.
        successor: The name of the log that goes on from it, or None.
    """

    STREAM: ClassVar[str] = "freeze"

    why: str
    successor: str | None = None

    def __post_init__(self) -> None:
        check_text("why", self.why)
        if self.successor is not None:
            check_name("successor", self.successor)

    def to_payload(self) -> dict[str, Any]:
        """Give it as JSON."""
        return present(why=self.why, successor=self.successor)

    @classmethod
    def parse(cls, payload: Mapping[str, Any]) -> FreezeEntry:
        """Read what `to_payload` gives.

        Raises:
            InputError: It is none.
        """
        return cls(**keys_of(payload, required=("why",), optional=("successor",)))
