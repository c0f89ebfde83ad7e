# SPDX-License-Identifier: Apache-2.0
"""Ed25519 keys as files: PEM as OpenSSL writes it, and a public one as bare base64 (docs/workspace.md).

Secrets are read and written as bytes; where they lie and who may read them is the caller's matter. No message shows one.
"""

from __future__ import annotations

from typing import Final

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.ed25519 import (
    Ed25519PrivateKey,
    Ed25519PublicKey,
)
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
    load_pem_private_key,
    load_pem_public_key,
)

from privity.entries.dsse import EnvelopeSigner
from privity.entries.fields import KEY_SIZE, check_public_key
from privity.errors import InputError
from privity.ledger.forms import from_base64

_LARGEST: Final = 4096
_PRIVATE: Final = b"PRIVATE KEY-----"
_PEM: Final = b"-----BEGIN "


def signer_to_pem(signer: EnvelopeSigner) -> bytes:
    """Give a key that signs as a PEM file, not encrypted."""
    key = Ed25519PrivateKey.from_private_bytes(signer.seed)
    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())


def is_public(data: bytes) -> bool:
    """Tell whether something is the PEM file of a public key."""
    return data.startswith(b"-----BEGIN PUBLIC KEY-----")


def signer_from_pem(data: bytes) -> EnvelopeSigner:
    """Read a key that signs.

    Raises:
        InputError: It is none, is encrypted, or is of another kind (`entry/key-file`).
    """
    _check_size(data)
    if is_public(data):
        raise InputError(
            "this is a public key, expected the secret one that belongs to it",
            code="entry/key-file",
            hint="give the file without `.pub` beside it, where `privity recipient keygen` made both",
        )
    try:
        key = load_pem_private_key(data, password=None)
    except (ValueError, TypeError, UnsupportedAlgorithm) as error:
        raise _wrong(
            "this is no private key in PEM that can be read without a password"
        ) from error
    if not isinstance(key, Ed25519PrivateKey):
        raise _wrong("this is a private key of another kind than Ed25519")
    return EnvelopeSigner(seed=key.private_bytes_raw())


def public_to_pem(public: bytes) -> bytes:
    """Give a public key as a PEM file.

    Raises:
        InputError: It is none that somebody can own.
    """
    check_public_key("key", public)
    key = Ed25519PublicKey.from_public_bytes(public)
    return key.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)


def public_from(data: bytes) -> bytes:
    """Read a public key: PEM, or the base64 of its 32 bytes.

    Raises:
        InputError: It is none, is of another kind, or is one that nobody can own (`entry/key-file`); or it is the
            private key, which nobody should be given.
    """
    _check_size(data)
    if _PRIVATE in data:
        raise InputError(
            "this is a private key, which nobody else should have; expected the public one",
            code="entry/key-file",
            hint="give the file beside it that ends in `.pub`",
        )
    public = _pem(data) if data.startswith(_PEM) else _bare(data)
    try:
        check_public_key("key", public)
    except InputError as error:
        raise _wrong("this is an Ed25519 public key that nobody can own") from error
    return public


def _pem(data: bytes) -> bytes:
    try:
        key = load_pem_public_key(data)
    except (ValueError, UnsupportedAlgorithm) as error:
        raise _wrong("this is no public key in PEM") from error
    if not isinstance(key, Ed25519PublicKey):
        raise _wrong("this is a public key of another kind than Ed25519")
    return key.public_bytes_raw()


def _bare(data: bytes) -> bytes:
    try:
        text = data.decode("ascii").removesuffix("\n").removesuffix("\r")
    except UnicodeDecodeError as error:
        raise _wrong("this is neither PEM nor base64") from error
    public = from_base64(text)
    if public is None or len(public) != KEY_SIZE:
        raise _wrong(f"this is neither PEM nor the base64 of {KEY_SIZE} bytes")
    return public


def _check_size(data: bytes) -> None:
    if len(data) > _LARGEST:
        raise _wrong(f"this has {len(data)} bytes, and no key has more than {_LARGEST}")


def _wrong(why: str) -> InputError:
    return InputError(
        f"{why}, expected an Ed25519 key",
        code="entry/key-file",
        hint="make one with `privity recipient keygen FILE`",
    )
