# SPDX-License-Identifier: Apache-2.0
"""The clearance certificate: who may use what, for what, by which rules, until when ([REL-53]).

It is signed with the key that the release's entry names, and stands for one revision. It is no licence for ever: whoever
uses the release asks the log whether it still stands.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Any, Final

from privity.canonical.instants import Instant, format_instant, parse_instant
from privity.entries.fields import (
    KEY_SIZE,
    bytes_of,
    check_bytes,
    check_name,
    check_sha256,
    check_short_name,
    check_text,
    check_whole,
    check_word,
    in_base64,
    keys_of,
    present,
    wrong,
)
from privity.errors import InputError
from privity.release.described import Described

FORMAT: Final = "privity-certificate/1"
_MAY_BE: Final = ("policy", "version", "expires_at")


@dataclass(frozen=True, kw_only=True, slots=True)
class Certificate:
    """What a certificate says.

    Attributes:
        origin: The log that speaks of the release.
        release: The release's name.
        revision: Which revision it is of.
        entry: The index of the entry of that revision.
        clearing: The clearing that permitted its records.
        purpose: What it may be used for.
        recipient: Who may use it.
        ledger_size: The entries that it heeds.
        policy: The policy's name, or None.
        version: The version that was in force, or None with it.
        manifest: The SHA-256 of the manifest of its files, in hexadecimal.
        files_root: The root over its files.
        members_root: The root over its members' tags.
        issued_at: When it was signed.
        expires_at: When the release ends by itself, or None.
    """

    origin: str
    release: str
    revision: int
    entry: int
    clearing: str
    purpose: str
    recipient: str
    ledger_size: int
    policy: str | None
    version: str | None
    manifest: str
    files_root: bytes
    members_root: bytes
    issued_at: Instant
    expires_at: Instant | None

    def __post_init__(self) -> None:
        for key in ("clearing", "recipient"):
            check_name(key, getattr(self, key))
        for key in ("policy", "version"):
            if getattr(self, key) is not None:
                check_name(key, getattr(self, key))
        check_text("origin", self.origin)
        check_short_name("release", self.release)
        check_word("purpose", self.purpose)
        check_whole("revision", self.revision, lowest=1)
        check_whole("entry", self.entry)
        check_whole("ledger_size", self.ledger_size, lowest=1)
        check_sha256("manifest", self.manifest)
        for key in ("files_root", "members_root"):
            check_bytes(key, getattr(self, key), KEY_SIZE)

    @classmethod
    def of(cls, described: Described, *, issued_at: Instant) -> Certificate:
        """Certify what the log says of a release."""
        created, content = described.created, described.content
        return cls(
            origin=described.origin,
            release=described.name,
            revision=described.revision,
            entry=described.index,
            clearing=created.clearing,
            purpose=created.purpose,
            recipient=created.recipient,
            ledger_size=described.says.ledger_size,
            policy=created.policy,
            version=created.version,
            manifest=content.manifest,
            files_root=content.files_root,
            members_root=content.members_root,
            issued_at=issued_at,
            expires_at=created.expires_at,
        )

    def to_payload(self) -> dict[str, Any]:
        """Give it as JSON."""
        return {
            "format": FORMAT,
            **present(
                origin=self.origin,
                release=self.release,
                revision=self.revision,
                entry=self.entry,
                clearing=self.clearing,
                purpose=self.purpose,
                recipient=self.recipient,
                ledger_size=self.ledger_size,
                policy=self.policy,
                version=self.version,
                manifest=self.manifest,
                files_root=in_base64(self.files_root),
                members_root=in_base64(self.members_root),
                issued_at=format_instant(self.issued_at),
                expires_at=None if self.expires_at is None else format_instant(self.expires_at),
            ),
        }

    @classmethod
    def parse(cls, payload: Mapping[str, Any]) -> Certificate:
        """Read what `to_payload` gives.

        Raises:
            InputError: It is none.
        """
        required = [one.name for one in fields(cls) if one.name not in _MAY_BE]
        keys = dict(keys_of(payload, required=("format", *required), optional=_MAY_BE))
        if keys.pop("format") != FORMAT:
            raise wrong("format", payload["format"], f"`{FORMAT}`")
        for name in ("files_root", "members_root"):
            keys[name] = bytes_of(payload, name)
        for name in ("issued_at", "expires_at"):
            if name in keys:
                keys[name] = _instant(name, keys[name])
        made = cls(**{**dict.fromkeys(_MAY_BE), **keys})
        if made.to_payload() != payload:
            raise wrong("certificate", FORMAT, "what `privity release create` signs")
        return made


def _instant(key: str, value: object) -> Instant:
    if isinstance(value, str):
        try:
            return parse_instant(value)
        except InputError as error:
            raise wrong(key, value, "an instant") from error
    raise wrong(key, value, "an instant")
