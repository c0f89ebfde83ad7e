# SPDX-License-Identifier: Apache-2.0
"""What an audit is made from, and how far it was verified (specs/audit.md, part 1).

The log is verified from its first entry to its last before anything of it is here. What lies beside it, opened
payloads and rows of releases, is held to what entries commit to; what cannot be is a gap, and never a silence.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from typing import Final, Literal, Protocol

import pyarrow as pa

from privity.canonical.instants import Instant
from privity.entries.claims import Given
from privity.entries.kinds import PublicKind
from privity.entries.unknown import UnknownEntry
from privity.ledger.checkpoint import Checkpoint
from privity.members.facts import Fact, MemberId

COLUMNS: Final = (
    "record_id",
    "category",
    "created_at",
    "author",
    "recipients",
    "capacity",
    "quotes",
)
"""What the rows of a release were decided by."""
GAPS: Final = (
    "private-facts",
    "erased",
    "unread",
    "rows-gone",
    "not-shown",
    "not-logged",
    "not-bound",
    "sampled",
)
"""The kinds of gaps (specs/audit.md, part 1)."""
UNREADABLE: Final = "something that nobody can read "
"""The setting whose off stands, since for ever, for an entry of a member's that cannot be read: no policy can have its name."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Said:
    """A public entry.

    Attributes:
        entry: Its index in the log.
        time: When it was entered.
        says: What it says.
    """

    entry: int
    time: Instant
    says: PublicKind | UnknownEntry


@dataclass(frozen=True, kw_only=True, slots=True)
class AuditedLog:
    """A log in which everything holds.

    Attributes:
        checkpoint: What its key signed: its name, size and root.
        signed_by: The verifier keys that are believed and signed it, as text.
        given: Whether somebody gave these keys; if not, they are the log's own.
        public: Its public entries, in order.
        private: How many entries are of private streams.
        texts: The bytes of the policies' texts, by SHA-256 in hexadecimal.
    """

    checkpoint: Checkpoint
    signed_by: tuple[str, ...]
    given: bool
    public: tuple[Said, ...]
    private: int
    texts: Mapping[str, bytes]


@dataclass(frozen=True, kw_only=True, slots=True)
class Gap:
    """Something that was not looked at, because it is not there or cannot be believed.

    Attributes:
        kind: One of `GAPS`.
        what: One sentence, without anybody's words or name.
        entries: The entries that it is about.
        records: How many records, where that is known.
        members: How many members, where that is known.
    """

    kind: str
    what: str
    entries: tuple[int, ...] = ()
    records: int | None = None
    members: int | None = None

    def __post_init__(self) -> None:
        if self.kind not in GAPS:  # [AUD-1]
            message = f"`{self.kind}` is no kind of gap, expected one of {', '.join(GAPS)}"
            raise ValueError(message)


@dataclass(frozen=True, kw_only=True, slots=True)
class Told:
    """A fact that an entry tells, or that a baseline's file does.

    Attributes:
        entry: The index of the entry, or of the one that commits to the file.
        fact: The fact; `recorded_at` is the time of the entry, or what is claimed.
        entered: The time of the entry.
        by: Who claims it, or None where the log saw it happen.
    """

    entry: int
    fact: Fact
    entered: Instant
    by: str | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Rows:
    """The rows of one file of a release, as they were decided.

    Attributes:
        release: Its name.
        revision: The revision that has the file.
        file: The name of the file in its table.
        sha256: The SHA-256 of the file, as its manifest has it.
        table: Shape (rows): the columns of `COLUMNS`, original ids; `created_at` in whole seconds since 1970 (int64); `category`
            may be a dictionary.
    """

    release: str
    revision: int
    file: str
    sha256: str
    table: pa.Table


@dataclass(frozen=True, kw_only=True, slots=True)
class Mismatch:
    """Where what lies in a whole workspace, and what entries commit to, are not the same (specs/audit.md, part 3).

    Attributes:
        kind: `entry-without-bytes` or `bytes-without-entry`.
        what: One sentence, without anybody's words or name.
        entry: The entry that commits to something else, or None where there is none.
        release: The release, or the name of a folder that is none.
        revision: Its revision, or None.
    """

    kind: Literal["entry-without-bytes", "bytes-without-entry"]
    what: str
    entry: int | None = None
    release: str | None = None
    revision: int | None = None


class Evidence(Protocol):
    """What somebody was shown, verified as far as it can be; a workspace, a public log, or a bundle."""

    @property
    def log(self) -> AuditedLog:
        """The log."""

    @property
    def gaps(self) -> tuple[Gap, ...]:
        """What was not shown, or could not be believed, whatever is asked."""

    @property
    def mismatches(self) -> tuple[Mismatch, ...]:
        """Where what lies there is not what entries commit to; none where no whole workspace is shown."""

    def told(self, members: Collection[MemberId] | None, size: int) -> Iterator[Told]:
        """Give what the first entries tell of members, and of the accounts merged into them; None is of all.

        An entry that cannot be read, and whose member is known, tells an off of the setting `UNREADABLE`. Of the platform nothing is told here: `given` has it.
        """

    def given(self, members: Collection[MemberId] | None, size: int) -> Given:
        """Give what decisions rest on after the first entries: versions, platform facts, these members' facts, claims."""

    def revisions(self, release: str) -> tuple[int, ...]:
        """Give the revisions of a release of which rows are here."""

    def rows(
        self, release: str, revision: int, columns: Collection[str] = COLUMNS
    ) -> Iterator[Rows]:
        """Give the rows of a revision, file by file in the order of the manifest.

        Raises:
            VerificationError: A file is not the one that the revision's entry commits to.
        """
