# SPDX-License-Identifier: Apache-2.0
"""Envelopes: a payload and who signed it, with Ed25519 (DSSE v1; specs/entry.md, part 10).

What is signed is the type and the payload together, by lengths, so that a payload of one type is never taken for one of
another. An envelope has one spelling, and its payload is canonical JSON. Whose key is believed is the caller's matter.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from hashlib import sha256
from typing import Any, Final

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import (
    Ed25519PrivateKey,
    Ed25519PublicKey,
)

from privity.entries.envelope import decode_limited, encode_limited
from privity.entries.fields import (
    KEY_SIZE,
    bytes_of,
    check_bytes,
    check_public_key,
    check_sha256,
    in_base64,
    keys_of,
    list_of,
    wrong,
)
from privity.errors import InputError, VerificationError

LARGEST_PAYLOAD: Final = 1 << 23
"""The most bytes that a signed payload has."""
LARGEST_ENVELOPE: Final = 1 << 24
"""The most bytes that an envelope has."""
MOST_SIGNATURES: Final = 16

STATEMENT: Final = "application/vnd.in-toto+json"
CERTIFICATE: Final = "application/vnd.privity.certificate+json"
ACKNOWLEDGEMENT: Final = "application/vnd.privity.acknowledgement+json"
RUN_TICKET: Final = "application/vnd.privity.run-ticket+json"
REVOCATION: Final = "application/vnd.privity.revocation+json"
ATTESTATION: Final = "application/vnd.privity.attestation+json"

_SIGNATURE_SIZE: Final = 64
_TYPE: Final = re.compile(r"[a-z0-9.+-]+/[a-z0-9.+-]+", re.ASCII)
_LONGEST_TYPE: Final = 100


@dataclass(frozen=True, kw_only=True, slots=True)
class EnvelopeSigner:
    """A key that signs envelopes.

    Attributes:
        seed: Its 32 secret bytes.
    """

    seed: bytes = field(repr=False)

    def __post_init__(self) -> None:
        if len(self.seed) != KEY_SIZE:
            raise InputError(
                f"a signing key has {KEY_SIZE} secret bytes, not {len(self.seed)}",
                code="entry/key",
            )

    @property
    def public(self) -> bytes:
        """The 32 bytes that verify what it signs."""
        key = Ed25519PrivateKey.from_private_bytes(self.seed).public_key()
        return key.public_bytes_raw()

    def sign(self, data: bytes) -> bytes:
        """Give the 64 bytes of a signature."""
        return Ed25519PrivateKey.from_private_bytes(self.seed).sign(data)


@dataclass(frozen=True, kw_only=True, slots=True)
class EnvelopeSignature:
    """One signature of an envelope; the key may be unknown.

    Attributes:
        key_id: The SHA-256 of the public key, in hexadecimal.
        data: 64 bytes.
    """

    key_id: str
    data: bytes

    def __post_init__(self) -> None:
        check_sha256("keyid", self.key_id)
        check_bytes("sig", self.data, _SIGNATURE_SIZE)


@dataclass(frozen=True, kw_only=True, slots=True)
class Envelope:
    """A payload with its signatures, of which nothing is verified yet.

    Attributes:
        payload_type: What the payload means, a media type.
        payload: Its bytes.
        signatures: Who signed, each key once.
    """

    payload_type: str
    payload: bytes
    signatures: tuple[EnvelopeSignature, ...]

    def __post_init__(self) -> None:
        check_type("payloadType", self.payload_type)
        if len(self.payload) > LARGEST_PAYLOAD:
            raise InputError(
                f"a payload has {len(self.payload)} bytes, expected at most {LARGEST_PAYLOAD}",
                code="entry/too-large",
            )
        ids = [one.key_id for one in self.signatures]
        if not 1 <= len(ids) <= MOST_SIGNATURES or len(set(ids)) != len(ids):
            raise wrong("signatures", len(ids), f"1 to {MOST_SIGNATURES}, each key once")

    def to_bytes(self) -> bytes:
        """Give the file."""
        value = {
            "payload": in_base64(self.payload),
            "payloadType": self.payload_type,
            "signatures": [
                {"keyid": one.key_id, "sig": in_base64(one.data)} for one in self.signatures
            ],
        }
        return encode_limited(value, largest=LARGEST_ENVELOPE)

    @classmethod
    def parse(cls, data: bytes) -> Envelope:
        """Read what `to_bytes` gives.

        Raises:
            InputError: It is no envelope, or another spelling of one.
        """
        keys = keys_of(
            decode_limited(data, largest=LARGEST_ENVELOPE),
            required=("payload", "payloadType", "signatures"),
        )
        signatures = [
            keys_of(one, required=("keyid", "sig")) for one in list_of(keys, "signatures")
        ]
        return cls(
            payload_type=keys["payloadType"],
            payload=bytes_of(keys, "payload"),
            signatures=tuple(
                EnvelopeSignature(key_id=one["keyid"], data=bytes_of(one, "sig"))
                for one in signatures
            ),
        )


def check_type(key: str, value: object) -> None:
    """Check what a payload is said to mean: a media type in small letters.

    Raises:
        InputError: It is none.
    """
    if not (isinstance(value, str) and len(value) <= _LONGEST_TYPE and _TYPE.fullmatch(value)):
        raise wrong(key, value, "a media type in small letters")


def key_id_of(public: bytes) -> str:
    """Give the name of a public key in envelopes: its SHA-256 in hexadecimal."""
    return sha256(public).hexdigest()


def to_sign(payload_type: str, payload: bytes) -> bytes:
    """Give the bytes that are signed: DSSE's pre-authentication encoding ([ENT-91])."""
    kind = payload_type.encode("utf-8")
    return b"DSSEv1 %d %b %d %b" % (len(kind), kind, len(payload), payload)


def sign(payload_type: str, payload: bytes, *signers: EnvelopeSigner) -> Envelope:
    """Make an envelope with a signature of each signer, in their order.

    Raises:
        InputError: The type is none, the payload is too large, or a signer comes twice, or none or too many come.
    """
    signed = to_sign(payload_type, payload)
    return Envelope(
        payload_type=payload_type,
        payload=payload,
        signatures=tuple(
            EnvelopeSignature(key_id=key_id_of(one.public), data=one.sign(signed))
            for one in signers
        ),
    )


def sign_value(
    payload_type: str, value: Mapping[str, Any], *signers: EnvelopeSigner
) -> Envelope:
    """Make an envelope of a value, as canonical JSON; raises as `sign`.

    Raises:
        InputError: The value has no canonical JSON, or too much of it.
    """
    return sign(payload_type, encode_limited(value, largest=LARGEST_PAYLOAD), *signers)


def verify(envelope: Envelope, public: bytes) -> bytes:
    """Give the payload, if a key signed it. Other signatures mean nothing ([ENT-93]).

    Args:
        envelope: The envelope.
        public: The 32 bytes of the Ed25519 key that is believed.

    Raises:
        InputError: The key is none that somebody can own.
        VerificationError: The key did not sign it, or something else.
    """
    check_public_key("key", public)
    key_id = key_id_of(public)
    for one in envelope.signatures:
        if one.key_id == key_id:
            signed = to_sign(envelope.payload_type, envelope.payload)
            try:
                Ed25519PublicKey.from_public_bytes(public).verify(one.data, signed)
            except InvalidSignature as error:
                raise VerificationError(
                    "the signature of an envelope is not of this payload and type",
                    code="entry/signature",
                ) from error
            return envelope.payload
    raise VerificationError(
        f"the key `{key_id}` has not signed the envelope", code="entry/unsigned"
    )


def read_signed(data: bytes, *, payload_type: str, public: bytes) -> Mapping[str, Any]:
    """Read a signed value of one type from the bytes of its envelope ([ENT-94]).

    Raises:
        InputError: It is no envelope, of another type, or its payload is no canonical JSON object.
        VerificationError: The key did not sign it, or something else.
    """
    envelope = Envelope.parse(data)
    if envelope.payload_type != payload_type:
        raise wrong("payloadType", envelope.payload_type, f"`{payload_type}`")
    value = decode_limited(verify(envelope, public), largest=LARGEST_PAYLOAD)
    if not isinstance(value, dict):
        raise wrong("payload", type(value).__name__, "a JSON object")
    return value
