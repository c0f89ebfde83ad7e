# SPDX-License-Identifier: Apache-2.0
"""Putting right what `recover` found, where it can be shown what was right (specs/ledger.md, part 7).

The newest signed root is the judge: of database and public tree, the one whose entries make it is believed,
and the other is mended from it. Entries that were not published yet are believed where they have the hash
that is kept with them (`unpublished.py`). Two histories are never made one, and nothing is signed here. Of entries that come
back from the tree the private payloads are lost; the caller says so in the log.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from hashlib import sha256

from privity.errors import VerificationError
from privity.ledger.ports import CHECKPOINT, NotFoundError, Reader, Stored
from privity.ledger.reading import read_entries
from privity.ledger.recover import (
    Log,
    Signed,
    bundles,
    check_start,
    forked,
    opened,
    read_served,
    walk,
)
from privity.ledger.tiles import (
    NO_EDGE,
    Edge,
    Tile,
    bundles_between,
)
from privity.ledger.tree import leaf_hash, leaf_hashes
from privity.ledger.unpublished import AT_ONCE, TimeOf, mend_unpublished, unrepairable


@dataclass(frozen=True, kw_only=True, slots=True)
class Repaired:
    """What was put right; all zero and false where nothing was wrong.

    Attributes:
        taken_back: How many entries the database has back from the tree, without their payloads.
        lost: The ranges of entries whose payloads were lost, now or in an earlier repair.
        entries: How many entries, or their hashes, were mended.
        head: Whether the head was.
        files: How many files of the public tree were written or mended.
        notes: How many of anchor, checkpoint and signed notes were put back.
    """

    taken_back: int
    lost: Sequence[tuple[int, int]]
    entries: int
    head: bool
    files: int
    notes: int


def repair(
    log: Log,
    *,
    time_of: TimeOf,
    source: Reader | None = None,
    objects: Iterable[tuple[str, bytes]] = (),
) -> Repaired:
    """Put right whatever can be, and look again.

    Args:
        log: The log. Nobody else may write or publish it meanwhile.
        time_of: Reads an entry's time.
        source: A copy of the public tree to mend from, in place of the log's own.
        objects: Public objects, by SHA-256, to put back where entries come back.

    Raises:
        VerificationError: There are two histories (`ledger/forked`), or neither database nor tree has what
            was signed (`ledger/unrepairable`).
        UnavailableError: Something cannot be read or written.
    """
    work = _Work(log=log, source=source or log.tree)
    # (1) What was signed last.
    notes = _notes(work)
    newest = max(notes.good, key=lambda one: one.size, default=None)
    # (2) Who has the entries that make its root, and (3) the database as they say.
    if newest is not None and newest.size and not _database_makes(log, newest):
        _check_source(work.source, newest)
        _mend_published(work, newest)
    published = newest.size if newest is not None else 0
    entries, work.head = mend_unpublished(log, published, time_of)
    work.entries += entries
    if work.taken_back:
        _put_objects(log, objects)
    # Every root that was signed, and is known, has to be one of this history.
    walk(
        log.store,
        NO_EDGE,
        published,
        roots={one.size: one.root for one in notes.good if one.size},
    )
    # (4) The tree as the database says, at the signed size and at the newest one.
    edge = _mend_tree(work, NO_EDGE, published)
    _mend_tree(work, edge, log.store.head().size, published=False)
    # (5) The notes.
    _mend_notes(work, notes, newest)
    check_start(log)
    return Repaired(
        taken_back=work.taken_back,
        lost=tuple(log.store.lost()),
        entries=work.entries,
        head=work.head,
        files=work.files,
        notes=work.notes,
    )


@dataclass(kw_only=True, slots=True)
class _Work:
    """A repair, and how far it came."""

    log: Log
    source: Reader
    taken_back: int = 0
    entries: int = 0
    head: bool = False
    files: int = 0
    notes: int = 0


@dataclass(frozen=True, kw_only=True, slots=True)
class _Notes:
    """The notes that are there, and those that cannot be read."""

    anchor: Signed | None
    anchor_bytes: bytes | None
    served: Signed | None
    signed: Signed | None
    signed_size: int | None

    @property
    def good(self) -> list[Signed]:
        return [one for one in (self.anchor, self.served, self.signed) if one is not None]


def _notes(work: _Work) -> _Notes:
    log = work.log
    last = log.store.last_signed()
    anchor_bytes = log.anchor.read()
    found = _Notes(
        anchor=_readable(log, anchor_bytes),
        anchor_bytes=anchor_bytes,
        served=_readable(log, read_served(log.tree)),
        signed=None if last is None else _readable(log, last[1]),
        signed_size=None if last is None else last[0],
    )
    roots: dict[int, bytes] = {}
    for one in found.good:
        if roots.setdefault(one.size, one.root) != one.root:
            raise forked(f"two roots were signed for {one.size} entries")
    return found


def _readable(log: Log, note: bytes | None) -> Signed | None:
    """Open a note; one that was damaged is as if it were not there."""
    try:
        return opened(log, note, what="note")
    except VerificationError:
        return None


def _database_makes(log: Log, newest: Signed) -> bool:
    try:
        walk(log.store, NO_EDGE, newest.size, roots={newest.size: newest.root})
    except VerificationError:
        return False
    return True


def _check_source(source: Reader, newest: Signed) -> None:
    """Let nothing be mended from a tree whose entries do not make the root that was signed."""
    edge = NO_EDGE
    try:
        for _, entries in _from_source(source, newest.size):
            edge, _ = edge.extended(leaf_hashes(entries))
    except (VerificationError, NotFoundError) as error:
        raise unrepairable(
            f"the database does not have them, and in the tree {error}"
        ) from error
    if edge.peaks().root() != newest.root:
        raise unrepairable("neither the database nor the tree has them")


def _from_source(source: Reader, size: int) -> Iterator[tuple[int, list[bytes]]]:
    """Give the entries of a public tree, with the index of the first of each some."""
    some: list[bytes] = []
    first = 0
    for bundle in bundles_between(0, size):
        some += read_entries(source, bundle)
        if len(some) >= AT_ONCE:
            yield first, some
            first += len(some)
            some = []
    if some:
        yield first, some


def _mend_published(work: _Work, newest: Signed) -> None:
    """Bring the published entries of the database to what the tree has."""
    for first, entries in _from_source(work.source, newest.size):
        leaves = leaf_hashes(entries)
        there = {row.place: row for row in work.log.store.entries(first, first + len(entries))}
        right = [
            Stored(*row)
            for row in zip(range(first, newest.size), entries, leaves, strict=False)
        ]
        missing = [row for row in right if row.place not in there]
        wrong = [row for row in right if there.get(row.place, row) != row]
        for row in wrong:
            _check_only_damaged(there[row.place], row)
        if not missing and not wrong:
            continue
        with work.log.store.transaction() as tx:
            for row in wrong:
                tx.mend_entry(row)
            for begin, end in _ranges([row.place for row in missing]):
                within = slice(begin - first, end - first)
                tx.put_entries(begin, entries[within], leaves[within])
                # By the same commit: whoever is killed after it leaves none unmarked.
                tx.put_lost(begin, end)
        work.taken_back += len(missing)
        work.entries += len(wrong)


def _check_only_damaged(there: Stored, right: Stored) -> None:
    """Refuse to write over an entry that is whole, and another one."""
    if there.data != right.data and leaf_hash(there.data) == there.leaf:
        raise forked(f"entry {right.place} of the database is another one than was published")


def _put_objects(log: Log, objects: Iterable[tuple[str, bytes]]) -> None:
    for name, data in objects:
        if sha256(data).hexdigest() == name:
            with log.store.transaction() as tx:
                tx.put_object(name, data)


def _mend_tree(work: _Work, edge: Edge, end: int, *, published: bool = True) -> Edge:
    """Bring the public tree, from an edge on, to what the entries of the database make.

    What was not published is not written, but what a crash left of it has to be right as well.
    """

    def put(files: Iterable[tuple[Tile, bytes]]) -> None:
        _put(work, [(tile.path(), data) for tile, data in files], missing=published)

    made = walk(
        work.log.store,
        edge,
        end,
        roots={},
        visit=lambda first, entries, full: put((*bundles(first, entries), *full)),
    )
    put(made.tiles())
    for name, data in work.log.store.objects(edge.size):
        _put(work, [(f"object/sha256/{name}", data)], missing=True)
    return made


def _put(work: _Work, files: Sequence[tuple[str, bytes]], *, missing: bool) -> None:
    tree = work.log.tree
    absent: list[tuple[str, bytes]] = []
    for path, data in files:
        try:
            wrong = tree.read(path) != data
        except NotFoundError:
            absent.append((path, data))
            continue
        if wrong:
            tree.replace(path, data)
            work.files += 1
    if missing:
        tree.write_new(absent)
        work.files += len(absent)


def _mend_notes(work: _Work, notes: _Notes, newest: Signed | None) -> None:
    """Put back the notes that are gone or damaged, or older than another."""
    log = work.log
    if notes.signed is None and notes.signed_size is not None:
        with log.store.transaction() as tx:
            tx.drop_signed(notes.signed_size)
        work.notes += 1
    if newest is None:
        return
    if log.store.signed(newest.size) is None:
        log.store.put_signed(newest.size, newest.note)
        work.notes += 1
    anchor = notes.anchor
    if anchor is None or (notes.served is not None and anchor.size < notes.served.size):
        log.anchor.swap(notes.anchor_bytes, newest.note)
        anchor = newest
        work.notes += 1
    if notes.served is None:
        log.tree.replace(CHECKPOINT, anchor.note)
        work.notes += 1


def _ranges(indexes: Sequence[int]) -> list[tuple[int, int]]:
    """Give sorted indexes as ranges, each with its end."""
    found: list[tuple[int, int]] = []
    for index in indexes:
        if found and found[-1][1] == index:
            found[-1] = (found[-1][0], index + 1)
        else:
            found.append((index, index + 1))
    return found
