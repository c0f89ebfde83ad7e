# SPDX-License-Identifier: Apache-2.0
"""Program: what members are given to verify with (specs/entry.md, part 5)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar, Final

from privity.entries.fields import check_name, check_sha256, check_whole, keys_of

LARGEST_PROGRAM: Final = 1 << 20
"""The most bytes that such a program has."""


@dataclass(frozen=True, kw_only=True, slots=True)
class ProgramEntry:
    """A program that members are given. Whoever is given another under its name, has proof that it is another.

    Attributes:
        name: The file's name.
        sha256: Of its bytes, in hexadecimal; they are a public object.
        size: How many they are.
    """

    STREAM: ClassVar[str] = "program"

    name: str
    sha256: str
    size: int

    def __post_init__(self) -> None:
        check_name("name", self.name)
        check_sha256("sha256", self.sha256)
        check_whole("size", self.size, lowest=1, highest=LARGEST_PROGRAM)

    def to_payload(self) -> dict[str, Any]:
        """Give it as JSON."""
        return {"name": self.name, "sha256": self.sha256, "size": self.size}

    @classmethod
    def parse(cls, payload: Mapping[str, Any]) -> ProgramEntry:
        """Read what `to_payload` gives.

        Raises:
            InputError: It is none.
        """
        return cls(**keys_of(payload, required=("name", "sha256", "size")))
