# SPDX-License-Identifier: Apache-2.0
"""What changed since a release was decided: of whom something new is known, or whether everything is to be asked again.

What entered since, and what was known before and has become true since, is about members: those and the members whose
accounts are merged with theirs. A policy, an order, the recipient, a baseline, an erasure, or what nobody can read and
has no owner, is about everything ([REL-100]).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Set as AbstractSet
from dataclasses import dataclass, replace
from typing import Final

import numpy as np
import pyarrow as pa

from privity.app.workspace.batches import read_ids
from privity.app.workspace.gathered import Known
from privity.app.workspace.meanwhile import HeldFacts
from privity.app.workspace.parts import Workspace
from privity.app.workspace.passing import changes_between, facts_of
from privity.app.workspace.projecting import projected
from privity.app.workspace.rules import STREAMS
from privity.canonical.instants import Instant
from privity.entries.decode import PublicEntry, decode
from privity.entries.erasure import ErasureBatchEntry
from privity.entries.recipient import RecipientEntry
from privity.members.facts import MemberId, as_number
from privity.store.projection import Projection
from privity.store.projection_rows import PublicRow

_EVERYBODY: Final = frozenset({*STREAMS, ErasureBatchEntry.STREAM})


@dataclass(frozen=True, kw_only=True, slots=True)
class Since:
    """What changed.

    Attributes:
        members: Of whom something new is known, with those whose accounts are merged with theirs.
        everything: Whether a rule changed, or something of which nobody can say whom it is about.
        merged: With whose accounts each member's is merged, in either direction.
    """

    members: frozenset[MemberId]
    everything: bool
    merged: Mapping[MemberId, AbstractSet[MemberId]]

    def together(self, members: Iterable[MemberId]) -> frozenset[MemberId]:
        """Add the members whose accounts are merged with some, at whatever distance."""
        found, waiting = set(members), list(members)
        while waiting:
            fresh = self.merged.get(waiting.pop(), frozenset()) - found
            found |= fresh
            waiting += fresh
        return frozenset(found)


@dataclass(frozen=True, kw_only=True, slots=True)
class _Rows:
    """What entered since."""

    streams: frozenset[int]
    public: tuple[PublicRow, ...]
    nobodys: bool


def changed_since(
    workspace: Workspace, known: Known, *, size: int, at: Instant, now: Instant, recipient: str
) -> Since:
    """Give what changed between two decisions.

    Args:
        workspace: Whose log.
        known: What is known now.
        size: How many entries the earlier decision heeded.
        at: The instant of use that it was made for.
        now: The instant of use now.
        recipient: Whose entry on the register matters.

    Raises:
        ConflictError: As `projecting.catch_up`.
        VerificationError: As `projecting.catch_up`.
        UnavailableError: As `projecting.catch_up`.
    """
    rows = projected(workspace, lambda found: _rows(found, size, known.size))
    ids = read_ids(workspace.keys, numbers=not _is_text(known))
    place = ids.of_streams(np.array(sorted(rows.streams), np.int64))
    held = [HeldFacts(facts) for facts in facts_of(known)]
    everything = (
        rows.nobodys
        or any(_matters(workspace, row, recipient) for row in rows.public)
        or any(ids.is_platform(stream) for stream in rows.streams)
        or changes_between(known, recipient, at, now)
    )
    members: set[MemberId] = set(ids.array(place[place >= 0]).to_pylist())
    members = members.union(*(one.came_true(at, now) for one in held))
    merged = _merged((one for some in held for one in some.merges()), text=_is_text(known))
    found = Since(members=frozenset(), everything=everything, merged=merged)
    return replace(found, members=found.together(members))


def _rows(projection: Projection, size: int, end: int) -> _Rows:
    unread = [one for one in projection.unread(end) if one.entry >= size]
    return _Rows(
        streams=frozenset(projection.streams_since(size, end))
        | {one.stream for one in unread if one.stream is not None},
        public=tuple(one for one in projection.public(_EVERYBODY, end) if one.entry >= size),
        nobodys=any(one.stream is None for one in unread),
    )


def _matters(workspace: Workspace, row: PublicRow, recipient: str) -> bool:
    """Tell whether a public entry may be about everything: another recipient's is not."""
    entry = decode(row.data, origin=workspace.settings.origin)
    if isinstance(entry, PublicEntry) and isinstance(entry.says, RecipientEntry):
        return entry.says.id == recipient
    return True


def _is_text(known: Known) -> bool:
    return bool(pa.types.is_string(known.facts.ids.type))


def _merged(
    merges: Iterable[tuple[MemberId, str]], *, text: bool
) -> dict[MemberId, set[MemberId]]:
    """Give with whose accounts each member's is merged, in either direction."""
    found: dict[MemberId, set[MemberId]] = defaultdict(set)
    read: Callable[[str], MemberId | None] = str if text else as_number
    for source, value in merges:
        target = read(value)
        if target is not None:
            found[source].add(target)
            found[target].add(source)
    return found
