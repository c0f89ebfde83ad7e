# SPDX-License-Identifier: Apache-2.0
"""Composing: the bytes of new entries, for the log and for the vault (specs/entry.md, parts 2 to 4).

What is composed here is read by `privity.entries.decode`. Keys, numbers and times are given.
"""

from __future__ import annotations

from dataclasses import dataclass

from privity.canonical.instants import Instant
from privity.entries.envelope import MemberEvent, PublicEvent
from privity.entries.kinds import PrivateKind, PublicKind, check_private, check_public
from privity.entries.payload import Payload
from privity.entries.seal import seal
from privity.entries.streams import commit, event_key, public_tag, tag_of


@dataclass(frozen=True, kw_only=True, slots=True)
class Composed:
    """A new entry.

    Attributes:
        data: The entry's bytes, which are public.
        tag: Its tag, for who keeps tags apart.
        sealed: Its private payload as the vault keeps it, or None where it has none.
    """

    data: bytes
    tag: bytes
    sealed: bytes | None = None


def compose_private(
    says: PrivateKind, *, key: bytes, number: int, time: Instant, origin: str
) -> Composed:
    """Make the next entry of a private stream.

    Args:
        says: What it says.
        key: The stream's key.
        number: The entry's number in the stream, from 1.
        time: When it is entered.
        origin: The log's name.

    Raises:
        InputError: It may not stand there, or would be too large.
        VerificationError: It was attested to another log.
    """
    check_private(says, origin=origin, number=number)
    payload = Payload(number=number, schema=says.SCHEMA, content=says.to_payload()).to_bytes()
    opening = event_key(key, number)
    tag = tag_of(opening)
    event = MemberEvent(commitment=commit(opening, payload), tag=tag, time=time)
    return Composed(data=event.to_bytes(), tag=tag, sealed=seal(key, number, payload))


def compose_public(says: PublicKind, *, number: int, time: Instant, origin: str) -> Composed:
    """Make the next entry of a public stream.

    Args:
        says: What it says.
        number: The entry's number in its stream, from 1.
        time: When it is entered.
        origin: The log's name.

    Raises:
        InputError: It may not stand there, or would be too large.
        VerificationError: It was attested to another log.
    """
    check_public(says, origin=origin, number=number)
    tag = public_tag(origin, says.STREAM, number)
    event = PublicEvent(
        stream=says.STREAM, number=number, tag=tag, time=time, payload=says.to_payload()
    )
    return Composed(data=event.to_bytes(), tag=tag)
