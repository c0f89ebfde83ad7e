# SPDX-License-Identifier: Apache-2.0
"""One pass over entries of the log: each is opened, verified, and laid out in a row (docs/workspace.md).

What cannot be read is kept as a row too: it may have been a no.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from privity.app.workspace.parts import Workspace
from privity.app.workspace.recording import member_of
from privity.canonical.encode import encode_canonical
from privity.canonical.instants import Instant
from privity.entries.attested import AttestedEntry
from privity.entries.decode import PublicEntry, decode, open_sealed
from privity.entries.enrol import EnrolEntry
from privity.entries.envelope import MemberEvent
from privity.entries.erasure import ErasedEntry, is_erasure
from privity.entries.fact import FactEntry
from privity.entries.kinds import PrivateKind, PublicKind, whose
from privity.entries.recipient import RecipientEntry
from privity.entries.streams import event_key, tag_of
from privity.entries.unknown import UnknownEntry
from privity.errors import InputError, PrivityError, VerificationError
from privity.ledger.ports import Head, Sealed, Stored
from privity.ledger.tree import leaf_hashes
from privity.store.keys import MemberKey
from privity.store.projection_rows import Extent, FactRow, PublicRow, UnreadRow, Words
from privity.store.projection_writing import ProjectionWriting
from privity.store.vault import ENDED

LOST: Final = "lost"
"""The private payload of an entry was lost."""
DAMAGED: Final = "damaged"
"""A private payload is not the one that its entry commits to, or is none."""
FOREIGN: Final = "foreign"
"""An entry of one member's stream names another member."""
UNKNOWN: Final = "unknown"
"""An entry is of a kind that a later Privity wrote, or says something that this one does not know."""

_AT_ONCE: Final = 1 << 13


class OtherTreeError(Exception):
    """The entries are not those after the ones that the projection has."""


@dataclass(kw_only=True, slots=True)
class _Rows:
    """What some entries come to."""

    facts: list[FactRow] = field(default_factory=list)
    public: list[PublicRow] = field(default_factory=list)
    unread: list[UnreadRow] = field(default_factory=list)
    erased: list[int] = field(default_factory=list)


class Pass:
    """One pass over entries: those after `extent`, up to `head`.

    Args:
        workspace: Whose.
        writing: Where the rows go.
        extent: What is there already.
        head: Where the log ends.
        lost: The ranges of payloads that are lost.
    """

    def __init__(
        self,
        workspace: Workspace,
        writing: ProjectionWriting,
        extent: Extent,
        head: Head,
        lost: tuple[tuple[int, int], ...],
    ) -> None:
        self._store = workspace.store
        self._keys = workspace.keys
        self._origin = workspace.settings.origin
        self._writing = writing
        self._extent = extent
        self._head = head
        self._lost = lost
        # Facts that were found to have the shape of their kind, or not to.
        self._shapes: dict[tuple[Words, bool], bool] = {}
        # In a pass over the whole log: numbers of streams that no payload had.
        self._missing: dict[int, list[int]] = {}
        self._gone: list[int] = []

    def run(self) -> list[int]:
        """Read, and write rows; gives the streams that turned out to have ended.

        Raises:
            OtherTreeError: The entries do not go on where the projection ends, or do not make the log's head.
            VerificationError: An entry is none.
            UnavailableError: The disk is full or fails.
        """
        peaks = self._extent.peaks
        closed = 0
        for first in range(self._extent.size, self._head.size, _AT_ONCE):
            end = min(self._head.size, first + _AT_ONCE)
            stored = list(self._store.entries(first, end))
            peaks = peaks.extended(leaf_hashes(one.data for one in stored))
            closed += self._read(
                stored, {one.index: one for one in self._store.sealed(first, end)}
            )
        if peaks != self._head.peaks:
            raise OtherTreeError
        if not self._extent.size and (closed or self._missing):
            self._find_lost()
        self._writing.set_extent(Extent(peaks=peaks, lost=self._lost))
        return self._gone

    def _read(self, stored: Sequence[Stored], sealed: Mapping[int, Sealed]) -> int:
        """Read some entries; gives how many private ones have no payload."""
        streams = {one.stream for one in sealed.values()}
        keys = self._keys.of_streams(streams)
        self._writing.load(streams)
        rows, closed = _Rows(), 0
        for one in stored:
            event = self._decoded(one)
            if isinstance(event, PublicEntry):
                self._take_public(rows, one, event)
                continue
            payload = sealed.get(one.place)
            key = keys.get(payload.stream) if payload is not None else None
            if payload is None or key is None:
                closed += 1
            else:
                self._take_private(rows, event, payload, key)
        self._writing.put_public(rows.public)
        self._writing.put_facts(rows.facts)
        self._writing.put_unread(rows.unread)
        self._writing.flush()
        for stream in rows.erased:
            self._forget(stream)
        return closed

    def _forget(self, stream: int) -> None:
        self._gone.append(stream)
        self._writing.forget(stream)

    def _decoded(self, one: Stored) -> MemberEvent | PublicEntry:
        try:
            return decode(one.data, origin=self._origin)
        except PrivityError as error:
            raise VerificationError(
                f"entry {one.place} of the log cannot be read: {error.message}",
                code="workspace/entry",
                hint=error.hint or "run `privity ledger check DIR`",
            ) from error

    def _take_public(self, rows: _Rows, one: Stored, entry: PublicEntry) -> None:
        rows.public.append(PublicRow(one.place, entry.event.stream, one.data))
        if not is_known(entry.says):
            rows.unread.append(UnreadRow(one.place, None, entry.event.time, UNKNOWN))

    def _take_private(
        self, rows: _Rows, event: MemberEvent, payload: Sealed, key: MemberKey
    ) -> None:
        stream, number = payload.stream, payload.number
        due = self._writing.next_number(stream)
        if number != due:
            if self._extent.size or number < due:
                raise OtherTreeError
            self._missing.setdefault(stream, []).extend(range(due, number))
        self._writing.set_next(stream, number + 1)
        try:
            entry = open_sealed(
                event, payload.payload, key=key.secret, number=number, origin=self._origin
            )
        except (InputError, VerificationError):
            rows.unread.append(UnreadRow(payload.index, stream, event.time, DAMAGED))
            return
        says = entry.says
        if whose(says) not in {None, member_of(key.member)}:
            rows.unread.append(UnreadRow(payload.index, stream, event.time, FOREIGN))
        elif isinstance(says, ErasedEntry):
            rows.erased.append(stream)
        elif not isinstance(says, EnrolEntry):
            self._take_fact(rows, payload, event.time, says)

    def _take_fact(
        self, rows: _Rows, payload: Sealed, time: Instant, says: PrivateKind | UnknownEntry
    ) -> None:
        fact = says.statement.says if isinstance(says, AttestedEntry) else says
        words = self._words(fact) if isinstance(fact, FactEntry) else None
        if words is None or not isinstance(fact, FactEntry):
            rows.unread.append(UnreadRow(payload.index, payload.stream, time, UNKNOWN))
            return
        row = FactRow(payload.index, payload.stream, words, fact.at, time)
        if isinstance(says, AttestedEntry):
            said = says.statement
            row = row._replace(
                claimed_at=said.claimed_at, attester=(said.attester.name, said.attester.key)
            )
        rows.facts.append(row)

    def _words(self, fact: FactEntry) -> Words | None:
        """Give what a fact says, or None where this version does not know what it means."""
        detail = encode_canonical(dict(fact.detail)).decode() if fact.detail else ""
        words = (fact.fact, fact.value, detail)
        key = (words, fact.member is None)
        if key not in self._shapes:
            try:
                fact.to_fact(0)
            except InputError:
                self._shapes[key] = False
            else:
                self._shapes[key] = True
        return words if self._shapes[key] else None

    def _find_lost(self) -> None:
        """Find the entries whose payloads are missing, of streams that somebody has the key of.

        By the keys, which make the tags. A stream that turns out to have ended is forgotten.
        """
        numbers = self._writing.numbers()
        short = {
            row.stream: row.next
            for row in self._store.vault.streams()
            if row.stream > 0 and row.next != ENDED and row.next > numbers.get(row.stream, 1)
        }
        self._writing.load(short)
        for stream, end in short.items():
            missing = range(numbers.get(stream, 1), end)
            self._missing.setdefault(stream, []).extend(missing)
            self._writing.set_next(stream, end)
        self._writing.flush()
        keys = self._keys.of_streams(self._missing)
        wanted = {
            tag_of(event_key(key.secret, number)): (key, number)
            for stream, key in keys.items()
            for number in self._missing[stream]
        }
        for place, event in self._tagged(wanted):
            key, number = wanted[event.tag]
            if is_erasure(event, key=key.secret, number=number):
                self._forget(key.stream)
            else:
                self._writing.put_unread([UnreadRow(place, key.stream, event.time, LOST)])

    def _tagged(self, wanted: Mapping[bytes, object]) -> list[tuple[int, MemberEvent]]:
        """Give the private entries that have one of these tags; the whole log is looked through."""
        if not wanted:
            return []
        return [
            (one.place, event)
            for one in self._store.entries(0, self._head.size)
            if isinstance(event := self._decoded(one), MemberEvent) and event.tag in wanted
        ]


def is_known(says: PublicKind | UnknownEntry) -> bool:
    """Tell whether this version knows what a public entry says."""
    if isinstance(says, AttestedEntry):
        return not isinstance(says.statement.says, FactEntry) and is_known(says.statement.says)
    if isinstance(says, RecipientEntry):
        try:
            says.to_fact(0)
        except InputError:
            return False
    return not isinstance(says, UnknownEntry)
