# SPDX-License-Identifier: Apache-2.0
"""A diff of policies names every decision that changes, and no other (ANA-10, ANA-11, ANA-20, ANA-21).

Random histories are compared, and random members' records are decided under both. A record changes exactly
where the parts of its parties say so, by reasons that are the decision rule's; and every change is named by an
entry that the comparison found without knowing of that member.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from copy import deepcopy
from dataclasses import dataclass, replace
from random import Random
from typing import Any

import pytest
from hypothesis import given, settings, strategies

from privity.decide import one
from privity.decide.analysis.cells import (
    BY_PLACE,
    Cell,
    Direction,
    Standing,
    cell_of,
    change_of,
    readers_standing,
)
from privity.decide.analysis.entries import Entry
from privity.decide.analysis.judge import GROUND, NONE, Judge
from privity.decide.analysis.search import search
from privity.decide.analysis.space import NEW, OLD, Side, make_space
from privity.decide.analysis.trials import MEMBER, Trial, record_of, timeline_of
from privity.decide.case import make_case, parties
from privity.decide.platform import role_of
from privity.decide.request import Decision, Record, Request, World, world
from privity.members.timeline import Timeline
from privity.policy.parse import version_from
from privity.policy.versions import History, history
from privity.testing.chance import Chance
from privity.testing.versions import _CHANGES
from privity.testing.worlds import RandomWorld, facts_of, random_world
from privity.vocabulary.terms import PURPOSES

# What no policy changes ([ANA-4]).
OF_A_PARTY = frozenset({"unknown-party", "account-closed", "unknown-jurisdiction", "order"})
OF_A_RECORD = frozenset(
    {"no-parties", "bad-time", "unknown-category", "unknown-purpose", "unknown-recipient"}
)
RECORDS = 80


@dataclass(frozen=True)
class Compared:
    """A random world under two policies, compared for one request."""

    made: RandomWorld
    request: Request
    judge: Judge
    worlds: tuple[World, World]
    found: Mapping[Entry, Trial]

    def decide(self, record: Record) -> tuple[Decision, Decision]:
        old, new = (one.decide(record, self.request, mine) for mine in self.worlds)
        return old, new


def policies_of(
    made: RandomWorld,
) -> tuple[Sequence[Mapping[str, Any]], Sequence[Mapping[str, Any]]]:
    """Give two rows of versions: with one that follows, one that is changed a little, or of two worlds."""
    random = Random(made.seed)
    versions = sorted(made.policies, key=lambda one: str(one["published_at"]))
    match random.randrange(4):
        case 0 if len(versions) > 1:
            return versions[:-1], versions
        case 1 if len(versions) > 1:
            return versions[:1], versions[-1:]
        case 2:
            other = random_world(made.seed + 10_000_019, records=1)
            return versions, other.policies
        case _:
            changed = deepcopy(list(map(dict, versions)))
            for _ in range(random.randint(1, 2)):
                random.choice(_CHANGES)(Chance.of(made.seed), random.choice(changed))
            return versions, changed


def compare(made: RandomWorld, request: Request) -> Compared | None:
    """Compare the policies of a world for a request; None where no use is asked for."""
    old, new = (history(map(version_from, versions)) for versions in policies_of(made))
    facts = facts_of(made.facts)
    worlds = (world(old, facts, request.known), world(new, facts, request.known))
    role = role_of(request.recipient, worlds[OLD].platform.at(request.at))
    if role is None or request.purpose not in PURPOSES:
        return None
    space = make_space(
        old,
        new,
        request.at,
        request.known,
        lambda use: use[0] == request.purpose and use[2] == role,
    )
    judge = Judge(space)
    found = {**search(judge, "opens"), **search(judge, "closes")}
    return Compared(made=made, request=request, judge=judge, worlds=worlds, found=found)


def cells(compared: Compared, record: Record) -> Iterator[tuple[Cell | None, Standing]] | None:
    """Give the parts of a record's parties by which either policy refuses; None where both do always."""
    cases = [make_case(record, compared.request, mine) for mine in compared.worlds]
    asked = [parties(case) for case in cases]
    situation = next(
        one
        for one in compared.judge.space.situations
        if any(use[1] == record.category for use in one.uses)
    )
    then = cases[OLD].then
    assert then is not None
    found: list[tuple[Cell | None, Standing]] = []
    for party in asked[OLD] | asked[NEW]:
        lines = [mine.members.get(party, Timeline()) for mine in compared.worlds]
        reasons = [
            frozenset(one.party_reasons(case, line)) if party in mine else NONE
            for case, line, mine in zip(cases, lines, asked, strict=True)
        ]
        if party in asked[OLD] & asked[NEW]:
            if (reasons[OLD] | reasons[NEW]) & OF_A_PARTY:
                return None
            cell = cell_of(compared.judge, situation, then, (lines[OLD], lines[NEW]))
            for side in (OLD, NEW):
                of_parts = NONE.union(*(one.reasons[side] for one in cell.standings))
                # [ANA-10] together the parts give exactly the reasons of the rule.
                assert of_parts - GROUND == reasons[side] or compared.judge.ground(
                    side, situation
                )
            found += [(cell, standing) for standing in cell.standings]
        else:
            found.append((None, readers_standing((reasons[OLD], reasons[NEW]))))
    return iter(found)


def entry_of(
    compared: Compared, record: Record, direction: Direction, cell: Cell | None, part: Standing
) -> Entry:
    """Give the entry that would name a part of a record's parties."""
    side: Side = OLD if direction == "opens" else NEW
    space = compared.judge.space
    assert record.created_at is not None
    return Entry(
        direction=direction,
        situation=next(
            one
            for one in space.situations
            if any(use[1] == record.category for use in one.uses)
        ),
        span=space.span_of(record.created_at),
        part=part.part,
        reasons=NONE if cell is None else part.reasons[side],
        place=cell.place if cell is not None and part.part.kind in BY_PLACE else None,
    )


def check(compared: Compared, records: Iterable[Record], seen: Counter[str]) -> None:
    """Decide records under both policies, and hold what changes to what the comparison found."""
    for whole in records:
        record = replace(whole, capacity="personal", quotes=())
        old, new = compared.decide(record)
        changed: Direction | None = None
        if old.permit != new.permit:
            changed = "opens" if new.permit else "closes"
        if (set(old.reasons) | set(new.reasons)) & OF_A_RECORD:
            assert changed is None  # [ANA-4]
            continue
        parts = cells(compared, record)
        told = [] if parts is None else list(parts)
        assert change_of(part for _, part in told) == changed  # [ANA-11]
        seen[changed or "stays"] += 1
        if changed is not None:
            side: Side = OLD if changed == "opens" else NEW
            named = [
                entry_of(compared, record, changed, cell, part) in compared.found
                for cell, part in told
                if part.reasons[side]
            ]
            assert any(named), (compared.made, compared.request, record)


def hold(seeds: Iterable[int], requests: int) -> Counter[str]:
    seen: Counter[str] = Counter()
    for seed in seeds:
        made = random_world(seed, records=RECORDS, ids="string")
        for request in made.requests[:requests]:
            compared = compare(made, request)
            if compared is not None:
                check(compared, made.records, seen)
    return seen


# In most worlds a little change of policy changes no decision; in most of these it does.
FIXED = [(0, 3, 4, 7, 12), (13, 16, 23), (46, 47, 130)]


@pytest.mark.parametrize("seeds", FIXED, ids=str)
def test_a_diff_names_exactly_what_changes_on_fixed_worlds(seeds: tuple[int, ...]) -> None:
    seen = hold(seeds, 2)
    # The worlds would prove little if nothing changed.
    assert seen["opens"] + seen["closes"] >= 20


@pytest.mark.slow
@pytest.mark.parametrize("first", range(100, 500, 20))
def test_a_diff_names_exactly_what_changes_on_many_worlds(first: int) -> None:
    hold(range(first, first + 20), 2)


@settings(max_examples=8)
@given(strategies.integers(min_value=0, max_value=2**32 - 1))
def test_a_diff_names_exactly_what_changes_on_random_worlds(seed: int) -> None:
    hold([seed], 1)


@pytest.mark.parametrize("seed", [6, 7, 16, 27, 48])
def test_every_entry_is_shown_by_a_member_whom_the_rule_decides_so(seed: int) -> None:
    """Asked anew, without anything that the comparison remembers ([ANA-22])."""
    made = random_world(seed, records=1, ids="string")
    compared = compare(made, made.requests[0])
    assert compared is not None
    assert compared.found
    for entry, trial in compared.found.items():
        line = timeline_of(compared.judge.space, trial)
        record = record_of(entry.situation, trial)
        people: dict[Any, Timeline] = {MEMBER: line}
        if entry.part.kind == "readers":
            record = replace(record, recipients=("nobody-knows",))
        permits = [
            Judge(compared.judge.space).decide(side, entry.situation, record, people).permit
            for side in (OLD, NEW)
        ]
        assert permits == [entry.direction == "closes", entry.direction == "opens"]


def test_a_policy_that_does_not_change_opens_and_closes_nothing() -> None:
    for seed in range(8):
        made = random_world(seed, records=1)
        same: History = history(map(version_from, made.policies))
        request = made.requests[0]
        space = make_space(same, same, request.at, request.known)
        judge = Judge(space)
        assert not search(judge, "opens")
        assert not search(judge, "closes")
