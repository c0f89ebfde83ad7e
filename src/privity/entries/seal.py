# SPDX-License-Identifier: Apache-2.0
"""Sealing: the private payloads as the vault keeps them, readable with their stream's key alone (specs/entry.md, part 3).

AES-256-GCM under a key that is the event's own. The nonce follows from that key and the payload: the same
event sealed twice gives the same bytes, and two payloads under one number never share a nonce, so that a
write that was tried, lost and tried again with another payload gives nothing away.
"""

from __future__ import annotations

import hmac
from hashlib import sha256
from typing import Final

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from privity.entries.streams import check_key, number_bytes
from privity.errors import VerificationError

_SEAL: Final = b"privity/seal/v1\0"
_NONCE: Final = b"privity/seal-nonce/v1\0"
_NONCE_SIZE: Final = 12
_TAG_SIZE: Final = 16


def seal(stream_key: bytes, number: int, payload: bytes) -> bytes:
    """Seal the payload of an event ([ENT-25]).

    Raises:
        InputError: The key has not 32 bytes, or no event has the number.
    """
    key = _seal_key(stream_key, number)
    nonce = sha256(_NONCE + key + payload).digest()[:_NONCE_SIZE]
    return nonce + AESGCM(key).encrypt(nonce, payload, None)


def unseal(stream_key: bytes, number: int, sealed: bytes) -> bytes:
    """Give the payload that was sealed ([ENT-26]).

    Raises:
        InputError: The key has not 32 bytes, or no event has the number.
        VerificationError: It was sealed with another key or for another event, or was changed since.
    """
    key = _seal_key(stream_key, number)
    if len(sealed) < _NONCE_SIZE + _TAG_SIZE:
        raise _broken()
    nonce, data = sealed[:_NONCE_SIZE], sealed[_NONCE_SIZE:]
    try:
        payload = AESGCM(key).decrypt(nonce, data, None)
    except InvalidTag as error:
        raise _broken() from error
    # One payload, one sealed form: no other nonce makes a second.
    if sha256(_NONCE + key + payload).digest()[:_NONCE_SIZE] != nonce:
        raise _broken()
    return payload


def _broken() -> VerificationError:
    return VerificationError(
        "a sealed payload does not open: another key, another event, or changed since",
        code="entry/seal",
    )


def _seal_key(stream_key: bytes, number: int) -> bytes:
    return hmac.digest(check_key(stream_key), _SEAL + number_bytes(number), "sha256")
