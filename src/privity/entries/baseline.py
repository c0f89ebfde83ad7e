# SPDX-License-Identifier: Apache-2.0
"""Baseline: a file of the facts that there were before the ledger, in one entry (specs/entry.md, part 5).

The public part commits to the file without showing its hash: whoever holds a file and not the salt learns
nothing. What its facts count as, and from when, is not decided here.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

from privity.entries.envelope import decode_limited, encode_limited
from privity.entries.fields import (
    KEY_SIZE,
    bytes_of,
    check_bytes,
    check_choice,
    check_name,
    check_sha256,
    check_whole,
    in_base64,
    keys_of,
    present,
)
from privity.entries.streams import check_commitment, commit
from privity.errors import VerificationError


@dataclass(frozen=True, kw_only=True, slots=True)
class BaselineFile:
    """The private part: the file itself.

    Attributes:
        sha256: Of its bytes, in hexadecimal.
        size: Its bytes.
        rows: Its facts.
    """

    SCHEMA: ClassVar[str] = "privity/baseline/v1"

    sha256: str
    size: int
    rows: int

    def __post_init__(self) -> None:
        check_sha256("sha256", self.sha256)
        check_whole("size", self.size, lowest=1)
        check_whole("rows", self.rows)

    def to_bytes(self) -> bytes:
        """Give what is committed to."""
        return encode_limited(
            {
                "rows": self.rows,
                "schema": self.SCHEMA,
                "sha256": self.sha256,
                "size": self.size,
            }
        )

    @classmethod
    def parse(cls, data: bytes) -> BaselineFile:
        """Read what `to_bytes` gives.

        Raises:
            InputError: It is none, or another spelling of one.
        """
        keys = keys_of(decode_limited(data), required=("rows", "schema", "sha256", "size"))
        check_choice("schema", keys["schema"], (cls.SCHEMA,))
        return cls(sha256=keys["sha256"], size=keys["size"], rows=keys["rows"])


@dataclass(frozen=True, kw_only=True, slots=True)
class Replaced:
    """A baseline whose file is gone, because members were erased from it.

    Attributes:
        entry: The index of its entry.
        erased: How many of its facts went with the members; the rest are as they were.
    """

    entry: int
    erased: int

    def __post_init__(self) -> None:
        check_whole("entry", self.entry)
        check_whole("erased", self.erased, lowest=1)

    def to_payload(self) -> dict[str, Any]:
        """Give it as JSON."""
        return {"entry": self.entry, "erased": self.erased}

    @classmethod
    def parse(cls, payload: object) -> Replaced:
        """Read what `to_payload` gives.

        Raises:
            InputError: It is none.
        """
        return cls(**keys_of(payload, required=("entry", "erased")))


@dataclass(frozen=True, kw_only=True, slots=True)
class BaselineEntry:
    """The public part.

    Attributes:
        claimed_by: Who says that the facts are true, in words.
        commitment: 32 bytes that bind the file.
        rows: Its facts.
        replaces: The baseline that it stands in place of, or None.
    """

    STREAM: ClassVar[str] = "baseline"

    claimed_by: str
    commitment: bytes
    rows: int
    replaces: Replaced | None = None

    def __post_init__(self) -> None:
        check_name("claimed_by", self.claimed_by)
        check_bytes("commitment", self.commitment, KEY_SIZE)
        check_whole("rows", self.rows)

    @classmethod
    def of(
        cls,
        file: BaselineFile,
        *,
        opening: bytes,
        claimed_by: str,
        replaces: Replaced | None = None,
    ) -> BaselineEntry:
        """Make the entry of a file.

        Args:
            file: The file.
            opening: 32 random bytes, which are kept in the vault, used for nothing else, and deleted with the file.
            claimed_by: Who says that the facts are true.
            replaces: The baseline whose file this one is without some members.

        Raises:
            InputError: A value is none that an entry takes.
        """
        commitment = commit(opening, file.to_bytes())
        return cls(
            claimed_by=claimed_by, commitment=commitment, rows=file.rows, replaces=replaces
        )

    def check_file(self, file: BaselineFile, *, opening: bytes) -> None:
        """Check that a file is the one that was committed to.

        Raises:
            InputError: The opening has not 32 bytes.
            VerificationError: It is another, or has another number of facts than the entry says.
        """
        check_commitment(self.commitment, opening, file.to_bytes())
        if file.rows != self.rows:
            raise VerificationError(
                f"the baseline has {file.rows} facts and its entry says {self.rows}",
                code="entry/baseline",
            )

    def to_payload(self) -> dict[str, Any]:
        """Give it as JSON."""
        return present(
            claimed_by=self.claimed_by,
            commitment=in_base64(self.commitment),
            rows=self.rows,
            replaces=None if self.replaces is None else self.replaces.to_payload(),
        )

    @classmethod
    def parse(cls, payload: Mapping[str, Any]) -> BaselineEntry:
        """Read what `to_payload` gives.

        Raises:
            InputError: It is none.
        """
        keys = keys_of(
            payload, required=("claimed_by", "commitment", "rows"), optional=("replaces",)
        )
        if "replaces" in keys:
            keys = {**keys, "replaces": Replaced.parse(keys["replaces"])}
        return cls(**{**keys, "commitment": bytes_of(keys, "commitment")})
