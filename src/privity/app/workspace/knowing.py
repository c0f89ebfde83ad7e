# SPDX-License-Identifier: Apache-2.0
"""What a ledger knows, up to a size or an instant, as what decisions are made of (docs/workspace.md).

A fact is recorded when its entry was entered, and a version published: nobody can say otherwise. What is only
claimed is read in two ways (specs/claims.md), unless the workspace accepts claims; then it can be told which
permits rest on them. What cannot be read counts as a no of the member that it is about.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from privity.app.workspace.baselines import MISSING, Baseline, read_baseline
from privity.app.workspace.batches import (
    Ids,
    as_text,
    batch_of_claims,
    batch_of_facts,
    batch_of_unread,
    batches_of,
    claimed_time,
    packed,
    platform_of,
    read_ids,
    words_of,
)
from privity.app.workspace.parts import Workspace
from privity.app.workspace.projecting import projected
from privity.app.workspace.rules import STREAMS, Rules, apart, read_rules
from privity.canonical.instants import LATEST, Instant
from privity.config.workspace import Claims
from privity.entries.claims import Claim, Given, readings
from privity.entries.envelope import parse_event
from privity.errors import InputError, UnavailableError
from privity.members.claimed_columns import HELD, columns_by_entry
from privity.members.columns import FactColumns, coded, in_order
from privity.members.facts import Fact, MemberId, parse_detail
from privity.policy.versions import History
from privity.store.projection import Projection
from privity.store.projection_rows import FactRow, PublicRow, UnreadRow

Flags = npt.NDArray[np.bool_]
Ints = npt.NDArray[np.int64]

_SEAT: Final = ("seat-instruction", "seat-instruction-withdrawn")


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


def known(
    workspace: Workspace,
    *,
    size: int | None = None,
    until: Instant | None = None,
    at: Instant = LATEST,
) -> Known:
    """Give what a ledger knows; see `gather` and `Gathered.known` for the arguments and what they raise."""
    return gather(workspace, size=size, until=until).known(at=at)


def gather(
    workspace: Workspace, *, size: int | None = None, until: Instant | None = None
) -> Gathered:
    """Read what a ledger says, from its projection.

    Args:
        workspace: Whose ledger.
        size: How many entries to believe, from the first on; None is all.
        until: Up to which instant to believe entries, in place of a size.

    Raises:
        InputError: The log has fewer entries (`workspace/known`), or a text or the ids cannot be read.
        ConflictError: Another process writes the projection and does not end.
        VerificationError: A text, a baseline or the log is not what entries say.
        UnavailableError: A text or a baseline is missing, or the disk fails.
    """
    while True:
        rows = projected(workspace, lambda found: _rows(workspace, found, size, until))
        try:
            rules = read_rules(workspace, rows.public, size=rows.size)
            baselines = [read_baseline(workspace.places, one) for one in rules.baselines]
            ids = read_ids(workspace.keys, numbers=all(one.numbers for one in baselines))
            return put_together(workspace, rows, rules, baselines, ids, until=until)
        except UnavailableError as error:
            # Who erases from a baseline enters another one, and removes the file: then the log has grown.
            if error.code != MISSING or workspace.store.head().size == rows.there:
                raise


@dataclass(frozen=True, kw_only=True, slots=True)
class Rows:
    """The rows of a projection that are believed.

    Attributes:
        there: How many entries the projection has.
        size: How many are believed.
        public: Entries of public streams, to the end.
        attested: Facts of streams that somebody attests.
        unread: Entries that nobody can read.
        kinds: What facts say.
        facts: The facts that nobody had to claim, shape (some, 4).
    """

    there: int
    size: int
    public: Sequence[PublicRow]
    attested: Sequence[FactRow]
    unread: Sequence[UnreadRow]
    kinds: Sequence[tuple[int, str, str, str]]
    facts: Sequence[Ints]


def _rows(
    workspace: Workspace, projection: Projection, size: int | None, until: Instant | None
) -> Rows:
    there = projection.extent().size
    believed = _size(workspace, there, size, until)
    return Rows(
        there=there,
        size=believed,
        public=list(projection.public(STREAMS, there)),
        attested=projection.attested(believed),
        unread=projection.unread(believed),
        kinds=projection.kinds(),
        facts=[packed(page) for page in projection.facts(believed)],
    )


def put_together(
    workspace: Workspace,
    rows: Rows,
    rules: Rules,
    baselines: Sequence[Baseline],
    ids: Ids,
    *,
    until: Instant | None = None,
) -> Gathered:
    """Make of rows and baselines what a ledger says.

    Args:
        workspace: Whose ledger.
        rows: The rows that are believed, of all members or of some.
        rules: What its public streams say.
        baselines: Its baselines, of the same members.
        ids: Whose streams are whose, at least of these members and the platform.
        until: Up to which instant, if that was asked for.
    """
    attested, unread = rows.attested, rows.unread
    words = words_of(rows.kinds)
    held: list[pa.RecordBatch] = []
    claimed: list[Claimed] = []
    told: list[Fact] = []
    for page in rows.facts:
        seen, earlier, entered = batches_of(page, ids, words)
        held.append(seen)
        claimed.append(Claimed(batch=earlier, by=rules.controller, entered=entered))
        told += platform_of(page, ids, words)
    seats, claims = apart(told, rules.controller)
    missing = [(one.stream, one.recorded_at) for one in unread if one.stream is not None]
    if missing:
        held.append(batch_of_unread(missing, ids))
    claims += [claim for one in baselines for claim in one.platform]
    claims += [_claim(row) for row in attested if ids.is_platform(row.stream)]
    if any(ids.is_platform(stream) for stream, _ in missing):
        # One that nobody can read may have taken any of them back.
        seats, claims = [], [one for one in claims if one.fact.fact not in _SEAT]
    rules = replace(rules, platform=(*rules.platform, *seats), claims=(*rules.claims, *claims))
    claimed += [
        Claimed(batch=batch, by=one.by, entered=np.full(batch.num_rows, one.entered, np.int64))
        for one in baselines
        for batch in (one.batches if ids.numbers else as_text(one.batches))
    ]
    claimed += _attested(attested, ids)
    source = Source(
        origin=workspace.settings.origin,
        size=rows.size,
        time=_time(workspace, rows.size) if until is None else until,
        clock=workspace.settings.clock,
        attested=workspace.settings.attested,
        claims=_claims(rules, claimed),
        unread=dict(sorted(Counter(one.why for one in unread if one.stream).items())),
        unheeded=sum(one.stream is None for one in unread),
    )
    return Gathered(source=source, rules=rules, held=tuple(held), claimed=tuple(claimed))


def _attested(rows: Sequence[FactRow], ids: Ids) -> list[Claimed]:
    """Put attested facts together by who says them."""
    groups: dict[str, list[FactRow]] = {}
    for row in rows:
        if row.attester is not None:
            groups.setdefault(row.attester[0], []).append(row)
    made = [(by, *batch_of_claims(some, ids)) for by, some in groups.items()]
    return [Claimed(batch=batch, by=by, entered=entered) for by, batch, entered in made]


def _claim(row: FactRow) -> Claim:
    """Make the claim of an attested fact of the platform."""
    fact, value, detail = row.words
    return Claim(
        fact=Fact(
            member=None,
            fact=fact,
            value=value,
            at=row.at,
            recorded_at=claimed_time(row),
            detail=parse_detail(detail),
        ),
        entered=row.recorded_at,
        by="" if row.attester is None else row.attester[0],
    )


def _claims(rules: Rules, claimed: Sequence[Claimed]) -> dict[str, int]:
    counts: Counter[str] = Counter(one.by for one in rules.claims)
    counts.update(one.by for one in rules.texts)
    for some in claimed:
        counts[some.by] += some.batch.num_rows
    return {name: count for name, count in sorted(counts.items()) if count}


def _size(workspace: Workspace, there: int, size: int | None, until: Instant | None) -> int:
    """Give how many entries are believed."""
    if size is not None:
        if not 0 <= size <= there:
            raise InputError(
                f"the log has {there:,} entries, and what was known with {size:,} is asked for",
                code="workspace/known",
                hint="name a size up to that, or an instant",
            )
        return size
    if until is None:
        return there
    # Times never go back: the first entry that is later is found by halving.
    low, high = 0, there
    while low < high:
        middle = (low + high) // 2
        if _time(workspace, middle + 1) <= until:
            low = middle + 1
        else:
            high = middle
    return low


def _time(workspace: Workspace, size: int) -> Instant:
    """Give the time of the last of some entries."""
    for entry in workspace.store.entries(size - 1, size):
        return parse_event(entry.data).time
    return 0
