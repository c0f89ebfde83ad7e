# SPDX-License-Identifier: Apache-2.0
"""Decoding: what the bytes of an entry, and a payload with its key, say (specs/entry.md, parts 2 to 4).

An unknown kind is kept as it is. What is read and refused is never half of an entry.
"""

from __future__ import annotations

from dataclasses import dataclass

from privity.entries.envelope import MemberEvent, PublicEvent, parse_event
from privity.entries.kinds import (
    PRIVATE,
    PUBLIC,
    PrivateKind,
    PublicKind,
    check_private,
    check_public,
)
from privity.entries.payload import Payload
from privity.entries.seal import unseal
from privity.entries.streams import check_commitment, event_key, public_tag, tag_of
from privity.entries.unknown import UnknownEntry
from privity.errors import VerificationError


@dataclass(frozen=True, kw_only=True, slots=True)
class PublicEntry:
    """An entry of a public stream, read.

    Attributes:
        event: Its envelope.
        says: What it says.
    """

    event: PublicEvent
    says: PublicKind | UnknownEntry


@dataclass(frozen=True, kw_only=True, slots=True)
class PrivateEntry:
    """An entry of a private stream, opened.

    Attributes:
        event: Its envelope.
        number: Its number in its stream.
        says: What it says.
    """

    event: MemberEvent
    number: int
    says: PrivateKind | UnknownEntry


def decode(data: bytes, *, origin: str) -> MemberEvent | PublicEntry:
    """Read an entry of the log of a name; one of a private stream stays closed.

    Raises:
        InputError: It is no entry, another spelling of one, or may not stand where it stands.
        VerificationError: Its tag is another than its stream and number give it, or it was said to another log.
    """
    event = parse_event(data)
    if isinstance(event, MemberEvent):
        return event
    if event.tag != public_tag(origin, event.stream, event.number):
        raise VerificationError(
            f"the tag is not that of entry {event.number} of stream `{event.stream}` of `{origin}`",
            code="entry/tag",
        )
    parse = PUBLIC.get(event.stream)
    says = (
        UnknownEntry(kind=event.stream, content=event.payload)
        if parse is None
        else parse(event.payload)
    )
    check_public(says, origin=origin, number=event.number)
    return PublicEntry(event=event, says=says)


def open_sealed(
    event: MemberEvent, sealed: bytes, *, key: bytes, number: int, origin: str
) -> PrivateEntry:
    """Open an entry with its stream's key, from what the vault keeps.

    Args:
        event: The entry.
        sealed: Its sealed payload.
        key: The stream's key.
        number: Its number in the stream.
        origin: The log's name.

    Raises:
        InputError: The payload is none, or may not stand there.
        VerificationError: The entry is not of the stream or has another number, or the payload is not the one
            that was sealed and committed to, or was said to another log.
    """
    payload = unseal(key, number, sealed)
    entry = open_payload(event, payload, key=event_key(key, number), origin=origin)
    if entry.number != number:
        raise VerificationError(
            f"the payload says that it is number {entry.number}, expected {number}",
            code="entry/number",
        )
    return entry


def open_payload(
    event: MemberEvent, payload: bytes, *, key: bytes, origin: str
) -> PrivateEntry:
    """Open one entry with its own key, which opens no other.

    Args:
        event: The entry.
        payload: Its payload.
        key: The event's key.
        origin: The log's name.

    Raises:
        InputError: The payload is none, or may not stand there.
        VerificationError: The key is not the entry's, or the payload is not the one that was committed to, or
            was said to another log.
    """
    if event.tag != tag_of(key):
        raise VerificationError("the tag is not that of this event’s key", code="entry/tag")
    check_commitment(event.commitment, key, payload)
    read = Payload.parse(payload)
    parse = PRIVATE.get(read.schema)
    says = (
        UnknownEntry(kind=read.schema, content=read.content)
        if parse is None
        else parse(read.content)
    )
    check_private(says, origin=origin, number=read.number)
    return PrivateEntry(event=event, number=read.number, says=says)
