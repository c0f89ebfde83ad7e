# SPDX-License-Identifier: Apache-2.0
"""Attested: what somebody says of the time before the entry, signed, with evidence (specs/entry.md, part 7).

A statement wraps an entry of another kind and says since when it is said to have been known. What it counts as, and
from when, is not decided here; nor whose keys are believed.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar, Final

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import (
    Ed25519PrivateKey,
    Ed25519PublicKey,
)

from privity.canonical.instants import Instant
from privity.entries.agreement import AgreementEntry
from privity.entries.envelope import encode_limited
from privity.entries.fact import FactEntry
from privity.entries.fields import (
    KEY_SIZE,
    bytes_of,
    check_bytes,
    check_choice,
    check_instant,
    check_name,
    check_public_key,
    check_sha256,
    check_url,
    in_base64,
    keys_of,
    present,
)
from privity.entries.notice import NoticeEntry
from privity.entries.order import OrderEntry
from privity.entries.policy import PolicyEntry
from privity.entries.recipient import RecipientEntry
from privity.errors import InputError, VerificationError

_DOMAIN: Final = b"privity/attested/v1\0"
_SIGNATURE_SIZE: Final = 64
_FACT: Final = "fact"
_STATED: Final = ("attester", "claimed_at", "evidence", "kind", "origin", "says")

PublicAttestable = AgreementEntry | NoticeEntry | OrderEntry | PolicyEntry | RecipientEntry
Attestable = FactEntry | PublicAttestable

_KINDS: Final[Mapping[str, type[Attestable]]] = {
    _FACT: FactEntry,
    **{
        kind.STREAM: kind
        for kind in (AgreementEntry, NoticeEntry, OrderEntry, PolicyEntry, RecipientEntry)
    },
}


@dataclass(frozen=True, kw_only=True, slots=True)
class Evidence:
    """What a statement rests on.

    Attributes:
        sha256: Of the bytes of it, in hexadecimal.
        url: Where it can be read, or None.
    """

    sha256: str
    url: str | None = None

    def __post_init__(self) -> None:
        check_sha256("sha256", self.sha256)
        if self.url is not None:
            check_url("url", self.url)

    def to_payload(self) -> dict[str, Any]:
        """Give it as JSON."""
        return present(sha256=self.sha256, url=self.url)

    @classmethod
    def parse(cls, payload: object) -> Evidence:
        """Read what `to_payload` gives.

        Raises:
            InputError: It is none.
        """
        return cls(**keys_of(payload, required=("sha256",), optional=("url",)))


@dataclass(frozen=True, kw_only=True, slots=True)
class Attester:
    """Who makes a statement.

    Attributes:
        name: In words.
        key: The Ed25519 public key, 32 bytes.
    """

    name: str
    key: bytes

    def __post_init__(self) -> None:
        check_name("name", self.name)
        check_public_key("key", self.key)

    def to_payload(self) -> dict[str, Any]:
        """Give it as JSON."""
        return {"key": in_base64(self.key), "name": self.name}

    @classmethod
    def parse(cls, payload: object) -> Attester:
        """Read what `to_payload` gives.

        Raises:
            InputError: It is none.
        """
        keys = keys_of(payload, required=("key", "name"))
        return cls(name=keys["name"], key=bytes_of(keys, "key"))


@dataclass(frozen=True, kw_only=True, slots=True)
class Statement:
    """What an attester signs.

    Attributes:
        origin: The log that it is said to; in another log it is not valid.
        attester: Who says it.
        claimed_at: Since when it is said to have been known: recorded, or published.
        evidence: What it rests on.
        says: The fact, policy version, notice, agreement, order or recipient that it is about.
    """

    origin: str
    attester: Attester
    claimed_at: Instant
    evidence: Evidence
    says: Attestable

    def __post_init__(self) -> None:
        check_name("origin", self.origin)
        check_instant("claimed_at", self.claimed_at)

    @property
    def kind(self) -> str:
        """The kind of what it is about."""
        return _FACT if isinstance(self.says, FactEntry) else self.says.STREAM

    def to_payload(self) -> dict[str, Any]:
        """Give it as JSON."""
        return {
            "attester": self.attester.to_payload(),
            "claimed_at": self.claimed_at,
            "evidence": self.evidence.to_payload(),
            "kind": self.kind,
            "origin": self.origin,
            "says": self.says.to_payload(),
        }

    def to_sign(self) -> bytes:
        """Give the bytes that are signed.

        Raises:
            InputError: They would be too many, or there are none.
        """
        return _DOMAIN + encode_limited(self.to_payload())

    @classmethod
    def parse(cls, payload: Mapping[str, Any]) -> Statement:
        """Read what `to_payload` gives.

        Raises:
            InputError: It is none.
        """
        keys = keys_of(payload, required=_STATED)
        check_choice("kind", keys["kind"], _KINDS)
        return cls(
            origin=keys["origin"],
            attester=Attester.parse(keys["attester"]),
            claimed_at=keys["claimed_at"],
            evidence=Evidence.parse(keys["evidence"]),
            says=_KINDS[keys["kind"]].parse(keys["says"]),
        )


@dataclass(frozen=True, kw_only=True, slots=True)
class AttestedEntry:
    """A statement with its signature, which has been verified.

    Attributes:
        statement: What is said.
        signature: 64 bytes, by the attester's key.

    Raises:
        VerificationError: The signature is not the attester's, or of another statement.
    """

    STREAM: ClassVar[str] = "attested"
    SCHEMA: ClassVar[str] = "privity/attested/v1"

    statement: Statement
    signature: bytes

    def __post_init__(self) -> None:
        check_bytes("signature", self.signature, _SIGNATURE_SIZE)
        key = Ed25519PublicKey.from_public_bytes(self.statement.attester.key)
        try:
            # INVARIANT: there is no value of this class whose signature was not verified.
            key.verify(self.signature, self.statement.to_sign())
        except InvalidSignature as error:
            raise VerificationError(
                f"the signature is not one of `{self.statement.attester.name}` of this statement",
                code="entry/signature",
            ) from error

    @property
    def private(self) -> bool:
        """Whether it belongs into a private stream: what it is about does."""
        return isinstance(self.statement.says, FactEntry)

    def to_payload(self) -> dict[str, Any]:
        """Give it as JSON."""
        return {**self.statement.to_payload(), "signature": in_base64(self.signature)}

    @classmethod
    def parse(cls, payload: Mapping[str, Any]) -> AttestedEntry:
        """Read what `to_payload` gives, and verify it.

        Raises:
            InputError: It is none.
            VerificationError: The signature is not the attester's, or of another statement.
        """
        keys = dict(keys_of(payload, required=(*_STATED, "signature")))
        signature = bytes_of(keys, "signature")
        del keys["signature"]
        return cls(statement=Statement.parse(keys), signature=signature)


def attester_of(name: str, seed: bytes) -> Attester:
    """Give the attester that a secret key of 32 bytes belongs to.

    Raises:
        InputError: The name is none, or the key has not 32 bytes.
    """
    return Attester(name=name, key=_private(seed).public_key().public_bytes_raw())


def attest(statement: Statement, seed: bytes) -> AttestedEntry:
    """Sign a statement with the attester's secret key of 32 bytes.

    Raises:
        InputError: The key has not 32 bytes.
        VerificationError: It is not the key of the statement's attester.
    """
    return AttestedEntry(
        statement=statement, signature=_private(seed).sign(statement.to_sign())
    )


def _private(seed: bytes) -> Ed25519PrivateKey:
    if len(seed) != KEY_SIZE:
        raise InputError(
            f"a signing key has {KEY_SIZE} secret bytes, not {len(seed)}", code="entry/key"
        )
    return Ed25519PrivateKey.from_private_bytes(seed)
