# SPDX-License-Identifier: Apache-2.0
"""The inner loop of the bulk path: look up, search, OR. Compiled by numba, free of the GIL.

Meaning: specs/decision.md part 7. Everything it reads has been prepared by `plan.py`, `states.py` and
`many.py`; it knows numbers only.
"""

from __future__ import annotations

import numba
import numpy as np

UNKNOWN_MEMBER = -1
EMPTY_PLACE = -2

AUTHOR_ONLY = 0
EVERYONE = 1
GROUP = 2


@numba.njit(nogil=True, cache=True, inline="always")
def _party(  # type: ignore[no-untyped-def] # numba infers the types
    index,
    then_at,
    bad,
    now_at,
    epoch,
    one,
    members,
    cuts,
    now,
    keep,
    older,
    then,
    columns,
    column_count,
    unknown_party,
):
    """Give one party's word for one record."""
    if index < 0:
        return unknown_party
    joined = np.int64(members[index, 0])
    when = now_at if bad else then_at
    if when < joined:
        return unknown_party
    now_row = members[index, 2]
    word = now[now_row, one]
    if bad:
        return word
    row = members[index, 3]
    cut = np.int64(members[index, 1])
    end = np.int64(members[index + 1, 1])
    while cut < end and np.int64(cuts[cut, 0]) <= then_at:
        row = cuts[cut, 1]
        cut += 1
    word |= then[row, epoch, one] & keep[now_row, one]
    for place in range(column_count[one]):
        column = columns[one, place]
        if then_at < np.int64(members[index, 4 + column]):
            word |= older[now_row, column]
    return word


@numba.njit(nogil=True, cache=True)
def decide_rows(  # type: ignore[no-untyped-def] # numba infers the types
    slot,
    created,
    own,
    author,
    offsets,
    addressees,
    slot_class,
    slot_word,
    slot_obligations,
    slot_asks,
    slot_private,
    base,
    at,
    epochs,
    group_epochs,
    members,
    cuts,
    now,
    keep,
    older,
    then,
    columns,
    column_count,
    bits,
    masks,
    out,
):
    """Decide rows.

    Args:
        slot: Shape (rows): category slot.
        created: Shape (rows): instant of making; `at` + 1 or later where it is bad.
        own: Shape (rows): reasons found already.
        author: Shape (rows): member index, or `UNKNOWN_MEMBER`, or `EMPTY_PLACE`.
        offsets: Shape (rows + 1): where each row's addressees begin.
        addressees: Member indexes.
        slot_class: Each slot's class.
        slot_word: Each slot's reasons.
        slot_obligations: Each slot's obligations, in the high half.
        slot_asks: Whom each slot asks.
        slot_private: Whether each slot needs an addressee.
        base: What instants in `members` and `cuts` count from.
        at: The instant of use.
        epochs: First instants of the epochs after the first.
        group_epochs: Whether the audience of a group message is asked, by epoch; the last entry is for
            records with a bad time.
        members: See `States`, like `cuts`, `now`, `keep`, `older` and `then`.
        columns: Shape (classes, columns): the columns of each class.
        column_count: Shape (classes): how many.
        bits: `unknown-party`, `no-parties`, `bad-time`, `opted-out-then`, `not-opted-in`.
        masks: Of the high half: noes of then, defaults that were off then.
        out: Shape (rows): the words, written.
    """
    unknown_party = bits[0]
    no_parties = bits[1]
    low = np.uint64(0xFFFFFFFF)
    zero = np.uint64(0)
    now_at = np.int64(at - base)
    for row in range(len(slot)):
        kind = slot[row]
        one = slot_class[kind]
        word = own[row] | slot_word[kind]
        made = created[row]
        bad = made > at
        epoch = 0
        if bad:
            word |= bits[2]
        else:
            while epoch < len(epochs) and epochs[epoch] <= made:
                epoch += 1
        then_at = made - base
        first = offsets[row]
        last = offsets[row + 1]
        if author[row] == EMPTY_PLACE:
            word |= no_parties
        else:
            word |= _party(
                author[row],
                then_at,
                bad,
                now_at,
                epoch,
                one,
                members,
                cuts,
                now,
                keep,
                older,
                then,
                columns,
                column_count,
                unknown_party,
            )
        asks = slot_asks[kind]
        ask = asks == EVERYONE or (
            asks == GROUP and group_epochs[len(group_epochs) - 1 if bad else epoch]
        )
        for place in range(first, last):
            index = addressees[place]
            if index == EMPTY_PLACE:
                word |= no_parties
            elif ask:
                word |= _party(
                    index,
                    then_at,
                    bad,
                    now_at,
                    epoch,
                    one,
                    members,
                    cuts,
                    now,
                    keep,
                    older,
                    then,
                    columns,
                    column_count,
                    unknown_party,
                )
        if first == last and slot_private[kind]:
            word |= no_parties
        if word & masks[0] != zero:
            word |= bits[3]
        if word & masks[1] != zero:
            word |= bits[4]
        out[row] = (word & low) | slot_obligations[kind]


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
