# SPDX-License-Identifier: Apache-2.0
"""The two forms of an entry: of a private stream, and of a public one (specs/entry.md, part 2).

An entry is its bytes: they are stored and hashed as they are, and nobody encodes anew to verify. What reads
here gives the same bytes back, and there are no others that say the same. What a payload means is not asked.
"""

from __future__ import annotations

import re
from base64 import b64decode, b64encode
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from privity.canonical.decode import decode_canonical
from privity.canonical.encode import NotCanonicalError, encode_canonical
from privity.canonical.instants import LAST_INSTANT, Instant
from privity.entries.fields import (
    KEY_SIZE,
    bytes_of,
    check_bytes,
    check_whole,
    in_base64,
    keys_of,
    wrong,
)
from privity.errors import InputError

LARGEST: Final = 4096
"""The most bytes that an entry has, and a payload; what is larger is named by its hash."""
VERSION: Final = 1
MEMBER: Final = "m"
"""The class of all private streams: a member's, and the platform's own."""

_HASH: Final = rb"([A-Za-z0-9+/]{42}[AEIMQUYcgkosw048]=)"
# The canonical spelling of a member event, and none other: what it matches need not be encoded anew.
_MEMBER_EVENT: Final = re.compile(
    rb'\{"c":"' + _HASH + rb'","m":"' + _HASH + rb'","s":"m","t":(0|[1-9][0-9]{0,11}),"v":1\}'
)
_STREAM: Final = re.compile(r"[a-z][a-z0-9]*(?:[.-][a-z0-9]+)*", re.ASCII)
_LONGEST_STREAM: Final = 40


@dataclass(frozen=True, kw_only=True, slots=True)
class MemberEvent:
    """An entry of a private stream: it says when, and nothing else to whoever lacks the key.

    Attributes:
        commitment: 32 bytes that bind the payload and do not show it.
        tag: 32 bytes that are the event's own in the whole log; its stream's key makes them.
        time: When it was entered.
    """

    commitment: bytes
    tag: bytes
    time: Instant

    def __post_init__(self) -> None:
        check_bytes("c", self.commitment, KEY_SIZE)
        check_bytes("m", self.tag, KEY_SIZE)
        _check_time(self.time)

    def to_bytes(self) -> bytes:
        """Give the entry."""
        return b'{"c":"%b","m":"%b","s":"m","t":%d,"v":1}' % (
            b64encode(self.commitment),
            b64encode(self.tag),
            self.time,
        )

    @classmethod
    def parse(cls, data: bytes) -> MemberEvent:
        """Read what `to_bytes` gives.

        Raises:
            InputError: It is no entry of a private stream, or another spelling of one.
        """
        found = _MEMBER_EVENT.fullmatch(data)
        if found is None:
            raise InputError(
                "this is no entry of a private stream, expected its canonical bytes",
                code="entry/envelope",
            )
        return cls(commitment=b64decode(found[1]), tag=b64decode(found[2]), time=int(found[3]))


@dataclass(frozen=True, kw_only=True, slots=True)
class PublicEvent:
    """An entry of a public stream, which anybody reads and counts.

    Attributes:
        stream: Its stream's name, which is the kind of what it says.
        number: Its number in the stream, from 1 and without gaps.
        tag: 32 bytes that follow from the log's origin, the stream and the number.
        time: When it was entered.
        payload: What it says, as JSON.
    """

    stream: str
    number: int
    tag: bytes
    time: Instant
    payload: Mapping[str, Any]

    def __post_init__(self) -> None:
        if self.stream == MEMBER or not is_stream(self.stream):
            raise wrong("s", self.stream, "the name of a public stream, such as `policy`")
        check_whole("i", self.number, lowest=1)
        check_bytes("m", self.tag, KEY_SIZE)
        _check_time(self.time)

    def to_bytes(self) -> bytes:
        """Give the entry.

        Raises:
            InputError: The payload cannot be written canonically, or makes the entry too large.
        """
        return encode_limited(
            {
                "i": self.number,
                "m": in_base64(self.tag),
                "p": self.payload,
                "s": self.stream,
                "t": self.time,
                "v": VERSION,
            }
        )

    @classmethod
    def parse(cls, data: bytes) -> PublicEvent:
        """Read what `to_bytes` gives.

        Raises:
            InputError: It is no entry of a public stream, or another spelling of one.
        """
        value = decode_limited(data)
        if isinstance(value, dict) and "v" in value:
            _check_version(value["v"])
        envelope = keys_of(value, required=("i", "m", "p", "s", "t", "v"))
        if not isinstance(envelope["p"], dict):
            raise wrong("p", envelope["p"], "a JSON object")
        return cls(
            stream=envelope["s"],
            number=envelope["i"],
            tag=bytes_of(envelope, "m"),
            time=envelope["t"],
            payload=envelope["p"],
        )


Event = MemberEvent | PublicEvent


def parse_event(data: bytes) -> Event:
    """Read an entry of either form.

    Raises:
        InputError: It is neither.
    """
    if data.startswith(b'{"c":'):
        return MemberEvent.parse(data)
    return PublicEvent.parse(data)


def is_stream(name: object) -> bool:
    """Tell whether a public stream may have this name."""
    return (
        isinstance(name, str)
        and len(name) <= _LONGEST_STREAM
        and _STREAM.fullmatch(name) is not None
    )


def encode_limited(value: Mapping[str, Any], *, largest: int = LARGEST) -> bytes:
    """Give the canonical bytes of an entry, a payload, or a receipt.

    Raises:
        InputError: It has none, or more than the largest.
    """
    try:
        data = encode_canonical(value)
    except NotCanonicalError as error:
        raise _not_canonical(error) from error
    _check_size(data, largest)
    return data


def decode_limited(data: bytes, *, largest: int = LARGEST) -> Any:
    """Read an entry, a payload, or a receipt, from its canonical bytes.

    Raises:
        InputError: The bytes are not canonical, or more than the largest.
    """
    _check_size(data, largest)
    try:
        return decode_canonical(data)
    except NotCanonicalError as error:
        raise _not_canonical(error) from error


def _not_canonical(error: NotCanonicalError) -> InputError:
    return InputError(f"no canonical JSON: {error.message}", code="entry/encoding")


def _check_size(data: bytes, largest: int) -> None:
    if len(data) > largest:
        raise InputError(
            f"this has {len(data)} bytes, expected at most {largest}",
            code="entry/too-large",
        )


def _check_version(version: object) -> None:
    if type(version) is not int or version != VERSION:
        raise InputError(
            f"an entry has version `{version}`, expected `{VERSION}`",
            code="entry/version",
            hint="read the log with the Privity that wrote it, or a newer one",
        )


def _check_time(time: object) -> None:
    check_whole("t", time, highest=LAST_INSTANT)
