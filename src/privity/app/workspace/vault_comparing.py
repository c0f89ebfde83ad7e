# SPDX-License-Identifier: Apache-2.0
"""Compare what the log and its vault come to with what the database and the keys have of every stream.

A key also finds what there is no payload of, by the tags of its numbers: entries that the database lost count of, because
it was put back or made anew, and the end of a stream whose key should be gone. What is wrong is told here;
`checking` shows it and `mending` puts it right. Others may record meanwhile: what came after the entries that were
read is left out, and of a stream that went on it is not said where it was.
"""

from __future__ import annotations

from array import array
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import islice, takewhile
from typing import Final

import numpy as np
import numpy.typing as npt

from privity.app.workspace.parts import Workspace
from privity.app.workspace.recording import public_stream
from privity.app.workspace.vault_reading import PREFIX, Tally, Unopened
from privity.entries.envelope import MemberEvent, parse_event
from privity.entries.erasure import is_erasure
from privity.entries.keys import KeysEntry
from privity.entries.streams import event_key, tag_of
from privity.store.keys import MemberKey
from privity.store.vault import ENDED, SealedLink, StreamRow

_AT_ONCE: Final = 1 << 14


@dataclass(frozen=True, kw_only=True, slots=True)
class VaultState:
    """What the log and its vault come to, and where they do not agree with the database and the keys.

    Attributes:
        entries: The entries of private streams.
        payloads: Their payloads that are there and open.
        public: The newest number of each public stream.
        unopened: The payloads that do not open.
        lost: The entries that lack a payload that opens, of streams that have not ended, as far as that is known.
        bare: The entries of private streams without a payload, whatever the reason.
        erasures: How many streams ended, as the log says; which ones, nobody learns.
        keyless: How many streams were given a number and have no key.
        gaps: Streams and numbers that no entry has, and an entry after them has one.
        streams: The rows of streams that are not right, as they have to be.
        links: The payloads that do not lead to the one before them, as they have to.
        erased: The streams that have ended, and whose keys are there all the same.
        announced: The entries by which a key followed another, with their indexes.
    """

    entries: int
    payloads: int
    public: Mapping[str, int]
    unopened: tuple[Unopened, ...]
    lost: tuple[int, ...]
    bare: Sequence[int]
    erasures: int
    keyless: int
    gaps: tuple[tuple[int, int], ...]
    streams: tuple[StreamRow, ...]
    links: tuple[SealedLink, ...]
    erased: tuple[int, ...]
    announced: tuple[tuple[int, KeysEntry], ...]


def compare_vault(workspace: Workspace, tally: Tally) -> VaultState:
    """Compare what was read of the whole log with what the database and the keys have.

    Raises:
        UnavailableError: Something cannot be read.
    """
    work = _Work(workspace=workspace, tally=tally, rows=_Rows(tally, workspace))
    _seek(work)
    _find(work)
    links = _wrong_links(work)
    return VaultState(
        entries=len(tally.tags),
        payloads=tally.payloads,
        public=dict(tally.public),
        unopened=tuple(tally.unopened),
        lost=tuple(sorted({*work.lost, *(one.index for one in tally.unopened)})),
        bare=tally.bare,
        erasures=tally.erasures,
        keyless=len(work.rows.next) - 1 - work.keys,
        gaps=tuple(sorted(work.gaps)),
        streams=(*_wrong_public(work), *_wrong_private(work)),
        links=tuple(links),
        erased=tuple(sorted(work.erased)),
        announced=tuple(tally.announced),
    )


class _Rows:
    """What the database has of private streams, in a few bytes each."""

    def __init__(self, tally: Tally, workspace: Workspace) -> None:
        count = len(tally.last)
        self.next = array("q", [1]) * count
        self.newest = array("q", [-1]) * count
        self.public: dict[int, int] = {}
        for row in workspace.store.vault.streams():
            if row.stream < 0:
                self.public[row.stream] = row.next
            elif row.stream < count:
                self.next[row.stream] = row.next
                self.newest[row.stream] = -1 if row.newest is None else row.newest
        # INVARIANT: looked at after the rows: none of them is of an entry that came later still.
        end = workspace.store.head().size
        newest = np.frombuffer(self.newest, dtype=np.int64)
        # The entries that came after those that were read, and the streams that went on with them.
        self.more = end - tally.size
        self.later = {*map(int, np.flatnonzero((newest >= tally.size) & (newest < end)))}
        for stream in self.later:
            self.next[stream] = 1


@dataclass(kw_only=True, slots=True)
class _Work:
    """A comparison, and how far it came."""

    workspace: Workspace
    tally: Tally
    rows: _Rows
    # The entries that are known by their tags only: stream and number, and how to open them.
    sought: dict[bytes, tuple[MemberKey, int]] = field(default_factory=dict)
    # By stream, the next number after all that are in the log, where it is not known from payloads alone.
    ends: dict[int, int] = field(default_factory=dict)
    erased: set[int] = field(default_factory=set)
    lost: list[int] = field(default_factory=list)
    gaps: list[tuple[int, int]] = field(default_factory=list)
    # How many streams have one.
    keys: int = 0
    # By stream, the newest payload that opens.
    newest: array[int] = field(default_factory=lambda: array("q"))

    def seek(self, key: MemberKey, number: int) -> None:
        self.sought[tag_of(event_key(key.secret, number))] = (key, number)


def _seek(work: _Work) -> None:
    """Find the streams that have more entries than the database knows, or fewer payloads than entries."""
    tally, rows = work.tally, work.rows
    work.erased |= tally.ended
    tags = np.sort(np.frombuffer(tally.tags, dtype=np.uint64))
    fewer: dict[int, MemberKey] = {}
    keys = takewhile(lambda key: key.stream < len(rows.next), work.workspace.keys.all())
    while some := list(islice(keys, _AT_ONCE)):
        work.keys += len(some)
        going = [key for key in some if rows.next[key.stream] != ENDED]
        work.erased |= {key.stream for key in some} - {key.stream for key in going}
        starts = [max(rows.next[key.stream], tally.last[key.stream] + 1) for key in going]
        after = [
            tag_of(event_key(key.secret, start))
            for key, start in zip(going, starts, strict=True)
        ]
        more = _among(tags, after)
        for key, start, is_more in zip(going, starts, more, strict=True):
            if tally.opened[key.stream] < start - 1:
                fewer[key.stream] = key
            if is_more:
                _seek_from(work, tags, key, start)
    _seek_missing(work, fewer)


def _seek_from(work: _Work, tags: npt.NDArray[np.uint64], key: MemberKey, start: int) -> None:
    number = start
    while True:
        tag = tag_of(event_key(key.secret, number))
        if not _among(tags, [tag])[0]:
            return
        work.seek(key, number)
        number += 1


def _seek_missing(work: _Work, fewer: Mapping[int, MemberKey]) -> None:
    """Seek the entries whose payloads are not there, or do not open."""
    if not fewer:
        return
    there: dict[int, set[int]] = {stream: set() for stream in fewer}
    unopened = {one.index for one in work.tally.unopened}
    for row in work.workspace.store.sealed(0, work.tally.size):
        if row.stream in there and row.index not in unopened:
            there[row.stream].add(row.number)
    for stream, key in fewer.items():
        end = max(work.rows.next[stream], work.tally.last[stream] + 1)
        for number in range(1, end):
            if number not in there[stream]:
                work.seek(key, number)


def _among(tags: npt.NDArray[np.uint64], some: list[bytes]) -> npt.NDArray[np.bool_]:
    if not len(tags):
        return np.zeros(len(some), dtype=np.bool_)
    wanted = np.array([int.from_bytes(tag[:PREFIX], "big") for tag in some], dtype=np.uint64)
    places = np.minimum(np.searchsorted(tags, wanted), len(tags) - 1)
    found: npt.NDArray[np.bool_] = tags[places] == wanted
    return found


def _find(work: _Work) -> None:
    """Look at the entries that were sought: what is lost, what is nowhere, and what ends a stream."""
    if not work.sought:
        return
    left = dict(work.sought)
    found: dict[int, dict[int, int]] = {}
    for index, event in _private_entries(work):
        if event.tag not in left:
            continue
        key, number = left.pop(event.tag)
        found.setdefault(key.stream, {})[number] = index
        if is_erasure(event, key=key.secret, number=number):
            work.erased.add(key.stream)
    for stream, numbers in found.items():
        work.ends[stream] = 1 + max(*numbers, work.tally.last[stream])
        if stream not in work.erased:
            work.lost += numbers.values()
    for key, number in left.values():
        end = work.ends.setdefault(key.stream, work.tally.last[key.stream] + 1)
        # A number after all that are there was never given.
        if number < end and key.stream not in work.erased:
            work.gaps.append((key.stream, number))


def _private_entries(work: _Work) -> Iterator[tuple[int, MemberEvent]]:
    for row in work.workspace.store.entries(0, work.tally.size):
        event = parse_event(row.data)
        if isinstance(event, MemberEvent):
            yield row.place, event


def _wrong_links(work: _Work) -> list[SealedLink]:
    """Give the payloads that lead elsewhere than to the one before, as they have to; learns the newest of each."""
    newest = work.newest = array("q", [-1]) * len(work.rows.next)
    unopened = {one.index for one in work.tally.unopened}
    found: list[SealedLink] = []
    for link in work.workspace.store.vault.links():
        if link.index >= work.tally.size:
            break
        if link.index in unopened or not 0 < link.stream < len(newest):
            continue
        before = newest[link.stream]
        right = None if before < 0 else before
        if link.previous != right:
            found.append(SealedLink(index=link.index, stream=link.stream, previous=right))
        newest[link.stream] = link.index
    return found


def _wrong_public(work: _Work) -> Iterator[StreamRow]:
    for name, number in work.tally.public.items():
        try:
            stream = public_stream(name)
        except ValueError:
            # Of a later version of this program, which alone goes on with it.
            continue
        there = work.rows.public.get(stream, 1)
        if not number + 1 <= there <= number + 1 + work.rows.more:
            yield StreamRow(stream=stream, next=number + 1, newest=None)


def _wrong_private(work: _Work) -> Iterator[StreamRow]:
    rows = work.rows
    for stream in range(1, len(rows.next)):
        before = rows.next[stream]
        if before == ENDED or stream in work.erased or stream in rows.later:
            continue
        right = work.ends.get(stream, max(before, work.tally.last[stream] + 1))
        newest = work.newest[stream]
        if (before, rows.newest[stream]) != (right, newest):
            yield StreamRow(stream=stream, next=right, newest=None if newest < 0 else newest)
