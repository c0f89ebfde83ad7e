# SPDX-License-Identifier: Apache-2.0
"""The look before every start and every signature: does the database go on from what was published?

It compares three witnesses that fail apart (specs/ledger.md, part 7): the database, the public tree, and the
anchor, which is the last note that was published. A database from before the anchor was rolled back: to sign
on it would make two histories of one log, and so nothing is signed. Publishing begins with this very look,
so that what is done after a crash is what is always done. What is wrong is put right in `repair`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from enum import Enum
from itertools import islice
from typing import Final

from privity.errors import ConflictError, VerificationError
from privity.ledger.checkpoint import Checkpoint, open_checkpoint
from privity.ledger.note import Vkey
from privity.ledger.ports import (
    CHECKPOINT,
    Head,
    LogStore,
    NoteStore,
    NotFoundError,
    Reader,
    Stored,
    TileStore,
)
from privity.ledger.proofs import consistency_proof, verify_consistency
from privity.ledger.reading import read_hashes
from privity.ledger.tiles import ENTRIES, NO_EDGE, TILE_WIDTH, Edge, Tile, encode_bundle
from privity.ledger.tree import leaf_hashes

_AT_ONCE: Final = 16 * TILE_WIDTH
_REPAIR: Final = "run `privity ledger repair DIR`"

Visit = Callable[[int, Sequence[bytes], Sequence[tuple[Tile, bytes]]], None]
"""Given the first index, a multiple of 256, and the bytes of entries, and the tiles that they fill."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Log:
    """Everything that one log is kept in.

    Attributes:
        origin: Its name.
        vkeys: The keys that may have signed for it, older ones included.
        store: The database.
        tree: The public tree.
        anchor: The last note that was published, kept elsewhere.
    """

    origin: str
    vkeys: tuple[Vkey, ...]
    store: LogStore
    tree: TileStore
    anchor: NoteStore


@dataclass(frozen=True, kw_only=True, slots=True)
class Signed:
    """A note of the log that was verified, and what it says."""

    note: bytes
    checkpoint: Checkpoint

    @property
    def size(self) -> int:
        """The number of entries that it speaks for."""
        return self.checkpoint.size

    @property
    def root(self) -> bytes:
        """The root that it speaks for."""
        return self.checkpoint.root


class State(Enum):
    """How what is published stands to what is acknowledged."""

    OK = "ok"
    """All is published."""
    BEHIND = "behind"
    """There is something to publish, or to publish again."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Standing:
    """A log in which everything agrees.

    Attributes:
        state: Whether there is something to publish.
        head: The head of the database.
        published: The anchor, or None: nothing has been published yet.
        edge: The right edge of the published tree.
    """

    state: State
    head: Head
    published: Signed | None
    edge: Edge


def check_start(log: Log) -> Standing:
    """Compare database, tree and anchor, and hash again what was not published yet.

    Raises:
        ConflictError: The database is older than what was published (`ledger/rolled-back`), or the anchor
            is gone or older (`ledger/anchor-missing`, `ledger/anchor-behind`).
        VerificationError: There are two histories (`ledger/forked`), or something was damaged
            (`ledger/damaged`, `ledger/tree-damaged`, `ledger/note-damaged`).
        UnavailableError: Something cannot be read.
    """
    # In this order, so that a publisher and writers at work meanwhile do not make the newer look older.
    served = opened(log, read_served(log.tree), what="checkpoint of the public tree")
    signed = last_signed(log)
    anchor = opened(log, log.anchor.read(), what="anchor")
    head = log.store.head()
    _check_anchor(anchor, served, signed)
    if anchor is not None:
        _check_size(head, anchor)
        _compare_roots(log, anchor, served, signed)
    edge = NO_EDGE if anchor is None else _published_edge(log, anchor)
    roots = {} if signed is None or signed.size <= edge.size else {signed.size: signed.root}
    if any(size > head.size for size in roots):
        raise damaged(f"it has {head.size} entries, and a note that was signed for more")
    made = walk(log.store, edge, head.size, roots=roots)
    if made.peaks() != head.peaks:
        raise damaged("its entries do not make the tree that its head has")
    same = anchor is not None and served is not None and anchor.checkpoint == served.checkpoint
    ended = anchor is not None and anchor.size == head.size
    return Standing(
        state=State.OK if same and ended else State.BEHIND,
        head=head,
        published=anchor,
        edge=edge,
    )


def check_database(log: Log, *, visit: Visit | None = None) -> Edge:
    """Hash every entry of the database again, not only those that `check_start` looks at.

    Args:
        log: The log.
        visit: Is given all entries.

    Returns:
        The edge of the tree that the entries make: that of the head, and on its way what was published.

    Raises:
        ConflictError: As `check_start`.
        VerificationError: As `check_start`.
        UnavailableError: As `check_start`.
    """
    standing = check_start(log)
    published = standing.published
    roots = {} if published is None or not published.size else {published.size: published.root}
    made = walk(log.store, NO_EDGE, standing.head.size, roots=roots, visit=visit)
    if made.peaks() != standing.head.peaks:
        raise damaged("its entries do not make the tree that its head has")
    return made


def walk(
    store: LogStore,
    edge: Edge,
    end: int,
    *,
    roots: Mapping[int, bytes],
    visit: Visit | None = None,
) -> Edge:
    """Read entries anew and hash them, from the bundle in which an edge ends.

    Args:
        store: The database.
        edge: The edge of a tree whose root is known to be right.
        end: How many entries the database has to have.
        roots: By size, roots that the tree has to have on the way.
        visit: Is given the entries.

    Returns:
        The edge of the tree of `end` entries.

    Raises:
        VerificationError: An entry is missing, does not have the hash that is kept with it
            (`ledger/damaged`), or is not the one that was published (`ledger/forked`).
    """
    first = edge.size - edge.size % TILE_WIDTH
    known = edge.rows[0] if edge.size > first else ()
    stored = store.entries(first, end)
    while some := list(islice(stored, _AT_ONCE)):
        entries, leaves = _hashed_again(first, some)
        if tuple(leaves[: len(known)]) != known[: len(leaves)]:
            raise forked(
                f"the database has other entries before {edge.size} than were published"
            )
        edge, full = _extended(edge, leaves[len(known) :], roots)
        if visit is not None:
            visit(first, entries, full)
        first += len(entries)
        known = ()
    if first != end:
        raise damaged(f"it ends before entry {first}, expected {end} entries")
    return edge


def bundles(first: int, entries: Sequence[bytes]) -> list[tuple[Tile, bytes]]:
    """Give the bundles of entries from `first` on, which is a multiple of 256."""
    found: list[tuple[Tile, bytes]] = []
    for at in range(0, len(entries), TILE_WIDTH):
        some = entries[at : at + TILE_WIDTH]
        bundle = Tile(level=ENTRIES, index=(first + at) // TILE_WIDTH, width=len(some))
        found.append((bundle, encode_bundle(some)))
    return found


def read_served(tree: Reader) -> bytes | None:
    """Give the checkpoint of a public tree, or None where there is none."""
    try:
        return tree.read(CHECKPOINT)
    except NotFoundError:
        return None


def last_signed(log: Log) -> Signed | None:
    """Give the note that was signed for the largest size, published or not."""
    found = log.store.last_signed()
    return None if found is None else opened(log, found[1], what="newest note of the database")


def opened(log: Log, note: bytes | None, *, what: str) -> Signed | None:
    """Verify a note of the log, if there is one.

    Raises:
        VerificationError: It is none, or not one of this log (`ledger/note-damaged`).
    """
    if note is None:
        return None
    try:
        checkpoint = open_checkpoint(note, log.vkeys)
    except VerificationError as error:
        raise _note_damaged(what, str(error)) from error
    if checkpoint.origin != log.origin:
        raise _note_damaged(what, f"it is of `{checkpoint.origin}`, expected `{log.origin}`")
    return Signed(note=note, checkpoint=checkpoint)


def damaged(why: str) -> VerificationError:
    """Say that the database does not hold together."""
    return VerificationError(
        f"the database is damaged: {why}", code="ledger/damaged", hint=_REPAIR
    )


def forked(why: str) -> VerificationError:
    """Say that there are two histories: the one error that no repair mends."""
    return VerificationError(
        f"the log has two histories: {why}",
        code="ledger/forked",
        hint="keep all files as they are, and go on with the database that made what was published",
    )


def _check_anchor(anchor: Signed | None, served: Signed | None, signed: Signed | None) -> None:
    """Refuse a log whose anchor is not the newest thing that was published."""
    if anchor is None:
        # The empty tree is anchored before anything is signed that has an entry.
        if served is not None or (signed is not None and signed.size > 0):
            raise ConflictError(
                "the anchor is gone: nothing says any more what was published last",
                code="ledger/anchor-missing",
                hint=f"put it back, or mount the disk that it is on; if it is lost, {_REPAIR}",
            )
    elif served is not None and served.size > anchor.size:
        raise ConflictError(
            f"the anchor is of {anchor.size} entries, and {served.size} were published",
            code="ledger/anchor-behind",
            hint=f"put back the newest anchor, or {_REPAIR}",
        )


def _check_size(head: Head, anchor: Signed) -> None:
    if head.size < anchor.size:
        raise ConflictError(
            f"the database has {head.size} entries, and {anchor.size} were published: it is an "
            "older copy, and nothing may be written or signed on it",
            code="ledger/rolled-back",
            hint=f"put back the newest database, or {_REPAIR}",
        )


def _compare_roots(
    log: Log, anchor: Signed, served: Signed | None, signed: Signed | None
) -> None:
    """Compare the anchor with what the tree serves and with what was signed."""
    for other in (served, signed):
        if other is not None and other.size == anchor.size and other.root != anchor.root:
            raise forked(f"two roots were signed for {anchor.size} entries")
    if served is None or served.size in {0, anchor.size}:
        return
    try:
        verify_consistency(
            old=served.size,
            old_root=served.root,
            new=anchor.size,
            new_root=anchor.root,
            proof=consistency_proof(served.size, anchor.size, log.tree),
        )
    except (VerificationError, NotFoundError) as error:
        # Or there are two histories: the repair, which has all entries, finds out which.
        raise _tree_damaged(log, anchor, str(error)) from error


def _published_edge(log: Log, anchor: Signed) -> Edge:
    """Read the edge of the published tree; what is read makes the root that was signed."""

    def read(tile: Tile) -> bytes:
        return b"".join(read_hashes(log.tree, tile))

    try:
        edge = Edge.read(anchor.size, read)
    except (VerificationError, NotFoundError) as error:
        raise _tree_damaged(log, anchor, str(error)) from error
    if edge.peaks().root() != anchor.root:
        raise _tree_damaged(log, anchor, "its right edge makes another root than was signed")
    return edge


def _hashed_again(first: int, some: Sequence[Stored]) -> tuple[list[bytes], list[bytes]]:
    """Take entries apart and hash them: each is in its place and has the hash that is kept with it."""
    entries = [stored.data for stored in some]
    leaves = leaf_hashes(entries)
    for index, (stored, leaf) in enumerate(zip(some, leaves, strict=True), first):
        if stored.place != index:
            raise damaged(f"entry {index} is missing")
        if stored.leaf != leaf:
            raise damaged(f"entry {index} does not have the hash that is kept with it")
    return entries, leaves


def _extended(
    edge: Edge, leaves: Sequence[bytes], roots: Mapping[int, bytes]
) -> tuple[Edge, list[tuple[Tile, bytes]]]:
    """Extend an edge, and compare its root wherever one is known."""
    full: list[tuple[Tile, bytes]] = []
    end = edge.size + len(leaves)
    for size in sorted({*(size for size in roots if edge.size < size < end), end}):
        cut = size - edge.size
        edge, more = edge.extended(leaves[:cut])
        full += more
        leaves = leaves[cut:]
        if size in roots and edge.peaks().root() != roots[size]:
            raise forked(f"the database has other entries before {size} than were signed")
    return edge, full


def _note_damaged(what: str, why: str) -> VerificationError:
    return VerificationError(
        f"the {what} is damaged: {why}", code="ledger/note-damaged", hint=_REPAIR
    )


def _tree_damaged(log: Log, anchor: Signed, why: str) -> VerificationError:
    if log.store.signed(anchor.size) is None:
        return forked(
            f"{anchor.size} entries were published, and neither database nor tree is theirs: "
            "another copy of this log is at work"
        )
    return VerificationError(
        f"the public tree is damaged: {why}", code="ledger/tree-damaged", hint=_REPAIR
    )
