# SPDX-License-Identifier: Apache-2.0
"""Streams: the keys of events, the tags that are seen, the commitments that bind (specs/entry.md, part 3).

A stream is a row of events numbered from 1. A private one has a secret key of 32 random bytes; whoever has it
finds all of its events and opens them. Whoever has the key of one event opens that one. A public stream's key
follows from its name, so that anybody finds all of its events and sees that none is left out.
"""

from __future__ import annotations

import hmac
from hashlib import sha256
from typing import Final

from privity.canonical.encode import LARGEST_INTEGER
from privity.entries.envelope import is_stream
from privity.entries.fields import KEY_SIZE, check_name, wrong
from privity.errors import InputError, VerificationError

_TAG: Final = b"privity/tag/v1\0"
_COMMIT: Final = b"privity/commit/v1\0"
_STREAM: Final = b"privity/stream/v1\0"
_NUMBER_SIZE: Final = 8


def event_key(stream_key: bytes, number: int) -> bytes:
    """Give the key of one event, which opens it and no other ([ENT-20]).

    Raises:
        InputError: The stream's key has not 32 bytes, or no event has the number.
    """
    return hmac.digest(check_key(stream_key), number_bytes(number), "sha256")


def tag_of(key: bytes) -> bytes:
    """Give the tag that shows in the log, from the key of the event ([ENT-21])."""
    return sha256(_TAG + key).digest()


def commit(opening: bytes, payload: bytes) -> bytes:
    """Bind a payload without showing it, by 32 secret bytes that open it ([ENT-22]).

    Raises:
        InputError: The opening has not 32 bytes.
    """
    # INVARIANT: the opening's length is fixed and the payload comes last, so that no two pairs are one text.
    return sha256(_COMMIT + check_key(opening) + payload).digest()


def check_commitment(commitment: bytes, opening: bytes, payload: bytes) -> None:
    """Check that a payload is the one that was bound.

    Raises:
        InputError: The opening has not 32 bytes.
        VerificationError: It is another.
    """
    if commit(opening, payload) != commitment:
        raise VerificationError(
            "the payload is not what the entry commits to", code="entry/commitment"
        )


def public_stream_key(origin: str, stream: str) -> bytes:
    """Give the key of a public stream, which is no secret ([ENT-23]).

    Raises:
        InputError: The origin or the stream's name is none.
    """
    check_name("origin", origin)
    if not is_stream(stream):
        raise wrong("s", stream, "the name of a public stream, such as `policy`")
    return sha256(_STREAM + origin.encode() + b"\0" + stream.encode()).digest()


def public_tag(origin: str, stream: str, number: int) -> bytes:
    """Give the tag of an event of a public stream.

    Raises:
        InputError: The origin or the stream's name is none, or no event has the number.
    """
    return tag_of(event_key(public_stream_key(origin, stream), number))


def number_bytes(number: int) -> bytes:
    """Give an event's number as what is hashed: 8 bytes, the highest first.

    Raises:
        InputError: No event has it.
    """
    if not 1 <= number <= LARGEST_INTEGER:
        raise wrong("i", number, "the number of an event, from 1")
    return number.to_bytes(_NUMBER_SIZE, "big")


def check_key(key: bytes) -> bytes:
    """Give back a key, or an opening, that has 32 bytes.

    Raises:
        InputError: It has fewer or more. The message does not show it.
    """
    if len(key) != KEY_SIZE:
        raise InputError(
            f"a key of a stream or an event has {len(key)} bytes, expected {KEY_SIZE}",
            code="entry/key",
        )
    return key
