# SPDX-License-Identifier: Apache-2.0
"""Clearing: a set is about to be made, may be read, or is given up (specs/entry.md, part 5).

Each step names its clearing. A set counts from the entry that commits it on, and stands by what that entry says;
how the steps follow one another is not held here.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

from privity.canonical.encode import digest
from privity.canonical.instants import Instant
from privity.entries.fields import (
    check_choice,
    check_instant,
    check_name,
    check_sha256,
    check_text,
    check_whole,
    check_word,
    keys_of,
    list_of,
    present,
    wrong,
)

STREAM = "clearing"
_REQUEST = ("clearing", "purpose", "recipient", "at", "ledger_size")
_POLICY = ("policy", "version")


@dataclass(frozen=True, kw_only=True, slots=True)
class Inputs:
    """The files of records that went in.

    Attributes:
        files: How many.
        sha256: Of the list of their digests: for each file, in the manifest's order, the SHA-256 of its bytes
            in hexadecimal and a newline.
    """

    files: int
    sha256: str

    def __post_init__(self) -> None:
        check_whole("files", self.files, lowest=1)
        check_sha256("sha256", self.sha256)

    @classmethod
    def of(cls, digests: Iterable[str]) -> Inputs:
        """Name files by their digests, in order.

        Raises:
            InputError: One is no digest, or there are none.
        """
        lines = []
        for one in digests:
            check_sha256("inputs", one)
            lines.append(f"{one}\n")
        return cls(files=len(lines), sha256=digest("".join(lines).encode()))

    def to_payload(self) -> dict[str, Any]:
        """Give it as JSON."""
        return {"files": self.files, "sha256": self.sha256}

    @classmethod
    def parse(cls, payload: object) -> Inputs:
        """Read what `to_payload` gives.

        Raises:
            InputError: It is none.
        """
        return cls(**keys_of(payload, required=("files", "sha256")))


@dataclass(frozen=True, kw_only=True, slots=True)
class AttestedCount:
    """How many permitted records rest on what somebody attested, and nobody witnessed.

    Attributes:
        attester: Who.
        records: How many.
    """

    attester: str
    records: int

    def __post_init__(self) -> None:
        check_name("attester", self.attester)
        check_whole("records", self.records, lowest=1)

    def to_payload(self) -> dict[str, Any]:
        """Give it as JSON."""
        return {"attester": self.attester, "records": self.records}

    @classmethod
    def parse(cls, payload: object) -> AttestedCount:
        """Read what `to_payload` gives.

        Raises:
            InputError: It is none.
        """
        return cls(**keys_of(payload, required=("attester", "records")))


@dataclass(frozen=True, kw_only=True, slots=True)
class PreparedClearing:
    """A clearing whose output does not exist yet.

    Attributes:
        clearing: Its name, never used again.
        purpose: What the set would be used for.
        recipient: Who would get it.
        at: When it would be used.
        ledger_size: The entries that it is decided from.
        policy: The policy's name, or None where there is none in force.
        version: The version in force at `at`, or None with it.
    """

    STREAM: ClassVar[str] = STREAM

    clearing: str
    purpose: str
    recipient: str
    at: Instant
    ledger_size: int
    policy: str | None = None
    version: str | None = None

    def __post_init__(self) -> None:
        _check_request(self)

    def to_payload(self) -> dict[str, Any]:
        """Give it as JSON."""
        return {"step": "prepared", **_request(self)}

    @classmethod
    def parse(cls, payload: Mapping[str, Any]) -> PreparedClearing:
        """Read what `to_payload` gives.

        Raises:
            InputError: It is none.
        """
        keys = dict(keys_of(payload, required=("step", *_REQUEST), optional=_POLICY))
        _take_step(keys, "prepared")
        return cls(**keys)


@dataclass(frozen=True, kw_only=True, slots=True)
class CommittedClearing:
    """A clearing whose output may be read from now on; it stands alone, whatever was prepared.

    Attributes:
        clearing: Its name.
        purpose: What the set may be used for.
        recipient: Who may get it.
        at: When it is used.
        ledger_size: The entries that it heeds: each no up to there is honoured.
        policy: The policy's name, or None where there is none in force.
        version: The version in force at `at`, or None with it.
        inputs: The files of records that went in.
        records: How many records they have.
        permitted: How many of them are in the set.
        manifest: The SHA-256 of the set's manifest, in hexadecimal.
        attested: Who attested what some permits rest on; each once.
    """

    STREAM: ClassVar[str] = STREAM

    clearing: str
    purpose: str
    recipient: str
    at: Instant
    ledger_size: int
    policy: str | None = None
    version: str | None = None
    inputs: Inputs
    records: int
    permitted: int
    manifest: str
    attested: tuple[AttestedCount, ...] = ()

    def __post_init__(self) -> None:
        _check_request(self)
        check_whole("records", self.records)
        check_whole("permitted", self.permitted, highest=self.records)
        check_sha256("manifest", self.manifest)
        names = [one.attester for one in self.attested]
        if len(set(names)) != len(names):
            raise wrong("attested", ", ".join(names), "each attester once")

    def to_payload(self) -> dict[str, Any]:
        """Give it as JSON."""
        return {
            "step": "committed",
            **_request(self),
            **present(
                inputs=self.inputs.to_payload(),
                records=self.records,
                permitted=self.permitted,
                manifest=self.manifest,
                attested=tuple(one.to_payload() for one in self.attested),
            ),
        }

    @classmethod
    def parse(cls, payload: Mapping[str, Any]) -> CommittedClearing:
        """Read what `to_payload` gives.

        Raises:
            InputError: It is none.
        """
        keys = dict(
            keys_of(
                payload,
                required=("step", *_REQUEST, "inputs", "records", "permitted", "manifest"),
                optional=(*_POLICY, "attested"),
            )
        )
        _take_step(keys, "committed")
        check_whole("records", keys["records"])
        keys["inputs"] = Inputs.parse(keys["inputs"])
        keys["attested"] = tuple(
            AttestedCount.parse(one) for one in list_of(payload, "attested")
        )
        return cls(**keys)


@dataclass(frozen=True, kw_only=True, slots=True)
class AbandonedClearing:
    """A clearing that was prepared and will not be committed.

    Attributes:
        clearing: Its name.
        why: In words.
    """

    STREAM: ClassVar[str] = STREAM

    clearing: str
    why: str

    def __post_init__(self) -> None:
        check_name("clearing", self.clearing)
        check_text("why", self.why)

    def to_payload(self) -> dict[str, Any]:
        """Give it as JSON."""
        return {"step": "abandoned", "clearing": self.clearing, "why": self.why}

    @classmethod
    def parse(cls, payload: Mapping[str, Any]) -> AbandonedClearing:
        """Read what `to_payload` gives.

        Raises:
            InputError: It is none.
        """
        keys = dict(keys_of(payload, required=("step", "clearing", "why")))
        _take_step(keys, "abandoned")
        return cls(**keys)


ClearingEntry = PreparedClearing | CommittedClearing | AbandonedClearing


def parse_clearing(payload: Mapping[str, Any]) -> ClearingEntry:
    """Read the payload of a clearing's step.

    Raises:
        InputError: It is none.
    """
    match payload.get("step"):
        case "prepared":
            return PreparedClearing.parse(payload)
        case "committed":
            return CommittedClearing.parse(payload)
        case "abandoned":
            return AbandonedClearing.parse(payload)
        case step:
            raise wrong("step", step, "`prepared`, `committed` or `abandoned`")


def _check_request(entry: PreparedClearing | CommittedClearing) -> None:
    check_name("clearing", entry.clearing)
    check_word("purpose", entry.purpose)
    check_name("recipient", entry.recipient)
    check_instant("at", entry.at)
    check_whole("ledger_size", entry.ledger_size, lowest=1)
    if (entry.policy is None) != (entry.version is None):
        raise wrong("version", entry.version, "a policy with its version, or neither")
    for key, value in present(policy=entry.policy, version=entry.version).items():
        check_name(key, value)


def _request(entry: PreparedClearing | CommittedClearing) -> dict[str, Any]:
    return present(
        clearing=entry.clearing,
        purpose=entry.purpose,
        recipient=entry.recipient,
        at=entry.at,
        ledger_size=entry.ledger_size,
        policy=entry.policy,
        version=entry.version,
    )


def _take_step(keys: dict[str, Any], step: str) -> None:
    check_choice("step", keys.pop("step"), (step,))
