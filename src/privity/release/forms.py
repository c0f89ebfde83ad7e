# SPDX-License-Identifier: Apache-2.0
"""How what operator and recipient sign of a release is written: as one JSON value of a format, in an envelope of its type.

What it means, and what its parts may be, each value says itself.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from privity.entries.dsse import EnvelopeSigner, read_signed, sign_value
from privity.entries.fields import bytes_of, check_choice, in_base64, keys_of, present


@dataclass(frozen=True, kw_only=True, slots=True)
class Form:
    """The form of a value.

    Attributes:
        format: Its name, which the value says of itself.
        payload_type: The type of its envelope.
        keys: The keys that it has, each an attribute of the value.
        roots: Those of them whose bytes are written in base64.
        optional: Keys that it may have besides.
    """

    format: str
    payload_type: str
    keys: tuple[str, ...]
    roots: tuple[str, ...]
    optional: tuple[str, ...] = ()

    def payload_of(self, value: object) -> dict[str, Any]:
        """Give a value as JSON."""
        return {
            "format": self.format,
            **{key: getattr(value, key) for key in self.keys},
            **{key: in_base64(getattr(value, key)) for key in self.roots},
            **present(**{key: getattr(value, key) for key in self.optional}),
        }

    def parse(self, payload: Mapping[str, Any]) -> dict[str, Any]:
        """Give the attributes of the value that `payload_of` gave, of which nothing is checked but the bytes.

        Raises:
            InputError: It has other keys, or another format.
        """
        required = ("format", *self.keys)
        keys = dict(keys_of(payload, required=required, optional=self.optional))
        check_choice("format", keys.pop("format"), (self.format,))
        return {**keys, **{key: bytes_of(keys, key) for key in self.roots}}

    def signed(self, value: object, signer: EnvelopeSigner) -> bytes:
        """Give the envelope of a value."""
        return sign_value(self.payload_type, self.payload_of(value), signer).to_bytes()

    def read(self, data: bytes, public: bytes) -> Mapping[str, Any]:
        """Give the value in an envelope, as JSON.

        Raises:
            InputError: It is no envelope, or of another type.
            VerificationError: The key did not sign it.
        """
        return read_signed(data, payload_type=self.payload_type, public=public)
