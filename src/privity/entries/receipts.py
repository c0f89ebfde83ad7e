# SPDX-License-Identifier: Apache-2.0
"""Receipts: what a member holds of the ledger, as one file (specs/entry.md, part 8).

Its stream's key and its events from the first on, each with the entry's bytes, the payload's, and the index in
the log. That the entries are in the log is shown by proofs, which are no part of it.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, ClassVar, Final

from privity.entries.decode import PrivateEntry, open_payload
from privity.entries.enrol import EnrolEntry
from privity.entries.envelope import MemberEvent, decode_limited, encode_limited
from privity.entries.fields import (
    KEY_SIZE,
    bytes_of,
    check_bytes,
    check_choice,
    check_member,
    check_name,
    check_whole,
    in_base64,
    keys_of,
    read_member,
    write_member,
    wrong,
)
from privity.entries.kinds import whose
from privity.entries.payload import Payload
from privity.entries.streams import event_key, tag_of
from privity.errors import VerificationError
from privity.members.facts import MemberId

LARGEST_RECEIPT: Final = 1 << 24
"""The most bytes that a receipt has."""


@dataclass(frozen=True, kw_only=True, slots=True)
class ReceiptEvent:
    """One event of a receipt.

    Attributes:
        index: The entry's index in the log.
        entry: The entry's bytes.
        payload: The payload's bytes, or None where they were lost.
    """

    index: int
    entry: bytes
    payload: bytes | None

    def __post_init__(self) -> None:
        check_whole("index", self.index)
        MemberEvent.parse(self.entry)

    def to_payload(self) -> dict[str, Any]:
        """Give it as JSON: the bytes as the text that they are, so that a person can read them.

        Raises:
            InputError: The payload is no UTF-8.
        """
        keys: dict[str, Any] = {"entry": self.entry.decode("ascii"), "index": self.index}
        if self.payload is not None:
            try:
                keys["payload"] = self.payload.decode("utf-8")
            except UnicodeDecodeError as error:
                raise wrong("payload", self.payload, "UTF-8") from error
        return keys

    @classmethod
    def parse(cls, payload: object) -> ReceiptEvent:
        """Read what `to_payload` gives.

        Raises:
            InputError: It is none.
        """
        keys = keys_of(payload, required=("entry", "index"), optional=("payload",))
        return cls(
            index=keys["index"],
            entry=_bytes_in(keys, "entry"),
            payload=_bytes_in(keys, "payload") if "payload" in keys else None,
        )


@dataclass(frozen=True, kw_only=True, slots=True)
class LostEntry:
    """An event whose payload the platform no longer has.

    Attributes:
        event: Its envelope.
        number: Its number in its stream.
    """

    event: MemberEvent
    number: int


@dataclass(frozen=True, kw_only=True, slots=True)
class Receipt:
    """A member's receipt.

    Attributes:
        origin: The log's name.
        member: Whose it is.
        key: The key of its stream: whoever has it reads everything.
        events: From the first on, without gaps; indices increase.
    """

    SCHEMA: ClassVar[str] = "privity/receipt/v1"

    origin: str
    member: MemberId
    key: bytes = field(repr=False)
    events: tuple[ReceiptEvent, ...]

    def __post_init__(self) -> None:
        check_name("origin", self.origin)
        check_member(self.member)
        check_bytes("key", self.key, KEY_SIZE)
        indices = [event.index for event in self.events]
        if not indices or indices != sorted(set(indices)):
            raise wrong("events", indices, "one event at least, with indices that increase")

    def to_bytes(self) -> bytes:
        """Give the file.

        Raises:
            InputError: A value cannot be written canonically, or they are more than 16 MiB.
        """
        value = {
            **write_member(self.member),
            "events": [event.to_payload() for event in self.events],
            "key": in_base64(self.key),
            "origin": self.origin,
            "schema": self.SCHEMA,
        }
        return encode_limited(value, largest=LARGEST_RECEIPT)

    @classmethod
    def parse(cls, data: bytes) -> Receipt:
        """Read what `to_bytes` gives; whether its events are what they say is asked by `open_receipt`.

        Raises:
            InputError: It is no receipt, or another spelling of one.
        """
        keys = keys_of(
            decode_limited(data, largest=LARGEST_RECEIPT),
            required=("events", "key", "member", "origin", "schema"),
            optional=("member_type",),
        )
        check_choice("schema", keys["schema"], (cls.SCHEMA,))
        if not isinstance(keys["events"], list):
            raise wrong("events", keys["events"], "a list")
        return cls(
            origin=keys["origin"],
            member=read_member(keys),
            key=bytes_of(keys, "key"),
            events=tuple(map(ReceiptEvent.parse, keys["events"])),
        )


def open_receipt(receipt: Receipt) -> tuple[PrivateEntry | LostEntry, ...]:
    """Open every event of a receipt ([ENT-72]). An enrolment whose payload was lost is opened all the same.

    Raises:
        InputError: A payload is none.
        VerificationError: An event is not of the stream or not at its place in it, is about another member, or
            its payload is not the one that was committed to; or the first is no enrolment.
    """
    opened: list[PrivateEntry | LostEntry] = []
    for number, one in enumerate(receipt.events, 1):
        event, key = MemberEvent.parse(one.entry), event_key(receipt.key, number)
        payload = one.payload
        if payload is None and number == 1:
            # What it said follows from who the member is: lost or not, it says whose stream this is.
            payload = _enrolment(receipt.member)
        if payload is None:
            if event.tag != tag_of(key):
                raise _not_whole(number, "is not the next of its stream")
            opened.append(LostEntry(event=event, number=number))
            continue
        entry = open_payload(event, payload, key=key, origin=receipt.origin)
        if entry.number != number:
            raise _not_whole(number, f"says that it is number {entry.number}")
        if number == 1 and not isinstance(entry.says, EnrolEntry):
            raise _not_whole(number, "is no enrolment")
        if whose(entry.says) not in {None, receipt.member}:
            raise _not_whole(number, "is about another member")
        opened.append(entry)
    return tuple(opened)


def _enrolment(member: MemberId) -> bytes:
    content = EnrolEntry(member=member).to_payload()
    return Payload(number=1, schema=EnrolEntry.SCHEMA, content=content).to_bytes()


def _bytes_in(keys: Any, key: str) -> bytes:
    text = keys[key]
    if not isinstance(text, str):
        raise wrong(key, text, "the text of an entry or a payload")
    return text.encode("utf-8")


def _not_whole(number: int, why: str) -> VerificationError:
    return VerificationError(f"event {number} of the receipt {why}", code="entry/receipt")
