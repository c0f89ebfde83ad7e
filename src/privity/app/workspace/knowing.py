# SPDX-License-Identifier: Apache-2.0
"""What a ledger knows, up to a size or an instant, read from its projection (docs/workspace.md).

What cannot be read counts as a no of the member that it is about. What of all this is believed is said by `gathered`.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final

import numpy as np
import pyarrow as pa

from privity.app.workspace.baselines import MISSING, Baseline, read_baseline
from privity.app.workspace.batches import (
    Ids,
    as_text,
    batch_of_claims,
    batch_of_unread,
    batches_of,
    claimed_time,
    packed,
    platform_of,
    read_ids,
    words_of,
)
from privity.app.workspace.gathered import Claimed, Gathered, Ints, Known, Source
from privity.app.workspace.parts import Workspace
from privity.app.workspace.projecting import projected
from privity.app.workspace.rules import STREAMS, Rules, apart, read_rules
from privity.canonical.instants import LATEST, Instant
from privity.entries.claims import Claim
from privity.entries.envelope import parse_event
from privity.errors import InputError, UnavailableError
from privity.members.facts import Fact, parse_detail
from privity.store.projection import Projection
from privity.store.projection_rows import FactRow, PublicRow, UnreadRow

_SEAT: Final = ("seat-instruction", "seat-instruction-withdrawn")


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
