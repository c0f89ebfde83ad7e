# SPDX-License-Identifier: Apache-2.0
"""Read the log of an audit: verified from its first entry to its last, wherever it is (specs/audit.md, part 1).

Its public entries are kept, and of each private one the few bytes that its payload is held to.
"""

from __future__ import annotations

from array import array
from bisect import bisect_left
from collections.abc import Collection, Iterator
from dataclasses import dataclass

from privity.app.public_tree.opening import PublicTree, missing, open_tree
from privity.app.public_tree.verifying import VerifiedTree, verify_tree
from privity.audit.evidence import AuditedLog, Said
from privity.canonical.encode import digest
from privity.entries.decode import PublicEntry
from privity.entries.envelope import MemberEvent
from privity.entries.fields import KEY_SIZE
from privity.entries.whole import PublicObject
from privity.errors import VerificationError
from privity.ledger.ports import NotFoundError
from privity.ledger.verify import Progress


class PrivateEntries:
    """What the log has of its private entries: of each its index, time, tag and commitment, 80 bytes."""

    def __init__(self) -> None:
        self._entries = array("q")
        self._times = array("q")
        self._hashes = bytearray()

    def __len__(self) -> int:
        return len(self._entries)

    def add(self, entry: int, event: MemberEvent) -> None:
        """Add the next one."""
        self._entries.append(entry)
        self._times.append(event.time)
        self._hashes += event.tag
        self._hashes += event.commitment

    def get(self, entry: int) -> MemberEvent | None:
        """Give a private entry; None where the log has another there, or none."""
        place = bisect_left(self._entries, entry)
        if place == len(self._entries) or self._entries[place] != entry:
            return None
        return self._at(place)

    def others(self, entries: Collection[int]) -> Iterator[tuple[int, MemberEvent]]:
        """Give all but some."""
        for place, entry in enumerate(self._entries):
            if entry not in entries:
                yield entry, self._at(place)

    def _at(self, place: int) -> MemberEvent:
        first = 2 * KEY_SIZE * place
        middle, end = first + KEY_SIZE, first + 2 * KEY_SIZE
        return MemberEvent(
            tag=bytes(self._hashes[first:middle]),
            commitment=bytes(self._hashes[middle:end]),
            time=self._times[place],
        )


@dataclass(frozen=True, kw_only=True, slots=True)
class ReadLog:
    """A log that was verified, and read.

    Attributes:
        tree: Where it was read.
        verified: What the verification found.
        log: What audits are told of it.
        private: Its private entries.
    """

    tree: PublicTree
    verified: VerifiedTree
    log: AuditedLog
    private: PrivateEntries


def read_log(
    place: str, vkeys: tuple[str, ...] = (), *, progress: Progress | None = None
) -> ReadLog:
    """Verify a log and read it.

    Args:
        place: A folder, that of a workspace too, or an address of the web.
        vkeys: The keys to believe, as text or as names of files; none: those of the tree itself.
        progress: Is told how many entries were verified, and how many there are.

    Raises:
        InputError: There is no such folder, or a key is none.
        VerificationError: Something does not hold.
        UnavailableError: The tree cannot be read.
    """
    tree = open_tree(place, vkeys)
    public: list[Said] = []
    private = PrivateEntries()

    def visit(index: int, entry: MemberEvent | PublicEntry) -> None:
        if isinstance(entry, MemberEvent):
            private.add(index, entry)
        else:
            public.append(Said(entry=index, time=entry.event.time, says=entry.says))

    # INVARIANT: nothing of it is believed before the root over all was compared with what was signed.
    verified = verify_tree(tree, progress=progress, visit=visit)
    log = AuditedLog(
        checkpoint=tree.checkpoint,
        signed_by=tuple(vkey.to_text() for vkey in tree.signed),
        given=tree.given,
        public=tuple(public),
        private=len(private),
        texts=dict(_text(tree, one) for one in verified.contents.texts),
    )
    return ReadLog(tree=tree, verified=verified, log=log, private=private)


def _text(tree: PublicTree, text: PublicObject) -> tuple[str, bytes]:
    """Read a text, which may have changed since the tree was verified."""
    try:
        data = tree.reader.read(text.path)
    except NotFoundError as error:
        raise missing(tree, error) from error
    if digest(data) != text.sha256:
        raise VerificationError(
            f"`object/sha256/{text.sha256}` is not the text that entry {text.index} names",
            code="verify/text",
        )
    return text.sha256, data
