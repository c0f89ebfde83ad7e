# SPDX-License-Identifier: Apache-2.0
"""Disclosure: a release is handed over, acknowledged, or did not arrive (specs/entry.md, part 5; specs/release.md).

The entry of a hand-over precedes the copy: what is out is in the log. One that came to nothing is said to have failed.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

from privity.entries.fields import (
    KEY_SIZE,
    bytes_of,
    check_bytes,
    check_name,
    check_sha256,
    check_short_name,
    check_whole,
    in_base64,
    step_of,
    wrong,
)

STREAM = "disclosure"


@dataclass(frozen=True, kw_only=True, slots=True)
class HandedOver:
    """A copy of a release goes to a recipient.

    Attributes:
        disclosure: Its name, never used again.
        release: The release.
        revision: The revision that is copied.
        recipient: Who gets it.
        files_root: The root over the manifest's lines, as the release's entry has it.
        certificate: The SHA-256 of the clearance certificate that goes with it, in hexadecimal.
    """

    STREAM: ClassVar[str] = STREAM

    disclosure: str
    release: str
    revision: int
    recipient: str
    files_root: bytes
    certificate: str

    def __post_init__(self) -> None:
        check_short_name("disclosure", self.disclosure)
        check_short_name("release", self.release)
        check_whole("revision", self.revision, lowest=1)
        check_name("recipient", self.recipient)
        check_bytes("files_root", self.files_root, KEY_SIZE)
        check_sha256("certificate", self.certificate)

    def to_payload(self) -> dict[str, Any]:
        """Give it as JSON."""
        return {
            "certificate": self.certificate,
            "disclosure": self.disclosure,
            "files_root": in_base64(self.files_root),
            "recipient": self.recipient,
            "release": self.release,
            "revision": self.revision,
            "step": "handed-over",
        }

    @classmethod
    def parse(cls, payload: Mapping[str, Any]) -> HandedOver:
        """Read what `to_payload` gives.

        Raises:
            InputError: It is none.
        """
        required = (
            "disclosure", "release", "revision", "recipient", "files_root", "certificate",
        )  # fmt: skip
        keys = step_of(payload, "handed-over", required)
        return cls(**{**keys, "files_root": bytes_of(keys, "files_root")})


@dataclass(frozen=True, kw_only=True, slots=True)
class AcknowledgedDisclosure:
    """The recipient has signed what it got.

    Attributes:
        disclosure: The hand-over.
        acknowledgement: The SHA-256 of the signed envelope, in hexadecimal.
    """

    STREAM: ClassVar[str] = STREAM

    disclosure: str
    acknowledgement: str

    def __post_init__(self) -> None:
        check_short_name("disclosure", self.disclosure)
        check_sha256("acknowledgement", self.acknowledgement)

    def to_payload(self) -> dict[str, Any]:
        """Give it as JSON."""
        return {
            "acknowledgement": self.acknowledgement,
            "disclosure": self.disclosure,
            "step": "acknowledged",
        }

    @classmethod
    def parse(cls, payload: Mapping[str, Any]) -> AcknowledgedDisclosure:
        """Read what `to_payload` gives.

        Raises:
            InputError: It is none.
        """
        return cls(**step_of(payload, "acknowledged", ("disclosure", "acknowledgement")))


@dataclass(frozen=True, kw_only=True, slots=True)
class FailedDisclosure:
    """The copy of a hand-over was not finished, and nobody got it.

    Attributes:
        disclosure: The hand-over.
    """

    STREAM: ClassVar[str] = STREAM

    disclosure: str

    def __post_init__(self) -> None:
        check_short_name("disclosure", self.disclosure)

    def to_payload(self) -> dict[str, Any]:
        """Give it as JSON."""
        return {"disclosure": self.disclosure, "step": "failed"}

    @classmethod
    def parse(cls, payload: Mapping[str, Any]) -> FailedDisclosure:
        """Read what `to_payload` gives.

        Raises:
            InputError: It is none.
        """
        return cls(**step_of(payload, "failed", ("disclosure",)))


DisclosureEntry = HandedOver | AcknowledgedDisclosure | FailedDisclosure


def parse_disclosure(payload: Mapping[str, Any]) -> DisclosureEntry:
    """Read the payload of a hand-over's step.

    Raises:
        InputError: It is none.
    """
    match payload.get("step"):
        case "handed-over":
            return HandedOver.parse(payload)
        case "acknowledged":
            return AcknowledgedDisclosure.parse(payload)
        case "failed":
            return FailedDisclosure.parse(payload)
        case step:
            raise wrong("step", step, "`handed-over`, `acknowledged` or `failed`")
