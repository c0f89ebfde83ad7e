# SPDX-License-Identifier: Apache-2.0
"""Signed notes: a text and who signed it, with Ed25519 (specs/ledger.md, part 4; C2SP signed-note).

Who trusts which keys is the caller's matter, and so is what the text means. Secrets come in as arguments;
nothing here draws a random number.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from hashlib import sha256
from typing import Final

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import (
    Ed25519PrivateKey,
    Ed25519PublicKey,
)

from privity.errors import InputError, VerificationError
from privity.ledger.forms import from_base64, to_base64

SEED_SIZE: Final = 32
LONGEST_NOTE: Final = 1 << 20
MOST_SIGNATURES: Final = 64

_ED25519: Final = b"\x01"
_ID_SIZE: Final = 4
_KEY_SIZE: Final = 32
_MOST_SHOWN: Final = 80
_DASH: Final = "\u2014 "
_BEFORE_SEED: Final = "PRIVATE+KEY+"
_ID: Final = re.compile(r"[0-9a-f]{8}", re.ASCII)
_CONTROL: Final = re.compile(r"[\x00-\x09\x0b-\x1f]")


@dataclass(frozen=True, kw_only=True, slots=True)
class Vkey:
    """A verifier key: whose signature it verifies, and the 32 bytes of the Ed25519 public key.

    Raises:
        InputError: The name is empty or has a blank, a plus or a control character, or the key is short.
    """

    name: str
    public: bytes

    def __post_init__(self) -> None:
        _check_name(self.name, code="ledger/vkey")
        if len(self.public) != _KEY_SIZE:
            raise InputError(
                f"an Ed25519 public key has {_KEY_SIZE} bytes, not {len(self.public)}",
                code="ledger/vkey",
            )

    @property
    def key_id(self) -> bytes:
        """The four bytes that stand before a signature and say which key made it."""
        named = self.name.encode("utf-8") + b"\n" + _ED25519 + self.public
        return sha256(named).digest()[:_ID_SIZE]

    def to_text(self) -> str:
        """Write the key as `name+0123abcd+base64`, without a newline."""
        return f"{self.name}+{self.key_id.hex()}+{to_base64(_ED25519 + self.public)}"

    @classmethod
    def parse(cls, text: str) -> Vkey:
        """Read what `to_text` writes.

        Raises:
            InputError: It is no verifier key, is one of another algorithm, or its id is not its own.
        """
        name, public = _read_key(text, what="verifier key", code="ledger/vkey")
        vkey = cls(name=name, public=public)
        if vkey.to_text() != text:
            raise InputError(
                f"the verifier key of `{name}` has another id than its own", code="ledger/vkey"
            )
        return vkey


@dataclass(frozen=True, kw_only=True, slots=True)
class Signature:
    """One signature line of a note; the key may be unknown, and of an algorithm that we do not know."""

    name: str
    key_id: bytes
    data: bytes


@dataclass(frozen=True, kw_only=True, slots=True)
class Note:
    """A text, which ends with a newline, and its signatures, of which nothing is verified yet.

    Raises:
        VerificationError: It is no note: the text lacks its last newline or has a control character; there
            is no signature or there are more than 64, or one has no id, no data or a name that is none.
    """

    text: str
    signatures: tuple[Signature, ...]

    def __post_init__(self) -> None:
        if not self.text.endswith("\n") or _CONTROL.search(self.text) is not None:
            raise _no_note("its text lacks the last newline or has a control character")
        if not 1 <= len(self.signatures) <= MOST_SIGNATURES:
            raise _no_note(
                f"it has {len(self.signatures)} signatures, expected 1 to {MOST_SIGNATURES}"
            )
        for signature in self.signatures:
            if not (_is_name(signature.name) and len(signature.key_id) == _ID_SIZE):
                raise _no_note("a signature has no name and id of a key")
            if not signature.data:
                raise _no_note("a signature is empty")

    def to_bytes(self) -> bytes:
        """Give the note as it is served and stored."""
        lines = [
            f"{_DASH}{signature.name} {to_base64(signature.key_id + signature.data)}\n"
            for signature in self.signatures
        ]
        return (self.text + "\n" + "".join(lines)).encode("utf-8")

    @classmethod
    def parse(cls, data: bytes) -> Note:
        """Read what `to_bytes` gives.

        Raises:
            VerificationError: It is no note, or longer than 1 MiB.
        """
        if len(data) > LONGEST_NOTE:
            raise _no_note(f"it has {len(data)} bytes, expected at most {LONGEST_NOTE}")
        try:
            whole = data.decode("utf-8")
        except UnicodeDecodeError as error:
            raise _no_note(f"byte {error.start} is not UTF-8") from error
        text, gap, rest = whole.rpartition("\n\n")
        if not gap or not rest.endswith("\n"):
            raise _no_note("an empty line and signatures do not follow its text")
        lines = rest[:-1].split("\n")
        return cls(text=text + "\n", signatures=tuple(_read_signature(line) for line in lines))


@dataclass(frozen=True, kw_only=True, slots=True)
class Signer:
    """A key that signs notes: the name that signatures carry, and the 32 secret bytes.

    Raises:
        InputError: The name is none of a key, or the seed is not of 32 bytes.
    """

    name: str
    seed: bytes = field(repr=False)

    def __post_init__(self) -> None:
        _check_name(self.name, code="ledger/key")
        if len(self.seed) != SEED_SIZE:
            raise InputError(
                f"a signing key has {SEED_SIZE} secret bytes, not {len(self.seed)}",
                code="ledger/key",
            )

    @property
    def vkey(self) -> Vkey:
        """What verifies the signatures."""
        public = Ed25519PrivateKey.from_private_bytes(self.seed).public_key()
        return Vkey(name=self.name, public=public.public_bytes_raw())

    def signature(self, text: str) -> Signature:
        """Sign a text."""
        data = Ed25519PrivateKey.from_private_bytes(self.seed).sign(text.encode("utf-8"))
        return Signature(name=self.name, key_id=self.vkey.key_id, data=data)

    def sign(self, text: str) -> Note:
        """Make a note with this one signature.

        Raises:
            VerificationError: The text cannot be that of a note.
        """
        return sign(text, [self])

    def to_text(self) -> str:
        """Write the secret key as the Go command does: `PRIVATE+KEY+name+0123abcd+base64`."""
        secret = to_base64(_ED25519 + self.seed)
        return f"{_BEFORE_SEED}{self.name}+{self.vkey.key_id.hex()}+{secret}"

    @classmethod
    def parse(cls, text: str) -> Signer:
        """Read what `to_text` writes.

        Raises:
            InputError: It is no signing key, or its id is not its own. The message tells no secret.
        """
        if not text.startswith(_BEFORE_SEED):
            raise InputError(
                f"a signing key does not begin with `{_BEFORE_SEED}`", code="ledger/key"
            )
        name, seed = _read_key(
            text.removeprefix(_BEFORE_SEED), what="signing key", code="ledger/key"
        )
        signer = cls(name=name, seed=seed)
        if signer.to_text() != text:
            raise InputError(
                f"the signing key of `{name}` has another id than its own", code="ledger/key"
            )
        return signer


def sign(text: str, signers: Sequence[Signer]) -> Note:
    """Make a note that each of the signers has signed, in their order.

    Raises:
        VerificationError: The text cannot be that of a note, or nobody signs.
    """
    return Note(text=text, signatures=tuple(signer.signature(text) for signer in signers))


def verify(note: Note, vkeys: Iterable[Vkey]) -> tuple[Vkey, ...]:
    """Verify every signature of a known key; there must be one at least. Others mean nothing.

    Returns:
        The keys that signed, in the order of their signatures.

    Raises:
        VerificationError: No known key has signed, one's signature is not of this text, or one signed twice.
    """
    known = {(vkey.name, vkey.key_id): vkey for vkey in vkeys}
    text = note.text.encode("utf-8")
    signed: list[Vkey] = []
    for signature in note.signatures:
        vkey = known.get((signature.name, signature.key_id))
        if vkey is None:
            continue
        _verify_one(signature, vkey, text)
        if vkey in signed:
            raise VerificationError(
                f"`{vkey.name}` signed the note twice, expected once", code="ledger/signature"
            )
        signed.append(vkey)
    if not signed:
        raise VerificationError(
            "no key that is trusted has signed the note", code="ledger/unsigned"
        )
    return tuple(signed)


def _verify_one(signature: Signature, vkey: Vkey, text: bytes) -> None:
    try:
        Ed25519PublicKey.from_public_bytes(vkey.public).verify(signature.data, text)
    except InvalidSignature as error:
        raise VerificationError(
            f"the signature of `{vkey.name}` is not of this text", code="ledger/signature"
        ) from error


def _is_name(name: str) -> bool:
    return (
        bool(name)
        and "+" not in name
        and not any(char.isspace() or char < " " for char in name)
    )


def _check_name(name: str, *, code: str) -> None:
    if not _is_name(name):
        raise InputError(
            f"`{ascii(name[:_MOST_SHOWN])[1:-1]}` is no name of a key, expected text without blanks "
            "and `+`",
            code=code,
            hint="take a host and a path of yours, such as `example.com/privity`",
        )


def _read_signature(line: str) -> Signature:
    name, gap, encoded = line.removeprefix(_DASH).partition(" ")
    data = from_base64(encoded)
    if not line.startswith(_DASH) or not gap or data is None:
        raise _no_note("a line after its text is no signature")
    return Signature(name=name, key_id=data[:_ID_SIZE], data=data[_ID_SIZE:])


def _read_key(text: str, *, what: str, code: str) -> tuple[str, bytes]:
    name, _, rest = text.partition("+")
    key_id, _, encoded = rest.partition("+")
    data = from_base64(encoded)
    if not _is_name(name) or _ID.fullmatch(key_id) is None or data is None:
        raise InputError(
            f"this is no {what}, expected a name, an id and a key with `+` between", code=code
        )
    if data[:1] != _ED25519 or len(data) != 1 + _KEY_SIZE:
        raise InputError(f"the {what} of `{name}` is not an Ed25519 key", code=code)
    return name, data[1:]


def _no_note(why: str) -> VerificationError:
    return VerificationError(f"this is no signed note: {why}", code="ledger/note")
