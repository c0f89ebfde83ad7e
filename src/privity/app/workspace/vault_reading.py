# SPDX-License-Identifier: Apache-2.0
"""Read the log and its vault side by side, from the first entry to the last.

Every private payload is opened with its key and compared with its entry. What the streams come to, and whether that
is what the database has of them, is said in `vault_comparing`.
"""

from __future__ import annotations

from array import array
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from itertools import islice
from typing import Final

from privity.app.workspace.parts import Workspace
from privity.app.workspace.recording import member_of
from privity.entries.attested import AttestedEntry
from privity.entries.baseline import BaselineEntry
from privity.entries.decode import PublicEntry, decode, open_sealed
from privity.entries.envelope import MemberEvent
from privity.entries.erasure import ErasedEntry, ErasureBatchEntry
from privity.entries.keys import KeysEntry
from privity.entries.kinds import PublicKind, whose
from privity.entries.unknown import UnknownEntry
from privity.entries.whole import PublicObject, object_of
from privity.errors import PrivityError
from privity.ledger.ports import Sealed
from privity.store.keys import MemberKey

Progress = Callable[[int], None]
"""Told of how many entries more were read."""

PREFIX: Final = 8
"""Bytes of a tag that are looked for among all others; the few that are found are compared whole."""

_AT_ONCE: Final = 1 << 13


@dataclass(frozen=True, kw_only=True, slots=True)
class Unopened:
    """A private payload that is there and worth nothing.

    Attributes:
        index: Its entry.
        why: What is wrong with it.
    """

    index: int
    why: str


@dataclass(kw_only=True, slots=True)
class Tally:
    """What was read of the log and its payloads.

    Attributes:
        last: By stream, the newest number whose payload opens.
        opened: By stream, how many payloads open.
        tags: The first bytes of the tags of all private entries.
        payloads: How many payloads open.
        bare: The private entries without a payload.
        erasures: How many streams ended, as the log says.
        public: The newest number of each public stream.
        announced: The entries by which a key followed another, with their indexes.
        unopened: The payloads that do not open.
        ended: The streams that have payloads and ended: by their last event, or because their key was removed.
        objects: The public objects that must be there, by their SHA-256, each as the first entry names it.
        baselines: The baselines, by the index of their entry.
        size: How many entries were read.
    """

    last: array[int]
    opened: array[int]
    size: int = 0
    tags: array[int] = field(default_factory=lambda: array("Q"))
    payloads: int = 0
    bare: array[int] = field(default_factory=lambda: array("q"))
    erasures: int = 0
    public: Counter[str] = field(default_factory=Counter)
    announced: list[tuple[int, KeysEntry]] = field(default_factory=list)
    unopened: list[Unopened] = field(default_factory=list)
    ended: set[int] = field(default_factory=set)
    objects: dict[str, PublicObject] = field(default_factory=dict)
    baselines: dict[int, BaselineEntry] = field(default_factory=dict)


class VaultReader:
    """Reads entries in their order, with the payloads that belong to them: those that are there when it is made.

    Args:
        workspace: Whose.
    """

    def __init__(self, workspace: Workspace) -> None:
        self._store = workspace.store
        self._keys = workspace.keys
        self._origin = workspace.settings.origin
        self._size = workspace.store.head().size
        # INVARIANT: looked at after the size. A stream has its number before its first entry, so every entry up to the
        # size is of one of these, whoever enrols meanwhile.
        self._last_stream = workspace.keys.last_stream
        streams = 1 + max(self._last_stream, workspace.store.vault.last_stream)
        self.tally = Tally(
            last=array("q", bytes(8 * streams)), opened=array("q", bytes(8 * streams))
        )

    def read_all(self, progress: Progress | None = None) -> None:
        """Read the whole log.

        Raises:
            InputError: An entry is none.
            VerificationError: An entry is none of this log.
        """
        stored = self._store.entries(0, self._size)
        first = 0
        while some := [row.data for row in islice(stored, _AT_ONCE)]:
            self.add(first, some)
            first += len(some)
            if progress is not None:
                progress(len(some))

    def add(self, first: int, entries: Sequence[bytes]) -> None:
        """Read the next entries; raises as `read_all` does.

        Args:
            first: The index of the first of them.
            entries: Their bytes.
        """
        sealed = {row.index: row for row in self._store.sealed(first, first + len(entries))}
        keys = self._keys.of_streams({row.stream for row in sealed.values()})
        for index, data in enumerate(entries, first):
            entry = decode(data, origin=self._origin)
            payload = sealed.get(index)
            if isinstance(entry, PublicEntry):
                self.tally.public[entry.event.stream] = entry.event.number
                self._read_public(index, entry.says)
                if payload is not None:
                    self._refuse(payload, "its entry is public")
            else:
                self.tally.tags.append(int.from_bytes(entry.tag[:PREFIX], "big"))
                if payload is None:
                    self.tally.bare.append(index)
                else:
                    self._open(entry, payload, keys.get(payload.stream))
        self.tally.size = first + len(entries)

    def _read_public(self, index: int, says: PublicKind | UnknownEntry) -> None:
        named = object_of(index, says)
        if named is not None and named.needed:
            self.tally.objects.setdefault(named.sha256, named)
        match says.statement.says if isinstance(says, AttestedEntry) else says:
            case KeysEntry() as said:
                self.tally.announced.append((index, said))
            case BaselineEntry() as said:
                self.tally.baselines[index] = said
            case ErasureBatchEntry(count=count):
                self.tally.erasures += count
            case _:
                pass

    def _open(self, event: MemberEvent, payload: Sealed, key: MemberKey | None) -> None:
        tally, stream, number = self.tally, payload.stream, payload.number
        if key is None:
            if 0 < stream <= self._last_stream:
                # These keys knew it once, and a key is removed by an erasure alone.
                tally.ended.add(stream)
            else:
                self._refuse(payload, f"there is no key of stream {stream}")
            return
        if number <= tally.last[stream]:
            self._refuse(payload, f"number {number} of stream {stream} comes out of turn")
            return
        try:
            says = open_sealed(
                event, payload.payload, key=key.secret, number=number, origin=self._origin
            ).says
        except PrivityError as error:
            self._refuse(payload, error.message)
            return
        if whose(says) not in {None, member_of(key.member)}:
            self._refuse(payload, f"it names another member than stream {stream} is of")
            return
        tally.payloads += 1
        tally.opened[stream] += 1
        tally.last[stream] = number
        if isinstance(says, ErasedEntry):
            tally.ended.add(stream)

    def _refuse(self, payload: Sealed, why: str) -> None:
        self.tally.unopened.append(Unopened(index=payload.index, why=why))
