# SPDX-License-Identifier: Apache-2.0
"""Causes of both readings together, where something is only claimed ([DEC-7]).

What the reading as claimed refuses is said as ever. What refuses only because a claim permits from its entry
on is said beside it, and that it is so.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace

from privity.canonical.instants import Instant
from privity.decide.case import Case, make_case, parties
from privity.decide.explain.causes import Cause
from privity.decide.explain.party import party_causes
from privity.decide.platform import orders, role_of
from privity.decide.request import Record, Request, World
from privity.members.facts import Fact, MemberId
from privity.members.state import State
from privity.vocabulary.sentences import say

_OPERATOR = "; by entry: what is claimed permits from its entry on"
_REMEDY = (
    "an entry of the time itself, which nobody can make now: what is claimed is believed of the time before its entry "
    "only in a workspace that was made with `privity init --attested accept`"
)
_MEMBER = say(
    "What happened before our ledger began is only claimed, and does not count for this."
)


def cases_of(record: Record, request: Request, world: World) -> tuple[Case, ...]:
    """Make a record's case in each reading."""
    return tuple(make_case(record, request, reading) for reading in world.readings)


def without_the_same(world: World, at: Instant) -> World:
    """Leave out the other reading where it refuses nothing that the first does not.

    That is so where nobody claims anything of the members in the world, and what is claimed of the platform comes to
    the same by the time of use.

    Args:
        world: What is believed.
        at: The time of use.
    """
    other = world.by_entry
    if other is None or (other.policy, other.members) != (world.policy, world.members):
        return world
    if _comes_to(other.platform.at(at)) != _comes_to(world.platform.at(at)):
        return world
    return replace(world, by_entry=None)


def _comes_to(platform: State) -> tuple[object, ...]:
    """Give the roles on the register, what orders stop, and what customers say of their seats, whenever each began."""
    named = {fact.value for fact in platform.all("recipient", "recipient-ended")}
    said: dict[str, list[Fact]] = {}
    for fact in platform.all("seat-instruction", "seat-instruction-withdrawn"):
        said.setdefault(fact.value, []).append(fact)
    return (
        {one: role_of(one, platform) for one in named},
        {(order.scope, order.places) for order in orders(platform)},
        {
            customer: [(one.fact, one.detail) for one in facts if one.order == facts[-1].order]
            for customer, facts in said.items()
        },
    )


def in_order(cases: Sequence[Case]) -> tuple[MemberId, ...]:
    """Give the parties of any reading, the author first."""
    asked = {party for case in cases for party in parties(case)}
    named = dict.fromkeys((cases[0].record.author, *cases[0].record.recipients))
    return tuple(one for one in named if one is not None and one in asked)


def causes_in_all(
    cases: Sequence[Case], find: Callable[[Case], Iterable[Cause]]
) -> list[Cause]:
    """Find causes in each reading; what a reading before refuses by is not said again."""
    found: list[Cause] = []
    for place, case in enumerate(cases):
        said = {one.reason for one in found}
        fresh = [one for one in find(case) if one.reason not in said]
        found += [_by_entry(one) for one in fresh] if place else fresh
    return found


def party_causes_in_all(cases: Sequence[Case], party: MemberId) -> list[Cause]:
    """Find what one party refuses in any reading; who is unknown to one is asked nothing else."""
    found = causes_in_all(cases, lambda case: party_causes(case, party))
    if party not in parties(cases[0]):
        # As claimed nobody asks it: of what it refuses, all is by entry.
        found = [one if one.by_entry else _by_entry(one) for one in found]
    unknown = [one for one in found if one.reason == "unknown-party"]
    return unknown or found


def _by_entry(one: Cause) -> Cause:
    return replace(
        one,
        by_entry=True,
        text=one.text + _OPERATOR,
        remedy=_REMEDY,
        member_text=say("{cause} {besides}", cause=one.member_text, besides=_MEMBER),
    )
