# SPDX-License-Identifier: Apache-2.0
"""`release.json`: which release a folder has, and what the log says of it ([REL-9]).

It proves nothing by itself: whoever reads it looks for the entries in the log.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

from privity.canonical.encode import encode_pretty
from privity.entries.release import (
    Content,
    CreatedRelease,
    RevisedRelease,
    parse_release,
)
from privity.errors import VerificationError, Where
from privity.release.exactly import exactly

FORMAT: Final = "privity-release/1"
_KEYS: Final = {"created", "entry", "format", "index", "name", "origin", "revision"}
_CREATED: Final = {"entry", "index"}


@dataclass(frozen=True, kw_only=True, slots=True)
class Described:
    """A release, as its folder describes it.

    Attributes:
        origin: The name of the log that speaks of it.
        created: What the log says of its making.
        created_at: The index of that entry.
        says: What the log says of this revision: the same, or how it became less.
        index: The index of that entry.
    """

    origin: str
    created: CreatedRelease
    created_at: int
    says: CreatedRelease | RevisedRelease
    index: int

    @property
    def name(self) -> str:
        """The release's name."""
        return self.created.release

    @property
    def revision(self) -> int:
        """Which revision the folder has."""
        return self.says.revision

    @property
    def content(self) -> Content:
        """What is in it."""
        return self.says.content

    def to_bytes(self) -> bytes:
        """Give the bytes of `release.json`."""
        return encode_pretty(
            {
                "created": {"entry": self.created.to_payload(), "index": self.created_at},
                "entry": self.says.to_payload(),
                "format": FORMAT,
                "index": self.index,
                "name": self.name,
                "origin": self.origin,
                "revision": self.revision,
            }
        ).encode()

    @classmethod
    def parse(cls, data: bytes, *, file: str = "release.json") -> Described:
        """Read what `to_bytes` gives.

        Raises:
            VerificationError: It is none, to the byte (`release/described`).
        """
        try:
            return exactly(data, _parse)
        except ValueError as error:
            raise _wrong(file) from error


def _parse(found: Any) -> Described:
    if set(found) != _KEYS or set(found["created"]) != _CREATED:
        raise ValueError
    entries = (found["created"]["entry"], found["entry"])
    if not all(isinstance(one, dict) for one in entries):
        raise TypeError
    created, says = (parse_release(one) for one in entries)
    if not isinstance(created, CreatedRelease) or not isinstance(
        says, CreatedRelease | RevisedRelease
    ):
        raise TypeError
    indexes = (found["created"]["index"], found["index"])
    if not all(isinstance(one, int) and not isinstance(one, bool) for one in indexes):
        raise TypeError
    if says.release != created.release or not 0 <= indexes[0] <= indexes[1]:
        raise ValueError
    if (says == created) != (indexes[0] == indexes[1]):
        raise ValueError
    return Described(
        origin=str(found["origin"]),
        created=created,
        created_at=indexes[0],
        says=says,
        index=indexes[1],
    )


def _wrong(file: str) -> VerificationError:
    return VerificationError(
        "it does not describe a release, expected what `privity release create` writes",
        code="release/described",
        where=Where(file=file),
    )
