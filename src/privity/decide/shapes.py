# SPDX-License-Identifier: Apache-2.0
"""Shapes: members whose facts stand in the same order share one, whatever their dates.

A member's events of one component (jurisdictions, agreements, age, choices) are a word over tokens; the
words of all members are interned in a trie, one position at a time. Rules are then folded once for each
shape, over a member that has it, and the instants are put back for each member.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Ints = npt.NDArray[np.int64]
Flags = npt.NDArray[np.bool_]


@dataclass(frozen=True, kw_only=True, slots=True)
class Events:
    """Events in timeline order, member by member.

    Attributes:
        member: Shape (events): member index, ascending.
        at: Shape (events): when true.
        recorded_at: Shape (events): when recorded.
        token: Shape (events): what it says, from 0.
    """

    member: Ints
    at: Ints
    recorded_at: Ints
    token: Ints

    def starts(self, members: int) -> Ints:
        """Give where each member's events begin, shape (members + 1)."""
        starts = np.zeros(members + 1, np.int64)
        np.cumsum(np.bincount(self.member, minlength=members), out=starts[1:])
        return starts

    def same_instant(self) -> Flags:
        """Tell for each event whether the one before is the member's too, at the same instant."""
        same = np.zeros(len(self.at), np.bool_)
        same[1:] = (self.member[1:] == self.member[:-1]) & (self.at[1:] == self.at[:-1])
        return same

    def same_order(self) -> Flags:
        """Tell likewise for a full tie: of instant and of record."""
        same = self.same_instant()
        same[1:] &= self.recorded_at[1:] == self.recorded_at[:-1]
        return same


@dataclass(frozen=True, kw_only=True, slots=True)
class Shapes:
    """Which members share a word.

    Attributes:
        of_member: Shape (members): each member's shape.
        example: Shape (shapes): a member that has it.
        starts: Shape (members + 1): where each member's events begin.
    """

    of_member: Ints
    example: Ints
    starts: Ints


def find_shapes(events: Events, members: int, first: Ints | None = None) -> Shapes:
    """Group members by their events' tokens and ties.

    Args:
        events: The events of one component.
        members: How many members there are.
        first: Shape (members): what else must agree for members to share a shape, or None.
    """
    starts = events.starts(members)
    words = (events.token * 2 + events.same_instant()) * 2 + events.same_order()
    if len(words):
        distinct, words = np.unique(words, return_inverse=True)
        letters = len(distinct) + 1
    else:
        letters = 1
    node = np.zeros(members, np.int64) if first is None else first.astype(np.int64)
    nodes = int(node.max(initial=0)) + 1
    lengths = np.diff(starts)
    active = np.flatnonzero(lengths > 0)
    position = 0
    while len(active):
        key = node[active] * letters + words[starts[active] + position]
        found, inverse = np.unique(key, return_inverse=True)
        node[active] = nodes + inverse
        nodes += len(found)
        position += 1
        active = active[lengths[active] > position]
    _, example, of_member = np.unique(node, return_index=True, return_inverse=True)
    return Shapes(of_member=of_member, example=example, starts=starts)


@dataclass(frozen=True, kw_only=True, slots=True)
class Steps:
    """What a component's state is, from when on, for each member.

    Attributes:
        member: Shape (steps): member index, ascending.
        at: Shape (steps): from when on; instants ascend within a member.
        state: Shape (steps): the state from then on.
        start: Shape (members): the state before the first step.
        final: Shape (members): the state in the end.
    """

    member: Ints
    at: Ints
    state: Ints
    start: Ints
    final: Ints


def lay_out(
    shapes: Shapes, events: Events, folded: Sequence[Sequence[tuple[int, int]]], start: Ints
) -> Steps:
    """Put the instants back: turn each shape's steps into each member's.

    Args:
        shapes: The shapes.
        events: Their events.
        folded: For each shape its steps: position of the event, and the state from then on.
        start: Shape (members): the state before any event.
    """
    counts = np.array([len(steps) for steps in folded], np.int64)
    begin = np.concatenate((np.zeros(1, np.int64), np.cumsum(counts)))
    flat = [step for steps in folded for step in steps]
    positions = np.array([position for position, _ in flat], np.int64)
    states = np.array([state for _, state in flat], np.int64)
    ends = np.array([steps[-1][1] if steps else -1 for steps in folded], np.int64)
    mine = counts[shapes.of_member]
    member = np.repeat(np.arange(len(shapes.of_member)), mine)
    within = np.arange(len(member)) - np.repeat(np.cumsum(mine) - mine, mine)
    source = begin[shapes.of_member[member]] + within
    return Steps(
        member=member,
        at=events.at[shapes.starts[member] + positions[source]] if flat else events.at[:0],
        state=states[source] if flat else within,
        start=start,
        final=np.where(ends[shapes.of_member] < 0, start, ends[shapes.of_member]),
    )
