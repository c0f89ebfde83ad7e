# SPDX-License-Identifier: Apache-2.0
"""Of whom facts are asked for a question about a class: of few by name, of many at once (specs/audit.md, part 2).

Whoever hands an answer on hands on what it rests on. So of a few parties only what is told of them is asked; where there are
too many to name, what is told of everybody is read in columns.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from typing import Final

import pyarrow as pa
import pyarrow.compute as pc

from privity.audit.asked import Side
from privity.audit.class_rows import Looked
from privity.audit.columns import Distinct, facts_in_columns, tables_of
from privity.audit.evidence import Evidence
from privity.audit.holders import JOINED, KINDS, MERGED, Holders, holders_of
from privity.audit.members_of_class import Chosen, concerned
from privity.members.facts import MemberId

FEW: Final = 20_000
"""Of how many members at most facts are asked for by name."""
_MOST_ROWS: Final = 2_000_000
"""Rows that are kept until it is known who held what."""
_HIDING: Final = frozenset({"private-facts", "erased", "unread"})
"""Gaps for which somebody of whom nothing is told may be anybody."""


class Gathered:
    """Rows that were read, and the parties in them, as long as these are few.

    Args:
        sides: The sides that count.

    Attributes:
        kept: The rows of each release that was read.
        releases: How many releases were read.
        whole: Whether the parties were few to the end.
    """

    def __init__(self, sides: Sequence[Side]) -> None:
        self.kept: dict[str, Looked | None] = {}
        self.releases = 0
        self.whole = True
        self._sides = sides
        self._parties = Distinct()
        self._rows = 0

    def take(self, release: str, looked: Looked | None) -> bool:
        """Keep what was read of a release, and tell whether to go on."""
        self.releases += 1
        self.kept[release] = looked
        if looked is not None:
            self.take_rows(looked.rows, looked.chosen)
        return self.whole

    def take_rows(self, rows: pa.Table, chosen: Chosen) -> None:
        """Note the parties of rows."""
        if not self.whole:
            return
        self._rows += rows.num_rows
        self._parties.add(pc.unique(concerned(rows, chosen, self._sides, None).members))
        if self._rows > _MOST_ROWS or len(self._parties) > FEW:
            self.whole = False
            self.kept = {}

    @property
    def parties(self) -> Collection[MemberId] | None:
        """Who they are; None where they are not few."""
        return self._parties.ids().to_pylist() if self.whole else None


def told_of_parties(
    evidence: Evidence,
    agreement: str | None,
    parties: Collection[MemberId] | None,
    used: tuple[int, int] | None = None,
) -> Holders:
    """Read who held an agreement when, and which accounts were merged.

    Args:
        evidence: What was shown.
        agreement: The agreement, or None.
        parties: Of whom; None is of everybody.
        used: The entry and time of the first use that is asked about.
    """
    hidden = any(gap.kind in _HIDING for gap in evidence.gaps)
    size = evidence.log.checkpoint.size
    # Who joined matters only where somebody's facts may be missing.
    kinds = [one for one in KINDS if hidden or one != JOINED]
    tables = (
        facts_in_columns(evidence, kinds, size)
        if parties is None
        else _of_few(evidence, parties, size)
    )
    return holders_of(agreement, tables, hidden=hidden, used=used)


def _of_few(evidence: Evidence, parties: Collection[MemberId], size: int) -> Iterator[pa.Table]:
    """Give what is told of members, and of the accounts that they were merged into, by whatever chain."""
    asked: set[MemberId] = set()
    waiting = set(parties)
    while waiting:
        told = list(evidence.told(waiting, size))
        asked |= waiting
        yield from tables_of(told, KINDS)
        known = {str(one) for one in asked}
        numbers = any(isinstance(one, int) for one in asked)
        into = {one.fact.value for one in told if one.fact.fact == MERGED} - known
        waiting = {int(one) if numbers and one.isdecimal() else one for one in into} - asked
