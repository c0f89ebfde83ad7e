# SPDX-License-Identifier: Apache-2.0
"""Who held an agreement when, of all members at once (specs/audit.md, part 2).

A member holds an agreement from the fact that begins it to the one that ends it, in the order of a timeline ([TIM-11]). What
somebody claims counts by its claimed time: a class is what people were, not what a gate could rely on.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
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

# A member's place and an instant in one number, in the order of both: instants of the years -6000 to 10000 fit in.
_BITS: Final = 39
_OFFSET: Final = 1 << (_BITS - 1)
_NONE: Final = np.empty(0, np.int64)
_NO_NAMES: Final = pa.array([], pa.string())


@dataclass(frozen=True, kw_only=True, slots=True)
class Holders:
    """Who held an agreement when.

    Attributes:
        members: Whoever an entry tells to have held it, or not.
        keys: Shape (changes): member's place and instant in one number, ascending.
        holds: Shape (changes): whether it is held from there on.
        at: Shape (changes): the instant.
        entry: Shape (changes): the entry that says so.
        by: Shape (changes): the place of who claims it among `names`; -1 where the log saw it.
        names: Who claims anything, sorted.
        known: Members of whom it is told that they joined; None where nothing is hidden of anybody.
        unread: Members of whom an entry cannot be read.
        merges: Which account was merged into which.
    """

    members: Places
    keys: Ints
    holds: Flags
    at: Ints
    entry: Ints
    by: Ints
    names: tuple[str, ...]
    known: Places | None
    unread: Places
    merges: tuple[tuple[str | int, str], ...]

    def may_have_held(self, members: pa.Array) -> Flags:
        """Tell of which members too little is told to say that they did not hold it."""
        doubtful: Flags = self.unread.find(members) >= 0
        return doubtful if self.known is None else doubtful | (self.known.find(members) < 0)

    def held(self, members: pa.Array, at: Ints) -> Ints:
        """Give by which change each member held the agreement at its instant, and -1 where it did not.

        Args:
            members: Members; one may stand more than once.
            at: Shape (members): the instants.
        """
        places = self.members.find(members)
        if not len(self.keys):
            return np.full(len(places), -1, np.int64)
        found = np.searchsorted(self.keys, _keys(np.maximum(places, 0), at), side="right") - 1
        mine = (places >= 0) & (found >= 0)
        mine &= self.keys[np.maximum(found, 0)] >> _BITS == places
        mine &= self.holds[np.maximum(found, 0)]
        return np.where(mine, found, -1)

    def ever(self, members: pa.Array) -> Ints:
        """Give the first change by which each member ever held the agreement, and -1 where it never did."""
        places, starts = self.members.find(members), np.flatnonzero(self.holds)
        if not len(starts):
            return np.full(len(places), -1, np.int64)
        owners = self.places(starts)
        found = np.minimum(np.searchsorted(owners, places), len(starts) - 1)
        return np.where((places >= 0) & (owners[found] == places), starts[found], -1)

    def places(self, changes: Ints) -> Ints:
        """Give the places of the members of changes."""
        return self.keys[changes] >> _BITS

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
    agreement: str | None, tables: Iterable[pa.Table], *, hidden: bool = False
) -> Holders:
    """Put together who held an agreement when.

    Args:
        agreement: Its name; None is one that nobody ever held.
        tables: Facts in columns (`audit.columns.FACTS`), in any order; other kinds than `KINDS` are passed over.
        hidden: Whether what entries say of some members is not shown: then who is not told of may have held it.
    """
    parts: list[pa.Table] = []
    joiners: list[pa.Array] = []
    unread: list[pa.Array] = []
    merges: list[tuple[str | int, str]] = []
    for table in tables:
        parts += [] if agreement is None else [_of(agreement, table)]
        if hidden:
            joiners.append(_members(_are(table, JOINED)))
        unread.append(_members(_are(table, UNREAD)))
        merged = _are(table, MERGED)
        merges += zip(_members(merged).to_pylist(), merged["value"].to_pylist(), strict=True)
    members, columns, names = _changes([one for one in parts if one.num_rows])
    return Holders(
        members=members,
        **columns,
        names=names,
        known=Places.of(joined(joiners)) if hidden else None,
        unread=Places.of(joined(unread)),
        merges=tuple(sorted(set(merges), key=str)),
    )


def _changes(
    parts: Sequence[pa.Table],
) -> tuple[Places, Mapping[str, Any], tuple[str, ...]]:
    """Put the beginnings and ends of an agreement in the order of members and instants; of a tie the last counts."""
    ids = joined([_members(one) for one in parts])
    numbers = {
        name: np.concatenate([_NONE, *(whole(one.column(name)) for one in parts)])
        for name in ("at", "recorded_at", "entry", "holds")
    }
    names, by = _names(joined([_NO_NAMES, *(_texts(one.column("by")) for one in parts)]))
    members = Places.of(ids)
    keys = _keys(members.find(ids), numbers["at"])
    # At a tie an agreement comes last, as what refuses does.
    order = np.lexsort((numbers["entry"], numbers["holds"], numbers["recorded_at"], keys))
    keys = keys[order]
    last = keys != np.append(keys[1:], -1)
    order = order[last]
    columns = {
        "keys": keys[last],
        "holds": numbers["holds"][order].astype(np.bool_),
        "at": numbers["at"][order],
        "entry": numbers["entry"][order],
        "by": by[order],
    }
    return members, columns, names


def _are(table: pa.Table, kind: str) -> pa.Table:
    return table.filter(pc.equal(table.column("fact"), kind))


def _members(table: pa.Table) -> pa.Array:
    return ids_of(table.column("member"))


def _of(agreement: str, table: pa.Table) -> pa.Table:
    """Give the facts of an agreement, each with whether it is held from there on."""
    mine = pc.and_(
        pc.is_in(table.column("fact"), value_set=pa.array([BEGINS, ENDS])),
        pc.equal(table.column("value"), agreement),
    )
    found = table.filter(mine)
    holds = pc.cast(pc.equal(found.column("fact"), BEGINS), pa.int64())
    return found.append_column("holds", holds)


def _texts(column: pa.ChunkedArray) -> pa.Array:
    found = column.combine_chunks()
    return found if found.type == pa.string() else found.cast(pa.string())


def _names(by: pa.Array) -> tuple[tuple[str, ...], Ints]:
    names = tuple(sorted(one for one in pc.unique(by).to_pylist() if one is not None))
    found = pc.fill_null(pc.index_in(by, value_set=pa.array(names, pa.string())), -1)
    # A null is among no names, and is in them as nothing.
    return names, np.where(whole(pc.cast(pc.is_null(by), pa.int64())) > 0, -1, whole(found))


def _keys(places: Ints, at: Ints) -> Ints:
    inside = np.clip(at, -_OFFSET, _OFFSET - 1) + _OFFSET
    keys: Ints = (places.astype(np.int64) << _BITS) | inside
    return keys
