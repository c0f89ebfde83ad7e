# SPDX-License-Identifier: Apache-2.0
"""Decide records in bulk: all reasons of each, as bits, over Arrow batches (ADR 0004).

`compile_request` looks at policy and members once; then each batch is a look-up, a search in a short list
of cuts and an OR for each party. Quotes and duplicates need all records of a run: `quotes.py`. The judge
of every word is `one.py`; a property test holds both equal.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Final

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from privity.decide.bits import BIT
from privity.decide.joint import Rules, aligned, join_rules, join_states
from privity.decide.kernel.rows import (
    AUTHOR_ONLY,
    EVERYONE,
    GROUP,
    Batch,
    Slots,
    Tables,
    decide_rows,
)
from privity.decide.lookup import MemberIndex, member_index, record_keys
from privity.decide.plan import Plan, make_plan
from privity.decide.quotes import KeyStore, join, quotes_of
from privity.decide.request import Request
from privity.decide.states import States, lay_states, pack
from privity.members.columns import FactColumns
from privity.members.timeline import Timeline, timelines
from privity.policy.versions import History
from privity.vocabulary.terms import CATEGORIES

Words = npt.NDArray[np.uint64]
Tally = npt.NDArray[np.int64]

SLOTS: Final = tuple(CATEGORIES)
UNKNOWN_SLOT: Final = len(SLOTS)
PARTY_COLUMNS: Final = ("category", "created_at", "author", "recipients", "capacity")
_MICROS: Final = 1_000_000
_LATE: Final = 1 << 61
_NAMED: Final = ("unknown-party", "no-parties", "bad-time", "opted-out-then", "not-opted-in")


@dataclass(frozen=True, kw_only=True, slots=True)
class Compiled:
    """A request, ready to decide records.

    Attributes:
        plan: Its rules; where something is only claimed, those of the reading as claimed.
        others: The rules of the other reading, if there is one.
        states: The members' look-up tables, of all readings together.
        index: The members by id.
        slots: What holds for each category slot.
        tables: The tables, as the kernel takes them.
    """

    plan: Plan
    others: tuple[Plan, ...]
    states: States
    index: MemberIndex
    slots: Slots
    tables: Tables

    def __reduce__(self) -> tuple[object, ...]:
        """Pickle what it is made of: a copy of the tables would not lie as they do here."""
        return _assemble_again, ((self.plan, *self.others), self.states, self.index.ids)

    def seat_bits(self, capacity: str, category: str | None) -> int:
        """Give the reason of a capacity, if any reading has it."""
        plans = (self.plan, *self.others)
        return max(plan.seat_bits(capacity, category) for plan in plans)

    def decide(self, batch: pa.RecordBatch | pa.Table, tally: Tally | None = None) -> Words:
        """Give each record's own word: reasons in the low half, obligations in the high half.

        Args:
            batch: At least the columns of `PARTY_COLUMNS`, in the records schema.
            tally: Where to count who refused (`empty_tally` says in which shape), or None.
        """
        return self.decide_numbers(self.numbers(batch), tally)

    def numbers(self, batch: pa.RecordBatch | pa.Table) -> Batch:
        """Turn records into the numbers that the kernel takes."""
        slot, own = self._slots(_column(batch, "category"), _column(batch, "capacity"))
        offsets, addressees = _addressees(_column(batch, "recipients"))
        return Batch(
            slot=slot,
            created=_seconds(_column(batch, "created_at")),
            own=own,
            author=self.index.find(_column(batch, "author")),
            offsets=offsets,
            addressees=self.index.find(addressees),
        )

    def decide_numbers(self, batch: Batch, tally: Tally | None = None) -> Words:
        """Give each record's own word, from numbers."""
        out = np.empty(len(batch.slot), np.uint64)
        counts = np.empty((0, 0, 0), np.int64) if tally is None else tally
        decide_rows(batch, self.slots, self.tables, counts, out)
        return out

    def empty_tally(self) -> Tally:
        """Give zeros by category slot, place of the party (`states.places`) and reason."""
        return np.zeros((UNKNOWN_SLOT + 1, len(self.states.places), 32), np.int64)

    def _slots(
        self, category: pa.Array, capacity: pa.Array
    ) -> tuple[npt.NDArray[np.uint8], Words]:
        """Give the category slots, and the reasons of the capacities."""
        kinds = _encoded(category)
        names = kinds.dictionary.to_pylist()
        of_code = np.array(
            [SLOTS.index(name) if name in CATEGORIES else UNKNOWN_SLOT for name in names]
            + [UNKNOWN_SLOT],
            np.uint8,
        )
        slot = of_code[_codes(kinds, len(names))]
        own = np.zeros(len(slot), np.uint64)
        seats = _encoded(capacity)
        held = seats.dictionary.to_pylist()
        if any(seat != "personal" for seat in held):
            table = np.array(
                [[self.seat_bits(seat, name) for name in (*SLOTS, None)] for seat in held]
                + [[0] * (UNKNOWN_SLOT + 1)],
                np.uint64,
            )
            codes = _codes(seats, len(held))
            seated = np.flatnonzero(np.any(table, axis=1).astype(np.bool_)[codes])
            own[seated] = table[codes[seated], slot[seated]]
        return slot, own


def compile_request(
    request: Request,
    policy: History,
    facts: FactColumns,
    *,
    by_entry: tuple[History, FactColumns] | None = None,
) -> Compiled:
    """Look at policy and members once, for any number of records.

    Args:
        request: The request.
        policy: All versions.
        facts: All facts.
        by_entry: The versions and facts of the other reading, where something is only claimed.

    Raises:
        InputError: The policy has more settings than the bulk path has bits for.
    """
    plans = [make_plan(request, policy, _platform(facts, request))]
    laid = [lay_states(plans[0], facts)]
    if by_entry is not None:
        other, entered = by_entry
        plans.append(make_plan(request, other, _platform(entered, request)))
        laid.append(aligned(lay_states(plans[1], entered), entered.ids, facts.ids))
    states = pack(request.at, join_states(join_rules(plans), laid))
    return _assemble(tuple(plans), states, facts.ids)


def _platform(facts: FactColumns, request: Request) -> Timeline:
    return timelines(facts.platform, request.known).get(None, Timeline())


def _assemble(plans: tuple[Plan, ...], states: States, ids: pa.Array) -> Compiled:
    """Lay the tables out as the kernel takes them; `ids` are those of the lines of `states.members`."""
    rules = join_rules(plans)
    index, lines = member_index(ids, states.members)
    states = replace(states, members=lines)
    asks, private = _whom()
    return Compiled(
        plan=plans[0],
        others=plans[1:],
        states=states,
        index=index,
        slots=Slots(
            classes=np.array(rules.classes, np.int64),
            words=np.array(rules.record_bits, np.uint64),
            obligations=np.array(rules.obligations, np.uint64),
            asks=asks,
            private=private,
        ),
        tables=_tables(plans[0].request, rules, states),
    )


def _assemble_again(plans: tuple[Plan, ...], states: States, ids: pa.Array) -> Compiled:
    """Lay out what was pickled. An array of numpy's own lies on large pages; one within a pickle's bytes does not."""
    return _assemble(plans, replace(states, cuts=states.cuts.copy()), ids)


def _tables(request: Request, rules: Rules, states: States) -> Tables:
    return Tables(
        base=states.base,
        shift=states.shift,
        first=states.first,
        members=states.members,
        cuts=states.cuts,
        now=states.now,
        keep=states.keep,
        then=states.then,
        epochs=states.epochs,
        group=np.append(states.group, rules.group_now),
        at=request.at,
        masks=np.array([rules.noes, rules.offs], np.uint64),
        bits=np.array([BIT[name] for name in _NAMED], np.uint64),
    )


def _whom() -> tuple[npt.NDArray[np.int64], npt.NDArray[np.bool_]]:
    """Tell for each slot whom it asks, and whether it needs an addressee."""
    asks = [
        GROUP
        if name == "group-message"
        else EVERYONE
        if CATEGORIES.overlaps("message", name)
        else AUTHOR_ONLY
        for name in SLOTS
    ]
    private = [
        CATEGORIES.contains("message", name) and name != "group-message" for name in SLOTS
    ]
    return np.array([*asks, EVERYONE], np.int64), np.array([*private, False])


def _column(table: pa.RecordBatch | pa.Table, name: str) -> pa.Array:
    column = table.column(name)
    if not isinstance(column, pa.ChunkedArray):
        return column
    if column.num_chunks == 1:
        return column.chunk(0)
    if pa.types.is_dictionary(column.type):
        column = column.unify_dictionaries()
    return pa.concat_arrays(column.chunks) if column.num_chunks else pa.array([], column.type)


def _encoded(column: pa.Array) -> pa.DictionaryArray:
    return column if pa.types.is_dictionary(column.type) else column.dictionary_encode()


def _seconds(column: pa.Array) -> npt.NDArray[np.int64]:
    """Give instants in whole seconds; a missing one lies after everything."""
    micros = column.cast(pa.timestamp("us", tz="UTC")).cast(pa.int64())
    if micros.null_count:
        micros = pc.fill_null(micros, _LATE)
    seconds: npt.NDArray[np.int64] = micros.to_numpy(zero_copy_only=False) // _MICROS
    return seconds


def _codes(encoded: pa.DictionaryArray, null: int) -> npt.NDArray[np.int64]:
    indices = encoded.indices
    if indices.null_count:
        indices = pc.fill_null(indices, null)
    codes: npt.NDArray[np.int64] = indices.to_numpy(zero_copy_only=False)
    return codes


def _addressees(column: pa.Array) -> tuple[npt.NDArray[np.int32], pa.Array]:
    """Give where each row's addressees begin, and the addressees; a null list has none."""
    if column.null_count:
        column = pc.if_else(column.is_null(), pa.scalar([], column.type), column)
    offsets = column.offsets.to_numpy(zero_copy_only=False)
    values = (
        column.values.slice(int(offsets[0]), int(offsets[-1] - offsets[0]))
        if (len(offsets))
        else column.values
    )
    return (offsets - offsets[0]).astype(np.int32) if len(offsets) else np.zeros(
        1, np.int32
    ), values


def decide_table(compiled: Compiled, table: pa.Table) -> Words:
    """Give the final words of records that are all at hand: quotes and duplicates joined.

    Args:
        compiled: The request.
        table: Records; a quoted record has to be among them.
    """
    ids, quoted = _column(table, "record_id"), _column(table, "quotes")
    words = compiled.decide(table)
    store = KeyStore(len(ids))
    store.write(0, record_keys(ids, 0))
    joined = join(
        store,
        [quotes_of(0, quoted, 0)],
        lambda rows: words[rows],
        lambda rows: ids.take(pa.array(rows)),
    )
    words[joined.rows] = joined.words
    return words
