# SPDX-License-Identifier: Apache-2.0
"""Baseline: a file of the facts that there were before the ledger, in one entry (specs/entry.md, part 5).

The public part commits to the file without showing its hash: whoever holds a file and not the salt learns
nothing. What its facts count as, and from when, is not decided here.
"""

from __future__ import annotations

import hmac
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar, Final

from privity.canonical.encode import encode_canonical
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
    list_of,
    present,
    write_member,
    wrong,
)
from privity.entries.streams import check_commitment, check_key, commit
from privity.errors import VerificationError
from privity.members.facts import MemberId

MOST_ERASED: Final = 64
"""The most members that one entry takes out of a baseline."""

_TAG: Final = b"privity/baseline-erased/v1\0"
_NEXT: Final = b"privity/baseline-next/v1\0"


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
        tags: For each of the members, in order, what `erased_tag` gives: it says to whoever puts the old file
            back whom to take out again, and nothing to anybody else.
    """

    entry: int
    erased: int
    tags: tuple[bytes, ...] = ()

    def __post_init__(self) -> None:
        check_whole("entry", self.entry)
        check_whole("erased", self.erased)
        for tag in self.tags:
            check_bytes("tags", tag, KEY_SIZE)
        if len(self.tags) > MOST_ERASED or list(self.tags) != sorted({*self.tags}):
            raise wrong(
                "tags", len(self.tags), f"at most {MOST_ERASED} tags, each once and in order"
            )

    def to_payload(self) -> dict[str, Any]:
        """Give it as JSON."""
        tags = tuple(in_base64(tag) for tag in self.tags)
        return present(entry=self.entry, erased=self.erased, tags=tags)

    @classmethod
    def parse(cls, payload: object) -> Replaced:
        """Read what `to_payload` gives.

        Raises:
            InputError: It is none.
        """
        keys = keys_of(payload, required=("entry", "erased"), optional=("tags",))
        tags = tuple(bytes_of({"tags": tag}, "tags") for tag in list_of(keys, "tags"))
        return cls(entry=keys["entry"], erased=keys["erased"], tags=tags)


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


def erased_tag(opening: bytes, member: MemberId) -> bytes:
    """Give what says that a member was taken out of a baseline, to whoever has the baseline's opening ([ENT-63]).

    Raises:
        InputError: The opening has not 32 bytes.
    """
    return hmac.digest(
        check_key(opening), _TAG + encode_canonical(write_member(member)), "sha256"
    )


def next_opening(opening: bytes) -> bytes:
    """Give the opening of the baseline that replaces one ([ENT-47]); it tells nothing of the one before.

    Raises:
        InputError: The opening has not 32 bytes.
    """
    return hmac.digest(check_key(opening), _NEXT, "sha256")
