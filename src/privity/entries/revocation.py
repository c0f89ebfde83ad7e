# SPDX-License-Identifier: Apache-2.0
"""Revocation: records are taken back from a release, step by step (specs/entry.md, part 5; specs/release.md).

What is taken back is named by tags under a root: whoever holds the release finds its rows by them, and nobody else
learns whose they are.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

from privity.canonical.instants import Instant
from privity.entries.fields import (
    KEY_SIZE,
    bytes_of,
    check_bool,
    check_bytes,
    check_instant,
    check_instants,
    check_name,
    check_sha256,
    check_short_name,
    check_whole,
    check_word,
    in_base64,
    keys_of,
    list_of,
    present,
    step_of,
    wrong,
)

STREAM = "revocation"


@dataclass(frozen=True, kw_only=True, slots=True)
class DueRevocation:
    """Records of a release are no longer permitted, and are to go.

    Attributes:
        revocation: Its name, never used again.
        release: The release.
        revision: The revision that holds them.
        ledger_size: The entries that it is decided from.
        members: How many members' records.
        records: How many records.
        tags_root: The root over the tags of these members and what of theirs is due.
        deadline: By when.
        at: The instant of use that it is decided for; None in entries that do not say it.
        scheduled: When rules that are known change by themselves later, in order.
    """

    STREAM: ClassVar[str] = STREAM

    revocation: str
    release: str
    revision: int
    ledger_size: int
    members: int
    records: int
    tags_root: bytes
    deadline: Instant
    at: Instant | None = None
    scheduled: tuple[Instant, ...] = ()

    def __post_init__(self) -> None:
        check_short_name("revocation", self.revocation)
        check_short_name("release", self.release)
        for key in ("revision", "ledger_size", "members", "records"):
            check_whole(key, getattr(self, key), lowest=1)
        check_bytes("tags_root", self.tags_root, KEY_SIZE)
        check_instant("deadline", self.deadline)
        if self.at is not None:
            check_instant("at", self.at)
        check_instants("scheduled", self.scheduled)

    def to_payload(self) -> dict[str, Any]:
        """Give it as JSON."""
        return present(
            at=self.at,
            deadline=self.deadline,
            ledger_size=self.ledger_size,
            members=self.members,
            records=self.records,
            release=self.release,
            revision=self.revision,
            revocation=self.revocation,
            scheduled=self.scheduled,
            step="due",
            tags_root=in_base64(self.tags_root),
        )

    @classmethod
    def parse(cls, payload: Mapping[str, Any]) -> DueRevocation:
        """Read what `to_payload` gives.

        Raises:
            InputError: It is none.
        """
        required = (
            "revocation", "release", "revision", "ledger_size", "members", "records",
            "tags_root", "deadline",
        )  # fmt: skip
        keys = step_of(payload, "due", required, ("at", "scheduled"))
        return cls(
            **{
                **keys,
                "tags_root": bytes_of(keys, "tags_root"),
                "scheduled": list_of(keys, "scheduled"),
            }
        )


@dataclass(frozen=True, kw_only=True, slots=True)
class DoneRevocation:
    """The operator's own copy no longer has them.

    Attributes:
        revocation: The taking back.
        release: The release.
        revision: The revision that is without them, from 2.
    """

    STREAM: ClassVar[str] = STREAM

    revocation: str
    release: str
    revision: int

    def __post_init__(self) -> None:
        check_short_name("revocation", self.revocation)
        check_short_name("release", self.release)
        check_whole("revision", self.revision, lowest=2)

    def to_payload(self) -> dict[str, Any]:
        """Give it as JSON."""
        return {
            "release": self.release,
            "revision": self.revision,
            "revocation": self.revocation,
            "step": "done",
        }

    @classmethod
    def parse(cls, payload: Mapping[str, Any]) -> DoneRevocation:
        """Read what `to_payload` gives.

        Raises:
            InputError: It is none.
        """
        return cls(**step_of(payload, "done", ("revocation", "release", "revision")))


@dataclass(frozen=True, kw_only=True, slots=True)
class NotifiedRevocation:
    """A recipient was told, or could not be told.

    Attributes:
        revocation: The taking back.
        recipient: Who has a copy.
        message: The message's name, a word; what is sent again has the same.
        ok: Whether it was taken.
    """

    STREAM: ClassVar[str] = STREAM

    revocation: str
    recipient: str
    message: str
    ok: bool

    def __post_init__(self) -> None:
        check_short_name("revocation", self.revocation)
        check_name("recipient", self.recipient)
        check_word("message", self.message)
        check_bool("ok", self.ok)

    def to_payload(self) -> dict[str, Any]:
        """Give it as JSON."""
        return {
            "message": self.message,
            "ok": self.ok,
            "recipient": self.recipient,
            "revocation": self.revocation,
            "step": "notified",
        }

    @classmethod
    def parse(cls, payload: Mapping[str, Any]) -> NotifiedRevocation:
        """Read what `to_payload` gives.

        Raises:
            InputError: It is none.
        """
        required = ("revocation", "recipient", "message", "ok")
        return cls(**step_of(payload, "notified", required))


@dataclass(frozen=True, kw_only=True, slots=True)
class RevocationAck:
    """A recipient has signed what it deleted.

    Attributes:
        revocation: The taking back.
        recipient: Who.
        attestation: The SHA-256 of the signed envelope, in hexadecimal.
    """

    STREAM: ClassVar[str] = "revocation.ack"

    revocation: str
    recipient: str
    attestation: str

    def __post_init__(self) -> None:
        check_short_name("revocation", self.revocation)
        check_name("recipient", self.recipient)
        check_sha256("attestation", self.attestation)

    def to_payload(self) -> dict[str, Any]:
        """Give it as JSON."""
        return {
            "attestation": self.attestation,
            "recipient": self.recipient,
            "revocation": self.revocation,
        }

    @classmethod
    def parse(cls, payload: Mapping[str, Any]) -> RevocationAck:
        """Read what `to_payload` gives.

        Raises:
            InputError: It is none.
        """
        return cls(**keys_of(payload, required=("revocation", "recipient", "attestation")))


RevocationEntry = DueRevocation | DoneRevocation | NotifiedRevocation


def parse_revocation(payload: Mapping[str, Any]) -> RevocationEntry:
    """Read the payload of a taking back's step.

    Raises:
        InputError: It is none.
    """
    match payload.get("step"):
        case "due":
            return DueRevocation.parse(payload)
        case "done":
            return DoneRevocation.parse(payload)
        case "notified":
            return NotifiedRevocation.parse(payload)
        case step:
            raise wrong("step", step, "`due`, `done` or `notified`")
