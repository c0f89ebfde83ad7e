# SPDX-License-Identifier: Apache-2.0
"""Appending: entries get their places and become part of the tree (specs/ledger.md, part 7).

A writer knows nothing before and keeps nothing after: it reads the head, folds the new leaves into its
peaks and puts the new head in the place of the old one. Two writers cannot both do so. What is acknowledged
is what the surrounding transaction has committed; tiles and signatures are made later, by `publish`.
"""

from __future__ import annotations

from collections.abc import Sequence

from privity.canonical.instants import format_instant
from privity.errors import ConflictError, InputError
from privity.ledger.ports import Head, Transaction
from privity.ledger.tiles import LONGEST_ENTRY
from privity.ledger.tree import leaf_hashes


def append(
    tx: Transaction, entries: Sequence[bytes], *, time: int, request: str | None = None
) -> int:
    """Append entries at the end of the log, and give the index of the first.

    Args:
        tx: The transaction that the entries, and whatever belongs to them, are committed by.
        entries: Their bytes, one entry at least.
        time: The instant that they carry, in seconds since 1970.
        request: A name that the caller's caller chose: whoever repeats a request, because no answer came,
            gets the index of the first time, and nothing is appended.

    Raises:
        InputError: There is no entry, or one has more than 65,535 bytes.
        ConflictError: The clock is behind the newest entry (`ledger/clock-behind`), the request made another
            number of entries the first time (`ledger/request-taken`), or the log was written to by
            something that does not keep to this order (`ledger/head-moved`).
    """
    if not entries:
        raise InputError(
            "an append has no entry, expected one at least", code="ledger/no-entry"
        )
    if (longest := max(map(len, entries))) > LONGEST_ENTRY:
        raise InputError(
            f"an entry has {longest} bytes, expected at most {LONGEST_ENTRY}",
            code="ledger/entry-too-long",
        )
    if request is not None and (known := tx.request(request)) is not None:
        return _repeated(known, len(entries))
    old = tx.head()
    _check_clock(time, old)
    leaves = leaf_hashes(entries)
    new = Head(peaks=old.peaks.extended(leaves), time=time, generation=old.generation + 1)
    tx.put_entries(old.size, entries, leaves)
    # INVARIANT: the head that the leaves were folded into is the one that is replaced. If another writer
    # came between, this is refused and the whole transaction with it.
    tx.set_head(old, new)
    if request is not None:
        tx.put_request(request, old.size, len(entries))
    return old.size


def _check_clock(time: int, head: Head) -> None:
    if time < head.time:
        raise ConflictError(
            f"the clock says {format_instant(time)}, and the newest entry is of "
            f"{format_instant(head.time)}: nothing is written before it",
            code="ledger/clock-behind",
            hint=f"set the clock right, or wait until it has passed {format_instant(head.time)}",
        )


def _repeated(known: tuple[int, int], count: int) -> int:
    first, made = known
    if made != count:
        raise ConflictError(
            f"a request of this name made {made} entries, and now asks for {count}",
            code="ledger/request-taken",
            hint="give every request a name of its own",
        )
    return first
