# SPDX-License-Identifier: Apache-2.0
"""Mending what a log has taken and not published yet (specs/ledger.md, part 7).

No signature speaks for these entries. Each is believed where it has the hash that is kept with it, but for one bit;
all of them together where they make the tree of the head.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from itertools import islice
from typing import Final

from privity.errors import UnavailableError, VerificationError
from privity.ledger.forms import LARGEST
from privity.ledger.ports import Head, Stored
from privity.ledger.recover import Log
from privity.ledger.tiles import NO_EDGE, TILE_WIDTH, Edge
from privity.ledger.tree import Peaks, leaf_hash, leaf_hashes

AT_ONCE: Final = 16 * TILE_WIDTH
"""How many entries are read and hashed together."""

TimeOf = Callable[[bytes], int]
"""Reads an entry's time: the log itself does not know what entries say."""


@dataclass(kw_only=True, slots=True)
class _Rest:
    """The tree of the database, and what has to be mended among its unpublished entries."""

    edge: Edge = NO_EDGE
    mended: list[Stored] = field(default_factory=list)
    guessed: bool = False
    newest: bytes | None = None


def mend_unpublished(log: Log, published: int, time_of: TimeOf) -> tuple[int, bool]:
    """Mend what was not published yet, and the head; all of it by one commit, when all is known.

    Args:
        log: The log, whose published entries are right by now.
        published: How many entries were published.
        time_of: Reads an entry's time.

    Returns:
        How many entries, or their hashes, were mended; and whether the head was.

    Raises:
        VerificationError: It cannot be shown what was right (`ledger/unrepairable`).
    """
    rest = _rest(log, published)
    head = _readable_head(log)
    peaks = rest.edge.peaks()
    if head is not None:
        _check_acknowledged(head, peaks, published)
    if rest.guessed and (head is None or head.peaks != peaks):
        raise unrepairable("an entry that was never published is damaged in more than one bit")
    time = 0 if rest.newest is None else time_of(rest.newest)
    kept = head is not None and head.peaks == peaks and head.time == time
    if kept and not rest.mended:
        return 0, False
    generation = 1 if head is None else head.generation + 1
    with log.store.transaction() as tx:
        for row in rest.mended:
            tx.mend_entry(row)
        tx.mend_head(Head(peaks=peaks, time=time, generation=generation))
    return len(rest.mended), not kept


def _rest(log: Log, published: int) -> _Rest:
    """Walk over the whole database; what was published is right by now."""
    found = _Rest()
    stored = log.store.entries(0, LARGEST)
    while some := list(islice(stored, AT_ONCE)):
        leaves = leaf_hashes([row.data for row in some])
        for place, (row, leaf) in enumerate(zip(some, leaves, strict=True)):
            if row.place != found.edge.size + place:
                raise unrepairable(f"entry {found.edge.size + place} is nowhere")
            if row.leaf != leaf:
                mended, sure = _right(row)
                found.mended.append(mended)
                found.guessed |= not sure
                some[place], leaves[place] = mended, mended.leaf
        found.edge, _ = found.edge.extended(leaves)
        found.newest = some[-1].data
    if found.edge.size < published:
        raise unrepairable(f"the database has {found.edge.size} entries of {published}")
    return found


def _check_acknowledged(head: Head, peaks: Peaks, published: int) -> None:
    """Let the head be mended only where that changes nothing that was acknowledged."""
    if head.size > peaks.size:
        raise unrepairable(
            f"the database has {peaks.size} entries and had {head.size}, of which the last were "
            "never published"
        )
    if peaks.size > max(head.size, published):
        raise unrepairable(f"the database has entries after the {head.size} of its head")
    # Whole entries that do not make the head's tree: one bit of the head is damage, more is another tree.
    if head.size > published and _bits_apart(head.peaks.to_bytes(), peaks.to_bytes()) > 1:
        raise unrepairable("those that were never published do not make the tree of the head")


def _right(row: Stored) -> tuple[Stored, bool]:
    """Give an entry with its hash as they were before one bit of them changed, and whether that is sure.

    That an entry with one bit changed has the hash by chance does not happen.
    """
    leaf = leaf_hash(row.data)
    if _bits_apart(leaf, row.leaf) == 1:
        return row._replace(leaf=leaf), True
    for bit in range(8 * len(row.data)):
        data = bytearray(row.data)
        data[bit // 8] ^= 1 << bit % 8
        if leaf_hash(bytes(data)) == row.leaf:
            return row._replace(data=bytes(data)), True
    return row._replace(leaf=leaf), False


def _bits_apart(one: bytes, other: bytes) -> int:
    return (int.from_bytes(one, "big") ^ int.from_bytes(other, "big")).bit_count()


def _readable_head(log: Log) -> Head | None:
    try:
        return log.store.head()
    except (VerificationError, UnavailableError):
        return None


def unrepairable(why: str) -> VerificationError:
    """Give the error of entries of which nobody can show what they were."""
    return VerificationError(
        f"the entries cannot be put right: {why}",
        code="ledger/unrepairable",
        hint="restore the newest backup with `privity ledger restore`, or name a mirror of the log",
    )
