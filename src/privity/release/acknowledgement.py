# SPDX-License-Identifier: Apache-2.0
"""Acknowledgements: what a recipient signs of what it got (specs/release.md, part 4).

It names the hand-over, and by their roots and digests the files that were looked at. That the recipient reads them for the
purpose alone, or still has them, it does not show.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from privity.canonical.instants import Instant
from privity.entries.disclosure import HandedOver
from privity.entries.dsse import ACKNOWLEDGEMENT, EnvelopeSigner
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

FORMAT: Final = "privity/acknowledgement/v1"
_KEYS: Final = (
    "disclosure", "release", "revision", "recipient", "files_root", "certificate",
)  # fmt: skip
_FORM: Final = Form(
    format=FORMAT,
    payload_type=ACKNOWLEDGEMENT,
    keys=("at", "origin", *_KEYS),
    roots=("files_root",),
)


@dataclass(frozen=True, kw_only=True, slots=True)
class Acknowledgement:
    """What a recipient says of a copy.

    Attributes:
        origin: The log that the hand-over is entered in.
        disclosure: The hand-over.
        release: The release.
        revision: The revision that was copied.
        recipient: Who got it.
        files_root: The root over the lines of the copy's manifest, whose files were all hashed.
        certificate: The SHA-256 of the clearance certificate that was with it, in hexadecimal.
        at: When it was signed, as the recipient says.
    """

    origin: str
    disclosure: str
    release: str
    revision: int
    recipient: str
    files_root: bytes
    certificate: str
    at: Instant

    def __post_init__(self) -> None:
        check_name("origin", self.origin)
        check_short_name("disclosure", self.disclosure)
        check_short_name("release", self.release)
        check_whole("revision", self.revision, lowest=1)
        check_name("recipient", self.recipient)
        check_bytes("files_root", self.files_root, KEY_SIZE)
        check_sha256("certificate", self.certificate)
        check_instant("at", self.at)

    @classmethod
    def of(cls, handed: HandedOver, *, origin: str, at: Instant) -> Acknowledgement:
        """Acknowledge what the entry of a hand-over says."""
        return cls(origin=origin, at=at, **{key: getattr(handed, key) for key in _KEYS})

    def to_payload(self) -> dict[str, Any]:
        """Give it as JSON."""
        return _FORM.payload_of(self)

    @classmethod
    def parse(cls, payload: Mapping[str, Any]) -> Acknowledgement:
        """Read what `to_payload` gives.

        Raises:
            InputError: It is none.
        """
        return cls(**_FORM.parse(payload))

    def signed(self, signer: EnvelopeSigner) -> bytes:
        """Give its envelope, signed with the recipient's key."""
        return _FORM.signed(self, signer)


def read_acknowledgement(data: bytes, public: bytes) -> Acknowledgement:
    """Read an acknowledgement from its envelope.

    Args:
        data: The envelope.
        public: The recipient's key, as the register has it.

    Raises:
        InputError: It is none.
        VerificationError: The key did not sign it.
    """
    return Acknowledgement.parse(_FORM.read(data, public))


def check_acknowledges(said: Acknowledgement, handed: HandedOver, *, origin: str) -> None:
    """Check that an acknowledgement is of a hand-over, and of all of it ([REL-67]).

    Raises:
        VerificationError: It is of another log, another hand-over, or other files (`release/acknowledgement`).
    """
    expected = Acknowledgement.of(handed, origin=origin, at=said.at)
    if said == expected:
        return
    seen, wanted = said.to_payload(), expected.to_payload()
    key = next(key for key in seen if seen[key] != wanted[key])
    raise VerificationError(
        f"the acknowledgement says `{key}` is `{seen[key]}`, and the log says `{wanted[key]}`",
        code="release/acknowledgement",
        hint="have the recipient acknowledge this copy with `privity recipient acknowledge DIR`",
    )
