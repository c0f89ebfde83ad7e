# SPDX-License-Identifier: Apache-2.0
"""Policy: a version of a policy is published; its text is a public object (specs/entry.md, part 5).

The entry's time is the instant of publication. What the text says is read by `privity.policy`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar, Final

from privity.canonical.instants import Instant
from privity.entries.fields import (
    check_instant,
    check_name,
    check_sha256,
    check_whole,
    keys_of,
    present,
)

_LARGEST_TEXT: Final = 1 << 20


@dataclass(frozen=True, kw_only=True, slots=True)
class PolicyEntry:
    """A version of a policy.

    Attributes:
        policy: The policy's stable name.
        version: The version's name, never used again.
        effective_at: When it says that it begins.
        sha256: Of its text, in hexadecimal.
        size: The text's bytes.
    """

    STREAM: ClassVar[str] = "policy"

    policy: str
    version: str
    effective_at: Instant
    sha256: str
    size: int

    def __post_init__(self) -> None:
        check_name("policy", self.policy)
        check_name("version", self.version)
        check_instant("effective_at", self.effective_at)
        check_sha256("sha256", self.sha256)
        check_whole("size", self.size, lowest=1, highest=_LARGEST_TEXT)

    def to_payload(self) -> dict[str, Any]:
        """Give it as JSON."""
        return present(
            policy=self.policy,
            version=self.version,
            effective_at=self.effective_at,
            sha256=self.sha256,
            size=self.size,
        )

    @classmethod
    def parse(cls, payload: Mapping[str, Any]) -> PolicyEntry:
        """Read what `to_payload` gives.

        Raises:
            InputError: It is none.
        """
        required = ("policy", "version", "effective_at", "sha256", "size")
        return cls(**keys_of(payload, required=required))
