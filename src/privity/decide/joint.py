# SPDX-License-Identifier: Apache-2.0
"""Several readings of one request in one set of tables ([DEC-7]): the reasons of all, at the cost of one.

Categories that any reading tells apart are classes of their own; epochs, rows and cuts likewise. What a later
yes may take back has bits of its own in each reading, so that no yes of one takes back a no of the other.
Of one reading nothing changes.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import reduce
from operator import or_
from typing import Final

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from privity.canonical.instants import LATEST
from privity.decide.bits import ALL
from privity.decide.plan import Plan
from privity.decide.shapes import Steps
from privity.decide.states import Laid, combine, merge_epochs, then_rows
from privity.errors import InputError
from privity.vocabulary.terms import CATEGORIES

Ints = npt.NDArray[np.int64]
Words = npt.NDArray[np.uint64]

_MASKABLE: Final = 32
_LOW: Final = np.uint64((1 << 32) - 1)


@dataclass(frozen=True, kw_only=True, slots=True)
class Rules:
    """What the plans of one request say of records, together.

    Attributes:
        classes: Each known category's class, then that of unknown ones.
        parts: For each class: its class in each plan.
        record_bits: For each known category, then for unknown ones: the reasons of every such record.
        obligations: Likewise: the obligations.
        group_now: Whether the audience of a group message is asked where the time is bad.
        shifts: For each plan: how far its bits of what may be taken back are moved.
        noes: The bits of noes of then.
        offs: The bits of defaults that were off then.
    """

    classes: tuple[int, ...]
    parts: tuple[tuple[int, ...], ...]
    record_bits: tuple[int, ...]
    obligations: tuple[int, ...]
    group_now: bool
    shifts: tuple[int, ...]
    noes: int
    offs: int


def join_rules(plans: Sequence[Plan]) -> Rules:
    """Put the rules of some plans together.

    Raises:
        InputError: They have more settings together than one word has bits for.
    """
    of_slot = [
        *(tuple(plan.slots[name] for plan in plans) for name in CATEGORIES),
        tuple(len(plan.classes) - 1 for plan in plans),
    ]
    parts = tuple(sorted(set(of_slot)))  # of one plan: its own classes, in its own order
    counts = [len(plan.then_bit) + len(plan.off_bit) for plan in plans]
    if sum(counts) > _MASKABLE:
        raise InputError(
            f"{sum(counts)} settings bite and govern in two readings together, expected at most "
            f"{_MASKABLE} for the bulk path",
            code="decide/too-many-settings",
            hint="decide with `--engine one`, or accept what is attested",
        )
    shifts = tuple(sum(counts[:place]) for place in range(len(plans)))
    return Rules(
        classes=tuple(parts.index(one) for one in of_slot),
        parts=parts,
        record_bits=_either([plan.record_bits for plan in plans]),
        obligations=_either([plan.obligations for plan in plans]),
        group_now=any(
            plan.version is not None and plan.version.group_audience for plan in plans
        ),
        shifts=shifts,
        noes=sum(
            sum(plan.then_bit.values()) << shift
            for plan, shift in zip(plans, shifts, strict=True)
        ),
        offs=sum(
            sum(plan.off_bit.values()) << shift
            for plan, shift in zip(plans, shifts, strict=True)
        ),
    )


def _either(words: Sequence[tuple[int, ...]]) -> tuple[int, ...]:
    return tuple(reduce(or_, row) for row in zip(*words, strict=True))


def join_states(rules: Rules, laid: Sequence[Laid]) -> Laid:
    """Put what members' facts come to in some readings together; all are about the same members."""
    first = laid[0]
    if len(laid) == 1:
        return first
    epochs = np.unique(np.concatenate([one.epochs for one in laid]))
    of_epoch = [
        np.concatenate(([0], np.searchsorted(one.epochs, epochs, side="right"))) for one in laid
    ]
    # Who is unknown to one reading is asked nothing else, and so is known from the last joining on.
    joined = np.maximum.reduce([one.joined for one in laid])
    first_row, cuts, then = then_rows(
        joined,
        [_steps(one) for one in laid],
        [
            _moved(one.then[:, epoch][:, :, _column(rules, place)], rules.shifts[place])
            for place, (one, epoch) in enumerate(zip(laid, of_epoch, strict=True))
        ],
    )
    group = np.logical_or.reduce(
        [one.group[epoch] for one, epoch in zip(laid, of_epoch, strict=True)]
    )
    kept, then = merge_epochs(then, group)
    now_row, combined = combine([one.now_row for one in laid])
    now = np.zeros((len(combined[0]), len(rules.parts)), np.uint64)
    keep = np.full_like(now, ALL)
    for place, (one, rows) in enumerate(zip(laid, combined, strict=True)):
        column = _column(rules, place)
        now |= one.now[rows][:, column]
        keep &= ~_moved(~one.keep[rows][:, column], rules.shifts[place])
    return Laid(
        joined=joined,
        now_row=now_row,
        first_row=first_row,
        cuts=cuts,
        now=now,
        keep=keep,
        then=then,
        epochs=epochs[kept[1:] - 1],
        group=group[kept],
        label=first.label,
        places=first.places,
    )


def _column(rules: Rules, place: int) -> list[int]:
    """Give for each class its class in one plan."""
    return [one[place] for one in rules.parts]


def _moved(words: Words, shift: int) -> Words:
    """Move what may be taken back up by some bits; reasons stay."""
    moved: Words = (words & _LOW) | ((words & ~_LOW) << np.uint64(shift))
    return moved


def _steps(laid: Laid) -> Steps:
    """Take the rows of one reading for the states of a component."""
    member, at, row = laid.cuts
    return Steps(member=member, at=at, state=row, start=laid.first_row, final=laid.now_row)


def aligned(laid: Laid, ids: pa.Array, wanted: pa.Array) -> Laid:
    """Give what facts come to for members in another order; who is not among them never joined.

    Args:
        laid: What facts come to.
        ids: Whose, in its order.
        wanted: Whose, in the order that is wanted.
    """
    if ids.equals(wanted):
        return laid
    place = pc.fill_null(pc.index_in(wanted, ids), -1).to_numpy(zero_copy_only=False)
    there = np.flatnonzero(place >= 0)
    back = np.full(len(ids), -1, np.int64)
    back[place[there]] = there

    def taken(values: Ints, missing: int) -> Ints:
        found = np.full(len(wanted), missing, np.int64)
        found[there] = values[place[there]]
        return found

    member, at, row = laid.cuts
    kept = np.flatnonzero(back[member] >= 0)
    order = kept[np.lexsort((at[kept], back[member[kept]]))]
    return Laid(
        joined=taken(laid.joined, LATEST),
        now_row=taken(laid.now_row, 0),
        first_row=taken(laid.first_row, 0),
        cuts=(back[member[order]], at[order], row[order]),
        now=laid.now,
        keep=laid.keep,
        then=laid.then,
        epochs=laid.epochs,
        group=laid.group,
        label=taken(laid.label, 0),
        places=laid.places,
    )
