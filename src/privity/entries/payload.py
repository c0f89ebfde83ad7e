# SPDX-License-Identifier: Apache-2.0
"""The private payload: what a member event commits to and the vault keeps (specs/entry.md, part 4).

It names its schema, which says what `p` means, and its number in its stream.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from privity.entries.envelope import decode_limited, encode_limited
from privity.entries.fields import check_text, check_whole, keys_of, wrong


@dataclass(frozen=True, kw_only=True, slots=True)
class Payload:
    """A private payload, of which only the form is known.

    Attributes:
        number: The event's number in its stream, from 1.
        schema: What the content means, such as `privity/fact/v1`.
        content: What it says, as JSON.
    """

    number: int
    schema: str
    content: Mapping[str, Any]

    def __post_init__(self) -> None:
        check_whole("i", self.number, lowest=1)
        check_text("schema", self.schema)

    def to_bytes(self) -> bytes:
        """Give the bytes that are committed to.

        Raises:
            InputError: The content cannot be written canonically, or they would be more than 4096.
        """
        return encode_limited({"i": self.number, "p": self.content, "schema": self.schema})

    @classmethod
    def parse(cls, data: bytes) -> Payload:
        """Read what `to_bytes` gives.

        Raises:
            InputError: It is no payload, or another spelling of one.
        """
        value = keys_of(decode_limited(data), required=("i", "p", "schema"))
        if not isinstance(value["p"], dict):
            raise wrong("p", value["p"], "a JSON object")
        return cls(number=value["i"], schema=value["schema"], content=value["p"])
