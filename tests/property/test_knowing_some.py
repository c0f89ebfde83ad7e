# SPDX-License-Identifier: Apache-2.0
"""What is read of a few members decides as what is read of all, however the log grows in between."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from itertools import count

from hypothesis import example, given, settings
from tests.property.recorded import record_world, workspace_at
from tests.property.test_workspace_claims import put_parquet

from privity.app.basis import believe_gathered
from privity.app.workspace.baseline_recording import record_baseline
from privity.app.workspace.erasing import erase_members
from privity.app.workspace.gathered import Gathered
from privity.app.workspace.knowing import gather
from privity.app.workspace.knowing_some import KnowsSome
from privity.app.workspace.parts import Workspace
from privity.decide.one import decide
from privity.decide.request import Decision, Record, Request
from privity.members.facts import MemberId
from privity.policy.parse import version_from
from privity.testing.worlds import RandomWorld, facts_of, random_world, worlds


def quoted_by(record: Record, records: Sequence[Record]) -> list[Record]:
    """A record and all that it quotes, to any depth."""
    found, waiting = [record], [record]
    while waiting:
        wanted = waiting.pop().quotes
        fresh = [one for one in records if one.record_id in wanted and one not in found]
        found += fresh
        waiting += fresh
    # A second record of the same id makes both duplicates.
    return [one for one in records if one.record_id in {each.record_id for each in found}]


def parties_of(records: Iterable[Record]) -> list[MemberId]:
    named = {party for one in records for party in (one.author, *one.recipients)}
    return sorted((party for party in named if party is not None and party != ""), key=str)


def decided(
    gathered: Gathered, record: Record, records: Sequence[Record], asked: Request
) -> Decision:
    reading = believe_gathered(gathered, asked).reading
    return decide(record, reading.request, reading.world(records))


def hold(workspace: Workspace, knows: KnowsSome, world: RandomWorld, some: slice) -> None:
    """All records decide alike, whether all members are read or the parties alone."""
    whole = gather(workspace)
    for asked in world.requests:
        for record in world.records[some]:
            near = quoted_by(record, world.records)
            mine = knows.gather(parties_of(near))
            assert decided(mine, record, near, asked) == decided(whole, record, near, asked)


@settings(max_examples=8, deadline=None)
@given(worlds(records=24))
def test_a_few_members_are_decided_by_as_all_are(world: RandomWorld) -> None:
    steps = count()
    with workspace_at() as workspace:
        knows = KnowsSome(workspace)

        def between() -> None:
            step = next(steps)
            if step % 23 == 0:
                hold(workspace, knows, world, slice(step % 24, step % 24 + 2))

        record_world(workspace, facts_of(world.facts), world.policies, between)
        hold(workspace, knows, world, slice(0, 24, 2))


@settings(max_examples=8, deadline=None)
@given(worlds(records=16))
def test_a_baseline_tells_of_a_few_what_it_tells_of_all(world: RandomWorld) -> None:
    facts = facts_of(world.facts)
    instants = sorted({one.recorded_at for one in facts})
    entered = instants[len(instants) // 2]
    before = [one for one in facts if one.recorded_at <= entered]
    with workspace_at(attested="accept") as workspace:
        knows = KnowsSome(workspace)
        early = [one for one in world.policies if version_from(one).published_at <= entered]
        record_world(workspace, [], early)
        path = put_parquet(workspace.places.root / "facts.parquet", before, world.ids)
        record_baseline(replace(workspace, now=lambda: entered), path, claimed_by="network")
        hold(workspace, knows, world, slice(0, 4))
        after = [one for one in facts if one.recorded_at > entered]
        record_world(workspace, after, [one for one in world.policies if one not in early])
        hold(workspace, knows, world, slice(0, 16, 2))


@settings(max_examples=6, deadline=None)
@example(random_world(26678, records=12, ids="string"))
@given(worlds(records=12))
def test_who_was_erased_is_nobody_in_the_next_question(world: RandomWorld) -> None:
    facts = facts_of(world.facts)
    with workspace_at() as workspace:
        knows = KnowsSome(workspace)
        record_world(workspace, facts, world.policies)
        hold(workspace, knows, world, slice(0, 4))
        members = sorted({one.member for one in facts if one.member is not None}, key=str)
        erase_members(workspace, members[:2])
        # Who went into an account that was erased is somebody else, and was not.
        held = [
            one
            for batch in knows.gather(members[:2]).held
            for one in batch.column("member").to_pylist()
        ]
        assert not {str(one) for one in members[:2]} & {str(one) for one in held}
        hold(workspace, knows, world, slice(0, 12, 2))
