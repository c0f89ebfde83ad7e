# SPDX-License-Identifier: Apache-2.0
"""The inner loop of the bulk path: look up, search, OR. Compiled by numba, free of the GIL.

Meaning: specs/decision.md part 7. Everything it reads has been prepared by `plan.py`, `states.py` and
`many.py`; it knows numbers only.
"""

from __future__ import annotations

from typing import Final, NamedTuple

import numba
import numpy as np
import numpy.typing as npt

Array = npt.NDArray[np.generic]

UNKNOWN_MEMBER: Final = -1
EMPTY_PLACE: Final = -2

AUTHOR_ONLY: Final = 0
EVERYONE: Final = 1
GROUP: Final = 2

NOBODY: Final = 0
NO_MEMBER: Final = 1
"""Labels of reasons that no party gave, and of parties that nobody knows."""


class Batch(NamedTuple):
    """Records as numbers.

    Attributes:
        slot: Shape (rows): category slot.
        created: Shape (rows): instant of making; after the request's where it is bad.
        own: Shape (rows): reasons found already.
        author: Shape (rows): member index, `UNKNOWN_MEMBER` or `EMPTY_PLACE`.
        offsets: Shape (rows + 1): where each row's addressees begin.
        addressees: Member indexes.
    """

    slot: Array
    created: Array
    own: Array
    author: Array
    offsets: Array
    addressees: Array


class Slots(NamedTuple):
    """What holds for each category slot.

    Attributes:
        classes: Its class.
        words: Its reasons.
        obligations: Its obligations, in the high half.
        asks: Whom it asks.
        private: Whether it needs an addressee.
    """

    classes: Array
    words: Array
    obligations: Array
    asks: Array
    private: Array


class Tables(NamedTuple):
    """The look-up tables (`states.States` says what is in them).

    Attributes:
        base: What their instants count from.
        shift: Where the first row lies above the row at `at`.
        members: Shape (members + 1, 3 + columns).
        cuts: Shape (cuts, 2).
        now: Shape (now rows, classes).
        keep: Shape (now rows, classes).
        older: Shape (now rows, columns).
        then: Shape (rows, epochs, classes).
        columns: Shape (classes, most columns): the columns of each class.
        column_count: Shape (classes).
        epochs: First instants of the epochs after the first.
        group: Whether the audience of a group message is asked, by epoch, then for a bad time.
        at: The instant of use.
        masks: Of the high half: noes of then, defaults that were off then.
        bits: `unknown-party`, `no-parties`, `bad-time`, `opted-out-then`, `not-opted-in`.
    """

    base: int
    shift: int
    members: Array
    cuts: Array
    now: Array
    keep: Array
    older: Array
    then: Array
    columns: Array
    column_count: Array
    epochs: Array
    group: Array
    at: int
    masks: Array
    bits: Array


@numba.njit(nogil=True, cache=True, inline="always")
def _party(index, then_at, bad, epoch, one, tables):  # type: ignore[no-untyped-def] # numba infers the types
    """Give one party's word for one record."""
    if index < 0:
        return tables.bits[0]
    line = tables.members[index]
    if (tables.at - tables.base if bad else then_at) < np.int64(line[0]):
        return tables.bits[0]
    rows = np.int64(line[2])
    now_row = rows & ((np.int64(1) << tables.shift) - 1)
    word = tables.now[now_row, one]
    if bad:
        return word
    row = rows >> tables.shift
    cut = np.int64(line[1])
    end = np.int64(tables.members[index + 1, 1])
    while cut < end and np.int64(tables.cuts[cut, 0]) <= then_at:
        row = np.int64(tables.cuts[cut, 1])
        cut += 1
    word |= tables.then[row, epoch, one] & tables.keep[now_row, one]
    for place in range(tables.column_count[one]):
        column = tables.columns[one, place]
        if then_at < np.int64(line[3 + column]):
            word |= tables.older[now_row, column]
    return word


@numba.njit(nogil=True, cache=True, inline="always")
def _folded(word, tables):  # type: ignore[no-untyped-def] # numba infers the types
    """Make reasons of the high half."""
    zero = np.uint64(0)
    if word & tables.masks[0] != zero:
        word |= tables.bits[3]
    if word & tables.masks[1] != zero:
        word |= tables.bits[4]
    return word & np.uint64(0xFFFFFFFF)


@numba.njit(nogil=True, cache=True, inline="always")
def _count(counts, word):  # type: ignore[no-untyped-def] # numba infers the types
    """Count each bit of a word."""
    bit = 0
    while word != np.uint64(0):
        if word & np.uint64(1):
            counts[bit] += 1
        word >>= np.uint64(1)
        bit += 1


@numba.njit(nogil=True, cache=True)
def decide_rows(batch, slots, tables, labels, tally, out):  # type: ignore[no-untyped-def] # numba infers the types
    """Decide rows, and count who refused.

    Args:
        batch: A `Batch`.
        slots: A `Slots`.
        tables: A `Tables`.
        labels: Shape (members): each member's label in the tally.
        tally: Shape (slots, labels, 32), or (0, 0, 0) for none: counts of records by category slot, label
            of the party, and reason, each distinct pair of label and reason of a record once.
        out: Shape (rows): the words, written.
    """
    zero = np.uint64(0)
    seen = np.zeros(tally.shape[1], np.uint64)
    touched = np.zeros(tally.shape[1], np.int64)
    counting = tally.shape[0] > 0
    for row in range(len(batch.slot)):
        kind = batch.slot[row]
        one = slots.classes[kind]
        mine = batch.own[row] | slots.words[kind]
        parties = zero
        made = batch.created[row]
        bad = made > tables.at
        epoch = 0
        if bad:
            mine |= tables.bits[2]
        else:
            while epoch < len(tables.epochs) and tables.epochs[epoch] <= made:
                epoch += 1
        then_at = made - tables.base
        first = batch.offsets[row]
        last = batch.offsets[row + 1]
        asks = slots.asks[kind]
        ask = asks == EVERYONE or (
            asks == GROUP and tables.group[len(tables.group) - 1 if bad else epoch]
        )
        if first == last and slots.private[kind]:
            mine |= tables.bits[1]
        labelled = 0
        for place in range(first - 1, last):
            index = batch.author[row] if place < first else batch.addressees[place]
            if index == EMPTY_PLACE:
                mine |= tables.bits[1]
            elif ask or place < first:
                word = _folded(_party(index, then_at, bad, epoch, one, tables), tables)
                parties |= word
                if counting and word != zero:
                    label = NO_MEMBER if index < 0 else labels[index]
                    if seen[label] == zero:
                        touched[labelled] = label
                        labelled += 1
                    _count(tally[kind, label], word & ~seen[label])
                    seen[label] |= word
        if counting:
            _count(tally[kind, NOBODY], mine)
            for place in range(labelled):
                seen[touched[place]] = zero
        out[row] = mine | parties | slots.obligations[kind]


@numba.njit(nogil=True, cache=True)
def join_quotes(quoting, quoted, words):  # type: ignore[no-untyped-def] # numba infers the types
    """Join the words of quoted records into those that quote them, until nothing changes.

    Args:
        quoting: Shape (quotes): index into `words` of the record that quotes.
        quoted: Shape (quotes): index into `words` of the record that it quotes.
        words: Shape (nodes): changed in place.
    """
    changed = True
    while changed:
        changed = False
        for place in range(len(quoting)):
            before = words[quoting[place]]
            after = before | words[quoted[place]]
            if after != before:
                words[quoting[place]] = after
                changed = True


@numba.njit(nogil=True, cache=True)
def count_words(words, slots, records, permitted, reasons):  # type: ignore[no-untyped-def] # numba infers the types
    """Count records, permits and reasons by category slot.

    Args:
        words: Shape (rows): final words.
        slots: Shape (rows): category slots.
        records: Shape (slots): added to.
        permitted: Shape (slots): added to.
        reasons: Shape (slots, 32): added to.

    Returns:
        The obligations of all permitted rows, OR-ed, in the high half.
    """
    low = np.uint64(0xFFFFFFFF)
    carried = np.uint64(0)
    for row in range(len(words)):
        slot = slots[row]
        word = words[row]
        records[slot] += 1
        if word & low == np.uint64(0):
            permitted[slot] += 1
            carried |= word
        else:
            _count(reasons[slot], word & low)
    return carried
