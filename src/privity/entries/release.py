# SPDX-License-Identifier: Apache-2.0
"""Release: a dataset is made, becomes less, or ends (specs/entry.md, part 5; specs/release.md).

Every revision says what is in it then, so that it stands by its own entry. That revisions follow one another is not
held here.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar, Final

from privity.canonical.instants import Instant
from privity.entries.fields import (
    KEY_SIZE,
    bytes_of,
    check_bytes,
    check_choice,
    check_instant,
    check_instants,
    check_name,
    check_public_key,
    check_sha256,
    check_short_name,
    check_whole,
    check_word,
    in_base64,
    keys_of,
    list_of,
    present,
    wrong,
)

STREAM = "release"
ENDS: Final = ("expired", "withdrawn")
"""Why a release ends."""
FIRST_REVISION: Final = 1
"""The revision that a release is made as."""

_CREATED: Final = (
    "release",
    "clearing",
    "purpose",
    "recipient",
    "ledger_size",
    "content",
    "key",
)
_MAY_BE: Final = ("policy", "version", "expires_at", "scheduled")


@dataclass(frozen=True, kw_only=True, slots=True)
class Content:
    """What is in a release.

    Attributes:
        files: How many files the table has.
        size: Their bytes together.
        rows: How many records.
        files_root: The root over the lines of the manifest.
        members: How many members have records in it.
        members_root: The root over the members' tags.
        manifest: The SHA-256 of the manifest, in hexadecimal.
        columns: The SHA-256 of the table's schema, in hexadecimal.
    """

    files: int
    size: int
    rows: int
    files_root: bytes
    members: int
    members_root: bytes
    manifest: str
    columns: str

    def __post_init__(self) -> None:
        for key in ("files", "size", "rows", "members"):
            check_whole(key, getattr(self, key))
        for key in ("files_root", "members_root"):
            check_bytes(key, getattr(self, key), KEY_SIZE)
        for key in ("manifest", "columns"):
            check_sha256(key, getattr(self, key))
        if self.rows and not (self.files and self.members):
            raise wrong("rows", self.rows, "0 where there is no file or no member")

    def to_payload(self) -> dict[str, Any]:
        """Give it as JSON."""
        return {
            "columns": self.columns,
            "files": self.files,
            "files_root": in_base64(self.files_root),
            "manifest": self.manifest,
            "members": self.members,
            "members_root": in_base64(self.members_root),
            "rows": self.rows,
            "size": self.size,
        }

    @classmethod
    def parse(cls, payload: object) -> Content:
        """Read what `to_payload` gives.

        Raises:
            InputError: It is none.
        """
        roots = ("files_root", "members_root")
        keys = keys_of(
            payload,
            required=("columns", "files", "manifest", "members", "rows", "size", *roots),
        )
        return cls(**{**keys, **{key: bytes_of(keys, key) for key in roots}})


@dataclass(frozen=True, kw_only=True, slots=True)
class CreatedRelease:
    """A release is there, as revision 1.

    Attributes:
        release: Its name, never used again.
        clearing: The clearing that permitted its records.
        purpose: What it may be used for.
        recipient: Who may get it.
        ledger_size: The entries that it heeds.
        policy: The policy's name, or None where there is none in force.
        version: The version in force, or None with it.
        content: What is in it.
        key: The Ed25519 key that verifies what is signed about it, 32 bytes.
        expires_at: When it ends by itself, or None.
        scheduled: When rules that were known then change by themselves later, in order.
    """

    STREAM: ClassVar[str] = STREAM

    release: str
    clearing: str
    purpose: str
    recipient: str
    ledger_size: int
    policy: str | None = None
    version: str | None = None
    content: Content
    key: bytes
    expires_at: Instant | None = None
    scheduled: tuple[Instant, ...] = ()

    def __post_init__(self) -> None:
        check_short_name("release", self.release)
        check_name("clearing", self.clearing)
        check_word("purpose", self.purpose)
        check_name("recipient", self.recipient)
        check_whole("ledger_size", self.ledger_size, lowest=1)
        if (self.policy is None) != (self.version is None):
            raise wrong("version", self.version, "a policy with its version, or neither")
        for key, value in present(policy=self.policy, version=self.version).items():
            check_name(key, value)
        check_public_key("key", self.key)
        if self.expires_at is not None:
            check_instant("expires_at", self.expires_at)
        check_instants("scheduled", self.scheduled)

    @property
    def revision(self) -> int:
        """The revision that it is."""
        return FIRST_REVISION

    def to_payload(self) -> dict[str, Any]:
        """Give it as JSON."""
        return present(
            action="created",
            release=self.release,
            clearing=self.clearing,
            purpose=self.purpose,
            recipient=self.recipient,
            ledger_size=self.ledger_size,
            policy=self.policy,
            version=self.version,
            content=self.content.to_payload(),
            key=in_base64(self.key),
            expires_at=self.expires_at,
            scheduled=self.scheduled,
        )

    @classmethod
    def parse(cls, payload: Mapping[str, Any]) -> CreatedRelease:
        """Read what `to_payload` gives.

        Raises:
            InputError: It is none.
        """
        keys = _keys(payload, "created", _CREATED, _MAY_BE)
        keys["content"] = Content.parse(keys["content"])
        keys["key"] = bytes_of(keys, "key")
        keys["scheduled"] = list_of(keys, "scheduled")
        return cls(**keys)


@dataclass(frozen=True, kw_only=True, slots=True)
class RevisedRelease:
    """A release has become less; its earlier revision is no longer to be used.

    Attributes:
        release: Its name.
        revision: The new revision, from 2.
        ledger_size: The entries that it heeds.
        content: What is in it now.
        revocation: The taking back that made it.
    """

    STREAM: ClassVar[str] = STREAM

    release: str
    revision: int
    ledger_size: int
    content: Content
    revocation: str

    def __post_init__(self) -> None:
        check_short_name("release", self.release)
        check_whole("revision", self.revision, lowest=FIRST_REVISION + 1)
        check_whole("ledger_size", self.ledger_size, lowest=1)
        check_short_name("revocation", self.revocation)

    def to_payload(self) -> dict[str, Any]:
        """Give it as JSON."""
        return {
            "action": "revised",
            "content": self.content.to_payload(),
            "ledger_size": self.ledger_size,
            "release": self.release,
            "revision": self.revision,
            "revocation": self.revocation,
        }

    @classmethod
    def parse(cls, payload: Mapping[str, Any]) -> RevisedRelease:
        """Read what `to_payload` gives.

        Raises:
            InputError: It is none.
        """
        required = ("release", "revision", "ledger_size", "content", "revocation")
        keys = _keys(payload, "revised", required)
        keys["content"] = Content.parse(keys["content"])
        return cls(**keys)


@dataclass(frozen=True, kw_only=True, slots=True)
class EndedRelease:
    """A release is no longer to be used, in any revision.

    Attributes:
        release: Its name.
        why: `expired` or `withdrawn`.
    """

    STREAM: ClassVar[str] = STREAM

    release: str
    why: str

    def __post_init__(self) -> None:
        check_short_name("release", self.release)
        check_choice("why", self.why, ENDS)

    def to_payload(self) -> dict[str, Any]:
        """Give it as JSON."""
        return {"action": "ended", "release": self.release, "why": self.why}

    @classmethod
    def parse(cls, payload: Mapping[str, Any]) -> EndedRelease:
        """Read what `to_payload` gives.

        Raises:
            InputError: It is none.
        """
        return cls(**_keys(payload, "ended", ("release", "why")))


ReleaseEntry = CreatedRelease | RevisedRelease | EndedRelease


def parse_release(payload: Mapping[str, Any]) -> ReleaseEntry:
    """Read the payload of what happens to a release.

    Raises:
        InputError: It is none.
    """
    match payload.get("action"):
        case "created":
            return CreatedRelease.parse(payload)
        case "revised":
            return RevisedRelease.parse(payload)
        case "ended":
            return EndedRelease.parse(payload)
        case action:
            raise wrong("action", action, "`created`, `revised` or `ended`")


def _keys(
    payload: Mapping[str, Any],
    action: str,
    required: tuple[str, ...],
    optional: tuple[str, ...] = (),
) -> dict[str, Any]:
    keys = dict(keys_of(payload, required=("action", *required), optional=optional))
    check_choice("action", keys.pop("action"), (action,))
    return keys
