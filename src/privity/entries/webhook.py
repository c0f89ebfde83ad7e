# SPDX-License-Identifier: Apache-2.0
"""Messages that are signed as Standard Webhooks asks (specs/release.md, part 6; specification 1.0 of the project of that name).

A message has a name, an instant and a body, and is signed as `name.instant.body`: with a secret that both sides have
(`v1`, HMAC-SHA-256), or with a key whose public half is known (`v1a`, Ed25519). Nothing here sends anything.
"""

from __future__ import annotations

import base64
import binascii
import hmac
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from privity.canonical.instants import Instant
from privity.entries.dsse import EnvelopeSigner
from privity.entries.fields import KEY_SIZE, check_instant, check_public_key, wrong
from privity.errors import InputError, VerificationError

ID: Final = "webhook-id"
INSTANT: Final = "webhook-timestamp"
SIGNATURE: Final = "webhook-signature"
TOLERANCE: Final = 300
"""Seconds that the clocks of both sides may be apart."""

_SECRET: Final = "whsec_"  # noqa: S105 - how one begins
_PUBLIC: Final = "whpk_"
_LEAST, _MOST = 24, 64
_MOST_SIGNATURES: Final = 16
_NAME: Final = re.compile(r"[A-Za-z0-9_-]{1,64}", re.ASCII)
_SECONDS: Final = re.compile(r"0|[1-9][0-9]{0,11}", re.ASCII)


@dataclass(frozen=True, kw_only=True, slots=True)
class Message:
    """What is sent.

    Attributes:
        id: Its name: what is sent again has the same, and no other message has.
        time: When it is sent.
        body: What it says.
    """

    id: str
    time: Instant
    body: bytes

    def __post_init__(self) -> None:
        # A name with a full stop could be taken for another name and instant.
        if not _NAME.fullmatch(self.id):
            raise wrong(ID, self.id, "1 to 64 letters, digits, `-` and `_`")
        check_instant(INSTANT, self.time)

    def to_sign(self) -> bytes:
        """Give the bytes that are signed."""
        return f"{self.id}.{self.time}.".encode() + self.body

    def headers(self, *signatures: str) -> dict[str, str]:
        """Give what goes with the body."""
        return {
            "content-type": "application/json",
            ID: self.id,
            INSTANT: str(self.time),
            SIGNATURE: " ".join(signatures),
        }


def sign_asymmetric(message: Message, signer: EnvelopeSigner) -> str:
    """Give the signature `v1a` of a message."""
    return f"v1a,{base64.b64encode(signer.sign(message.to_sign())).decode()}"


def sign_symmetric(message: Message, secret: str) -> str:
    """Give the signature `v1` of a message.

    Raises:
        InputError: The secret is none.
    """
    data = hmac.digest(_secret(secret), message.to_sign(), "sha256")
    return f"v1,{base64.b64encode(data).decode()}"


def public_text(public: bytes) -> str:
    """Give a public key as those who receive messages are told it."""
    return _PUBLIC + base64.b64encode(public).decode()


def public_of(text: str) -> bytes:
    """Read what `public_text` gives.

    Raises:
        InputError: It is none.
    """
    data = _decoded(text, _PUBLIC, "a public key of webhooks")
    if len(data) != KEY_SIZE:
        raise _none("a public key of webhooks", f"`{_PUBLIC}` and 32 bytes in base64")
    check_public_key("key", data)
    return data


def verify_message(
    headers: Mapping[str, str], body: bytes, *, key: str, now: Instant
) -> Message:
    """Give a message that was received, once it is verified ([REL-120]).

    Args:
        headers: What came with it; names in whatever case.
        body: The bytes that came, as they came.
        key: `whpk_…` or `whsec_…`: whose signature is believed.
        now: The instant at which it came.

    Raises:
        InputError: The key is none.
        VerificationError: A header is missing, no signature is of this message and key, or the message is of another
            time than now (`webhook/signature`, `webhook/time`).
    """
    given = {name.lower(): value for name, value in headers.items()}
    try:
        message = Message(id=given[ID], time=_instant(given[INSTANT]), body=body)
        signatures = given[SIGNATURE].split(" ")
    except (KeyError, InputError) as error:
        raise VerificationError(
            "the message has not the three headers of a webhook", code="webhook/signature"
        ) from error
    if abs(now - message.time) > TOLERANCE:
        raise VerificationError(
            f"the message is of another time than now, by more than {TOLERANCE} seconds",
            code="webhook/time",
            hint="let it be sent again, and see whether the clocks agree",
        )
    holds = _holds_public if key.startswith(_PUBLIC) else _holds_secret
    if not any(holds(message, one, key) for one in signatures[:_MOST_SIGNATURES]):
        raise VerificationError(
            "no signature of the message is of this body and of the key that is believed",
            code="webhook/signature",
        )
    return message


def _instant(text: str) -> Instant:
    if not _SECONDS.fullmatch(text):
        raise wrong(INSTANT, text, "seconds since 1970")
    return int(text)


def _holds_public(message: Message, signature: str, key: str) -> bool:
    data = _signature(signature, "v1a")
    if data is None:
        return False
    try:
        Ed25519PublicKey.from_public_bytes(public_of(key)).verify(data, message.to_sign())
    except InvalidSignature:
        return False
    return True


def _holds_secret(message: Message, signature: str, key: str) -> bool:
    data = _signature(signature, "v1")
    expected = hmac.digest(_secret(key), message.to_sign(), "sha256")
    return data is not None and hmac.compare_digest(data, expected)


def _signature(text: str, version: str) -> bytes | None:
    """Give the bytes of a signature of one kind; None where it is of another, or none."""
    kind, comma, data = text.partition(",")
    if kind != version or not comma:
        return None
    try:
        return base64.b64decode(data, validate=True)
    except (binascii.Error, ValueError):
        return None


def _secret(text: str) -> bytes:
    data = _decoded(text, _SECRET, "a secret of webhooks")
    if not _LEAST <= len(data) <= _MOST:
        raise _none(
            "a secret of webhooks", f"`{_SECRET}` and {_LEAST} to {_MOST} bytes in base64"
        )
    return data


def _decoded(text: str, prefix: str, what: str) -> bytes:
    expected = f"`{prefix}` and bytes in base64"
    if not text.startswith(prefix):
        raise _none(what, expected)
    try:
        return base64.b64decode(text.removeprefix(prefix), validate=True)
    except (binascii.Error, ValueError) as error:
        raise _none(what, expected) from error


def _none(what: str, expected: str) -> InputError:
    # The text is not repeated: it may be a secret.
    return InputError(f"this is not {what}, expected {expected}", code="webhook/key")
