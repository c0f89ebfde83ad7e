# SPDX-License-Identifier: Apache-2.0
"""Verify a log from its public tree alone: what `privity ledger verify` does (docs/ledger.md).

The bytes first (specs/ledger.md, part 8), then what they say (specs/entry.md, part 9). An error ends it at the
first thing that does not hold. That others are shown the same log, nothing here can tell.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from privity.app.public_tree.ahead import read_ahead
from privity.app.public_tree.beside import Beside, look_beside
from privity.app.public_tree.files import read_file, write_file
from privity.app.public_tree.objects import ReadObjects, read_objects
from privity.app.public_tree.opening import PublicTree, missing
from privity.canonical.instants import format_instant
from privity.entries.whole import Contents, Visit, WholeLog
from privity.errors import VerificationError
from privity.ledger.checkpoint import Checkpoint, checkpoint_of
from privity.ledger.forms import to_base64
from privity.ledger.note import Note, Vkey, verify
from privity.ledger.ports import NotFoundError, Reader
from privity.ledger.verify import Progress, Verified, verify_log


@dataclass(frozen=True, kw_only=True, slots=True)
class VerifiedTree:
    """A log in which everything holds.

    Attributes:
        tree: Where it was read, and whose key signed it.
        bytes_read: What was found of its bytes.
        contents: What was found in them.
        objects: What was read of the public objects that they name.
        beside: What else lies in its folder; None where it is on the web, and nobody can list it.
        same_key: Whether a key that signed it signed the saved checkpoint too.
    """

    tree: PublicTree
    bytes_read: Verified
    contents: Contents
    objects: ReadObjects
    beside: Beside | None
    same_key: bool

    @property
    def first_use(self) -> bool:
        """Whether nothing but the tree itself says that the key is the log's."""
        return not (self.tree.given or self.same_key)

    def mapping(self) -> dict[str, Any]:
        """Give it as JSON."""
        tree, contents, checkpoint = self.tree, self.contents, self.tree.checkpoint
        first, last = contents.first, contents.last
        return {
            "place": tree.place,
            "origin": checkpoint.origin,
            "size": checkpoint.size,
            "root": to_base64(checkpoint.root),
            "signed_by": [vkey.to_text() for vkey in tree.signed],
            "key_trusted_on_first_use": self.first_use,
            "unknown_signatures": tree.unknown_signatures,
            "independently_witnessed": False,
            "simulated_clock": tree.simulated,
            "extends_saved_size": self.bytes_read.extends,
            "private": contents.private,
            "public": dict(contents.public),
            "unknown": dict(contents.unknown),
            "texts": len(contents.texts),
            "objects": dict(self.objects.here),
            "objects_lacking": dict(self.objects.lacking),
            "first_at": None if first is None else format_instant(first),
            "last_at": None if last is None else format_instant(last),
            "bundles": self.bytes_read.bundles,
            "tiles": self.bytes_read.tiles,
            "older_tiles": None if self.beside is None else self.beside.older,
            "unread": None if self.beside is None else list(self.beside.unread),
            "entry_bytes": self.bytes_read.entry_bytes,
        }


def verify_tree(
    tree: PublicTree,
    *,
    saved: Path | None = None,
    progress: Progress | None = None,
    visit: Visit | None = None,
) -> VerifiedTree:
    """Verify a log from its first entry to its last.

    Args:
        tree: Its public tree.
        saved: A file with a checkpoint that was verified before, which the log must extend.
        progress: Is told how many entries were verified, and how many there are.
        visit: Is given what each entry is, once its hash was compared; the root over all is compared at the end.

    Raises:
        InputError: The saved checkpoint cannot be read.
        VerificationError: Something does not hold.
        UnavailableError: The tree cannot be read.
    """
    known = None if saved is None else _saved(tree, read_file(saved))
    before = None if known is None else known.checkpoint
    reading = _Reading(WholeLog(tree.checkpoint.origin, visit))
    try:
        with _reader(tree) as reader:
            found = verify_log(
                reader, tree.vkeys, saved=before, visit=reading.visit, progress=progress
            )
        reading.finish()
        contents = reading.log.finish(tree.signed)
        objects = read_objects(tree, contents.objects)
        beside = None
        if not tree.remote:
            beside = look_beside(tree, {one.path for one in contents.objects})
    except NotFoundError as error:
        raise missing(tree, error) from error
    same_key = known is not None and not known.signed.isdisjoint(tree.signed)
    return VerifiedTree(
        tree=tree,
        bytes_read=found,
        contents=contents,
        objects=objects,
        beside=beside,
        same_key=same_key,
    )


def save_checkpoint(tree: PublicTree, path: Path) -> None:
    """Save the signed checkpoint of a log that was verified, for the next time.

    Raises:
        UnavailableError: It cannot be written.
    """
    write_file(path, tree.note.to_bytes())


@contextmanager
def _reader(tree: PublicTree) -> Iterator[Reader]:
    if not tree.remote:
        yield tree.reader
        return
    with read_ahead(tree.reader, tree.checkpoint.size) as reader:
        yield reader


class _Reading:
    """Reads entries once their hashes were compared: one batch behind the log's own verification."""

    def __init__(self, log: WholeLog) -> None:
        self.log = log
        self._waiting: tuple[int, Sequence[bytes]] = (0, ())

    def visit(self, first: int, entries: Sequence[bytes]) -> None:
        self.finish()
        self._waiting = (first, entries)

    def finish(self) -> None:
        self.log.add(*self._waiting)
        self._waiting = (0, ())


@dataclass(frozen=True, kw_only=True, slots=True)
class _Saved:
    """A checkpoint of before, and whose keys signed it."""

    checkpoint: Checkpoint
    signed: frozenset[Vkey]


def _saved(tree: PublicTree, data: bytes) -> _Saved:
    try:
        note = Note.parse(data)
        checkpoint = checkpoint_of(note, tree.vkeys)
    except VerificationError as error:
        raise VerificationError(
            f"the saved checkpoint does not hold: {error.message}",
            code="verify/saved",
            hint="if the log exchanged its key since, give the former one with --vkey too",
        ) from error
    return _Saved(checkpoint=checkpoint, signed=frozenset(verify(note, tree.vkeys)))
