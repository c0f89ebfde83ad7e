# SPDX-License-Identifier: Apache-2.0
"""Who held an agreement when, of all members at once (specs/audit.md, part 2).

A member holds an agreement from the fact that begins it to the one that ends it, in the order of a timeline ([TIM-11]). What
somebody claims counts by its claimed time: a class is what people were, not what a gate could rely on.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from privity.audit.columns import UNREAD, Flags, Ints, Places, ids_of, joined, whole
from privity.canonical.instants import format_instant

BEGINS: Final = "agreement"
ENDS: Final = "agreement-ended"
JOINED: Final = "joined"
MERGED: Final = "merged"
KINDS: Final = (BEGINS, ENDS, JOINED, MERGED)
"""What is asked of members to tell who held an agreement, and who is who."""

Small = npt.NDArray[np.int32]

# A member's place and an instant in one number, in the order of both: instants of the years -6000 to 10000 fit in.
_BITS: Final = 39
_OFFSET: Final = 1 << (_BITS - 1)
_SLICE: Final = 1 << 20
_FAR: Final = 1 << 31
_COLUMNS: Final[Mapping[str, type]] = {
    "at": np.int64,
    "late": np.int32,
    "entry": np.int32,
    "holds": np.bool_,
    "by": np.int16,
}


@dataclass(frozen=True, kw_only=True, slots=True)
class Holders:
    """Who held an agreement when.

    Attributes:
        members: Whoever an entry tells to have held it, or not.
        first: Shape (members + 1): where the changes of each begin; the last is where all end.
        owner: Shape (changes): the place of the member.
        at: Shape (changes): the instant; of each member ascending, none twice.
        holds: Shape (changes): whether it is held from there on.
        entry: Shape (changes): the entry that says so.
        by: Shape (changes): the place of who claims it among `names`; -1 where the log saw it.
        names: Who claims anything, in any order.
        known: Members of whom it is told that they joined; None where nothing is hidden of anybody.
        unread: Members of whom an entry cannot be read.
        merges: Which account was merged into which.
    """

    members: Places
    first: Small
    owner: Small
    at: Ints
    holds: Flags
    entry: Small
    by: npt.NDArray[np.int16]
    names: tuple[str, ...]
    known: Places | None
    unread: Places
    merges: tuple[tuple[str | int, str], ...]

    def may_have_held(self, members: pa.Array) -> Flags:
        """Tell of which members too little is told to say that they did not hold it."""
        doubtful = np.zeros(len(members), np.bool_)
        if len(self.unread):
            doubtful |= self.unread.find(members) >= 0
        if self.known is not None:
            doubtful |= self.known.find(members) < 0
        return doubtful

    def held(self, members: pa.Array, at: Ints) -> Ints:
        """Give by which change each member held the agreement at its instant, and -1 where it did not.

        Args:
            members: Members; one may stand more than once.
            at: Shape (members): the instants.
        """
        places = self.members.find(members)
        found = np.full(len(places), -1, np.int64)
        asked = np.flatnonzero(places >= 0)
        places, at = places[asked], at[asked]
        here, ends = self.first[places].astype(np.int64), self.first[places + 1]
        # A few steps at most: nobody begins and ends an agreement often.
        left = np.flatnonzero(
            (here < ends) & (self.at[np.minimum(here, len(self.at) - 1)] <= at)
        )
        while len(left):
            found[asked[left]] = here[left]
            here[left] += 1
            left = left[here[left] < ends[left]]
            left = left[self.at[here[left]] <= at[left]]
        held = found >= 0
        found[held] = np.where(self.holds[found[held]], found[held], -1)
        return found

    def ever(self, members: pa.Array) -> Ints:
        """Give the first change by which each member ever held the agreement, and -1 where it never did."""
        places, starts = self.members.find(members), np.flatnonzero(self.holds)
        if not len(starts):
            return np.full(len(places), -1, np.int64)
        owners = self.owner[starts]
        found = np.minimum(np.searchsorted(owners, places), len(starts) - 1)
        return np.where((places >= 0) & (owners[found] == places), starts[found], -1)

    def shown(self, change: int) -> Mapping[str, Any]:
        """Say by which entry a member held it, as plain values."""
        found: dict[str, Any] = {
            "entry": int(self.entry[change]),
            "since": format_instant(int(self.at[change])),
        }
        if self.by[change] >= 0:
            found["attested_by"] = self.names[self.by[change]]
        return found


def holders_of(
    agreement: str | None,
    tables: Iterable[pa.Table],
    *,
    hidden: bool = False,
    used: tuple[int, int] | None = None,
) -> Holders:
    """Put together who held an agreement when.

    Args:
        agreement: Its name; None is one that nobody ever held.
        tables: Facts in columns (`audit.columns.FACTS`), in any order; other kinds than `KINDS` are passed over.
        hidden: Whether what entries say of some members is not shown: then who is not told of may have held it.
        used: The entry and time of the first use: of whom an end is told later, and dated back before it, may have held it.
    """
    changes = _Changes()
    joiners: list[pa.Array] = []
    unread: list[pa.Array] = []
    merges: list[tuple[str | int, str]] = []
    for table in tables:
        if agreement is not None:
            mine = _of(agreement, table)
            changes.add(mine)
            if used is not None:
                unread.append(_members(_dated_back(mine, *used)))
        if hidden:
            joiners.append(_members(_are(table, JOINED)))
        unread.append(_members(_are(table, UNREAD)))
        merged = _are(table, MERGED)
        merges += zip(_members(merged).to_pylist(), merged["value"].to_pylist(), strict=True)
    members, columns = changes.in_order()
    return Holders(
        members=members,
        **columns,
        names=tuple(changes.names),
        known=Places.of(joined(joiners)) if hidden else None,
        unread=Places.of(joined(unread)),
        merges=tuple(sorted(set(merges), key=str)),
    )


class _Changes:
    """Beginnings and ends of an agreement, kept small.

    Attributes:
        names: Who claims any of them.
    """

    def __init__(self) -> None:
        self.names: list[str] = []
        self._ids: list[pa.Array] = []
        self._columns: dict[str, list[npt.NDArray[Any]]] = {name: [] for name in _COLUMNS}

    def add(self, table: pa.Table) -> None:
        """Add some."""
        if not table.num_rows:
            return
        self._ids.append(_members(table))
        at = whole(table.column("at"))
        late = whole(table.column("recorded_at")) - at
        # How late it was recorded orders facts of one instant, and seldom needs more than 68 years.
        near = bool((np.abs(late) < _FAR).all())
        for name, column in {
            "at": at,
            "late": late.astype(np.int32) if near else late,
            "entry": whole(table.column("entry")).astype(np.int32),
            "holds": whole(table.column("holds")).astype(np.bool_),
            "by": self._by(table).astype(np.int16),
        }.items():
            self._columns[name].append(np.array(column))

    def in_order(self) -> tuple[Places, Mapping[str, Any]]:
        """Give the members, and their changes in the order of members and instants; of a tie the last counts ([TIM-11])."""
        ids, self._ids = joined(self._ids), []
        pa.default_memory_pool().release_unused()
        members = Places.of(ids)
        # Of ten million members each array is large: none is made twice, or held longer than it is needed.
        place, keys, at = _filled(members, ids, self._taken("at"))
        del ids
        pa.default_memory_pool().release_unused()
        order = np.argsort(keys)
        del keys
        place, at = place[order], at[order]
        columns = {name: self._taken(name) for name in ("late", "entry", "holds", "by")}
        same = (place[1:] == place[:-1]) & (at[1:] == at[:-1])
        if same.any():
            order, kept = _without_ties(order, same, columns)
            place, at = place[kept], at[kept]
        del columns["late"]
        first = np.searchsorted(place, np.arange(len(members) + 1)).astype(np.int32)
        return members, {
            "first": first,
            "owner": place,
            "at": at,
            **{name: column[order] for name, column in columns.items()},
        }

    def _taken(self, name: str) -> npt.NDArray[Any]:
        found = np.concatenate([np.empty(0, _COLUMNS[name]), *self._columns[name]])
        self._columns[name] = []
        return found

    def _by(self, table: pa.Table) -> Ints:
        """Give who claims each of some facts by a number; -1 where the log saw it happen."""
        column = table.column("by").combine_chunks()
        if not pa.types.is_dictionary(column.type):
            column = column.dictionary_encode()
        said = column.dictionary.to_pylist()
        self.names += [one for one in said if one not in self.names]
        numbers = np.array([*map(self.names.index, said), -1], np.int64)
        codes = pc.fill_null(column.indices.cast(pa.int64()), len(said))
        found: Ints = numbers[codes.to_numpy(zero_copy_only=False)]
        return found


def _filled(members: Places, ids: pa.Array, at: Ints) -> tuple[Small, Ints, Ints]:
    """Give the place of each id, and place and instant in one number."""
    place, keys = np.empty(len(ids), np.int32), np.empty(len(ids), np.int64)
    for start in range(0, len(ids), _SLICE):
        end = start + _SLICE
        found = members.find(ids[start:end])
        place[start:end] = found
        keys[start:end] = (found << _BITS) | (at[start:end] + _OFFSET)
    return place, keys, at


def _without_ties(
    order: Ints, same: Flags, columns: Mapping[str, npt.NDArray[Any]]
) -> tuple[Ints, Ints]:
    """Leave of changes at one instant the one that comes last: an agreement, where both were recorded at once."""
    begins = np.append(True, ~same)
    group = np.cumsum(begins) - 1
    tied = np.flatnonzero(np.append(same, False) | np.append(False, same))
    rows = order[tied]
    # The last of a group is the one that is written last.
    by = np.lexsort(
        (
            columns["entry"][rows],
            columns["holds"][rows],
            columns["late"][rows],
            group[tied],
        )
    )
    kept = np.flatnonzero(begins)
    chosen = order[kept]
    chosen[group[tied[by]]] = rows[by]
    return chosen, kept


def _are(table: pa.Table, kind: str) -> pa.Table:
    return table.filter(pc.equal(table.column("fact"), kind))


def _members(table: pa.Table) -> pa.Array:
    return ids_of(table.column("member"))


def _dated_back(changes: pa.Table, entry: int, time: int) -> pa.Table:
    """Give the ends that were told after an entry, of a time before it: nobody knew of them then."""
    later = pc.and_(
        pc.greater(changes.column("entry"), entry), pc.less(changes.column("at"), time)
    )
    return changes.filter(pc.and_(later, pc.equal(changes.column("holds"), 0)))


def _of(agreement: str, table: pa.Table) -> pa.Table:
    """Give the facts of an agreement, each with whether it is held from there on."""
    mine = pc.and_(
        pc.is_in(table.column("fact"), value_set=pa.array([BEGINS, ENDS])),
        pc.equal(table.column("value"), agreement),
    )
    found = table.filter(mine)
    holds = pc.cast(pc.equal(found.column("fact"), BEGINS), pa.int64())
    return found.append_column("holds", holds)
