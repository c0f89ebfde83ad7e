# SPDX-License-Identifier: Apache-2.0
"""The payloads of a bundle: a line for each stream, with its key and what its entries say (specs/audit.md, part 7).

The entries themselves are in the log, once. Nothing that a line says is believed before it was held to them: whoever reads a
bundle opens its payloads as a vault's.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass, field
from typing import Any, Final

from privity.app.workspace.recording import key_name, member_of
from privity.canonical.decode import decode_canonical
from privity.canonical.encode import encode_canonical
from privity.entries.fields import (
    KEY_SIZE,
    bytes_of,
    check_bytes,
    check_whole,
    in_base64,
    keys_of,
)
from privity.entries.seal import seal, unseal
from privity.errors import PrivityError, VerificationError
from privity.ledger.ports import Sealed
from privity.store.keys import Keys, MemberKey
from privity.store.sqlite import SqliteLog

_WHOLE: Final = ("events", "key", "stream")


def bundled_lines(
    store: SqliteLog, keys: Keys, *, size: int, members: Collection[str] | None
) -> Iterator[bytes]:
    """Give what a vault has of streams as the lines of a bundle.

    Args:
        store: Where the sealed payloads are.
        keys: The keys that open them.
        size: How many entries the log of the bundle has.
        members: Of whom, by the texts of their ids; None is everybody. The platform's own stream is always among them.
    """
    for key in keys.all():
        member = member_of(key.member)
        if members is None or member is None or str(member) in members:
            with store.reading():
                sealed = list(store.sealed_of(key.stream))
            events = [
                {"entry": one.index, "number": one.number, "payload": payload}
                for one in reversed(sealed)
                if one.index < size and (payload := _payload(key, one)) is not None
            ]
            line = {"events": events, "key": in_base64(key.secret), "stream": key.member}
            yield encode_canonical(line) + b"\n"


@dataclass(kw_only=True, slots=True)
class BundledPayloads:
    """What a bundle has of private entries, in the place of a database of sealed payloads and one of keys.

    Attributes:
        keys: The keys, by the number of the stream in this bundle.
        found: The payloads, sealed again, in the order of their entries.
    """

    keys: dict[int, MemberKey] = field(default_factory=dict)
    found: list[Sealed] = field(default_factory=list, repr=False)

    @classmethod
    def read(cls, data: bytes) -> BundledPayloads:
        """Read the lines of a bundle.

        Raises:
            VerificationError: A line is none (`audit/payloads`).
        """
        bundled = cls()
        lines = data.split(b"\n")
        if lines.pop() != b"":
            raise _wrong(len(lines))
        for number, line in enumerate(lines, 1):
            try:
                bundled._add(number, decode_canonical(line))
            except (TypeError, AttributeError, LookupError, ValueError, PrivityError) as error:
                raise _wrong(number) from error
        if len({one.member for one in bundled.keys.values()}) != len(lines):
            raise _wrong(len(lines))
        bundled.found.sort(key=lambda one: one.index)
        return bundled

    def sealed(self, first: int, end: int) -> Iterator[Sealed]:
        """Give the payloads of entries, in order."""
        return (one for one in self.found if first <= one.index < end)

    def of_streams(self, streams: Collection[int]) -> dict[int, MemberKey]:
        """Give the keys of streams."""
        return {one: self.keys[one] for one in streams if one in self.keys}

    def all(self) -> Iterator[MemberKey]:
        """Give all keys."""
        return iter(self.keys.values())

    def members(self) -> Iterator[list[tuple[int, str]]]:
        """Give all streams, each with its member's name."""
        yield [(stream, key.member) for stream, key in self.keys.items()]

    def secrets(self) -> dict[str, bytes]:
        """Give the keys of members' streams, by the texts of their ids."""
        return {
            str(member): key.secret
            for key in self.keys.values()
            if (member := member_of(key.member)) is not None
        }

    def _add(self, stream: int, line: Any) -> None:
        keys = keys_of(line, required=_WHOLE)
        secret = bytes_of(keys, "key")
        check_bytes("key", secret, KEY_SIZE)
        if key_name(member_of(keys["stream"])) != keys["stream"]:
            raise ValueError
        self.keys[stream] = MemberKey(member=keys["stream"], stream=stream, secret=secret)
        for one in keys["events"]:
            event = keys_of(one, required=("entry", "number", "payload"))
            check_whole("entry", event["entry"])
            payload = event["payload"].encode()
            sealed = seal(secret, event["number"], payload)
            self.found.append(
                Sealed(
                    index=event["entry"], stream=stream, number=event["number"], payload=sealed
                )
            )


def _payload(key: MemberKey, sealed: Sealed) -> str | None:
    """Open a payload; None where nothing opens it: then it is not here."""
    try:
        return unseal(key.secret, sealed.number, sealed.payload).decode("utf-8")
    except (PrivityError, UnicodeDecodeError):
        return None


def _wrong(line: int) -> VerificationError:
    return VerificationError(
        f"line {line} of the bundle’s payloads is none, expected what an audit writes",
        code="audit/payloads",
    )
