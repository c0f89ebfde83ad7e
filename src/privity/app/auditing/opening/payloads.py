# SPDX-License-Identifier: Apache-2.0
"""Open the payloads of private entries, one by one, each held to the entry that commits to it (specs/audit.md, part 1).

What a vault says of a payload, its stream and its number, only says which key to try: tag and commitment of the entry
in the verified log decide. Of whom a key is here no entry is left out: whatever was not opened is looked for by the
tags that the key makes.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass, field
from itertools import islice
from typing import Final, Protocol

from privity.app.auditing.opening.log import PrivateEntries
from privity.app.workspace.recording import member_of
from privity.audit.evidence import Told
from privity.audit.held_facts import HeldFacts
from privity.audit.known import unreadable
from privity.canonical.instants import Instant
from privity.entries.attested import AttestedEntry
from privity.entries.decode import PrivateEntry, open_sealed
from privity.entries.enrol import EnrolEntry
from privity.entries.envelope import MemberEvent
from privity.entries.erasure import ErasedEntry, is_erasure
from privity.entries.fact import FactEntry
from privity.entries.kinds import whose
from privity.entries.streams import event_key, tag_of
from privity.errors import InputError, VerificationError
from privity.ledger.ports import Sealed
from privity.members.facts import Fact, MemberId
from privity.store.keys import MemberKey

Progress = Callable[[int], None]
"""Told of how many payloads were opened so far."""

_AT_ONCE: Final = 4096


class SealedPayloads(Protocol):
    """Where sealed payloads are: a workspace's database, or a bundle."""

    def sealed(self, first: int, end: int) -> Iterator[Sealed]:
        """Give those of the entries from `first` up to `end`, in order."""
        ...


class StreamKeys(Protocol):
    """Where the keys of streams are: a workspace's database, or a bundle."""

    def of_streams(self, streams: Collection[int]) -> dict[int, MemberKey]:
        """Give the keys of streams, by stream; those that have none are left out."""
        ...

    def members(self) -> Iterator[list[tuple[int, str]]]:
        """Give all streams, each with its member's name, some at a time."""
        ...

    def all(self) -> Iterator[MemberKey]:
        """Give all keys."""
        ...


@dataclass(kw_only=True, slots=True)
class Opened:
    """What private entries say, as far as anybody here can open them.

    Attributes:
        facts: What they tell, and what stands for those that cannot be read.
        unread: The entries of known members that cannot be read, and how many members these are.
        ended: How many streams were ended: their members were erased.
        closed: How many entries are of streams that nobody here has the key of.
        numbers: Whether all members' ids are integers.
        streams: By a member's id as text, the key of her stream and the entry that began it.
    """

    facts: HeldFacts = field(default_factory=HeldFacts)
    unread: dict[int, MemberId | None] = field(default_factory=dict)
    ended: int = 0
    closed: int = 0
    numbers: bool = True
    streams: dict[str, tuple[int, MemberKey]] = field(default_factory=dict, repr=False)


def open_payloads(
    store: SealedPayloads,
    keys: StreamKeys,
    private: PrivateEntries,
    *,
    origin: str,
    size: int,
    progress: Progress | None = None,
) -> Opened:
    """Open what the vault has of the first entries of a log.

    Args:
        store: Where the sealed payloads are; nothing else of it is believed.
        keys: The members' keys.
        private: The private entries, as they were verified.
        origin: The log's name.
        size: How many entries were verified.
        progress: Told of payloads.

    Raises:
        InputError: A number and a text are the ids of two members, and are written alike (`audit/ids`).
        UnavailableError: The vault cannot be read.
    """
    reading = _Reading(private, origin)
    sealed, done = store.sealed(0, size), 0
    while some := list(islice(sealed, _AT_ONCE)):
        found = keys.of_streams({one.stream for one in some})
        for one in some:
            reading.open(one, found.get(one.stream))
        done += len(some)
        if progress is not None:
            progress(done)
    return reading.finish(keys)


class _Reading:
    """A pass over payloads."""

    def __init__(self, private: PrivateEntries, origin: str) -> None:
        self._private = private
        self._origin = origin
        self._found = Opened()
        self._seen: set[int] = set()
        # By stream, the numbers that were opened: the last of an unbroken row, and those beyond it.
        self._numbers: dict[int, tuple[int, set[int]]] = {}
        self._ended: list[MemberId] = []

    def open(self, sealed: Sealed, key: MemberKey | None) -> None:
        """Open a payload with the key of the stream that it is said to be of."""
        event = self._private.get(sealed.index)
        if event is None or key is None:
            return  # no private entry of this log, or of nobody who is known: it is closed
        if sealed.number > len(self._private):
            return  # no stream has as many entries: whoever looked for those between would never end
        if event.tag != tag_of(event_key(key.secret, sealed.number)):
            return  # not what it is said to be; if its member is known, it is found by its tag
        self._seen.add(sealed.index)
        self._put_number(sealed.stream, sealed.number)
        try:
            entry = open_sealed(
                event,
                sealed.payload,
                key=key.secret,
                number=sealed.number,
                origin=self._origin,
            )
        except (InputError, VerificationError):
            if is_erasure(event, key=key.secret, number=sealed.number):
                self._end(key)
            else:
                self._unread(sealed.index, key, event)
            return
        self._take(sealed.index, key, entry)

    def finish(self, keys: StreamKeys) -> Opened:
        """Find what of known members was not opened, and give what was found."""
        found = self._found
        closed = dict(self._private.others(self._seen))
        if closed:
            by_tag = {event.tag: (entry, event) for entry, event in closed.items()}
            for key in keys.all():
                self._find(key, by_tag)
            closed = dict(self._private.others(self._seen))
        found.closed = len(closed)
        ids: dict[str, str] = {}
        for names in keys.members():
            for _, name in names:
                member = member_of(name)
                if member is None:
                    continue
                found.numbers = found.numbers and isinstance(member, int)
                if ids.setdefault(str(member), name) != name:
                    raise InputError(
                        "one id is that of a member as a number and of another as text, expected one of them",
                        code="audit/ids",
                        hint="the platform must erase the one that was recorded by mistake",
                    )
        found.facts.settle()
        for member in self._ended:
            found.facts.drop(member)
        # Whose stream has ended was erased, whoever still has a key: nothing of her is missing.
        ended = {str(one) for one in self._ended}
        unread = {
            one: member
            for one, member in found.unread.items()
            if member is None or str(member) not in ended
        }
        found.ended = len(ended)
        found.closed += len(found.unread) - len(unread)
        found.unread = unread
        return found

    def _find(self, key: MemberKey, closed: Mapping[bytes, tuple[int, MemberEvent]]) -> None:
        """Find the entries of a stream whose payloads are not there, by the tags that its key makes."""
        row, beyond = self._numbers.get(key.stream, (0, set()))
        last = max(beyond, default=row)
        number = row + 1
        while True:
            if number not in beyond:
                there = closed.get(tag_of(event_key(key.secret, number)))
                if there is None and number > last:
                    return
                if there is not None:
                    entry, event = there
                    self._seen.add(entry)
                    if is_erasure(event, key=key.secret, number=number):
                        self._end(key)
                    else:
                        self._unread(entry, key, event)
            number += 1

    def _take(self, index: int, key: MemberKey, entry: PrivateEntry) -> None:
        says, time = entry.says, entry.event.time
        if whose(says) not in {None, member_of(key.member)}:
            self._unread(index, key, entry.event)
        elif isinstance(says, ErasedEntry):
            self._end(key)
        elif isinstance(says, EnrolEntry):
            self._found.streams[str(says.member)] = (index, key)
        else:
            fact = says.statement.says if isinstance(says, AttestedEntry) else says
            recorded_at, by = time, None
            if isinstance(says, AttestedEntry):
                by = says.statement.attester.name
                recorded_at = min(says.statement.claimed_at, time)
            told = _fact(fact, recorded_at) if isinstance(fact, FactEntry) else None
            if told is None:
                self._unread(index, key, entry.event)
            else:
                self._found.facts.add(Told(entry=index, fact=told, entered=time, by=by))

    def _unread(self, index: int, key: MemberKey, event: MemberEvent) -> None:
        member = member_of(key.member)
        self._found.unread[index] = member
        self._found.facts.add(unreadable(index, member, event.time))

    def _end(self, key: MemberKey) -> None:
        if (member := member_of(key.member)) is not None:
            self._ended.append(member)

    def _put_number(self, stream: int, number: int) -> None:
        row, beyond = self._numbers.get(stream, (0, set()))
        beyond.add(number)
        while row + 1 in beyond:
            row += 1
            beyond.discard(row)
        self._numbers[stream] = (row, beyond)


def _fact(said: FactEntry, recorded_at: Instant) -> Fact | None:
    """Give the fact that an entry tells; None where this version does not know what it means."""
    try:
        return said.to_fact(recorded_at)
    except InputError:
        return None
