# SPDX-License-Identifier: Apache-2.0
"""`disclosure.json`: which hand-over a copy came by, and what the log says of it (specs/release.md, [REL-65]).

It proves nothing by itself: whoever reads it looks for the entry in the log.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from privity.canonical.encode import encode_pretty
from privity.canonical.instants import Instant
from privity.entries.disclosure import HandedOver
from privity.entries.fields import check_instant, check_name, check_whole
from privity.errors import InputError, UnavailableError, VerificationError, Where
from privity.release.exactly import exactly

FORMAT: Final = "privity-disclosure/1"
NAME: Final = "disclosure.json"
ACKNOWLEDGEMENT: Final = "acknowledgement.json"
"""What the recipient writes beside it."""

_KEYS: Final = {"entry", "format", "index", "origin", "time"}


@dataclass(frozen=True, kw_only=True, slots=True)
class Disclosed:
    """A hand-over, as the copy describes it.

    Attributes:
        origin: The name of the log that speaks of it.
        handed: What the log says.
        index: The index of that entry.
        time: When it was entered.
    """

    origin: str
    handed: HandedOver
    index: int
    time: Instant

    def to_bytes(self) -> bytes:
        """Give the bytes of `disclosure.json`."""
        return encode_pretty(
            {
                "entry": self.handed.to_payload(),
                "format": FORMAT,
                "index": self.index,
                "origin": self.origin,
                "time": self.time,
            }
        ).encode()

    @classmethod
    def parse(cls, data: bytes, *, file: str = NAME) -> Disclosed:
        """Read what `to_bytes` gives.

        Raises:
            VerificationError: It is none, to the byte (`release/disclosure`).
        """
        try:
            return exactly(data, _parse)
        except ValueError as error:
            raise _wrong(file) from error


def read_disclosed(folder: Path) -> Disclosed:
    """Read by which hand-over a copy came.

    Raises:
        InputError: It came by none (`release/no-copy`).
        VerificationError: What says so is damaged (`release/disclosure`).
        UnavailableError: It cannot be read.
    """
    path = folder / NAME
    try:
        data = path.read_bytes()
    except FileNotFoundError as error:
        raise InputError(
            f"`{folder}` has no `{NAME}`: it is no copy that was handed over",
            code="release/no-copy",
            hint="name the folder that `privity release hand-over` made",
        ) from error
    except OSError as error:
        raise UnavailableError(
            f"the copy cannot be read: {error.strerror}",
            code="release/disk",
            where=Where(file=str(path)),
        ) from error
    return Disclosed.parse(data, file=str(path))


def _parse(found: Any) -> Disclosed:
    if set(found) != _KEYS or found["format"] != FORMAT:
        raise ValueError
    check_name("origin", found["origin"])
    check_whole("index", found["index"])
    check_instant("time", found["time"])
    return Disclosed(
        origin=found["origin"],
        handed=HandedOver.parse(found["entry"]),
        index=found["index"],
        time=found["time"],
    )


def _wrong(file: str) -> VerificationError:
    return VerificationError(
        "it does not describe a hand-over, expected what `privity release hand-over` writes",
        code="release/disclosure",
        where=Where(file=file),
    )
