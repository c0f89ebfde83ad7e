# SPDX-License-Identifier: Apache-2.0
"""Evidence that remembers what was asked of it, so that a bundle has what an answer rests on and no more."""

from __future__ import annotations

from collections.abc import Collection, Iterator

import pyarrow as pa

from privity.audit.columns import facts_in_columns
from privity.audit.evidence import COLUMNS, AuditedLog, Evidence, Gap, Mismatch, Rows, Told
from privity.audit.sets import sets_of
from privity.entries.claims import Given
from privity.members.facts import MemberId


class WatchedEvidence:
    """Evidence, and what was asked of it so far.

    Args:
        evidence: What is asked.

    Attributes:
        evidence: What is asked.
        everybody: Whether it was asked about all members.
        members: Of whom it was asked besides.
        releases: The releases whose revisions or rows were asked for.
    """

    def __init__(self, evidence: Evidence) -> None:
        self.evidence = evidence
        self.everybody = False
        self.members: set[MemberId] = set()
        self.releases: set[str] = set()

    @property
    def log(self) -> AuditedLog:
        """The log."""
        return self.evidence.log

    @property
    def gaps(self) -> tuple[Gap, ...]:
        """What was not shown, or could not be believed."""
        return self.evidence.gaps

    @property
    def mismatches(self) -> tuple[Mismatch, ...]:
        """Where what lies there and what entries commit to are not the same."""
        return self.evidence.mismatches

    def told(self, members: Collection[MemberId] | None, size: int) -> Iterator[Told]:
        """Give what the first entries tell of members."""
        self._ask(members)
        return self.evidence.told(members, size)

    @property
    def sets(self) -> tuple[str, ...]:
        """The names of the clearings whose sets are shown."""
        return sets_of(self.evidence)

    def told_in_columns(self, kinds: Collection[str], size: int) -> Iterator[pa.Table]:
        """Give what the first entries tell of all members, of some kinds of facts, in columns."""
        self._ask(None)
        return facts_in_columns(self.evidence, kinds, size)

    def given(self, members: Collection[MemberId] | None, size: int) -> Given:
        """Give what decisions rest on after the first entries."""
        self._ask(members)
        return self.evidence.given(members, size)

    def revisions(self, release: str) -> tuple[int, ...]:
        """Give the revisions of a release of which rows are here."""
        self.releases.add(release)
        return self.evidence.revisions(release)

    def rows(
        self, release: str, revision: int, columns: Collection[str] = COLUMNS
    ) -> Iterator[Rows]:
        """Give the rows of a revision, file by file."""
        self.releases.add(release)
        return self.evidence.rows(release, revision, columns)

    def _ask(self, members: Collection[MemberId] | None) -> None:
        if members is None:
            self.everybody = True
        else:
            self.members.update(members)
