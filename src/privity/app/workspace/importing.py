# SPDX-License-Identifier: Apache-2.0
"""Import a file of facts: every one becomes an entry, and is durable once it is told of (docs/workspace.md).

Facts go in by commits of whole members, so that what a file says of one member at one instant is recorded at one
instant too. Each commit is a request: an import that was killed is repeated, and records what is missing. So is one of
a file that grew, unless the caller named it: what a new name asks is asked anew.
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
from privity.app.workspace.once import Request, record_once, was_recorded
from privity.app.workspace.parts import Workspace
from privity.app.workspace.public import platform_facts
from privity.app.workspace.recording import Private
from privity.app.workspace.repeated import Flags, recorded_already
from privity.canonical.encode import encode
from privity.canonical.instants import Instant
from privity.entries.fields import LAST_INSTANT
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
        request: A name of the caller's own; without one, the same facts are the same request.
        progress: Told of facts that are recorded, if anybody asks.

    Raises:
        ConflictError: Something else was asked under the request's name; or as `record_once`.
        InputError: As `record_once`.
        VerificationError: As `publish_now`.
        UnavailableError: As `record_once`. What was told of is recorded.
    """
    asks = _asks(looked, request)
    # Looked up once, before the first that is new; where all was asked before, not at all.
    there = cache(lambda: _look_up(workspace, looked, repeats=request is None))
    facts = before = entries = enrolled = waiting = 0
    for number, batch in enumerate(_batches(looked)):
        asked = Request(asks={**asks, "batch": number}, name=None if number else request)
        done, new = was_recorded(workspace, asked), 0
        if done is None and (missing := there().missing(batch, facts)):
            done = record_once(
                workspace,
                partial(_says, workspace, looked, missing),
                members={fact.member for fact in missing if is_private(fact)},
                request=asked,
            )
            new = 0 if done.again else len(missing)
        count = 0 if done is None else done.count
        facts += len(batch)
        before += len(batch) - new
        entries += count + len(batch) - new if new else max(count, len(batch))
        enrolled += count - new if new else 0
        if progress is not None:
            progress(len(batch))
        waiting += count if new else 0
        if waiting >= _UNPUBLISHED:
            publish_if_free(workspace)
            waiting = 0
    newcomers = max(enrolled - there().by_baseline, 0) if enrolled else 0
    return Imported(facts=facts, before=before, entries=entries, newcomers=newcomers)


@dataclass(frozen=True, kw_only=True, slots=True)
class _There:
    """What of a file is known before any of it is recorded.

    Attributes:
        facts: Shape (facts): which are recorded already, in the order of `_batches`.
        by_baseline: How many of its members only a baseline knows.
    """

    facts: Flags
    by_baseline: int

    def missing(self, batch: Sequence[Fact], first: int) -> list[Fact]:
        """Give the facts of a batch that are not recorded; it begins with the file's fact of a place."""
        flags = self.facts[first : first + len(batch)].tolist()
        return [fact for fact, known in zip(batch, flags, strict=True) if not known]


def _look_up(workspace: Workspace, looked: Import, *, repeats: bool) -> _There:
    """Look up what of a file is known.

    Args:
        workspace: Where.
        looked: The file.
        repeats: Whether what is recorded already is meant; under a name of its own all of it is new.
    """
    facts = np.zeros(looked.facts, np.bool_)
    if repeats:
        facts = recorded_already(workspace, looked, _platform(looked))
    members = looked.columns.ids.to_pylist()
    return _There(facts=facts, by_baseline=len(known_by_baseline_alone(workspace, members)))


def _asks(looked: Import, request: str | None) -> dict[str, Any]:
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
    platform = _platform(looked)
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


def _platform(looked: Import) -> list[Fact]:
    return sorted(looked.columns.platform, key=sort_key)


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
