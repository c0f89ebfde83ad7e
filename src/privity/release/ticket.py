# SPDX-License-Identifier: Apache-2.0
"""Run tickets: that a run was entered, on which releases, and that nothing of them was due then (specs/release.md, part 4).

A ticket is made from the entry `run.start` alone and from what that names, so that it can be given out again. It is no
licence for ever: whoever opens a release later than its day asks anew.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from privity.canonical.instants import Instant
from privity.entries.dsse import RUN_TICKET, EnvelopeSigner, read_signed, sign_value
from privity.entries.fields import (
    KEY_SIZE,
    bytes_of,
    check_bytes,
    check_choice,
    check_instant,
    check_name,
    check_short_name,
    check_whole,
    in_base64,
    keys_of,
    list_of,
    wrong,
)
from privity.entries.run import RunStart

FORMAT: Final = "privity/run-ticket/v1"
LIFE: Final = 86_400
"""Seconds from the entry of a run in which its ticket opens releases ([REL-75])."""


@dataclass(frozen=True, kw_only=True, slots=True)
class TicketRelease:
    """A release that a run reads.

    Attributes:
        release: Its name.
        revision: Its revision.
        files_root: The root over the lines of that revision's manifest.
    """

    release: str
    revision: int
    files_root: bytes

    def __post_init__(self) -> None:
        check_short_name("release", self.release)
        check_whole("revision", self.revision, lowest=1)
        check_bytes("files_root", self.files_root, KEY_SIZE)

    def to_payload(self) -> dict[str, Any]:
        """Give it as JSON."""
        return {
            "files_root": in_base64(self.files_root),
            "release": self.release,
            "revision": self.revision,
        }

    @classmethod
    def parse(cls, payload: object) -> TicketRelease:
        """Read what `to_payload` gives.

        Raises:
            InputError: It is none.
        """
        keys = keys_of(payload, required=("files_root", "release", "revision"))
        return cls(**{**keys, "files_root": bytes_of(keys, "files_root")})


@dataclass(frozen=True, kw_only=True, slots=True)
class RunTicket:
    """What a reader is shown before it reads.

    Attributes:
        origin: The log that the run is entered in.
        start: What the entry says.
        index: The entry's index.
        at: The entry's time.
        until: From when on the ticket opens nothing.
        releases: The releases of the run, in the entry's order.
    """

    origin: str
    start: RunStart
    index: int
    at: Instant
    until: Instant
    releases: tuple[TicketRelease, ...]

    def __post_init__(self) -> None:
        check_name("origin", self.origin)
        check_whole("entry", self.index)
        check_instant("at", self.at)
        check_instant("until", self.until)
        if tuple((one.release, one.revision) for one in self.releases) != self.start.releases:
            raise wrong("releases", len(self.releases), "those of the entry, in its order")

    def to_payload(self) -> dict[str, Any]:
        """Give it as JSON: what the entry says, and the roots of what it names."""
        return {
            **self.start.to_payload(),
            "at": self.at,
            "entry": self.index,
            "format": FORMAT,
            "origin": self.origin,
            "releases": [one.to_payload() for one in self.releases],
            "until": self.until,
        }

    @classmethod
    def parse(cls, payload: Mapping[str, Any]) -> RunTicket:
        """Read what `to_payload` gives.

        Raises:
            InputError: It is none.
        """
        said = ("run", "recipient", "ledger_size", "code", "config")
        keys = dict(
            keys_of(
                payload,
                required=("at", "entry", "format", "origin", "releases", "until", *said),
                optional=("base",),
            )
        )
        check_choice("format", keys.pop("format"), (FORMAT,))
        releases = tuple(TicketRelease.parse(one) for one in list_of(keys, "releases"))
        start = RunStart(
            **{key: keys[key] for key in (*said, "base") if key in keys},
            releases=tuple((one.release, one.revision) for one in releases),
        )
        return cls(
            origin=keys["origin"],
            start=start,
            index=keys["entry"],
            at=keys["at"],
            until=keys["until"],
            releases=releases,
        )

    def signed(self, *signers: EnvelopeSigner) -> bytes:
        """Give its envelope, signed with the key of each of its releases; most often all have one."""
        return sign_value(RUN_TICKET, self.to_payload(), *signers).to_bytes()


def read_ticket(data: bytes, public: bytes) -> RunTicket:
    """Read a ticket from its envelope.

    Args:
        data: The envelope.
        public: The key of releases, as the release's entry names it.

    Raises:
        InputError: It is none.
        VerificationError: The key did not sign it.
    """
    return RunTicket.parse(read_signed(data, payload_type=RUN_TICKET, public=public))
