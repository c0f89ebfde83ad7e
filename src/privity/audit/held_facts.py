# SPDX-License-Identifier: Apache-2.0
"""Facts that were opened one by one, kept small: objects are made of those alone that are asked for.

A member is found by the text of the id: 5 and `5` are one member, `05` is another.
"""

from __future__ import annotations

from array import array
from collections.abc import Collection, Iterable, Iterator
from dataclasses import replace
from typing import Final

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from privity.audit.columns import UNREAD
from privity.audit.evidence import UNREADABLE, Told
from privity.canonical.encode import encode
from privity.members.facts import Fact, MemberId

Ints = npt.NDArray[np.int64]

_NOBODY: Final = -1


class HeldFacts:
    """Facts, each from an entry of its own; `settle` once all are there."""

    def __init__(self) -> None:
        self._members: dict[str, int] = {}
        self._ids: list[MemberId] = []
        self._kinds: dict[tuple[str, str, bytes], int] = {}
        self._said: list[Fact] = []
        self._names: list[str] = []
        self._gone: set[int] = set()
        # Entry, member, kind, who claims it, when true, when recorded, when entered.
        self._columns = tuple(array("q") for _ in range(7))
        self._in_order: tuple[Ints, Ints] | None = None

    def add(self, told: Told) -> None:
        """Add a fact; the platform's own are None's."""
        fact = told.fact
        values = (
            told.entry,
            self._member(fact.member),
            self._kind(fact),
            self._by(told.by),
            fact.at,
            fact.recorded_at,
            told.entered,
        )
        for column, value in zip(self._columns, values, strict=True):
            column.append(value)
        self._in_order = None

    def settle(self) -> None:
        """Put facts in the order of their entries."""
        entries = np.array(self._columns[0], np.int64)
        if (np.diff(entries) >= 0).all():
            return
        order = np.argsort(entries, kind="stable")
        self._columns = tuple(
            array("q", np.array(column, np.int64)[order].tobytes()) for column in self._columns
        )
        self._in_order = None

    def drop(self, member: MemberId) -> None:
        """Forget the facts of a member, who turned out to have been erased."""
        self._gone.add(self._members.get(str(member), _NOBODY - 1))

    def of(self, accounts: Iterable[str] | None) -> Iterator[Told]:
        """Give the facts of members in the order of their entries, by the texts of their ids; None is of all members."""
        if accounts is None:
            for row, member in enumerate(self._columns[1]):
                if member != _NOBODY and member not in self._gone:
                    yield self._told(row)
            return
        places = {self._members[one] for one in accounts if one in self._members}
        for row in sorted(row for place in places - self._gone for row in self._rows(place)):
            yield self._told(row)

    def of_platform(self) -> Iterator[Told]:
        """Give the platform's own."""
        yield from map(self._told, self._rows(_NOBODY))

    def in_columns(
        self, kinds: Collection[str], size: int, *, controller: str, numbers: bool
    ) -> pa.Table:
        """Give what the first entries tell of members, of some kinds of facts, in columns (`audit.columns.FACTS`).

        Args:
            kinds: The kinds.
            size: How many entries.
            controller: Who claims what entered by itself later than it was true.
            numbers: Whether ids are given as whole numbers; else as text.
        """
        entry, member, kind, by, at, recorded_at, entered = (
            np.frombuffer(column, np.int64) if len(column) else np.empty(0, np.int64)
            for column in self._columns
        )
        unread = [one.setting == UNREADABLE for one in self._said]
        names = [
            UNREAD if lost else one.fact for one, lost in zip(self._said, unread, strict=True)
        ]
        wanted = np.array([one == UNREAD or one in kinds for one in names] or [False])
        mine = (entry < size) & (member != _NOBODY) & wanted[kind]
        if self._gone:
            mine &= ~np.isin(member, list(self._gone))
        rows = np.flatnonzero(mine)
        # Its own name stands last among those who claim, and nobody's before it.
        late = (by == _NOBODY) & (at < entered) & ~np.array(unread or [False])[kind]
        claims = np.where(late, len(self._names), by)[rows]
        claimed_by = pa.array([*self._names, controller], pa.string())
        ids = self._ids if numbers else [str(one) for one in self._ids]
        return pa.table(
            {
                "member": pa.array(ids, pa.int64() if numbers else pa.string()).take(
                    pa.array(member[rows])
                ),
                "fact": pa.array(names, pa.string()).take(pa.array(kind[rows])),
                "value": pa.array([one.value for one in self._said], pa.string()).take(
                    pa.array(kind[rows])
                ),
                "at": at[rows],
                "recorded_at": recorded_at[rows],
                "entry": entry[rows],
                "by": claimed_by.take(pa.array(claims, mask=claims == _NOBODY)),
            }
        )

    def merges(self) -> Iterator[tuple[int, str, str]]:
        """Give the merges: the entry, the account that was merged, and the one that it went into."""
        merged = {place for place, fact in enumerate(self._said) if fact.fact == "merged"}
        for entry, member, kind, *_ in zip(*self._columns, strict=True):
            if kind in merged and member != _NOBODY and member not in self._gone:
                yield entry, str(self._ids[member]), self._said[kind].value

    def _told(self, row: int) -> Told:
        entry, member, kind, by, at, recorded_at, entered = (
            column[row] for column in self._columns
        )
        said = self._said[kind]
        return Told(
            entry=entry,
            fact=replace(
                said,
                member=None if member == _NOBODY else self._ids[member],
                at=at,
                recorded_at=recorded_at,
            ),
            entered=entered,
            by=None if by == _NOBODY else self._names[by],
        )

    def _rows(self, member: int) -> list[int]:
        if self._in_order is None:
            members = np.array(self._columns[1], np.int64)
            order = np.argsort(members, kind="stable")
            self._in_order = (order, members[order])
        order, members = self._in_order
        first, end = np.searchsorted(members, (member, member + 1))
        rows: list[int] = order[first:end].tolist()
        return rows

    def _member(self, member: MemberId | None) -> int:
        if member is None:
            return _NOBODY
        place = self._members.setdefault(str(member), len(self._ids))
        if place == len(self._ids):
            self._ids.append(member)
        return place

    def _by(self, name: str | None) -> int:
        if name is None:
            return _NOBODY
        if name not in self._names:
            self._names.append(name)
        return self._names.index(name)

    def _kind(self, fact: Fact) -> int:
        detail = encode(dict(fact.detail)) if fact.detail else b""
        place = self._kinds.setdefault((fact.fact, fact.value, detail), len(self._said))
        if place == len(self._said):
            self._said.append(fact)
        return place
