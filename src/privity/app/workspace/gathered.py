# SPDX-License-Identifier: Apache-2.0
"""What a ledger says, and what of it is believed (docs/workspace.md).

A fact is recorded when its entry was entered, and a version published: nobody can say otherwise. What is only
claimed is read in two ways (specs/claims.md), unless the workspace accepts claims; then it can be told which
permits rest on them.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from privity.app.workspace.batches import batch_of_facts
from privity.app.workspace.rules import Rules
from privity.canonical.instants import LATEST, Instant
from privity.config.workspace import Claims
from privity.entries.claims import Given, readings
from privity.members.claimed_columns import HELD, columns_by_entry
from privity.members.columns import FactColumns, coded, in_order
from privity.members.facts import Fact, MemberId
from privity.policy.versions import History

Flags = npt.NDArray[np.bool_]
Ints = npt.NDArray[np.int64]


@dataclass(frozen=True, kw_only=True, slots=True)
class Source:
    """Where it is known from, and what it is worth.

    Attributes:
        origin: The log's name.
        size: How many entries are believed, from the first on.
        time: Up to when that is.
        clock: `system`, or `simulated`: no instant of it was witnessed by any clock.
        attested: What the workspace takes claims for: `restrict` or `accept`.
        claims: How many facts and versions each attester claims.
        unread: How many private entries cannot be read, by what is the matter; each refuses what it is about.
        unheeded: How many public entries say what this version does not know.
    """

    origin: str
    size: int
    time: Instant
    clock: str
    attested: Claims
    claims: Mapping[str, int]
    unread: Mapping[str, int]
    unheeded: int

    @property
    def simulated(self) -> bool:
        """Whether its instants were set."""
        return self.clock == "simulated"


@dataclass(frozen=True, kw_only=True, slots=True)
class Known:
    """What is known, for uses at one instant.

    Attributes:
        policy: The versions; `published_at` is the time of their entries.
        facts: The facts; `recorded_at` is the time of their entries.
        by_entry: Versions and facts of the other reading, where something is only claimed and not accepted.
        source: Where it is known from.
    """

    policy: History
    facts: FactColumns
    by_entry: tuple[History, FactColumns] | None
    source: Source

    @property
    def size(self) -> int:
        """How many entries are believed."""
        return self.source.size

    @property
    def time(self) -> Instant:
        """Up to when: the instant that was asked for, or the time of the last entry."""
        return self.source.time


@dataclass(frozen=True, kw_only=True, slots=True)
class Claimed:
    """Facts of members that somebody claims.

    Attributes:
        batch: The facts, as they are claimed.
        by: Who claims them.
        entered: Shape (facts): the times of their entries.
    """

    batch: pa.RecordBatch
    by: str
    entered: Ints

    def where(self, rows: Flags) -> Claimed:
        """Give some of them."""
        return replace(
            self, batch=self.batch.filter(pa.array(rows)), entered=self.entered[rows]
        )


@dataclass(frozen=True, kw_only=True, slots=True)
class Gathered:
    """What a ledger says up to a size, before anybody asks what of it is believed.

    Attributes:
        source: Where it is from.
        rules: What its public streams say.
        held: The facts of members that entered when they were true, or before.
        claimed: The facts of members that somebody claims; what the controller recorded later than it was true is
            claimed by the controller.
    """

    source: Source
    rules: Rules
    held: tuple[pa.RecordBatch, ...]
    claimed: tuple[Claimed, ...]

    @property
    def names(self) -> tuple[str, ...]:
        """Who claims anything, sorted."""
        return tuple(sorted(self.source.claims))

    def claims_of(self, member: MemberId) -> dict[str, int]:
        """Count the facts of a member that are claimed, by name."""
        counts: Counter[str] = Counter()
        for one in self.claimed:
            column = one.batch.column("member")
            counts[one.by] += (
                pc.sum(pc.equal(column, pa.scalar(member, column.type))).as_py() or 0
            )
        return {name: count for name, count in sorted(counts.items()) if count}

    def known(self, *, at: Instant = LATEST, believed: Collection[str] | None = None) -> Known:
        """Give what decisions about uses at an instant are made of.

        Args:
            at: The instant of use: what is claimed later cannot permit at it.
            believed: Whose claims are taken for what they say; None is what the workspace says.

        Raises:
            InputError: The versions are of more than one policy, or two have one name.
        """
        if believed is None:
            believed = self.names if self.source.attested == "accept" else ()
        given = Given(
            facts=self.rules.platform,
            claims=self.rules.claims,
            versions=self.rules.versions,
            texts=self.rules.texts,
        ).accepting(believed)
        mine = [one for one in self.claimed if one.batch.num_rows and one.by not in believed]
        held = [*self.held, *(one.batch for one in self.claimed if one.by in believed)]
        first, *others = readings(given, at)
        if not mine and not others:
            return Known(
                policy=first.policy,
                facts=self._columns(held, (), first.facts),
                by_entry=None,
                source=self.source,
            )
        settled = [one.batch.filter(pa.array(one.entered <= at)) for one in mine]
        pending = [one.where(one.entered > at) for one in mine]
        second = (others or [first])[0]
        return Known(
            policy=first.policy,
            facts=self._columns([*held, *settled], pending, first.facts),
            by_entry=(second.policy, self._columns(held, mine, second.facts)),
            source=self.source,
        )

    def _columns(
        self,
        held: Sequence[pa.RecordBatch],
        claimed: Sequence[Claimed],
        platform: Sequence[Fact],
    ) -> FactColumns:
        """Put facts into columns; those that are claimed permit from their entries on."""
        ours = batch_of_facts(platform, numbers=self._numbers())
        facts = coded([*held, *(one.batch for one in claimed), ours])
        if not any(one.batch.num_rows for one in claimed):
            return in_order(facts)
        seen = np.full(sum(one.num_rows for one in held), HELD, np.int64)
        entered = np.concatenate([seen, *(one.entered for one in claimed)])
        return columns_by_entry(facts, entered)

    def _numbers(self) -> bool:
        batches = [*self.held, *(one.batch for one in self.claimed)]
        return bool(batches) and pa.types.is_integer(batches[0].column("member").type)
