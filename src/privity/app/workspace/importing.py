# SPDX-License-Identifier: Apache-2.0
"""Import a file of facts: every one becomes an entry, and is durable once it is told of (docs/workspace.md).

Facts go in by commits of whole members, so that what a file says of one member at one instant is recorded at one
instant too. What is recorded already is looked up: an import that was killed is repeated, and records what is missing,
and so is one of a file that grew. Under a name of the caller's each commit is a request instead: what a new name asks
is asked anew.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache, partial
from hashlib import sha256
from typing import Any, Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from privity.app.workspace.acknowledging import publish_if_free
from privity.app.workspace.looking_over import Import, is_private
from privity.app.workspace.newcomers import known_by_baseline_alone
from privity.app.workspace.once import Request, Say, record_once, was_recorded
from privity.app.workspace.parts import Workspace
from privity.app.workspace.public import platform_facts
from privity.app.workspace.recording import Private, Recorded
from privity.app.workspace.repeated import finding
from privity.canonical.encode import encode
from privity.canonical.instants import LAST_INSTANT, Instant
from privity.entries.kinds import PublicKind
from privity.members.facts import Fact
from privity.members.timeline import sort_key

_AT_ONCE: Final = 2_000
_UNPUBLISHED: Final = 50_000
"""So many entries at most wait for the end of an import to be published: a few seconds' worth."""
_RECIPIENT: Final = "recipient"

Advance = Callable[[int], None]
"""Told of how many facts more are recorded."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Imported:
    """What became of an import.

    Attributes:
        facts: How many facts are recorded now.
        before: How many of them an earlier attempt had recorded.
        entries: How many entries are theirs, enrolments among them that were made with them.
        newcomers: How many members are new by it: nothing was known of them before.
    """

    facts: int
    before: int
    entries: int
    newcomers: int


def record_import(
    workspace: Workspace,
    looked: Import,
    *,
    request: str | None = None,
    progress: Advance | None = None,
) -> Imported:
    """Record the facts of a file, from where an earlier attempt left off; much of them is published meanwhile.

    Args:
        workspace: Where.
        looked: The file.
        request: A name of the caller's own; without one, what is recorded already is left out.
        progress: Told of facts that are recorded, if anybody asks.

    Raises:
        ConflictError: Something else was asked under the request's name; or as `record_once`.
        InputError: As `record_once`.
        VerificationError: As `publish_now`.
        UnavailableError: As `record_once`. What was told of is recorded.
    """
    # Looked up once, before the first that is new; where all was asked before, not at all.
    by_baseline = cache(lambda: _by_baseline_alone(workspace, looked))
    take = (
        _missing(workspace, looked) if request is None else _named(workspace, looked, request)
    )
    facts = before = entries = enrolled = waiting = 0
    for number, batch in enumerate(_batches(looked)):
        taken = take(number, batch, by_baseline)
        facts += len(batch)
        before += len(batch) - taken.new
        entries += taken.entries
        enrolled += taken.made - taken.new
        if progress is not None:
            progress(len(batch))
        waiting += taken.made
        if waiting >= _UNPUBLISHED:
            publish_if_free(workspace)
            waiting = 0
    newcomers = max(enrolled - by_baseline(), 0) if enrolled else 0
    return Imported(facts=facts, before=before, entries=entries, newcomers=newcomers)


@dataclass(frozen=True, kw_only=True, slots=True)
class _Taken:
    """What became of the facts of a commit.

    Attributes:
        new: How many are recorded only now.
        made: How many entries that made, enrolments among them.
        entries: How many entries are theirs, those of before too.
    """

    new: int
    made: int
    entries: int


_Take = Callable[[int, Sequence[Fact], Callable[[], int]], _Taken]
"""Takes in the facts of a commit, of which the number is given, and what is to be looked up before the first is new."""


def _named(workspace: Workspace, looked: Import, request: str) -> _Take:
    """Record each commit once under a name, whatever is recorded already."""
    asks = _asks(looked, request)

    def take(number: int, batch: Sequence[Fact], look_up: Callable[[], int]) -> _Taken:
        asked = Request(asks={**asks, "batch": number}, name=None if number else request)
        done = was_recorded(workspace, asked)
        if done is None:
            look_up()
            done = _record(workspace, batch, partial(_says, workspace, looked, batch), asked)
        new = 0 if done.again else len(batch)
        return _Taken(new=new, made=done.count if new else 0, entries=done.count)

    return take


def _missing(workspace: Workspace, looked: Import) -> _Take:
    """Record what is not there.

    No request is kept of it: what was asked once has to be recorded again where it was contradicted since, or where
    its member was erased.
    """
    seen = workspace.store.head().size
    find = finding(workspace, looked)
    found = [find(batch) for batch in _batches(looked)]

    def take(number: int, batch: Sequence[Fact], look_up: Callable[[], int]) -> _Taken:
        nonlocal seen
        there = found[number]

        def say(now: Instant) -> list[PublicKind | Private]:
            nonlocal there
            # Nobody else records now; if somebody did since it was looked up, other things may be missing.
            if workspace.store.head().size != seen:
                there = find(batch)
            return _says(workspace, looked, there.missing(batch), now)

        done = None
        if there.missing(batch):
            look_up()
            moved = workspace.store.head().size != seen
            done = _record(workspace, batch, say, None, looks=moved)
            seen += done.count if done.first == seen else 0
        new, made = len(there.missing(batch)), 0 if done is None else done.count
        old = len(batch) - new + there.enrolled
        return _Taken(new=new, made=made, entries=made + old)

    return take


def _record(
    workspace: Workspace,
    batch: Sequence[Fact],
    say: Say,
    asked: Request | None,
    *,
    looks: bool = False,
) -> Recorded:
    members = {fact.member for fact in batch if is_private(fact)}
    return record_once(workspace, say, members=members, request=asked, looks=looks)


def _by_baseline_alone(workspace: Workspace, looked: Import) -> int:
    """Count the members of a file whom only a baseline knows."""
    return len(known_by_baseline_alone(workspace, looked.columns.ids.to_pylist()))


def _asks(looked: Import, request: str) -> dict[str, Any]:
    """Say what an import asks: which facts, by whom attested, under which name."""
    attested = None if looked.attested is None else looked.attested.mapping()
    return {"import": _digest(looked), "attested": attested, "name": request}


def _digest(looked: Import) -> str:
    """Hash the facts; when those that are no claims are recorded is no part of it."""
    columns, hasher = looked.columns, sha256()
    if pa.types.is_string(columns.ids.type):
        hasher.update(np.asarray(pc.binary_length(columns.ids), np.int64).tobytes())
        hasher.update("".join(columns.ids.to_pylist()).encode())
    else:
        hasher.update(np.asarray(columns.ids, np.int64).tobytes())
    claimed = np.where(columns.recorded_at < looked.now, columns.recorded_at, LAST_INSTANT + 1)
    for array in (columns.starts, columns.at, claimed, columns.kind):
        hasher.update(np.asarray(array, np.int64).tobytes())
    for kind in columns.kinds:
        hasher.update(encode([kind.fact, kind.value, dict(kind.detail)]))
    for fact in columns.platform:
        recorded = fact.recorded_at if looked.is_claim(fact) else None
        hasher.update(encode([fact.fact, fact.value, dict(fact.detail), fact.at, recorded]))
    return hasher.hexdigest()


def _batches(looked: Import) -> Iterator[list[Fact]]:
    """Give the facts, commit by commit: the platform's, then those of some members at a time."""
    platform = sorted(looked.columns.platform, key=sort_key)
    for first in range(0, len(platform), _AT_ONCE):
        yield platform[first : first + _AT_ONCE]
    batch: list[Fact] = []
    for index in range(looked.columns.members):
        batch += looked.columns.of_member(index)
        if len(batch) >= _AT_ONCE:
            yield batch
            batch = []
    if batch:
        yield batch


def _says(
    workspace: Workspace, looked: Import, batch: Sequence[Fact], now: Instant
) -> list[PublicKind | Private]:
    """Give what the entries of some facts say."""
    del now
    known: set[str] = set()
    if any(fact.fact == _RECIPIENT for fact in batch):
        known = {fact.value for fact in platform_facts(workspace) if fact.fact == _RECIPIENT}
    found = []
    for fact in batch:
        origin = workspace.settings.origin
        found.append(looked.says(fact, origin=origin, known=fact.value in known))
        if fact.fact == _RECIPIENT:
            known.add(fact.value)
    return found
