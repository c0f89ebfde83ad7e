# SPDX-License-Identifier: Apache-2.0
"""Keys: the key that signs checkpoints is followed by another (specs/entry.md, part 5)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

from privity.canonical.instants import Instant
from privity.entries.fields import check_instant, keys_of, wrong
from privity.entries.genesis import check_vkey


@dataclass(frozen=True, kw_only=True, slots=True)
class KeysEntry:
    """A rotation.

    Attributes:
        previous: The key that signs so far, as text.
        vkey: The key that follows it, of the same log, as text.
        both_until: Until when both sign.
    """

    STREAM: ClassVar[str] = "keys"

    previous: str
    vkey: str
    both_until: Instant

    def __post_init__(self) -> None:
        previous = check_vkey("previous", self.previous)
        following = check_vkey("vkey", self.vkey)
        if previous.name != following.name or previous == following:
            raise wrong("vkey", self.vkey, f"another key of `{previous.name}`")
        check_instant("both_until", self.both_until)

    def to_payload(self) -> dict[str, Any]:
        """Give it as JSON."""
        return {"previous": self.previous, "vkey": self.vkey, "both_until": self.both_until}

    @classmethod
    def parse(cls, payload: Mapping[str, Any]) -> KeysEntry:
        """Read what `to_payload` gives.

        Raises:
            InputError: It is none.
        """
        return cls(**keys_of(payload, required=("previous", "vkey", "both_until")))
