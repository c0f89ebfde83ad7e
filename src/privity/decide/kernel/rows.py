# SPDX-License-Identifier: Apache-2.0
"""The inner loop of the bulk path: look up, search, OR. Compiled by numba, free of the GIL.

Meaning: ADR 0004. Everything it reads has been prepared by `plan.py`, `states.py` and
`many.py`; it knows numbers only.
"""

from __future__ import annotations

from typing import Final, NamedTuple

import numpy as np
import numpy.typing as npt

from privity.decide.kernel import compiled, inlined, prefetch

Array = npt.NDArray[np.generic]

UNKNOWN_MEMBER: Final = -1
EMPTY_PLACE: Final = -2

AUTHOR_ONLY: Final = 0
EVERYONE: Final = 1
GROUP: Final = 2

_BLOCK: Final = 128
"""Rows whose parties are fetched together: their lines fit the nearest cache."""

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
        first: Added to the row of a member's first step, its joining, among the cuts.
        members: Shape (members + 1, 4); the last line is only there to be touched.
        cuts: Shape (cuts + 1, 2).
        now: Shape (now rows, classes).
        keep: Shape (now rows, classes).
        then: Shape (rows, epochs, classes).
        epochs: First instants of the epochs after the first.
        group: Whether the audience of a group message is asked, by epoch, then for a bad time.
        at: The instant of use.
        masks: Of the high half: noes of then, defaults that were off then.
        bits: `unknown-party`, `no-parties`, `bad-time`, `opted-out-then`, `not-opted-in`.
    """

    base: int
    shift: int
    first: int
    members: Array
    cuts: Array
    now: Array
    keep: Array
    then: Array
    epochs: Array
    group: Array
    at: int
    masks: Array
    bits: Array


_DE_BRUIJN: Final = 0x03F79D71B4CB0A89
_PLACES: Final = np.zeros(64, np.int64)
for _bit in range(64):
    _PLACES[((1 << _bit) * _DE_BRUIJN >> 58) & 63] = _bit


@inlined
def _count(counts, first, word):  # type: ignore[no-untyped-def] # numba infers the types
    """Count each bit of a word: the lowest is taken off and its place looked up, in turn."""
    zero, one = np.uint64(0), np.uint64(1)
    while word != zero:
        lowest = word & (~word + one)
        counts[first + _PLACES[(lowest * np.uint64(_DE_BRUIJN)) >> np.uint64(58)]] += 1
        word ^= lowest


@inlined
def _fetch(row, author, offsets, addressees, created, members, cuts, base):  # type: ignore[no-untyped-def] # numba infers the types
    """Ask for what the next rows' parties need, so that memory is not waited for in turn."""
    end = min(row + _BLOCK, len(author))
    for one in range(row, end):
        prefetch(members, author[one])
    for one in range(offsets[row], offsets[end]):
        prefetch(members, addressees[one])
    for one in range(row, end):
        made = created[one] - base
        # Most were made after the last step, and ask for the first cut, which is never far away.
        index = max(author[one], 0)
        prefetch(cuts, members[index, 1] * (np.int64(members[index, 0]) > made))
        for place in range(offsets[one], offsets[one + 1]):
            index = max(addressees[place], 0)
            prefetch(cuts, members[index, 1] * (np.int64(members[index, 0]) > made))


@inlined
def _earlier(index, asked_at, members, cuts, first):  # type: ignore[no-untyped-def] # numba infers the types
    """Walk back from a party's last step to the one in force; before its joining there is none.

    Returns:
        Whether there is one, and its row.
    """
    cut = np.uint64(members[index, 1])
    while np.int64(cuts[cut, 0]) > asked_at and np.uint64(cuts[cut, 1]) < first:
        cut -= np.uint64(1)
    return np.int64(cuts[cut, 0]) <= asked_at, np.uint64(cuts[cut, 1]) & (first - np.uint64(1))


@compiled
def decide_rows(batch, slots, tables, tally, out):  # type: ignore[no-untyped-def] # numba infers the types
    """Decide rows into `out`, and count who refused into `tally`.

    `tally`, of shape (slots, labels, 32), counts records by category slot, label of the party and reason, each
    distinct pair of label and reason of a record once; of shape (0, 0, 0), nothing.
    """
    zero, low = np.uint64(0), np.uint64(0xFFFFFFFF)
    # Arrays are taken out of their tuples once: each access inside the loop would count references.
    author, offsets, addressees = batch.author, batch.offsets, batch.addressees
    slot, created, own = batch.slot, batch.created, batch.own
    classes, words, obligations = slots.classes, slots.words, slots.obligations
    asks, private = slots.asks, slots.private
    members, cuts, now, keep = tables.members, tables.cuts, tables.now, tables.keep
    then, epochs, group = tables.then, tables.epochs, tables.group
    at, base = tables.at, tables.base
    shift, first_step = np.uint64(tables.shift), np.uint64(tables.first)
    now_mask = (np.uint64(1) << shift) - np.uint64(1)
    noes, offs, bits = tables.masks[0], tables.masks[1], tables.bits
    unknown_party, no_parties, bad_time = bits[0], bits[1], bits[2]
    opted_out_then, not_opted_in = bits[3], bits[4]
    counts, labels = tally.reshape(tally.size), np.int64(tally.shape[1])
    seen, touched = np.zeros(labels, np.uint64), np.zeros(labels, np.int64)
    for row in range(len(slot)):
        if row % _BLOCK == 0:
            _fetch(row, author, offsets, addressees, created, members, cuts, base)
        kind = np.uint64(slot[row])
        one = np.uint64(classes[kind])
        made = created[row]
        bad = made > at
        mine = own[row] | words[kind] | (bad_time if bad else zero)
        epoch = np.uint64(len(epochs))  # most records are young
        while epoch > np.uint64(0) and epochs[epoch - np.uint64(1)] > made:
            epoch -= np.uint64(1)
        asked_at = (at if bad else made) - base
        first, last = offsets[row], offsets[row + 1]
        if first == last and private[kind]:
            mine |= no_parties
        ask = asks[kind] == EVERYONE or (
            asks[kind] == GROUP and group[np.uint64(len(group) - 1) if bad else epoch]
        )
        parties, labelled = zero, 0
        for place in range(first - 1, last):
            named = author[row] if place < first else addressees[place]
            if named == EMPTY_PLACE:
                mine |= no_parties
                continue
            if place >= first and not ask:
                continue
            word, label = unknown_party, np.int64(NO_MEMBER)
            if named >= 0:
                # Unsigned places spare the check for places counted from the end.
                index = np.uint64(named)
                known = np.int64(members[index, 0]) <= asked_at
                row_then = np.uint64(members[index, 2]) >> shift
                if not known:
                    known, row_then = _earlier(index, asked_at, members, cuts, first_step)
                label = np.int64(members[index, 3])
                if known:
                    now_row = np.uint64(members[index, 2]) & now_mask
                    word = now[now_row, one]
                    if not bad:
                        word |= then[row_then, epoch, one] & keep[now_row, one]
                        word |= opted_out_then if word & noes != zero else zero
                        word |= not_opted_in if word & offs != zero else zero
                        word &= low
            parties |= word
            if labels and word != zero:
                if first < last:
                    if seen[label] == zero:
                        touched[labelled] = label
                        labelled += 1
                    fresh = word & ~seen[label]
                    seen[label] |= word
                    word = fresh
                _count(counts, (np.int64(kind) * labels + label) * 32, word)
        if labels:
            _count(counts, (np.int64(kind) * labels + NOBODY) * 32, mine)
            for place in range(labelled):
                seen[touched[place]] = zero
        out[row] = mine | parties | obligations[kind]


@compiled
def join_quotes(quoting, quoted, words):  # type: ignore[no-untyped-def] # numba infers the types
    """Join the words of quoted records into those that quote them, until nothing changes.

    A record is looked at again only where its own word changed, so that long chains cost their length.

    Args:
        quoting: Shape (quotes): index into `words` of the record that quotes.
        quoted: Shape (quotes): index into `words` of the record that it quotes.
        words: Shape (nodes): changed in place.
    """
    nodes = len(words)
    starts = np.zeros(nodes + 1, np.int64)
    for place in range(len(quoted)):
        starts[quoted[place] + 1] += 1
    for node in range(nodes):
        starts[node + 1] += starts[node]
    quoters, free = np.empty(len(quoting), np.int64), starts[:-1].copy()
    for place in range(len(quoting)):
        quoters[free[quoted[place]]] = quoting[place]
        free[quoted[place]] += 1
    waiting, queued = np.empty(nodes, np.int64), np.zeros(nodes, np.bool_)
    count = 0
    for node in range(nodes):
        if words[node] != np.uint64(0):
            waiting[count] = node
            queued[node] = True
            count += 1
    while count > 0:
        count -= 1
        node = waiting[count]
        queued[node] = False
        for place in range(starts[node], starts[node + 1]):
            quoter = quoters[place]
            joined = words[quoter] | words[node]
            if joined != words[quoter]:
                words[quoter] = joined
                if not queued[quoter]:
                    queued[quoter] = True
                    waiting[count] = quoter
                    count += 1


@compiled
def count_words(words, slots, records, permitted, reasons):  # type: ignore[no-untyped-def] # numba infers the types
    """Count records, permits and reasons by category slot.

    Args:
        words: Shape (rows): final words.
        slots: Shape (rows): category slots.
        records: Shape (slots): added to.
        permitted: Shape (slots): added to.
        reasons: Shape (slots × 32): added to.

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
            _count(reasons, np.int64(slot) * 32, word & low)
    return carried
