# SPDX-License-Identifier: Apache-2.0
"""What operator and recipient sign of a taking back: what is to go, and what was deleted (specs/release.md, part 6).

The operator's notice names the records by the root that the log has of them, and the files that stand for those who had
them. The recipient's attestation says what is in its copy now. Neither shows that no other copy was made.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from privity.canonical.instants import Instant
from privity.entries.dsse import ATTESTATION, REVOCATION, EnvelopeSigner
from privity.entries.fields import (
    KEY_SIZE,
    check_bytes,
    check_instant,
    check_name,
    check_sha256,
    check_short_name,
    check_whole,
)
from privity.errors import VerificationError
from privity.release.forms import Form

NOTICE: Final = "revocation.json"
"""The signed notice's name in the folder of a taking back."""
BUNDLE: Final = "bundle"
"""What the recipient is given: a folder in that of a taking back, in a workspace."""
RECORDS: Final = "records.parquet"
"""The records that are to go: the file of the table that each is in, and its id."""

_SHARED: Final = ("origin", "revocation", "release", "revision", "next", "recipient")
_NOTICE: Final = Form(
    format="privity/revocation/v1",
    payload_type=REVOCATION,
    keys=(
        *_SHARED, "at", "due", "deadline", "ledger_size", "members", "records", "tags_root", "files",
    ),
    roots=("tags_root",),
    optional=("writer",),
)  # fmt: skip
_ATTESTED: Final = Form(
    format="privity/attestation/v1",
    payload_type=ATTESTATION,
    keys=(*_SHARED, "records", "tags_root", "files_root", "members_root", "at"),
    roots=("tags_root", "files_root", "members_root"),
)


@dataclass(frozen=True, kw_only=True, slots=True)
class Notice:
    """What is to go.

    Attributes:
        origin: The log that it is entered in.
        revocation: The taking back.
        release: The release.
        revision: The revision that has the records.
        next: The revision that is without them.
        recipient: Who has a copy.
        at: When they were said to be due.
        due: The index of the entry that says so.
        deadline: By when they are to be deleted.
        ledger_size: The entries that it was decided from.
        members: How many members' records.
        records: How many records.
        tags_root: The root over the tags of these members, and what of theirs is to go.
        files: The SHA-256 of each other file in the folder of this taking back, by name.
        writer: With which version of pyarrow what is left was written; None where nobody said it.
    """

    origin: str
    revocation: str
    release: str
    revision: int
    next: int
    recipient: str
    at: Instant
    due: int
    deadline: Instant
    ledger_size: int
    members: int
    records: int
    tags_root: bytes
    files: Mapping[str, str]
    writer: str | None = None

    def __post_init__(self) -> None:
        _check_shared(self)
        check_instant("at", self.at)
        check_instant("deadline", self.deadline)
        check_whole("due", self.due)
        for key in ("ledger_size", "members", "records"):
            check_whole(key, getattr(self, key), lowest=1)
        check_bytes("tags_root", self.tags_root, KEY_SIZE)
        for name, sha256 in self.files.items():
            check_name("files", name)
            check_sha256(name, sha256)
        if self.writer is not None:
            check_name("writer", self.writer)

    def to_payload(self) -> dict[str, Any]:
        """Give it as JSON."""
        return {**_NOTICE.payload_of(self), "files": dict(self.files)}

    @classmethod
    def parse(cls, payload: Mapping[str, Any]) -> Notice:
        """Read what `to_payload` gives.

        Raises:
            InputError: It is none.
        """
        keys = _NOTICE.parse(payload)
        files = keys["files"] if isinstance(keys["files"], dict) else {"": ""}
        return cls(**{**keys, "files": files})

    def signed(self, signer: EnvelopeSigner) -> bytes:
        """Give its envelope, signed with the release's key."""
        return _NOTICE.signed(self, signer)


@dataclass(frozen=True, kw_only=True, slots=True)
class Attestation:
    """What a recipient says that it deleted.

    Attributes:
        origin: The log that the taking back is entered in.
        revocation: The taking back.
        release: The release.
        revision: The revision that the copy was.
        next: The revision that the copy is now.
        recipient: Who says so.
        records: How many records were deleted.
        tags_root: The root over what was deleted, as the log has it.
        files_root: The root over the lines of the copy's manifest.
        members_root: The root over the members of the copy.
        at: When it was signed, as the recipient says.
    """

    origin: str
    revocation: str
    release: str
    revision: int
    next: int
    recipient: str
    records: int
    tags_root: bytes
    files_root: bytes
    members_root: bytes
    at: Instant

    def __post_init__(self) -> None:
        _check_shared(self)
        check_whole("records", self.records, lowest=1)
        check_instant("at", self.at)
        for key in ("tags_root", "files_root", "members_root"):
            check_bytes(key, getattr(self, key), KEY_SIZE)

    def to_payload(self) -> dict[str, Any]:
        """Give it as JSON."""
        return _ATTESTED.payload_of(self)

    @classmethod
    def parse(cls, payload: Mapping[str, Any]) -> Attestation:
        """Read what `to_payload` gives.

        Raises:
            InputError: It is none.
        """
        return cls(**_ATTESTED.parse(payload))

    def signed(self, signer: EnvelopeSigner) -> bytes:
        """Give its envelope, signed with the recipient's key."""
        return _ATTESTED.signed(self, signer)


def read_notice(data: bytes, public: bytes) -> Notice:
    """Read a notice from its envelope.

    Args:
        data: The envelope.
        public: The release's key, as its entry has it.

    Raises:
        InputError: It is none.
        VerificationError: The key did not sign it.
    """
    return Notice.parse(_NOTICE.read(data, public))


def read_attestation(data: bytes, public: bytes) -> Attestation:
    """Read an attestation from its envelope.

    Args:
        data: The envelope.
        public: The recipient's key, as the register has it.

    Raises:
        InputError: It is none.
        VerificationError: The key did not sign it.
    """
    return Attestation.parse(_ATTESTED.read(data, public))


def check_attests(said: Attestation, expected: Attestation) -> None:
    """Check that an attestation is of a taking back, and that the copy is what it is to be ([REL-124]).

    Args:
        said: What was said; its instant is the recipient's matter.
        expected: What the log has.

    Raises:
        VerificationError: It says something else (`revoke/attestation`).
    """
    seen, wanted = said.to_payload(), expected.to_payload()
    for key in _ATTESTED.keys:
        if key != "at" and seen[key] != wanted[key]:
            raise VerificationError(
                f"the attestation says `{key}` is `{seen[key]}`, and the log says `{wanted[key]}`",
                code="revoke/attestation",
                hint="have the recipient run `privity recipient apply` on its copy",
            )


def _check_shared(one: Notice | Attestation) -> None:
    check_name("origin", one.origin)
    check_short_name("revocation", one.revocation)
    check_short_name("release", one.release)
    check_whole("revision", one.revision, lowest=1)
    check_whole("next", one.next, lowest=one.revision + 1)
    check_name("recipient", one.recipient)
