# SPDX-License-Identifier: Apache-2.0
"""A whole log, read from its first entry to its last: is it one ledger, and what is in it (specs/entry.md, part 9)?

That the bytes are those that were signed is asked of `privity.ledger.verify`. Nothing is believed here that the
entries do not show themselves: that no number of a public stream is left out, that nothing was entered out
of turn, that the key that signs is one that the log names.
"""

from __future__ import annotations

from array import array
from collections import Counter
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Final, NamedTuple

from privity.canonical.instants import Instant, format_instant
from privity.entries.agreement import AgreementEntry
from privity.entries.attested import AttestedEntry
from privity.entries.decode import PublicEntry, decode
from privity.entries.disclosure import AcknowledgedDisclosure
from privity.entries.envelope import Event, MemberEvent
from privity.entries.genesis import GenesisEntry
from privity.entries.keys import KeysEntry
from privity.entries.kinds import PublicKind
from privity.entries.notice import NoticeEntry
from privity.entries.policy import PolicyEntry
from privity.entries.program import ProgramEntry
from privity.entries.unknown import UnknownEntry
from privity.errors import PrivityError, VerificationError
from privity.ledger.note import Vkey

Visit = Callable[[int, MemberEvent | PublicEntry], None]
"""Given each entry that may stand where it stands, with its index."""


class _Kind(NamedTuple):
    """A kind of public object."""

    noun: str
    needed: bool


OBJECTS: Final[Mapping[str, _Kind]] = {
    "policy": _Kind("text", needed=True),  # [ENT-80]
    "program": _Kind("program", needed=True),  # [ENT-89]
    "acknowledgement": _Kind("acknowledgement", needed=True),  # [REL-67]
    # Whoever publishes them may give the hash alone, and where the text is.
    "notice": _Kind("text", needed=False),
    "agreement": _Kind("text", needed=False),
}
"""What entries name that is a public object."""

_TAG: Final = 16
"""Bytes of a tag that are kept to tell it from others. That two hashes share 128 bits by chance does not happen."""


@dataclass(frozen=True, kw_only=True, slots=True)
class PublicObject:
    """A public object that an entry names by its hash.

    Attributes:
        index: The entry.
        what: What it is: one of `OBJECTS`.
        sha256: Its SHA-256 in hexadecimal.
        size: Its length in bytes, or None where the entry does not say it.
    """

    index: int
    what: str
    sha256: str
    size: int | None = None

    @property
    def needed(self) -> bool:
        """Whether a public tree must have it."""
        return OBJECTS[self.what].needed

    @property
    def noun(self) -> str:
        """What it is, in words."""
        return OBJECTS[self.what].noun

    @property
    def path(self) -> str:
        """Its path in a public tree."""
        return f"object/sha256/{self.sha256}"


@dataclass(frozen=True, kw_only=True, slots=True)
class Contents:
    """What a log holds in which everything is in order.

    Attributes:
        genesis: How it is kept, or None in a log without an entry.
        private: How many entries it has of private streams, which say nothing to whoever lacks their keys.
        public: How many of each public stream.
        unknown: How many of each public stream that this version does not know.
        first: When the first was entered, or None.
        last: When the newest was entered, or None.
        objects: What its entries name that is a public object, in the order of the log.
    """

    genesis: GenesisEntry | None
    private: int
    public: Mapping[str, int]
    unknown: Mapping[str, int]
    first: Instant | None
    last: Instant | None
    objects: tuple[PublicObject, ...]

    @property
    def texts(self) -> tuple[PublicObject, ...]:
        """The texts of the policies, in the order of the log."""
        return tuple(one for one in self.objects if one.what == "policy")


class WholeLog:
    """Reads the entries of a log in their order; keeps a few bytes of each.

    Args:
        origin: The log's name.
        visit: Is given the entries too, once they were read.
    """

    def __init__(self, origin: str, visit: Visit | None = None) -> None:
        self._origin = origin
        self._visit = visit
        self._genesis: GenesisEntry | None = None
        self._private = 0
        self._numbers: Counter[str] = Counter()
        self._unknown: set[str] = set()
        self._first: Instant | None = None
        self._last: Instant = 0
        self._objects: list[PublicObject] = []
        self._chain: list[_Key] = []
        self._tags = _Tags()

    def add(self, first: int, entries: Sequence[bytes]) -> None:
        """Read the next entries.

        Args:
            first: The index of the first of them.
            entries: Their bytes.

        Raises:
            VerificationError: One cannot be read or may not stand where it stands.
        """
        for index, data in enumerate(entries, first):
            try:
                entry = decode(data, origin=self._origin)
            except PrivityError as error:
                raise VerificationError(
                    f"entry {index} is none that this log may have: {error.message}",
                    code="entry/unreadable",
                    hint=error.hint,
                ) from error
            event: Event
            if isinstance(entry, PublicEntry):
                event = entry.event
                self._add_public(index, entry)
            else:
                event = entry
                self._private += 1
            if self._genesis is None:
                raise VerificationError(
                    "the first entry is not the genesis of the log", code="entry/no-genesis"
                )  # [ENT-75]
            if event.time < self._last:
                raise VerificationError(
                    f"entry {index} is of {format_instant(event.time)}, and the one before it of "
                    f"{format_instant(self._last)}",
                    code="entry/out-of-turn",
                )  # [ENT-78]
            self._last = event.time
            if self._first is None:
                self._first = event.time
            self._tags.add(index, event.tag)
            if self._visit is not None:
                self._visit(index, entry)

    def finish(self, signed: Collection[Vkey]) -> Contents:
        """Give what was in the log, now that all of it was read.

        Args:
            signed: The keys that signed its checkpoint.

        Raises:
            VerificationError: Two entries have one tag, or no key signed that the log names.
        """
        if (pair := self._tags.twice()) is not None:
            raise VerificationError(
                f"entries {pair[0]} and {pair[1]} have the same tag", code="entry/tag-twice"
            )  # [ENT-78]
        if self._chain:
            self._check_signed(signed)
        streams = dict(sorted(self._numbers.items()))
        return Contents(
            genesis=self._genesis,
            private=self._private,
            public={
                name: count for name, count in streams.items() if name not in self._unknown
            },
            unknown={name: count for name, count in streams.items() if name in self._unknown},
            first=self._first,
            last=None if self._first is None else self._last,
            objects=tuple(self._objects),
        )

    def _add_public(self, index: int, entry: PublicEntry) -> None:
        stream, number = entry.event.stream, entry.event.number
        self._numbers[stream] += 1
        if number != self._numbers[stream]:
            raise VerificationError(
                f"entry {index} is number {number} of stream `{stream}`, expected "
                f"{self._numbers[stream]}",
                code="entry/gap",
            )  # [ENT-77]
        if (named := object_of(index, entry.says)) is not None:
            self._objects.append(named)
        match entry.says:
            case GenesisEntry() as genesis if index == 0:
                self._genesis = genesis
                self._chain.append(_Key(vkey=genesis.vkey))
            case KeysEntry() as keys:
                self._exchange(index, keys)
            case UnknownEntry(kind=kind):
                self._unknown.add(kind)
            case _:
                pass

    def _exchange(self, index: int, keys: KeysEntry) -> None:
        if not self._chain or keys.previous != self._chain[-1].vkey:
            raise VerificationError(
                f"entry {index} exchanges the key `{keys.previous}`, which is not the log's newest",
                code="entry/key-chain",
            )  # [ENT-79]
        self._chain[-1] = _Key(vkey=keys.previous, until=keys.both_until)
        self._chain.append(_Key(vkey=keys.vkey))

    def _check_signed(self, signed: Collection[Vkey]) -> None:
        texts = {vkey.to_text() for vkey in signed}
        found = [key for key in self._chain if key.vkey in texts]
        if not found:
            raise VerificationError(
                f"the key `{min(texts, default='')}` signed, and no entry of the log names it",
                code="entry/key-chain",
            )  # [ENT-79]
        if all(key.until is not None and key.until < self._last for key in found):
            raise VerificationError(
                f"the key `{found[-1].vkey}` signed, which the log exchanged for another",
                code="entry/key-chain",
            )  # [ENT-79]


@dataclass(frozen=True, kw_only=True, slots=True)
class _Key:
    """A key of the log, and until when it signs beside the one that follows; None is the newest."""

    vkey: str
    until: Instant | None = None


class _Tags:
    """All tags, by their first byte, so that one row after the other can be looked through."""

    def __init__(self) -> None:
        self._rows = [bytearray() for _ in range(256)]
        self._places = [array("Q") for _ in range(256)]

    def add(self, index: int, tag: bytes) -> None:
        first = tag[0]
        self._rows[first] += tag[:_TAG]
        self._places[first].append(index)

    def twice(self) -> tuple[int, int] | None:
        """Give two entries that share a tag, or None."""
        for row, places in zip(self._rows, self._places, strict=True):
            data = bytes(row)
            tags = [data[at : at + _TAG] for at in range(0, len(data), _TAG)]
            if len(set(tags)) == len(tags):
                continue
            seen: dict[bytes, int] = {}
            for tag, index in zip(tags, places, strict=True):
                if tag in seen:
                    return seen[tag], index
                seen[tag] = index
        return None


def object_of(index: int, says: PublicKind | UnknownEntry) -> PublicObject | None:
    """Give the public object that an entry names, or None."""
    match says.statement.says if isinstance(says, AttestedEntry) else says:
        case PolicyEntry(sha256=sha256, size=size):
            return PublicObject(index=index, what="policy", sha256=sha256, size=size)
        case ProgramEntry(sha256=sha256, size=size):
            return PublicObject(index=index, what="program", sha256=sha256, size=size)
        case AcknowledgedDisclosure(acknowledgement=sha256):
            return PublicObject(index=index, what="acknowledgement", sha256=sha256)
        case NoticeEntry(sha256=str(sha256)):
            return PublicObject(index=index, what="notice", sha256=sha256)
        case AgreementEntry(sha256=sha256):
            return PublicObject(index=index, what="agreement", sha256=sha256)
        case _:
            return None
